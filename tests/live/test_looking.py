"""Which frames are known, which are looked at next, and what stays in memory. Pure: no clock, no threads."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kerchief.find.motion import Camera
from kerchief.geometry import Box
from kerchief.live.covered import TIME_BASE
from kerchief.live.looking.camera import RENEWED, EndlessCamera
from kerchief.live.looking.waiting import Queue, Waiting, most_wanted, newest
from kerchief.live.looking.window import Window
from kerchief.ports import Detection, YuvFrame

UNITS, RATE = TIME_BASE[1], 15
SIZE = (320, 180)
#: Smooth noise, larger than the picture, over which a camera can move.
WORLD = np.kron(np.random.default_rng(5).integers(40, 220, (60, 200), np.uint8), np.ones((8, 8), np.uint8))


def frame(number: int, left: int = 0, world: np.ndarray = WORLD) -> YuvFrame:
    y = np.ascontiguousarray(world[40 : 40 + SIZE[1], left : left + SIZE[0]])
    colour = np.full((SIZE[1] // 2, SIZE[0] // 2), 128, np.uint8)
    return YuvFrame(round(number * UNITS / RATE), 1, (y, colour, colour))


def face(x: float, score: float = 0.9, y: float = 60) -> Detection:
    return Detection(Box(x, y, x + 30, y + 36), score)


def window(frames: int) -> Window:
    made = Window(SIZE)
    for number in range(frames):
        made.add(frame(number))
    return made


def test_a_frame_is_known_when_it_was_looked_at_or_lies_between_two_looks_that_agree() -> None:
    seen = window(9)
    assert not any(seen.is_known(n) for n in range(9))
    seen.looked(0, [face(100)])
    assert [n for n in range(9) if seen.is_known(n)] == [0]
    seen.looked(4, [face(102)])
    assert [n for n in range(9) if seen.is_known(n)] == [0, 1, 2, 3, 4]
    seen.looked(8, [face(104), face(200)])  # somebody came, surely
    assert [n for n in range(9) if seen.is_known(n)] == [0, 1, 2, 3, 4, 8]
    assert seen.doubtful() == [(4, 8)]
    seen.looked(6, [face(103), face(200)])
    assert [n for n in range(9) if not seen.is_known(n)] == [5]


def test_who_goes_behind_somebody_else_is_not_taken_for_him() -> None:
    """Both would go on to where one is seen."""
    seen = window(9)
    seen.looked(0, [face(40), face(260)])
    seen.looked(1, [face(54), face(246)])
    seen.looked(2, [face(68), face(232)])
    seen.looked(8, [face(150)])
    assert seen.is_known(1)
    assert not any(seen.is_known(n) for n in range(3, 8))


def test_one_head_that_is_seen_twice_needs_no_other_look() -> None:
    seen = window(5)
    seen.looked(0, [face(100), face(112)])
    seen.looked(4, [face(106)])
    assert all(seen.is_known(n) for n in range(5))


def test_looks_that_end_in_another_order_know_the_same() -> None:
    looks = {0: [face(100)], 4: [face(102)], 6: [face(103), face(200)], 8: [face(104), face(200)]}
    for order in ((0, 4, 6, 8), (8, 6, 4, 0), (4, 0, 8, 6)):
        seen = window(9)
        for number in order:
            seen.looked(number, looks[number])
        assert [n for n in range(9) if not seen.is_known(n)] == [5]


def test_nothing_between_two_shots_is_known_but_what_was_looked_at() -> None:
    seen = Window(SIZE)
    for number in range(4):
        seen.add(frame(number))
    for number in range(4, 8):
        seen.add(frame(number, world=255 - WORLD[::-1]))
    assert seen.is_cut(4)
    seen.looked(0, [])
    seen.looked(7, [])
    assert not any(seen.is_known(n) for n in range(1, 7))


def test_who_is_seen_is_covered_before_and_after_and_whoever_is_faint_too() -> None:
    seen = window(31)
    seen.looked(0, [])
    seen.looked(15, [face(100), face(200, 0.15)])
    seen.looked(30, [])
    covered = {n: sorted(round(r.x + r.width / 2) for r in seen.regions(n).values()) for n in range(31)}
    assert covered[15] == [115, 215]
    assert all(covered[n] == [115, 215] for n in range(15 - 9, 15 + 10))  # 0.6 s
    assert covered[2] == covered[28] == []


def test_what_is_seen_once_and_hardly_is_covered_however_large_it_is() -> None:
    seen = window(9)
    for number in (0, 4, 8):
        seen.looked(number, [Detection(Box(150, 20, 260, 150), 0.13)] if number == 4 else [])
    assert all(seen.is_known(n) and len(seen.regions(n)) == 1 for n in range(9))


@settings(max_examples=25)
@given(st.lists(st.integers(0, 59), min_size=1, max_size=60, unique=True), st.integers(0, 59))
def test_what_is_forgotten_changes_nothing_of_what_comes(order: list[int], left: int) -> None:
    """A window that forgets knows the same of frames that have not left as one that does not."""
    one, two = window(60), window(60)
    for number in sorted(order):
        # Surely seen at first, and then less and less.
        found = [face(100 + number / 4, max(0.13, 0.95 - number / 20))]
        one.looked(number, found)
        two.looked(number, found)
    for number in range(left + 1):
        two.forget(number)
    assert [one.is_known(n) for n in range(left, 60)] == [two.is_known(n) for n in range(left, 60)]
    for n in (n for n in range(left, 60) if one.is_known(n)):
        mine, theirs = list(one.regions(n).values()), list(two.regions(n).values())
        assert mine == theirs


def test_motion_is_the_same_as_a_camera_s_that_forgets_nothing() -> None:
    path, camera = EndlessCamera(50), Camera()
    for number in range(RENEWED + 200):
        seen = frame(number, left=round(200 + 150 * np.sin(number / 40)))
        path.see(seen)
        camera.see(seen)
    view = path.newest(50)
    assert len(view.at) == len(view.shot) == 50
    moved = np.array(view.at) - view.at[0]
    assert moved == pytest.approx(np.array(camera.at[-50:]) - camera.at[-50], abs=1e-3)
    assert len(path._camera.at) <= RENEWED + 1


def queue(frames: int, seen: Window | None = None) -> Queue:
    seen = seen or window(frames)
    made = Queue()
    for number in range(frames):
        shown = frame(number)
        made.add(Waiting(shown, shown, shown.pts, number / RATE, seen, number))
    return made


def wants(waiting: Queue, latest: float = -1.0) -> int | None:
    wanted = most_wanted(waiting, latest)
    return wanted.number if wanted else None


def test_looks_are_a_step_apart_and_between_those_that_disagree() -> None:
    seen = window(9)
    waiting = queue(9, seen)
    frames = list(waiting)
    assert wants(waiting) == 0
    frames[0].is_running = True
    assert wants(waiting) == 4  # 0.27 s
    frames[4].is_running = True
    assert wants(waiting) == 8
    for number, found in ((0, []), (4, [face(100)])):
        frames[number].is_running = False
        seen.looked(number, found)
    assert wants(waiting) == 2  # older than what the next step would help
    frames[2].is_running = True
    assert wants(waiting) == 8


def test_what_can_not_be_saved_any_more_is_not_looked_at() -> None:
    seen = window(9)
    waiting = queue(9, seen)
    seen.looked(0, [])
    seen.looked(4, [face(100)])
    assert wants(waiting, latest=2.5 / RATE) == 3  # of 1, 2 and 3 the last is left
    assert wants(waiting, latest=3.5 / RATE) == 8


def test_the_last_frame_before_a_break_is_looked_at() -> None:
    seen = window(6)
    waiting = queue(6, seen)
    waiting.add(Waiting(None, None, 7 * UNITS // RATE, 6 / RATE))
    seen.looked(0, [])
    seen.looked(4, [])
    assert wants(waiting) == 5


def test_without_a_delay_the_newest_frame_is_looked_at() -> None:
    waiting = queue(5)
    assert newest(waiting) is list(waiting)[4]
    list(waiting)[4].is_running = True
    assert newest(waiting) is None


def test_who_was_sure_once_stays_covered_while_they_are_seen_at_all() -> None:
    """A large head is believed where it is sure; later looks only carry it on, however long that takes."""
    large = Box(100, 20, 180, 140)
    seen = Window(SIZE)
    for number in range(120):
        seen.add(frame(number))
        if number % 4 == 0:
            seen.looked(number, [Detection(large, 0.95 if number < 10 else 0.2)])
            for known in range(max(0, number - 3), number + 1):
                assert seen.regions(known), f"bare in frame {known}"
            seen.forget(number)


def test_looks_that_are_far_apart_say_nothing_of_what_lies_between() -> None:
    seen = window(31)
    seen.looked(0, [])
    seen.looked(30, [])
    assert not any(seen.is_known(n) for n in range(1, 30))
    assert seen.doubtful() == [(0, 30)]
    seen.looked(8, [])
    assert all(seen.is_known(n) for n in range(9))


def test_as_many_frames_may_wait_as_there_are() -> None:
    seen = Window(SIZE)
    for number in range(700):
        seen.add(frame(number))
        if number > 300:
            seen.forget(number - 300)
        if number % 4 == 0:
            seen.looked(number, [face(100)])
    assert seen.is_known(650)
    assert seen.regions(650)
