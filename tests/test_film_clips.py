"""A clip out of a film: its frames exactly, and nothing else."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from films import Extras, film, shown, walk
from scenes import background

from kerchief import Tools, make_plan, redact, render
from kerchief.errors import InputRefused, PlanMismatch, UsageError
from kerchief.media.films.film import open_film
from kerchief.media.films.landing import MOST_TRIED, landing
from kerchief.media.limits import Limits
from kerchief.plan.codec import decode, encode
from kerchief.plan.model import Cut
from kerchief.ports import YuvFrame
from kerchief.settings import Clip, Settings

COUNT = 36
#: 3 to 24 units apart, as phones write them.
STEPS = np.random.default_rng(1).integers(1, 9, COUNT - 1) * 3
UNEVEN = [int(t) for t in np.concatenate([[0], np.cumsum(STEPS)])]
OPEN = "open-gop=1:bframes=3:b-adapt=0:b-pyramid=normal"
#: container, encoder, its options, and whether a clip is decoded from a keyframe near it.
CODINGS = {
    "mp4": ("a.mp4", "libx264", {"bf": "3", "preset": "medium"}, True),
    "mp4 open": ("a.mp4", "libx264", {"preset": "medium", "x264-params": OPEN}, True),
    "mkv open": ("a.mkv", "libx264", {"preset": "medium", "x264-params": OPEN}, True),
    "hevc open": ("a.mp4", "libx265", {"x265-params": "log-level=none:keyint=12:open-gop=1:bframes=3"}, True),
    "no whole keyframes": ("a.mp4", "libx264", {"x264-params": "intra-refresh=1"}, False),
    "webm": ("a.webm", "libvpx", {}, True),
    "mpeg4 in mkv": ("a.mkv", "mpeg4", {"bf": "2"}, False),
    "avi": ("a.avi", "mpeg4", {"bf": "2"}, False),
    "mpeg": ("a.mpg", "mpeg2video", {"bf": "2"}, False),
    "transport": ("a.ts", "libx264", {"bf": "3", "preset": "medium"}, False),
}


def cut_of(path: Path, cut: Cut) -> list[YuvFrame]:
    return [frame for frame in open_film(path, Limits()).frames(cut) if frame is not None]


def expected(whole: list[YuvFrame], cut: Cut) -> list[YuvFrame]:
    parts = [(cut.part(frame.pts, frame.pts + frame.duration), frame) for frame in whole]
    return [YuvFrame(*part, frame.planes) for part, frame in parts if part]


def are_equal(these: list[YuvFrame], those: list[YuvFrame]) -> bool:
    return [(f.pts, f.duration) for f in these] == [(f.pts, f.duration) for f in those] and all(
        np.array_equal(one, two)
        for a, b in zip(these, those, strict=True)
        for one, two in zip(a.planes, b.planes, strict=True)
    )


def coded(folder: Path, coding: str) -> Path:
    name, codec, options, _ = CODINGS[coding]
    pictures = [background(96, 64, n) for n in range(COUNT)]
    if name.endswith((".avi", ".mpg")):
        return film(folder / name, pictures, time_base=Fraction(1, 25), codec=codec, g="12", **options)
    return film(folder / name, pictures, UNEVEN, Fraction(1, 600), 24, codec=codec, g="12", **options)


@pytest.mark.parametrize("coding", CODINGS)
def test_a_clip_is_what_the_whole_film_shows_then(coding: str, tmp_path: Path) -> None:
    """From every frame on, and from between two: whether decoding starts there or at the start of the film."""
    source = coded(tmp_path, coding)
    whole = cut_of(source, Cut())
    assert len(whole) == COUNT
    length = whole[-1].pts + whole[-1].duration
    for frame in whole:
        for start in {frame.pts, frame.pts + frame.duration // 2}:
            cut = Cut(start=start, end=min(length, start + length // 5 + 1))
            assert are_equal(cut_of(source, cut), expected(whole, cut)), cut
    assert are_equal(cut_of(source, Cut(start=length // 2)), expected(whole, Cut(start=length // 2)))


@pytest.mark.parametrize("coding", CODINGS)
def test_a_clip_is_not_decoded_from_the_start_where_that_is_safe(coding: str, tmp_path: Path) -> None:
    source = coded(tmp_path, coding)
    with av.open(str(source)) as container:
        times = [frame.pts for frame in container.decode(video=0)]
    with av.open(str(source)) as container:
        found = landing(container, container.streams.video[0], times[30])
    assert found is None or times[0] < found <= times[30]
    assert (found is not None) == CODINGS[coding][3]


def test_an_edit_list_that_hides_the_start_is_kept_to(tmp_path: Path) -> None:
    """As phones write it where somebody trimmed a film: times count from the first frame that is shown."""
    pictures = [background(96, 64, n) for n in range(COUNT)]
    pts = [20 * n - 250 for n in range(COUNT)]
    source = film(tmp_path / "a.mp4", pictures, pts, Fraction(1, 600), 20, g="12", bf="0")
    whole = cut_of(source, Cut())
    assert len(whole) < COUNT, "the test would prove nothing"
    assert whole[0].pts == 0
    for start in range(0, 400, 15):
        cut = Cut(start=start, end=start + 60)
        assert are_equal(cut_of(source, cut), expected(whole, cut)), cut


@contextmanager
def cutting(tools: Tools, start: str, end: str | None) -> Iterator[Tools]:
    clip = Clip(start=Decimal(start), end=None if end is None else Decimal(end))
    with Tools(Settings(clip=clip), beside=tools) as made:
        yield made


def test_a_clip_has_its_own_times_and_nothing_of_the_rest(tmp_path: Path, tools: Tools) -> None:
    """Each picture is brighter than the one before, so none can be taken for another."""
    pictures = [np.full((48, 64, 3), 20 + 6 * n, np.uint8) for n in range(COUNT)]
    source = film(tmp_path / "a.mp4", pictures, [100 * n for n in range(COUNT)], Fraction(1, 1000), 100)
    with cutting(tools, "0.95", "2.02") as cutter:
        outcome = redact(source, tools=cutter)
    frames = shown(outcome.output)
    assert [frame.pts for frame in frames] == [0, *range(50, 1100, 100)]
    assert frames[-1].duration == 20
    assert np.allclose([frame.rgb.mean() for frame in frames], [20 + 6 * n for n in range(9, 21)], atol=3)
    with av.open(str(outcome.output)) as container:
        packets = [packet for packet in container.demux(video=0) if packet.size]
        assert len(packets) == len(frames)
        assert container.streams.video[0].start_time == 0
    media = outcome.plan.media
    assert (media.cut, media.frames, media.length) == (Cut(start=950, end=2020), 12, 1070)
    assert "cut to a clip" in outcome.receipt.applied.changes
    assert "950" not in outcome.receipt.model_dump_json(include={"applied"})


def test_the_face_is_covered_in_a_clip_and_its_plan_renders_the_same_bytes(tmp_path: Path, tools: Tools) -> None:
    pictures, faces = walk(400, 300, [(30 + 9 * n, 110) for n in range(COUNT)], 64)
    source = film(tmp_path / "a.mp4", pictures, [100 * n for n in range(COUNT)], Fraction(1, 1000), 100)
    with cutting(tools, "1.2", "2.5") as cutter:
        plan = decode(encode(make_plan(source, tools=cutter)))
        outcome = redact(source, tools=cutter)
    again = render(source, plan, tmp_path / "again.mp4", tools=tools)
    assert again.output.read_bytes() == outcome.output.read_bytes()
    copy = shown(outcome.output)
    assert len(copy) == 13
    for frame, face in zip(copy, faces[12:25], strict=True):
        found = tools.networks.by_name["centerface"].detect(np.ascontiguousarray(frame.rgb), 0.5)
        assert not [row for row in found if abs(row[0] - face.x0) < 30], f"seen at {frame.pts}"
    assert outcome.receipt.applied.covered >= 1


@pytest.mark.parametrize(("start", "end", "frames"), [("0", "0.0001", 1), ("3.59", None, 1), ("0", "99", COUNT)])
def test_clips_at_the_ends(start: str, end: str | None, frames: int, tmp_path: Path, tools: Tools) -> None:
    pictures = [background(64, 48, n) for n in range(COUNT)]
    source = film(tmp_path / "a.mp4", pictures, [100 * n for n in range(COUNT)], Fraction(1, 1000), 100)
    with cutting(tools, start, end) as cutter:
        assert len(shown(redact(source, tools=cutter).output)) == frames


@pytest.mark.parametrize("name", ["a.mp4", "a.avi"])
def test_a_clip_after_the_end_is_refused_with_the_length(name: str, tmp_path: Path, tools: Tools) -> None:
    pictures = [background(64, 48, n) for n in range(10)]
    source = film(tmp_path / name, pictures, time_base=Fraction(1, 10), codec="libx264" if name[-1] == "4" else "mpeg4")
    with cutting(tools, "1", None) as cutter, pytest.raises(InputRefused, match=r"1\.000 seconds long"):
        redact(source, tools=cutter)
    assert [p.name for p in tmp_path.iterdir()] == [name]


def test_a_photo_has_no_clip(tmp_path: Path, tools: Tools) -> None:
    from PIL import Image

    Image.fromarray(background(64, 48)).save(tmp_path / "a.png")
    with cutting(tools, "0", "1") as cutter, pytest.raises(UsageError, match="--from"):
        redact(tmp_path / "a.png", tools=cutter)


def test_a_film_that_is_cut_off_after_the_clip_is_refused_all_the_same(tmp_path: Path, tools: Tools) -> None:
    pictures = [background(160, 120, n) for n in range(20)]
    source = film(tmp_path / "a.mp4", pictures, extras=Extras(movflags="faststart"), g="5")
    source.write_bytes(source.read_bytes()[:-2000])
    with cutting(tools, "0", "0.2") as cutter, pytest.raises(InputRefused, match="cut off"):
        redact(source, tools=cutter)


def test_a_plan_for_another_part_does_not_pass(tmp_path: Path, tools: Tools) -> None:
    """Whoever moves the cut by hand moves it away from what was looked at."""
    pictures = [background(64, 48, n) for n in range(10)]
    source = film(tmp_path / "a.mp4", pictures, time_base=Fraction(1, 10))
    with cutting(tools, "0.2", "0.5") as cutter:
        plan = make_plan(source, tools=cutter)
    assert plan.media.cut is not None
    wider = plan.media.model_copy(update={"cut": Cut(start=0, end=plan.media.cut.end)})
    with pytest.raises(PlanMismatch, match="cut"):
        render(source, plan.model_copy(update={"media": wider}), tools=tools)


def test_a_film_with_one_keyframe_is_not_tried_for_long(tmp_path: Path) -> None:
    """The decoder would say nothing meanwhile, and its time is limited; it says so for frames that go by."""
    count = MOST_TRIED + 60
    pictures = [np.full((32, 32, 3), n % 200, np.uint8) for n in range(count)]
    source = film(tmp_path / "a.mp4", pictures, time_base=Fraction(1, 25), g="9999", sc_threshold="0")
    opened = open_film(source, Limits())
    cut = Clip(start=Decimal(MOST_TRIED + 40) / 25).cut(opened.info.time_base)
    frames = list(opened.frames(cut))
    assert [frame is None for frame in frames] == [n < MOST_TRIED + 40 for n in range(count)]


@pytest.mark.parametrize(
    ("times", "said"),
    [
        (["--from", "2", "--to", "1"], "--to"),
        (["--from", "1:75"], "--from: 1:75 is no time"),
        (["--from", "0:00"], "only of a film"),
    ],
)
def test_wrong_times_are_wrong_usage(times: list[str], said: str, tmp_path: Path) -> None:
    from PIL import Image

    Image.fromarray(background(64, 48)).save(tmp_path / "a.png")
    command = [sys.executable, "-c", "from kerchief.cli.main import main; main()", "redact", str(tmp_path / "a.png")]
    done = subprocess.run([*command, *times], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert [p.name for p in tmp_path.iterdir()] == ["a.png"]
