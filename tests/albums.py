"""Folders of small photos with a face in each, and what a run must have made of them."""

from __future__ import annotations

import hashlib
import sqlite3
from functools import cache
from pathlib import Path

import numpy as np
from PIL import Image
from scenes import saved, scene

from kerchief import Tools, redact
from kerchief.geometry import Box

#: Size, and the face in it: left, top, height.
WIDTH, HEIGHT, FACE = 120, 90, (40, 20, 50)
#: Photos that differ; the rest are the same again.
DIFFERENT = 4


@cache
def photos() -> tuple[bytes, ...]:
    """JPEG files."""
    return tuple(saved(scene(WIDTH, HEIGHT, [FACE], seed=n)[0], "JPEG", quality=95) for n in range(DIFFERENT))


def album(folder: Path, count: int) -> Path:
    """A folder of so many photos, some of them in a folder below."""
    (folder / "deep").mkdir(parents=True)
    for number in range(count):
        below = folder / "deep" if number % 5 == 4 else folder
        (below / f"p{number:03}.jpg").write_bytes(photos()[number % DIFFERENT])
    return folder


class Copies:
    """What one process makes of the photos: every copy must be that, to the byte.

    Args:
        tools: opened.
        folder: an empty one.
    """

    def __init__(self, tools: Tools, folder: Path) -> None:
        self._of: dict[bytes, bytes] = {}
        _, (face,) = scene(WIDTH, HEIGHT, [FACE])
        for number, data in enumerate(photos()):
            source = folder / f"{number}.jpg"
            source.write_bytes(data)
            copy = redact(source, tools=tools).output
            assert hides(source, copy, face), "the test would prove nothing"
            self._of[data] = copy.read_bytes()

    def must_be(self, originals: Path, copies: Path, but_not: tuple[str, ...] = ()) -> None:
        """Every original has one copy, under its name, and nothing else lies there.

        Args:
            originals: an album.
            copies: the output folder.
            but_not: names of originals that have none.
        """
        expected = {
            path.relative_to(originals).with_suffix(".redacted.jpg"): self._of[path.read_bytes()]
            for path in originals.rglob("*.jpg")
            if path.name not in but_not
        }
        there = {path.relative_to(copies): path.read_bytes() for path in copies.rglob("*") if path.is_file()}
        assert sorted(there) == sorted(expected)
        assert there == expected

    def must_be_that_of(self, original: Path, copy: Path) -> None:
        """One copy is what it must be."""
        assert copy.read_bytes() == self._of[original.read_bytes()]


def hides(source: Path, copy: Path, face: Box) -> bool:
    """Whether a face can't be told in the copy, while the picture beside it is as it was."""
    before, after = (np.asarray(Image.open(path).convert("L"), np.float64) for path in (source, copy))
    inner = np.s_[round(face.y0) : round(face.y1), round(face.x0) : round(face.x1)]
    likeness = np.corrcoef(before[inner].ravel(), after[inner].ravel())[0, 1]
    edge = np.abs(before - after)[:, :8].mean()
    return bool(likeness < 0.5 and edge < 3)


def rows(ledger: Path) -> list[tuple[str, int, int, str | None]]:
    """Name of the original, state, attempts and digest of the copy for each file of a ledger."""
    with sqlite3.connect(ledger) as db:
        found = db.execute(
            "SELECT source, state, attempts, lower(hex(output_sha256)) FROM file ORDER BY number"
        ).fetchall()
    db.close()
    return [(Path(source).name, state, attempts, digest) for source, state, attempts, digest in found]


def digests(folder: Path) -> list[str]:
    """Of all files in a folder and below it."""
    return sorted(hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.rglob("*") if path.is_file())
