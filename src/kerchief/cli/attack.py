"""``kerchief attack ORIGINAL... --redacted DIR``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kerchief.cli.options import Json, Paths
from kerchief.errors import ExitCode, KerchiefError, UsageError

if TYPE_CHECKING:
    from kerchief.adversary.pairs import Pairs
    from kerchief.prove.attack import PeopleReport


def attack(
    paths: Paths,
    *,
    redacted: Annotated[Path, typer.Option("--redacted", help="The folder of the copies.")],
    people: Annotated[
        bool,
        typer.Option("--people", help="Each folder below ORIGINAL is a person: search everyone among all of them."),
    ] = False,
    embedder: Annotated[
        Path | None,
        typer.Option("--embedder", help="Your own ONNX recogniser attacks too (docs/own-embedder.md)."),
    ] = None,
    json: Json = False,
) -> None:
    """Attack copies with face recognition, as an adversary would: does a face in them still match its original?"""
    from kerchief.adversary.pairs import pairs
    from kerchief.cli.report import exit_code_for, json_line, say

    compared = pairs(paths, redacted)
    for path in compared.alone:
        say(f"kerchief: {path}: has no copy in {redacted}. It takes no part.")
    errors: list[KerchiefError] = []
    report = _people(compared, embedder, errors)
    for error in errors:
        say(f"kerchief: {error}")
    if json:
        json_line(report.model_dump(mode="json", by_alias=True))
    else:
        _print(report)
    code = exit_code_for(errors, len(compared.found))
    raise typer.Exit(ExitCode.FOUND if code is ExitCode.DONE and report.above_chance else code)


def _people(compared: Pairs, embedder: Path | None, errors: list[KerchiefError]) -> PeopleReport:
    """Enrol everyone from the originals, and search the copies."""
    from kerchief.adversary.arms import arm
    from kerchief.adversary.people import enrol, report_on, try_copies
    from kerchief.cli.bar import progress_bars
    from kerchief.tools import Tools

    photos = [(pair.below.parts[0] if pair.below.parts else "", pair.original) for pair in compared.found]
    if any(not person for person, _ in photos):
        problem = "lies in no folder of a person"
        path = next(str(path) for person, path in photos if not person)
        raise UsageError(path, problem, "With --people give the folder that holds one folder for each person.")
    copies = {pair.original: pair.copy for pair in compared.found}
    arms = arm(embedder)
    with Tools() as tools:
        with progress_bars("enrolling") as progress:
            subjects = enrol(photos, tools, arms, errors, progress)
        with progress_bars("attacking") as progress:
            tried = try_copies([(one, copies[one.original]) for one in subjects], tools, arms, errors, progress)
    return report_on(tried)


def _print(report: PeopleReport) -> None:
    """The table."""
    from kerchief.cli.report import data

    data(f"{report.persons} people, {report.pictures} photos")
    for one in report.detected:
        data(f"a face is found by {one.detector}: originals {one.clear}, copies {one.copies}")
    for found in report.attacks:
        data(
            f"{found.recogniser:8} {found.attacker.value:9} rank-1 {found.rank1} rank-10 {found.rank10} "
            f"(chance {found.chance:.1%}, shuffled {found.shuffled.share:.1%}) TAR {found.tar} FMR {found.fmr:.2%} "
            f"calibrated {found.tar_calibrated}"
        )
