"""What an attack got, as lines for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from kerchief.pages.verdict import verdict
from kerchief.prove.attack import FMR, PeopleReport
from kerchief.prove.matches import FilesReport, statement
from kerchief.prove.stats import Rate

HEAD = ("recogniser", "attacker", "rank 1", "rank 10", "1:1, calibrated", "shuffled", "chance")
WIDTHS = (12, 9, 22, 22, 22, 9, 8)


def table(report: PeopleReport | FilesReport) -> Iterator[str]:
    """Lines of a report."""
    yield from _people(report) if isinstance(report, PeopleReport) else _files(report)


def _people(report: PeopleReport) -> Iterator[str]:
    yield f"{report.persons} people, {report.pictures} photos; rates of people with 95 % intervals"
    for found in report.detected:
        yield f"a face is found by {found.detector} in originals of {found.clear}, in copies of {found.copies}"
    yield _row(HEAD)
    for one in report.attacks:
        shuffled, chance = f"{one.shuffled.share:.1%}", f"{one.chance:.1%}"
        rates = (str(rate) for rate in (one.rank1, one.rank10, one.tar_calibrated))
        yield _row((one.recogniser, one.attacker.value, *rates, shuffled, chance))
    yield f"1:1, calibrated: same person, at the distance that lets {FMR:.1%} of other people through"
    yield verdict("these copies", report)


def _row(cells: Sequence[str]) -> str:
    """Words to the left, figures to the right."""
    words = (f"{cell:{width}}" for cell, width in zip(cells[:2], WIDTHS[:2], strict=True))
    return " ".join((*words, *(f"{cell:>{width}}" for cell, width in zip(cells[2:], WIDTHS[2:], strict=True))))


def _files(report: FilesReport) -> Iterator[str]:
    for file in report.files:
        small = f", {file.too_small} too small to try" if file.too_small else ""
        seen = f", {file.seen} still seen as a face" if file.seen else ""
        yield f"{file.file}: {file.matched} of {file.faces} faces still match{seen}{small}"
    for one in report.matches:
        yield f"{one.recogniser:12} {one.attacker.value:9} matches {_of(one.matched)}, nearer than {one.threshold:g}"
    yield from statement(report).splitlines()


def _of(rate: Rate) -> str:
    return f"{rate.k:g} of {rate.n}: {rate}" if rate.n else "none of 0"
