"""Which bytes of a file are owned by its structure, so that what nobody owns can be named."""

from __future__ import annotations

from collections.abc import Iterator

from kerchief.metadata.bounded import BrokenError, blank

# Neighbours melt into one, so that only scattered pieces count; a gigapixel grid has 65,025 tiles.
MAX_PIECES = 1 << 17


class Coverage:
    """The pieces of the data that something points at."""

    def __init__(self, data: memoryview) -> None:
        self._data = data
        self._pieces: list[tuple[int, int]] = []
        self.outside = False
        """Whether a piece reached past the end of the data: the file was cut."""

    def add(self, start: int, size: int) -> None:
        """Count ``size`` bytes at ``start`` as owned."""
        end = start + size
        self.outside |= end > len(self._data)
        if self._pieces and self._pieces[-1][1] == start:
            self._pieces[-1] = (self._pieces[-1][0], end)
        elif size:
            self._pieces.append((start, end))
        if len(self._pieces) > MAX_PIECES:
            raise BrokenError

    def gaps(self) -> Iterator[tuple[int, int]]:
        """Start and end of each stretch that nobody owns, leaving out those that hold only zeros."""
        start, size = 0, len(self._data)
        for a, b in [*sorted(self._pieces), (size, size)]:
            if start < a and not blank(self._data, start, min(a, size)):
                yield start, min(a, size)
            start = max(start, b)
