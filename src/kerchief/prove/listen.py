"""Is the sound of a copy what it must be? Listens to it while its frames are looked at."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from math import ceil, floor

from kerchief.plan.audio import Span
from kerchief.ports import MediaInfo, Samples, YuvFrame

#: What is quieter than one step of 16 bits is silence.
SILENT = 2.0**-15
#: A track may be longer or shorter than the film by one frame of AAC, in samples.
SLACK_SAMPLES = 1024


class Listener:
    """Hears the sound of one copy.

    Args:
        info: what the copy is, as it was read back.
        spans: what must be silent, in the time of the film that it was made from.
        skipped: when in that film the copy begins, seconds.
    """

    def __init__(self, info: MediaInfo, spans: Sequence[Span], skipped: Fraction = Fraction(0)) -> None:
        self._info = info
        self._rate = info.sound.rate if info.sound else 0
        places = [[(Fraction(time) - skipped) * self._rate for time in (span.start, span.end)] for span in spans]
        self._silent = [(floor(start), ceil(end)) for start, end in places]
        self._count = 0
        self._loudest = 0.0

    def frames(self, parts: Iterable[YuvFrame | Samples]) -> Iterator[YuvFrame]:
        """Passes on the frames and listens to what is between them."""
        for part in parts:
            if isinstance(part, Samples):
                self.hear(part)
            else:
                yield part

    def hear(self, samples: Samples) -> None:
        """Listens to the next block."""
        self._count = samples.start + len(samples.data)
        for start, end in self._silent:
            heard = samples.data[max(0, start - samples.start) : max(0, end - samples.start)]
            self._loudest = max(self._loudest, float(abs(heard).max(initial=0)))

    def faults(self, seconds: float, *, is_kept: bool) -> tuple[str, ...]:
        """Phrases for what is not as it must be.

        Args:
            seconds: how long the film is.
            is_kept: whether there may be sound.
        """
        found = []
        if self._info.sound_tracks and not is_kept:
            found.append("sound is left")
        if self._info.sound_tracks > 1:
            found.append("there is more than one track of sound")
        if self._info.sound is not None:
            slack = SLACK_SAMPLES / self._rate
            if self._count / self._rate < seconds - slack or self._info.sound.seconds > seconds + slack:
                found.append("the sound is not as long as the picture")
            if self._loudest >= SILENT:
                found.append("a muted span is not silent")
        return tuple(found)
