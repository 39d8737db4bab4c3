"""When something is seen in a film: stretches of time, and how people write them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import ceil, floor

from kerchief.plan.model import Track

#: (first, last): seconds from the film's first frame.
Span = tuple[float, float]
#: What is less than this apart is one stretch: nobody looks it up more precisely.
APART_SECONDS = 1.0
#: So many stretches are said; a program gets them all.
MOST_SAID = 5


def spans(tracks: Iterable[Track], time_base: tuple[int, int]) -> tuple[Span, ...]:
    """The stretches of time in which any of these tracks is there, in order and apart from each other."""
    found: list[Span] = []
    for ends in sorted((track.keyframes[0].pts, track.keyframes[-1].pts) for track in tracks):
        first, last = (pts * time_base[0] / time_base[1] for pts in ends)
        if found and first - found[-1][1] < APART_SECONDS:
            found[-1] = (found[-1][0], max(found[-1][1], last))
        else:
            found.append((first, last))
    return tuple(found)


def said(found: Sequence[Span]) -> str:
    """Stretches in words: "0:07 to 0:12, 1:02:03 to 1:02:04"; outward to whole seconds."""
    words = [f"{_clock(floor(first))} to {_clock(ceil(last))}" for first, last in found[:MOST_SAID]]
    more = len(found) - len(words)
    return ", ".join(words) + (f" and {more} more times" if more else "")


def _clock(seconds: int) -> str:
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
