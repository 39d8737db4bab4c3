"""Films in every coding that can be chosen: clean, exact, and the same bytes every time."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from films import Extras, film, shown, walk
from scenes import background
from typer.testing import CliRunner

from kerchief import Tools, redact
from kerchief.choices import Codec
from kerchief.cli.main import app
from kerchief.media.films.codings import CODINGS
from kerchief.media.films.film import open_film
from kerchief.media.films.record import write_film
from kerchief.media.limits import Limits
from kerchief.metadata import inspect
from kerchief.plan.model import Cut
from kerchief.ports import YuvFrame
from kerchief.settings import Settings

NAMES = {Codec.H264: "h264", Codec.VP9: "vp9"}
SIZES = [(160, 120), (161, 121), (34, 7), (6, 6)]
COUNT = 30  # more than the encoders hold back


def uneven(folder: Path, size: tuple[int, int]) -> Path:
    """A film with a length of its own for every frame."""
    whole = background(size[0] + 3 * COUNT, size[1], 3)
    pictures = [np.ascontiguousarray(whole[:, 3 * n : 3 * n + size[0]]) for n in range(COUNT)]
    pts = [100 * n + n * n % 17 for n in range(COUNT)]
    return film(folder / "a.mp4", pictures, pts, Fraction(1, 3000), 55, crf="8")


def frames_of(path: Path) -> list[YuvFrame]:
    return [frame for frame in open_film(path, Limits()).frames(Cut()) if frame is not None]


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("codec", Codec)
def test_times_and_picture_are_kept_and_nothing_else_is_in_it(
    codec: Codec, size: tuple[int, int], tmp_path: Path
) -> None:
    source = uneven(tmp_path, size)
    info, before = open_film(source, Limits()).info, frames_of(source)
    copies = []
    for name in ("b.mp4", "c.mp4"):
        write_film(tmp_path / name, before, info, 90, codec)
        copies.append((tmp_path / name).read_bytes())
    assert copies[0] == copies[1]
    after = frames_of(tmp_path / "b.mp4")
    assert [(f.pts, f.duration) for f in after] == [(f.pts, f.duration) for f in before]
    # What is read back without the library's own reader: times, and the length of all.
    assert [f.pts for f in shown(tmp_path / "b.mp4")] == [f.pts for f in before]
    with av.open(str(tmp_path / "b.mp4")) as container:
        (stream,) = container.streams
        assert stream.codec_context.codec.canonical_name == NAMES[codec]
        assert (stream.start_time, stream.duration) == (0, before[-1].pts + before[-1].duration)
    for plane in range(3):
        difference = [
            abs(a.planes[plane].astype(int) - b.planes[plane]).mean() for a, b in zip(before, after, strict=True)
        ]
        assert max(difference) < 6
    assert inspect(copies[0]) == ()
    for name in (b"Lavc", b"Lavf6", b"x264", b"SVT", b"libvpx", b"AOM"):
        assert name not in copies[0]


@pytest.mark.parametrize("codec", Codec)
def test_less_quality_is_a_smaller_file(codec: Codec, tmp_path: Path) -> None:
    source = uneven(tmp_path, (160, 120))
    info, frames = open_film(source, Limits()).info, frames_of(source)
    sizes = []
    for quality in (100, 90, 60, 1):
        write_film(tmp_path / "b.mp4", frames, info, quality, codec)
        sizes.append((tmp_path / "b.mp4").stat().st_size)
    assert sizes == sorted(sizes, reverse=True)
    assert len(set(sizes)) == 4


@pytest.mark.parametrize("codec", [Codec.VP9])
def test_a_face_is_covered_and_the_copy_checked(codec: Codec, tmp_path: Path, tools: Tools) -> None:
    pictures, faces = walk(400, 300, [(60 + 11 * n, 110) for n in range(16)], 64)
    tags = (("title", "at Jane's"), ("location", "+48.2-016.3/"))
    source = film(tmp_path / "a.mp4", pictures, extras=Extras(sound=True, tags=tags))
    with Tools(Settings(codec=codec), beside=tools) as coder:
        outcome = redact(source, tools=coder)
    assert outcome.receipt.applied.covered >= 1
    for frame, face in zip(shown(outcome.output), faces, strict=True):
        found = tools.networks.by_name["centerface"].detect(np.ascontiguousarray(frame.rgb), 0.5)
        assert not [row for row in found if abs(row[0] - face.x0) < 30], f"seen at {frame.pts}"


def test_only_codings_that_there_are(tmp_path: Path) -> None:
    assert set(CODINGS) == set(Codec)
    source = film(tmp_path / "a.mp4", [background(64, 48, n) for n in range(4)])
    assert CliRunner().invoke(app, ["redact", str(source), "--codec", "divx"]).exit_code == 2
    done = CliRunner().invoke(app, ["redact", str(source), "--codec", "vp9", "--from", "0:00", "--to", "0.1"])
    assert done.exit_code == 0
    assert "cut to a clip" in done.stdout
    with av.open(str(tmp_path / "a.redacted.mp4")) as container:
        assert container.streams.video[0].codec_context.codec.canonical_name == "vp9"
