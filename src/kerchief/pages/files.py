"""The page about attacks on the copies of some files."""

from __future__ import annotations

from kerchief.find.watch import STEP_SECONDS
from kerchief.pages import plots
from kerchief.pages.attack import MEANINGS, MISSED_FIRST
from kerchief.pages.charts import PENS
from kerchief.pages.page import Html, Section, figure, page, points, table, terms
from kerchief.pages.plots import Group, Row
from kerchief.prove.matches import CLEARLY, FilesReport, statement

TITLE = "Do faces in these copies still match?"
READING = (
    "Every face of an original that a detector is sure of, and that is large enough to be recognised at all, is "
    "compared with what lies in its place in the copy.",
    "A place matches where it is nearer to the face than the recogniser's limit, and also nearer than the same place "
    f"under a cover that holds nothing, by {CLEARLY:.0%} of the limit. Small and blurred faces are near to almost "
    "anything.",
    "Every face that is found in the copy, wherever it is, is compared with everyone.",
    "In a film some 32 frames of each person are compared, and the copy is searched twice a second; a face that is "
    "bare for less than that between them may be missed. kerchief check looks at a film more often, about every "
    f"{STEP_SECONDS:g} s, and may miss what is shorter still.",
    "Nobody but the owner of the original can attack like this: an adversary who does not hold it gets less.",
)
LIMITS = (
    "Faces that no detector found in the originals. They were not tried.",
    "Other recognisers, and attackers who learn from many covered faces.",
    "All else in the picture: hair, body, gait, clothes, tattoos, voice, text, place, time.",
)


def page_of_files(report: FilesReport) -> str:
    """A page that opens offline.

    Raises:
        UsageError: matplotlib is not installed.
    """
    tried = {one.attacker for one in report.matches}
    return page(
        TITLE,
        [*statement(report).splitlines(), MISSED_FIRST],
        [
            Section("What matches", (_drawn(report), _matches(report))),
            Section("File by file", (_files(report),)),
            Section(
                "How to read this",
                (points(READING), terms((who.value, said) for who, said in MEANINGS.items() if who in tried)),
            ),
            Section("What this does not show", (points(LIMITS),)),
        ],
        f"Attacked and written by kerchief {report.kerchief}.",
    )


def _drawn(report: FilesReport) -> Html:
    groups = [
        Group(
            name,
            tuple(
                Row(one.attacker.value, one.matched, colour=PENS[one.attacker].colour)
                for one in report.matches
                if one.recogniser == name
            ),
        )
        for name in dict.fromkeys(one.recogniser for one in report.matches)
    ]
    drawn = plots.inline(plots.dots(groups, "faces that match, %"), "Share of faces that match, by attacker")
    return figure([drawn], "Dots: share of faces that match. Lines: 95 % intervals.")


def _matches(report: FilesReport) -> Html:
    rows = [
        (one.attacker.value, one.recogniser, f"{rate.k:g}", str(rate.n), str(rate), f"{one.threshold:g}")
        for one in report.matches
        if (rate := one.matched)
    ]
    return table("Faces that match", ("attacker", "recogniser", "match", "of", "share", "limit"), rows, headings=2)


def _files(report: FilesReport) -> Html:
    rows = [(one.file, *map(str, (one.faces, one.matched, one.seen, one.found, one.too_small))) for one in report.files]
    columns = ("original", "faces tried", "match", "seen by kerchief", "seen by dlib", "too small to try")
    return table("Files", columns, rows)
