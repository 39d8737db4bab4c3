"""The API from the first look to the exported copy, with real files, networks and disk."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from commands import photo
from PIL import Image
from reviews import Review
from scenes import saved, scene

from kerchief.errors import OutputError
from kerchief.plan.codec import decode, encode
from kerchief.plan.edits import cover, show
from kerchief.plan.query import covered_at, shown_at
from kerchief.settings import Settings

#: Drawn by a person, far from the face of ``commands.photo``.
BOX = {"x": 10, "y": 10, "width": 40, "height": 50, "shape": "box"}


def portrait(path: Path) -> Path:
    """A photo that one track covers."""
    path.write_bytes(saved(scene(640, 400, [(80, 60, 120)])[0], "JPEG", quality=90))
    return path


def rgb_of(path: Path) -> Any:
    return np.asarray(Image.open(path).convert("RGB"))


def test_a_photo_is_found_edited_and_exported(review: Review, tmp_path: Path) -> None:
    path = photo(tmp_path / "in" / "a.jpg")
    before = path.read_bytes()
    running = review([tmp_path / "in"], tmp_path / "out")
    view = running.view(0)
    assert view["card"]["name"] == "a.jpg"
    assert view["tracks"]
    added = running.edit(0, view["revision"], type="add", pts=0, region=BOX)
    assert len(added["tracks"]) == len(view["tracks"]) + 1
    assert added["revision"] != view["revision"]
    saved = tmp_path / "in" / "a.jpg.plan.json"
    assert saved.stat().st_mode & 0o777 == 0o600
    assert [track.id for track in decode(saved.read_bytes()).tracks] == [track["id"] for track in added["tracks"]]
    running.post("/exports", {"files": [0]}, 202)
    card = running.card(0, "exported")
    assert card["copy_name"] == "a.redacted.jpg"
    assert card["is_current"]
    assert running.get("/files/0/receipt")["applied"]["covered"] == len(added["tracks"])
    copy = rgb_of(tmp_path / "out" / "a.redacted.jpg")
    # What was drawn is covered, what is far from every region is as it was.
    assert abs(copy[20:50, 20:40].astype(int) - rgb_of(path)[20:50, 20:40]).mean() > 5
    assert abs(copy[200:, :40].astype(int) - rgb_of(path)[200:, :40]).mean() < 3
    assert path.read_bytes() == before


def test_what_is_no_picture_is_refused_and_stops_nothing(review: Review, tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(b"no picture")
    photo(tmp_path / "b.jpg")
    running = review([tmp_path], tmp_path / "out")
    assert running.view(1)["tracks"]
    card = running.card(0, "refused")
    assert card["problem"]["exit_code"] == 13
    answer = running.client.get("/api/files/0")
    assert answer.status_code == 422
    assert answer.json()["error"] == card["problem"]
    # It may have been mended since.
    photo(tmp_path / "a.jpg")
    running.post("/exports", {"files": [0]}, 202)
    assert running.card(0, "exported")["problem"] is None


def test_a_name_that_is_no_text_stops_nothing(review: Review, tmp_path: Path) -> None:
    photo(tmp_path / "in" / "a.jpg")
    odd = tmp_path / "in" / os.fsdecode(b"caf\xe9.jpg")
    odd.write_bytes((tmp_path / "in" / "a.jpg").read_bytes())
    running = review([tmp_path / "in"], tmp_path / "out")
    running.view(0)
    card = running.card(1, "refused")
    assert card["name"] == "caf\ufffd.jpg"
    assert (card["problem"]["exit_code"], "UTF-8" in card["problem"]["problem"]) == (13, True)
    assert running.client.get("/api/files/1").status_code == 422
    running.post("/exports", {"files": [0, 1]}, 202)
    running.card(0, "exported")
    assert running.card(1, "refused")["problem"]["exit_code"] == 13


def test_before_it_was_looked_through(review: Review, tmp_path: Path) -> None:
    running = review([photo(tmp_path / "a.jpg")], tmp_path / "out", is_working=False)
    assert running.get("/files")["files"][0]["state"] == "waiting"
    for path in ("", "/frame", "/regions", "/tracks/face-1/face", "/tracks/face-1/keyframes"):
        answer = running.client.get(f"/api/files/0{path}")
        assert answer.status_code == 425, path
    assert running.client.get("/api/files/0/frame?view=original").content == b"JPEG"
    assert running.client.get("/api/files/0/thumbnail").content == b"JPEG"
    assert running.client.get("/api/files/0/receipt").status_code == 404
    for n in (1, -1):
        assert running.client.get(f"/api/files/{n}").status_code == 404


def test_what_the_pictures_are_asked_for(review: Review, tmp_path: Path) -> None:
    running = review([photo(tmp_path / "a.jpg")], tmp_path / "out")
    view = running.view(0)
    query = "pts=7&view=covered&left=1.5&top=2&width=30&height=40&across=300&down=400"
    answer = running.client.get(f"/api/files/0/frame?{query}")
    assert answer.headers["content-type"] == "image/jpeg"
    assert [answer.headers[f"x-{name}"] for name in ("pts", "duration", "revision")] == ["7", "512", view["revision"]]
    path, plan, revision, pts, kind, window, size = running.pictures.asked[-1]
    assert (path, plan, revision) == (tmp_path / "a.jpg", *running.desk.plan(0))
    assert (pts, kind, size) == (7, "covered", (300, 400))
    assert (window.left, window.top, window.width, window.height) == (1.5, 2, 30, 40)
    for wrong in ("left=1", "left=0&top=0&width=0&height=3", "left=nan&top=0&width=1&height=1", "across=0", "view=x"):
        assert running.client.get(f"/api/files/0/frame?{wrong}").status_code == 422, wrong
    assert running.client.get("/api/files/0/tracks/nobody/face").status_code == 404


def test_regions_are_those_of_the_plan(review: Review, tmp_path: Path) -> None:
    running = review([photo(tmp_path / "a.jpg")], tmp_path / "out")
    view = running.view(0)
    track = view["tracks"][0]["id"]
    running.edit(0, view["revision"], type="show", track=track, reason="consent", note="by letter")
    places = running.get("/files/0/regions?pts=0")
    plan, revision = running.desk.plan(0)
    assert places["revision"] == revision
    assert {p["track"] for p in places["places"] if not p["is_shown"]} == set(covered_at(plan, 0))
    assert [p["region"] for p in places["places"] if p["is_shown"]] == [
        region.model_dump(mode="json") for region in shown_at(plan, 0)
    ]
    assert running.get(f"/files/0/tracks/{track}/keyframes") == {"times": [0]}


def test_undo_and_redo_are_written_down_too(review: Review, tmp_path: Path) -> None:
    path = photo(tmp_path / "a.jpg")
    running = review([path], tmp_path / "out")
    first = running.view(0)
    edited = running.edit(0, first["revision"], type="add", pts=0, region=BOX)
    undone = running.post("/files/0/undo", {"revision": edited["revision"]})
    assert (undone["revision"], undone["can_redo"]) == (first["revision"], True)
    assert decode(plan_of(path).read_bytes()) == running.desk.plan(0)[0]
    redone = running.post("/files/0/redo", {"revision": undone["revision"]})
    assert redone == edited
    assert decode(plan_of(path).read_bytes()) == running.desk.plan(0)[0]


def test_a_stale_page_is_told(review: Review, tmp_path: Path) -> None:
    running = review([photo(tmp_path / "a.jpg")], tmp_path / "out")
    first = running.view(0)
    now = running.edit(0, first["revision"], type="add", pts=0, region=BOX)
    edit = {"type": "add", "pts": 0, "region": BOX}
    told = running.post("/files/0/edits", {"revision": first["revision"], "edit": edit}, 409)
    assert "another window" in told["error"]["problem"]
    for step in ("undo", "redo"):
        running.post(f"/files/0/{step}", {"revision": first["revision"]}, 409)
    assert running.view(0) == now


def test_edits_that_can_not_be_done_change_nothing(review: Review, tmp_path: Path) -> None:
    path = photo(tmp_path / "a.jpg")
    running = review([path], tmp_path / "out")
    view = running.view(0)
    track, before = view["tracks"][0]["id"], plan_of(path).read_bytes()
    for status, edit in (
        (422, {"type": "show", "track": track, "reason": "  "}),
        (404, {"type": "remove", "track": "nobody"}),
        (422, {"type": "add", "pts": 99, "region": BOX}),
        (422, {"type": "add", "pts": 0, "region": {**BOX, "width": -1}}),
        (422, {"type": "add", "pts": 0, "region": {**BOX, "shape": "heart"}}),
        (422, {"type": "add", "pts": 0, "region": {**BOX, "x": "secret"}}),
        (422, {"type": "frame", "track": track}),
        (422, {"type": "merge", "tracks": [track]}),
        (422, {"type": "remove", "track": track, "and": "more"}),
    ):
        told = running.post("/files/0/edits", {"revision": view["revision"], "edit": edit}, status)
        assert told["error"]["problem"]
        assert "secret" not in json.dumps(told)
    nan = json.dumps({"revision": view["revision"], "edit": {"type": "add", "pts": 0, "region": BOX}})
    nan = nan.replace('"x": 10', '"x": NaN')
    headers = {"content-type": "application/json"}
    assert running.client.post("/api/files/0/edits", content=nan, headers=headers).status_code == 422
    assert running.view(0) == view
    assert plan_of(path).read_bytes() == before


def test_every_kind_of_edit_goes_through(review: Review, tmp_path: Path) -> None:
    running = review([photo(tmp_path / "a.jpg")], tmp_path / "out")
    view = running.view(0)
    track = view["tracks"][0]["id"]
    for edit in (
        {"type": "add", "pts": 0, "region": {**BOX, "shape": "ellipse", "angle": 30.0}, "kind": "plate"},
        {"type": "move", "track": track, "pts": 0, "region": BOX},
        {"type": "show", "track": track, "reason": "consent"},
        {"type": "cover", "tracks": [track]},
        {"type": "restyle", "style": {"name": "solid", "colour": "#102030"}, "margin": "strict"},
        {"type": "remove", "track": track},
    ):
        view = running.edit(0, view["revision"], **edit)
    assert view["style"] == {"name": "solid", "colour": "#102030"}
    assert view["margin"] == "strict"


def test_a_plan_that_was_changed_outside_is_read_and_never_lost(review: Review, tmp_path: Path) -> None:
    path = photo(tmp_path / "a.jpg")
    running = review([path], tmp_path / "out")
    view = running.view(0)
    outside = running.desk.plan(0)[0].model_copy(update={"tracks": ()})
    plan_of(path).write_bytes(encode(outside))
    edit = {"type": "add", "pts": 0, "region": BOX}
    told = running.post("/files/0/edits", {"revision": view["revision"], "edit": edit}, 409)
    assert "outside" in told["error"]["problem"]
    now = running.view(0)
    assert now["tracks"] == []
    undone = running.post("/files/0/undo", {"revision": now["revision"]})
    assert undone["tracks"] == view["tracks"]
    # What is no plan any more is not written over either.
    plan_of(path).write_bytes(b"{")
    told = running.post("/files/0/edits", {"revision": undone["revision"], "edit": edit}, 409)
    assert told["error"]["exit_code"] == 12
    assert plan_of(path).read_bytes() == b"{"


@pytest.mark.parametrize("asked", ["view", "sheet", "edit", "export"])
def test_consent_that_is_withdrawn_outside_is_withdrawn(review: Review, tmp_path: Path, asked: str) -> None:
    path = photo(tmp_path / "a.jpg")
    running = review([path], tmp_path / "out")
    view = running.view(0)
    view = running.edit(0, view["revision"], type="show", track=view["tracks"][0]["id"], reason="consent")
    seen = {"files": [0], "shown_seen": {0: view["revision"]}}
    running.post("/exports", seen, 202)
    running.card(0, "exported")
    plan_of(path).write_bytes(encode(cover(running.desk.plan(0)[0], view["tracks"][0]["id"])))
    match asked:
        case "view":
            assert running.view(0)["card"]["still_shows"]
        case "sheet":
            assert running.get("/shown")["faces"] == []
        case "edit":
            edit = {"type": "add", "pts": 0, "region": BOX}
            running.post("/files/0/edits", {"revision": view["revision"], "edit": edit}, 409)
        case "export":
            running.post("/exports", seen, 202)
    running.until(lambda: running.get("/files/0/receipt")["applied"]["shown"] == 0)
    assert not running.card(0, "exported")["still_shows"]


def test_what_is_shown_outside_was_seen_by_nobody(review: Review, tmp_path: Path) -> None:
    path = photo(tmp_path / "a.jpg")
    running = review([path], tmp_path / "out")
    view = running.view(0)
    shown = show(running.desk.plan(0)[0], view["tracks"][0]["id"], "consent")
    plan_of(path).write_bytes(encode(shown))
    running.post("/exports", {"files": [0], "shown_seen": {0: view["revision"]}}, 409)
    (face,) = running.get("/shown")["faces"]
    running.post("/exports", {"files": [0], "shown_seen": {0: face["revision"]}}, 202)
    running.card(0, "exported")
    # What is no plan at all stops its own file only.
    plan_of(path).write_bytes(b"{")
    assert len(running.get("/shown")["faces"]) == 1
    assert running.post("/exports", {"files": [0]}, 409)["error"]["exit_code"] == 12


def test_a_plan_that_is_only_touched_or_gone_is_no_change(review: Review, tmp_path: Path) -> None:
    path = photo(tmp_path / "a.jpg")
    running = review([path], tmp_path / "out")
    view = running.view(0)
    plan_of(path).touch()
    view = running.edit(0, view["revision"], type="add", pts=0, region=BOX)
    plan_of(path).unlink()
    view = running.edit(0, view["revision"], type="add", pts=0, region=BOX)
    assert len(decode(plan_of(path).read_bytes()).tracks) == len(view["tracks"])


def test_an_edit_that_can_not_be_written_down_is_not_done(review: Review, tmp_path: Path, monkeypatch: Any) -> None:
    running = review([photo(tmp_path / "a.jpg")], tmp_path / "out")
    view = running.view(0)

    def full(*_: object) -> None:
        raise OutputError("disk", "is full", "Free some space.")

    monkeypatch.setattr("kerchief.studio.desk.saved.replace_whole", full)
    edit = {"revision": view["revision"], "edit": {"type": "add", "pts": 0, "region": BOX}}
    assert running.post("/files/0/edits", edit, 500)["error"]["exit_code"] == 15
    assert running.view(0) == view
    monkeypatch.undo()
    assert len(running.post("/files/0/edits", edit)["tracks"]) == len(view["tracks"]) + 1


def test_a_review_goes_on_where_it_was_left(review: Review, tmp_path: Path) -> None:
    path = photo(tmp_path / "a.jpg")
    running = review([path], tmp_path / "out")
    view = running.edit(0, running.view(0)["revision"], type="add", pts=0, region=BOX)
    running.post("/exports", {"files": [0]}, 202)
    running.card(0, "exported")
    running.work.close()
    again = review([path], tmp_path / "out")
    now = again.view(0)
    assert [now[what] for what in ("revision", "tracks")] == [view[what] for what in ("revision", "tracks")]
    assert not now["can_undo"]
    assert again.card(0, "exported")["copy_name"] == "a.redacted.jpg"
    assert again.get("/files/0/receipt")["checked"]["result"] == "PASSED"
    # Another quality would make another copy.
    again.work.close()
    other = review([path], tmp_path / "out", Settings(quality=40))
    assert not other.view(0)["card"]["is_current"]


def test_a_plan_of_another_file_is_refused_and_kept(review: Review, tmp_path: Path) -> None:
    path = photo(tmp_path / "a.jpg")
    running = review([path], tmp_path / "out")
    running.view(0)
    running.work.close()
    path.write_bytes(path.read_bytes() + b"\0")
    kept = plan_of(path).read_bytes()
    card = review([path], tmp_path / "out").card(0, "refused")
    assert card["problem"]["exit_code"] == 12
    assert plan_of(path).read_bytes() == kept


def test_plans_go_to_their_folder_each_to_its_own_place(review: Review, tmp_path: Path) -> None:
    one, two = photo(tmp_path / "x" / "a.jpg"), photo(tmp_path / "y" / "a.jpg", comment=b"two")
    running = review([one, two, tmp_path / "x"], tmp_path / "out", plans=tmp_path / "plans")
    running.view(0), running.view(1)
    assert len(list((tmp_path / "plans").iterdir())) == 2
    assert not plan_of(one).exists()
    assert [card["name"] for card in running.get("/files")["files"]] == [str(one), str(two)]
    running.work.close()
    again = review([two, one], tmp_path / "out", plans=tmp_path / "plans")
    assert {again.view(n)["card"]["state"] for n in (0, 1)} == {"found"}


def test_who_is_shown_must_have_been_looked_at(review: Review, tmp_path: Path) -> None:
    running = review([photo(tmp_path / "a.jpg")], tmp_path / "out")
    view = running.view(0)
    shown = view["tracks"][0]["id"]
    view = running.edit(0, view["revision"], type="show", track=shown, reason="consent", note="by letter")
    running.post("/exports", {"files": [0]}, 409)
    (face,) = running.get("/shown")["faces"]
    assert (face["file"], face["name"], face["track"]["id"], face["track"]["note"]) == (0, "a.jpg", shown, "by letter")
    assert (face["revision"], face["times"]) == (view["revision"], [0])
    running.post("/exports", {"files": [0], "shown_seen": {0: view["revision"]}}, 202)
    running.card(0, "exported")
    assert running.get("/files/0/receipt")["applied"]["shown"] == 1


def test_whom_another_window_shows_after_the_sheet_is_not_exported(review: Review, tmp_path: Path) -> None:
    running = review([photo(tmp_path / "a.jpg")], tmp_path / "out")
    view = running.view(0)
    one, other = (track["id"] for track in view["tracks"])
    seen = running.edit(0, view["revision"], type="show", track=one, reason="consent")
    now = running.edit(0, seen["revision"], type="show", track=other, reason="consent")
    told = running.post("/exports", {"files": [0], "shown_seen": {0: seen["revision"]}}, 409)
    assert "whom" in told["error"]["problem"]
    assert not running.work.is_busy
    running.post("/exports", {"files": [0], "shown_seen": {0: now["revision"]}}, 202)
    running.card(0, "exported")
    assert running.get("/files/0/receipt")["applied"]["shown"] == 2


def test_reasons_and_notes_are_short_and_plain(review: Review, tmp_path: Path) -> None:
    running = review([photo(tmp_path / "a.jpg")], tmp_path / "out")
    view = running.view(0)
    edit = {"type": "show", "track": view["tracks"][0]["id"], "reason": "consent"}
    for wrong in (
        {"reason": "x" * 501},
        {"note": "x" * 501},
        {"reason": "\x00"},
        {"reason": "a\nb"},
        {"note": "\x1b["},
    ):
        running.post("/files/0/edits", {"revision": view["revision"], "edit": edit | wrong}, 422)
    running.post("/files/0/edits", {"revision": view["revision"], "edit": edit | {"note": "by letter,\nin May"}})


def test_a_refused_file_is_looked_at_again_when_what_stood_in_the_way_is_gone(review: Review, tmp_path: Path) -> None:
    path = photo(tmp_path / "a.jpg")
    plan_of(path).write_text("{}")
    running = review([path], tmp_path / "out")
    assert running.card(0, "refused")["problem"]["exit_code"] == 12
    running.post("/files/0/look", {}, 202)
    assert running.card(0, "refused")["problem"]
    plan_of(path).unlink()
    running.post("/files/0/look", {}, 202)
    assert running.view(0)["card"]["problem"] is None
    running.post("/files/0/look", {}, 422)
    running.post("/files/1/look", {}, 404)


@pytest.mark.parametrize("way", ["cover", "undo", "remove"])
def test_a_copy_that_shows_somebody_is_made_anew_when_that_is_withdrawn(
    review: Review, tmp_path: Path, way: str
) -> None:
    path = portrait(tmp_path / "a.jpg")
    running = review([path], tmp_path / "out")
    view = running.view(0)
    (shown,) = (track["id"] for track in view["tracks"])
    view = running.edit(0, view["revision"], type="show", track=shown, reason="consent")
    running.post("/exports", {"files": [0], "shown_seen": {0: view["revision"]}}, 202)
    running.card(0, "exported")
    head = np.s_[80:160, 100:150]
    copy = tmp_path / "out" / "a.redacted.jpg"
    assert abs(rgb_of(copy)[head].astype(int) - rgb_of(path)[head]).mean() < 3
    if way == "undo":
        running.post("/files/0/undo", {"revision": view["revision"]})
    elif way == "cover":
        running.edit(0, view["revision"], type="cover", tracks=[shown])
    else:
        running.edit(0, view["revision"], type="remove", track=shown)
    running.until(lambda: running.desk.file(0).copy.shows == ())
    assert abs(rgb_of(copy)[head].astype(int) - rgb_of(path)[head]).mean() > 10
    running.card(0, "exported")
    assert running.get("/files/0/receipt")["applied"]["shown"] == 0
    assert [entry.name for entry in copy.parent.iterdir() if entry.is_file()] == ["a.redacted.jpg"]


def test_a_copy_is_not_made_anew_with_somebody_whom_nobody_has_looked_at(review: Review, tmp_path: Path) -> None:
    running = review([photo(tmp_path / "a.jpg")], tmp_path / "out")
    view = running.view(0)
    one, other = (track["id"] for track in view["tracks"])
    view = running.edit(0, view["revision"], type="show", track=one, reason="consent")
    running.post("/exports", {"files": [0], "shown_seen": {0: view["revision"]}}, 202)
    running.card(0, "exported")
    view = running.edit(0, view["revision"], type="show", track=other, reason="consent")
    running.edit(0, view["revision"], type="cover", tracks=[one])
    running.until(lambda: not running.desk.file(0).copy.shows)
    running.until(lambda: not running.work.is_busy)
    assert running.get("/files/0/receipt")["applied"]["shown"] == 0
    card = running.get("/files")["files"][0]
    assert (card["shown"], card["is_current"]) == (1, False)


def test_a_withdrawal_survives_the_end_of_the_review(review: Review, tmp_path: Path) -> None:
    path = photo(tmp_path / "a.jpg")
    running = review([path], tmp_path / "out")
    view = running.view(0)
    shown = view["tracks"][0]["id"]
    view = running.edit(0, view["revision"], type="show", track=shown, reason="consent")
    running.post("/exports", {"files": [0], "shown_seen": {0: view["revision"]}}, 202)
    running.card(0, "exported")
    running.work.close()
    running.edit(0, view["revision"], type="cover", tracks=[shown])
    again = review([path], tmp_path / "out")
    again.card(0, "exported")
    assert again.get("/files/0/receipt")["applied"]["shown"] == 0


def test_a_copy_that_is_not_ours_is_never_replaced(review: Review, tmp_path: Path) -> None:
    running = review([photo(tmp_path / "a.jpg")], tmp_path / "out")
    view = running.view(0)
    running.post("/exports", {"files": [0]}, 202)
    running.card(0, "exported")
    copy = tmp_path / "out" / "a.redacted.jpg"
    copy.write_bytes(b"somebody's work")
    running.edit(0, view["revision"], type="add", pts=0, region=BOX)
    running.post("/exports", {"files": [0]}, 202)
    card = running.until(lambda: (card := running.get("/files")["files"][0])["problem"] and card)
    assert card["problem"]["exit_code"] == 15
    assert card["state"] == "found"
    assert copy.read_bytes() == b"somebody's work"
    # It stays said until it is tried again.
    assert running.edit(0, running.view(0)["revision"], type="add", pts=0, region=BOX)["card"]["problem"]
    copy.unlink()
    running.post("/exports", {"files": [0]}, 202)
    assert running.card(0, "exported")["problem"] is None


def test_a_copy_whose_entry_can_not_be_written_is_not_published(
    review: Review, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    running = review([photo(tmp_path / "a.jpg")], tmp_path / "out")
    view = running.view(0)
    shown = view["tracks"][0]["id"]
    view = running.edit(0, view["revision"], type="show", track=shown, reason="consent")

    def full(*_: object) -> None:
        raise OutputError("disk", "is full", "Free some space.")

    monkeypatch.setattr("kerchief.studio.desk.copies.Worklog.add", full)
    running.post("/exports", {"files": [0], "shown_seen": {0: view["revision"]}}, 202)
    running.until(lambda: running.get("/files")["files"][0]["problem"])
    assert [entry for entry in (tmp_path / "out").iterdir() if entry.is_file()] == []


@pytest.mark.parametrize("after", ["publish", "receipt"])
def test_a_copy_that_was_published_before_a_crash_is_known(
    review: Review, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, after: str
) -> None:
    path = photo(tmp_path / "a.jpg")
    running = review([path], tmp_path / "out")
    view = running.view(0)
    shown = view["tracks"][0]["id"]
    view = running.edit(0, view["revision"], type="show", track=shown, reason="consent")
    running.post("/exports", {"files": [0]}, 409)

    def die(*_: object, **__: object) -> None:
        raise OutputError("disk", "is gone", "Plug it in.")

    if after == "publish":
        monkeypatch.setattr("kerchief.studio.work.bench.Bench.exported", die)
    monkeypatch.setattr("kerchief.studio.desk.copies.Copies.add_receipt", die)
    running.post("/exports", {"files": [0], "shown_seen": {0: view["revision"]}}, 202)
    running.until(lambda: running.get("/files")["files"][0]["problem"])
    running.work.close()
    monkeypatch.undo()
    again = review([path], tmp_path / "out")
    view = again.view(0)
    assert (view["card"]["is_current"], view["card"]["copy_name"]) == (True, "a.redacted.jpg")
    assert again.client.get("/api/files/0/receipt").status_code == 404
    again.edit(0, view["revision"], type="cover", tracks=[shown])
    again.until(lambda: not again.get("/files")["files"][0]["still_shows"])
    again.card(0, "exported")
    assert again.until(lambda: again.get("/files/0/receipt"))["applied"]["shown"] == 0


def test_a_copy_that_was_never_published_is_not_the_last(
    review: Review, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = photo(tmp_path / "a.jpg")
    running = review([path], tmp_path / "out")
    view = running.view(0)
    shown = view["tracks"][0]["id"]
    view = running.edit(0, view["revision"], type="show", track=shown, reason="consent")
    running.post("/exports", {"files": [0], "shown_seen": {0: view["revision"]}}, 202)
    running.card(0, "exported")

    def die(*_: object, **__: object) -> None:
        raise OutputError("disk", "is gone", "Plug it in.")

    monkeypatch.setattr("kerchief.pipeline.publish", die)
    running.edit(0, view["revision"], type="cover", tracks=[shown])
    running.until(lambda: running.get("/files")["files"][0]["problem"])
    running.work.close()
    monkeypatch.undo()
    # The copy that lies there is the first, and it shows somebody.
    again = review([path], tmp_path / "out")
    again.card(0, "exported")
    again.until(lambda: again.get("/files/0/receipt")["applied"]["shown"] == 0)


def test_a_receipt_that_is_not_ours_is_never_replaced(review: Review, tmp_path: Path) -> None:
    place = tmp_path / "out" / "receipts" / "a.redacted.jpg.receipt.json"
    place.parent.mkdir(parents=True)
    place.write_text("somebody's work")
    running = review([photo(tmp_path / "a.jpg")], tmp_path / "out")
    running.view(0)
    running.post("/exports", {"files": [0]}, 202)
    card = running.until(lambda: (card := running.get("/files")["files"][0])["problem"] and card)
    assert (card["problem"]["exit_code"], card["copy_name"]) == (15, None)
    assert place.read_text() == "somebody's work"
    assert running.client.get("/api/files/0/receipt").status_code == 404
    place.unlink()
    running.post("/exports", {"files": [0]}, 202)
    assert running.card(0, "exported")["copy_name"] == "a.redacted.jpg"
    first = running.get("/files/0/receipt")
    running.edit(0, running.view(0)["revision"], type="add", pts=0, region=BOX)
    running.post("/exports", {"files": [0]}, 202)
    running.until(lambda: running.get("/files/0/receipt") != first)


def test_what_still_shows_after_a_refused_export_is_in_the_plan(
    review: Review, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    running = review([portrait(tmp_path / "a.jpg")], tmp_path / "out", Settings(rounds=1))
    view = running.view(0)
    for track in view["tracks"]:
        view = running.edit(0, view["revision"], type="remove", track=track["id"])
    running.post("/exports", {"files": [0]}, 202)
    card = running.until(lambda: (card := running.get("/files")["files"][0])["problem"] and card)
    assert (card["problem"]["exit_code"], "in the plan now" in card["problem"]["next_step"]) == (10, True)
    view = running.view(0)
    assert [(track["by"], track["action"]) for track in view["tracks"]] == [("verify", "cover")]
    assert view["can_undo"]
    running.post("/exports", {"files": [0]}, 202)
    assert running.card(0, "exported")["copy_name"] == "a.redacted.jpg"


def test_a_folder_for_plans_that_can_not_be_written_is_named(review: Review, tmp_path: Path) -> None:
    running = review([photo(tmp_path / "a.jpg")], tmp_path / "out", plans=Path("/proc/kerchief"))
    problem = running.card(0, "refused")["problem"]
    assert (problem["exit_code"], "--plans" in problem["next_step"]) == (15, True)


def test_two_folders_with_one_name_have_two_copies(review: Review, tmp_path: Path) -> None:
    one, two = photo(tmp_path / "x" / "a.jpg"), photo(tmp_path / "y" / "a.jpg", comment=b"two")
    running = review([one], tmp_path / "out")
    running.view(0)
    running.post("/exports", {"files": [0]}, 202)
    assert running.card(0, "exported")["copy_name"] == "a.redacted.jpg"
    running.work.close()
    again = review([two, one], tmp_path / "out")
    again.post("/exports", {"files": [0, 1]}, 202)  # before it was looked through
    assert again.card(0, "exported")["copy_name"] == "a-2.redacted.jpg"
    assert again.card(1, "exported")["copy_name"] == "a.redacted.jpg"


def test_the_document_names_every_route_and_its_models(review: Review, tmp_path: Path) -> None:
    running = review([photo(tmp_path / "a.jpg")], tmp_path / "out", is_working=False)
    document = running.get("/openapi.json")
    routes = {(method, path) for path, methods in document["paths"].items() for method in methods}
    file = "/api/files/{n}"
    assert routes == {
        ("post", "/api/session"),
        ("post", "/api/link"),
        ("get", "/api/files"),
        ("get", file),
        ("get", f"{file}/thumbnail"),
        ("get", f"{file}/frame"),
        ("get", f"{file}/regions"),
        ("get", f"{file}/tracks/{{track}}/face"),
        ("get", f"{file}/tracks/{{track}}/keyframes"),
        ("post", f"{file}/look"),
        ("post", f"{file}/edits"),
        ("post", f"{file}/undo"),
        ("post", f"{file}/redo"),
        ("post", f"{file}/follow"),
        ("get", f"{file}/receipt"),
        ("get", "/api/shown"),
        ("post", "/api/exports"),
        ("get", "/api/events"),
    }
    models = document["components"]["schemas"]
    assert {"EditRequest", "Add", "Show", "FileView", "Overview", "Failure", "FileChanged", "WorkChanged"} <= set(
        models
    )
    assert document["components"]["securitySchemes"]["HTTPBearer"]["scheme"] == "bearer"
    body = document["paths"][f"{file}/edits"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert body == {"$ref": "#/components/schemas/EditRequest"}


def test_the_framework_reports_to_nobody(review: Review, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setenv("FASTAPI_OTEL_AUTO_CONFIGURE", "true")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9")
    running = review([photo(tmp_path / "a.jpg")], tmp_path / "out", is_working=False)
    app: Any = running.client.app
    telemetry = app._app._native_telemetry
    assert not telemetry.enabled()
    assert not any(telemetry.config[name] for name in ("tracing", "metrics", "logs", "operation_spans"))
    assert telemetry.config["auto_configure"] is False


def plan_of(path: Path) -> Path:
    return path.with_name(f"{path.name}.plan.json")
