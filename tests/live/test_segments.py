"""Segments: each is verified before it has its name, what still shows in it is covered, and nothing else is left."""

from __future__ import annotations

import errno
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from threading import Event as Flag
from threading import Timer

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numbered import FORM, STEP, Got, covered, number_in
from scenes import scene

from kerchief import Tools
from kerchief.choices import Margin
from kerchief.cover.mask import film_mask
from kerchief.errors import OutputError, UsageError
from kerchief.live.covered import Covered, Form
from kerchief.live.events import Event
from kerchief.live.painter import Painter
from kerchief.live.sinks.segments import prover as prover_module
from kerchief.live.sinks.segments import segments as segments_module
from kerchief.live.sinks.segments.footage import Footage
from kerchief.live.sinks.segments.moments import Moment, plan_of
from kerchief.live.sinks.segments.prover import Prover
from kerchief.live.sinks.segments.proving import Proof
from kerchief.live.sinks.segments.segments import Segments
from kerchief.media.films.picture import PictureTrack
from kerchief.metadata import inspect
from kerchief.pipeline import plan_source
from kerchief.plan.model import Region, Shape, Style, StyleName
from kerchief.plan.query import covered_at, regions_at
from kerchief.ports import MediaInfo, MediaKind, YuvFrame
from kerchief.settings import Settings
from kerchief.store import publish as publish_module

#: Large enough that a face is sure.
LARGE = Form(320, 240, FORM.rate, FORM.colour)
FACE, _ = scene(LARGE.width, LARGE.height, [(110, 50, 90)])
PATIENCE = 60.0

Filming = Callable[..., Segments]


@pytest.fixture
def events() -> list[Event]:
    return []


@pytest.fixture
def filming(tools: Tools, tmp_path: Path, events: list[Event]) -> Iterator[Filming]:
    """Opens segments in a folder; they are closed in any case."""
    made: list[Segments] = []

    def film(form: Form = FORM, seconds: float = 60, with_tools: Tools = tools) -> Segments:
        made.append(Segments(tmp_path / "out", with_tools, events.append, seconds))
        made[-1].open(form)
        return made[-1]

    yield film
    for one in made:
        one.finish()


def files(folder: Path) -> list[Path]:
    return sorted(folder.iterdir())


def shown(path: Path, height: int) -> Got:
    import av

    got = Got()
    with av.open(str(path)) as container:
        for frame in container.decode(video=0):
            got.numbers.append(number_in(frame.to_ndarray()[:height]))
            got.times.append(float(frame.time))
    return got


class Held:
    """The look at segments, which waits until it may go on."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.may_go, self.at_it = Flag(), Flag()
        self._proven = prover_module.proven
        monkeypatch.setattr(prover_module, "proven", self)

    def __call__(self, footage: Footage, tools: Tools) -> AbstractContextManager[Proof]:
        self.at_it.set()
        assert self.may_go.wait(PATIENCE)
        return self._proven(footage, tools)


def must_be_safe(path: Path, tools: Tools) -> None:
    """A first look at it, by other scales than those of the look that let it through, finds nobody either."""
    plan = plan_source(tools.open(path), tools)
    assert [track for track in plan.tracks if (track.score or 0) >= 0.5] == []


def test_segments_follow_on_one_another(filming: Filming, events: list[Event], tmp_path: Path) -> None:
    began = datetime.now(UTC).replace(microsecond=0)
    segments = filming(seconds=1.0)
    for number in range(40):
        segments.send(covered(number))
    segments.finish()
    ended = datetime.now(UTC)
    published = [tmp_path / "out" / str(event.values["file"]) for event in events]
    assert sorted(published) == files(tmp_path / "out")
    parts = [shown(path, FORM.height) for path in published]
    assert [part.numbers for part in parts] == [list(range(15)), list(range(15, 30)), list(range(30, 40))]
    for part in parts:
        assert part.times == pytest.approx([n / 15 for n in range(len(part.numbers))])
    # Three in one second: no name is taken twice.
    for path in published:
        assert re.fullmatch(r"\d{8}-\d{6}Z(-\d+)?\.mp4", path.name)
        told = datetime.strptime(path.name[:15], "%Y%m%d-%H%M%S").replace(tzinfo=UTC)
        assert began <= told <= ended
        assert told.timestamp() < path.stat().st_mtime < told.timestamp() + 3
        assert path.stat().st_mode & 0o777 == 0o644
        assert inspect(path.read_bytes()) == ()
    assert [event.name for event in events] == ["segment"] * 3
    assert events[2].values == {
        "file": published[2].name,
        "seconds": round(10 / 15, 3),
        "frames": 10,
        "covered": 0,
        "veiled_frames": 0,
        "rounds": 1,
    }


def test_frames_that_were_left_out_leave_the_others_at_their_times(filming: Filming, tmp_path: Path) -> None:
    segments = filming()
    numbers = [0, 1, 2, 7, 8, 20, 21]
    for number in numbers:
        segments.send(covered(number))
    segments.finish()
    (path,) = files(tmp_path / "out")
    got = shown(path, FORM.height)
    assert got.numbers == numbers
    assert got.times == pytest.approx([n / 15 for n in numbers])


def test_a_face_that_was_left_bare_is_covered(
    filming: Filming, events: list[Event], tmp_path: Path, tools: Tools
) -> None:
    segments = filming(LARGE)
    for number in range(20):
        segments.send(covered(number, picture=FACE))
    segments.finish()
    (path,) = files(tmp_path / "out")
    assert shown(path, LARGE.height).numbers == list(range(20))
    must_be_safe(path, tools)
    (event,) = events
    assert event.values["covered"] == 1
    assert event.values["rounds"] == 2
    assert event.values["veiled_frames"] == 0
    assert inspect(path.read_bytes()) == ()


def test_where_a_face_still_shows_after_the_last_round_frames_are_veiled(
    filming: Filming, events: list[Event], tmp_path: Path
) -> None:
    """With one round there is no time to cover it: what was filmed is looked at once."""
    empty, _ = scene(LARGE.width, LARGE.height)
    with Tools(Settings(rounds=1)) as tools:
        segments = filming(LARGE, with_tools=tools)
        for number in range(60):
            segments.send(covered(number, picture=FACE if number < 20 else empty))
        segments.finish()
        (path,) = files(tmp_path / "out")
        must_be_safe(path, tools)
    got = shown(path, LARGE.height)
    assert len(got.numbers) == 60
    assert got.numbers[-20:] == list(range(40, 60))  # no more than needed
    assert [event.name for event in events] == ["segment", "segment veiled"]
    assert 20 <= events[0].values["veiled_frames"] <= 40  # type: ignore[operator]
    assert events[1].values == {"file": path.name, "frames": events[0].values["veiled_frames"]}


def test_what_is_covered_is_no_face(filming: Filming, events: list[Event], tools: Tools) -> None:
    """What the stream covers is the plan that a segment is held against: a network may see a face in a veil."""
    segments = filming(LARGE)
    whole = Region(x=-100.0, y=-100.0, width=520.0, height=440.0)
    for number in range(10):
        segments.send(covered(number, {"face-1": whole}, FACE))
    segments.finish()
    assert events[0].values["covered"] == 0
    assert events[0].values["rounds"] == 1


def test_a_veiled_frame_counts_as_covered(filming: Filming, events: list[Event]) -> None:
    segments = filming(LARGE)
    for number in range(10):
        frame = covered(number, picture=FACE).frame
        segments.send(Covered(frame, {}, is_veiled=True))
    segments.finish()
    assert (events[0].values["covered"], events[0].values["veiled_frames"]) == (0, 10)


def test_a_segment_has_no_name_before_it_is_verified(
    filming: Filming, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = Held(monkeypatch)
    segments = filming(seconds=1.0)
    for number in range(20):
        segments.send(covered(number))
    assert held.at_it.wait(PATIENCE)
    assert len(files(tmp_path / "out")) == 2
    for path in files(tmp_path / "out"):
        assert re.fullmatch(r"\.kerchief-.*\.part", path.name)
        assert path.stat().st_mode & 0o777 == 0o600
    held.may_go.set()
    segments.finish()
    assert [path.suffix for path in files(tmp_path / "out")] == [".mp4", ".mp4"]


def test_a_kill_leaves_drafts_alone_and_the_next_run_sweeps_them(tmp_path: Path, filming: Filming) -> None:
    program = (
        "import sys, time\n"
        "from pathlib import Path\n"
        "from numbered import FORM, covered\n"
        "from kerchief import Tools\n"
        "from kerchief.live.sinks.segments import prover\n"
        "from kerchief.live.sinks.segments.segments import Segments\n"
        "prover.proven = lambda *_: time.sleep(60)\n"
        "with Tools() as tools:\n"
        "    segments = Segments(Path(sys.argv[1]), tools, print, 1.0)\n"
        "    segments.open(FORM)\n"
        "    for number in range(20):\n"
        "        segments.send(covered(number))\n"
        "    print('now', flush=True)\n"
        "    time.sleep(60)\n"
    )
    env = os.environ | {"PYTHONPATH": ":".join(path for path in sys.path if path)}
    command = [sys.executable, "-c", program, str(tmp_path / "out")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=env) as run:
        assert run.stdout is not None
        assert run.stdout.readline() == b"now\n"
        run.send_signal(signal.SIGKILL)
    time.sleep(0.2)
    left = files(tmp_path / "out")
    assert len(left) == 2
    assert all(path.name.endswith(".part") for path in left)
    segments = filming()
    segments.send(covered(0))
    segments.finish()
    (path,) = files(tmp_path / "out")
    assert path.suffix == ".mp4"


def test_a_full_disk_costs_one_segment(filming: Filming, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    segments = filming()
    segments.send(covered(0))

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(PictureTrack, "write", full)
        with pytest.raises(OutputError, match="no space"):
            segments.send(covered(1))
        assert files(tmp_path / "out") == []
        segments.close()
    segments.open(FORM)
    segments.send(covered(2))
    segments.finish()
    (path,) = files(tmp_path / "out")
    assert shown(path, FORM.height).numbers == [2]


def test_after_a_failure_it_films_on_while_segments_wait(
    filming: Filming, tmp_path: Path, events: list[Event], monkeypatch: pytest.MonkeyPatch
) -> None:
    held = Held(monkeypatch)
    segments = filming(seconds=1.0)
    for number in range(16):
        segments.send(covered(number))
    assert held.at_it.wait(PATIENCE)
    letting_go = Timer(3.0, held.may_go.set)
    letting_go.start()
    segments.close()
    segments.open(FORM)
    for number in range(100, 110):
        segments.send(covered(number))
    assert not held.may_go.is_set()
    assert events == []
    letting_go.cancel()
    held.may_go.set()
    segments.finish()
    parts = [shown(tmp_path / "out" / str(event.values["file"]), FORM.height).numbers for event in events]
    assert parts == [list(range(15)), [15], list(range(100, 110))]


def test_a_segment_ends_by_the_clock_where_nothing_comes(
    filming: Filming, tmp_path: Path, events: list[Event], monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 1000.0
    monkeypatch.setattr(segments_module, "monotonic", lambda: now)
    segments = filming(seconds=10)
    segments.idle()
    for number in range(15):
        segments.send(covered(number))
    now += 9.9
    segments.idle()
    segments.send(covered(15))
    assert len(files(tmp_path / "out")) == 1
    now += 0.1
    segments.idle()
    until = time.monotonic() + PATIENCE
    while not events and time.monotonic() < until:
        time.sleep(0.05)
    segments.idle()
    (path,) = files(tmp_path / "out")
    assert shown(path, FORM.height).numbers == list(range(16))
    segments.send(covered(30))
    segments.finish()
    assert [event.name for event in events] == ["segment", "segment"]


def test_it_says_once_that_it_is_behind(filming: Filming, events: list[Event], monkeypatch: pytest.MonkeyPatch) -> None:
    held = Held(monkeypatch)
    monkeypatch.setattr(prover_module, "MOST_WAITING", 4)
    segments = filming(seconds=0.1)
    for number in range(0, 10, 2):
        segments.send(covered(number))
        if number == 2:
            assert held.at_it.wait(PATIENCE)
    assert [(event.name, event.values) for event in events] == [("segments behind", {"waiting": 2})]
    assert "2 segments wait to be verified" in events[0].says
    held.may_go.set()
    segments.finish()
    assert [event.name for event in events] == ["segments behind", *["segment"] * 5]


def test_a_segment_is_named_by_its_first_frame_though_others_hold_it_up(
    filming: Filming, events: list[Event], monkeypatch: pytest.MonkeyPatch
) -> None:
    give = Prover.give

    def slow(self: Prover, footage: Footage) -> None:
        time.sleep(1.1)
        give(self, footage)

    monkeypatch.setattr(Prover, "give", slow)
    segments = filming(seconds=1.0)
    segments.send(covered(0))
    came = datetime.now(UTC)
    segments.send(covered(15))
    segments.finish()
    name = str(events[1].values["file"])
    named = datetime.strptime(name[:15], "%Y%m%d-%H%M%S").replace(tzinfo=UTC)
    assert named <= came


def test_a_segment_bears_its_time_from_the_first_moment(
    filming: Filming, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever removes what is old must not find fresh footage of the year 2000, also after a kill."""
    times: list[float] = []

    def seen(folder: Path) -> None:
        times.extend(path.stat().st_mtime for path in folder.glob("*Z.mp4"))

    monkeypatch.setattr(publish_module, "sync_folder", seen)
    segments = filming()
    for number in range(15):
        segments.send(covered(number))
    segments.finish()
    assert times == pytest.approx([time.time()], abs=PATIENCE)


def test_a_disk_that_is_full_at_the_end_is_told(
    filming: Filming, tmp_path: Path, events: list[Event], monkeypatch: pytest.MonkeyPatch
) -> None:
    segments = filming()
    segments.send(covered(0))

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(PictureTrack, "finish", full)
    segments.finish()
    assert files(tmp_path / "out") == []
    assert [event.name for event in events] == ["segment lost"]


def test_a_segment_that_cannot_be_read_back_is_lost_and_the_next_is_not(
    filming: Filming, tmp_path: Path, events: list[Event], monkeypatch: pytest.MonkeyPatch
) -> None:
    proven = prover_module.proven

    def spoiled(footage: object, tools: Tools) -> object:
        monkeypatch.setattr(prover_module, "proven", proven)
        path = footage.path  # type: ignore[attr-defined]
        path.write_bytes(path.read_bytes()[:-200])
        return proven(footage, tools)  # type: ignore[arg-type]

    monkeypatch.setattr(prover_module, "proven", spoiled)
    segments = filming(seconds=1.0)
    for number in range(20):
        segments.send(covered(number))
    segments.finish()
    assert [event.name for event in events] == ["segment lost", "segment"]
    (path,) = files(tmp_path / "out")
    assert shown(path, FORM.height).numbers == list(range(15, 20))


def test_nothing_is_overwritten(filming: Filming, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Standing(datetime):
        @classmethod
        def now(cls, tz: object = None) -> datetime:
            return datetime(2026, 11, 26, 6, 15, 30, tzinfo=UTC)

    monkeypatch.setattr(segments_module, "datetime", Standing)
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "20261126-061530Z.mp4").write_bytes(b"somebody else's")
    for _ in range(2):
        segments = filming()
        segments.send(covered(0))
        segments.finish()
    names = ["20261126-061530Z-2.mp4", "20261126-061530Z-3.mp4", "20261126-061530Z.mp4"]
    assert [path.name for path in files(tmp_path / "out")] == names
    assert (tmp_path / "out" / names[2]).read_bytes() == b"somebody else's"


@pytest.mark.parametrize("has_links", [True, False])
def test_a_name_that_the_disk_does_not_vouch_for_is_taken_back_and_is_the_last_one(
    has_links: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder that can be written to and not read (mode 0300) fails after each name that was given in it."""
    asked: list[Path] = []

    def fails(folder: Path) -> None:
        asked.append(folder)
        assert len(asked) < 10
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    def has_none(*_: object) -> None:
        raise OSError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(publish_module, "sync_folder", fails)
    if not has_links:
        monkeypatch.setattr(Path, "hardlink_to", has_none)
    (tmp_path / "20261126-061530Z.mp4").write_bytes(b"somebody else's")
    with publish_module.draft(tmp_path, ".mp4") as path:
        path.write_bytes(b"a segment")
        with pytest.raises(OutputError, match="can't be written"):
            prover_module._published(path, tmp_path, datetime(2026, 11, 26, 6, 15, 30, tzinfo=UTC), 60.0)
    assert [path.name for path in files(tmp_path)] == ["20261126-061530Z.mp4"]


def test_a_file_is_no_folder(tools: Tools, tmp_path: Path) -> None:
    (tmp_path / "a").touch()
    with pytest.raises(UsageError, match="no folder"):
        Segments(tmp_path / "a", tools, print).open(FORM)


def test_where_no_frame_came_there_is_no_segment(filming: Filming, tmp_path: Path, events: list[Event]) -> None:
    segments = filming()
    segments.finish()
    segments.finish()
    assert files(tmp_path / "out") == []
    assert events == []


INFO = MediaInfo(
    format="film",
    kind=MediaKind.VIDEO,
    width=320,
    height=240,
    frames=8,
    time_base=(1, 90_000),
    orientation=1,
    loops=None,
    sha256="0" * 64,
    size_bytes=1,
    has_alpha=False,
    bits=8,
)


@given(
    st.lists(
        st.tuples(st.dictionaries(st.sampled_from("abc"), st.integers(0, 300), max_size=3), st.booleans()),
        min_size=1,
        max_size=8,
    )
)
def test_a_segments_plan_covers_at_each_frame_what_is_covered_there(frames: list[tuple[dict[str, int], bool]]) -> None:
    """No more, or a face that shows would be taken for covered; and nothing between frames that lie apart."""
    moments = [
        Moment(n * STEP, {name: Region(x=x, y=0, width=20, height=20) for name, x in at.items()}, is_veiled)
        for n, (at, is_veiled) in enumerate(frames)
    ]
    plan = plan_of(moments, len(moments) * STEP, INFO, Settings())
    for moment in moments:
        here = list(covered_at(plan, moment.pts).values())
        if moment.is_veiled:
            (veil,) = here
            assert (veil.x, veil.y, veil.width, veil.height) == (0, 0, 320, 240)
        else:
            assert sorted(here, key=repr) == sorted(moment.regions.values(), key=repr)


@pytest.mark.parametrize("margin", list(Margin))
@pytest.mark.parametrize("style", list(StyleName))
def test_the_mask_that_a_segment_is_held_against_is_the_painted_one(style: StyleName, margin: Margin) -> None:
    """Larger, and a face that shows would be taken for covered; smaller, and what is covered for a face that shows."""
    form = Form(322, 242, FORM.rate, FORM.colour)
    info = replace(INFO, width=form.width, height=form.height)
    settings = Settings(style=Style(name=style), margin=margin)
    painter, random = Painter(form, settings, 0.1), np.random.default_rng(1)
    filmed: list[tuple[YuvFrame, Covered]] = []
    for number in range(5):
        sizes = ((242, 322), (121, 161), (121, 161))
        y, u, v = (random.integers(0, 255, size, dtype=np.uint8) for size in sizes)
        frame = YuvFrame(number * STEP, STEP, (y, u, v))
        heads = {
            f"head-{k}": Region(
                shape=list(Shape)[k % 2], x=-20.0 + 70 * k + 3 * number, y=30.0, width=50.0, height=70.0
            )
            for k in range(4)
        }
        filmed.append((frame, painter.veiled(frame.pts) if number == 3 else painter.covered(frame, heads)))
    moments = [Moment(frame.pts, sent.regions, sent.is_veiled) for frame, sent in filmed]
    plan = plan_of(moments, 5 * STEP, info, settings)
    for frame, sent in filmed:
        regions = regions_at(plan, frame.pts)
        mask = film_mask(regions, info.width, info.height, plan.media.grid(info.width, info.height), plan.margin)
        is_painted = frame.planes[0] != sent.frame.planes[0]
        assert not is_painted[~mask].any()
        assert is_painted[mask].mean() > 0.97  # by chance some have the same number before and after
        assert mask.all() == sent.is_veiled
