"""Law 5: what can't be read whole is refused, nothing is written, and the next file works."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL.TiffImagePlugin import ImageFileDirectory_v2
from scenes import background, saved

from kerchief import Tools, redact
from kerchief.errors import InputRefused
from kerchief.media.limits import Limits
from kerchief.sandbox.decoder import Decoder

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "TIFF", "BMP", "AVIF")


def refused(data: bytes, folder: Path, tools: Tools, name: str = "a.jpg") -> InputRefused:
    source = folder / name
    source.write_bytes(data)
    with pytest.raises(InputRefused) as caught:
        redact(source, tools=tools)
    assert [p.name for p in folder.iterdir()] == [name], "something was left behind"
    assert caught.value.exit_code == 13
    assert caught.value.next_step
    return caught.value


@pytest.mark.parametrize("share", [0.02, 0.3, 0.6, 0.9])
@pytest.mark.parametrize("form", FORMATS)
def test_a_file_that_is_cut_off_is_refused(form: str, share: float, tmp_path: Path, tools: Tools) -> None:
    data = saved(background(200, 160), form)
    refused(data[: int(len(data) * share)], tmp_path, tools)


@pytest.mark.parametrize("form", ["GIF", "WEBP", "TIFF", "PNG"])
def test_a_cut_off_animation_is_no_shorter_one(form: str, tmp_path: Path, tools: Tools) -> None:
    from PIL import Image

    images = [Image.fromarray(background(90, 80, seed)) for seed in range(4)]
    options = {} if form == "TIFF" else {"duration": 100}
    data = saved(images[0], form, save_all=True, append_images=images[1:], **options)
    refused(data[: int(len(data) * 0.7)], tmp_path, tools)


@pytest.mark.parametrize("data", [b"", b"just words, no picture\n", b"\xff\xd8\xff", b"%PDF-1.7\n", b"\0" * 5000])
def test_what_is_no_picture_is_refused(data: bytes, tmp_path: Path, tools: Tools) -> None:
    refused(data, tmp_path, tools)


def test_a_decompression_bomb_is_refused_by_its_header(tmp_path: Path, tools: Tools) -> None:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">2I5B", 60_000, 60_000, 8, 2, 0, 0, 0)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
    assert "megapixels" in refused(b"\x89PNG\r\n\x1a\n" + body, tmp_path, tools).problem


def test_a_missing_file_is_refused(tmp_path: Path, tools: Tools) -> None:
    with pytest.raises(InputRefused, match="can't be read"):
        redact(tmp_path / "none.jpg", tools=tools)
    with pytest.raises(InputRefused):
        redact(tmp_path, tools=tools)


@pytest.fixture
def good(tmp_path: Path) -> Path:
    path = tmp_path / "good.png"
    path.write_bytes(saved(background(1500, 1200), "PNG"))
    return path


def frames(decoder: Decoder, path: Path) -> list[np.ndarray]:
    _, _, found = decoder.open(path)
    return [frame.pixels for frame in found]


@pytest.mark.parametrize(
    "limits",
    [
        Limits(memory_bytes=400 << 20, frame_pixels=10**9, total_pixels=10**9),
        Limits(frame_pixels=1_000_000),
        Limits(total_pixels=1_000_000),
        Limits(file_bytes=1000),
        Limits(seconds=0.001),
    ],
    ids=["memory", "frame", "total", "file", "time"],
)
def test_over_a_limit_is_refused(limits: Limits, good: Path) -> None:
    if limits.memory_bytes < 1 << 30:
        good.write_bytes(saved(np.zeros((9000, 15_000, 3), np.uint8), "PNG", compress_level=1))
    with Decoder(limits) as decoder, pytest.raises(InputRefused):
        frames(decoder, good)


def test_a_child_that_dies_is_a_refusal_and_the_next_file_works(good: Path) -> None:
    with Decoder() as decoder:
        assert len(frames(decoder, good)) == 1
        _, _, found = decoder.open(good)
        child = decoder._child
        assert child is not None
        child.kill()
        child.wait()
        with pytest.raises(InputRefused, match="crashed"):
            list(found)
        (pixels,) = frames(decoder, good)
        assert np.array_equal(pixels, background(1500, 1200))


def tiff_with(tags: dict[int, tuple[int, object]]) -> bytes:
    """A TIFF with further tags: number → (type, value)."""
    directory = ImageFileDirectory_v2()
    for tag, (kind, value) in tags.items():
        directory.tagtype[tag] = kind
        directory[tag] = value
    return saved(background(200, 160), "TIFF", tiffinfo=directory)


BYTE, LONG = 1, 4
RAW = {
    "dng": {50706: (BYTE, bytes([1, 4, 0, 0]))},
    "preview with the raw picture below it": {254: (LONG, 1), 330: (LONG, (8,))},
}


@pytest.mark.parametrize("name", ["a.dng", "a.tif"])
@pytest.mark.parametrize("kind", RAW)
def test_a_raw_file_is_not_taken_for_its_preview(kind: str, name: str, tmp_path: Path, tools: Tools) -> None:
    assert "raw file" in refused(tiff_with(RAW[kind]), tmp_path, tools, name).problem


@pytest.mark.parametrize("photometric", [32803, 34892], ids=["colour filter array", "linear raw"])
def test_a_picture_as_the_sensor_saw_it_is_refused(photometric: int, tmp_path: Path, tools: Tools) -> None:
    data = saved(background(200, 160)[..., 0], "TIFF")
    grey, raw = (struct.pack("<HHIHH", 262, 3, 1, value, 0) for value in (1, photometric))
    assert data.count(grey) == 1
    refused(data.replace(grey, raw), tmp_path, tools, "a.tif")


def test_a_tiff_with_neither_is_read(tmp_path: Path, tools: Tools) -> None:
    """What the raw files above are made of is no reason to refuse them."""
    source = tmp_path / "a.tif"
    source.write_bytes(tiff_with({}))
    assert redact(source, tools=tools).output.exists()
