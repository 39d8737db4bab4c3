"""The page of a run says what its report says, opens offline, and takes no file name for markup."""

from __future__ import annotations

import re
import sys
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from runs import Told, a_pass, of_kind, refused, with_failures

from kerchief.errors import ExitCode, UsageError
from kerchief.pages import counts
from kerchief.pages.counts import Bar, Spread, Stream
from kerchief.plan.model import Style, StyleName
from kerchief.scale.ledger.statistics import EDGES, OfPass, Reason, Statistics
from kerchief.scale.report import page as pages
from kerchief.scale.report.document import report_of, summary
from kerchief.scale.report.page import PRIVATE, duration, run_page
from kerchief.scale.tasks import State
from kerchief.settings import Settings

HOSTILE = [
    "<script>alert(1)</script>.jpg",
    '"><img src=http://x onerror=y>.jpg',
    "$\\frac{1$ & \x00\x1b.jpg",
    "面紗" * 90,
]


class Reader(HTMLParser):
    """A page's words, and its elements with their attributes."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


@pytest.fixture(scope="module")
def page() -> str:
    return run_page(report_of(with_failures(), a_pass(left_out=41)))


def test_it_says_what_the_report_says(page: str) -> None:
    report = report_of(with_failures(), a_pass())
    text = Reader(page).text
    assert f"{summary(report)}." in text
    assert "0 of 980. This is a rule and no measurement: such a copy is refused." in text
    assert "64 980 6.5 % [5.1, 8.3]" in text
    assert "5 985 0.5 % [0.2, 1.2]" in text
    for one in report.reasons:
        assert f"{one.files} {one.state}: {one.problem} (exit code {int(one.exit_code)}) {one.next_step}" in text
    assert all(one.file in text for one in report.refused)
    assert "/in/12.jpg (3 tries)" in text
    assert "efficiency 75 %" in text
    assert "left out, neither pictures nor films 41" in text
    assert "What came in each 2 min, from the start" in text
    assert "anonym" not in text.lower()


def test_missed_faces_and_who_may_see_it_are_told_first(page: str) -> None:
    text = Reader(page).text
    first = text.index("What the check saw")
    assert text.index("The check does not find every face either. Elsewhere, of 1,310 labelled faces") < first
    assert text.index("were exposed in some frame") < first
    assert text.index(PRIVATE) < first


def test_it_fetches_and_runs_nothing(page: str) -> None:
    assert "://" not in page
    read = Reader(page)
    forbidden = {"script", "link", "img", "iframe", "object", "embed", "image", "foreignobject", "a", "form"}
    assert not forbidden & {tag for tag, _ in read.tags}
    for _, attributes in read.tags:
        assert "style" not in attributes, "the policy forbids it"
        assert not [name for name in attributes if name.startswith("on") or name == "src"]
        assert (attributes.get("href") or "#").startswith("#")
    policy = next(one["content"] for _, one in read.tags if one.get("http-equiv") == "Content-Security-Policy")
    assert policy is not None
    assert policy.startswith("default-src 'none'; style-src 'sha256-")


def test_each_plot_has_its_words_and_an_id_of_its_own(page: str) -> None:
    read = Reader(page)
    drawn = [attributes for tag, attributes in read.tags if tag == "svg"]
    assert len(drawn) == 1 + 1 + 2 + 1, "what the check saw, reasons, a distribution for each kind, over time"
    assert all(one["role"] == "img" and one["aria-label"] for one in drawn)
    ids = [attributes["id"] for _, attributes in read.tags if "id" in attributes]
    assert len(set(ids)) == len(ids)


def test_the_same_report_gives_the_same_page(page: str) -> None:
    assert run_page(report_of(with_failures(), a_pass(left_out=41))) == page


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_is_text(name: str) -> None:
    told = Told(
        Statistics(
            {State.REFUSED: 1},
            codes={ExitCode.INPUT_REFUSED: 1},
            reasons=(Reason(State.REFUSED, ExitCode.INPUT_REFUSED, name, name, 1),),
        ),
        (refused(1, ExitCode.INPUT_REFUSED, name, name),),
    )
    html = run_page(report_of(told, a_pass(sources=(name,), output=name, ledger=name)))
    read = Reader(html)
    assert not {"script", "img"} & {tag for tag, _ in read.tags}
    shown = re.sub(r"[\x00\x1b]", "\N{REPLACEMENT CHARACTER}", name)
    assert f"1 refused: {shown} (exit code 13)" in read.text
    assert read.text.count(shown) >= 6, "problem, next step, the file itself, originals, copies, ledger"


def test_a_long_list_is_cut_and_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "SHOWN", 3)
    text = Reader(run_page(report_of(with_failures(), a_pass(sources=tuple(f"/in/{n}" for n in range(5)))))).text
    assert "Which files (3 of 15)" in text
    assert "And 12 more: the JSON report lists the first 15, the ledger all." in text
    assert "/in/2.jpg" in text
    assert "/in/3.jpg" not in text
    assert "/in/0, /in/1, /in/2 and 2 more" in text


def test_reasons_that_are_not_told_apart_are_counted() -> None:
    told = with_failures()
    counted = replace(told.counted, reasons=told.counted.reasons[:2])
    assert "And 3 files for other reasons: see the ledger." in run_page(
        report_of(Told(counted, told.refusals), a_pass())
    )


def test_a_run_without_files_and_one_without_failures_are_pages_too() -> None:
    text = Reader(run_page(report_of(Told(Statistics()), a_pass(seconds=0, workers=0)))).text
    assert "0 of 0 files have a copy" in text
    assert "No file has come as far as a check." in text
    assert "No file has a copy yet." in text
    assert "does not find every face" not in text, "nothing was checked"
    whole = Told(Statistics({State.DONE: 3}, (of_kind("photo", 3),), this_pass=OfPass(files=3)))
    assert "Every file that was done has a copy." in run_page(report_of(whole, a_pass()))


def test_a_cosmetic_style_is_called_so() -> None:
    settings = Settings(style=Style(name=StyleName.BLUR))
    assert "blur, cosmetic: can be seen through" in run_page(report_of(with_failures(), a_pass(settings=settings)))
    assert "cosmetic" not in run_page(report_of(with_failures(), a_pass()))


def test_few_a_second_are_told_by_the_hour() -> None:
    slow = Told(Statistics({State.DONE: 2}, (of_kind("video", 2),), this_pass=OfPass(files=2, frames=90_000)))
    text = Reader(run_page(report_of(slow, a_pass(seconds=36_000)))).text
    assert "copies an hour 0.2" in text
    assert "frames a second 2.5" in text


def test_without_matplotlib_the_next_step_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(UsageError, match="pip install"):
        run_page(report_of(with_failures(), a_pass()))


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "0.00 s"),
        (0.423, "0.42 s"),
        (9.996, "10.0 s"),
        (59.94, "59.9 s"),
        (59.96, "1 min"),
        (200, "3 min 20 s"),
        (3599.7, "1 h"),
        (7500, "2 h 5 min"),
        (86400, "1 d"),
        (1e7, "115 d 17 h"),
    ],
)
def test_durations_are_said_as_people_do(seconds: float, said: str) -> None:
    assert duration(seconds) == said


@given(st.floats(0, 1e9))
def test_a_duration_is_near_what_it_says(seconds: float) -> None:
    units = {"s": 1, "min": 60, "h": 3600, "d": 86400}
    words = duration(seconds).replace(",", "").split()
    told = sum(float(number) * units[unit] for number, unit in zip(words[::2], words[1::2], strict=True))
    assert abs(told - seconds) <= max(0.05, seconds / 24)


def test_bars_are_as_long_as_their_counts_and_one_of_many_is_seen() -> None:
    axes = counts.bars([Bar("many", 1_000_000), Bar("some", 250_000), Bar("one", 1), Bar("none", 0)]).axes[0]
    lengths = [bar.get_width() for bar in axes.patches]
    assert lengths[:2] == [1_000_000, 250_000]
    assert lengths[3] == 0 < lengths[2]
    assert lengths[2] < 1_000_000 / 50
    words = [text.get_text() for text in axes.texts]
    assert words == ["many", "1,000,000", "some", "250,000", "one", "1", "none", "0"]
    assert axes.get_ylim()[0] > axes.get_ylim()[1], "from top to bottom"


def test_distributions_are_those_of_the_report_on_one_axis() -> None:
    drawn = Spread("photo", EDGES[10:14], (1, 0, 7), middle=0.13)
    axes = counts.spread(drawn, (EDGES[0], EDGES[40])).axes[0]
    stairs = axes.patches[0].get_data()
    assert tuple(stairs.values) == (1, 0, 7)
    assert tuple(stairs.edges) == EDGES[10:14]
    assert axes.get_xlim() == (EDGES[0], EDGES[40])
    assert axes.get_xscale() == "log"
    assert axes.get_lines()[0].get_xdata()[0] == 0.13
    assert [text.get_text() for text in axes.get_xticklabels()] == ["10 ms", "0.1 s", "1 s", "10 s", "1 min"]


@pytest.mark.parametrize(("first", "last", "ends"), [(21, 22, (1, 10)), (20, 30, (1, 10)), (0, 70, (0.01, 1e5))])
def test_an_axis_of_times_has_whole_powers_of_ten_at_its_ends(first: int, last: int, ends: tuple[float, float]) -> None:
    assert pages._decades(EDGES[first : last + 1]) == pytest.approx(ends)


@pytest.mark.parametrize(
    ("seconds", "end", "unit"),
    [(60, 60, "seconds"), (600, 10, "minutes"), (7200, 120, "minutes"), (36_000, 10, "hours"), (864_000, 10, "days")],
)
def test_what_came_when_is_drawn_in_a_unit_that_fits(seconds: float, end: float, unit: str) -> None:
    figure = counts.streams([Stream("made", (3, 0, 5)), Stream("lost", (0, 0, 1))], seconds)
    made, lost = figure.axes
    assert tuple(made.patches[0].get_data().values) == (3, 0, 5)
    assert tuple(lost.patches[0].get_data().values) == (0, 0, 1)
    assert made.get_xlim() == lost.get_xlim() == (0, pytest.approx(end))
    assert lost.get_xlabel() == unit
