"""Ends a child that takes too long. One thread for all waits: a timer for each cost more than a small frame."""

from __future__ import annotations

import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

#: How often it looks, at most, and as a share of the time limit.
TICK_SECONDS, TICK_SHARE = 1.0, 0.1


class Watchdog:
    """Kills the child that somebody has been waiting for longer than the time limit.

    Args:
        seconds: the limit for one wait.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._wait: tuple[float, subprocess.Popen[bytes]] | None = None
        self._killed: subprocess.Popen[bytes] | None = None
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None

    @contextmanager
    def waiting_for(self, child: subprocess.Popen[bytes]) -> Iterator[None]:
        """Within this the child must answer in time."""
        if self._thread is None:
            # A daemon: an interrupt between two lines must not leave the process waiting for it.
            self._thread = threading.Thread(target=self._watch, daemon=True)
            self._thread.start()
        self._wait = (time.monotonic() + self._seconds, child)
        try:
            yield
        finally:
            self._wait = None

    def has_killed(self, child: subprocess.Popen[bytes]) -> bool:
        """Whether this child was ended for taking too long."""
        return self._killed is child

    def stop(self) -> None:
        """End the thread."""
        self._stopped.set()

    def _watch(self) -> None:
        while not self._stopped.wait(min(TICK_SECONDS, TICK_SHARE * self._seconds)):
            wait = self._wait
            if wait is not None and time.monotonic() > wait[0]:
                self._killed = wait[1]
                wait[1].kill()
