"""A film's frames in any order are those that reading from the start gives."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from films import Extras, film, shown
from hypothesis import given
from hypothesis import strategies as st
from scenes import background

from kerchief.errors import InputRefused
from kerchief.media.films import visits
from kerchief.media.films.film import open_film
from kerchief.media.limits import Limits
from kerchief.ports import YuvFrame
from kerchief.sandbox.decoder import Decoder
from kerchief.studio.pictures import reel as reels
from kerchief.studio.pictures.reel import Reel, Reels

COUNT = 60
STEPS = np.random.default_rng(1).integers(1, 9, COUNT - 1) * 3
UNEVEN = [int(t) for t in np.concatenate([[0], np.cumsum(STEPS)])]
OPEN = "open-gop=1:bframes=3:b-adapt=0:b-pyramid=normal"
#: container, encoder and its options; whether it is of uneven times; its size; what else is in the file.
FILMS = {
    "b-frames": ("a.mp4", "libx264", {"bf": "3", "preset": "medium"}, True, (96, 64), Extras()),
    "open": ("a.mp4", "libx264", {"preset": "medium", "x264-params": OPEN}, True, (96, 64), Extras()),
    "hevc": ("a.mp4", "libx265", {"x265-params": "log-level=none:keyint=12:bframes=3"}, True, (96, 64), Extras()),
    "no whole keyframes": ("a.mp4", "libx264", {"x264-params": "intra-refresh=1"}, True, (96, 64), Extras()),
    "turned": ("a.mov", "libx264", {"bf": "2"}, True, (96, 64), Extras(degrees=90)),
    "odd": ("a.mp4", "libx264", {"bf": "2"}, True, (95, 63), Extras()),
    "mkv": ("a.mkv", "libx264", {"bf": "3", "preset": "medium"}, True, (96, 64), Extras()),
    "webm": ("a.webm", "libvpx", {}, True, (96, 64), Extras()),
    "avi": ("a.avi", "mpeg4", {"bf": "2"}, False, (96, 64), Extras()),
    "mpeg": ("a.mpg", "mpeg2video", {"bf": "2"}, False, (96, 64), Extras()),
    "interlaced": ("a.mp4", "libx264", {"x264-params": "bff=1"}, False, (96, 64), Extras()),
}


def made(folder: Path, name: str = "b-frames", seed: int = 0) -> Path:
    path, codec, options, is_uneven, size, extras = FILMS[name]
    pictures = [background(*size, seed + n) for n in range(COUNT)]
    if is_uneven:
        return film(folder / path, pictures, UNEVEN, Fraction(1, 600), 24, codec, extras, g="12", **options)
    return film(folder / path, pictures, time_base=Fraction(1, 25), codec=codec, extras=extras, g="12", **options)


@contextmanager
def opened(path: Path) -> Iterator[Reel]:
    decoder = Decoder()
    reel = Reel(path, decoder.open(path)[0], decoder)
    try:
        yield reel
    finally:
        reel.close()


def straight(path: Path) -> list[YuvFrame]:
    with Decoder() as decoder:
        return [frame for frame in decoder.open(path)[2] if isinstance(frame, YuvFrame)]


def is_same(one: YuvFrame, two: YuvFrame) -> bool:
    times = (one.pts, one.duration) == (two.pts, two.duration)
    return times and all(np.array_equal(a, b) for a, b in zip(one.planes, two.planes, strict=True))


def shown_at(whole: list[YuvFrame], pts: int) -> YuvFrame:
    return next((frame for frame in reversed(whole) if frame.pts <= pts), whole[0])


@pytest.mark.parametrize("name", FILMS)
def test_in_any_order_the_frames_are_those_of_a_straight_read(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Jumps, steps forward and steps back, more of them than the reel keeps frames."""
    path = made(tmp_path, name)
    whole = straight(path)
    assert len(whole) == COUNT
    first = shown(path)[0].pts
    assert [frame.pts for frame in whole] == [frame.pts - first for frame in shown(path)]
    monkeypatch.setattr(reels, "MOST_BYTES", 8 * whole[0].planes[0].nbytes)
    monkeypatch.setattr(reels, "BEHIND", 5)
    length = whole[-1].pts + whole[-1].duration
    random = np.random.default_rng(2)
    with opened(path) as reel:
        for _ in range(25):
            pts = int(random.integers(-5, length + 40))
            way = int(random.integers(-1, 2))
            for _ in range(int(random.integers(1, 9))):
                frame = reel.frame_at(pts)
                assert is_same(frame, shown_at(whole, pts)), pts
                pts = frame.pts + frame.duration if way > 0 else frame.pts - 1 if way < 0 else pts


@pytest.fixture(scope="module")
def a_film(tmp_path_factory: pytest.TempPathFactory) -> tuple[visits.Visits, list[YuvFrame]]:
    path = made(tmp_path_factory.mktemp("film"), "open")
    return open_film(path, Limits()).visits, straight(path)


@given(st.lists(st.tuples(st.integers(0, 1000), st.integers(0, 300), st.integers(0, 9), st.integers(0, 9)), min_size=1))
def test_a_visit_gives_what_was_asked_for(
    a_film: tuple[visits.Visits, list[YuvFrame]], asked: list[tuple[int, int, int, int]]
) -> None:
    """The frame at the time; before it those that are not gone by ``since``, the nearest; after it the next."""
    visiting, whole = a_film
    for at, back, before, after in asked:
        place = whole.index(shown_at(whole, at))
        since = max(0, at - back)
        reach = [n for n in range(place) if whole[n].pts + whole[n].duration > since]
        first = max(place - before, min(reach, default=place))
        expected = whole[first : place + 1 + after]
        seen = [frame for frame in visiting.visit(at, since, before, after) if frame is not None]
        assert len(seen) == len(expected)
        assert all(is_same(a, b) for a, b in zip(seen, expected, strict=True))


@pytest.mark.parametrize(("name", "is_near"), [("b-frames", True), ("webm", True), ("avi", False), ("mkv", True)])
def test_decoding_starts_near_where_that_is_safe(name: str, is_near: bool, tmp_path: Path) -> None:
    """What goes by is said, one by one, so that the parent knows that the child is at work."""
    visiting = open_film(made(tmp_path, name), Limits()).visits
    at, following = (frame.pts for frame in straight(tmp_path / FILMS[name][0])[50:52])
    passed = [frame for frame in visiting.visit(at, at, 0, 0) if frame is None]
    assert len(passed) <= 12 if is_near else len(passed) == 50
    assert len(list(visiting.visit(following, following, 0, 0))) <= 2


def test_damage_before_the_time_is_told_and_the_rest_is_seen(tmp_path: Path) -> None:
    path = film(tmp_path / "a.mp4", [background(160, 120, n) for n in range(COUNT)], g="10")
    whole = straight(path)
    with av.open(str(path)) as container:
        places = [(p.pos, p.size, p.is_keyframe) for p in container.demux(video=0) if p.size]
    data = bytearray(path.read_bytes())
    start, size, _ = places[33]
    for at in range(start + 8, start + size):
        data[at] ^= 0x5A
    path.write_bytes(data)
    with opened(path) as reel:
        assert is_same(reel.frame_at(whole[31].pts), whole[31])
        assert is_same(reel.frame_at(whole[45].pts), whole[45])
        with pytest.raises(InputRefused, match="damaged"):
            reel.frame_at(whole[35].pts)
        assert is_same(reel.frame_at(whole[5].pts), whole[5])


def test_a_film_that_changes_is_refused(tmp_path: Path) -> None:
    path = made(tmp_path)
    with opened(path) as reel:
        reel.frame_at(0)
        made(tmp_path, seed=100)
        for _ in range(2):
            with pytest.raises(InputRefused, match="changed"):
                reel.frame_at(500)


def test_where_the_process_dies_the_next_frame_comes_from_a_new_one(tmp_path: Path) -> None:
    path = made(tmp_path)
    whole = straight(path)
    with opened(path) as reel:
        reel.frame_at(0)
        child = reel._decoder._child
        assert child is not None
        child.kill()
        child.wait()
        assert is_same(reel.frame_at(400), shown_at(whole, 400))
        child = reel._decoder._child
        assert child is not None
        child.kill()
        child.wait()
        made(tmp_path, seed=100)
        with pytest.raises(InputRefused, match="changed"):
            reel.frame_at(900)


def test_many_may_ask_at_once(tmp_path: Path) -> None:
    path = made(tmp_path)
    whole = straight(path)
    times = [int(t) for t in np.random.default_rng(3).integers(0, 900, 80)]
    with opened(path) as reel, ThreadPoolExecutor(6) as pool:
        for pts, frame in zip(times, pool.map(reel.frame_at, times), strict=True):
            assert is_same(frame, shown_at(whole, pts))


def test_only_so_many_films_are_held_open(tmp_path: Path) -> None:
    held = Reels(2)
    made_ = []
    for number in range(3):
        folder = tmp_path / str(number)
        folder.mkdir()
        path = film(folder / "a.mp4", [background(64, 48)] * 3)
        decoder = Decoder()
        made_.append(Reel(path, decoder.open(path)[0], decoder))
        held.put((path, "look"), made_[-1])
        if number == 1:
            assert held.find((tmp_path / "0/a.mp4", "look")) is made_[0]
    assert [reel.is_closed for reel in made_] == [False, True, False]
    with pytest.raises(InputRefused):
        made_[1].frame_at(0)
    assert held.find((tmp_path / "1/a.mp4", "look")) is None
    held.close()
    assert all(reel.is_closed for reel in made_)
