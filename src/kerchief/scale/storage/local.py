"""This machine's disks, as a store."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

from kerchief.batch.walk import files
from kerchief.errors import UsageError
from kerchief.scale.storage.faults import reading, writing
from kerchief.scale.storage.place import Found, Place
from kerchief.store.publish import PRIVATE, PUBLIC, draft, file_digest, publish


class Local:
    """See ``store.Store``."""

    def listed(self, place: Place, but_not: Place | None) -> Iterator[Found]:
        """In the order of ``batch.walk``. A link that leads nowhere is kept, for whoever reads it to say so."""
        path = place.path
        if not path.exists():
            raise UsageError(str(path), "does not exist", "Check the path.")
        if not path.is_dir():
            yield _found(path, ".")
            return
        start = len(str(path)) + (str(path) != path.anchor)
        for file in files(path, but_not.path if but_not and but_not.is_local else None):
            yield _found(file, str(file.parent)[start:].replace(os.sep, "/") or ".")

    def fetch(self, place: Place, to: Path) -> bool:
        """See ``Store``."""
        with reading(place):
            try:
                shutil.copyfile(place.path, to)
            except FileNotFoundError:
                return False
            return True

    def publish(self, path: Path, target: Place, mode: int, replaces: str | None) -> None:
        """See ``Store``; the draft lies in the target's folder."""
        publish(path, target.path, mode, replaces)

    def digest(self, target: Place) -> str | None:
        """See ``Store``; a link is none of ours."""
        try:
            return file_digest(target.path) if stat.S_ISREG(target.path.lstat().st_mode) else None
        except OSError:
            return None

    def send(self, path: Path, target: Place, *, private: bool) -> None:
        """See ``Store``."""
        with draft(target.path.parent) as beside, writing(target):
            shutil.copyfile(path, beside)
            beside.chmod(PRIVATE if private else PUBLIC)
            beside.replace(target.path)


def _found(file: Path, below: str) -> Found:
    try:
        info = os.stat(file)  # noqa: PTH116 - for each of a million files
    except OSError:
        return Found(Place(str(file)), below, 0, "unreadable")
    return Found(Place(str(file)), below, info.st_size, f"{info.st_size}-{info.st_mtime_ns}")
