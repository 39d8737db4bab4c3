"""Which packets may come to nothing."""

from __future__ import annotations

from fractions import Fraction

import pytest

from kerchief.media.films.rollcall import RollCall

MILLISECONDS = Fraction(1, 1000)


def complete(packets: list[int], frames: list[int], decoder: str = "vp8", hidden: tuple[int, ...] = ()) -> bool:
    roll = RollCall(decoder, MILLISECONDS)
    for pts in packets:
        roll.sent(pts, is_hidden=pts in hidden)
    for pts in frames:
        roll.came(pts)
    assert roll.packets == len(packets)
    return roll.is_complete


@pytest.mark.parametrize("missing", [0, 40, 80, 120])
def test_a_packet_with_a_time_of_its_own_must_become_a_frame(missing: int) -> None:
    packets = [0, 40, 80, 120]
    assert complete(packets, packets)
    assert not complete(packets, [pts for pts in packets if pts != missing])


@pytest.mark.parametrize("served", [41, 79, 80])
def test_a_packet_that_only_serves_others_takes_no_time(served: int) -> None:
    assert complete(sorted([0, 40, 80, 120, served]), [0, 40, 80, 120])


def test_what_the_container_hides_is_not_missed() -> None:
    assert complete([0, 40, 80], [40, 80], hidden=(0,))


def test_codings_in_which_packets_are_no_frames_are_not_judged() -> None:
    assert complete([0, 40, 80], [0], decoder="h264")
