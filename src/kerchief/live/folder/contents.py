"""What lies in a watched folder now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from kerchief.batch.meant import Sort, sort_of
from kerchief.batch.walk import files
from kerchief.live.folder.stamps import Stamp, stamp_of


@dataclass(frozen=True, slots=True)
class Contents:
    """What is there.

    Attributes:
        files: photos, films, and what should have been one, to the bottom, folders sorted by name; no hidden files,
            none of kerchief's own outputs, and nothing of the output folder.
        unreadable: folders below that can't be read, and why.
    """

    files: Mapping[Path, Stamp]
    unreadable: Mapping[str, str]


class Gone(Exception):
    """The folder itself is not there, or can't be read."""


def contents_of(folder: Path, but_not: Path | None) -> Contents:
    """What lies in a folder.

    Args:
        folder: is searched to the bottom; linked folders are not.
        but_not: a folder that is not searched.

    Raises:
        Gone: it is not there; its text is the reason.
    """
    found: dict[Path, Stamp] = {}
    unreadable: dict[str, str] = {}

    def tell(error: OSError) -> None:
        reason = (error.strerror or "unreadable").lower()
        if Path(error.filename) == folder:
            raise Gone(reason)
        if not isinstance(error, FileNotFoundError | NotADirectoryError):  # it was removed a moment ago
            unreadable[str(error.filename)] = reason

    for path in files(folder, but_not, tell):
        if sort_of(path.name) is Sort.MEANT and (stamp := stamp_of(path)) is not None:
            found[path] = stamp
    return Contents(found, unreadable)
