"""Files and folders wherever they are: the only door to fsspec.

``Place`` names one; the functions here read and write it, and hide which store it is in.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING

from kerchief.errors import InputRefused, UsageError
from kerchief.scale.storage.local import Local
from kerchief.scale.storage.place import Found, Place
from kerchief.store.publish import PRIVATE, PUBLIC

if TYPE_CHECKING:
    from kerchief.scale.storage.remote import Remote

__all__ = ["Found", "Place", "at_hand", "fetch", "get", "holds", "listed", "publish", "put", "send"]


def listed(place: Place, but_not: Place | None = None) -> Iterator[Found]:
    """The files in a folder and those below it; of a file, itself. Hidden ones and linked folders are passed over.

    Args:
        place: a file or folder.
        but_not: a folder that is not searched.

    Raises:
        UsageError: it does not exist.
        InputRefused: a folder can't be read.
    """
    return _store(place).listed(place, but_not)


@contextmanager
def at_hand(place: Place, scratch: Path) -> Iterator[Path]:
    """A file as a path: the file itself where it is local, otherwise a private copy that is gone at the end.

    Args:
        place: the file.
        scratch: a private folder for the copy.

    Raises:
        InputRefused: it can't be read.
    """
    if place.is_local:
        yield place.path
        return
    copy = scratch / f"{token_hex(8)}{Path(place.name).suffix}"
    copy.touch(PRIVATE)
    try:
        if not fetch(place, copy):
            raise InputRefused(str(place), "is no longer there", "Run it again with --resume when it is back.")
        yield copy
    finally:
        copy.unlink(missing_ok=True)


def fetch(place: Place, to: Path) -> bool:
    """Copy a file's bytes into a local file; False: there is none.

    Raises:
        InputRefused: it can't be read.
    """
    return _store(place).fetch(place, to)


def publish(draft: Path, target: Place, mode: int = PUBLIC, replaces: str | None = None) -> None:
    """Give a finished draft its name: it appears whole, and only if nothing of that name exists.

    Args:
        draft: a local file; for a local target in the folder of the target (``store.publish.draft``).
        target: its name.
        mode: its permissions, where the store has any.
        replaces: SHA-256 of an earlier copy of our own, which makes way if it has these bytes still.

    Raises:
        OutputError: something else of that name exists, or it can't be written.
    """
    _store(target).publish(draft, target, mode, replaces)


def holds(target: Place, sha256: str) -> bool:
    """Whether a file of this name is there and its bytes have this digest. Of a remote file all bytes are fetched."""
    return _store(target).holds(target, sha256)


def put(target: Place, data: bytes, *, private: bool) -> None:
    """Write a file of our own anew, in one step.

    Args:
        target: its name.
        data: its bytes.
        private: readable for its owner alone, where the store has permissions.

    Raises:
        OutputError: it can't be written.
    """
    _store(target).put(target, data, private=private)


def send(path: Path, target: Place, *, private: bool) -> None:
    """As ``put``, with the bytes of a local file, however large."""
    _store(target).send(path, target, private=private)


def get(place: Place, scratch: Path) -> bytes | None:
    """The bytes of a small file of our own; None: there is none.

    Raises:
        InputRefused: it can't be read.
    """
    copy = scratch / token_hex(8)
    copy.touch(PRIVATE)
    try:
        return copy.read_bytes() if fetch(place, copy) else None
    finally:
        copy.unlink(missing_ok=True)


def _store(place: Place) -> Local | Remote:
    if place.is_local:
        return Local()
    try:
        from kerchief.scale.storage.remote import Remote
    except ModuleNotFoundError as error:
        raise UsageError(str(place), f"needs the package {error.name}", "Install kerchief[ray].") from None
    return Remote()
