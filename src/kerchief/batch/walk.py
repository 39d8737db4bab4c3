"""PATH... → the files that are meant."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from kerchief.errors import InputRefused, UsageError

#: A file in a folder is taken when its name ends like this. Raw files and the like are taken too: they are refused
#: aloud, where leaving them out in silence would look like done.
PICTURES = frozenset(
    (
        ".jpg",
        ".jpeg",
        ".jpe",
        ".jfif",
        ".mpo",
        ".png",
        ".apng",
        ".webp",
        ".gif",
        ".tif",
        ".tiff",
        ".bmp",
        ".dib",
        ".heic",
        ".heif",
        ".hif",
        ".avif",
    )
)
FILMS = frozenset(
    (
        ".mp4",
        ".mov",
        ".m4v",
        ".mkv",
        ".webm",
        ".avi",
        ".mpg",
        ".mpeg",
        ".mts",
        ".m2ts",
        ".3gp",
        ".wmv",
        ".ts",
        ".flv",
        ".3g2",
    )
)
REFUSED_ALOUD = frozenset(
    (
        ".jxl",
        ".psd",
        ".pdf",
        ".svg",
        ".dng",
        ".cr2",
        ".cr3",
        ".nef",
        ".arw",
        ".orf",
        ".rw2",
        ".raf",
        ".pef",
        ".srw",
    )
)
#: Our own outputs, so that a second run over the same folder does not start with them.
OUTPUT_MARK = ".redacted"


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
        for file in _files(path, but_not):
            suffix = file.suffix.lower()
            if suffix not in PICTURES | FILMS | REFUSED_ALOUD:
                left_out += 1
            elif file.stem.endswith(OUTPUT_MARK) and not with_outputs:
                outputs += 1
            else:
                jobs.setdefault(file.absolute(), Job(file, file.parent.relative_to(path)))
    return Walk(tuple(jobs.values()), left_out, outputs)


def _files(folder: Path, but_not: Path | None) -> Iterator[Path]:
    skipped = None if but_not is None else but_not.absolute()

    def fail(error: OSError) -> None:
        reason = (error.strerror or "unreadable").lower()
        raise InputRefused(str(error.filename), f"the folder can't be read ({reason})", "Check its permissions.")

    for name, folders, files in os.walk(folder, onerror=fail):
        here = Path(name)
        folders[:] = sorted(f for f in folders if not f.startswith(".") and (here / f).absolute() != skipped)
        yield from (here / file for file in sorted(files) if not file.startswith("."))
