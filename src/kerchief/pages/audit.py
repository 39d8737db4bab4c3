"""The page of an audit: exposed faces by group, with dots and intervals, and what can't be told."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from kerchief.pages import plots
from kerchief.pages.page import Html, Section, figure, folded, page, paragraph, points, table
from kerchief.prove.audit import AuditReport, Column, Slice
from kerchief.prove.differential import Differential
from kerchief.prove.stats import Difference, Interval, Rate

AXIS = "exposed faces, %"
COLUMNS = ("group", "faces", "persons", "exposed", "rate", "95 %", "less the rest, points", "95 %")
ERROR_COLUMNS = (
    "group",
    "persons",
    "pairs of different people",
    "of them match",
    "pairs of one person",
    "of them don't",
)
CAUTIONS = (
    "Labels are what somebody perceived, and groups differ in more than their label: in size, light, pose, sharpness. "
    "A difference is no cause.",
    "Where pictures show several faces, or one person under several ids, the true intervals are wider.",
    "Of twenty comparisons without any difference one is expected to exclude none at 95 %; count how many there are.",
    "Light is the mean luma of the face's box, unless the labels have a column of that name: it holds the skin, too.",
    "The pictures are those of this set; elsewhere the rates are others.",
)


def audit_page(report: AuditReport) -> str:
    """A page that opens offline.

    Raises:
        UsageError: matplotlib is not installed.
    """
    sections = [
        *(Section(f"By {column.name}", tuple(_column(column))) for column in report.columns),
        Section("Within sizes and lights", tuple(_slices(report))),
        *([Section("The recogniser's own errors", tuple(_errors(report.recogniser)))] if report.recogniser else ()),
        Section("What this does not say", (points(CAUTIONS),)),
    ]
    return page("Exposed faces by group", tuple(_lead(report)), sections, f"kerchief {report.kerchief}, audit")


def plot(name: str, parts: Sequence[tuple[str, Column]], *, is_inline: bool = True) -> str:
    """Dots and intervals of one label, in parts under headings, as SVG; the dash is the rate of a part's faces."""
    groups = [plots.Group(heading, tuple(_rows(column))) for heading, column in parts]
    alt = f"Rates of exposed faces by {name}, with intervals; the same figures are in the table."
    drawn = plots.dots(groups, AXIS, width=560)
    return plots.inline(drawn, alt) if is_inline else plots.standalone(drawn, alt)


def _lead(report: AuditReport) -> Iterator[str]:
    overall = report.overall
    who = f" of {overall.persons} persons" if report.has_persons else ""
    yield (
        f"{overall.exposed} of {overall.faces} labelled faces{who} in {report.pictures - report.unreadable} pictures "
        f"stay exposed: {overall.rate} (95 %). Exposed: less than 90 % of the ellipse in the face's box lies under the "
        "mask that `kerchief redact` ends with."
    )
    for column in report.columns:
        yield f"{column.name}: {column.sentence}."
    if report.refused:
        yield f"Pictures that would not be published, for a sure face still shows: {report.refused}."
    if report.unreadable:
        yield f"Pictures that could not be read, whose faces are not counted: {report.unreadable}."


def _column(column: Column) -> Iterator[Html]:
    yield figure([plot(column.name, [("", column)])], "Dots are rates, lines 95 % intervals, the dash the rate of all.")
    yield _table(column, f"Exposed faces by {column.name}")
    remarks = [column.sentence]
    if column.ratio is not None:
        remarks.append(f"highest rate divided by the lowest: {column.ratio:.1f}")
    if column.chance is not None:
        remarks.append(f"groups of shuffled labels differ as much in {100 * column.chance:.3g} % of trials")
    if column.unknown:
        remarks.append(f"faces without this label, in no group: {column.unknown}")
    yield points(remarks)


def _slices(report: AuditReport) -> Iterator[Html]:
    for column in report.columns:
        mine = [one for one in report.slices if one.column.name == column.name]
        for by in dict.fromkeys(one.by for one in mine):
            yield folded(f"{column.name}, within {by}", _within([one for one in mine if one.by == by]))


def _within(slices: Sequence[Slice]) -> Iterator[Html]:
    name = slices[0].column.name
    yield figure([plot(name, [(one.group, one.column) for one in slices])], "The dash is the rate of all in that part.")
    for one in slices:
        yield _table(one.column, f"{one.group}: {one.column.sentence}")


def _table(column: Column, caption: str) -> Html:
    rows = (
        (
            group.name,
            str(group.faces),
            str(group.persons),
            str(group.exposed),
            *_numbers(group.interval),
            *(_numbers(group.rest) if group.rest else ("", "")),
        )
        for group in column.groups
    )
    return table(caption, COLUMNS, rows)


def _errors(found: Differential) -> Iterator[Html]:
    yield paragraph(
        f"{found.recogniser} on the pictures as they are, at one distance for all ({found.threshold:.3f}), below which "
        f"{100 * found.fmr:.2f} % of all pairs of different people match. Within a group people are more alike. "
        "Intervals are of persons drawn again."
    )
    for column in found.columns:
        rows = (
            (
                group.name,
                str(group.persons),
                str(group.impostor_pairs),
                _share(group.false_match),
                str(group.genuine_pairs),
                _share(group.false_non_match),
            )
            for group in column.groups
        )
        yield table(f"Errors by {column.name}", ERROR_COLUMNS, rows)


def _rows(column: Column) -> Iterator[plots.Row]:
    """The rate of all, as that of persons where they are known, is the mean that each group is held against."""
    units = sum(group.rate.n for group in column.groups)
    mean = sum(group.rate.k for group in column.groups) / units if units else None
    for group in column.groups:
        yield plots.Row(group.name, Rate(k=group.rate.k, n=group.rate.n), reference=mean)


def _numbers(value: Interval | Difference) -> tuple[str, str]:
    sign = "+" if isinstance(value, Difference) else ""
    return f"{100 * value.value:{sign}.1f}", f"{100 * value.low:{sign}.1f} to {100 * value.high:{sign}.1f}"


def _share(interval: Interval | None) -> str:
    if interval is None:
        return "none"
    return f"{100 * interval.value:.2f} % [{100 * interval.low:.2f}, {100 * interval.high:.2f}]"
