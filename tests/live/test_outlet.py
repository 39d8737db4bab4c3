"""A sink that is slow, gone or broken holds up nobody, is opened again, and is ended whole."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from threading import Event as Flag
from time import monotonic, sleep

import pytest
from planes import noise

from kerchief.errors import OutputError
from kerchief.live import backoff
from kerchief.live.backoff import Backoff
from kerchief.live.covered import Covered, Form
from kerchief.live.events import Event
from kerchief.live.sinks import outlet as outlets
from kerchief.live.sinks.outlet import MOST_FRAMES, Outlet

FORM = Form(32, 16, Fraction(15))
GONE = OutputError("sink", "is gone", "Wait.")


@dataclass
class Fake:
    """A sink that writes down what is asked of it, and does what it is told."""

    asked: list[str] = field(default_factory=list)
    got: list[int] = field(default_factory=list)
    on_open: Callable[[], None] = lambda: None
    on_send: Callable[[], None] = lambda: None
    on_close: Callable[[], None] = lambda: None
    name: str = "fake"

    def open(self, form: Form) -> None:
        assert form == FORM
        self.asked.append("open")
        self.on_open()

    def send(self, covered: Covered) -> None:
        self.on_send()
        self.got.append(covered.frame.pts)

    def idle(self) -> None:
        self.asked.append("idle")

    def close(self) -> None:
        self.asked.append("close")
        self.on_close()

    def finish(self) -> None:
        self.asked.append("finish")


def frame(number: int) -> Covered:
    return Covered(noise(32, 16, number, number), {})


def raising(error: Exception) -> Callable[[], None]:
    def raise_it() -> None:
        raise error

    return raise_it


def until(happens: Callable[[], object], seconds: float = 10) -> None:
    end = monotonic() + seconds
    while not happens():
        assert monotonic() < end
        sleep(0.01)


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backoff, "FIRST", 0.05)
    monkeypatch.setattr(outlets, "IDLE_SECONDS", 0.05)


def running(sink: Fake) -> tuple[Outlet, list[Event]]:
    events: list[Event] = []
    outlet = Outlet(sink, FORM, events.append)
    outlet.start()
    return outlet, events


def test_everything_comes_in_order_and_the_sink_is_ended_whole() -> None:
    sink = Fake()
    outlet, events = running(sink)
    for number in range(20):
        outlet.send(frame(number))
    outlet.end()
    assert outlet.has_ended(10)
    assert sink.got == list(range(20))
    assert sink.asked[0] == "open"
    assert sink.asked[-1] == "finish"
    assert "close" not in sink.asked
    assert events == []


def test_a_slow_sink_gets_the_newest_and_nobody_waits_for_it() -> None:
    held = Flag()
    sink = Fake(on_send=lambda: held.wait(10) and None)
    outlet, _ = running(sink)
    outlet.send(frame(0))
    sleep(0.1)
    began = monotonic()
    for number in range(1, 101):
        outlet.send(frame(number))
    assert monotonic() - began < 1
    held.set()
    outlet.end()
    assert outlet.has_ended(10)
    assert sink.got == [0, *range(101 - MOST_FRAMES, 101)]
    assert outlet.missed == 100 - MOST_FRAMES


def test_a_sink_that_is_lost_is_told_once_and_opened_again() -> None:
    sink = Fake(on_send=raising(GONE), on_open=lambda: None)
    outlet, events = running(sink)
    sink.on_open = raising(GONE)
    for number in range(20):
        outlet.send(frame(number))
        sleep(0.02)
    sink.on_send = sink.on_open = lambda: None
    until(lambda: outlet.send(frame(50)) or sink.got)
    outlet.end()
    assert outlet.has_ended(10)
    assert [event.name for event in events] == ["sink lost", "sink back"]
    assert events[0].values["problem"] == "is gone"
    assert sink.asked.count("open") >= 3


def test_one_that_opens_and_then_takes_nothing_is_tried_more_and_more_seldom() -> None:
    sink = Fake(on_send=raising(GONE))
    outlet, _ = running(sink)
    for number in range(100):
        outlet.send(frame(number))
        sleep(0.01)
    outlet.end()
    assert outlet.has_ended(10)
    assert 2 <= sink.asked.count("open") <= 6  # at 0, 0.05, 0.15, 0.35, 0.75 s


@pytest.mark.parametrize("error", [KeyError("what"), GONE])
def test_whatever_a_sink_raises_its_thread_goes_on(error: Exception) -> None:
    sink = Fake(on_send=raising(error), on_close=raising(error))
    outlet, events = running(sink)
    outlet.send(frame(0))
    until(lambda: events)
    sink.on_send = lambda: None
    until(lambda: outlet.send(frame(1)) or sink.got)
    outlet.end()
    assert outlet.has_ended(10)
    assert sink.asked[-1] == "finish"


def test_a_sink_hears_that_nothing_comes() -> None:
    sink = Fake()
    outlet, _ = running(sink)
    until(lambda: sink.asked.count("idle") >= 2)
    outlet.end()
    assert outlet.has_ended(10)


def test_a_sink_that_can_not_be_opened_at_first_is_an_error() -> None:
    with pytest.raises(OutputError, match="is gone"):
        running(Fake(on_open=raising(GONE)))


def test_waits_double_up_to_a_limit_and_begin_anew_after_a_calm_while(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    monkeypatch.setattr(backoff, "FIRST", 0.5)
    monkeypatch.setattr(backoff, "monotonic", lambda: now)
    wait = Backoff()
    assert wait._wait == 0.5
    waits = []
    for _ in range(8):
        wait.begun()
        now += 1
        waits.append(wait.failed())
    assert waits == [0.5, 1, 2, 4, 8, 16, 30, 30]
    wait.begun()
    now += 11
    assert wait.failed() == 0.5
    assert wait.failed() == 1  # not begun in between
