"""What is told of how far the work is, whatever a header claims."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kerchief.ports import Phase
from kerchief.progress import told


class Heard:
    """A progress that writes down what it is told."""

    def __init__(self) -> None:
        self.calls: list[tuple[Phase, int, int]] = []

    def __call__(self, phase: Phase, done: int, total: int) -> None:
        self.calls.append((phase, done, total))


@given(frames=st.integers(0, 9), claimed=st.integers(-3, 12))
def test_it_begins_at_nothing_ends_with_all_and_is_never_more_than_all(frames: int, claimed: int) -> None:
    heard = Heard()
    assert list(told(range(frames), heard, Phase.LOOKING, claimed)) == list(range(frames))
    assert heard.calls[0][1:] == (0, max(0, claimed))
    assert heard.calls[-1][1:] == (frames, frames)
    assert all(done <= total or total == 0 for _, done, total in heard.calls)
    assert sorted(done for _, done, _ in heard.calls) == [done for _, done, _ in heard.calls]


def test_a_frame_counts_when_it_has_been_worked_on() -> None:
    heard = Heard()
    for number in told(range(3), heard, Phase.CHECKING, 3):
        assert heard.calls[-1] == (Phase.CHECKING, number, 3)
    assert heard.calls[-1] == (Phase.CHECKING, 3, 3)


def test_nobody_needs_to_listen() -> None:
    assert list(told(range(3), None, Phase.CHECKING, 0)) == [0, 1, 2]


def test_what_goes_wrong_with_a_frame_goes_on() -> None:
    def broken():
        yield 1
        raise ValueError

    heard = Heard()
    with pytest.raises(ValueError):
        list(told(broken(), heard, Phase.COVERING, 5))
    assert heard.calls[-1] == (Phase.COVERING, 1, 5)
