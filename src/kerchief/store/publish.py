"""A file appears under its name whole, or not at all; nothing that exists is ever overwritten.

Two things of our own may be replaced, by callers who say so: a copy that is still, to the byte, the one that was
published earlier, and a private file that is ours by its place (``replace_whole``).

Guaranteed: after a crash, a kill or Ctrl-C there is no half-written file under the final name. A kill leaves a
temporary file (``.kerchief-*.part``, mode 0600) behind; a next draft in that folder sweeps it away.
"""

from __future__ import annotations

import errno
import hashlib
import os
import stat
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kerchief.errors import OutputError
from kerchief.store.locks import CAN_LOCK, is_there, lock

PUBLIC, PRIVATE = 0o644, 0o600
#: 2000-01-01T00:00:00Z for every copy: when a picture was redacted is nobody's business.
NEUTRAL_TIME = 946_684_800
PREFIX, SUFFIX = ".kerchief-", ".part"
#: So often a draft is begun anew when it was swept at once.
BEGINNINGS = 5
#: After a sweep a folder rests for so many times as long as it took: one of a million copies takes about a second.
REST = 100
#: So many folders are remembered as resting.
REMEMBERED = 1000
#: What file systems answer that can't sync a folder at all; anything else is a disk that fails.
NOT_ASKED = frozenset((errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EBADF, errno.ENOSYS))
FREE_SPACE = "Free some space, or choose another folder with -o, and run it again."

_rest_until: dict[Path, float] = {}


@contextmanager
def draft(folder: Path, suffix: str = "") -> Iterator[Path]:
    """A private temporary file in the folder where the output will be; it is removed at the end in any case.

    Args:
        folder: made if it is missing.
        suffix: ending that a reader needs to see, before ".part".

    Raises:
        OutputError: the folder can't be made or written to.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _sweep_at_times(folder)
        handle, name = _begin(folder, suffix)
    except OSError as error:
        raise OutputError(str(folder), _reason("can't be written to", error), FREE_SPACE) from None
    try:
        yield Path(name)
    finally:
        Path(name).unlink(missing_ok=True)
        os.close(handle)


def fill(path: Path, data: bytes) -> None:
    """Write a draft's bytes and wait until the disk has them.

    Raises:
        OutputError: the disk is full or fails.
    """
    try:
        with path.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise cannot_write(path.parent, error) from None


def cannot_write(folder: Path, error: OSError) -> OutputError:
    """The error for a folder that a draft can't be written to."""
    return OutputError(str(folder), _reason("can't be written to", error), FREE_SPACE)


def publish(
    path: Path, target: Path, mode: int = PUBLIC, replaces: str | None = None, modified: float = NEUTRAL_TIME
) -> None:
    """Give a finished draft its name.

    Args:
        path: the draft.
        target: its name.
        mode: its permissions.
        replaces: SHA-256 of an earlier copy of our own: a file of that name with exactly these bytes makes way.
        modified: the time that it bears, seconds since 1970.

    Raises:
        OutputError: something else of that name exists (also when it appeared a moment ago), or the disk fails. The
            name is taken back where the disk does not say that it has it.
    """
    try:
        path.chmod(mode)
        os.utime(path, (modified, modified))
        _sync(path)  # films are written by a library that does not
        if replaces is not None and holds(target, replaces):
            path.replace(target)
        else:
            _name_exclusively(path, target)
        try:
            sync_folder(target.parent)
        except OSError:
            target.unlink(missing_ok=True)
            raise
    except FileExistsError:
        next_step = "Move it away, or choose another folder with -o. kerchief overwrites nothing."
        raise OutputError(str(target), "exists already", next_step) from None
    except OSError as error:
        raise OutputError(str(target), _reason("can't be written", error), FREE_SPACE) from None


def holds(path: Path, sha256: str) -> bool:
    """Whether a file of this name is there, no link, and its bytes have this digest."""
    try:
        if not stat.S_ISREG(path.lstat().st_mode):
            return False
        return file_digest(path) == sha256
    except OSError:
        return False


def file_digest(path: Path) -> str:
    """SHA-256 of a file's bytes, however large it is."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_whole(target: Path, data: bytes, mode: int = PUBLIC) -> None:
    """Write a small file in one step: draft, fill, publish."""
    with draft(target.parent) as path:
        fill(path, data)
        publish(path, target, mode)


def replace_whole(target: Path, data: bytes, mode: int = PRIVATE) -> None:
    """Write a file of our own anew in one step: whoever opens it finds the old bytes or the new ones, never a part.

    Raises:
        OutputError: it can't be written; the old one is there then, or the new one.
    """
    with draft(target.parent) as path:
        fill(path, data)
        try:
            path.chmod(mode)
            path.replace(target)
            sync_folder(target.parent)
        except OSError as error:
            raise OutputError(str(target), _reason("can't be written", error), FREE_SPACE) from None


def sweep(folder: Path) -> None:
    """Remove drafts of a folder that a killed process left: those that nobody holds a lock on."""
    if not CAN_LOCK:
        return
    for path in folder.glob(f"{PREFIX}*{SUFFIX}"):
        try:
            handle = os.open(path, os.O_RDWR)
        except OSError:
            continue
        if lock(handle):
            path.unlink(missing_ok=True)
        os.close(handle)


def _sweep_at_times(folder: Path) -> None:
    """Sweep, unless that was done a moment ago."""
    began = time.monotonic()
    if began < _rest_until.get(folder, began):
        return
    sweep(folder)
    if len(_rest_until) >= REMEMBERED:
        _rest_until.clear()
    now = time.monotonic()
    _rest_until[folder] = now + REST * (now - began)


def _begin(folder: Path, suffix: str) -> tuple[int, str]:
    """A new draft, open and locked, and its path; another process may sweep one before it is locked."""
    for _ in range(BEGINNINGS - 1):
        handle, name = tempfile.mkstemp(prefix=PREFIX, suffix=suffix + SUFFIX, dir=folder)
        if lock(handle) and is_there(handle, Path(name)):
            return handle, name
        os.close(handle)
        Path(name).unlink(missing_ok=True)
    return tempfile.mkstemp(prefix=PREFIX, suffix=suffix + SUFFIX, dir=folder)  # a file system without locks


def _name_exclusively(path: Path, target: Path) -> None:
    try:
        target.hardlink_to(path)
    except FileExistsError:
        raise
    except OSError:
        # A file system without hard links (FAT cards): reserve the name, then replace the empty file.
        target.touch(mode=PRIVATE, exist_ok=False)
        try:
            path.replace(target)
        except OSError:
            target.unlink(missing_ok=True)
            raise


def sync(path: Path, top: Path) -> None:
    """Wait until the disk has a published file, its name, and the folders that it lies in, up to one of them.

    Raises:
        OSError: the disk does not say so.
    """
    _sync(path)
    for folder in path.parents:
        sync_folder(folder)
        if folder == top or not folder.is_relative_to(top):
            return


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY if os.name == "posix" else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sync_folder(folder: Path) -> None:
    """Wait until the disk has the names in a folder, where its file system can be asked to.

    Raises:
        OSError: the folder can't be opened, or the disk fails.
    """
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in NOT_ASKED:  # some network file systems can't sync a folder; the file itself is synced
            raise
    finally:
        os.close(handle)


def _reason(what: str, error: OSError) -> str:
    return f"{what} ({(error.strerror or type(error).__name__).lower()})"
