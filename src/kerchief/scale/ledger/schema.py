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
#: So long a writer waits for another process, in seconds.
PATIENCE = 60.0
CHOOSE = "Free some space, or choose another place with --worklog."
MOVE_AWAY = "Move it away, or choose another place with --worklog."

#: How a state is written down; the indexes below name some of these numbers too.
CODES = {State.WAITING: 0, State.TAKEN: 2, State.INTENDED: 3, State.DONE: 4, State.REFUSED: 5, State.SET_ASIDE: 6}
#: A worker has it, but has not begun: WAITING to the outside.
HANDED = 1
STATES = {**{code: state for state, code in CODES.items()}, HANDED: State.WAITING}

TABLES = """
CREATE TABLE run (
    facts TEXT NOT NULL,       -- JSON of Run
    passes INTEGER NOT NULL,   -- begun so far
    is_noted INTEGER NOT NULL, -- whether what the output folder held before the first of them is in "reserved"
    listed INTEGER NOT NULL    -- the last pass whose listing came to its end
);
CREATE TABLE file (
    number INTEGER PRIMARY KEY,
    source TEXT NOT NULL UNIQUE,
    name TEXT,                 -- FOLDER/STEM.redacted; NULL: it can't have one
    key TEXT UNIQUE,           -- the same irrespective of case, and of how accents are written
    size INTEGER NOT NULL,
    stamp TEXT NOT NULL,
    seen INTEGER NOT NULL,     -- the last pass whose listing met it when it was to be done
    state INTEGER NOT NULL DEFAULT 0,
    attempts INTEGER NOT NULL DEFAULT 0,
    refusals INTEGER NOT NULL DEFAULT 0,  -- passes that have refused it as it is
    finished_at REAL,          -- Unix time of DONE, REFUSED, SET_ASIDE
    seconds REAL,              -- of work on it; NULL: no worker was asked, as for what the listing refuses
    exit_code INTEGER,
    problem TEXT,
    next_step TEXT,
    ending TEXT,               -- of the copy; not NULL: this and what follows is the intent, or what was done
    source_sha256 BLOB,
    output_sha256 BLOB,
    output_size INTEGER,
    receipt_sha256 BLOB,
    kind TEXT,
    frames INTEGER,
    covered INTEGER,
    rounds INTEGER,
    added INTEGER,
    doubtful INTEGER,
    replaces BLOB,             -- digests of copies before that one, one after the other, which may have its name,
    replaces_receipt BLOB      -- and of receipts; NULL: none may
);
CREATE INDEX waiting ON file (seen, refusals, number) WHERE state = 0;
CREATE INDEX without ON file (number) WHERE state > 4;
CREATE TABLE numbered (key TEXT PRIMARY KEY, last INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE reserved (key TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE tally (state INTEGER PRIMARY KEY, files INTEGER NOT NULL, size INTEGER NOT NULL);
INSERT INTO tally VALUES (0, 0, 0), (1, 0, 0), (2, 0, 0), (3, 0, 0), (4, 0, 0), (5, 0, 0), (6, 0, 0);
CREATE TRIGGER found AFTER INSERT ON file BEGIN
    UPDATE tally SET files = files + 1, size = size + NEW.size WHERE state = NEW.state;
END;
CREATE TRIGGER dropped AFTER DELETE ON file BEGIN
    UPDATE tally SET files = files - 1, size = size - OLD.size WHERE state = OLD.state;
END;
CREATE TRIGGER moved AFTER UPDATE OF state, size ON file BEGIN
    UPDATE tally SET files = files - 1, size = size - OLD.size WHERE state = OLD.state;
    UPDATE tally SET files = files + 1, size = size + NEW.size WHERE state = NEW.state;
END;
"""
#: What the output folder holds now, for as long as the connection lasts.
THERE = "CREATE TEMP TABLE there (name TEXT PRIMARY KEY, size INTEGER NOT NULL) WITHOUT ROWID"


def opened(path: Path) -> sqlite3.Connection:
    """A connection to a ledger, made if it is missing; readable for its owner alone.

    Raises:
        OutputError: it can't be made, is damaged, or is not a ledger of this version.
    """
    with faults(path):
        _make_private(path)
        db = sqlite3.connect(path, timeout=PATIENCE, isolation_level=None, check_same_thread=False)
        try:
            _prepare(db, path)
        except BaseException:
            db.close()
            raise
        return db


def copy(db: sqlite3.Connection, to: Path) -> None:
    """A ledger as it is now, in a file of its own; what was there is written over."""
    _make_private(to)
    target = sqlite3.connect(to)
    try:
        target.execute("PRAGMA journal_mode = OFF")  # a copy that was broken off is of no use
        db.backup(target)
    finally:
        target.close()


@contextmanager
def faults(path: Path) -> Iterator[None]:
    """What SQLite raises, as an error of ours.

    Raises:
        OutputError.
    """
    try:
        yield
    except (sqlite3.IntegrityError, sqlite3.ProgrammingError):
        raise  # a fault of ours
    except sqlite3.OperationalError as error:
        reason = str(error).lower()  # SQLite's own words: "database or disk is full", "disk I/O error"
        raise OutputError(str(path), f"the ledger can't be read or written ({reason})", CHOOSE) from None
    except sqlite3.DatabaseError:
        raise OutputError(str(path), "is damaged, or not a ledger of kerchief", MOVE_AWAY) from None


def _make_private(path: Path) -> None:
    """SQLite gives the files beside it the permissions of this one."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, PRIVATE))
    except OSError as error:
        reason = (error.strerror or "failed").lower()
        raise OutputError(str(path), f"the ledger can't be written ({reason})", CHOOSE) from None


def _prepare(db: sqlite3.Connection, path: Path) -> None:
    ours, version, tables = _head(db)
    if not (ours or version or tables):
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("BEGIN IMMEDIATE")
        if not any(_head(db)):  # another process may have been quicker
            for statement in _statements(TABLES):
                db.execute(statement)
            db.execute(f"PRAGMA application_id = {OURS}")
            db.execute(f"PRAGMA user_version = {VERSION}")
        db.execute("COMMIT")
        ours, version, _ = _head(db)
    if ours != OURS:
        raise sqlite3.DatabaseError
    if version != VERSION:
        raise OutputError(str(path), "is a ledger of another version of kerchief", MOVE_AWAY)
    db.execute("PRAGMA synchronous = NORMAL")
    db.execute(THERE)


def _head(db: sqlite3.Connection) -> tuple[int, int, int]:
    """Application, version and number of tables of a database file."""
    asked = ("PRAGMA application_id", "PRAGMA user_version", "SELECT count(*) FROM sqlite_schema")
    ours, version, tables = (db.execute(what).fetchone()[0] for what in asked)
    return ours, version, tables


def _statements(script: str) -> Iterator[str]:
    """One by one: ``executescript`` would end the transaction."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
