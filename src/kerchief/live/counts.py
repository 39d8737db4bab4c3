"""What happened to the frames of a run, for its status."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from kerchief.live.covered import TIME_BASE

#: What is told of now is true of so many of the last seconds.
SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Span:
    """A while in which all frames that left were covered whole.

    Attributes:
        start: seconds since the run's first frame.
        seconds: how long.
    """

    start: float
    seconds: float


@dataclass(slots=True)
class Counts:
    """Counted since the run began, but for what is told of now.

    Attributes:
        came: frames.
        sent: frames that left, covered or veiled.
        veiled: of these, those that were covered whole.
        late: frames that were not looked at in time, veiled or dropped.
        people: what is covered in the last frame that left.
        busy: seconds that looks took, all together.
        veiled_seconds: how long the picture was covered whole.
    """

    came: int = 0
    sent: int = 0
    veiled: int = 0
    late: int = 0
    people: int = 0
    busy: float = 0.0
    veiled_seconds: float = 0.0
    _left: deque[tuple[float, float]] = field(default_factory=deque)
    _veiled_since: int | None = None
    _last: int = 0

    @property
    def shown(self) -> int:
        """Frames that left and were not covered whole."""
        return self.sent - self.veiled

    def left(self, pts: int, now: float, waited: float, people: int, *, is_veiled: bool) -> Span | None:
        """A frame left; the span of veiled frames that it ends.

        Args:
            pts: when it was filmed, in units of ``TIME_BASE``.
            now: seconds of any clock.
            waited: how long it had been here, seconds.
            people: what is covered in it.
            is_veiled: whether it is covered whole.
        """
        self.sent += 1
        self.veiled += is_veiled
        self.people = people
        self._left.append((now, waited))
        while now - self._left[0][0] > SECONDS:
            self._left.popleft()
        if self._veiled_since is not None:
            self.veiled_seconds += (pts - self._last) / TIME_BASE[1]
        span = None if is_veiled else self._ended(pts)
        self._veiled_since = (pts if self._veiled_since is None else self._veiled_since) if is_veiled else None
        self._last = pts
        return span

    def end(self) -> Span | None:
        """Nothing leaves any more; the span of veiled frames that ends with that."""
        return self._ended(self._last)

    def _ended(self, pts: int) -> Span | None:
        since = self._veiled_since
        return Span(since / TIME_BASE[1], (pts - since) / TIME_BASE[1]) if since is not None else None

    def fps(self, now: float) -> float:
        """Frames a second that left of late."""
        return sum(now - at <= SECONDS for at, _ in tuple(self._left)) / SECONDS

    def delay(self, now: float) -> float:
        """How long they had been here, seconds: the median; 0 where none left."""
        delays = sorted(waited for at, waited in tuple(self._left) if now - at <= SECONDS)
        return delays[len(delays) // 2] if delays else 0.0
