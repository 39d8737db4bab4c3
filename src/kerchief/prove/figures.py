"""What was measured of this version, ``kerchief.figures/1``: what receipts quote.

The file lies beside this page, is written by ``benchmarks/figures.py``, and is never edited by hand. Each part says
which code it is about; a test fails when that code has changed since.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from kerchief.plan.model import Digest, Document, StyleName
from kerchief.prove.attack import Attacker
from kerchief.prove.stats import Rate


class Part(Document):
    """What one run of the benchmark measured."""

    kerchief: str
    """Version of kerchief that was measured."""
    code: Digest
    """Of the code that the figures hang on, without comments and formatting."""
    of: str
    """What it was measured on, in words that name nothing and nobody."""


class Missed(Part):
    """Labelled faces in photos that stayed exposed: less than ``prove.verify.COVERED_SHARE`` under the mask."""

    exposed: Rate
    """Of all faces."""
    exposed_from_12_px: Rate
    """Of those whose box is at least 12 px high."""


class InFilms(Part):
    """People in clips of known truth of whom any frame exposes the face, as in photos."""

    exposed: Rate


class Leak(Document):
    """What one attacker with one recogniser got out of covered faces; the words are those of ``prove.attack``."""

    attacker: Attacker
    recogniser: str
    gallery: int
    """People who were searched among."""
    rank1: Rate
    tar_calibrated: Rate

    @property
    def chance(self) -> float:
        """Rank 1 of a guess."""
        return 1 / self.gallery


class Leaks(Part):
    """Attacks on the styles."""

    styles: dict[StyleName, tuple[Leak, ...]]


class Figures(Document):
    """Everything that receipts quote; a part that is missing was not measured for this version."""

    schema_version: Literal["kerchief.figures/1"] = Field(default="kerchief.figures/1", alias="schema")
    missed: Missed | None = None
    films: InFilms | None = None
    leaks: Leaks | None = None
