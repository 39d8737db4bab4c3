"""The newest picture, and all who wait for the next one: whoever is slow gets fewer, and holds up nobody.

There is one picture at a time and no queue, so nobody can be shown what was long ago.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from threading import Lock

#: Somebody who asked so lately will ask again: drawing a picture takes less.
WATCHED_SECONDS = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """What a page shows of a frame.

    Attributes:
        number: of the frame.
        jpeg: the covered frame.
        is_veiled: whether all of it is covered, for it was not looked at in time.
        came: when it was handed over, seconds of the clock of ``Newest``.
    """

    number: int
    jpeg: bytes
    is_veiled: bool
    came: float


class Newest:
    """Put in by one thread, taken out by the server's loop.

    Args:
        now: seconds that only go up.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self.fresh_seconds = 0.0
        """A picture that came longer ago is given to nobody: it would look live and not be."""
        self.now = now
        self._picture: Picture | None = None
        self._asked: float | None = None
        self._waiters: set[_Waiter] = set()
        self._is_over = False
        self._one_at_a_time = Lock()

    @property
    def is_watched(self) -> bool:
        """Whether anybody would see the next picture."""
        with self._one_at_a_time:
            return bool(self._waiters) or (self._asked is not None and self.now() - self._asked < WATCHED_SECONDS)

    def put(self, picture: Picture) -> None:
        """Show this one from now on."""
        with self._one_at_a_time:
            self._picture = picture
        self._wake()

    def clear(self) -> None:
        """Forget the picture."""
        with self._one_at_a_time:
            self._picture = None

    def end(self) -> None:
        """Let all go who wait, and whoever comes."""
        with self._one_at_a_time:
            self._picture, self._is_over = None, True
        self._wake()

    async def after(self, number: int, patience: float) -> Picture | None:
        """The newest picture, once it is another than the one of this number; None if none comes in so many seconds."""
        waiter = _Waiter(asyncio.get_running_loop())
        with self._one_at_a_time:
            self._waiters.add(waiter)
        try:
            async with asyncio.timeout(patience):
                while (found := self._other_than(number)) is None and not self._is_over:
                    await waiter.wait()
                return found
        except TimeoutError:
            return None
        finally:
            with self._one_at_a_time:
                self._waiters.discard(waiter)
                self._asked = self.now()

    def _other_than(self, number: int) -> Picture | None:
        with self._one_at_a_time:
            found = self._picture
        if found is None or found.number == number or self.now() - found.came > self.fresh_seconds:
            return None
        return found

    def _wake(self) -> None:
        with self._one_at_a_time:
            waiters = tuple(self._waiters)
        for waiter in waiters:
            waiter.wake()


@dataclass(eq=False)
class _Waiter:
    """A page that waits in a loop."""

    loop: asyncio.AbstractEventLoop
    news: asyncio.Event = field(default_factory=asyncio.Event)

    def wake(self) -> None:
        with suppress(RuntimeError):  # the loop has ended
            self.loop.call_soon_threadsafe(self.news.set)

    async def wait(self) -> None:
        await self.news.wait()
        self.news.clear()
