"""What is said of how far a run is: files, failures, speed and time left, on a clock that the test turns."""

from __future__ import annotations

import pytest

from kerchief.cli import counted as lines_of
from kerchief.cli.counted import Counted, counted
from kerchief.scale.ledger.counting import Counts


class Clock:
    def __init__(self) -> None:
        self.now = 100.0
        self.said: list[tuple[str, int, int | None]] = []

    def __call__(self) -> float:
        return self.now

    def show(self, text: str, done: int, total: int | None) -> None:
        self.said.append((text, done, total))


def counts(found: int, done: int, refused: int = 0) -> Counts:
    return Counts(waiting=found - done - refused, done=done, refused=refused)


def test_speed_is_that_of_late_and_what_was_done_before_is_in_no_speed() -> None:
    clock = Clock()
    progress = Counted("redacting", clock.show, clock)
    progress.so_far(counts(1000, 400), is_listed=False)
    clock.now += 10
    progress.so_far(counts(2000, 420), is_listed=False)
    clock.now += 300
    progress.so_far(counts(3000, 420, 3), is_listed=True)
    for _ in range(100):
        clock.now += 1
        progress.so_far(counts(3000, 430 + 10 * _, 3), is_listed=True)
    assert clock.said[0] == ("redacting: 400 of 1,000 files found so far", 400, None)
    assert clock.said[1] == ("redacting: 420 of 2,000 files found so far, 2 a second", 420, None)
    text, done, total = clock.said[-1]
    assert text == "redacting: 1,423 of 3,000 files, 3 failed, 10 a second, 3 min left"
    assert (done, total) == (1423, 3000)


def test_what_the_user_should_know_is_said_at_once(capsys: pytest.CaptureFixture[str]) -> None:
    with counted("redacting") as progress:
        progress.tell("s3://b/run.sqlite: can't be written (no access)")
    assert capsys.readouterr().err == "kerchief: s3://b/run.sqlite: can't be written (no access)\n"


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(7, "7 s"), (29, "29 s"), (90, "2 min"), (3 * 3600 + 60, "3 h 1 min"), (50 * 3600, "2 d 2 h")],
)
def test_durations_are_told_in_two_units(seconds: float, said: str) -> None:
    assert lines_of._duration(seconds) == said


def test_in_a_log_there_is_a_line_every_minute(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lines_of, "EVERY", 0.0)
    with counted("redacting") as progress:
        progress.so_far(counts(5, 1), is_listed=True)
    monkeypatch.setattr(lines_of, "EVERY", 60.0)
    with counted("redacting") as progress:
        progress.so_far(counts(5, 2), is_listed=True)
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err == "redacting: 1 of 5 files\n"
