"""What a live run says: a status line that is written over on a terminal, a line an event, or JSON."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from queue import Full, Queue
from threading import Thread
from types import TracebackType
from typing import TYPE_CHECKING, Self

from kerchief.cli.report import json_line, say

if TYPE_CHECKING:
    from kerchief.live.events import Event

#: A log that nobody looks at while it is written has a status so often.
QUIET_SECONDS = 60
#: So many events wait to be said, and so long the last ones may take.
MOST_EVENTS, LAST_SECONDS = 200, 5.0

Values = Mapping[str, str | int | float | bool]


class Talk:
    """Says what happens, from whichever thread it is told. A thread says it: nobody waits for a terminal that is held.

    Args:
        is_json: everything as JSON on standard output, instead of lines for people.
    """

    def __init__(self, *, is_json: bool) -> None:
        self._is_json = is_json
        self._is_terminal = sys.stderr.isatty()
        self._width = 0
        self._statuses = 0
        self._shown: list[Callable[[Values], None]] = []
        self._events: Queue[Event | None] = Queue(MOST_EVENTS)
        self._thread = Thread(target=self._run, name="talk", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with suppress(Full):
            self._events.put(None, timeout=LAST_SECONDS)
        self._thread.join(LAST_SECONDS)

    def show(self, status: Callable[[Values], None]) -> None:
        """Tell each status to a page too."""
        self._shown.append(status)

    def tell(self, event: Event) -> None:
        """Say what happened; what nobody reads for long is lost. Never raises."""
        if event.name == "status":
            for status in self._shown:
                status(event.values)
        with suppress(Full):
            self._events.put_nowait(event)

    def _run(self) -> None:
        while (event := self._events.get()) is not None:
            with suppress(OSError, ValueError):  # nobody listens any more; the run goes on
                self._say(event)
        with suppress(OSError, ValueError):
            self._wipe()

    def _say(self, event: Event) -> None:
        if self._is_json:
            json_line({"event": event.name, **event.values})
        elif event.name == "status":
            self._status(status_line(event))
        elif event.says:
            self._wipe()
            say(f"kerchief: {event.says}")

    def _status(self, line: str) -> None:
        self._statuses += 1
        if self._is_terminal:
            sys.stderr.write("\r" + line.ljust(self._width))
            sys.stderr.flush()
            self._width = len(line)
        elif self._statuses % QUIET_SECONDS == 0:
            say(f"kerchief: {line}")

    def _wipe(self) -> None:
        if self._is_terminal and self._width:
            sys.stderr.write("\r" + " " * self._width + "\r")
            sys.stderr.flush()
            self._width = 0


def status_line(event: Event) -> str:
    """How things are, in one line."""
    values = event.values
    if values["is_lost"]:
        return "no picture from the source; waiting for it"
    parts = [
        f"{values['fps']:g} frames/s",
        f"{values['delay_ms']} ms behind",
        f"{values['people']} in view",
        f"{values['late']} late",
        f"{values['veiled_s']:g} s veiled",
    ]
    if float(values["scale"]) < 1:
        parts.append(f"size {float(values['scale']):.0%}")
    if values["missed"]:
        parts.append(f"{values['missed']} missed by slow sinks")
    return ", ".join(parts)
