"""The main views on screens of two sizes, light and dark: names, focus, room, and pictures of them for people."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from browsers import SIZE, TABLET, Desk, Serve, Shoot, Visit
from desks import clip, photo, planned, read
from layouts import well_laid_out
from playwright.sync_api import expect

from kerchief import Tools

SCREENS = {
    "desk-light": {"size": SIZE, "color_scheme": "light"},
    "desk-dark": {"size": SIZE, "color_scheme": "dark"},
    "tablet-light": {"size": TABLET, "color_scheme": "light", "has_touch": True},
    "tablet-dark": {"size": TABLET, "color_scheme": "dark", "has_touch": True},
}
#: The element that has the focus: which it is, whether it is seen and whether one sees that it has the focus.
FOCUSED = """() => {
  const one = document.activeElement;
  const all = [...document.querySelectorAll("*")];
  const box = one.getBoundingClientRect();
  const style = getComputedStyle(one);
  const isDrawn = ({ display, visibility }) => display !== "none" && visibility !== "hidden";
  const ring = one.querySelector?.(":scope > .focus");
  return {
    at: all.indexOf(one), html: one.outerHTML.slice(0, 120),
    isBody: one === document.body,
    isSeen: box.width > 0 && box.height > 0
      && box.right > 0 && box.bottom > 0 && box.left < innerWidth && box.top < innerHeight,
    isMarked: style.outlineStyle !== "none" || style.boxShadow !== "none" || (ring && isDrawn(getComputedStyle(ring))),
  };
}"""


@pytest.mark.parametrize("screen", SCREENS)
def test_the_main_views(serve: Serve, visit: Visit, shoot: Shoot, tools: Tools, tmp_path: Path, screen: str) -> None:
    folder = tmp_path / "march"
    planned(photo(folder / "one.png"), tools, score=0.3)
    planned(photo(folder / "square" / "two.png"), tools)
    planned(clip(folder / "walk.mp4", 12)[0], tools)
    (folder / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0 no picture")
    desk = visit(serve(folder, "-o", tmp_path / "out"), **SCREENS[screen])
    desk.enter()
    names = [card["name"] for card in desk.ask("/files").json()["files"]]
    one, two, film = (names.index(name) for name in ("one.png", "square/two.png", "walk.mp4"))
    expect(desk.page.locator(".tile .tag.refused")).to_have_count(1)
    desk.edit(film, type="add", pts=0, region={"x": 50, "y": 70, "width": 60, "height": 90}, until=8)
    desk.edit(two, type="show", track=read(folder / "square" / "two.png").tracks[0].id, reason="agreed in writing")

    def look(name: str) -> None:
        desk.settle()
        shoot(desk.page, f"{name}-{screen}")
        well_laid_out(desk.page, is_touch="tablet" in screen)

    look("overview")
    desk.open(one)
    expect(desk.page.locator(".outline[data-track]")).to_have_count(2)
    desk.page.keyboard.press("n")
    look("photo")
    desk.page.keyboard.press("s")
    expect(desk.page.get_by_role("dialog")).to_be_visible()
    look("reason")
    desk.page.keyboard.press("Escape")
    desk.button("Result").click()
    desk.page.keyboard.press("0")
    look("photo-result")
    desk.open(film, "film")
    desk.page.locator(".person-pick").first.click()
    look("film")
    desk.page.keyboard.press("?")
    look("keys")
    desk.page.keyboard.press("Escape")
    desk.page.evaluate("location.hash = '#/shown'")
    expect(desk.page.locator(".sheet-face")).to_have_count(1)
    look("consent-sheet")
    desk.page.evaluate("location.hash = '#/'")
    expect(desk.page.locator(".tile")).to_have_count(4)
    desk.button("Select all").click()
    desk.button("Export 4…").click()
    look("export")
    desk.page.get_by_role("dialog").get_by_role("button", name="Look at shown faces").click()
    look("export-look")
    desk.page.get_by_role("dialog").get_by_role("button", name="I have looked at them").click()
    expect(desk.page.locator(".export-progress p").first).to_contain_text("Done")
    desk.page.get_by_text("Receipt").first.click()
    expect(desk.page.locator(".receipt")).to_have_count(1)
    look("export-result")
    assert {status for status, _ in desk.watch.refusals} <= {415, 422, 425}, desk.watch.refusals


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_focus_goes_through_all_that_can_be_done(
    serve: Serve, visit: Visit, tools: Tools, tmp_path: Path, scheme: str
) -> None:
    planned(photo(tmp_path / "one.png"), tools, score=0.3)
    path, *_ = clip(tmp_path / "walk.mp4", 6)
    planned(path, tools)
    desk = visit(serve(tmp_path), color_scheme=scheme).enter()
    goes_through(desk)
    desk.open(0)
    expect(desk.page.locator(".outline[data-track]")).to_have_count(2)
    desk.settle()
    goes_through(desk)
    desk.open(1, "film")
    desk.settle()
    goes_through(desk)


def goes_through(desk: Desk) -> None:
    """Tab, from the top: each control once, in the order of the page, in sight, and marked."""
    assert (
        desk.page.evaluate('document.querySelectorAll(\'[tabindex]:not([tabindex="0"], [tabindex="-1"])\').length') == 0
    )
    desk.page.evaluate(
        "document.activeElement.blur(); getSelection().removeAllRanges(); document.querySelector('.skip').focus()"
    )
    seen: list[dict[str, Any]] = []
    for _ in range(80):
        now = desk.page.evaluate(FOCUSED)
        if now["isBody"] or (seen and now["at"] == seen[0]["at"]):
            break
        seen.append(now)
        desk.page.keyboard.press("Tab")
    else:
        raise AssertionError("the focus never comes to an end")
    assert [one["html"] for one in seen if not one["isSeen"]] == []
    assert [one["html"] for one in seen if not one["isMarked"]] == []
    order = [one["at"] for one in seen]
    assert order == sorted(order)
    reached = set(order)
    left_out = desk.page.evaluate(
        """(reached) => {
          const all = [...document.querySelectorAll("*")];
          const can = "button:enabled, a[href], input:enabled, select:enabled, textarea:enabled";
          return [...document.querySelectorAll(can)]
            .filter((one) => one.tabIndex >= 0 && one.checkVisibility() && !reached.includes(all.indexOf(one)))
            .map((one) => one.outerHTML.slice(0, 120));
        }""",
        sorted(reached),
    )
    assert left_out == []
