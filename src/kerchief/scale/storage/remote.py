"""Stores behind fsspec."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import fsspec

from kerchief.batch.meant import is_hidden
from kerchief.errors import InputRefused, KerchiefError, OutputError, UsageError
from kerchief.scale.storage.place import Found, Place

CHUNK = 8 << 20


class Remote:
    """See ``kerchief.scale.storage`` for what each of these does."""

    def listed(self, place: Place, but_not: Place | None) -> Iterator[Found]:
        with _reading(place):
            system, path = _system(place)
            if not system.exists(path):
                raise UsageError(str(place), "does not exist", "Check the URL.")
            if system.isfile(path):
                yield _found(place, ".", system.info(path))
                return
            for name, folders, files in system.walk(path, detail=True):
                below = name[len(path) :].strip("/") or "."
                here = place.child(below)
                for folder in [f for f in folders if is_hidden(f) or here.child(f) == but_not]:
                    del folders[folder]
                for file in sorted(files):
                    if file and not is_hidden(file):
                        yield _found(here.child(file), below, files[file])

    def fetch(self, place: Place, to: Path) -> bool:
        with _reading(place):
            system, path = _system(place)
            try:
                system.get_file(path, str(to))
            except FileNotFoundError:
                return False
            return True

    def publish(self, path: Path, target: Place, mode: int, replaces: str | None) -> None:
        exclusive = replaces is None or not self.holds(target, replaces)
        self._upload(path, target, exclusive=exclusive)

    def holds(self, target: Place, sha256: str) -> bool:
        with _reading(target):
            system, path = _system(target)
            digest = hashlib.sha256()
            try:
                with system.open(path, "rb", block_size=CHUNK) as file:
                    while piece := file.read(CHUNK):
                        digest.update(piece)
            except FileNotFoundError:
                return False
            return digest.hexdigest() == sha256

    def put(self, target: Place, data: bytes, *, private: bool) -> None:
        with _writing(target):
            system, path = _system(target)
            system.pipe_file(path, data)

    def send(self, path: Path, target: Place, *, private: bool) -> None:
        self._upload(path, target, exclusive=False)

    def _upload(self, path: Path, target: Place, *, exclusive: bool) -> None:
        with _writing(target):
            system, there = _system(target)
            system.put_file(str(path), there, mode="create" if exclusive else "overwrite")
            if system.info(there)["size"] != path.stat().st_size:
                raise OutputError(str(target), "is not of the size that was sent", "Run it again.")


@cache
def _opened(protocol: str) -> Any:
    return fsspec.filesystem(protocol, use_listings_cache=False)


def _system(place: Place) -> tuple[Any, str]:
    return _opened(place.protocol), place.url.partition("://")[2]


def _found(place: Place, below: str, info: dict[str, Any]) -> Found:
    tag = info.get("ETag") or info.get("etag") or info.get("mtime") or ""
    return Found(place, below, int(info["size"]), f"{info['size']}-{str(tag).strip(chr(34))}")


@contextmanager
def _reading(place: Place) -> Iterator[None]:
    try:
        yield
    except KerchiefError:
        raise
    except Exception as error:  # noqa: BLE001 - each store's client raises errors of its own
        raise InputRefused(str(place), f"can't be read ({_reason(error)})", "Check the URL and your access.") from None


@contextmanager
def _writing(place: Place) -> Iterator[None]:
    try:
        yield
    except KerchiefError:
        raise
    except FileExistsError:
        next_step = "Move it away, or choose another folder with -o. kerchief overwrites nothing."
        raise OutputError(str(place), "exists already", next_step) from None
    except Exception as error:  # noqa: BLE001 - each store's client raises errors of its own
        raise OutputError(
            str(place), f"can't be written ({_reason(error)})", "Check the URL and your access."
        ) from None


def _reason(error: Exception) -> str:
    return (getattr(error, "strerror", None) or type(error).__name__).lower()
