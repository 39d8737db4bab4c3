"""A crowd whose truth is known is played live through ``kerchief live``, while things go wrong. No face ever leaves."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from live_crowd import Crowd
from live_examiner import Examined, Examiner
from live_film import Film, Luma, filmed
from live_receivers import TcpReceiver
from live_runs import Played
from live_scenarios import SCENARIOS, sizes

from kerchief.geometry import Box

RATE = 15
#: Those that hold nothing that others don't; ``benchmarks/live.py`` plays all of them, and for longer.
LEFT_OUT = {"nothing", "nothing, over RTSP", "detector stalls", "size changes"}


@pytest.fixture(scope="session")
def changing(film: Film) -> Film:
    """The same film, in which the picture's size changes."""
    seconds = len(film.frames) / RATE
    return filmed(Crowd(), seconds, RATE, sizes(len(film.frames), 640))


@pytest.mark.parametrize("name", [name for name in SCENARIOS if name not in LEFT_OUT])
def test_no_face_leaves(name: str, film: Film, changing: Film, sure: Callable[[Luma], list[Box]]) -> None:
    _is_safe(*_run(name, changing if SCENARIOS[name].changes else film, sure), at_least=100)


def test_no_face_leaves_when_late_frames_are_dropped(film: Film, sure: Callable[[Luma], list[Box]]) -> None:
    _is_safe(*_run("slow detector", film, sure, "--late", "drop"), at_least=100)


def test_no_face_leaves_without_a_delay(film: Film, sure: Callable[[Luma], list[Box]]) -> None:
    _is_safe(*_run("source restarted", film, sure, "--delay", "0s"), at_least=30)


def test_no_face_leaves_and_all_else_is_shown(film: Film, sure: Callable[[Luma], list[Box]]) -> None:
    """Or it would be easy."""
    played, result = _run("nothing", film, sure)
    _is_safe(played, result, at_least=100)
    assert len(result.read) > 0.3 * result.received, played.events
    assert float(np.median(result.shown)) > 0.6


def _is_safe(played: Played, result: Examined, at_least: int) -> None:
    assert result.bare == [], (played.events, result.bare)
    assert result.faces + result.faces_unread > at_least
    assert played.exit_code == 0, played.said


def _run(name: str, film: Film, sure: Callable[[Luma], list[Box]], *options: str) -> tuple[Played, Examined]:
    receiver = TcpReceiver()
    played = SCENARIOS[name].play(film, receiver, *options)
    return played, Examiner(film, sure).examine(receiver.frames(), played.sent)
