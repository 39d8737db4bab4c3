"""Pages say what the reports say, open offline, and let nothing in that a label brings along."""

from __future__ import annotations

import re
import sys
from base64 import b64encode
from hashlib import sha256
from html.parser import HTMLParser
from xml.etree import ElementTree as ET

import numpy as np
import pytest

from kerchief.errors import UsageError
from kerchief.pages import charts, plots
from kerchief.pages.attack import page_of_people
from kerchief.pages.colours import PAPER
from kerchief.pages.plots import Group, Row
from kerchief.pages.verdict import verdict
from kerchief.prove.attack import CURVE_FMRS, Attack, Attacker, Detected, Faces, PeopleReport, attack, clear_threshold
from kerchief.prove.stats import Rate

PEOPLE = 60
#: What HTML leaves open.
VOID = {"meta"}
NOTHING_LEFT = 1e6


def faces(noise: float, seed: int, each: int = 1) -> Faces:
    persons = np.repeat(np.arange(PEOPLE), each)
    points = np.random.default_rng(0).normal(size=(PEOPLE, 64)) / 8
    random = np.random.default_rng(seed)
    return Faces((points[persons] + noise / 8 * random.normal(size=(len(persons), 64))).astype(np.float32), persons)


def attacked(attacker: Attacker, noise: float, recogniser: str = "points", seed: int = 3) -> Attack:
    gallery, clear = faces(0.3, 1), faces(0.3, 2, 2)
    limit = clear_threshold(gallery, clear)
    probes = clear if attacker is Attacker.CLEAR else faces(noise, seed, 2)
    return attack(attacker, recogniser, gallery, probes, limit, np.random.default_rng(seed))


def report(noise: float, recognisers: tuple[str, ...] = ("points",), clear: float = 0.3) -> PeopleReport:
    who = ((Attacker.CLEAR, clear), (Attacker.NAIVE, 1.5 * noise), (Attacker.PARROT, noise))
    found = Detected(detector="seer", clear=Rate(k=58, n=PEOPLE), copies=Rate(k=3, n=PEOPLE))
    return PeopleReport(
        kerchief="9.8.7",
        persons=PEOPLE,
        pictures=3 * PEOPLE,
        detected=(found,),
        attacks=tuple(attacked(one, level, name) for name in recognisers for one, level in who),
    )


HELD = report(NOTHING_LEFT, ("points", "dots"))
BROKEN = report(1.2, ("points", "dots"))


class Reader(HTMLParser):
    """Holds a page to what HTML asks, and keeps its words, tables and plots."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(page)
        self.close()
        assert not self.open

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        assert len(dict(attrs)) == len(attrs), "an attribute stands there twice"
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if "style" not in self.open:
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


@pytest.fixture(scope="module")
def page() -> str:
    return page_of_people({"veil": HELD, "pixelate": BROKEN})


def test_a_page_is_whole_and_has_what_readers_for_the_blind_need(page):
    read = Reader(page)
    tags = [tag for tag, _ in read.tags]
    assert dict(read.tags)["html"]["lang"] == "en"
    assert tags.count("h1") == 1
    plots_on_it = [attributes for tag, attributes in read.tags if tag == "svg"]
    assert len(plots_on_it) == 2 + 4 + 4 + 4 * 3 + 1, "rank 1, CMC, ROC, distances, detection"
    assert all(one["role"] == "img" and one["aria-label"] for one in plots_on_it)
    assert all(attributes["scope"] in ("col", "row") for tag, attributes in read.tags if tag == "th")
    assert tags.count("table") == tags.count("caption") == 3
    assert tags.count("figure") == tags.count("figcaption")
    ids = [attributes["id"] for _, attributes in read.tags if "id" in attributes]
    assert len(set(ids)) == len(ids)
    for _, attributes in read.tags:
        for pointed in re.findall(r"#([\w-]+)", f"{attributes.get('href') or ''} {attributes.get('clip-path') or ''}"):
            assert pointed in ids


def test_a_page_fetches_and_runs_nothing(page):
    read = Reader(page)
    assert "://" not in page
    assert not {"script", "link", "img", "iframe", "object", "embed", "image", "foreignobject", "a", "form"} & {
        tag for tag, _ in read.tags
    }
    for tag, attributes in read.tags:
        assert "style" not in attributes, "the policy forbids it"
        assert not [name for name in attributes if name.startswith("on")]
        assert (attributes.get("href") or "#").startswith("#"), tag
    css = re.search(r"<style>(.*?)</style>", page, re.DOTALL)[1]
    assert page.count("<style") == 1
    assert not re.search(r"url\(|@import", css)
    policy = next(one["content"] for _, one in read.tags if one.get("http-equiv") == "Content-Security-Policy")
    assert policy.startswith("default-src 'none'; ")
    assert f"'sha256-{b64encode(sha256(css.encode()).digest()).decode()}'" in policy


def test_the_figures_of_the_page_are_those_of_the_reports(page):
    text = Reader(page).text
    for found in (*HELD.attacks, *BROKEN.attacks):
        cells = ("yes" if found.is_above_chance else "no", found.rank1.n, found.rank1, found.rank10)
        last = (f"1 in {PEOPLE}", found.shuffled, found.tar, f"{found.fmr * 100:.2f} %", found.tar_calibrated)
        row = "".join(f"<td>{cell}</td>" for cell in (*cells, *last))
        assert f'<th scope="row">{found.attacker}</th><th scope="row">{found.recogniser}</th>{row}' in page
    assert "96.7 % [88.5, 99.6], n = 60" in text
    assert "5.0 % [1.0, 13.9], n = 60" in text
    assert "180 pictures of 60 people" in text
    assert "kerchief 9.8.7" in text
    assert "anonym" not in text.lower()


def test_missed_faces_are_named_before_any_figure_is_explained(page):
    text = Reader(page).text
    assert text.index("A face that was missed is bare") < text.index("Is the right person the first?")
    assert "What this does not show Missed faces." in text


def test_the_same_report_gives_the_same_bytes_whatever_the_user_s_settings(page):
    import matplotlib as mpl

    with mpl.rc_context({"font.size": 30, "svg.fonttype": "path", "axes.grid": True}):
        assert page_of_people({"veil": HELD, "pixelate": BROKEN}) == page
        assert mpl.rcParams["font.size"] == 30


@pytest.mark.parametrize(
    "label", ["<script>alert(1)</script>", '"><img src=x onerror=y>', "$\\frac{1$ & \x00\x1b", "面紗" * 40]
)
def test_a_hostile_label_is_text(label):
    reports = {label: report(NOTHING_LEFT), "veil": HELD}
    read = Reader(page_of_people(reports))
    assert not {"script", "img"} & {tag for tag, _ in read.tags}
    shown = re.sub(r"[\x00\x1b]", "\N{REPLACEMENT CHARACTER}", label)
    assert f"With {shown}, of 60 people none of" in read.text
    for drawn in (charts.rank1_chart(reports), charts.cmc_chart(reports)):
        words = "".join(ET.fromstring(drawn).itertext())
        assert shown[:20] in words


def test_charts_for_the_docs_are_svg_of_their_own():
    reports = {"veil": HELD, "pixelate": BROKEN}
    for drawn in (charts.rank1_chart(reports), charts.cmc_chart(reports)):
        root = ET.fromstring(drawn)
        assert root.tag == "{http://www.w3.org/2000/svg}svg"
        assert set(re.findall(r"\w+://[^\"']*", drawn)) == {"http://www.w3.org/2000/svg"}
        assert root[0].attrib["fill"] == PAPER
        assert (root[0].attrib["width"], root[0].attrib["height"]) == (root.attrib["width"], root.attrib["height"])
    assert charts.rank1_chart(reports) == charts.rank1_chart(reports)


def test_curves_are_those_of_the_report():
    (trial,) = charts.trials({"pixelate": report(1.2)})
    clear, naive, parrot = trial.attacks
    for figure, of, guess in (
        (charts.cmc([trial]), lambda one: one.cmc, [k / PEOPLE for k in range(1, 51)]),
        (charts.roc([trial]), lambda one: one.roc, CURVE_FMRS),
    ):
        drawn = {line.get_label(): line for line in figure.axes[0].get_lines()}
        assert list(drawn) == ["a guess", "naive", "parrot", "clear"], "the control lies on top"
        for one in (clear, naive, parrot):
            assert tuple(drawn[one.attacker.value].get_ydata()) == of(one)
        assert list(drawn["a guess"].get_ydata()) == pytest.approx(guess)
        assert drawn["a guess"].is_dashed()
    assert tuple(charts.roc([trial]).axes[0].get_lines()[1].get_xdata()) == CURVE_FMRS
    assert charts.roc([trial]).axes[0].get_xscale() == "log"


def test_distributions_are_those_of_the_report_on_one_axis():
    every = charts.trials({"veil": report(NOTHING_LEFT), "pixelate": report(1.2)})
    end = charts.farthest(every, "points")
    for trial in every:
        for found, (name, figure) in zip(trial.attacks, charts.distances(trial, end), strict=True):
            assert name == found.attacker
            axes = figure.axes[0]
            others, _, same, _ = (patch.get_data() for patch in axes.patches)
            assert tuple(same.values) == found.distances.genuine
            assert tuple(others.values) == found.distances.impostor
            assert same.edges[-1] == pytest.approx(found.distances.end)
            assert axes.get_xlim() == (0, end)
            assert axes.get_lines()[0].get_xdata()[0] == found.threshold


@pytest.mark.parametrize("is_root", [True, False])
def test_dots_lie_where_the_rates_are(is_root):
    rates = [Rate(k=k, n=40) for k in (0, 1, 12, 40)]
    groups = [Group("some", tuple(Row(str(one.k), one, 0.05) for one in rates)), Group("", (Row("x", Rate(k=0, n=0)),))]
    axes = plots.dots(groups, "rate", is_root=is_root).axes[0]
    dots = axes.get_lines()
    assert [dot.get_xdata()[0] for dot in dots] == [one.share for one in rates], "nobody tried: no dot"
    assert [dot.get_markerfacecolor() == PAPER for dot in dots] == [True, True, False, False]
    intervals = [tuple(lines.get_segments()[0][:, 0]) for lines in axes.collections[1::2]]
    assert intervals == [(one.low, one.high) for one in rates]
    assert all(segment[0, 0] == 0.05 for lines in axes.collections[::2] for segment in lines.get_segments())
    heights = [dot.get_ydata()[0] for dot in dots]
    assert heights == sorted(heights)
    assert axes.get_ylim()[0] > axes.get_ylim()[1], "from top to bottom"
    words = [text.get_text() for text in axes.texts]
    assert [str(one) in words for one in rates] == [True] * 4
    assert "nobody" in words


def test_long_labels_leave_room_for_an_axis():
    figure = plots.dots([Group("", (Row("w" * 300, Rate(k=1, n=2)),))], "rate")
    assert figure.axes[0].get_position().width * figure.get_figwidth() * plots.PX >= plots.AXIS_PX - 1e-6


def test_the_verdict_says_what_was_not_found_with_what_that_excludes():
    said = verdict("veil", HELD)
    assert not HELD.above_chance
    assert said.startswith("With veil, of 60 people none of 2 attackers with 2 recognisers found more than a guess")
    assert "(1 in 60)" in said
    most = max(one.rank1.high for one in HELD.attacks if one.attacker is not Attacker.CLEAR)
    assert f"60 people exclude true rates above {most * 100:.1f} %" in said


def test_the_verdict_says_what_was_found():
    said = verdict("pixelate", BROKEN)
    best = max(BROKEN.above_chance, key=lambda one: one.rank1.share)
    assert said.startswith("With pixelate, 2 of 2 attackers got more out of the copies of 60 people than a guess")
    assert f"The best, {best.attacker} with {best.recogniser}, put the right person first for" in said
    assert f"{best.rank1.share * 100:.1f} % of them [{best.rank1.low * 100:.1f}, {best.rank1.high * 100:.1f}]" in said


def test_an_attack_that_finds_nobody_in_clear_photos_is_no_evidence():
    held = report(NOTHING_LEFT)
    blind = attacked(Attacker.NAIVE, NOTHING_LEFT).model_copy(update={"attacker": Attacker.CLEAR})
    copies = held.attacks[1:]
    for attacks, why in (((blind, *copies), "finds no more than a guess in the photos"), (copies, "was not tried on")):
        said = verdict("veil", held.model_copy(update={"attacks": attacks}))
        assert said.startswith("With veil, nothing can be said. points " + why)
        assert "none of" not in said
    assert "no attack" in verdict("veil", held.model_copy(update={"attacks": ()}))


def test_a_page_without_attacks_is_still_a_page():
    empty = HELD.model_copy(update={"attacks": (), "detected": ()})
    assert "With veil, no attack on the copies was made." in Reader(page_of_people({"veil": empty})).text


def test_without_matplotlib_the_next_step_is_told(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(UsageError, match=re.escape("pip install 'kerchief[attack]'")):
        page_of_people({"veil": HELD})
