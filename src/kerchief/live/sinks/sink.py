"""What a sink is."""

from __future__ import annotations

from typing import Protocol

from kerchief.live.covered import Covered, Form


class Sink(Protocol):
    """Where covered frames go. One call at a time, though not always from the same thread.

    ``sinks.outlet`` opens it again when it failed.
    """

    @property
    def name(self) -> str:
        """As the user called it, without passwords."""

    def open(self, form: Form) -> None:
        """Begin. After ``close`` it may be opened again.

        Raises:
            OutputError: not now: it is tried again.
            UsageError: never: the run does not begin.
        """

    def send(self, covered: Covered) -> None:
        """Take the next frame. May take a while: frames that come meanwhile wait, and the oldest are dropped.

        Raises:
            OutputError: it is gone; it is closed and opened again.
        """

    def idle(self) -> None:
        """Nothing came for a second or so.

        Raises:
            OutputError: as send.
        """

    def close(self) -> None:
        """It failed: let go of what was begun, so that it can be opened again. Never raises; twice does no harm."""

    def finish(self) -> None:
        """The run is over: end whole what was begun, however long it takes. Never raises; twice does no harm."""
