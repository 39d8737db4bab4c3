"""Bytes that are too many for a message: they stay in the cluster, and go from worker to worker in chunks."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from kerchief.store.publish import cannot_write

#: Chunks are so long: a few of them fit beside everything else in memory.
CHUNK_BYTES = 32 << 20


class ChunkLost(Exception):
    """A chunk is gone, with the machine that kept it."""


class Chunk(Protocol):
    """Some bytes that the cluster keeps."""

    def read(self) -> bytes:
        """Them.

        Raises:
            ChunkLost.
        """


@dataclass(frozen=True, slots=True, eq=False)
class Stored:
    """What a step gave that stays in the cluster.

    Attributes:
        chunks: in order.
        seconds: that the step took.
    """

    chunks: tuple[Chunk, ...]
    seconds: float


def chunks_of(path: Path) -> Iterator[bytes]:
    """A file's bytes."""
    with path.open("rb") as file:
        while data := file.read(CHUNK_BYTES):
            yield data


def write_chunks(path: Path, chunks: Iterable[Chunk]) -> None:
    """Fill a draft, and wait until the disk has it.

    Raises:
        OutputError: the disk is full or fails.
        ChunkLost.
    """
    try:
        with path.open("wb") as file:
            for chunk in chunks:
                file.write(chunk.read())
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise cannot_write(path.parent, error) from None
