"""A listing's files, written down: new ones get a name, known ones are left as they are unless they have changed."""

from __future__ import annotations

import sqlite3
import time
from dataclasses import dataclass

from kerchief.errors import ExitCode
from kerchief.scale.names import is_sayable, reserve
from kerchief.scale.schema import CODES
from kerchief.scale.storage import Found
from kerchief.scale.tasks import State


@dataclass(frozen=True, slots=True)
class Finder:
    """Writes files down.

    Attributes:
        db: the ledger, in a transaction.
        this_pass: number of the pass whose listing it is.
        keep_names: keep names that a device gave.
    """

    db: sqlite3.Connection
    this_pass: int
    keep_names: bool

    def add(self, file: Found) -> None:
        """Write a file down."""
        if not is_sayable(file.below, file.place.name):
            self._refuse(file)
            return
        known = self.db.execute(
            "SELECT number, state, stamp, seen FROM file WHERE source = ?", (file.place.url,)
        ).fetchone()
        if known is None:
            name, key = reserve(self.db, file.below, file.place.name, keep_names=self.keep_names)
            self.db.execute(
                "INSERT INTO file (source, name, key, size, stamp, seen) VALUES (?, ?, ?, ?, ?, ?)",
                (file.place.url, name, key, file.size, file.stamp, self.this_pass),
            )
            return
        number, state, stamp, seen = known
        if seen == self.this_pass:
            return  # named twice
        if stamp != file.stamp:
            self._begin_anew(number, file)
        elif state == CODES[State.WAITING]:
            self.db.execute("UPDATE file SET seen = ? WHERE number = ?", (self.this_pass, number))

    def end(self) -> None:
        """All have been added: files of an earlier pass that were not met again, and are not done, are refused."""
        self.db.execute(
            "UPDATE file SET state = ?, exit_code = ?, problem = ?, next_step = ?, finished_at = ?"
            " WHERE state = 0 AND seen < ?",
            (
                CODES[State.REFUSED],
                ExitCode.INPUT_REFUSED,
                "is no longer there",
                "Run it again with --resume when it is back.",
                time.time(),
                self.this_pass,
            ),
        )

    def _begin_anew(self, number: int, file: Found) -> None:
        """Another content: the copy of the earlier one, if there is one still, makes way for the new one."""
        self.db.execute(
            "UPDATE file SET state = 0, attempts = 0, finished_at = NULL, seen = ?, size = ?, stamp = ?, ending = NULL,"
            " replaces = coalesce(output_sha256, replaces), output_sha256 = NULL,"
            " replaces_receipt = coalesce(receipt_sha256, replaces_receipt), receipt_sha256 = NULL WHERE number = ?",
            (self.this_pass, file.size, file.stamp, number),
        )

    def _refuse(self, file: Found) -> None:
        """A path that can't be written down as it is."""
        source = file.place.url.encode(errors="backslashreplace").decode().replace("\0", "\\0")
        self.db.execute(
            "INSERT OR IGNORE INTO file (source, size, stamp, seen, state, exit_code, problem, next_step, finished_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                source,
                file.size,
                file.stamp,
                self.this_pass,
                CODES[State.REFUSED],
                ExitCode.INPUT_REFUSED,
                "its name, or its folder's, can't be written down, or is no path",
                "Rename it.",
                time.time(),
            ),
        )
