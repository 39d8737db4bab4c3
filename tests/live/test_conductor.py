"""Whatever looks do, late, failing or wrong in order: what was not looked at in time never leaves to be seen.

The thing to be hidden is a white square, which a made look finds where it truly is. Real time passes here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from threading import Event as Flag
from threading import Thread
from time import monotonic, sleep

import numpy as np
import pytest

from kerchief.choices import Late
from kerchief.geometry import Box
from kerchief.live.conductor import Conductor, Timing
from kerchief.live.covered import TIME_BASE, Covered, Form
from kerchief.live.events import Event
from kerchief.live.source.feed import Filmed
from kerchief.ports import Detection, YuvFrame
from kerchief.settings import Settings

WIDTH, HEIGHT, SIDE, RATE = 320, 180, 24, 30
FORM = Form(WIDTH, HEIGHT, Fraction(RATE))
UNITS = TIME_BASE[1]


def place(number: int) -> Box:
    """Where the square is in a frame: it walks, and turns round at the border."""
    across = WIDTH - SIDE - 20
    x = number * 5 % (2 * across)
    x = 10 + (x if x < across else 2 * across - x)
    return Box(x, 60, x + SIDE, 60 + SIDE)


def picture(number: int, *, is_there: bool = True, scale: int = 1) -> YuvFrame:
    """Dark noise, and in it the square."""
    random = np.random.default_rng(3)
    y = random.integers(40, 90, (HEIGHT, WIDTH), np.uint8)
    if is_there:
        y[place(number).pixels(WIDTH, HEIGHT)] = 250
    colour = np.full((HEIGHT // 2, WIDTH // 2), 128, np.uint8)
    planes = (y[::scale, ::scale], colour[::scale, ::scale], colour[::scale, ::scale])
    return YuvFrame(0, 1, tuple(np.ascontiguousarray(plane) for plane in planes))  # type: ignore[arg-type]


def truth(frame: YuvFrame) -> list[Detection]:
    """The square, found by how bright it is."""
    bright = frame.planes[0] > 200
    if not bright.any():
        return []
    rows, columns = np.flatnonzero(bright.any(1)), np.flatnonzero(bright.any(0))
    return [Detection(Box(columns[0], rows[0], columns[-1] + 1, rows[-1] + 1), 0.9)]


def bare(covered: Covered) -> bool:
    """Whether any of the square can be seen."""
    return bool((covered.frame.planes[0] > 200).any())


@dataclass
class Stage:
    """A conductor at work, and what left it."""

    timing: Timing
    look: Callable[[YuvFrame], list[Detection]] = truth
    lookers: int = 2
    left: list[Covered] = field(default_factory=list)
    when: list[float] = field(default_factory=list)
    came: dict[int, float] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)

    def __enter__(self) -> Stage:
        self.conductor = Conductor(
            FORM, self.timing, Settings(), self.look, self.lookers, self._send, self.events.append
        )
        self._thread = Thread(target=self.conductor.run)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.conductor.stop()
        self._thread.join(20)
        assert not self._thread.is_alive()

    def _send(self, covered: Covered) -> None:
        self.left.append(covered)
        self.when.append(monotonic())

    def play(self, numbers: Iterator[int] | range, frame: Callable[[int], YuvFrame | None] = picture) -> None:
        """Give frames as they would be filmed."""
        began = monotonic()
        for count, number in enumerate(numbers):
            sleep(max(0.0, began + count / RATE - monotonic()))
            pts = round(number * UNITS / RATE)
            self.came[pts] = monotonic()
            self.conductor.give(Filmed(pts, self.came[pts], frame(number), follows=number > 0))


def stalling(seconds: float, every: int) -> Callable[[YuvFrame], list[Detection]]:
    count = iter(range(1_000_000))

    def look(frame: YuvFrame) -> list[Detection]:
        sleep(seconds if next(count) % every == every - 1 else 0.01)
        return truth(frame)

    return look


def failing(frame: YuvFrame) -> list[Detection]:
    raise MemoryError


def blind(frame: YuvFrame) -> list[Detection]:
    Flag().wait(1.5)
    return truth(frame)


LOOKS = {"quick": truth, "slow": stalling(0.08, 1), "stalls": stalling(0.5, 5), "fails": failing, "late": blind}
#: How much longer than it may a frame takes on a machine that does other things too.
SLACK = 0.25


@pytest.mark.parametrize(
    ("name", "delay", "late"),
    [*((name, delay, Late.VEIL) for name in LOOKS for delay in (0.0, 0.3)), ("stalls", 0.3, Late.DROP)],
)
def test_what_was_not_looked_at_in_time_is_never_seen(name: str, delay: float, late: Late) -> None:
    with Stage(Timing(delay, late), LOOKS[name]) as stage:
        stage.play(range(32))
    assert not any(bare(covered) for covered in stage.left)
    assert [c.frame.pts for c in stage.left] == sorted({c.frame.pts for c in stage.left})
    seen = sum(not covered.is_veiled for covered in stage.left)
    if name == "quick":
        assert seen >= 16
        assert stage.conductor.counts.people == 1
    if name == "fails":
        assert seen == 0
        assert stage.left
        assert [event.name for event in stage.events].count("look failed") == 1
    if late is Late.DROP:
        assert seen == len(stage.left) > 0
        assert stage.conductor.counts.late > 0


@pytest.mark.parametrize("name", ["stalls", "fails", "late"])
@pytest.mark.parametrize("delay", [0.0, 0.3])
def test_nothing_leaves_later_than_it_may(name: str, delay: float) -> None:
    """However long looks take: a frame that would be late is covered whole, and leaves in time."""
    with Stage(Timing(delay), LOOKS[name]) as stage:
        stage.play(range(32))
    waited = [when - stage.came[c.frame.pts] for when, c in zip(stage.when, stage.left, strict=True)]
    assert max(waited) < Timing(delay).until(look_seconds=1.0) + SLACK
    assert len(waited) >= 3


def test_a_look_that_failed_is_not_tried_again_at_once() -> None:
    looks: list[float] = []

    def fails(frame: YuvFrame) -> list[Detection]:
        looks.append(monotonic())
        raise MemoryError

    with Stage(Timing(0.3), fails) as stage:
        stage.play(range(32))
    assert 5 <= len(looks) <= 33


def test_without_a_delay_heads_are_covered_with_more_around_them() -> None:
    widths = []
    for delay in (0.0, 0.3):
        with Stage(Timing(delay)) as stage:
            stage.play(range(20), lambda number: picture(40))
        widths.append(max(r.width for c in stage.left for r in c.regions.values()))
    assert widths[0] > 1.05 * widths[1]


def test_a_stream_with_too_many_frames_a_second_ends_nothing() -> None:
    """More wait than are kept: the oldest leave whole, and the run goes on."""
    with Stage(Timing(3.0)) as stage:
        for number in range(900):  # ten in a thirtieth of a second
            stage.conductor.give(Filmed(number * 300, monotonic(), picture(number // 10), follows=number > 0))
    assert len(stage.left) == 900
    assert not any(bare(covered) for covered in stage.left)


def test_what_comes_into_view_between_two_looks_is_covered_from_its_first_frame() -> None:
    for first in (20, 21, 22, 23):
        with Stage(Timing(0.3)) as stage:
            stage.play(range(32), lambda number, first=first: picture(number, is_there=number >= first))  # type: ignore[misc]
        assert not any(bare(covered) for covered in stage.left)
        assert sum(not covered.is_veiled for covered in stage.left) >= 16


def test_without_a_delay_a_slow_machine_shows_frames_later() -> None:
    """And not none."""

    def slow(frame: YuvFrame) -> list[Detection]:
        sleep(0.2)
        return truth(frame)

    with Stage(Timing(0.0), look=slow, lookers=1) as stage:
        stage.play(range(120))
    assert not any(bare(covered) for covered in stage.left)
    assert sum(not covered.is_veiled for covered in stage.left) >= 8


def test_without_a_fault_frames_leave_after_the_delay_and_not_later() -> None:
    with Stage(Timing(0.3)) as stage:
        began = monotonic()
        stage.play(range(60))
    late = [when - began - c.frame.pts / UNITS - 0.3 for when, c in zip(stage.when, stage.left, strict=True)]
    assert len(late) == 60
    assert min(late) > -0.02
    assert float(np.median(late)) < 0.1


def test_a_damaged_frame_is_covered_whole_and_what_comes_after_it_begins_anew() -> None:
    looked: set[int] = set()

    def look(frame: YuvFrame) -> list[Detection]:
        looked.add(int(frame.planes[0][0, 0]))
        return truth(frame)

    def marked(number: int) -> YuvFrame | None:
        frame = picture(number)
        frame.planes[0][0, 0] = number
        return None if 10 <= number < 20 else frame

    with Stage(Timing(0.3), look) as stage:
        stage.play(range(32), marked)
    assert not any(bare(covered) for covered in stage.left)
    assert {9, 20} <= looked, "both ends of what is damaged are looked at"
    whole = {round(c.frame.pts * RATE / UNITS) for c in stage.left if c.is_veiled}
    assert set(range(10, 20)) <= whole
    assert len(whole) <= 12
    (span,) = [event for event in stage.events if event.name == "veiled"]
    assert span.values["seconds"] == pytest.approx(10 / RATE, abs=0.1)


def test_nothing_is_linked_across_a_break() -> None:
    """A frame that does not follow on the one before begins a window of its own: both ends are looked at."""
    looked: list[int] = []

    def look(frame: YuvFrame) -> list[Detection]:
        looked.append(int(frame.planes[0][0, 0]))
        return truth(frame)

    def marked(number: int) -> YuvFrame:
        frame = picture(number)
        frame.planes[0][0, 0] = number
        return frame

    with Stage(Timing(0.3), look) as stage:
        stage.play(range(10), marked)
        stage.conductor.give(Filmed(10 * UNITS // RATE, monotonic(), marked(10), follows=False))
    assert {0, 9, 10} <= set(looked)


@pytest.mark.parametrize("first", [0, 15])
def test_smaller_frames_are_shown_in_the_same_size_and_covered_where_things_are(first: int) -> None:
    with Stage(Timing(0.3)) as stage:
        stage.play(range(30), lambda number: picture(number, scale=1 if number < first else 2))
    assert {(c.frame.width, c.frame.height) for c in stage.left} == {(WIDTH, HEIGHT)}
    assert not any(bare(covered) for covered in stage.left)
    assert sum(not covered.is_veiled for covered in stage.left) >= 15


def test_a_veiled_frame_holds_nothing_of_any_picture() -> None:
    with Stage(Timing(0.1), failing) as one:
        one.play(range(3))
    with Stage(Timing(0.1), failing) as two:
        two.play(range(3), lambda number: picture(number, is_there=False))
    for a, b in zip(one.left, two.left, strict=True):
        assert all(np.array_equal(p, q) for p, q in zip(a.frame.planes, b.frame.planes, strict=True))


def test_memory_does_not_grow_with_the_length_of_a_stream() -> None:
    with Stage(Timing(0.1)) as stage:
        conductor = stage.conductor
        for number in range(3000):
            conductor.give(Filmed(round(number * UNITS / RATE), monotonic(), picture(number % 40), follows=number > 0))
            stage.left.clear()
            if number % 20 == 19:
                sleep(0.02)
        window = conductor._window
        assert window is not None
        kept = (len(window._times), len(window._looks), len(window._agreed), len(window._own_motion))
        assert max(kept) <= 650
