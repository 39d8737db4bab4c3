"""Frames → the bytes of a new file. Everything is written from bare arrays; nothing comes from the input file.

One fixed set of tables and options for everyone: what an encoder was told identifies a camera or an app.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from io import BytesIO
from typing import Any

import numpy as np
from PIL import Image

from kerchief.media.photos.deep import write_deep
from kerchief.ports import Frame, MediaInfo, MediaKind

QUALITY = 90
SUFFIX = {
    "jpeg": ".jpg",
    "png": ".png",
    "webp": ".webp",
    "gif": ".gif",
    "tiff": ".tiff",
    "bmp": ".bmp",
    "avif": ".avif",
}
DEEP = ("png", "tiff")
OPAQUE_AT = 128  # a GIF knows only transparent and opaque


def output_format(info: MediaInfo) -> str:
    """The format an input is written in: its own, with two exceptions.

    HEIF, which Pillow does not write, becomes JPEG, or PNG with alpha. An AVIF animation becomes WebP: its container
    has to hold the time when it was written.
    """
    if info.format == "heif":
        return "png" if info.has_alpha else "jpeg"
    if info.format == "avif" and info.kind is MediaKind.ANIMATION:
        return "webp"
    return info.format


def suffix(info: MediaInfo) -> str:
    """The ending of an output's name: that of the format it is written in; films become MP4."""
    return ".mp4" if info.kind is MediaKind.VIDEO else SUFFIX[output_format(info)]


def encode(frames: Sequence[Frame], info: MediaInfo, quality: int = QUALITY) -> bytes:
    """The bytes of a file that holds these frames and nothing else.

    Args:
        frames: what to write; all of them for an animation or pages.
        info: the input: decides format, kind and loops.
        quality: 1 to 100, for the lossy formats.
    """
    form = output_format(info)
    if frames[0].pixels.dtype == np.uint16 and form in DEEP and len(frames) == 1:
        return write_deep(frames[0].pixels, frames[0].alpha, SUFFIX[form])
    if info.kind is MediaKind.ANIMATION:
        frames = merge_repeats(frames)
    images = [_image(frame) for frame in frames]
    options = _options(form, quality)
    if form == "gif":
        images = [_palette(image) for image in images]
    if len(images) > 1:
        options |= {"save_all": True, "append_images": images[1:]}
        if info.kind is MediaKind.ANIMATION:
            options |= _timing(form, frames, info)
    buffer = BytesIO()
    images[0].save(buffer, format=form.upper(), **options)
    return buffer.getvalue()


def merge_repeats(frames: Sequence[Frame]) -> list[Frame]:
    """The frames with equal neighbours joined into one that is shown for longer, as the encoders would do unasked."""
    merged = [frames[0]]
    for frame in frames[1:]:
        last = merged[-1]
        if np.array_equal(last.pixels, frame.pixels) and _same_alpha(last, frame):
            merged[-1] = replace(last, duration=last.duration + frame.duration)
        else:
            merged.append(frame)
    return merged


def _same_alpha(a: Frame, b: Frame) -> bool:
    if a.alpha is None or b.alpha is None:
        return a.alpha is b.alpha
    return np.array_equal(a.alpha, b.alpha)


def _options(form: str, quality: int) -> dict[str, Any]:
    match form:
        case "jpeg":
            return {"quality": quality, "subsampling": "4:2:0"}
        case "webp":
            return {"quality": quality, "method": 4}
        case "avif":
            # One thread: the same bytes on every machine.
            return {"quality": quality, "speed": 8, "max_threads": 1}
        case "tiff":
            return {"compression": "tiff_adobe_deflate"}
        case _:
            return {}


def _timing(form: str, frames: Sequence[Frame], info: MediaInfo) -> dict[str, Any]:
    timing: dict[str, Any] = {"duration": [frame.duration for frame in frames]}
    if info.loops is not None:
        timing["loop"] = info.loops
    if form == "gif":
        timing["disposal"] = 2 if any(frame.alpha is not None for frame in frames) else 1
        timing["optimize"] = False
    return timing


def _image(frame: Frame) -> Image.Image:
    """A Pillow image with no info, made from the bare array."""
    pixels = frame.pixels
    if frame.alpha is not None:
        pixels = np.dstack([pixels, frame.alpha])
    return Image.fromarray(np.ascontiguousarray(pixels[..., 0] if pixels.shape[2] == 1 else pixels))


def _palette(image: Image.Image) -> Image.Image:
    """The image with 256 colours; dithered, so that a veil does not show bands."""
    if image.mode in ("RGBA", "LA"):
        rgba = np.array(image.convert("RGBA"))
        rgba[..., 3] = np.where(rgba[..., 3] < OPAQUE_AT, 0, 255)
        return Image.fromarray(rgba).quantize(256, Image.Quantize.FASTOCTREE)
    if image.mode == "L":
        return image
    palette = image.quantize(256, Image.Quantize.MEDIANCUT)
    return image.quantize(palette=palette, dither=Image.Dither.FLOYDSTEINBERG)
