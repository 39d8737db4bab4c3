"""The sheet of shown faces: nothing is exported before everybody on it was looked at, as the plan shows them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from browsers import Desk, Serve, Visit
from desks import clip, photo, planned, read
from playwright.sync_api import Locator, Request, Route, expect

from kerchief import Tools
from kerchief.plan.model import DecidedBy, Decision

AGREED = Decision(action="show", by=DecidedBy.PERSON, reason="agreed")
CONFIRM = "I have looked at them: export 1 file"


def shows_one(serve: Serve, visit: Visit, tools: Tools, tmp_path: Path) -> tuple[Desk, list[dict[str, Any]]]:
    """A window on a photo with one shown face, and the exports that it asks for."""
    path = planned(photo(tmp_path / "in" / "one.png"), tools, decision=AGREED)
    desk = visit(serve(path)).enter()
    asked: list[dict[str, Any]] = []

    def heard(request: Request) -> None:
        if request.url.endswith("/api/exports"):
            asked.append(json.loads(request.post_data or "{}"))

    desk.page.on("request", heard)
    desk.open(0)
    expect(desk.page.locator(".outline[data-track]")).to_have_count(2)
    return desk, asked


def to_the_sheet(desk: Desk) -> Locator:
    """Goes on to the sheet of an export; gives the button that confirms it."""
    desk.page.keyboard.press("g")
    desk.page.get_by_role("dialog").get_by_role("button", name="Look at shown faces").click()
    return desk.page.get_by_role("dialog").get_by_role("button", name=CONFIRM)


def insist(desk: Desk, confirm: Locator) -> None:
    """What somebody in a hurry does with a button that is disabled."""
    confirm.click(force=True)
    confirm.evaluate("(button) => button.click()")
    confirm.focus()
    desk.page.keyboard.press("Enter")
    desk.page.wait_for_timeout(500)


def test_a_slow_sheet_exports_nothing(serve: Serve, visit: Visit, tools: Tools, tmp_path: Path) -> None:
    desk, asked = shows_one(serve, visit, tools, tmp_path)
    held: list[Route] = []
    desk.page.route("**/api/shown", lambda route: held.append(route))
    confirm = to_the_sheet(desk)
    expect(confirm).to_be_disabled()
    insist(desk, confirm)
    assert asked == []
    assert len(held) == 1
    held[0].continue_()
    desk.page.unroute("**/api/shown")
    expect(confirm).to_be_enabled()
    expect(desk.page.locator(".sheet-face")).to_have_count(1)
    revision = desk.view()["revision"]
    confirm.click()
    expect(desk.page.locator(".export-progress p").first).to_contain_text("Done: ")
    assert asked == [{"files": [0], "shown_seen": {"0": revision}}]


@pytest.mark.parametrize("how", ["refused", "unreachable"])
def test_a_sheet_that_fails_exports_nothing(serve: Serve, visit: Visit, tools: Tools, tmp_path: Path, how: str) -> None:
    desk, asked = shows_one(serve, visit, tools, tmp_path)
    problem = {"exit_code": 70, "subject": "", "problem": "it broke", "next_step": "Try again."}

    def fail(route: Route) -> None:
        if how == "unreachable":
            route.abort()
        else:
            route.fulfill(status=500, content_type="application/json", body=json.dumps({"error": problem}))

    desk.page.route("**/api/shown", fail)
    confirm = to_the_sheet(desk)
    expect(desk.page.locator(".sheet-trouble")).to_contain_text("The shown faces could not be loaded")
    expect(confirm).to_be_disabled()
    insist(desk, confirm)
    assert asked == []
    desk.page.unroute("**/api/shown")
    desk.button("Try again").click()
    expect(confirm).to_be_enabled()
    expect(desk.page.locator(".sheet-trouble")).to_be_hidden()
    desk.watch.complaints.clear()  # the browser says that nobody answered


def test_a_face_whose_picture_is_not_there_was_not_looked_at(
    serve: Serve, visit: Visit, tools: Tools, tmp_path: Path
) -> None:
    desk, asked = shows_one(serve, visit, tools, tmp_path)
    desk.page.route("**/face?side=240*", lambda route: route.abort())
    confirm = to_the_sheet(desk)
    expect(desk.page.locator(".sheet-foot")).to_contain_text("1 picture could not be loaded")
    expect(confirm).to_be_disabled()
    insist(desk, confirm)
    assert asked == []
    desk.watch.complaints.clear()


def test_who_is_shown_after_the_sheet_was_made_is_not_exported(
    serve: Serve, visit: Visit, tools: Tools, tmp_path: Path
) -> None:
    desk, asked = shows_one(serve, visit, tools, tmp_path)
    confirm = to_the_sheet(desk)
    expect(confirm).to_be_enabled()
    # The sheet does not hear of what another window does.
    desk.page.route("**/api/shown", lambda route: None)
    other = next(track["id"] for track in desk.view()["tracks"] if track["action"] == "cover")
    desk.edit(0, type="show", track=other, reason="agreed elsewhere")
    confirm.click()
    expect(desk.page.locator(".export-problem")).to_be_visible()
    assert len(asked) == 1
    assert not (tmp_path / "in" / "redacted" / "one.redacted.png").exists()
    desk.page.unroute("**/api/shown")
    desk.page.get_by_role("dialog").get_by_role("button", name="Look at shown faces").click()
    expect(desk.page.locator(".sheet-face")).to_have_count(2)


def test_covering_on_the_sheet_keeps_what_was_looked_at(
    serve: Serve, visit: Visit, tools: Tools, tmp_path: Path
) -> None:
    desk, asked = shows_one(serve, visit, tools, tmp_path)
    other = next(track["id"] for track in desk.view()["tracks"] if track["action"] == "cover")
    desk.edit(0, type="show", track=other, reason="agreed, too")
    confirm = to_the_sheet(desk)
    expect(desk.page.locator(".sheet-face")).to_have_count(2)
    expect(confirm).to_be_enabled()
    kept = desk.page.locator(".sheet-face").filter(has_text="agreed, too").locator("img")
    kept.evaluate("(img) => { img.isTheSame = true; }")
    desk.page.locator(".sheet-face", has=desk.page.get_by_role("heading", name="agreed", exact=True)).get_by_role(
        "button"
    ).click()
    expect(desk.page.locator(".sheet-face")).to_have_count(1)
    expect(confirm).to_be_enabled()
    assert kept.evaluate("(img) => img.isTheSame === true"), "it was taken for another face"
    confirm.click()
    expect(desk.page.locator(".export-progress p").first).to_contain_text("Done: ")
    assert asked[-1]["shown_seen"] == {"0": desk.view()["revision"]}
    path = tmp_path / "in" / "one.png"
    assert [track.decision.reason for track in read(path).tracks if track.is_shown] == ["agreed, too"]


def test_a_film_track_is_looked_at_at_several_times(serve: Serve, visit: Visit, tools: Tools, tmp_path: Path) -> None:
    path, *_ = clip(tmp_path / "walk.mp4")
    planned(path, tools)
    desk = visit(serve(path)).enter()
    made = desk.edit(0, type="add", pts=0, region={"x": 50, "y": 70, "width": 60, "height": 90}, until=20)
    desk.edit(0, type="show", track=made["tracks"][-1]["id"], reason="agreed")
    (face,) = desk.ask("/shown").json()["faces"]
    assert len(set(face["times"])) > 1
    expect(desk.page.locator(".overview-foot a")).to_have_text("1 face is shown")
    desk.page.locator(".overview-foot a").click()
    pictures = desk.page.locator(".sheet-face img")
    expect(pictures).to_have_count(len(face["times"]))
    desk.wait_for("[...document.querySelectorAll('.sheet-face img')].every((one) => one.naturalWidth > 0)")
    assert [int(one.get_attribute("data-pts") or -1) for one in pictures.all()] == face["times"]
