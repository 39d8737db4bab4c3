"""``kerchief attack ORIGINAL... --redacted DIR``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kerchief.cli.options import Json, Paths
from kerchief.cli.page import PagePath, must_be_writable
from kerchief.errors import ExitCode, KerchiefError, UsageError

if TYPE_CHECKING:
    from kerchief.adversary.pairs import Pair, Pairs
    from kerchief.prove.attack import PeopleReport
    from kerchief.prove.matches import FilesReport


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
    page: PagePath = None,
    json: Json = False,
) -> None:
    """Attack copies with face recognition, as an adversary would: does a face in them still match its original?"""
    from kerchief.adversary.pairs import pairs
    from kerchief.cli.attack_table import table
    from kerchief.cli.report import data, exit_code_for, json_line, say

    if page is not None:
        must_be_writable(page)
    compared = pairs(paths, redacted)
    for path in compared.alone:
        say(f"kerchief: {path}: has no copy in {redacted}. It takes no part.")
    errors: list[KerchiefError] = []
    report = _people(compared, embedder, errors) if people else _files(compared, embedder, errors)
    for error in errors:
        say(f"kerchief: {error}")
    if json:
        json_line(report.model_dump(mode="json", by_alias=True))
    else:
        for line in table(report):
            data(line)
    if page is not None:
        _write_page(page, report)
    # What is found counts for more than what could not be tried; both are said above.
    raise typer.Exit(ExitCode.FOUND if report.leaks else exit_code_for(errors, len(compared.found)))


def _write_page(path: Path, report: PeopleReport | FilesReport) -> None:
    from kerchief.pages.attack import page_of_people
    from kerchief.pages.files import page_of_files
    from kerchief.prove.attack import PeopleReport
    from kerchief.store.publish import write_whole

    drawn = page_of_people({"these copies": report}) if isinstance(report, PeopleReport) else page_of_files(report)
    write_whole(path, drawn.encode())


def _files(compared: Pairs, embedder: Path | None, errors: list[KerchiefError]) -> FilesReport:
    """Attack every copy by itself."""
    from kerchief.adversary.arms import arm
    from kerchief.adversary.files import attack_files
    from kerchief.cli.bar import progress_bars
    from kerchief.tools import Tools

    arms = arm(embedder)
    with Tools() as tools, progress_bars("attacking") as progress:
        return attack_files(compared.found, tools, arms, errors, progress)


def _people(compared: Pairs, embedder: Path | None, errors: list[KerchiefError]) -> PeopleReport:
    """Enrol everyone from the originals, and search the copies."""
    from kerchief.adversary.arms import arm
    from kerchief.adversary.people import enrol, report_on, try_copies
    from kerchief.cli.bar import progress_bars
    from kerchief.tools import Tools

    photos = [(_person(pair), pair.original) for pair in compared.found]
    copies = {pair.original: pair.copy for pair in compared.found}
    arms = arm(embedder)
    with Tools() as tools:
        with progress_bars("enrolling") as progress:
            subjects = enrol(photos, tools, arms, errors, progress)
        with progress_bars("attacking") as progress:
            tried = try_copies([(one, copies[one.original]) for one in subjects], tools, arms, errors, progress)
    return report_on(tried)


def _person(pair: Pair) -> str:
    """The folder of a person that an original lies in.

    Raises:
        UsageError: it lies in none.
    """
    if not pair.below.parts:
        step = "With --people give the folder that holds one folder for each person."
        raise UsageError(str(pair.original), "lies in no folder of a person", step)
    return pair.below.parts[0]
