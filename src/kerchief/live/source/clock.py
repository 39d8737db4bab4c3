"""The source's clock → the run's: the times of frames rise through reconnects, jumps and wrong clocks."""

from __future__ import annotations

from kerchief.live.covered import TIME_BASE

UNITS = TIME_BASE[1]
#: So far frames may come before or after the time that the source gives them: the way here takes now less, now more.
BAND = round(0.15 * UNITS)
#: A clock that is farther ahead of ours than this jumped.
JUMP = 1 * UNITS
#: One that runs fast is led back by this share of what it is ahead, frame by frame, so that times go on rising evenly.
LED_BACK = 0.05


class Clock:
    """Gives every frame of a run a time, counted from its first."""

    def __init__(self) -> None:
        self._began: float | None = None
        self._offset: int | None = None
        self._last = -1

    def anew(self) -> None:
        """The source was opened again: its clock may begin anywhere."""
        self._offset = None

    def time(self, at: int, arrived: float) -> int:
        """When a frame was filmed, in units of ``TIME_BASE`` since the run's first frame; later than all before it.

        Args:
            at: by the source's own clock, in the same unit.
            arrived: when it came here, seconds of the monotonic clock.
        """
        if self._began is None:
            self._began = arrived
        ours = round((arrived - self._began) * UNITS)
        if self._offset is None:
            self._offset = ours - at
        ahead = at + self._offset - ours
        if ahead < -BAND:
            self._offset += -BAND - ahead
        elif ahead > JUMP:
            self._offset = ours - at
        elif ahead > BAND:
            self._offset -= round(LED_BACK * (ahead - BAND))
        self._last = max(self._last + 1, at + self._offset)
        return self._last
