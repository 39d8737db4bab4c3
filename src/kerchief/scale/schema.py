"""The ledger's tables, and how its file is opened: privately, and so that a kill at any moment loses nothing."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kerchief.errors import OutputError
from kerchief.scale.tasks import State
from kerchief.store.publish import PRIVATE

#: "krch", at its place in the file's head: tells our files from other tools'.
OURS = 0x6B726368
VERSION = 1
#: So long a writer waits for the other process, in seconds.
PATIENCE = 60.0
CHOOSE = "Choose another place with --worklog."
MOVE_AWAY = "Move it away, or choose another place with --worklog."

#: How a state is written. HANDED is WAITING to the outside: a worker has it, but has not begun. 0 is also written out in
#: the index below.
HANDED = 1
CODES = {State.WAITING: 0, State.TAKEN: 2, State.INTENDED: 3, State.DONE: 4, State.REFUSED: 5, State.SET_ASIDE: 6}
STATES = {**{code: state for state, code in CODES.items()}, HANDED: State.WAITING}

TABLES = f"""
PRAGMA application_id = {OURS};
PRAGMA user_version = {VERSION};
CREATE TABLE run (facts TEXT NOT NULL, passes INTEGER NOT NULL);
CREATE TABLE file (
    number INTEGER PRIMARY KEY,
    source TEXT NOT NULL UNIQUE,
    name TEXT,         -- BELOW/STEM.redacted; NULL: it can't have one
    key TEXT UNIQUE,   -- the same irrespective of case and of how accents are written
    size INTEGER NOT NULL,
    stamp TEXT NOT NULL,
    seen INTEGER NOT NULL,  -- the last pass whose listing met it while it was to be done
    state INTEGER NOT NULL DEFAULT 0,
    attempts INTEGER NOT NULL DEFAULT 0,
    finished_at REAL,  -- Unix time of DONE, REFUSED, SET_ASIDE
    seconds REAL,
    exit_code INTEGER, problem TEXT, next_step TEXT,
    ending TEXT,       -- of the copy: with it, the intent or what was done is complete
    output_size INTEGER, source_sha256 BLOB, output_sha256 BLOB, receipt_sha256 BLOB,
    kind TEXT, frames INTEGER, covered INTEGER, rounds INTEGER, added INTEGER, doubtful INTEGER,
    replaces BLOB      -- digest of the copy of an earlier state of the original
);
CREATE INDEX waiting ON file (seen, number) WHERE state = 0;
CREATE TABLE numbered (key TEXT PRIMARY KEY, last INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE tally (state INTEGER PRIMARY KEY, files INTEGER NOT NULL, size INTEGER NOT NULL);
INSERT INTO tally VALUES {", ".join(f"({code}, 0, 0)" for code in sorted(STATES))};
CREATE TRIGGER found AFTER INSERT ON file BEGIN
    UPDATE tally SET files = files + 1, size = size + NEW.size WHERE state = NEW.state;
END;
CREATE TRIGGER moved AFTER UPDATE OF state, size ON file BEGIN
    UPDATE tally SET files = files - 1, size = size - OLD.size WHERE state = OLD.state;
    UPDATE tally SET files = files + 1, size = size + NEW.size WHERE state = NEW.state;
END;
"""


def opened(path: Path) -> sqlite3.Connection:
    """A connection to a ledger, made if it is missing; readable for its owner alone.

    Raises:
        OutputError: it can't be made, is damaged, or is not a ledger of this version.
    """
    with faults(path):
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            os.close(os.open(path, os.O_RDWR | os.O_CREAT, PRIVATE))
        except OSError as error:
            reason = (error.strerror or "failed").lower()
            raise OutputError(str(path), f"the ledger can't be written ({reason})", CHOOSE) from None
        db = sqlite3.connect(path, timeout=PATIENCE, isolation_level=None, check_same_thread=False)
        try:
            _prepare(db, path)
        except BaseException:
            db.close()
            raise
        return db


@contextmanager
def faults(path: Path) -> Iterator[None]:
    """What SQLite raises, as an error of ours.

    Raises:
        OutputError.
    """
    try:
        yield
    except sqlite3.OperationalError as error:
        reason = str(error).lower()
        raise OutputError(str(path), f"the ledger can't be read or written ({reason})", CHOOSE) from None
    except sqlite3.DatabaseError:
        raise OutputError(str(path), "is damaged, or not a ledger of kerchief", MOVE_AWAY) from None


def _prepare(db: sqlite3.Connection, path: Path) -> None:
    db.execute("BEGIN IMMEDIATE")
    ours, version, tables = (
        db.execute(what).fetchone()[0]
        for what in ("PRAGMA application_id", "PRAGMA user_version", "SELECT count(*) FROM sqlite_schema")
    )
    if not tables and not ours and not version:
        for statement in _statements(TABLES):
            db.execute(statement)
    elif ours != OURS:
        raise sqlite3.DatabaseError
    elif version != VERSION:
        raise OutputError(str(path), "is a ledger of another version of kerchief", MOVE_AWAY)
    db.execute("COMMIT")
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = NORMAL")


def _statements(script: str) -> Iterator[str]:
    """``executescript`` would end the transaction."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
