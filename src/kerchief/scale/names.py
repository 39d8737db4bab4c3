"""What a copy is called, without its ending: settled when its original is listed, so that no two workers agree on one."""

from __future__ import annotations

import sqlite3
import unicodedata
from collections.abc import Iterator
from itertools import count
from pathlib import PurePosixPath

from kerchief.batch.meant import OUTPUT_MARK
from kerchief.batch.naming import NEUTRAL
from kerchief.metadata import stamped


def is_sayable(below: str, name: str) -> bool:
    """Whether a path can be written down, and leads nowhere but below its folder (a key of a store may be anything)."""
    path = f"{below}/{name}"
    try:
        path.encode()
    except UnicodeEncodeError:
        return False
    parts = ([] if below == "." else below.split("/")) + [name]
    return "\0" not in path and not any(part in ("", ".", "..") for part in parts)


def key_of(name: str) -> str:
    """Equal for names that some disk takes for the same: irrespective of case, and of how accents are written."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def reserve(db: sqlite3.Connection, below: str, name: str, *, keep_names: bool) -> tuple[str, str]:
    """A name that no other copy of the run has, and its key; the caller writes both down in the same transaction.

    Args:
        db: the ledger; its temporary table ``there`` holds what the output folder held before.
        below: folder of the original, "." or parts between "/".
        name: of the original.
        keep_names: keep a name that a device gave.
    """
    folder = "" if below == "." else f"{below}/"
    is_neutral = not keep_names and stamped(name) is not None
    plain = f"{folder}{NEUTRAL if is_neutral else PurePosixPath(name).stem}"
    if not is_neutral and _is_free(db, key := key_of(plain + OUTPUT_MARK)):
        return plain + OUTPUT_MARK, key
    for number in _numbers(db, key_of(plain), 1 if is_neutral else 2):
        numbered = f"{plain}-{number}{OUTPUT_MARK}"
        if _is_free(db, key := key_of(numbered)) and not (is_neutral and _is_there(db, numbered)):
            db.execute("INSERT OR REPLACE INTO numbered VALUES (?, ?)", (key_of(plain), number))
            return numbered, key
    raise AssertionError("numbers do not end")


def _numbers(db: sqlite3.Connection, key: str, first: int) -> Iterator[int]:
    row = db.execute("SELECT last FROM numbered WHERE key = ?", (key,)).fetchone()
    return count(row[0] + 1 if row else first)


def _is_free(db: sqlite3.Connection, key: str) -> bool:
    return db.execute("SELECT 1 FROM file WHERE key = ?", (key,)).fetchone() is None


def _is_there(db: sqlite3.Connection, name: str) -> bool:
    """Whether the output folder held a file of this name, with any ending ("/" comes right after ".")."""
    found = db.execute("SELECT 1 FROM there WHERE name > ? AND name < ?", (f"{name}.", f"{name}/"))
    return found.fetchone() is not None
