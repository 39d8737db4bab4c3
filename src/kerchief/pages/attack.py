"""The page about attacks on covered people: one style, or several beside each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kerchief.pages import charts, plots
from kerchief.pages.charts import AS_THEY_ARE, Trial
from kerchief.pages.page import Section, figure, page, paragraph, points, table, terms
from kerchief.pages.verdict import percent, verdict
from kerchief.prove.attack import FMR, Attack, Attacker, PeopleReport
from kerchief.prove.stats import Rate

TITLE = "What attackers get out of covered faces"
MISSED_FIRST = (
    "This is about faces that were covered. A face that was missed is bare, whatever the style: that risk comes first, "
    "and this page does not measure it."
)
MEANINGS = {
    Attacker.CLEAR: "The control: the photos as they are. Where the attack fails here, it is too weak to say anything.",
    Attacker.NAIVE: "Looks for a face in the copy and compares it with clear photos of everyone.",
    Attacker.INFORMED: "Is told where the face was and how it lay, and compares with clear photos.",
    Attacker.PARROT: "Is told that too, and covers its own photos in the same way before it compares.",
    Attacker.TEMPORAL: "Is told that too, and has 30 frames of a film or more at once.",
}
READING = (
    (
        "n, and [low, high]",
        "How many people were tried, and the interval that holds the true rate 95 times in 100. Several photos of one "
        "person count as one person. Among many rows a few intervals miss the truth by chance alone.",
    ),
    (
        "right person first (rank 1)",
        "The attacker orders everyone it knows by likeness to the covered face. How often is the right person the "
        "first, or among the first ten?",
    ),
    ("a guess", "What someone gets who looks at no photo at all: one in as many people as there are to choose from."),
    (
        "names shuffled",
        "The same attack with the names mixed up. It must come out as a guess does, or the attack itself is wrong.",
    ),
    (
        "recognised at the limit",
        f"Two faces that are nearer than a limit are taken for one person. It is set so that {percent(FMR)} of "
        "strangers pass in photos as they are. In copies more strangers may pass than that, for covered faces are more "
        "alike; then a high rate of right ones means little.",
    ),
    (
        "recognised at its own limit",
        f"The same for an attacker who set the limit on covered faces, so that {percent(FMR)} of strangers pass there.",
    ),
    (
        "more than a guess",
        "Whether an interval excludes a guess: of rank 1, of the first ten, or of those recognised at the attacker's "
        "own limit. In the dots: hollow where the interval of rank 1 holds a guess, filled where not.",
    ),
)
LIMITS = (
    "Missed faces. They are bare, and no style helps. How many are missed is measured elsewhere "
    "(docs/measurements.md); look at the copies yourself.",
    "Other attackers. Only those listed here were tried. One that was trained on many covered faces, or that nobody "
    "knows of yet, may get more out of the same copies.",
    "Other people and other photos. The intervals hold for people and photos like these. So few people can't exclude "
    "a small rate, and groups of people may differ.",
    "Small circles. A guess is right once in as many people as there are to choose from. Who has only five in mind "
    "guesses right once in five.",
    "All else in the picture. Hair, body, gait, clothes, tattoos, voice, text, place, time, and other pictures of the "
    "same scene can tell who someone is.",
    "That pixelate and blur are safe. They keep something of the face. That these attackers did not use it does not "
    "mean that none can.",
)
COLUMNS = (
    "attacker",
    "recogniser",
    "more than a guess",
    "n",
    "right person first (rank 1)",
    "among the first ten",
    "a guess (rank 1)",
    "names shuffled (rank 1)",
    "recognised at the limit (TAR)",
    "strangers there (FMR)",
    "recognised at its own limit (TAR)",
)


def page_of_people(reports: Mapping[str, PeopleReport]) -> str:
    """A page that opens offline: verdict, plots, tables, and how to read them.

    Args:
        reports: by label: what was done to the copies, such as "veil". Several are compared.

    Raises:
        UsageError: matplotlib is not installed.
    """
    every = charts.trials(reports)
    sections = (_first(every), _ranks(every), _pairs(every), _distances(every), _detection(reports), _tables(reports))
    return page(
        TITLE,
        [*(verdict(label, report) for label, report in reports.items()), MISSED_FIRST],
        [
            *(one for one in sections if one.parts),
            _reading(every),
            Section("What this does not show", (points(LIMITS),)),
        ],
        "Attacked and written by kerchief " + ", ".join(sorted({one.kerchief for one in reports.values()})) + ".",
    )


def _first(every: Sequence[Trial]) -> Section:
    drawn = [
        plots.inline(charts.rank1(every, name), f"{name}: share of people put first; the tables below have the figures")
        for name in dict.fromkeys(one.recogniser for one in every)
    ]
    caption = (
        "Dots: share of people whom an attacker put first. Lines: 95 % intervals. Dashed: a guess; the dot is hollow "
        "where the interval holds it. Small rates are drawn larger."
    )
    return Section("Is the right person the first?", (figure(drawn, caption),) if drawn else ())


def _ranks(every: Sequence[Trial]) -> Section:
    drawn = [plots.inline(charts.cmc([one]), f"{one.title}: share of people among the first so many") for one in every]
    caption = "Share of people who are among the first 1, 2, 3 … that an attacker names (CMC). Dashed: a guess."
    return Section("Among the first so many?", (figure(drawn, caption),) if drawn else ())


def _pairs(every: Sequence[Trial]) -> Section:
    drawn = [plots.inline(charts.roc([one]), f"{one.title}: recognised against strangers who pass") for one in every]
    caption = (
        "Share of people who are recognised when two faces are compared, against the share of strangers who pass at "
        "the same limit (ROC), with limits set on the very copies. Dashed: a guess."
    )
    return Section("Same person or not?", (figure(drawn, caption),) if drawn else ())


def _distances(every: Sequence[Trial]) -> Section:
    parts = [
        figure(
            [
                plots.inline(drawn, f"{one.title}, {name}: distances of faces of the same person and of other people")
                for name, drawn in charts.distances(one, charts.farthest(every, one.recogniser))
            ],
            f"{one.title}: how far apart a recogniser sees faces of the same person and of other people. Where the two "
            "lie on each other, it can't tell them apart. Dashed: the limit.",
        )
        for one in every
    ]
    return Section("How far apart are faces?", tuple(parts))


def _detection(reports: Mapping[str, PeopleReport]) -> Section:
    found = [(label, one) for label, report in reports.items() for one in report.detected]
    if not found:
        return Section("Is there still a face?", ())
    rows = [(label, one.detector, *map(_rate, (one.clear, one.copies))) for label, one in found]
    caption = (
        "People of whom a detector finds a face. That one is found in a copy does not tell whose it is: a cover with "
        "hair around it can look like a face."
    )
    return Section(
        "Is there still a face?",
        (
            figure([plots.inline(charts.detection(reports), "Share of people of whom a face is found")], caption),
            table("Faces found before and after", ("style", "detector", AS_THEY_ARE, "copies"), rows, headings=2),
        ),
    )


def _tables(reports: Mapping[str, PeopleReport]) -> Section:
    return Section(
        "All figures",
        tuple(
            table(
                f"{label}: {report.pictures} pictures of {report.persons} people",
                COLUMNS,
                [_cells(one) for one in report.attacks],
                headings=2,
            )
            for label, report in reports.items()
        ),
    )


def _cells(attack: Attack) -> tuple[str, ...]:
    return (
        attack.attacker.value,
        attack.recogniser,
        "yes" if attack.is_above_chance else "no",
        str(attack.rank1.n),
        str(attack.rank1),
        str(attack.rank10),
        f"1 in {attack.gallery}",
        str(attack.shuffled),
        str(attack.tar),
        f"{attack.fmr * 100:.2f} %",
        str(attack.tar_calibrated),
    )


def _reading(every: Sequence[Trial]) -> Section:
    tried = {one.attacker for trial in every for one in trial.attacks}
    return Section(
        "How to read this",
        (
            paragraph("The attackers, from the least to the most that they know:"),
            terms((who.value, meaning) for who, meaning in MEANINGS.items() if who in tried),
            paragraph("The words:"),
            terms(READING),
        ),
    )


def _rate(rate: Rate) -> str:
    return f"{rate}, n = {rate.n}" if rate.n else "nobody was tried"
