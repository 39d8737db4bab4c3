"""Several windows on one review: the browser has six connections to a server, and events must not take them all."""

from __future__ import annotations

from pathlib import Path

from browsers import Desk, Serve, Visit
from desks import photo, plan_of, planned
from playwright.sync_api import expect

from kerchief import Tools

WINDOWS = 8


def another(desk: Desk) -> Desk:
    """The window that a key opens."""
    with desk.page.expect_popup() as opened:
        desk.page.keyboard.press("w")
    other = Desk(opened.value, desk.served, desk.watch)
    expect(other.page.locator(".tile").first).to_be_visible()
    return other


def cover(desk: Desk) -> None:
    """Confirms what is most doubtful."""
    with desk.edited():
        desk.page.keyboard.press("n")
        desk.page.keyboard.press("Enter")


def test_eight_windows_all_work(serve: Serve, visit: Visit, tools: Tools, tmp_path: Path) -> None:
    path = planned(photo(tmp_path / "one.png"), tools, score=0.3)
    first = visit(serve(path)).enter()
    windows = [first, *(another(first) for _ in range(WINDOWS - 1))]
    for desk in windows:
        desk.open(0)
        expect(desk.page.locator(".outline[data-track]")).to_have_count(2)
    cover(windows[-1])
    for desk in windows:
        expect(desk.page.locator(".left")).to_have_text("Nothing left to look at")


def test_a_window_that_closes_leaves_the_others_with_news(
    serve: Serve, visit: Visit, tools: Tools, tmp_path: Path
) -> None:
    path = planned(photo(tmp_path / "one.png"), tools, score=0.3)
    first = visit(serve(path)).enter()
    second = another(first)
    third = another(first)
    for desk in (second, third):
        desk.open(0)
        expect(desk.page.locator(".outline[data-track]")).to_have_count(2)
    first.page.close()
    third.page.wait_for_timeout(6000)  # longer than the server waits for somebody to look on
    cover(second)
    expect(third.page.locator(".left")).to_have_text("Nothing left to look at")
    expect(third.page.locator("#lost")).to_be_hidden()


def test_a_refused_file_is_tried_again(serve: Serve, visit: Visit, tools: Tools, tmp_path: Path) -> None:
    path = planned(photo(tmp_path / "one.png"), tools)
    plan = plan_of(path).read_bytes()
    plan_of(path).write_bytes(b"no plan")
    desk = visit(serve(path)).enter()
    expect(desk.page.locator(".tile .tag.refused")).to_have_count(1)
    desk.page.evaluate("location.hash = '#/file/0'")
    expect(desk.page.locator(".waiting p").first).to_contain_text("This file can't be reviewed")
    plan_of(path).write_bytes(plan)
    desk.button("Try again").click()
    expect(desk.page.locator(".outline[data-track]")).to_have_count(2)
