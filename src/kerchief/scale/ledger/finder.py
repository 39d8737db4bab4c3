"""A listing's files, written down: new ones get a name, known ones are left as they are unless they have changed."""

from __future__ import annotations

import sqlite3
import time
from dataclasses import dataclass

from kerchief.errors import ExitCode
from kerchief.scale.ledger.names import escaped, is_sayable, reserve
from kerchief.scale.ledger.outcomes import SUPERSEDED
from kerchief.scale.ledger.schema import CODES
from kerchief.scale.storage import Found
from kerchief.scale.tasks import State

#: What a pass has not met and is not done; the ledger has an index for each.
GONE = ("state = 0 AND seen < ?", "state > 4 AND seen < ?")
#: Whether something in the output has a file's name and some ending; "/" is what follows ".".
IS_THERE = "EXISTS (SELECT 1 FROM there WHERE there.name >= file.name || '.' AND there.name < file.name || '/')"


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
        if not is_sayable(file):
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
        elif state != CODES[State.DONE]:
            self.db.execute("UPDATE file SET seen = ? WHERE number = ?", (self.this_pass, number))

    def end(self) -> None:
        """All have been added: what was not met again, and has no copy, is forgotten.

        Somebody has renamed or removed it, as the next step may have told. If there was a copy of it, and something of
        that name is in the output still, then it is refused: that may show what its original no longer does.
        """
        for gone in GONE:
            self.db.execute(
                f"DELETE FROM file WHERE {gone} AND NOT"  # noqa: S608 - ours
                f" ((ending IS NOT NULL OR replaces IS NOT NULL) AND {IS_THERE})",
                (self.this_pass,),
            )
            self.db.execute(
                "UPDATE file SET state = ?, exit_code = ?, problem = ?, next_step = ?, finished_at = ?,"  # noqa: S608 - ours
                f" seconds = NULL WHERE {gone}",
                (
                    CODES[State.REFUSED],
                    ExitCode.INPUT_REFUSED,
                    "is no longer there, and a copy in the output may be of an earlier state of it",
                    "Run it again with --resume when it is back, or when you have removed that copy.",
                    time.time(),
                    self.this_pass,
                ),
            )
        self.db.execute("UPDATE run SET listed = ?", (self.this_pass,))

    def _begin_anew(self, number: int, file: Found) -> None:
        """Another content: the copy of the earlier one, if there is one still, makes way for the new one."""
        self.db.execute(
            "UPDATE file SET state = 0, attempts = 0, refusals = 0, finished_at = NULL, seen = ?, size = ?, stamp = ?,"  # noqa: S608 - ours
            f" ending = NULL, {SUPERSEDED}, output_sha256 = NULL, receipt_sha256 = NULL WHERE number = ?",
            (self.this_pass, file.size, file.stamp, number),
        )

    def _refuse(self, file: Found) -> None:
        """A path that can't be written down as it is."""
        self.db.execute(
            "INSERT INTO file (source, size, stamp, seen, state, exit_code, problem, next_step, finished_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (source) DO UPDATE SET seen = excluded.seen, finished_at = excluded.finished_at",
            (
                escaped(file.place.url),
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
