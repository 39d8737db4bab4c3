"""Locks that end with their process: on private folders for what must not stay, and on a file that one may use.

A process that is killed can't tidy up, and what it leaves in its folder may be copies of originals. So the next one
sweeps those that nobody holds.
"""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kerchief.errors import UsageError
from kerchief.store.locks import CAN_LOCK, is_there, lock
from kerchief.store.publish import cannot_write

LOCK = "lock"
#: Unix sockets have no longer paths than 107 bytes (macOS: 103); Ray needs this much of that below the private folder.
SOCKET_BYTES = 103 - 68
#: So often a folder is begun anew when a neighbour swept it before it was locked.
BEGINNINGS = 20
#: A folder without a lock file is being made; after so many seconds whoever made it is dead.
MAKING_SECONDS = 60.0


@contextmanager
def private_folder(prefix: str, parent: Path) -> Iterator[Path]:
    """A folder for this process alone (mode 0700), gone at the end; older ones of this prefix that nobody holds go too.

    Args:
        prefix: what its name begins with.
        parent: where it lies.
    """
    _sweep(prefix, parent)
    path, handle = _begun(prefix, parent)
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)
        os.close(handle)


def _begun(prefix: str, parent: Path) -> tuple[Path, int]:
    """A new folder and its lock file, open and locked."""
    for left in reversed(range(BEGINNINGS)):
        path = Path(tempfile.mkdtemp(prefix=prefix, dir=parent))
        try:
            handle = os.open(path / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
        except FileNotFoundError:
            continue
        # On a file system without locks nobody sweeps, and the last one is as good as any.
        if (lock(handle) and is_there(handle, path / LOCK)) or not left:
            return path, handle
        os.close(handle)
        shutil.rmtree(path, ignore_errors=True)
    raise cannot_write(parent, FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT)))


@contextmanager
def held(path: Path) -> Iterator[None]:
    """A file is this process's alone, as far as others ask, too.

    Raises:
        UsageError: another process holds it.
        OutputError: the file's folder can't be written to.
    """
    # Not the file itself: closing it would end the locks that a database has on it.
    beside = path.with_name(path.name + "-lock")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(beside, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise cannot_write(path.parent, error) from None
    try:
        # One that was removed meanwhile is another's that has just ended.
        if not lock(handle) or not is_there(handle, beside):
            raise UsageError(str(path), "another process is at work with it", "Wait until it has ended.")
        try:
            yield
        finally:
            beside.unlink(missing_ok=True)
    finally:
        os.close(handle)


def short_parent(prefix: str) -> Path:
    """Where a folder's path stays short enough for sockets in it."""
    usual = Path(tempfile.gettempdir())
    is_short = len(os.fsencode(usual / f"{prefix}12345678")) <= SOCKET_BYTES
    return usual if is_short or not Path("/tmp").is_dir() else Path("/tmp")  # noqa: S108 - the folder in it is private


def _sweep(prefix: str, parent: Path) -> None:
    if not CAN_LOCK:
        return
    for path in parent.glob(f"{prefix}*"):
        try:
            if path.is_symlink() or path.stat().st_uid != os.geteuid():
                continue
            handle = os.open(path / LOCK, os.O_RDWR | os.O_NOFOLLOW)
        except FileNotFoundError:
            if _is_older(path, MAKING_SECONDS):
                shutil.rmtree(path, ignore_errors=True)
            continue
        except OSError:
            continue  # somebody else's
        if lock(handle):
            shutil.rmtree(path, ignore_errors=True)
        os.close(handle)


def _is_older(path: Path, seconds: float) -> bool:
    try:
        return time.time() - path.stat().st_mtime > seconds
    except OSError:
        return False  # it has gone meanwhile
