"""Every format in and out: upright, whole, of the same depth, and with nothing in it but the picture."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pillow_heif
import pytest
from PIL import Image, ImageOps
from scenes import Rgb, background, coded, saved, scene, with_orientation

from kerchief import Outcome, Tools, redact
from kerchief.cover.mask import mask_of
from kerchief.geometry import Box
from kerchief.metadata import inspect
from kerchief.plan.query import regions_at
from kerchief.ports import Detection
from kerchief.prove.verify import covered_share

WIDTH, HEIGHT = 330, 250
AT = (120, 70, 90)


def picture() -> tuple[Rgb, Box]:
    shown, (face,) = scene(WIDTH, HEIGHT, [AT])
    return shown, face


def run(folder: Path, name: str, data: bytes, tools: Tools) -> tuple[Outcome, bytes, Image.Image]:
    source = folder / name
    source.write_bytes(data)
    outcome = redact(source, tools=tools)
    out = outcome.output.read_bytes()
    assert inspect(out) == ()
    assert outcome.receipt.output.size_bytes == len(out)
    return outcome, out, Image.open(BytesIO(out))


def mask_at(outcome: Outcome, pts: int = 0) -> np.ndarray:
    plan = outcome.plan
    width, height = plan.media.width, plan.media.height
    return mask_of(regions_at(plan, pts), width, height, plan.media.grid(width, height), plan.margin)


def is_covered(outcome: Outcome, face: Box, pts: int = 0) -> bool:
    return covered_share(Detection(face, 1.0), mask_at(outcome, pts)) >= 0.95


@pytest.mark.parametrize("orientation", range(1, 9))
def test_jpeg_is_written_upright(orientation: int, tmp_path: Path, tools: Tools) -> None:
    shown, face = picture()
    data = saved(coded(shown, orientation), "JPEG", quality=95, exif=with_orientation(orientation))
    outcome, _, out = run(tmp_path, "a.jpg", data, tools)
    expected = np.asarray(ImageOps.exif_transpose(Image.open(BytesIO(data))))
    assert (out.format, out.size) == ("JPEG", (WIDTH, HEIGHT))
    assert out.getexif() == {}
    difference = abs(np.asarray(out).astype(int) - expected).max(axis=2)
    assert difference[~mask_at(outcome)].mean() < 8
    assert is_covered(outcome, face)


def cmyk(shown: Rgb) -> bytes:
    return saved(Image.fromarray(shown).convert("CMYK"), "JPEG", quality=95)


def grey(shown: Rgb) -> bytes:
    return saved(Image.fromarray(shown).convert("L"), "JPEG", quality=95)


def progressive(shown: Rgb) -> bytes:
    return saved(shown, "JPEG", quality=95, progressive=True)


@pytest.mark.parametrize(("make", "mode"), [(cmyk, "RGB"), (grey, "L"), (progressive, "RGB")])
def test_jpeg_of_every_kind(make: Any, mode: str, tmp_path: Path, tools: Tools) -> None:
    shown, face = picture()
    data = make(shown)
    outcome, _, out = run(tmp_path, "a.jpg", data, tools)
    assert (out.format, out.mode, out.size) == ("JPEG", mode, (WIDTH, HEIGHT))
    assert is_covered(outcome, face)
    expected = np.asarray(Image.open(BytesIO(data)).convert(mode)).astype(int)
    assert abs(np.asarray(out) - expected)[~mask_at(outcome)].mean() < 8


def test_what_a_camera_wrote_is_gone_and_so_is_its_thumbnail(tmp_path: Path, tools: Tools) -> None:
    shown, _ = picture()
    thumbnail = saved(Image.fromarray(shown).resize((96, 72)), "JPEG")
    exif = Image.Exif()
    exif[0x010F], exif[0x0110] = "Acme", "Spy 9000"
    exif.get_ifd(0x8825)[2] = (52.0, 31.0, 0.0)
    data = saved(shown, "JPEG", exif=exif.tobytes() + thumbnail, comment=b"secret words")
    assert thumbnail[-200:-10] in data
    assert inspect(data)
    outcome, out, image = run(tmp_path, "a.jpg", data, tools)
    for secret in (b"Acme", b"Spy", b"secret", b"Exif", thumbnail[-200:-136]):
        assert secret not in out
    assert not image.getexif()
    assert outcome.receipt.applied.removed


def test_png_keeps_every_pixel_outside_the_mask(tmp_path: Path, tools: Tools) -> None:
    shown, face = picture()
    outcome, _, out = run(tmp_path, "a.png", saved(shown, "PNG"), tools)
    assert (out.format, out.mode) == ("PNG", "RGB")
    assert np.array_equal(np.asarray(out)[~mask_at(outcome)], shown[~mask_at(outcome)])
    assert is_covered(outcome, face)


@pytest.mark.parametrize("form", ["png", "tiff"])
def test_16_bits_stay_16_bits(form: str, tmp_path: Path, tools: Tools) -> None:
    shown, face = picture()
    deep = shown.astype(np.uint16) * np.uint16(257) - (shown > 0).astype(np.uint16)
    data = bytes(cv2.imencode(f".{form}", np.ascontiguousarray(deep[..., ::-1]))[1])
    outcome, out, _ = run(tmp_path, f"a.{form}", data, tools)
    read = cv2.imdecode(np.frombuffer(out, np.uint8), cv2.IMREAD_UNCHANGED)[..., ::-1]
    assert read.dtype == np.uint16
    assert np.array_equal(read[~mask_at(outcome)], deep[~mask_at(outcome)])
    assert is_covered(outcome, face)


def test_grey_png_of_16_bits(tmp_path: Path, tools: Tools) -> None:
    shown, face = picture()
    deep = shown[..., 1].astype(np.uint16) * 255 + 7
    outcome, _, out = run(tmp_path, "a.png", saved(deep, "PNG"), tools)
    read = np.asarray(out).astype(int)
    assert np.array_equal(read[~mask_at(outcome)], deep[~mask_at(outcome)])
    assert is_covered(outcome, face)


def test_palette_png(tmp_path: Path, tools: Tools) -> None:
    shown, face = picture()
    image = Image.fromarray(shown).quantize(128)
    outcome, _, out = run(tmp_path, "a.png", saved(image, "PNG"), tools)
    expected = np.asarray(image.convert("RGB"))
    assert np.array_equal(np.asarray(out.convert("RGB"))[~mask_at(outcome)], expected[~mask_at(outcome)])
    assert is_covered(outcome, face)


@pytest.mark.parametrize(("form", "options"), [("PNG", {}), ("WEBP", {"lossless": True, "exact": True}), ("TIFF", {})])
def test_what_is_fully_transparent_loses_its_colours(form: str, options: dict, tmp_path: Path, tools: Tools) -> None:
    shown, face = picture()
    alpha = np.full((HEIGHT, WIDTH), 255, np.uint8)
    alpha[:, :40] = 0
    data = saved(np.dstack([shown, alpha]), form, **options)
    hidden = np.asarray(Image.open(BytesIO(data)))[:, :40, :3]
    assert hidden.any(), "the test would prove nothing"
    outcome, _, out = run(tmp_path, f"a.{form.lower()}", data, tools)
    assert out.mode == "RGBA"
    read = np.asarray(out)
    assert np.array_equal(read[..., 3], alpha)
    assert abs(read[:, 4:36, :3].astype(int)).max() <= 8
    assert is_covered(outcome, face)


@pytest.mark.parametrize("form", ["WEBP", "AVIF", "BMP", "TIFF"])
def test_still_formats_come_out_as_they_are(form: str, tmp_path: Path, tools: Tools) -> None:
    shown, face = picture()
    data = saved(shown, form, **({"quality": 95} if form in ("WEBP", "AVIF") else {}))
    outcome, _, out = run(tmp_path, f"a.{form.lower()}", data, tools)
    assert (out.format, out.mode, out.size) == (form, "RGB", (WIDTH, HEIGHT))
    expected = np.asarray(Image.open(BytesIO(data)).convert("RGB")).astype(int)
    most = 0 if form in ("BMP", "TIFF") else 6
    assert abs(np.asarray(out) - expected)[~mask_at(outcome)].mean() <= most
    assert is_covered(outcome, face)


def moving(count: int = 4) -> tuple[list[Image.Image], list[Box]]:
    """The face moves 12 px a frame over the same background."""
    images, faces = [], []
    for number in range(count):
        shown, (face,) = scene(WIDTH, HEIGHT, [(AT[0] + 12 * number, AT[1], AT[2])])
        images.append(Image.fromarray(shown))
        faces.append(face)
    return images, faces


@pytest.mark.parametrize("form", ["GIF", "WEBP", "PNG", "AVIF"])
def test_every_frame_of_an_animation_is_covered_and_its_times_stay(form: str, tmp_path: Path, tools: Tools) -> None:
    images, faces = moving()
    times = [100, 250, 80, 120]
    loop = {} if form == "AVIF" else {"loop": 3}
    data = saved(images[0], form, save_all=True, append_images=images[1:], duration=times, **loop)
    outcome, _, out = run(tmp_path, f"a.{form.lower()}", data, tools)
    assert out.format == ("WEBP" if form == "AVIF" else form)
    assert out.n_frames == len(images)
    read = []
    for number in range(out.n_frames):
        out.seek(number)
        out.load()
        read.append(round(out.info["duration"]))
    assert read == times
    pts = [sum(times[:number]) for number in range(4)]
    assert all(is_covered(outcome, face, at) for face, at in zip(faces, pts, strict=True))
    if loop:
        assert out.info["loop"] == 3


def test_every_page_of_a_tiff_is_covered(tmp_path: Path, tools: Tools) -> None:
    pages = [scene(WIDTH, HEIGHT, [AT]), scene(260, 300, [(60, 120, 80)]), (background(100, 90), [])]
    images = [Image.fromarray(shown) for shown, _ in pages]
    data = saved(images[0], "TIFF", save_all=True, append_images=images[1:])
    outcome, _, out = run(tmp_path, "a.tiff", data, tools)
    assert out.n_frames == 3
    for number, (shown, faces) in enumerate(pages):
        out.seek(number)
        read = np.asarray(out.convert("RGB"))
        grid = outcome.plan.media.grid(shown.shape[1], shown.shape[0])
        mask = mask_of(regions_at(outcome.plan, number), shown.shape[1], shown.shape[0], grid, outcome.plan.margin)
        assert np.array_equal(read[~mask], shown[~mask])
        assert all(covered_share(Detection(face, 1.0), mask) >= 0.95 for face in faces)
        assert mask.any() == bool(faces)


def heic(coded_as: np.ndarray, exif: Image.Exif, **options: object) -> bytes:
    """A photo as a phone writes it; the orientation in the EXIF block becomes one of the picture itself."""
    height, width, channels = coded_as.shape
    mode = {3: "RGB", 4: "RGBA"}[channels]
    buffer = BytesIO()
    pillow_heif.encode(mode, (width, height), coded_as.tobytes(), buffer, quality=90, exif=exif.tobytes(), **options)
    return buffer.getvalue()


def from_a_phone(orientation: int = 1) -> Image.Exif:
    exif = Image.Exif()
    exif[0x010F], exif[0x0112] = "Acme", orientation
    exif.get_ifd(0x8825)[2] = (52.0, 31.0, 0.0)
    return exif


@pytest.mark.parametrize("orientation", range(1, 9))
def test_heic_is_written_upright_as_jpeg(orientation: int, tmp_path: Path, tools: Tools) -> None:
    shown, face = picture()
    data = heic(coded(shown, orientation), from_a_phone(orientation), thumbnails=[96])
    assert (b"irot" in data or b"imir" in data) == (orientation > 1), "the test would prove nothing"
    outcome, file, out = run(tmp_path, "a.heic", data, tools)
    assert outcome.output.name == "a.redacted.jpg"
    assert (out.format, out.mode, out.size) == ("JPEG", "RGB", (WIDTH, HEIGHT))
    difference = abs(np.asarray(out).astype(int) - shown).max(axis=2)
    assert difference[~mask_at(outcome)].mean() < 8
    assert is_covered(outcome, face)
    assert difference[face.pixels(WIDTH, HEIGHT)].mean() > 30, "the face is still there"
    assert not out.getexif()
    assert b"Acme" in data
    assert b"Acme" not in file
    told = {"the place where it was taken", "a small copy of the original picture"}
    assert told <= set(outcome.receipt.applied.removed)


def test_a_heic_of_tiles_is_one_picture(tmp_path: Path, tools: Tools) -> None:
    shown, face = picture()
    data = heic(shown, from_a_phone(), tile_size=128)
    assert b"grid" in data, "the test would prove nothing"
    outcome, _, out = run(tmp_path, "a.heic", data, tools)
    assert (out.format, out.size) == ("JPEG", (WIDTH, HEIGHT))
    assert abs(np.asarray(out).astype(int) - shown)[~mask_at(outcome)].mean() < 8
    assert is_covered(outcome, face)
    assert "further pictures in the file" not in outcome.receipt.applied.removed


def test_what_exif_says_of_the_orientation_of_a_heic_does_not_turn_it(tmp_path: Path, tools: Tools) -> None:
    """HEIF turns a picture by properties of its own; a viewer that goes by them is right (ISO 23008-12)."""
    shown, face = picture()
    upright, lying = (from_a_phone(orientation).tobytes() for orientation in (1, 6))
    data = heic(shown, from_a_phone())
    assert data.count(upright[6:]) == 1
    outcome, _, out = run(tmp_path, "a.heic", data.replace(upright[6:], lying[6:]), tools)
    assert out.size == (WIDTH, HEIGHT)
    assert abs(np.asarray(out).astype(int) - shown)[~mask_at(outcome)].mean() < 8
    assert is_covered(outcome, face)


def test_heic_with_transparency_becomes_png(tmp_path: Path, tools: Tools) -> None:
    shown, face = picture()
    alpha = np.full((HEIGHT, WIDTH), 255, np.uint8)
    alpha[:, :40] = 0
    outcome, file, out = run(tmp_path, "a.heic", heic(np.dstack([shown, alpha]), from_a_phone()), tools)
    assert outcome.output.name == "a.redacted.png"
    assert (out.format, out.mode, out.size) == ("PNG", "RGBA", (WIDTH, HEIGHT))
    read = np.asarray(out).astype(int)
    assert abs(read[..., 3] - alpha).mean() < 2
    difference = abs(read[:, 48:, :3] - shown[:, 48:]).max(axis=2)
    assert difference[~mask_at(outcome)[:, 48:]].mean() < 8
    assert is_covered(outcome, face)
    assert b"Acme" not in file
