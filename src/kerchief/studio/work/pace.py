"""How long the work in the background will still take: by what a byte took so far."""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Lock


class Pace:
    """Counts bytes of files that were worked on, and the seconds that it took.

    Args:
        now: seconds that only go up.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._running: dict[int, tuple[float, float, float]] = {}
        self._bytes = self._seconds = 0.0
        self._one_at_a_time = Lock()

    def begin(self, file: int, size_bytes: int) -> None:
        """Work on a file begins."""
        with self._one_at_a_time:
            self._running[file] = (self._now(), float(size_bytes), 0.0)

    def advance(self, file: int, share: float) -> None:
        """So much of it is done, 0 to 1."""
        with self._one_at_a_time:
            if file in self._running:
                began, size, _ = self._running[file]
                self._running[file] = (began, size, share)

    def end(self, file: int) -> None:
        """It is done."""
        with self._one_at_a_time:
            began, size, _ = self._running.pop(file)
            self._bytes += size
            self._seconds += self._now() - began

    def is_running(self, file: int) -> bool:
        """Whether it is being worked on."""
        with self._one_at_a_time:
            return file in self._running

    def seconds_left(self, waiting_bytes: float, workers: int) -> float | None:
        """For what waits and what runs; None while nothing is known, or nothing is left."""
        with self._one_at_a_time:
            running = list(self._running.values())
            done = self._bytes + sum(size * share for _, size, share in running)
            seconds = self._seconds + sum(self._now() - began for began, _, share in running if share > 0)
            left = waiting_bytes + sum(size * (1 - share) for _, size, share in running)
        if not done or not left:
            return None
        return left * seconds / done / max(1, min(workers, len(running)))
