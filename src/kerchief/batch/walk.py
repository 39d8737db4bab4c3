"""PATH... → the files that are meant, on this machine's disks."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from kerchief.batch.meant import Sort, is_hidden, sort_of
from kerchief.errors import InputRefused, UsageError


@dataclass(frozen=True, slots=True)
class Job:
    """One file of a run.

    Attributes:
        source: the original.
        below: folder of the original below the folder that the user named, "." for a file that was named itself.
    """

    source: Path
    below: Path


@dataclass(frozen=True, slots=True)
class Walk:
    """The files of a run.

    Attributes:
        jobs: what is to be done, in the order of the paths, folders sorted by name.
        left_out: files in folders that are neither pictures nor anything that should have been one.
        outputs: files in folders that are kerchief's own outputs.
    """

    jobs: tuple[Job, ...]
    left_out: int
    outputs: int


def walk(paths: Iterable[Path], but_not: Path | None = None, *, with_outputs: bool = False) -> Walk:
    """Every file that the user means.

    Args:
        paths: files and folders; folders are searched to the bottom, hidden files and linked folders are not.
        but_not: a folder that is not searched (the output folder, where it lies inside an input folder).
        with_outputs: whether kerchief's own outputs are meant too.

    Raises:
        UsageError: a path does not exist.
    """
    jobs: dict[Path, Job] = {}
    left_out = outputs = 0
    for path in paths:
        if not path.exists():
            raise UsageError(str(path), "does not exist", "Check the path.")
        if not path.is_dir():
            jobs.setdefault(path.absolute(), Job(path, Path()))
            continue
        for file in files(path, but_not):
            sort = sort_of(file.name)
            if sort is Sort.OTHER:
                left_out += 1
            elif sort is Sort.OUTPUT and not with_outputs:
                outputs += 1
            else:
                jobs.setdefault(file.absolute(), Job(file, file.parent.relative_to(path)))
    return Walk(tuple(jobs.values()), left_out, outputs)


def files(folder: Path, but_not: Path | None, unreadable: Callable[[OSError], None] | None = None) -> Iterator[Path]:
    """Every file of a folder and those below, whatever it is: sorted by name, a folder's files before its folders.

    Hidden files and folders and linked folders are passed over. The names of a folder are in memory together, and those
    of the folders that it lies in: some 150 bytes each.

    Args:
        folder: is searched to the bottom.
        but_not: a folder that is not searched.
        unreadable: told of a folder that can't be read, in place of an exception; the rest is searched.

    Raises:
        InputRefused: a folder can't be read.
    """
    skipped = None if but_not is None else but_not.absolute()

    def fail(error: OSError) -> None:
        reason = (error.strerror or "unreadable").lower()
        raise InputRefused(str(error.filename), f"the folder can't be read ({reason})", "Check its permissions.")

    for name, folders, names in os.walk(folder, onerror=unreadable or fail):
        here = Path(name)
        folders[:] = sorted(f for f in folders if not is_hidden(f) and (here / f).absolute() != skipped)
        yield from (here / file for file in sorted(names) if not is_hidden(file))
