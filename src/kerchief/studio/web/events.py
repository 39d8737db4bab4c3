"""What changes while pages look on: workers tell, streams pass it on. A slow page gets the newest of each, not all."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Hashable
from contextlib import suppress
from threading import Lock

from kerchief.studio.messages import Event, FileChanged, Followed

#: A line at least so often, so that a page knows that the server lives.
HEARTBEAT_SECONDS = 10.0
#: What happens within this time is told together.
GATHER_SECONDS = 0.05


class Events:
    """The streams that are open. Told from any thread.

    Args:
        now: seconds that only go up.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._streams: set[_Stream] = set()
        self._one_at_a_time = Lock()
        self._last_closed: float | None = None
        self._is_closed = False

    def tell(self, event: Event) -> None:
        """Pass on what changed."""
        with self._one_at_a_time:
            streams = tuple(self._streams)
        for stream in streams:
            stream.put(event)

    def close(self) -> None:
        """End all streams, and those that are still asked for."""
        with self._one_at_a_time:
            self._is_closed = True
            streams = tuple(self._streams)
        for stream in streams:
            stream.wake()

    @property
    def lonely_seconds(self) -> float:
        """How long nobody has been looking on any more; 0 while somebody does, and before anybody ever did."""
        with self._one_at_a_time:
            if self._streams or self._last_closed is None:
                return 0.0
            return self._now() - self._last_closed

    async def lines(self, first: Event) -> AsyncIterator[bytes]:
        """One JSON object a line, the first at once; a blank line where nothing has happened for a while."""
        stream = _Stream(asyncio.get_running_loop())
        with self._one_at_a_time:
            self._streams.add(stream)
        try:
            yield _line(first)
            while not self._is_closed:
                events = await stream.take()
                yield b"".join(map(_line, events)) or b"\n"
        finally:
            with self._one_at_a_time:
                self._streams.discard(stream)
                self._last_closed = self._now()


class _Stream:
    """What one page has not been told yet: the newest of each file, and of the work."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._news = asyncio.Event()
        self._waiting: dict[Hashable, Event] = {}
        self._one_at_a_time = Lock()

    def put(self, event: Event) -> None:
        with self._one_at_a_time:
            about = _subject(event)
            self._waiting.pop(about, None)
            self._waiting[about] = event
        self.wake()

    def wake(self) -> None:
        with suppress(RuntimeError):  # the loop has ended
            self._loop.call_soon_threadsafe(self._news.set)

    async def take(self) -> list[Event]:
        """What is new; nothing after a while in which nothing was."""
        with suppress(TimeoutError):
            async with asyncio.timeout(HEARTBEAT_SECONDS):
                await self._news.wait()
            await asyncio.sleep(GATHER_SECONDS)
        self._news.clear()
        with self._one_at_a_time:
            events, self._waiting = list(self._waiting.values()), {}
        return events


def _line(event: Event) -> bytes:
    return event.model_dump_json().encode() + b"\n"


def _subject(event: Event) -> Hashable:
    """Of two events with the same subject only the later one matters."""
    match event:
        case FileChanged():
            return event.card.id
        case Followed():
            return event.file, event.track
        case _:
            return None
