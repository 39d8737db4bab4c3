"""Files and folders wherever they are: the only door to fsspec.

``Place`` names one; the functions here read and write it, and hide which store it is in.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Set
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from secrets import token_hex

from kerchief.errors import InputRefused, UsageError
from kerchief.scale.storage.local import Local
from kerchief.scale.storage.place import Found, Place
from kerchief.scale.storage.store import Store
from kerchief.store.publish import PRIVATE, PUBLIC
from kerchief.store.publish import sweep as sweep_folder

__all__ = [
    "Found",
    "Place",
    "at_hand",
    "fetch",
    "held",
    "holds",
    "publish",
    "send",
    "steps",
    "sweep",
]


def steps(place: Place, but_not: Place | None = None) -> Iterator[Found | None]:
    """The files in a folder and those below it; of a file, itself. Hidden ones and linked folders are passed over.

    None for a file that a store had to be asked for, but that is passed over: there may be a million of them between
    two that are not.

    Args:
        place: a file or folder.
        but_not: a folder that is not searched.

    Raises:
        UsageError: it does not exist.
        InputRefused: a folder can't be read.
    """
    return _store(place.protocol).listed(place, but_not)


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
    return _store(place.protocol).fetch(place, to)


def publish(path: Path, target: Place, mode: int = PUBLIC, replaces: Set[str] = frozenset()) -> None:
    """Give a finished draft its name: it appears whole, and only if nothing of that name exists.

    Args:
        path: a local file; for a local target in the folder of the target (``store.publish.draft``).
        target: its name.
        mode: its permissions, where the store has any.
        replaces: SHA-256 of copies of our own; what is there makes way if it is one of them to the byte.

    Raises:
        OutputError: something else of that name exists, or it can't be written.
    """
    _store(target.protocol).publish(path, target, mode, held(target, replaces))


def holds(target: Place, sha256: str) -> bool:
    """Whether a file of this name is there and its bytes have this digest. Of a remote file all bytes are fetched."""
    return held(target, {sha256}) is not None


def held(target: Place, digests: Set[str]) -> str | None:
    """Which of these digests the bytes of a file have; None: there is no such file, or it is another. Read once."""
    digest = _store(target.protocol).digest(target) if digests else None
    return digest if digest in digests else None


def send(path: Path, target: Place, *, private: bool) -> None:
    """Write a file of our own anew, in one step: whoever opens it finds the old bytes or the new ones.

    Args:
        path: a local file with its bytes, however many.
        target: its name.
        private: readable for its owner alone, where the store has permissions.

    Raises:
        OutputError: it can't be written.
    """
    _store(target.protocol).send(path, target, private=private)


def sweep(folder: Path) -> None:
    """Remove drafts that killed processes left in a folder of this machine and those below it."""
    for below, _, _ in os.walk(folder):
        sweep_folder(Path(below))


@cache
def _store(protocol: str) -> Store:
    """The one store of a process for a protocol: it keeps its connections."""
    try:
        match protocol:
            case "s3":
                from kerchief.scale.storage.s3 import S3

                return S3()
            case "gs":
                from kerchief.scale.storage.gs import Gs

                return Gs()
            case "sftp":
                from kerchief.scale.storage.sftp import Sftp

                return Sftp()
            case _:
                return Local()
    except ModuleNotFoundError as error:
        raise UsageError(f"{protocol}://", f"needs the package {error.name}", "Install kerchief[ray].") from None
