"""Where sound lies in a film: blocks of samples by their timestamps → one line of samples.

The line starts with the film, or with the part of it that is wanted. Pure: numpy in, numpy out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from math import floor

import numpy as np

from kerchief.errors import InputRefused
from kerchief.ports import Samples, SoundInfo, Waves, YuvFrame

#: Timestamps that are off by less follow on from the block before: containers round them (Matroska to milliseconds),
#: and a sample more or less between two blocks would be heard as a click. Less than a frame at 60 a second.
JITTER_SECONDS = 0.01
#: Timestamps may go back by this much; what is there twice is left out once.
BACK_SECONDS = 0.1
#: Most samples in a block that is passed on.
MOST_SAMPLES = 1 << 16

#: A block as it was decoded: the place of its first sample, counted from where the line starts, and its samples.
Block = tuple[int, Waves]


def mixed(
    frames: Iterable[YuvFrame | None], blocks: Iterable[Block], sound: SoundInfo, time_base: tuple[int, int]
) -> Iterator[YuvFrame | Samples | None]:
    """Every frame and, after it, the sound to its end; what lies past the last frame's end is left out.

    None is passed on, and comes for every second of sound that goes by before the line starts.

    Args:
        frames: of the film, from pts 0 on; None for one that goes by before.
        blocks: of its sound, in the order of the file.
        sound: what it is.
        time_base: seconds for one unit of pts, as numerator and denominator.

    Raises:
        InputRefused: the timestamps of the sound go back.
    """
    line = _Line(_in_order(blocks, sound.rate), sound.channels)
    for frame in frames:
        yield frame
        if frame is None:
            continue
        yield from line.until(floor((frame.pts + frame.duration) * Fraction(*time_base) * sound.rate))


def alone(
    blocks: Iterable[Block], sound: SoundInfo, time_base: tuple[int, int], until: int
) -> Iterator[Samples | None]:
    """The sound that ``mixed`` passes on with a film that lasts until a time, in units of its time base."""
    line = _Line(_in_order(blocks, sound.rate), sound.channels)
    yield from line.until(floor(until * Fraction(*time_base) * sound.rate))


class _Line:
    """One line of samples from 0 on, as long as there are any; gaps are silence."""

    def __init__(self, blocks: Iterator[Block | None], channels: int) -> None:
        self._blocks = blocks
        self._channels = channels
        self._at = 0
        self._waiting: Block | None = None

    def until(self, end: int) -> Iterator[Samples | None]:
        """What comes next and lies before a place; nothing more where the sound has ended."""
        while self._at < end:
            if self._waiting is None:
                try:
                    self._waiting = next(self._blocks)
                except StopIteration:
                    return
                if self._waiting is None:
                    yield None
                    continue
            start, data = self._waiting
            most = min(end - self._at, MOST_SAMPLES)
            if start > self._at:
                now = np.zeros((min(most, start - self._at), self._channels), np.float32)
            else:
                now, rest = data[:most], data[most:]
                self._waiting = (start + len(now), rest) if len(rest) else None
            yield Samples(self._at, now)
            self._at += len(now)


def _in_order(blocks: Iterable[Block], rate: int) -> Iterator[Block | None]:
    """The blocks one after the other, none before 0 and none over another; None for every second before 0."""
    jitter, back = JITTER_SECONDS * rate, BACK_SECONDS * rate
    reached: int | None = None
    for at, data in blocks:
        start = at
        if reached is not None:
            if start < reached - back:
                raise InputRefused("", "the sound's times go back", "Convert it to MP4 first, or leave the sound out.")
            if abs(start - reached) <= jitter:
                start = reached
        before = start if reached is None else reached
        first = max(0, start) if reached is None else max(0, start, reached)
        reached = start + len(data) if reached is None else max(start + len(data), reached)
        if first - start < len(data):
            yield first, data[first - start :]
        elif before // rate < reached // rate <= 0:
            yield None
