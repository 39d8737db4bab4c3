"""What an attack got, as lines for a terminal."""

from __future__ import annotations

from collections.abc import Iterator

from kerchief.prove.attack import FMR, Attack, PeopleReport
from kerchief.prove.matches import FilesReport, statement
from kerchief.prove.stats import Rate

PEOPLE_HEAD = f"{'recogniser':12} {'attacker':9} {'rank 1':>21} {'rank 10':>21} {'1:1, calibrated':>21} {'shuffled':>9} {'chance':>7}"


def table(report: PeopleReport | FilesReport) -> Iterator[str]:
    """Lines of a report."""
    yield from _people(report) if isinstance(report, PeopleReport) else _files(report)


def _people(report: PeopleReport) -> Iterator[str]:
    yield f"{report.persons} people, {report.pictures} photos; rates of people with 95 % intervals"
    for one in report.detected:
        yield f"a face is found by {one.detector} in originals of {one.clear}, in copies of {one.copies}"
    yield PEOPLE_HEAD
    for found in report.attacks:
        yield (
            f"{found.recogniser:12} {found.attacker.value:9} {found.rank1!s:>21} {found.rank10!s:>21} "
            f"{found.tar_calibrated!s:>21} {found.shuffled.share:>9.1%} {found.chance:>7.1%}"
        )
    yield f"1:1, calibrated: same person, at the distance that lets {FMR:.1%} of other people through"
    yield from _verdict(report)


def _verdict(report: PeopleReport) -> Iterator[str]:
    clear = [one for one in report.attacks if one.attacker.value == "clear"]
    if not any(one.is_above_chance for one in clear):
        yield "CONTROL FAILED: no recogniser tells these people apart as they are, so nothing follows for the copies."
    elif report.leaks:
        yield "ABOVE CHANCE: " + ", ".join(_named(one) for one in report.above_chance)
    else:
        yield "No attacker does better than a guess can, within these intervals."


def _named(one: Attack) -> str:
    return f"{one.attacker.value} with {one.recogniser}"


def _files(report: FilesReport) -> Iterator[str]:
    for file in report.files:
        small = f", {file.too_small} too small to try" if file.too_small else ""
        seen = f", {file.seen} still seen as a face" if file.seen else ""
        yield f"{file.file}: {file.matched} of {file.faces} faces still match{seen}{small}"
    for one in report.matches:
        yield f"{one.recogniser:12} {one.attacker.value:9} matches {_of(one.matched)}, nearer than {one.threshold:g}"
    for other in report.strangers:
        yield f"{other.recogniser:12} {'strangers':9} matches {_of(other.matched)}: by chance"
    yield from statement(report).splitlines()


def _of(rate: Rate) -> str:
    return f"{rate.k:g} of {rate.n}: {rate}" if rate.n else "none of 0"
