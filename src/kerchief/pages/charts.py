"""What attackers got out of covered people, drawn: for pages and for the docs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from kerchief.pages import curves, plots
from kerchief.pages.colours import BLUE, GREEN, GREY, INK, ORANGE, PURPLE
from kerchief.pages.curves import Bins, Curve, Panel, Pen
from kerchief.pages.plots import Group, Row
from kerchief.prove.attack import CURVE_FMRS, Attack, Attacker, Detected, PeopleReport

if TYPE_CHECKING:
    from kerchief.pages.plots import Figure

T = TypeVar("T")

#: How each attacker is drawn, everywhere.
PENS = {
    Attacker.CLEAR: Pen(INK, width=2.2),
    Attacker.NAIVE: Pen(BLUE, "o"),
    Attacker.INFORMED: Pen(ORANGE, "s"),
    Attacker.PARROT: Pen(GREEN, "^"),
    Attacker.TEMPORAL: Pen(PURPLE, "D"),
}
GUESS = Pen(GREY, is_dashed=True, width=1.5)
AS_THEY_ARE = "photos as they are"
#: Width of the chart of rank 1 as a file, px.
WIDE_PX = 720


@dataclass(frozen=True, slots=True)
class Trial:
    """What all attackers got out of one set of copies with one recogniser."""

    title: str
    label: str
    recogniser: str
    attacks: tuple[Attack, ...]


def trials(reports: Mapping[str, PeopleReport]) -> list[Trial]:
    """Attacks by label and recogniser; the title names what is not the same for all."""
    names = _unique(one.recogniser for report in reports.values() for one in report.attacks)
    found = []
    for label, report in reports.items():
        for name in names:
            attacks = tuple(one for one in report.attacks if one.recogniser == name)
            if attacks:
                found.append(Trial(f"{label} · {name}" if len(names) > 1 else label, label, name, attacks))
    return found


def rank1_chart(reports: Mapping[str, PeopleReport]) -> str:
    """Whom attackers put first, of all labels and recognisers, as an SVG file."""
    every = trials(reports)
    drawn = plots.dots(rank1_groups(every), "right person first, %; dashed: a guess", width=WIDE_PX, is_root=True)
    return plots.standalone(drawn, "Share of people whom attackers put first, with 95 % intervals")


def cmc_chart(reports: Mapping[str, PeopleReport]) -> str:
    """Shares found within the first so many people, as an SVG file: a row for each label if there are recognisers."""
    every = trials(reports)
    recognisers = len({one.recogniser for one in every})
    return plots.standalone(
        cmc(every, recognisers if recognisers > 1 else 3),
        "Share of people whom attackers have among the first so many, against a guess",
    )


def rank1(every: Sequence[Trial], recogniser: str) -> Figure:
    """Whom each attacker puts first, with one recogniser."""
    return plots.dots(
        rank1_groups([one for one in every if one.recogniser == recogniser]),
        "right person first, %; dashed: a guess",
        is_root=True,
    )


def cmc(every: Sequence[Trial], columns: int = 1) -> Figure:
    """Shares found within the first so many people."""
    return curves.lines(
        [Panel(one.title, tuple(_cmc_curves(one.attacks))) for one in every],
        "first so many people",
        "right person among them, %",
        columns=columns,
    )


def roc(every: Sequence[Trial]) -> Figure:
    """True accept rates over false match rates."""
    return curves.lines(
        [Panel(one.title, tuple(_roc_curves(one.attacks))) for one in every],
        "strangers taken for them, %",
        "right people recognised, %",
        is_log=True,
    )


def distances(trial: Trial, shown: float) -> list[tuple[str, Figure]]:
    """For each attacker, its name and how far faces of one person and of others are from each other.

    Args:
        trial: all attackers of one recogniser.
        shown: where the axis ends.
    """
    return [(one.attacker.value, curves.distributions(_bins(one, shown), "distance")) for one in trial.attacks]


def farthest(every: Sequence[Trial], recogniser: str) -> float:
    """The largest distance that this recogniser gave anywhere."""
    return max(one.distances.end for trial in every if trial.recogniser == recogniser for one in trial.attacks)


def detection(reports: Mapping[str, PeopleReport]) -> Figure:
    """Of how many people each detector still finds a face."""
    names = _unique(one.detector for report in reports.values() for one in report.detected)
    return plots.dots([Group(name, _detection_rows(reports, name)) for name in names], "a face is found, %")


def rank1_groups(every: Sequence[Trial]) -> list[Group]:
    """The control on top (once for each recogniser, where it is the same for all), then a group for each trial."""
    clear = _unique(
        (one.recogniser, one.rank1) for trial in every for one in trial.attacks if one.attacker is Attacker.CLEAR
    )
    is_same = len({name for name, _ in clear}) == len(clear)
    shown = [[one for one in trial.attacks if not (is_same and one.attacker is Attacker.CLEAR)] for trial in every]
    groups = [
        Group(trial.title, tuple(map(_rank1_row, rows))) for trial, rows in zip(every, shown, strict=True) if rows
    ]
    return [_control(every), *groups] if is_same and clear else groups


def _control(every: Sequence[Trial]) -> Group:
    first = {one.recogniser: one for trial in every for one in trial.attacks if one.attacker is Attacker.CLEAR}
    return Group(
        AS_THEY_ARE, tuple(Row(name, one.rank1, one.chance, PENS[Attacker.CLEAR].colour) for name, one in first.items())
    )


def _rank1_row(attack: Attack) -> Row:
    return Row(attack.attacker.value, attack.rank1, attack.chance, PENS[attack.attacker].colour)


def _cmc_curves(attacks: Sequence[Attack]) -> Iterable[Curve]:
    for size, most in _unique((one.gallery, len(one.cmc)) for one in attacks):
        ranks = range(1, most + 1)
        yield Curve("a guess", tuple(map(float, ranks)), tuple(rank / size for rank in ranks), GUESS)
    for one in _control_last(attacks):
        yield Curve(one.attacker.value, tuple(map(float, range(1, len(one.cmc) + 1))), one.cmc, PENS[one.attacker])


def _roc_curves(attacks: Sequence[Attack]) -> Iterable[Curve]:
    yield Curve("a guess", CURVE_FMRS, CURVE_FMRS, GUESS)
    for one in _control_last(attacks):
        yield Curve(one.attacker.value, CURVE_FMRS, one.roc, PENS[one.attacker])


def _control_last(attacks: Sequence[Attack]) -> list[Attack]:
    """So that it lies on top."""
    return sorted(attacks, key=lambda one: one.attacker is Attacker.CLEAR)


def _bins(attack: Attack, shown: float) -> Bins:
    drawn = attack.distances
    return Bins(attack.attacker.value, drawn.genuine, drawn.impostor, drawn.end, attack.threshold, shown)


def _detection_rows(reports: Mapping[str, PeopleReport], detector: str) -> tuple[Row, ...]:
    found = [(label, one) for label, report in reports.items() for one in report.detected if one.detector == detector]
    clear = _unique(one.clear for _, one in found)
    copies = [Row(label, one.copies) for label, one in found]
    if len(clear) == 1:
        return (Row("before", clear[0], colour=INK), *copies)
    return tuple(row for pair in zip(_before(found), copies, strict=True) for row in pair)


def _before(found: Sequence[tuple[str, Detected]]) -> list[Row]:
    return [Row(f"{label}, before", one.clear, colour=INK) for label, one in found]


def _unique(values: Iterable[T]) -> list[T]:
    return list(dict.fromkeys(values))
