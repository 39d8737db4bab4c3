"""This machine's disks, as a store."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from kerchief.batch.walk import files
from kerchief.errors import InputRefused, OutputError, UsageError
from kerchief.scale.storage.place import Found, Place
from kerchief.store.publish import PRIVATE, PUBLIC, cannot_write, draft, holds, publish, replace_whole


class Local:
    """See ``kerchief.scale.storage`` for what each of these does."""

    def listed(self, place: Place, but_not: Place | None) -> Iterator[Found]:
        path = place.path
        if not path.exists():
            raise UsageError(str(path), "does not exist", "Check the path.")
        if not path.is_dir():
            yield _found(path, ".")
            return
        for file in files(path, but_not.path if but_not and but_not.is_local else None):
            try:
                yield _found(file, file.parent.relative_to(path).as_posix())
            except FileNotFoundError:
                continue  # a link that leads nowhere, or a file that went away a moment ago

    def fetch(self, place: Place, to: Path) -> bool:
        try:
            shutil.copyfile(place.path, to)
        except FileNotFoundError:
            return False
        except OSError as error:
            reason = (error.strerror or "unreadable").lower()
            raise InputRefused(str(place), f"can't be read ({reason})", "Check its permissions.") from None
        return True

    def publish(self, path: Path, target: Place, mode: int, replaces: str | None) -> None:
        publish(path, target.path, mode, replaces)

    def holds(self, target: Place, sha256: str) -> bool:
        return holds(target.path, sha256)

    def put(self, target: Place, data: bytes, *, private: bool) -> None:
        replace_whole(target.path, data, PRIVATE if private else PUBLIC)

    def send(self, path: Path, target: Place, *, private: bool) -> None:
        with draft(target.path.parent) as beside:
            try:
                shutil.copyfile(path, beside)
                beside.chmod(PRIVATE if private else PUBLIC)
                beside.replace(target.path)
            except OSError as error:
                raise cannot_write(target.path.parent, error) from None


def _found(file: Path, below: str) -> Found:
    stat = os.stat(file)  # noqa: PTH116 - a million times
    return Found(Place(str(file.absolute())), below, stat.st_size, f"{stat.st_size}-{stat.st_mtime_ns}")
