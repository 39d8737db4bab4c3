"""Covers sound: the samples of muted spans become zeros, before anything else is done with them.

So the encoder never meets what was said there, nor does the filter that changes the sample rate.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from math import ceil, floor

from kerchief.plan.audio import Span
from kerchief.ports import Samples, SoundInfo

#: A span grows by this on both sides: codecs of the input have spread its samples over their windows, and who
#: stops a time by hand is a little late.
MARGIN_SECONDS = 0.1
#: And by this many samples at least: the window of AAC (two frames of 1,024) and the filter that changes the rate,
#: so that the copy is wholly silent in the span itself.
MARGIN_SAMPLES = 2048 + 64


def silenced(samples: Samples, sound: SoundInfo, spans: Sequence[Span], skipped: Fraction = Fraction(0)) -> Samples:
    """The same block with zeros in the spans; the argument is left alone.

    Args:
        samples: of the film, or of a clip out of it.
        sound: what the film's sound is.
        spans: what is to be silent, in the film's time.
        skipped: when in the film the clip begins, seconds.
    """
    ranges = [(a - samples.start, b - samples.start) for a, b in muted(sound, spans, skipped)]
    ranges = [(max(0, a), b) for a, b in ranges if a < len(samples.data) and b > 0]
    if not ranges:
        return samples
    data = samples.data.copy()
    for start, end in ranges:
        data[start:end] = 0
    return replace(samples, data=data)


def muted(sound: SoundInfo, spans: Sequence[Span], skipped: Fraction = Fraction(0)) -> tuple[tuple[int, int], ...]:
    """First and last (exclusive) sample of each span with its margin; may lie before the film's or clip's start or end.

    Where sound starts before the picture does, players count from the sound on and kerchief from the picture on. Both
    readings of a time are muted.
    """
    margin = max(MARGIN_SAMPLES, ceil(MARGIN_SECONDS * sound.rate))
    return tuple(
        (
            floor((Fraction(span.start) - skipped) * sound.rate) - sound.early - margin,
            ceil((Fraction(span.end) - skipped) * sound.rate) + margin,
        )
        for span in spans
    )
