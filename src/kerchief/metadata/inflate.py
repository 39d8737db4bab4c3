"""Whether a compressed stream holds exactly its picture: neither less, nor something more behind it."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

from kerchief.metadata.finding import Finding, Kind

# Steps keep memory small whatever the stream blows up to: deflate grows by 1032 at most, so 4 MiB a step.
_STEP = 1 << 12
# Nobody decodes larger pictures; a bomb that claims more is damaged, not searched.
MAX_RAW_SIZE = 1 << 32


class Inflated:
    """One zlib stream of known length, fed in pieces.

    Args:
        size: What the stream must inflate to, in bytes.
    """

    def __init__(self, size: int) -> None:
        self._left = size
        self._behind = 0
        self._damaged = size > MAX_RAW_SIZE
        self._inflater = zlib.decompressobj()

    def feed(self, piece: memoryview) -> None:
        """Take the next piece of the stream."""
        for at in range(0, len(piece), _STEP):
            step = piece[at : at + _STEP]
            if self._inflater.eof:
                self._behind += len(step)
            elif not self._damaged and self._left >= 0:
                self._inflate(step)

    def _inflate(self, step: memoryview) -> None:
        try:
            self._left -= len(self._inflater.decompress(step))
        except zlib.error:
            self._damaged = True
        self._behind += len(self._inflater.unused_data)

    def findings(self, what: str) -> Iterator[Finding]:
        """What is wrong, once everything has been fed."""
        if self._behind:
            yield Finding(Kind.TRAILING, f"after the pixels of a {what}", self._behind)
        if self._left < 0:
            yield Finding(Kind.TRAILING, f"more pixels than the {what} shows", 0)
        elif self._damaged or self._left or not self._inflater.eof:
            yield Finding(Kind.DAMAGED, f"pixels of a {what}", 0)
