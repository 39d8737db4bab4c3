"""The pages can't lag behind the code."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import kerchief
from kerchief.cli.main import app
from kerchief.errors import ExitCode
from kerchief.find.watch import STEP_SECONDS
from kerchief.models.custom import OwnCard
from kerchief.pages.files import page_of_files
from kerchief.plan.model import Decision, Looked, MediaRef, Plan, Region, Style, StyleName, Track
from kerchief.prove.attack import CONTROLS, Attacker
from kerchief.prove.audit import AuditReport, Column, Gap, Group, Slice
from kerchief.prove.differential import Differential, Errors
from kerchief.prove.matches import FilesReport
from kerchief.prove.receipt import Applied, Checked, OutputRef, Receipt
from kerchief.prove.stats import Rate
from kerchief.store.figures import shipped_figures

ROOT = Path(__file__).parent.parent


def page(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def test_every_command_is_in_the_readme():
    names = {command.callback.__name__ for command in app.registered_commands}
    assert names == {"redact", "plan", "render", "review", "live", "watch", "check", "attack", "audit", "doctor"}
    for name in names:
        assert f"kerchief {name}" in page("README.md")


@pytest.mark.parametrize("code", list(ExitCode))
def test_every_exit_code_is_documented(code):
    assert f"| {int(code)} |" in page("docs/exit-codes.md")


@pytest.mark.parametrize("model", [Plan, MediaRef, Looked, Style, Track, Decision, Region])
def test_every_field_of_a_plan_is_documented(model):
    for name, field in model.model_fields.items():
        assert f"`{field.alias or name}`" in page("docs/plan-format.md")


@pytest.mark.parametrize("model", [Receipt, OutputRef, Applied, Checked])
def test_every_field_of_a_receipt_is_documented(model):
    for name, field in model.model_fields.items():
        assert f"`{field.alias or name}`" in page("docs/receipt-format.md")


@pytest.mark.parametrize("model", [AuditReport, Group, Column, Gap, Slice, Differential, Errors])
def test_every_field_of_an_audit_is_documented(model):
    for name, field in model.model_fields.items():
        assert f"`{field.alias or name}`" in page("docs/bias.md")


def test_every_field_of_a_card_is_documented():
    for name in OwnCard.model_fields:
        assert f'"{name}"' in page("docs/own-detector.md")


def test_what_the_tutorial_of_the_review_names_is_on_its_page():
    words = page("src/kerchief/studio/page/words.js")
    named = re.findall(r"\*\*(.+?)\*\*", page("docs/review.md"))
    assert len(named) > 10
    for name in named:
        assert f'"{name}"' in words, name


def test_pictures_in_the_pages_are_there_and_small():
    for name in ("README.md", "docs/review.md"):
        for picture in re.findall(r"!\[.+?\]\((.+?)\)", page(name)):
            path = (ROOT / name).parent / picture
            assert path.stat().st_size < 200_000, picture


def test_every_public_name_is_there():
    for name in kerchief.__all__:
        assert getattr(kerchief, name) is not None


def test_the_pages_quote_the_figures_that_receipts_quote():
    figures, _ = shipped_figures()
    assert figures.missed is not None, "the pages quote what was not measured"
    assert figures.films is not None, "the pages quote what was not measured"
    faces, large, people = figures.missed.exposed, figures.missed.exposed_from_12_px, figures.films.exposed
    of_photos = f"on {faces.n:,} labelled faces of street photos {faces.share * 1000:.0f} in 1,000 stay exposed"
    ends = f"(95 %: {faces.low * 1000:.0f} to {faces.high * 1000:.0f})"
    assert f"{of_photos} {ends}" in joined("README.md")
    covered = Rate(k=people.n - people.k, n=people.n)
    in_films = f"{covered.k:.0f} are covered in every frame ({covered}".replace(" [", "; 95 %: ").replace(", ", " to ")
    assert f"Of {people.n} people in six made clips with known truth {in_films.replace(']', ')')}" in joined(
        "README.md"
    )
    assert f"{covered.k:.0f} of {people.n} people are covered in every frame" in joined("docs/measurements.md")
    # The page's table has another ruler, which may count a face that is covered to just about 90 % otherwise.
    counted = f"counts {faces.k:.0f} and {large.k:.0f} of the street photos itself"
    assert counted in joined("docs/measurements.md")
    cells = (
        f"{large.n:,} | {large.k:.0f} | {large.share * 1000:.1f} | {large.low * 1000:.1f} to {large.high * 1000:.1f}"
    )
    assert f"| 12 px and more | {cells} |" in page("docs/measurements.md")


def test_the_readme_quotes_what_leaks_as_receipts_do():
    figures, _ = shipped_figures()
    assert figures.leaks is not None, "the readme quotes what was not measured"
    most = {}
    for style, leaks in figures.leaks.styles.items():
        most[style] = max((one.rank1 for one in leaks if one.attacker not in CONTROLS), key=lambda rate: rate.share)
    veil, solid = most[StyleName.VEIL], most[StyleName.SOLID]
    clear = max(one.rank1.share for one in figures.leaks.styles[StyleName.VEIL] if one.attacker is Attacker.CLEAR)
    interval = f"95 %: {veil.low * 100:.1f} to {veil.high * 100:.1f}; a guess {100 / veil.n:.1f}"
    said = f"put {veil.share * 100:.1f} % first ({interval}), under `solid` {solid.share * 100:.1f} %"
    assert f"{said}, uncovered {clear * 100:.1f} %" in joined("README.md")


def test_nobody_is_told_that_a_film_is_looked_at_more_often_than_it_is():
    nothing = FilesReport(kerchief="1", files=(), failed=0, matches=())
    for told in (joined("README.md"), joined("docs/leaks.md"), page_of_files(nothing)):
        assert f"about every {STEP_SECONDS:g} s" in told
        assert "looks for those" not in told


def joined(name: str) -> str:
    """A page without its line breaks."""
    return " ".join(page(name).split())
