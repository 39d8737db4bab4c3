"""Quality gives way before safety does: fewer frames, then smaller ones, when the machine can't keep up. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kerchief.find.pyramid import FILM_PIXELS, film_looks
from kerchief.live.covered import Form

#: Frames a second to which the rate falls first, and those to which it falls when frames are as small as they may be.
GOOD_RATE, LOW_RATES = 15.0, (10.0, 7.0, 5.0, 3.0, 2.0)
#: Frames are made no smaller than what the looks see of them anyway. Smaller ones would be looked at in a third of the
#: time, but of 617 faces of 24 px and more in frames of 720p a look at half the size missed 111, this one 9.
SMALLER_PIXELS = int(FILM_PIXELS)
#: More late frames than this share of a second's, and in the next one too, are a sign that a machine can't keep up: at
#: a cut, or where many cross, much has to be looked at at once. Where lookers are busy for more than this share of the
#: time, one such second will do.
LATE, BUSY = 0.2, 0.95
#: Seconds before quality falls again, and before it is tried to rise; each time that fails the latter doubles.
FALL_SECONDS, RISE_SECONDS, LONGEST_RISE_SECONDS = 2.0, 5.0, 320.0
#: It rises only when lookers are busy for less than this share of the time.
CALM = 0.6


@dataclass(frozen=True, slots=True)
class Level:
    """How good the picture is.

    Attributes:
        pixels: of a frame, at most.
        rate: frames a second, at most.
    """

    pixels: int
    rate: float


def ladder(form: Form) -> Sequence[Level]:
    """The levels of a stream, the best first."""
    pixels, rate = form.width * form.height, float(form.rate)
    small, good = _smaller(form), min(rate, GOOD_RATE)
    levels = [Level(pixels, rate), Level(pixels, good), Level(small, good)]
    levels += [Level(small, low) for low in LOW_RATES if low < good]
    return tuple(dict.fromkeys(levels))


def _smaller(form: Form) -> int:
    """Pixels of the smallest frames in which no face is smaller to a look than in those of the form."""
    pixels = form.width * form.height
    fine = max(look.scale for look in film_looks(form.width, form.height))
    sees_so_many = fine * fine * pixels <= 1.01 * SMALLER_PIXELS
    return min(pixels, SMALLER_PIXELS) if sees_so_many else pixels


class Pace:
    """Chooses a level, second by second.

    Args:
        levels: the best first.
        now: seconds of any clock.
    """

    def __init__(self, levels: Sequence[Level], now: float) -> None:
        self._levels = levels
        self._at = 0
        self._changed = now
        self._rose = float("-inf")
        self._rest = RISE_SECONDS
        self._was_late = False

    @property
    def level(self) -> Level:
        """The one that holds."""
        return self._levels[self._at]

    def told(self, now: float, late: int, left: int, busy: float) -> bool:
        """Take in what the last second was like; whether another level holds now.

        Args:
            now: seconds of the same clock.
            late: frames that were not looked at in time, ...
            left: ... of those whose time to leave came.
            busy: share of the time, 0 to 1, in which lookers were at work.
        """
        is_late, was_late = late > LATE * left, self._was_late
        self._was_late = is_late
        if is_late and (was_late or busy > BUSY):
            return self._fall(now)
        if busy < CALM and not late and self._at and now - self._changed > self._rest:
            self._at -= 1
            self._changed = self._rose = now
            return True
        return False

    def _fall(self, now: float) -> bool:
        if now - self._changed < FALL_SECONDS or self._at + 1 == len(self._levels):
            return False
        failed = now - self._rose < self._rest
        self._rest = min(LONGEST_RISE_SECONDS, 2 * self._rest) if failed else RISE_SECONDS
        self._at += 1
        self._changed = now
        return True
