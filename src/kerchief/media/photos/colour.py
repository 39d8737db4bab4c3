"""Pillow images → arrays in sRGB, with alpha apart."""

from __future__ import annotations

from io import BytesIO

import numpy as np
from PIL import Image, ImageCms

from kerchief.errors import InputRefused
from kerchief.ports import Pixels

GREY_MODES = ("1", "L")
DEEP_MODES = ("I;16", "I;16L", "I;16B", "I;16N")
ALPHA_MODES = ("LA", "La", "PA", "RGBA", "RGBa")


def has_alpha(image: Image.Image) -> bool:
    """Whether an image has transparency of any form."""
    return image.mode in ALPHA_MODES or "transparency" in image.info


def to_arrays(image: Image.Image, *, with_alpha: bool) -> tuple[Pixels, Pixels | None, tuple[str, ...]]:
    """Pixels (height, width, 1 or 3) in sRGB, alpha (height, width) or None, and what was changed.

    Raises:
        InputRefused: a pixel format that can't be kept (32-bit, floating point).
    """
    if image.mode in DEEP_MODES:
        return np.asarray(image).astype(np.uint16)[..., None], None, ()
    if image.mode in ("I", "F"):
        raise InputRefused("", "the picture has 32 bits a channel", "Convert it to 8 or 16 bits first.")
    alpha = np.asarray(image.convert("RGBA").getchannel("A")) if with_alpha else None
    if image.mode in GREY_MODES and "transparency" not in image.info:
        grey, changes = _in_srgb(image.convert("L"))
        return np.asarray(grey)[..., None], alpha, changes
    colour, changes = _in_srgb(image)
    return np.asarray(colour), alpha, changes


def _in_srgb(image: Image.Image) -> tuple[Image.Image, tuple[str, ...]]:
    """The image as RGB (or L) in sRGB: by its profile if it has one that is not sRGB, else by Pillow's own rule."""
    wanted = "L" if image.mode == "L" else "RGB"
    data = image.info.get("icc_profile")
    if data:
        converted = _by_profile(image, data, wanted)
        if converted is not None:
            return converted, ("colours converted to sRGB from the file's own profile",)
    changes = ("colours converted to sRGB from " + image.mode,) if image.mode in ("CMYK", "LAB", "YCbCr") else ()
    return image.convert("RGBA").convert("RGB") if has_alpha(image) else image.convert(wanted), changes


def _by_profile(image: Image.Image, data: bytes, wanted: str) -> Image.Image | None:
    """The image through its ICC profile; None where that is sRGB already or does not fit the image."""
    base = {
        "P": "RGB",
        "PA": "RGB",
        "RGBA": "RGB",
        "RGBa": "RGB",
        "RGBX": "RGB",
        "LA": "L",
        "La": "L",
        "1": "L",
    }
    source = image.convert("RGBA") if image.mode in ("P", "PA", "RGBa") else image
    source = source.convert(base.get(source.mode, source.mode))
    try:
        profile = ImageCms.ImageCmsProfile(BytesIO(data))
        if "sRGB" in ImageCms.getProfileDescription(profile):
            return None
        converted = ImageCms.profileToProfile(source, profile, ImageCms.createProfile("sRGB"), outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return None  # a damaged or unfitting profile is what a viewer would ignore too
    if converted is None:
        return None
    return converted.getchannel("G") if wanted == "L" else converted
