"""Where a copy and its receipt go: to a name that is free, or to the one that was meant for them before."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from kerchief.batch.naming import name_of
from kerchief.batch.walk import Job
from kerchief.batch.worklog import Entry
from kerchief.ports import MediaInfo
from kerchief.store.publish import draft, fill, holds, publish

#: Where a file system has no links, a name is reserved with an empty file (``store.publish``); a kill may leave it.
RESERVED = hashlib.sha256(b"").hexdigest()


@dataclass(frozen=True, slots=True)
class Place:
    """Where one file's copy goes.

    Attributes:
        copy: its name.
        replaces: SHA-256 of what may lie there already, for it was begun by us; None: nothing may.
        receipt: the name of its receipt; None: none is written.
        receipt_replaces: as ``replaces``, of the receipt.
    """

    copy: Path
    replaces: str | None = None
    receipt: Path | None = None
    receipt_replaces: str | None = None

    def write_receipt(self, data: bytes) -> None:
        """Write the receipt.

        Raises:
            OutputError: its name was taken meanwhile, or the disk fails.
        """
        if self.receipt is not None:
            with draft(self.receipt.parent) as path:
                fill(path, data)
                publish(path, self.receipt, replaces=self.receipt_replaces)

    def take_back_receipt(self, data: bytes) -> None:
        """The copy never came: remove its receipt."""
        if self.receipt is not None and holds(self.receipt, hashlib.sha256(data).hexdigest()):
            self.receipt.unlink(missing_ok=True)


class Places:
    """Gives out names; no two files that are worked on at the same time get the same.

    Args:
        output: folder for the copies.
        receipts: folder for receipts; None: none are written.
        keep_names: keep names that a device gave.
    """

    def __init__(self, output: Path, receipts: Path | None, *, keep_names: bool) -> None:
        self._output, self._receipts, self._keep = output, receipts, keep_names
        self._given: set[Path] = set()
        self._one_at_a_time = Lock()

    @contextmanager
    def chosen(self, job: Job, info: MediaInfo, entries: Sequence[Entry]) -> Iterator[Place]:
        """The place of a file's copy, kept for it within the context.

        Args:
            job: the original.
            info: what it is.
            entries: the log's of this very file, none of whose copies lies there.
        """
        with self._one_at_a_time:
            place = self._again(job, entries) or self._new(job, info)
            self._given.add(place.copy)
        try:
            yield place
        finally:
            with self._one_at_a_time:
                self._given.discard(place.copy)

    def _again(self, job: Job, entries: Sequence[Entry]) -> Place | None:
        """The place that was chosen the last time, if nothing lies there but what we began."""
        if not entries:
            return None
        folder = self._output / job.below
        copy = folder / Path(entries[0].output).name
        if str(copy.absolute()) != entries[0].output or copy in self._given:
            return None
        receipt = self._receipt(job, copy)
        replaces = RESERVED if holds(copy, RESERVED) else None
        digests = [entry.receipt_sha256 for entry in entries if entry.output == entries[0].output]
        old = None if receipt is None else next((d for d in digests if d is not None and holds(receipt, d)), None)
        if (replaces is None and os.path.lexists(copy)) or (receipt and old is None and os.path.lexists(receipt)):
            return None
        return Place(copy, replaces, receipt, old)

    def _new(self, job: Job, info: MediaInfo) -> Place:
        def copy(number: int) -> Path:
            return self._output / job.below / name_of(job, info, number, keep_names=self._keep)

        def is_taken(number: int) -> bool:
            path = copy(number)
            receipt = self._receipt(job, path)
            is_there = os.path.lexists(path) or (receipt is not None and os.path.lexists(receipt))
            return is_there or path in self._given

        path = copy(free(is_taken))
        return Place(path, receipt=self._receipt(job, path))

    def _receipt(self, job: Job, copy: Path) -> Path | None:
        """Named by the copy alone; the folder structure is that of the copies."""
        return None if self._receipts is None else self._receipts / job.below / f"{copy.name}.receipt.json"


def free(is_taken: Callable[[int], bool]) -> int:
    """A number that is free, and is 1 or follows on one that is taken.

    Asks of about twice as many numbers as the free one has binary digits: a folder may hold a hundred thousand copies.
    """
    high = 1
    while is_taken(high):
        high *= 2
    low = high // 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if is_taken(middle) else (low, middle)
    return high
