"""What tells that a file changed, without reading it."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Stamp:
    """What changes when a file is written, replaced or given other permissions.

    Attributes:
        size: in bytes.
        written_ns: when it was last written to, as its file system says.
        changed_ns: when anything of it was changed last, permissions and name included.
    """

    # Not the number of the inode: some network file systems give a file another one now and then.
    size: int
    written_ns: int
    changed_ns: int


def stamp_of(path: Path) -> Stamp | None:
    """The stamp of a regular file, or of the one that a link leads to; None: there is none, or it can't be told."""
    try:
        of = path.stat()
    except OSError:
        return None
    if not stat.S_ISREG(of.st_mode):
        return None
    return Stamp(of.st_size, of.st_mtime_ns, of.st_ctime_ns)


def is_written_to(path: Path) -> bool:
    """Whether a program has a file open for writing. False also where nobody can tell.

    Linux tells it of local files that belong to this user (of all, to root): nobody may have a read lease on a file
    that is open for writing. The lease is given back at once.
    """
    try:
        import fcntl
        import signal

        take, back, read, with_signal = fcntl.F_SETLEASE, fcntl.F_UNLCK, fcntl.F_RDLCK, fcntl.F_SETSIG
        quiet = signal.SIGURG
    except (ImportError, AttributeError):  # not Linux
        return False
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    except OSError:
        return False
    try:
        # A writer who comes just now makes the system send a signal: one that is ignored, the usual one ends a process.
        fcntl.fcntl(handle, with_signal, quiet)
        fcntl.fcntl(handle, take, read)
        fcntl.fcntl(handle, take, back)
    except BlockingIOError:
        return True
    except OSError:
        return False
    finally:
        os.close(handle)
    return False
