"""Works on the next items while the last are used: two steps of a film, each on a core of its own."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import suppress
from queue import Empty, Full, Queue
from threading import Event, Thread
from typing import TypeVar

T = TypeVar("T")

#: How often a full queue is asked whether anybody still wants what is in it, in seconds.
ASK_SECONDS = 0.1


class _End:
    """After the last item; with what ended it, if something went wrong."""

    def __init__(self, error: BaseException | None = None) -> None:
        self.error = error


def ahead(items: Iterator[T], depth: int = 2) -> Generator[T]:
    """The same items, made by a thread that is up to so many ahead. What it raises is raised here, in its place.

    Closing this ends the thread; it waits for the item at work.
    """
    made: Queue[T | _End] = Queue(depth)
    stopped = Event()
    thread = Thread(target=_make, args=(items, made, stopped), daemon=True)
    thread.start()
    try:
        while not isinstance(item := made.get(), _End):
            yield item
        if item.error is not None:
            raise item.error
    finally:
        stopped.set()
        with suppress(Empty):
            made.get_nowait()
        thread.join()


def _make(items: Iterator[T], made: Queue[T | _End], stopped: Event) -> None:
    end = _End()
    try:
        for item in items:
            if not _put(made, item, stopped):
                return
    except BaseException as error:  # noqa: BLE001 - raised again where it belongs
        end = _End(error)
    _put(made, end, stopped)


def _put(made: Queue[T], item: T, stopped: Event) -> bool:
    """Whether the item was taken before everything was stopped."""
    while not stopped.is_set():
        with suppress(Full):
            made.put(item, timeout=ASK_SECONDS)
            return True
    return False
