"""Runs a command and says how long it took and how much memory it and its descendants held (Linux)."""

from __future__ import annotations

import os
import select
import subprocess
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

SAMPLE_SECONDS = 0.05
PAGE_MIB = os.sysconf("SC_PAGE_SIZE") / 2**20


@dataclass(frozen=True)
class Run:
    """One run of a command; memory is resident, and the most that was seen at one time."""

    seconds: float
    exit_code: int
    #: of the largest process
    largest_mib: float
    #: of all processes together; pages that they share count for each
    total_mib: float


def measured(words: Sequence[str]) -> Run:
    """Run a command to its end. Memory is sampled, so a peak of less than SAMPLE_SECONDS may be missed."""
    largest = total = 0.0
    start = time.perf_counter()
    with subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        ended = os.pidfd_open(process.pid)  # wakes the moment it ends, where sleeping would round the time up
        try:
            while not select.select([ended], [], [], SAMPLE_SECONDS)[0]:
                sizes = [resident_mib(pid) for pid in family(process.pid)]
                largest, total = max(largest, *sizes), max(total, sum(sizes))
            seconds = time.perf_counter() - start
        finally:
            os.close(ended)
    return Run(seconds, process.returncode, largest, total)


def family(root: int) -> Iterator[int]:
    """A process and its descendants. Only they are read: a walk over all of /proc takes time from what is measured."""
    yield root
    for task in Path(f"/proc/{root}/task").glob("*"):
        for child in text(task / "children").split():
            yield from family(int(child))


def resident_mib(pid: int) -> float:
    """Resident memory of one process."""
    words = text(Path(f"/proc/{pid}/statm")).split()
    return int(words[1]) * PAGE_MIB if words else 0.0


def text(path: Path) -> str:
    """A file of /proc; empty when its process or thread ended meanwhile."""
    try:
        return path.read_text(encoding="utf-8")
    except OSError:
        return ""
