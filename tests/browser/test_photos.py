"""From a folder of photos to copies, as a person does it: what is in the copies decides."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest
from browsers import Desk, Serve, Visit, until
from desks import HEIGHT, WIDTH, inside, photo, picture, plan_of, planned, read
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import expect

from kerchief import Tools
from kerchief.geometry import Box
from kerchief.plan.codec import encode
from kerchief.plan.model import DecidedBy

PIXELS, (SHOWN, FOUND, MISSED) = picture()
#: What is drawn around the head that was missed.
DRAWN = MISSED.grow(12, 12, 12, 12)


def draw(desk: Desk, box: Box) -> None:
    desk.page.keyboard.press("b")
    ends = ((box.x0, box.y0), (box.x1, box.y1))
    desk.drag(*(desk.place(x, y, WIDTH, HEIGHT) for x, y in ends))


def click_in(desk: Desk, box: Box) -> None:
    desk.page.mouse.click(*desk.place((box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2, WIDTH, HEIGHT))


def pixels_of(path: Path) -> NDArray[np.uint8]:
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB"))


def difference(copy: NDArray[np.uint8], box: Box) -> float:
    """Mean difference between a copy and the original in the middle of a face, of 255."""
    return float(np.abs(inside(copy, box, 0.15) - inside(PIXELS, box, 0.15)).mean())


def test_from_a_folder_to_copies(serve: Serve, visit: Visit, tmp_path: Path) -> None:
    # Two photos that differ only in who is under what will be drawn.
    other = PIXELS.copy()
    under = (slice(round(MISSED.y0), round(MISSED.y1)), slice(round(MISSED.x0), round(MISSED.x1)))
    other[under] = np.random.default_rng(3).integers(0, 255, (*other[under].shape[:2], 1), np.uint8)
    for name, pixels in (("one", PIXELS), ("two", other)):
        photo(tmp_path / "in" / f"{name}.png", pixels)
    desk = visit(serve(tmp_path / "in")).enter()
    expect(desk.page.locator(".tile .tag").filter(has_text=re.compile("Waiting|Looking"))).to_have_count(0)

    for n in (0, 1):
        desk.open(n)
        expect(desk.page.locator(".outline[data-track]")).to_have_count(2)
        with desk.edited(n):
            draw(desk, DRAWN)
        expect(desk.page.locator(".outline[data-track]")).to_have_count(3)
        click_in(desk, SHOWN)
        desk.page.keyboard.press("s")
        asked = desk.page.get_by_role("dialog")
        asked.get_by_label("Reason", exact=True).fill("agreed in writing")
        asked.get_by_label("Note", exact=True).fill("form 12")
        with desk.edited(n):
            desk.button("Show", "dialog").click()
    desk.page.keyboard.press("Escape")
    desk.page.keyboard.press("Escape")
    expect(desk.page.locator(".tile-shown").first).to_have_text("1 shown")
    desk.button("Select all").click()
    desk.button("Export 2…").click()
    desk.export(looks_at_shown=True)

    plan = read(tmp_path / "in" / "one.png")
    shown = [track.decision for track in plan.tracks if track.is_shown]
    assert [(one.by, one.reason, one.note) for one in shown] == [(DecidedBy.PERSON, "agreed in writing", "form 12")]
    for name in ("one", "two"):
        receipt = json.loads((tmp_path / "redacted" / "receipts" / f"{name}.redacted.png.receipt.json").read_text())
        assert (receipt["applied"]["covered"], receipt["applied"]["shown"]) == (2, 1)
    one, two = (pixels_of(tmp_path / "redacted" / f"{name}.redacted.png") for name in ("one", "two"))
    assert np.array_equal(one, two), "the copy depends on what was covered"
    assert np.array_equal(inside(one, SHOWN), inside(PIXELS, SHOWN))
    assert difference(one, FOUND) > 15
    assert difference(one, MISSED) > 15
    desk.page.get_by_text("Receipt").first.click()
    expect(desk.page.locator(".receipt-result").first).to_contain_text(
        "that were looked at: 1. 0 sure faces still show"
    )
    facts = desk.page.locator(".receipt-facts").first
    expect(facts).to_contain_text("Covered2 heads")
    expect(facts).to_contain_text("Shown by consent1 face")


def test_withdrawn_consent_makes_the_copy_anew(serve: Serve, visit: Visit, tools: Tools, tmp_path: Path) -> None:
    path = planned(photo(tmp_path / "one.png"), tools)
    desk = visit(serve(path)).enter()
    left = min(read(path).tracks, key=lambda track: track.keyframes[0].region.x)
    desk.edit(0, type="show", track=left.id, reason="agreed in person")
    desk.open(0)
    desk.page.keyboard.press("g")
    desk.export(looks_at_shown=True)
    copy = tmp_path / "redacted" / "one.redacted.png"
    assert difference(pixels_of(copy), SHOWN) == 0
    desk.page.keyboard.press("Escape")
    click_in(desk, SHOWN)
    with desk.edited():
        desk.button("Cover again").click()
    until(lambda: desk.view()["card"]["is_current"])
    assert difference(pixels_of(copy), SHOWN) > 15
    receipt = json.loads((tmp_path / "redacted" / "receipts" / "one.redacted.png.receipt.json").read_text())
    assert (receipt["applied"]["covered"], receipt["applied"]["shown"]) == (2, 0)


def test_by_keyboard_alone(serve: Serve, visit: Visit, tools: Tools, tmp_path: Path) -> None:
    path = planned(photo(tmp_path / "one.png"), tools, score=0.3)
    desk = visit(serve(path)).enter()
    keys = desk.page.keyboard
    expect(desk.page.locator(".tile-link")).to_be_focused()
    keys.press("Enter")
    expect(desk.page.locator(".outline[data-track]")).to_have_count(2)
    keys.press("n")
    expect(desk.page.locator(".outline[data-track]:focus")).to_have_count(1)
    with desk.edited():
        keys.press("Enter")
    assert sorted(track.decision.by for track in read(path).tracks) == [DecidedBy.DEFAULT, DecidedBy.PERSON]
    expect(desk.page.get_by_text("Nothing left to look at")).to_be_visible()

    keys.press("d")
    keys.press("ArrowDown")
    for _ in range(3):
        keys.press("Shift+ArrowDown")
    with desk.edited():
        keys.press("Enter")
    (drawn,) = (track for track in read(path).tracks if track.kind == "manual")
    before = drawn.keyframes[0].region
    with desk.edited():
        for key in ("Shift+ArrowRight", "ArrowRight", "ArrowUp", "+", "]"):
            keys.press(key)
    (moved,) = (track for track in read(path).tracks if track.id == drawn.id)
    after = moved.keyframes[0].region
    assert after.x + after.width / 2 == pytest.approx(before.x + before.width / 2 + 11, abs=0.02)
    assert after.y + after.height / 2 == pytest.approx(before.y + before.height / 2 - 1, abs=0.02)
    assert after.width > before.width
    assert after.angle == 5
    with desk.edited():
        keys.press("Delete")
    assert all(track.id != drawn.id for track in read(path).tracks)
    keys.press("Escape")
    keys.press("Escape")
    expect(desk.page.locator(".tile")).to_have_count(1)


def test_undo_and_redo_and_a_reload(serve: Serve, visit: Visit, tools: Tools, tmp_path: Path) -> None:
    path = planned(photo(tmp_path / "one.png"), tools)
    desk = visit(serve(path)).enter().open(0)
    first = plan_of(path).read_bytes()
    with desk.edited():
        draw(desk, DRAWN)
    second = plan_of(path).read_bytes()
    assert desk.button("Redo").is_disabled()
    with desk.edited():
        desk.page.keyboard.press("z")
    assert plan_of(path).read_bytes() == first
    expect(desk.page.locator(".outline[data-track]")).to_have_count(2)
    with desk.edited():
        desk.button("Redo").click()
    assert plan_of(path).read_bytes() == second
    expect(desk.page.locator(".outline[data-track]")).to_have_count(3)
    desk.page.reload()
    expect(desk.page.locator(".outline[data-track]")).to_have_count(3)
    with desk.edited():
        desk.page.keyboard.press("z")
    assert plan_of(path).read_bytes() == first


def test_people_are_listed_in_the_order_of_the_plan(serve: Serve, visit: Visit, tools: Tools, tmp_path: Path) -> None:
    path = planned(photo(tmp_path / "one.png"), tools)
    first = read(path).tracks[0]
    tracks = tuple(first.model_copy(update={"id": f"face-{n}"}) for n in range(1, 12))
    plan_of(path).write_bytes(encode(read(path).model_copy(update={"tracks": tracks})))
    desk = visit(serve(path)).enter().open(0)
    expect(desk.page.locator(".person-name")).to_have_text([f"Face {n} " for n in range(1, 12)])
