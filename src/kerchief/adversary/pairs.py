"""Which copy belongs to which original: by folder and name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from kerchief.batch.meant import OUTPUT_MARK
from kerchief.batch.walk import Job, walk
from kerchief.errors import UsageError

NAMES = (
    "A copy lies in the same folder below DIR as its original and has its name: `kerchief redact ... -o DIR "
    "--keep-names` makes such."
)


@dataclass(frozen=True, slots=True)
class Pair:
    """An original and its copy.

    Attributes:
        original: as the user named it.
        copy: what was made of it.
        below: folder of both below the folders that the user named.
    """

    original: Path
    copy: Path
    below: Path


@dataclass(frozen=True, slots=True)
class Pairs:
    """What is to be compared, and originals without a copy."""

    found: tuple[Pair, ...]
    alone: tuple[Path, ...]


def pairs(originals: Sequence[Path], folder: Path) -> Pairs:
    """Every original with its copy.

    Args:
        originals: files and folders.
        folder: where the copies lie.

    Raises:
        UsageError: a path does not exist, no original has a copy, or two files could be the copy of one.
    """
    if not folder.is_dir():
        raise UsageError(str(folder), "is no folder", "Give the folder of the copies with --redacted.")
    copies: dict[tuple[Path, str], Path] = {}
    for job in walk([folder], with_outputs=True).jobs:
        key = _key(job)
        if key in copies:
            problem = f"{copies[key].name} and {job.source.name} could be copies of the same file"
            raise UsageError(str(job.source.parent), problem, "Leave one of them in the folder.")
        copies[key] = job.source
    jobs = walk(originals, but_not=folder).jobs
    found = tuple(Pair(job.source, copies[_key(job)], job.below) for job in jobs if _key(job) in copies)
    if not found:
        raise UsageError(str(folder), "holds no copy of any of these files", NAMES)
    return Pairs(found, tuple(job.source for job in jobs if _key(job) not in copies))


def _key(job: Job) -> tuple[Path, str]:
    return job.below, job.source.stem.removesuffix(OUTPUT_MARK)
