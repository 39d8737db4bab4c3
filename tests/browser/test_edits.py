"""Edits that can bare somebody, or that take back a consent: the page asks or says so."""

from __future__ import annotations

from pathlib import Path

import pytest
from browsers import Desk, Serve, Visit
from desks import clip, photo, plan_of, planned, read
from playwright.sync_api import expect

from kerchief import Tools
from kerchief.plan.codec import encode
from kerchief.plan.model import DecidedBy, Decision, Keyframe, Region, Track

REGION = Region(x=50, y=70, width=60, height=90)
AGREED = Decision(action="show", by=DecidedBy.PERSON, reason="agreed")


def a_film(serve: Serve, visit: Visit, tools: Tools, tmp_path: Path, decision: Decision) -> tuple[Desk, Path]:
    path, *_ = clip(tmp_path / "walk.mp4")
    planned(path, tools)
    keyframes = tuple(Keyframe(pts=pts, region=REGION) for pts in (0, read(path).media.length // 2))
    track = Track(id="face-1", score=0.9, seen=2, decision=decision, keyframes=keyframes)
    plan_of(path).write_bytes(encode(read(path).model_copy(update={"tracks": (track,)})))
    desk = visit(serve(path)).enter().open(0, "film")
    desk.page.locator(".person-pick").click()
    desk.settle()
    return desk, path


@pytest.mark.parametrize("kind", ["photo", "film"])
def test_what_a_network_was_sure_of_is_not_deleted_by_one_key(
    serve: Serve, visit: Visit, tools: Tools, tmp_path: Path, kind: str
) -> None:
    if kind == "film":
        desk, path = a_film(serve, visit, tools, tmp_path, Decision())
    else:
        path = planned(photo(tmp_path / "one.png"), tools, score=0.9)
        desk = visit(serve(path)).enter().open(0)
        desk.page.locator(".person-pick").first.click()
    before = plan_of(path).read_bytes()
    keys = desk.page.keyboard
    keys.press("Delete")
    asked = desk.page.get_by_role("dialog")
    expect(asked).to_contain_text("sure that somebody is here")
    desk.button("Cancel", "dialog").click()
    expect(asked).to_have_count(0)
    assert plan_of(path).read_bytes() == before
    keys.press("Delete")
    with desk.edited():
        desk.button("Nobody is there: uncover it", "dialog").click()
    expect(desk.page.locator(".message")).to_contain_text("Removed. Undo brings it back.")


@pytest.mark.parametrize("how", ["Shift+ArrowRight", "e"])
def test_whoever_is_moved_is_covered_again(serve: Serve, visit: Visit, tools: Tools, tmp_path: Path, how: str) -> None:
    desk, path = a_film(serve, visit, tools, tmp_path, AGREED)
    expect(desk.page.locator(".person .hint")).to_contain_text("covers this again")
    if how == "e":
        desk.page.locator(".timeline").focus()
        desk.page.keyboard.press("End")
        desk.settle()
    with desk.edited():
        desk.page.keyboard.press(how)
    expect(desk.page.locator(".message")).to_contain_text("Covered again: its place was changed.")
    assert [track.is_shown for track in read(path).tracks] == [False]
    with desk.edited():
        desk.page.keyboard.press("z")
    assert [track.is_shown for track in read(path).tracks] == [True]


def test_a_copy_that_still_shows_somebody_is_told_of_in_every_view(
    serve: Serve, visit: Visit, tools: Tools, tmp_path: Path
) -> None:
    path = planned(photo(tmp_path / "one.png"), tools, decision=AGREED)
    data = path.read_bytes()
    desk = visit(serve(path)).enter().open(0)
    desk.page.keyboard.press("g")
    desk.export(looks_at_shown=True)
    desk.page.keyboard.press("Escape")
    expect(desk.page.locator("#withdrawn")).to_be_hidden()
    path.write_bytes(b"no picture")  # so that no copy can be made anew
    shown = next(track["id"] for track in desk.view()["tracks"] if track["action"] == "show")
    desk.edit(0, type="cover", tracks=[shown])
    expect(desk.page.locator("#withdrawn")).to_contain_text("still shows somebody who is covered by now")
    desk.page.evaluate("location.hash = '#/'")
    expect(desk.page.locator(".tile .facts")).to_have_text("copy still shows someone")
    expect(desk.page.locator("#withdrawn")).to_be_visible()
    path.write_bytes(data)
    desk.button("Export anew…", "#withdrawn").click()
    desk.export()
    expect(desk.page.locator("#withdrawn")).to_be_hidden()
