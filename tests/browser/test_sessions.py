"""What becomes of a page: its link, a plan that changes elsewhere, and a server that dies."""

from __future__ import annotations

from pathlib import Path

from browsers import Serve, Visit, served
from desks import photo, plan_of, planned, read
from playwright.sync_api import Route, expect

from kerchief import Tools
from kerchief.choices import Margin
from kerchief.plan.codec import encode


def test_a_link_opens_one_page_once(serve: Serve, visit: Visit, tools: Tools, tmp_path: Path) -> None:
    review = serve(planned(photo(tmp_path / "one.png"), tools))
    desk = visit(review).enter()
    assert "token" not in desk.page.url
    desk.page.reload()
    expect(desk.page.locator(".tile")).to_have_count(1)
    other = visit(review)
    other.page.goto(review.link)
    expect(other.page.get_by_text("This link was used already")).to_be_visible()
    assert other.page.locator(".tile").count() == 0
    assert other.watch.refusals == [(401, "/api/session")]
    # A page can make a link for another window.
    other.page.goto(desk.ask("/link", {}).json()["url"])
    other.page.reload()
    expect(other.page.locator(".tile")).to_have_count(1)


def test_a_page_is_told_that_its_plan_was_changed_elsewhere(
    serve: Serve, visit: Visit, tools: Tools, tmp_path: Path
) -> None:
    path = planned(photo(tmp_path / "one.png"), tools)
    desk = visit(serve(path)).enter().open(0)
    expect(desk.page.locator(".outline[data-track]")).to_have_count(2)
    changed = read(path).model_copy(update={"margin": Margin.STRICT, "tracks": read(path).tracks[:1]})
    plan_of(path).write_bytes(encode(changed))
    desk.page.keyboard.press("n")
    desk.page.locator(".outline[data-track]").first.focus()
    desk.page.keyboard.press("Delete")
    desk.page.keyboard.press("Enter")  # a network was sure
    expect(desk.page.get_by_text("The plan was changed somewhere else")).to_be_visible()
    expect(desk.page.locator(".outline[data-track]")).to_have_count(1)
    assert plan_of(path).read_bytes() == encode(changed), "somebody's change was lost"
    # With the new plan, the same goes well.
    with desk.edited():
        desk.page.locator(".outline[data-track]").first.focus()
        desk.page.keyboard.press("Delete")
        desk.page.keyboard.press("Enter")  # a network was sure
    assert read(path).tracks == ()
    assert read(path).margin is Margin.STRICT


def test_two_windows_see_each_others_changes(serve: Serve, visit: Visit, tools: Tools, tmp_path: Path) -> None:
    path = planned(photo(tmp_path / "one.png"), tools)
    review = serve(path)
    one = visit(review).enter().open(0)
    other = visit(review)
    other.page.goto(one.ask("/link", {}).json()["url"])
    other.open(0)
    expect(other.page.locator(".outline[data-track]")).to_have_count(2)
    with one.edited():
        one.page.locator(".outline[data-track]").first.focus()
        one.page.keyboard.press("Delete")
        one.page.keyboard.press("Enter")  # a network was sure
    expect(other.page.locator(".outline[data-track]")).to_have_count(1)


def test_a_server_that_was_killed_loses_nothing_that_was_saved(
    serve: Serve, visit: Visit, tools: Tools, tmp_path: Path
) -> None:
    path = planned(photo(tmp_path / "one.png"), tools)
    review = serve(path)
    desk = visit(review).enter().open(0)
    expect(desk.page.locator(".outline[data-track]")).to_have_count(2)
    with desk.edited():
        desk.page.locator(".outline[data-track]").first.focus()
        desk.page.keyboard.press("Delete")
        desk.page.keyboard.press("Enter")  # a network was sure
    edited = plan_of(path).read_bytes()
    review.end()
    expect(desk.page.locator("#lost")).to_contain_text("The server can't be reached")
    # What is done now can't be saved, and the page says so.
    desk.page.locator(".outline[data-track]").first.focus()
    desk.page.keyboard.press("Delete")
    desk.page.keyboard.press("Enter")  # a network was sure
    expect(desk.page.locator("#saving")).to_have_text("Not saved")
    assert plan_of(path).read_bytes() == edited
    with served(path, "--port", review.port) as again:
        expect(desk.page.locator("#lost")).to_contain_text("This page's key is not valid any more")
        after = visit(again).enter().open(0)
        expect(after.page.locator(".outline[data-track]")).to_have_count(1)
        assert plan_of(path).read_bytes() == edited
    desk.watch.complaints.clear()  # the browser says that nobody answered
    after.watch.complaints.clear()


def test_what_happens_before_a_page_hears_is_not_missed(
    serve: Serve, visit: Visit, tools: Tools, tmp_path: Path
) -> None:
    """A file is refused after the page has asked for all cards, and before its stream of events is open."""
    planned(photo(tmp_path / "march" / "one.png"), tools)
    (tmp_path / "march" / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0 no picture")
    desk = visit(serve(tmp_path / "march", "-o", tmp_path / "out")).enter()
    refused = desk.page.locator(".tile .tag.refused")
    expect(refused).to_have_count(1)

    def aged(route: Route) -> None:
        """The answer that was given before."""
        answer = route.fetch()
        body = answer.json()
        for card in body["files"]:
            card.update({"state": "waiting", "problem": None} if card["state"] == "refused" else {})
        route.fulfill(response=answer, json=body)

    desk.page.route("**/api/files", aged, times=1)
    desk.page.reload()
    expect(refused).to_have_count(1, timeout=20_000)
