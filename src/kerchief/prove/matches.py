"""Does a face in a copy still match a face of its original? What one file, or a few, say by themselves.

Every face is enrolled from the original itself, which is more than any adversary has who does not hold the original.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from kerchief.plan.model import Document
from kerchief.ports import Embeddings
from kerchief.prove.attack import CONTROLS, Attacker, distances_of
from kerchief.prove.stats import Rate

#: By this share of the threshold a place must be nearer than under any of the empty covers. Of 196 faces from 20 px on
#: other empty covers (white, blue, the mean colour, a wider margin) were as much nearer for none (docs/leaks.md).
CLEARLY = 0.15


@dataclass(frozen=True, slots=True)
class Attacked:
    """One face (in a film: one track) of an original, and what was got out of its copy.

    Attributes:
        matched: whether each attacker's recogniser matches it, by attacker and recogniser; only those that were run.
        is_seen: whether kerchief's networks see a face where it was.
        is_found: whether an independent finder does.
    """

    matched: Mapping[tuple[Attacker, str], bool]
    is_seen: bool
    is_found: bool


class FileAttacked(Document):
    """What came of one copy."""

    file: str
    """The original, as the user named it."""
    faces: int
    too_small: int
    """Faces too small for any recogniser; they were not tried."""
    seen: int
    """Faces where kerchief's networks still see one."""
    found: int
    """Faces where an independent finder sees one."""
    matched: int
    """Faces that any recogniser in any attacker's hands matches."""


class Matches(Document):
    """What one recogniser in one attacker's hands matched, over all files."""

    attacker: Attacker
    recogniser: str
    threshold: float
    matched: Rate


class FilesReport(Document):
    """What attackers got out of the copies of some files."""

    schema_version: Literal["kerchief.attack.files/1"] = Field(default="kerchief.attack.files/1", alias="schema")
    kerchief: str
    files: tuple[FileAttacked, ...]
    failed: Annotated[int, Field(ge=0)]
    """Files that could not be compared; nothing is known of them."""
    matches: tuple[Matches, ...]
    """Two are controls: "clear", the original's mirror image, and "empty", the original under an empty cover."""

    @property
    def faces(self) -> int:
        """Faces that were tried."""
        return sum(one.faces for one in self.files)

    @property
    def seen(self) -> int:
        """Faces of which a detector still sees something."""
        return sum(one.seen for one in self.files)

    @property
    def matched(self) -> int:
        """Faces that still match."""
        return sum(one.matched for one in self.files)

    @property
    def leaks(self) -> bool:
        """Whether any face does, or is still seen as one where it was."""
        return self.matched > 0 or self.seen > 0


def is_match(own: NDArray[np.float32], rows: Embeddings, threshold: float, empty: Embeddings | None = None) -> bool:
    """Whether one of several embeddings is near enough to a face, and clearly nearer than nothing is.

    Args:
        own: (d,) of the face.
        rows: (n, d) of what may be it.
        threshold: the recogniser's.
        empty: (m, d) of the same place under covers that hold nothing; None where that does not matter.
    """
    if not len(rows):
        return False
    nearest = float(distances_of(rows, own[None]).min())
    nothing = float("inf") if empty is None else float(distances_of(empty, own[None]).min())
    return nearest < min(threshold, nothing - CLEARLY * threshold)


def file_attacked(file: str, faces: Sequence[Attacked], too_small: int) -> FileAttacked:
    """The sums of one file."""
    return FileAttacked(
        file=file,
        faces=len(faces),
        too_small=too_small,
        seen=sum(one.is_seen for one in faces),
        found=sum(one.is_found for one in faces),
        matched=sum(is_leaked(one) for one in faces),
    )


def is_leaked(face: Attacked) -> bool:
    """Whether anybody matches what is left of a face."""
    return any(matched for (attacker, _), matched in face.matched.items() if attacker not in CONTROLS)


def files_report(
    kerchief: str,
    files: Sequence[FileAttacked],
    faces: Sequence[Attacked],
    thresholds: Mapping[str, float],
    failed: int,
) -> FilesReport:
    """Everything over all files.

    Args:
        kerchief: version.
        files: of ``file_attacked``.
        faces: of all files.
        thresholds: of each recogniser.
        failed: files that could not be compared.
    """
    kinds = dict.fromkeys(kind for face in faces for kind in face.matched)
    return FilesReport(
        kerchief=kerchief,
        files=tuple(files),
        failed=failed,
        matches=tuple(
            Matches(attacker=who, recogniser=name, threshold=thresholds[name], matched=_rate(faces, (who, name)))
            for who, name in sorted(kinds, key=lambda kind: (kind[1], list(Attacker).index(kind[0])))
        ),
    )


def statement(report: FilesReport) -> str:
    """What was found, in words, missed faces first."""
    lines = [
        "Faces that were not found in the originals, or not surely, were not tried: look at the copies yourself.",
    ]
    if report.failed:
        files = "1 file" if report.failed == 1 else f"{report.failed} files"
        lines.append(f"{files} could not be compared: whether faces show there is not known.")
    lines.append(
        f"{_count(report.faces)} found in the originals; {report.matched} still match."
        if report.faces
        else "No face was compared: this says nothing of the copies."
    )
    if report.seen:
        lines.append(f"Of {report.seen} a detector still sees a face where it was.")
    if report.faces and not report.leaks:
        bound = Rate(k=0, n=report.faces).bound
        lines.append(f"For faces like these the true rate of matches is below {bound:.1%} with 95 % confidence.")
    lines += [_control(one) for one in report.matches if one.attacker is Attacker.CLEAR]
    lines += [_empty(one) for one in report.matches if one.attacker is Attacker.EMPTY and one.matched.k]
    return "\n".join(lines)


def _control(clear: Matches) -> str:
    rate = clear.matched
    if rate.share >= 0.5:
        return f"Control: {clear.recogniser} matches {rate.k:g} of these {rate.n} faces uncovered."
    return (
        f"Control: {clear.recogniser} matches only {rate.k:g} of these {rate.n} faces uncovered, "
        "so that it finds none of them covered says little."
    )


def _empty(empty: Matches) -> str:
    rate = empty.matched
    return (
        f"Control: {empty.recogniser} matches {rate.k:g} of {rate.n} faces under a cover that holds nothing, by their "
        "surroundings or because they are small; of these only what is clearly nearer counts."
    )


def _rate(faces: Sequence[Attacked], kind: tuple[Attacker, str]) -> Rate:
    tried = [face.matched[kind] for face in faces if kind in face.matched]
    return Rate(k=sum(tried), n=len(tried))


def _count(number: int) -> str:
    return "1 face was" if number == 1 else f"{number} faces were"
