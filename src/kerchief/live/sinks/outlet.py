"""Runs one sink in a thread of its own: slow or gone, it holds up nobody, and it is opened again when it can be."""

from __future__ import annotations

from collections import deque
from contextlib import suppress
from threading import Condition, Thread
from time import monotonic

from kerchief.errors import KerchiefError, Unexpected
from kerchief.live.backoff import Backoff
from kerchief.live.covered import Covered, Form
from kerchief.live.events import Event, Tell
from kerchief.live.sinks.sink import Sink

#: So many frames wait for a sink that is slow; then the oldest are dropped.
MOST_FRAMES = 30
#: A sink is told when nothing came for so long.
IDLE_SECONDS = 1.0


class Outlet:
    """A sink that is fed.

    Args:
        sink: where frames go.
        form: of all of them.
        tell: told when the sink is lost, and when it is back; must not raise.
    """

    def __init__(self, sink: Sink, form: Form, tell: Tell) -> None:
        self.name = sink.name
        self.missed = 0
        self._sink, self._form, self._tell = sink, form, tell
        self._frames: deque[Covered] = deque()
        self._changed = Condition()
        self._is_ending = False
        self._is_open = False
        self._backoff = Backoff()
        self._closed_until = 0.0
        self._thread = Thread(target=self._run, name=f"sink {sink.name}", daemon=True)

    def start(self) -> None:
        """Open the sink, and begin.

        Raises:
            OutputError, UsageError: it can't be opened.
        """
        self._open()
        self._thread.start()

    def send(self, covered: Covered) -> None:
        """Hand over a frame. Returns at once."""
        with self._changed:
            if len(self._frames) == MOST_FRAMES:
                self._frames.popleft()
                self.missed += 1
            self._frames.append(covered)
            self._changed.notify()

    def end(self) -> None:
        """No frame comes any more: what waits is sent, and the sink ended whole. Returns at once."""
        with self._changed:
            self._is_ending = True
            self._changed.notify()

    def has_ended(self, seconds: float) -> bool:
        """Whether it has ended, within so many seconds."""
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def _run(self) -> None:
        while True:
            covered = self._next()
            if covered is None and self._is_ending:
                break
            try:
                self._give(covered)
            except Exception as error:  # noqa: BLE001 - an outer edge: one sink must not end the others
                self._lose(error)
        with suppress(Exception):
            self._sink.finish()

    def _next(self) -> Covered | None:
        """The next frame; for a sink that is gone, the newest when it is to be tried again. None: none came."""
        with self._changed:
            if self._is_open:
                self._changed.wait_for(lambda: self._frames or self._is_ending, IDLE_SECONDS)
                return self._frames.popleft() if self._frames else None
            self._changed.wait_for(lambda: self._is_ending, max(0.0, self._closed_until - monotonic()))
            if self._is_ending:
                self.missed += len(self._frames)
                self._frames.clear()
                return None
            self._changed.wait_for(lambda: self._frames or self._is_ending, IDLE_SECONDS)
            self.missed += max(0, len(self._frames) - 1)
            newest = self._frames.pop() if self._frames else None
            self._frames.clear()
            return newest

    def _give(self, covered: Covered | None) -> None:
        if covered is None:
            if self._is_open:
                self._sink.idle()
            return
        if not self._is_open:
            self._open()
            self._tell(Event("sink back", f"{self.name} is back", {"sink": self.name}))
        self._sink.send(covered)

    def _open(self) -> None:
        self._sink.open(self._form)
        self._is_open = True
        self._backoff.begun()

    def _lose(self, error: Exception) -> None:
        """The sink is gone, or still is; it is told once."""
        self._closed_until = monotonic() + self._backoff.failed()
        if self._is_open:
            known = error if isinstance(error, KerchiefError) else Unexpected.of(self.name, error)
            says = f"{self.name} is lost: {known.problem}; it is tried again"
            self._tell(Event("sink lost", says, {"sink": self.name, "problem": known.problem}))
        else:
            self.missed += 1
        self._is_open = False
        with suppress(Exception):
            self._sink.close()
