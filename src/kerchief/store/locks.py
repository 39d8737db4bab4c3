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
    """Lock an open file for as long as this process has it open; False: another process holds it."""
    if fcntl is None:
        return True
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def is_there(handle: int, path: Path) -> bool:
    """Whether an open file has its name still: somebody may have swept it before it was locked."""
    try:
        return os.path.samestat(os.fstat(handle), path.stat())
    except FileNotFoundError:
        return False
