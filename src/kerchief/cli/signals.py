"""Ctrl-C and SIGTERM are how a run without an end is told to end."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from kerchief.errors import ExitCode


@contextmanager
def stopping(stop: Callable[[], None]) -> Iterator[None]:
    """Within this the first signal calls ``stop``, and a second one ends the process at once."""

    def told(*_: object) -> None:
        for number in numbers:
            signal.signal(number, lambda *_: os._exit(ExitCode.INTERRUPTED))
        stop()

    numbers = (signal.SIGINT, signal.SIGTERM)
    before = {number: signal.signal(number, told) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
