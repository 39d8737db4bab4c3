"""What every store can do. ``kerchief.scale.storage`` has the same as functions, and says more of each."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from kerchief.scale.storage.place import Found, Place


class Store(Protocol):
    """Files of one kind of place."""

    def listed(self, place: Place, but_not: Place | None) -> Iterator[Found | None]:
        """The files in a folder and those below it; of a file, itself. None for one that was met and passed over."""

    def fetch(self, place: Place, to: Path) -> bool:
        """Copy a file's bytes into a local file; False: there is none."""

    def publish(self, draft: Path, target: Place, mode: int, replaces: str | None) -> None:
        """Give a local file's bytes a name that nothing has yet, or what was seen to have this digest."""

    def digest(self, target: Place) -> str | None:
        """SHA-256 of a file's bytes; None: there is none."""

    def send(self, path: Path, target: Place, *, private: bool) -> None:
        """Write a file of our own anew, in one step, with the bytes of a local one."""
