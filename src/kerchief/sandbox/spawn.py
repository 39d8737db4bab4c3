"""Starts the child process that opens files. Imports little, so that the child can load while its parent does."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import BinaryIO, cast

from kerchief.media.limits import Limits

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

#: A frame passes in a third of the time if more than 64 KiB of it may wait.
PIPE_BYTES = 1 << 20


@contextmanager
def spawned(limits: Limits) -> Iterator[subprocess.Popen[bytes]]:
    """A child to hand to a decoder later; it is ended in any case."""
    child = spawn(limits)
    try:
        yield child
    finally:
        end(child)


def end(child: subprocess.Popen[bytes]) -> None:
    """End a child, however it is; twice does no harm."""
    child.kill()
    for pipe in (child.stdin, child.stdout):
        if pipe is not None:
            with suppress(OSError):  # what was not sent yet is lost on purpose
                pipe.close()
    child.wait()


def spawn(limits: Limits) -> subprocess.Popen[bytes]:
    """A child that waits for files; it ends when its standard input closes, so with this process at the latest."""
    numbers = (limits.file_bytes, limits.frame_pixels, limits.total_pixels, limits.memory_bytes)
    # -P: a file called PIL.py in the user's folder must not be imported.
    command = [sys.executable, "-P", "-m", "kerchief.sandbox.child", *map(str, numbers)]
    # Threads of the maths libraries reserve address space that the cap would count; the child needs none.
    quiet = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "PYTHONWARNINGS": "ignore"}
    child = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=os.environ | quiet,
        start_new_session=True,  # Ctrl-C is the parent's to handle
    )
    _widen(cast("BinaryIO", child.stdout))
    return child


def _widen(pipe: BinaryIO) -> None:
    """Let more than 64 KiB wait in a pipe, where the system can (Linux)."""
    if fcntl is not None and hasattr(fcntl, "F_SETPIPE_SZ"):
        with suppress(OSError):  # the user's pipes may be at their limit
            fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
