"""Starts the child processes that open files and streams. Imports little, so that they load while their parent does."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import BinaryIO, cast

from kerchief.media.limits import Limits

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

#: A frame passes in a third of the time if more than 64 KiB of it may wait.
PIPE_BYTES = 1 << 20
#: Variables that would make FFmpeg go by way of another machine (law 7).
PROXIES = {name for word in ("http", "https", "all", "no") for name in (f"{word}_proxy", f"{word.upper()}_PROXY")}


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
    return spawn_module("kerchief.sandbox.child", *map(str, numbers))


def spawn_module(name: str, *arguments: str, handles: Sequence[int] = ()) -> subprocess.Popen[bytes]:
    """A child that runs a module of ours, with pipes for standard input and output.

    Args:
        name: of the module.
        arguments: for it; everybody on this machine can read them.
        handles: open files that it gets too.
    """
    # Threads of the maths libraries reserve address space that the cap would count; the child needs none.
    quiet = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "PYTHONWARNINGS": "ignore"}
    child = subprocess.Popen(
        # -P: a file called PIL.py in the user's folder must not be imported.
        [sys.executable, "-P", "-m", name, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={key: value for key, value in os.environ.items() if key not in PROXIES} | quiet,
        pass_fds=handles,
        start_new_session=True,  # Ctrl-C is the parent's to handle
    )
    _widen(cast("BinaryIO", child.stdout))
    return child


def _widen(pipe: BinaryIO) -> None:
    """Let more than 64 KiB wait in a pipe, where the system can (Linux)."""
    if fcntl is not None and hasattr(fcntl, "F_SETPIPE_SZ"):
        with suppress(OSError):  # the user's pipes may be at their limit
            fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
