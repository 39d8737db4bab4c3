"""Tells how far the work on a file is, by the frames that go through a phase of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeVar

from kerchief.ports import Phase, Progress, Samples

T = TypeVar("T")


def told(frames: Iterable[T], progress: Progress | None, phase: Phase, total: int) -> Iterator[T]:
    """The same; after each frame has been worked on, and before the first and after the last, progress is told.

    Args:
        frames: of one file; sound between them goes by uncounted.
        progress: who wants to know.
        phase: what is done with them.
        total: how many there should be. A header may know none (0) or lie: from the frame on that is one too many, the
            total is unknown.
    """
    if progress is None:
        yield from frames
        return
    done = 0
    progress(phase, 0, max(0, total))
    for frame in frames:
        yield frame
        if isinstance(frame, Samples):
            continue
        done += 1
        progress(phase, done, total if done <= total else 0)
    if done != total:
        progress(phase, done, done)
