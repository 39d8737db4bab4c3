"""What a copy is called, without its ending: settled when its original is listed, before two workers can disagree."""

from __future__ import annotations

import re
import sqlite3
import unicodedata
from itertools import count
from pathlib import PurePosixPath

from kerchief.batch.meant import OUTPUT_MARK
from kerchief.batch.naming import NEUTRAL
from kerchief.metadata import stamped
from kerchief.scale.storage import Found

#: In front of what stands for a path in the ledger; a path begins with "/" or a protocol.
UNSAYABLE = "? "
_NEUTRAL_OUTPUT = re.compile(rf"(?:.*/)?{NEUTRAL}-\d+{re.escape(OUTPUT_MARK)}", re.IGNORECASE)


def is_sayable(file: Found) -> bool:
    """Whether a path can be written down, and leads nowhere but below its folder (a key of a store may be anything)."""
    try:
        file.place.url.encode()
    except UnicodeEncodeError:
        return False
    parts = [*([] if file.below == "." else file.below.split("/")), file.place.name]
    return all(part not in ("", ".", "..") and "\0" not in part for part in parts)


def escaped(url: str) -> str:
    """A path that is not sayable, in letters that can be written down: another one for each, and no other path's."""
    doubled = url.replace("\\", r"\\").replace("\0", r"\0")
    return UNSAYABLE + doubled.encode(errors="backslashreplace").decode()


def shown(source: str) -> str:
    """A path as people see it, of what is in the ledger."""
    return source.removeprefix(UNSAYABLE)


def key_of(name: str) -> str:
    """Equal for names that some disk takes for the same: irrespective of case, and of how accents are written.

    Unicode's canonical caseless matching (The Unicode Standard, D145).
    """
    return unicodedata.normalize("NFD", unicodedata.normalize("NFD", name).casefold())


def neutral_key(path: str) -> str | None:
    """The key of a file in the output folder if we may have chosen its name ourselves ("photo-7.redacted.jpg")."""
    name = path.rpartition(".")[0]
    return key_of(name) if _NEUTRAL_OUTPUT.fullmatch(name) else None


def reserve(db: sqlite3.Connection, below: str, name: str, *, keep_names: bool) -> tuple[str, str]:
    """A name that no other copy of the run has, and its key; the caller writes both down in the same transaction.

    Of names that we choose ourselves, those that the output folder held before the run are left out.

    Args:
        db: the ledger.
        below: folder of the original, "." or parts between "/".
        name: of the original.
        keep_names: keep a name that a device gave.
    """
    folder = "" if below == "." else f"{below}/"
    is_ours = not keep_names and stamped(name) is not None
    plain = f"{folder}{NEUTRAL if is_ours else PurePosixPath(name).stem}"
    if not is_ours and _is_free(db, key := key_of(plain + OUTPUT_MARK)):
        return plain + OUTPUT_MARK, key
    row = db.execute("SELECT last FROM numbered WHERE key = ?", (key_of(plain),)).fetchone()
    for number in count(row[0] + 1 if row else 1 if is_ours else 2):
        numbered = f"{plain}-{number}{OUTPUT_MARK}"
        key = key_of(numbered)
        if _is_free(db, key) and not (is_ours and _is_reserved(db, key)):
            db.execute("INSERT OR REPLACE INTO numbered VALUES (?, ?)", (key_of(plain), number))
            return numbered, key
    raise AssertionError("numbers do not end")


def _is_free(db: sqlite3.Connection, key: str) -> bool:
    return db.execute("SELECT 1 FROM file WHERE key = ?", (key,)).fetchone() is None


def _is_reserved(db: sqlite3.Connection, key: str) -> bool:
    return db.execute("SELECT 1 FROM reserved WHERE key = ?", (key,)).fetchone() is not None
