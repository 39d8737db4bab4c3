"""Keeps what was made last, up to a number of bytes. What several threads ask for at once is made once."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Generic, TypeVar

Value = TypeVar("Value")
#: The first part says what file it is about.
Key = tuple[Hashable, ...]


class Shelf(Generic[Value]):
    """Values by keys; where there are too many bytes, those go that nobody asked for longest.

    Args:
        most_bytes: of all values together. A single one that is larger is kept until the next comes.
        size: bytes that a value takes.
    """

    def __init__(self, most_bytes: int, size: Callable[[Value], int]) -> None:
        self._most = most_bytes
        self._size = size
        self._lock = Lock()
        self._held: OrderedDict[Key, Value] = OrderedDict()
        self._bytes = 0
        self._making: dict[Key, Lock] = {}

    @property
    def held_bytes(self) -> int:
        """Bytes of all values together."""
        return self._bytes

    def find(self, key: Key) -> Value | None:
        """The value if it is there."""
        with self._lock:
            if key in self._held:
                self._held.move_to_end(key)
            return self._held.get(key)

    def get(self, key: Key, make: Callable[[], Value]) -> Value:
        """The value, made if it is not there. What ``make`` raises is raised, and the next one tries again."""
        with self._lock:
            making = self._making.setdefault(key, Lock())
        with making:
            try:
                value = self.find(key)
                if value is None:
                    value = make()
                    self.put(key, value)
            finally:
                with self._lock:
                    self._making.pop(key, None)
            return value

    def put(self, key: Key, value: Value) -> None:
        """Keep a value in the place of what was there."""
        with self._lock:
            self._remove(key)
            self._held[key] = value
            self._bytes += self._size(value)
            while self._bytes > self._most and len(self._held) > 1:
                self._remove(next(iter(self._held)))

    def drop(self, first: Hashable) -> None:
        """Let go of the values whose keys begin with this."""
        with self._lock:
            for key in [key for key in self._held if key[0] == first]:
                self._remove(key)

    def _remove(self, key: Key) -> None:
        if key in self._held:
            self._bytes -= self._size(self._held.pop(key))
