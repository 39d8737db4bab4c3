"""``kerchief audit LABELS.csv``: does it fail some groups more than others?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kerchief.choices import Margin
from kerchief.cli.options import DetectorPath, MarginOption
from kerchief.cli.page import PagePath, must_be_writable
from kerchief.errors import ExitCode, KerchiefError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kerchief.adversary.audit import Recogniser
    from kerchief.prove.audit import AuditReport, Column, Group
    from kerchief.prove.differential import Differential
    from kerchief.prove.stats import Interval

LabelsPath = Annotated[Path, typer.Argument(help="CSV: image, x, y, width, height, perhaps person, and label columns.")]
By = Annotated[list[str] | None, typer.Option("--by", metavar="COLUMN", help="A label column to compare; repeatable.")]
WithRecogniser = Annotated[
    bool, typer.Option("--recogniser", help="Also the errors of the opponent's recogniser by group (needs `person`).")
]
Json = Annotated[bool, typer.Option("--json", help="The whole report as one JSON object on standard output.")]


def audit(
    labels: LabelsPath,
    *,
    by: By = None,
    recogniser: WithRecogniser = False,
    page: PagePath = None,
    margin: MarginOption = Margin.STANDARD,
    detector: DetectorPath = None,
    json: Json = False,
) -> None:
    """Say how many labelled faces stay exposed, by group, with intervals. Nothing is published."""
    from kerchief.adversary.audit import Audit
    from kerchief.adversary.labels import read_labels
    from kerchief.cli.bar import progress_bars
    from kerchief.cli.report import data, exit_code_for, say
    from kerchief.settings import Settings
    from kerchief.tools import Tools

    read = read_labels(labels, by or ())
    for name in read.left_out:
        say(f"{name}: left out, it holds no groups to compare")
    if page is not None:
        must_be_writable(page)
    errors: list[KerchiefError] = []
    with Tools(Settings(margin=margin, detector=detector)) as tools, progress_bars("auditing") as progress:
        run = Audit(read, tools, _opponent if recogniser else None)
        for look in run.run(progress):
            if look.error:
                errors.append(look.error)
                say(f"kerchief: {look.error}")
    code = exit_code_for(errors, len(run.looks))
    if len(errors) == len(run.looks):
        say("no picture could be audited")
        raise typer.Exit(code)
    report = run.report()
    if page is not None:
        _write(page, report)
    if json:
        data(report.model_dump_json(by_alias=True))
    else:
        for line in table(report):
            data(line)
    say(
        f"{report.pictures} pictures, {report.overall.faces} faces; pictures that would be refused: {report.refused}; "
        f"that could not be read: {report.unreadable}"
    )
    raise typer.Exit(code if errors else ExitCode.DONE)


def table(report: AuditReport) -> Iterator[str]:
    """The report as lines for a terminal."""
    width = max(len(group.name) for column in report.columns for group in column.groups)
    head = f"{'faces':>6} {'persons':>7} {'exposed':>7}   {'rate, 95 %':<22} less the rest, 95 %"
    yield _row("all", width, report.overall, has_persons=report.has_persons)
    for column in report.columns:
        yield ""
        yield f"{column.name:<{width}} {head}"
        for group in column.groups:
            yield _row(group.name, width, group, has_persons=report.has_persons)
        yield f"  {'; '.join(_remarks(column))}"
    if report.recogniser:
        yield from _errors(report.recogniser, width)


def _row(name: str, width: int, group: Group, *, has_persons: bool) -> str:
    persons = f"{group.persons:>7}" if has_persons else f"{'?':>7}"
    rest = group.rest
    less = f"{100 * rest.value:+.1f} [{100 * rest.low:+.1f}, {100 * rest.high:+.1f}] points" if rest else ""
    return f"{name:<{width}} {group.faces:>6} {persons} {group.exposed:>7}   {group.rate!s:<22} {less}".rstrip()


def _remarks(column: Column) -> Iterator[str]:
    yield column.sentence
    if column.ratio is not None:
        yield f"highest / lowest: {column.ratio:.1f}"
    if column.chance is not None:
        yield f"shuffled labels differ as much in {100 * column.chance:.3g} % of trials"
    if column.unknown:
        yield f"faces without this label: {column.unknown}"


def _errors(found: Differential, width: int) -> Iterator[str]:
    yield ""
    matched = f"{100 * found.fmr:.2f} % of all pairs of different people match"
    yield f"{found.recogniser} at one threshold for all ({found.threshold:.3f}): {matched}"
    for column in found.columns:
        yield ""
        yield f"{column.name:<{width}} {'persons':>7}   {'false match, 95 %':<24} false non-match, 95 %"
        for group in column.groups:
            matches, misses = _percent(group.false_match), _percent(group.false_non_match)
            yield f"{group.name:<{width}} {group.persons:>7}   {matches:<24} {misses}"


def _percent(interval: Interval | None) -> str:
    if interval is None:
        return "no pairs"
    return f"{100 * interval.value:.2f} % [{100 * interval.low:.2f}, {100 * interval.high:.2f}]"


def _opponent() -> Recogniser:
    from kerchief.models.opponent import Opponent

    return Opponent()


def _write(page: Path, report: AuditReport) -> None:
    from kerchief.pages.audit import audit_page
    from kerchief.store.publish import write_whole

    write_whole(page, audit_page(report).encode())
