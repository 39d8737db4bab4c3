"""Locks on open files, which end with the process that holds them, however it ends."""

from __future__ import annotations

import os
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

#: Whether anything is locked here; where nothing is, nothing may be swept either.
CAN_LOCK = fcntl is not None


def lock(handle: int) -> bool:
    """Lock an open file for as long as this process has it open; False: another one holds it, or nobody can."""
    return not CAN_LOCK or _locked(handle) is True


def is_taken(handle: int) -> bool:
    """Lock an open file as ``lock`` does, where its file system can lock at all; True: another process holds it."""
    return _locked(handle) is False


def _locked(handle: int) -> bool | None:
    """Whether a file could be locked; None where nothing is."""
    if fcntl is None:
        return None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return None
    return True


def is_there(handle: int, path: Path) -> bool:
    """Whether an open file has its name still: somebody may have swept it before it was locked."""
    try:
        return os.path.samestat(os.fstat(handle), path.stat())
    except FileNotFoundError:
        return False
