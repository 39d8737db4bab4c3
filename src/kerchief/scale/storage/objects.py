"""Stores of objects in buckets (S3, Google Cloud Storage) behind fsspec.

A client keeps no listing in memory: what it says is what the store says now. An object appears whole or not at all. One
that must not exist yet is looked for first, and then written on that condition: Amazon's and Google's stores check it
again themselves, in one step; some other servers that speak S3 do not know it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from mimetypes import guess_type
from pathlib import Path
from typing import Any

from kerchief.batch.meant import is_hidden
from kerchief.errors import OutputError, UsageError
from kerchief.scale.storage.faults import reading, writing
from kerchief.scale.storage.place import Found, Place

#: Pieces of large objects on their way, in bytes; some of them are in memory at a time.
PIECE = 16 << 20


@dataclass(frozen=True, slots=True)
class Listed:
    """An object of a listing: its key, its size in bytes, and what changes when it does."""

    key: str
    size: int
    tag: str


class Objects:
    """See ``store.Store``; what the protocols do differently is below, for each to say."""

    @cached_property
    def client(self) -> Any:  # noqa: ANN401 - fsspec has no types
        """The protocol's file system of fsspec."""
        raise NotImplementedError

    def pages(self, bucket: str, prefix: str) -> Iterator[list[Listed]]:
        """All objects whose keys begin so, in the order of their keys, a page at a time."""
        raise NotImplementedError

    def sent_with(self, content_type: str) -> dict[str, Any]:
        """What ``put_file`` is told besides, in the words of this client."""
        raise NotImplementedError

    def listed(self, place: Place, but_not: Place | None) -> Iterator[Found | None]:
        """In the order of the keys. One page is in memory; hidden folders cost their pages too."""
        # As on a disk: a folder that is named itself is searched, though it be the one to pass over, or lie in it.
        skipped = but_not if but_not is not None and _is_in(but_not, place) else None
        with reading(place):
            is_empty = True
            try:
                for found in self._all(place):
                    is_empty = False
                    is_left = found.place != place and (_is_passed_over(found) or _is_in(found.place, skipped))
                    yield None if is_left else found
            except FileNotFoundError:
                pass  # no such bucket
            if is_empty:
                raise UsageError(str(place), "does not exist", "Check the URL.")

    def fetch(self, place: Place, to: Path) -> bool:
        """See ``Store``."""
        with reading(place):
            try:
                self.client.get_file(_path(place), str(to))
            except FileNotFoundError:
                return False
            return True

    def publish(self, draft: Path, target: Place, mode: int, replaces: str | None) -> None:
        """See ``Store``; who may read an object is the bucket's own matter."""
        self._upload(draft, target, exclusive=replaces is None)

    def digest(self, target: Place) -> str | None:
        """See ``Store``; its bytes are fetched."""
        with reading(target):
            digest = hashlib.sha256()
            try:
                with self.client.open(_path(target), "rb", block_size=PIECE, cache_type="readahead") as file:
                    while piece := file.read(PIECE):
                        digest.update(piece)
            except FileNotFoundError:
                return None
            return digest.hexdigest()

    def send(self, path: Path, target: Place, *, private: bool) -> None:
        """See ``Store``; who may read an object is the bucket's own matter."""
        self._upload(path, target, exclusive=False)

    def _upload(self, path: Path, target: Place, *, exclusive: bool) -> None:
        with writing(target):
            if exclusive and self._size(target) is not None:
                raise FileExistsError
            more = self.sent_with(guess_type(target.name)[0] or "application/octet-stream")
            mode = "create" if exclusive else "overwrite"
            self.client.put_file(str(path), _path(target), chunksize=PIECE, mode=mode, **more)
            if self._size(target) != path.stat().st_size:
                raise OutputError(str(target), "is not of the size that was sent", "Delete it, and run it again.")

    def _size(self, place: Place) -> int | None:
        """An object's size in bytes; None: there is none."""
        try:
            info = self.client.info(_path(place))
        except FileNotFoundError:
            return None
        return int(info["size"]) if info["type"] == "file" else None

    def _all(self, place: Place) -> Iterator[Found]:
        """The object of just this key, and those below it."""
        first = next(self.pages(place.server, place.key), []) if place.key else []
        yield from (_found(place, place.key, one) for one in first if one.key == place.key)
        prefix = f"{place.key}/" if place.key else ""
        for page in self.pages(place.server, prefix):
            yield from (_found(place, prefix, one) for one in page)


def _found(within: Place, prefix: str, one: Listed) -> Found:
    below = one.key[len(prefix) :].rpartition("/")[0] or "."
    return Found(Place(f"{within.protocol}://{within.server}/{one.key}"), below, one.size, f"{one.size}-{one.tag}")


def _path(place: Place) -> str:
    return f"{place.server}/{place.key}"


def _is_passed_over(found: Found) -> bool:
    """Whether it is hidden, or lies in a hidden folder, or only stands for a folder (its key ends with "/")."""
    parts = [found.place.name, *([] if found.below == "." else found.below.split("/"))]
    return not found.place.name or any(is_hidden(part) for part in parts)


def _is_in(place: Place, folder: Place | None) -> bool:
    return folder is not None and place.url.startswith(f"{folder.url}/")
