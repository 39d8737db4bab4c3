"""Which files of a folder are meant, told by their names: the same for a walk on a disk and a listing of a store."""

from __future__ import annotations

from enum import Enum, auto
from pathlib import PurePosixPath

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
TAKEN = PICTURES | FILMS | REFUSED_ALOUD
#: Our own outputs, so that a second run over the same folder does not start with them.
OUTPUT_MARK = ".redacted"


class Sort(Enum):
    """What a file in a folder is to a run."""

    MEANT = auto()
    OUTPUT = auto()
    """Our own."""
    OTHER = auto()
    """Neither a picture nor anything that should have been one."""


def sort_of(name: str) -> Sort:
    """What a file is, by its name without folders."""
    path = PurePosixPath(name)
    if path.suffix.lower() not in TAKEN:
        return Sort.OTHER
    return Sort.OUTPUT if path.stem.endswith(OUTPUT_MARK) else Sort.MEANT


def is_hidden(name: str) -> bool:
    """Whether a file or folder of this name is passed over."""
    return name.startswith(".")
