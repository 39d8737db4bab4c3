"""Every second: how things are, and what quality follows from that."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from time import monotonic

from kerchief.live.counts import Counts
from kerchief.live.covered import Form
from kerchief.live.events import Event, Tell
from kerchief.live.pace import Level, Pace, ladder
from kerchief.live.sinks.outlet import Outlet

SECONDS = 1.0


class Seconds:
    """Tells a run's status, and chooses its level.

    Args:
        form: of the run.
        counts: of its frames.
        lookers: how many looks go on at the same time.
        outlets: where frames go.
        want: asks for frames of another level.
        tell: told of the status, and of levels.
    """

    def __init__(
        self,
        form: Form,
        counts: Counts,
        lookers: int,
        outlets: Sequence[Outlet],
        want: Callable[[Level], None],
        tell: Tell,
    ) -> None:
        self._form, self._counts, self._lookers, self._outlets = form, counts, lookers, outlets
        self._want, self._tell = want, tell
        self._last = monotonic()
        self._late, self._shown, self._busy = counts.late, counts.shown, counts.busy
        self._pace = Pace(ladder(form), self._last)
        want(self._pace.level)

    @property
    def left(self) -> float:
        """Seconds until the next."""
        return max(0.0, self._last + SECONDS - monotonic())

    def pass_by(self, *, is_lost: bool) -> None:
        """A second passed.

        Args:
            is_lost: whether the source is.
        """
        now, counts = monotonic(), self._counts
        busy = (counts.busy - self._busy) / (self._lookers * (now - self._last))
        late, shown = counts.late - self._late, counts.shown - self._shown
        if self._pace.told(now, late, late + shown, busy):
            self._want(self._pace.level)
            self._tell(self._quality())
        self._last, self._late, self._shown, self._busy = now, counts.late, counts.shown, counts.busy
        self._tell(self._status(now, is_lost=is_lost))

    def _status(self, now: float, *, is_lost: bool) -> Event:
        counts, level = self._counts, self._pace.level
        values = {
            "fps": round(counts.fps(now), 1),
            "delay_ms": round(1000 * counts.delay(now)),
            "late": counts.late,
            "veiled": counts.veiled,
            "veiled_s": round(counts.veiled_seconds, 1),
            "sent": counts.sent,
            "came": counts.came,
            "people": counts.people,
            "missed": sum(outlet.missed for outlet in self._outlets),
            "rate": level.rate,
            "scale": round(self._scale, 2),
            "is_lost": is_lost,
        }
        return Event("status", "", values)

    def _quality(self) -> Event:
        rate, scale = self._pace.level.rate, self._scale
        says = f"now at most {rate:g} frames a second, {scale:.0%} of the size: what is looked at in time here"
        return Event("quality", says, {"rate": rate, "scale": round(scale, 2)})

    @property
    def _scale(self) -> float:
        return float((self._pace.level.pixels / (self._form.width * self._form.height)) ** 0.5)
