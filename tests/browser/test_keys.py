"""Keys on outlines: they work wherever the focus is, and change the frame that was on screen when they were pressed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from browsers import Desk, Serve, Visit, until
from desks import clip, photo, plan_of, planned, read
from playwright.sync_api import Request, expect

from kerchief import Tools
from kerchief.plan.codec import encode
from kerchief.plan.model import Keyframe, Region, Track

REGION = {"x": 50, "y": 70, "width": 60, "height": 90}


def a_film(serve: Serve, visit: Visit, tools: Tools, tmp_path: Path) -> tuple[Desk, str, list[dict[str, Any]]]:
    """A window on a film with one drawn track, at its first frame; and the edits that it sends."""
    path, *_ = clip(tmp_path / "walk.mp4")
    planned(path, tools)
    desk = visit(serve(path)).enter()
    made = desk.edit(0, type="add", pts=0, region=REGION, until=20)
    sent: list[dict[str, Any]] = []

    def heard(request: Request) -> None:
        if request.url.endswith("/edits"):
            sent.append(json.loads(request.post_data or "{}")["edit"])

    desk.page.on("request", heard)
    desk.open(0, "film")
    desk.page.locator(".person-pick").click()
    desk.settle()
    return desk, made["tracks"][0]["id"], sent


@pytest.mark.parametrize("away", [".", "l", "Space", "o"])
def test_a_nudge_is_sent_for_the_frame_where_it_was_made(
    serve: Serve, visit: Visit, tools: Tools, tmp_path: Path, away: str
) -> None:
    desk, track, sent = a_film(serve, visit, tools, tmp_path)
    desk.page.locator(".outline.selected").focus()
    now = desk.page.locator(".film-time").inner_text()
    keys = desk.page.keyboard
    for _ in range(3):
        keys.press("Shift+ArrowRight")
    keys.press(away)
    desk.settle()
    assert [(one["type"], one["track"]) for one in sent] == [("move", track)]
    base = desk.view()["time_base"]
    seconds = sent[0]["pts"] * base[0] / base[1]
    assert now.startswith(f"0:{seconds:05.2f}")
    assert sent[0]["region"]["x"] == pytest.approx(REGION["x"] + 30, abs=0.02)


def test_arrow_keys_work_from_the_list_of_people(serve: Serve, visit: Visit, tools: Tools, tmp_path: Path) -> None:
    path = planned(photo(tmp_path / "one.png"), tools, score=0.3)
    desk = visit(serve(path)).enter().open(0)
    expect(desk.page.locator(".outline[data-track]")).to_have_count(2)
    keys = desk.page.keyboard
    pick = desk.page.locator(".person-pick").first
    pick.focus()
    keys.press("n")
    expect(desk.page.locator(".outline.selected:focus")).to_have_count(1)
    pick.focus()
    doubtful = read(path).tracks[0]
    before = doubtful.keyframes[0].region
    with desk.edited():
        for key in ("Shift+ArrowRight", "ArrowUp", "+", "]"):
            keys.press(key)

    def now() -> Region:
        return next(track for track in read(path).tracks if track.id == doubtful.id).keyframes[0].region

    # Where the keys come slowly, they are several edits: that of the last key is the last.
    until(lambda: now().angle != before.angle)
    after = now()
    assert after.x + after.width / 2 == pytest.approx(before.x + before.width / 2 + 10, abs=0.02)
    assert after.y + after.height / 2 == pytest.approx(before.y + before.height / 2 - 1, abs=0.02)
    assert after.width > before.width
    assert after.angle == pytest.approx(before.angle + 5)


def test_the_next_thing_in_a_film_has_the_focus(serve: Serve, visit: Visit, tools: Tools, tmp_path: Path) -> None:
    path, *_ = clip(tmp_path / "walk.mp4")
    planned(path, tools)
    keyframes = [Keyframe(pts=pts, region=Region(**REGION)) for pts in (0, read(path).media.length - 1)]
    doubtful = [Track(id=f"face-{n}", score=0.3, seen=2, keyframes=tuple(keyframes)) for n in (1, 2)]
    plan_of(path).write_bytes(encode(read(path).model_copy(update={"tracks": tuple(doubtful)})))
    desk = visit(serve(path)).enter().open(0, "film")
    selected = desk.page.locator(".outline.selected[data-track]")
    expect(selected).to_have_attribute("data-track", "face-1")
    desk.settle()
    desk.page.locator(".person-pick").first.focus()
    desk.page.keyboard.press("n")
    expect(selected).to_have_attribute("data-track", "face-2")
    expect(selected).to_be_focused()
    with desk.edited():
        desk.page.keyboard.press("Shift+ArrowRight")
    moved = read(path).tracks[1].keyframes
    assert any(keyframe.region.x == pytest.approx(REGION["x"] + 10, abs=0.02) for keyframe in moved)


def test_the_divider_keeps_its_arrow_keys(serve: Serve, visit: Visit, tools: Tools, tmp_path: Path) -> None:
    desk, _, sent = a_film(serve, visit, tools, tmp_path)
    desk.page.keyboard.press("c")
    divider = desk.page.locator(".screen-divider")
    expect(divider).to_be_visible()
    divider.focus()
    for _ in range(4):
        desk.page.keyboard.press("ArrowRight")
    assert float(divider.input_value()) > 50
    desk.page.wait_for_timeout(800)
    assert sent == []
