"""The page of a run: what came of it, what the checks saw, which files have no copy and why, and how fast it went."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import ceil, floor, log10

from kerchief.pages import counts, plots
from kerchief.pages.colours import BLUE, GREY, ORANGE
from kerchief.pages.counts import Bar, Spread, Stream
from kerchief.pages.page import Html, Section, figure, folded, page, paragraph, points, table, terms
from kerchief.pages.plots import Group, Row
from kerchief.prove.stats import Rate
from kerchief.scale.report.document import MEGABYTE, Checked, Kind, Missed, RunReport, Share, Speed, summary
from kerchief.scale.tasks import State

TITLE = "What came of the run"
PRIVATE = "This page names originals: keep it as private as they are."
#: So many files without a copy, and so many sources, are on the page.
SHOWN = 200
#: So many reasons are drawn; the table has them all.
DRAWN = 12
KIND_COLUMNS = (
    "kind",
    "copies",
    "frames",
    "originals, MB",
    "heads covered",
    "work, all of them",
    "half of them took at most",
    "95 of 100 at most",
    "the longest",
)
READING = (
    (
        "checked",
        "Each copy is opened again, decoded whole and searched at other scales than the first looks. What shows is "
        "covered in the next round; a copy in which a sure face shows after the last one is not published.",
    ),
    (
        "by rule; below",
        "A copy in which the check is sure of a face is never published, so there is nothing to count. The bound is "
        "what so many copies without one exclude with 95 % confidence. It is about what the check sees, not about all "
        "faces.",
    ),
    (
        "a second round",
        "The check found what the first looks had not, at whatever score, and it is covered now; some of it may be no "
        "face. What neither finds is in no figure of this run.",
    ),
    (
        "doubtful",
        "Something in a copy that a network takes for a face with a score below the sure one. Look at these copies: "
        "the line of each file, its receipt and the ledger say which they are.",
    ),
    ("refused", "The file, or the place for its copy, is at fault. --resume tries it again."),
    ("set aside", "Each try ended the worker, or in a fault of kerchief's own. --resume leaves it aside."),
    (
        "n, and [low, high]",
        "The interval holds the true rate 95 times in 100 if each file stood for itself. Files of one camera or one "
        "event are alike, so the true intervals are wider.",
    ),
    ("work", "Seconds that workers spent on files, summed over all of them."),
    (
        "efficiency",
        "Work divided by the time that went by and the number of workers: 100 % where all worked all the time.",
    ),
)
LIMITS = (
    "That every face was found. A face that neither the first looks nor the check finds is bare in its copy. Look at "
    "the copies yourself.",
    "That these files are like those on which misses were measured, or that the margin and networks were the same.",
    "Anything about originals, the ledger, this report and the logs of a cluster: they name files, and are private.",
)


def is_run_page(data: bytes) -> bool:
    """Whether a file is the page of a run, and not something else of that name."""
    return f"<title>{TITLE}</title>".encode() in data and PRIVATE.encode() in data


def run_page(report: RunReport) -> str:
    """A page that opens offline.

    Raises:
        UsageError: matplotlib is not installed.
    """
    sections = (
        Section("What the check saw", tuple(_seen(report.checked))),
        Section("Without a copy", tuple(_without(report))),
        Section("What was done", tuple(_kinds(report.kinds))),
        Section("How fast it went", tuple(_speed(report.speed))),
        Section("The run", (terms(_about(report)),)),
        Section("How to read this", (terms(READING),)),
        Section("What this does not say", (points(LIMITS),)),
    )
    return page(TITLE, tuple(_lead(report)), sections, f"kerchief {report.kerchief}, run")


def _lead(report: RunReport) -> Iterator[str]:
    yield f"{summary(report)}."
    checked = report.checked
    if checked.exposed.n:
        yield (
            f"Copies published with a face showing that the check is sure of: {checked.exposed.k:.0f} of "
            f"{checked.exposed.n:,}. This is a rule and no measurement: such a copy is refused."
        )
        yield " ".join(["The check does not find every face either.", *map(_missed, checked.missed)])
    yield PRIVATE


def _missed(one: Missed) -> str:
    rate = one.exposed
    share = f"{1000 * rate.share:.1f} in 1,000 (95 %: {1000 * rate.low:.1f} to {1000 * rate.high:.1f})"
    if one.kind == "films":
        return f"Elsewhere, of {rate.n:,} people ({one.of}) {share} were exposed in some frame of the finished copy."
    return f"Elsewhere, of {rate.n:,} labelled faces ({one.of}) {share} stayed exposed in the finished copy."


def _seen(checked: Checked) -> Iterator[Html]:
    if not checked.exposed.n and not checked.still_shows.rate.n:
        yield paragraph("No file has come as far as a check.")
        return
    shares = _shares(checked)
    drawn = plots.dots([Group("", tuple(Row(*one) for one in shares))], "files, %", width=560, is_root=True)
    yield figure(
        [plots.inline(drawn, "Shares of files, with intervals; the table has the same figures.")],
        "Dots are shares of files, lines 95 % intervals. Small shares are drawn larger.",
    )
    exposed = checked.exposed
    by_rule = f"by rule; below {_up(100 * checked.exposed_below)} %"
    rows = [(what, f"{rate.k:,.0f}", f"{rate.n:,}", str(rate)) for what, rate in shares]
    yield table(
        "What the check saw",
        ("", "files", "of", "share, 95 %"),
        [("a sure face in a published copy", f"{exposed.k:.0f}", f"{exposed.n:,}", by_rule), *rows],
    )
    yield points(
        (
            f"What the check alone found, and that is covered since: {checked.added:,}.",
            f"Doubtful faces that show in copies: {checked.doubtful_faces:,}.",
        )
    )


def _shares(checked: Checked) -> list[tuple[str, Rate]]:
    named: list[tuple[str, Share]] = [
        ("copies that took a second round", checked.again),
        ("copies with a doubtful face", checked.doubtful),
        ("refused: a sure face still shows", checked.still_shows),
    ]
    return [(what, share.rate) for what, share in named]


def _without(report: RunReport) -> Iterator[Html]:
    if not report.reasons and not report.refused:
        yield paragraph("Every file that was done has a copy.")
        return
    bars = [Bar(one.problem, one.files, ORANGE if one.state is State.REFUSED else GREY) for one in report.reasons]
    drawn = counts.bars(bars[:DRAWN])
    yield figure(
        [plots.inline(drawn, "Files without a copy by reason; the list has the same figures.")],
        "Files without a copy, by reason: refused ones in orange, those set aside in grey.",
    )
    yield terms(
        (f"{one.files:,} {one.state}: {one.problem} (exit code {one.exit_code:d})", one.next_step)
        for one in report.reasons
    )
    if report.reasons_unlisted:
        yield paragraph(f"And {report.reasons_unlisted:,} files for other reasons: see the ledger.")
    yield _named(report)


def _named(report: RunReport) -> Html:
    """The first of the files, under the reasons that they have."""
    shown = report.refused[:SHOWN]
    by_reason: dict[str, list[str]] = {}
    for one in shown:
        tries = f" ({one.attempts:,} tries)" if one.attempts > 1 else ""
        by_reason.setdefault(f"{one.state}: {one.problem}", []).append(f"{one.file}{tries}")
    parts = [part for reason, files in by_reason.items() for part in (paragraph(f"{reason}:"), points(files))]
    more = len(report.refused) - len(shown) + report.refused_unlisted
    if more:
        listed = f"the JSON report lists the first {len(report.refused):,}, the ledger all"
        parts.append(paragraph(f"And {more:,} more: {listed}."))
    return folded(f"Which files ({len(shown):,} of {len(shown) + more:,})", parts)


def _kinds(kinds: Sequence[Kind]) -> Iterator[Html]:
    if not kinds:
        yield paragraph("No file has a copy yet.")
        return
    rows = (
        (
            one.kind.value,
            f"{one.files:,}",
            f"{one.frames:,}",
            f"{one.size_bytes / MEGABYTE:,.1f}",
            f"{one.covered:,}",
            *map(duration, (one.seconds, one.median, one.slow, one.longest)),
        )
        for one in kinds
    )
    yield table("Copies by kind, of all passes", KIND_COLUMNS, rows)
    ends = _decades([edge for one in kinds for edge in one.histogram.edges])
    drawn = [
        counts.spread(Spread(f"{one.kind.value}: copies", one.histogram.edges, one.histogram.files, one.median), ends)
        for one in kinds
    ]
    yield figure(
        [plots.inline(one, f"{kind.kind.value}: how long files took") for one, kind in zip(drawn, kinds, strict=True)],
        "How long the work on a file took. Dashed: half of them took no longer.",
    )


def _decades(edges: Sequence[float]) -> tuple[float, float]:
    """The whole powers of ten around some times."""
    return 10.0 ** floor(log10(min(edges)) + 1e-9), 10.0 ** ceil(log10(max(edges)) - 1e-9)


def _speed(speed: Speed) -> Iterator[Html]:
    if speed.wall_seconds and (speed.files or speed.failed):
        panels = [Stream("copies made", speed.made, BLUE)]
        panels += [Stream("files refused or set aside", speed.lost, ORANGE)] if speed.failed else []
        drawn = counts.streams(panels, speed.wall_seconds)
        yield figure(
            [plots.inline(drawn, "Copies and failures in each part of the time.")],
            f"What came in each {duration(speed.part_seconds)}, from the start of this pass to its end.",
        )
    yield table("This pass", ("", ""), _speeds(speed))


def _speeds(speed: Speed) -> Iterator[tuple[str, str]]:
    yield "time", duration(speed.wall_seconds)
    yield "workers", f"{speed.workers:,}"
    yield "work", duration(speed.work_seconds)
    yield "efficiency", f"{100 * speed.efficiency:.0f} %"
    yield "copies", f"{speed.files:,}"
    yield _rate("copies", speed.files_per_second)
    yield _rate("frames", speed.frames_per_second)
    yield _rate("MB of originals", speed.megabytes_per_second)
    yield "files refused or set aside", f"{speed.failed:,}"


def _about(report: RunReport) -> Iterator[tuple[str, str]]:
    files, settings = report.files, report.settings
    more = len(report.sources) - SHOWN
    yield "originals", ", ".join(report.sources[:SHOWN]) + (f" and {more:,} more" if more > 0 else "")
    yield "copies", report.output
    yield "ledger", report.ledger
    yield "this pass", f"{report.started:%Y-%m-%d %H:%M:%S} to {report.ended:%Y-%m-%d %H:%M:%S} UTC"
    yield "copies that earlier passes made", f"{files.earlier:,}"
    yield "left out, neither pictures nor films", f"{files.left_out:,}"
    yield "left out, kerchief's own outputs", f"{files.outputs:,}"
    yield "style", f"{settings.style}" + ("" if settings.style.name.erases else ", cosmetic: can be seen through")
    yield "margin", settings.margin.value
    yield "rounds at most", str(settings.rounds)
    yield "sound of films", settings.audio.action.value
    if settings.detector:
        yield "own detector", str(settings.detector)


def duration(seconds: float) -> str:
    """A time as people say it: 0.42 s, 12.3 s, 3 min 20 s, 2 h 5 min or 3 d 4 h."""
    if seconds < 59.95:
        return f"{seconds:.2f} s" if seconds < 9.995 else f"{seconds:.1f} s"
    whole = round(seconds)
    for size, name, below, part in ((86400, "d", 3600, "h"), (3600, "h", 60, "min"), (60, "min", 1, "s")):
        if whole >= size:
            more = whole % size // below
            return f"{whole // size:,} {name}" + (f" {more} {part}" if more else "")
    return f"{whole} s"


def _rate(what: str, value: float) -> tuple[str, str]:
    """So many a second, or an hour where that is few, with three digits."""
    name, value = (f"{what} a second", value) if value >= 0.1 or not value else (f"{what} an hour", 3600 * value)
    return name, f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _up(value: float) -> str:
    """A bound is rounded up, or it would not hold."""
    return f"{ceil(value * 100 - 1e-9) / 100:g}"
