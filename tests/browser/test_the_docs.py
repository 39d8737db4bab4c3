"""The page and docs/review.md say the same."""

from __future__ import annotations

import re
from pathlib import Path

from browsers import Serve, Visit
from desks import clip, photo, planned
from playwright.sync_api import expect

from kerchief import Tools

ROOT = Path(__file__).parents[2]
ROW = re.compile(r"^\| `(?P<key>.+?)` \| (?P<where>[a-z, ]+) \| (?P<does>.+) \|$", re.MULTILINE)
READ = """[...document.querySelectorAll(".keys dt")].map((one) =>
  [[...one.children].map((key) => key.textContent).join(" "), one.nextElementSibling.textContent])"""


def documented(view: str) -> set[tuple[str, str]]:
    page = (ROOT / "docs" / "review.md").read_text(encoding="utf-8")
    rows = list(ROW.finditer(page))
    assert len(rows) > 20
    return {(row["key"], row["does"]) for row in rows if row["where"] == "everywhere" or view in row["where"]}


def test_every_key_is_documented(serve: Serve, visit: Visit, tools: Tools, tmp_path: Path) -> None:
    planned(photo(tmp_path / "one.png"), tools)
    planned(clip(tmp_path / "walk.mp4", 4)[0], tools)
    desk = visit(serve(tmp_path)).enter()
    for view, at in (("overview", None), ("photo", 0), ("film", 1)):
        if at is not None:
            desk.open(at, view)
        desk.settle()
        desk.page.keyboard.press("?")
        expect(desk.page.locator(".keys")).to_be_visible()
        shown = {tuple(row) for row in desk.page.evaluate(READ)}
        assert shown == documented(view), view
        desk.page.keyboard.press("Escape")
