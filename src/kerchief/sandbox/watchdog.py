"""Ends a child that takes too long. One thread for all waits: a timer for each cost more than a small frame."""

from __future__ import annotations

import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

#: How often it looks, at most, and as a share of the time limit.
TICK_SECONDS, TICK_SHARE = 1.0, 0.1


@dataclass(slots=True, eq=False)
class _Wait:
    child: subprocess.Popen[bytes]
    left: float
    """Seconds."""


class Watchdog:
    """Kills a child that somebody has been waiting for longer than the time limit.

    Args:
        seconds: the limit for one wait.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._tick = min(TICK_SECONDS, TICK_SHARE * seconds)
        self._lock = threading.Lock()
        self._waits: list[_Wait] = []
        self._killed: set[subprocess.Popen[bytes]] = set()
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None

    @contextmanager
    def waiting_for(self, child: subprocess.Popen[bytes], extra_seconds: float = 0.0) -> Iterator[None]:
        """Within this the child must answer in time."""
        if self._thread is None:
            # A daemon: an interrupt between two lines must not leave the process waiting for it.
            self._thread = threading.Thread(target=self._watch, daemon=True)
            self._thread.start()
        wait = _Wait(child, self._seconds + extra_seconds)
        with self._lock:
            self._waits.append(wait)
        try:
            yield
        finally:
            with self._lock:
                self._waits.remove(wait)

    def has_killed(self, child: subprocess.Popen[bytes]) -> bool:
        """Whether this child was ended for taking too long."""
        with self._lock:
            return child in self._killed

    def stop(self) -> None:
        """End the thread."""
        self._stopped.set()

    def _watch(self) -> None:
        last = time.monotonic()
        while not self._stopped.wait(self._tick):
            now = time.monotonic()
            # A tick that took much longer was not the child's doing: this process was stopped, or the machine slept.
            passed, last = min(now - last, 2 * self._tick), now
            with self._lock:
                for wait in self._waits:
                    wait.left -= passed
                    if wait.left < 0 and wait.child not in self._killed:
                        self._killed.add(wait.child)
                        wait.child.kill()
