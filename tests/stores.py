"""Small files in a place of whatever kind, for tests: written, read, and listed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import gettempdir

from kerchief.scale.storage import Found, Place, fetch, send, steps
from kerchief.store.publish import draft, fill


def listed(place: Place, but_not: Place | None = None) -> Iterator[Found]:
    """The files that ``steps`` finds."""
    return (found for found in steps(place, but_not) if found is not None)


def put(target: Place, data: bytes, *, private: bool) -> None:
    with draft(Path(gettempdir())) as path:
        fill(path, data)
        send(path, target, private=private)


def get(place: Place) -> bytes | None:
    with draft(Path(gettempdir())) as path:
        return path.read_bytes() if fetch(place, path) else None
