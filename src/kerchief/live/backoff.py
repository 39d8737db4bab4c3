"""How long to wait before something that failed is tried again."""

from __future__ import annotations

from time import monotonic

#: Seconds at first and at most; after so many seconds in which it worked it is the first time again.
FIRST, LONGEST, CALM = 0.5, 30.0, 10.0


class Backoff:
    """Doubles the wait each time that something fails, also where it fails only after it was begun."""

    def __init__(self) -> None:
        self._wait = FIRST
        self._began: float | None = None

    def begun(self) -> None:
        """It works, as far as can be told."""
        self._began = monotonic()

    @property
    def is_begun(self) -> bool:
        """Whether it works."""
        return self._began is not None

    def failed(self) -> float:
        """Seconds to wait now."""
        was_calm = self._began is not None and monotonic() - self._began > CALM
        wait = FIRST if was_calm else self._wait
        self._began, self._wait = None, min(LONGEST, 2 * wait)
        return wait
