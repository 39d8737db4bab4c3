"""What goes on in the background: in which order, how it is told, and what comes of films."""

from __future__ import annotations

import asyncio
import json
import os
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from commands import photo
from films import film, shown, walk
from reviews import Review, awaited

from kerchief.errors import InputRefused
from kerchief.plan.model import Keyframe, Region, Track
from kerchief.plan.query import covered_at
from kerchief.studio.desk.consent import Shown
from kerchief.studio.messages import FileCard, FileChanged, Followed, State, Work, WorkChanged
from kerchief.studio.web import events as events_module
from kerchief.studio.web.events import Events
from kerchief.studio.work.pace import Pace
from kerchief.studio.work.tasks import Export, Find, Follow, Queue, Task

NOBODY: Shown = ()
SOMEBODY: Shown = (Track(id="face-1", keyframes=(Keyframe(pts=0, region=Region(x=0, y=0, width=9, height=9)),)),)
WORK = WorkChanged(work=Work(waiting=0, exporting=0, done=1, total=1, seconds_left=None))


def taken(queue: Queue, *, only_wanted: bool = False) -> list[Task]:
    """All that can be taken without waiting; each is done at once."""
    tasks: list[Task] = []
    while (task := queue._next(only_wanted=only_wanted)) is not None:
        tasks.append(task)
    return tasks


def test_what_somebody_waits_for_comes_first() -> None:
    queue = Queue([0, 1, 2, 3])
    queue.want(2)
    queue.want(3)
    queue.follow(Follow(9, "face-1", 5))
    queue.follow(Follow(9, "face-1", 5))
    queue.export(Export(8, NOBODY))
    queue.export(Export(8, SOMEBODY))
    assert queue.finding == (0, 1, 2, 3)
    assert queue.exporting == (8,)
    first = [Export(8, SOMEBODY), Follow(9, "face-1", 5), Find(3), Find(2)]
    assert taken(queue) == [*first, Find(0), Find(1)]


def test_a_renewal_does_not_take_the_place_of_what_somebody_asked_for() -> None:
    queue = Queue([])
    queue.export(Export(8, SOMEBODY))
    queue.renew(Export(8, NOBODY))
    queue.renew(Export(9, NOBODY))
    assert taken(queue) == [Export(8, SOMEBODY), Export(9, NOBODY)]


def test_what_is_followed_is_work_that_somebody_waits_for() -> None:
    queue = Queue([])
    queue.follow(Follow(3, "face-1", 5))
    assert queue.following == (3,)
    task = queue.take(only_wanted=True)
    assert task is not None
    assert queue.following == (3,)
    queue.done(task)
    assert queue.following == ()


def test_one_worker_is_kept_for_those_who_wait() -> None:
    queue = Queue([0, 1])
    assert taken(queue, only_wanted=True) == []
    queue.want(1)
    queue.want(7)
    queue.export(Export(5, NOBODY))
    assert taken(queue, only_wanted=True) == [Export(5, NOBODY), Find(1)]
    assert taken(queue) == [Find(0)]


def test_no_file_is_worked_on_twice_at_once() -> None:
    queue = Queue([0])
    find = queue.take(only_wanted=False)
    assert find == Find(0)
    queue.export(Export(0, NOBODY))
    queue.follow(Follow(0, "face-1", 1))
    assert taken(queue) == []
    assert (queue.finding, queue.exporting) == ((0,), (0,))
    queue.done(find)
    assert queue.take(only_wanted=True) == Export(0, NOBODY)


def test_an_export_looks_through_the_file_itself() -> None:
    queue = Queue([0])
    queue.export(Export(0, NOBODY))
    assert taken(queue) == [Export(0, NOBODY)]


def test_a_closed_queue_lets_all_workers_go() -> None:
    queue = Queue([])
    threads = [threading.Thread(target=queue.take, kwargs={"only_wanted": wanted}) for wanted in (True, False)]
    for thread in threads:
        thread.start()
    queue.close()
    for thread in threads:
        thread.join(5)
        assert not thread.is_alive()


def test_the_time_left_is_that_of_the_bytes_left() -> None:
    now = 0.0
    pace = Pace(lambda: now)
    assert pace.seconds_left(1000, 2) is None
    pace.begin(0, 100)
    now = 10.0
    assert pace.seconds_left(1000, 2) is None
    pace.advance(0, 0.5)
    assert pace.seconds_left(150, 2) == pytest.approx(200 / 50 * 10)
    pace.begin(1, 100)
    pace.end(0)
    assert pace.seconds_left(0, 2) == pytest.approx(100 / 100 * 10)
    pace.end(1)
    assert pace.seconds_left(0, 2) is None


def card(n: int, progress: float) -> FileCard:
    return FileCard(
        id=n,
        name="a",
        kind=None,
        state=State.FINDING,
        problem=None,
        width=0,
        height=0,
        tracks=0,
        to_look_at=0,
        shown=0,
        progress=progress,
        copy_name=None,
        is_current=False,
        still_shows=False,
    )


def test_a_slow_page_is_told_the_newest_of_each_file() -> None:
    async def look() -> list[bytes]:
        events = Events()
        lines = events.lines(WORK)
        told = [await anext(lines)]
        for progress in (0.1, 0.2, 0.3):
            events.tell(FileChanged(card=card(1, progress), revision=None))
            events.tell(FileChanged(card=card(2, progress), revision=None))
        told.append(await anext(lines))
        assert events.lonely_seconds == 0
        await lines.aclose()
        return told

    first, then = awaited(look())
    assert json.loads(first)["type"] == "work"
    assert [(e["card"]["id"], e["card"]["progress"]) for e in map(json.loads, then.splitlines())] == [
        (1, 0.3),
        (2, 0.3),
    ]


def test_a_quiet_stream_has_a_heart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events_module, "HEARTBEAT_SECONDS", 0.05)

    async def look() -> None:
        lines = Events().lines(WORK)
        await anext(lines)
        assert await anext(lines) == b"\n"
        assert await anext(lines) == b"\n"
        await lines.aclose()

    awaited(look())


def test_the_server_knows_how_long_nobody_has_looked_on() -> None:
    now = 100.0

    async def look(events: Events) -> None:
        nonlocal now
        assert events.lonely_seconds == 0  # nobody came yet
        one, two = events.lines(WORK), events.lines(WORK)
        await anext(one)
        await anext(two)
        await one.aclose()
        now = 107.0
        assert events.lonely_seconds == 0
        await two.aclose()
        now = 110.0
        assert events.lonely_seconds == 3

    awaited(look(Events(lambda: now)))


def test_streams_end_with_the_server() -> None:
    async def look() -> list[bytes]:
        events = Events()
        lines = events.lines(WORK)
        told = [await anext(lines)]
        asyncio.get_running_loop().call_later(0.05, events.close)
        told += [line async for line in lines]
        return told

    assert len(awaited(asyncio.wait_for(look(), 5))) == 2


def test_a_film_is_found_followed_and_exported(review: Review, tmp_path: Path) -> None:
    pictures, boxes = walk(320, 240, [(60 + 4 * n, 80) for n in range(40)], 80)
    path = film(tmp_path / "a.mp4", pictures)
    running = review([path], tmp_path / "out")
    view = running.view(0)
    assert view["card"]["kind"] == "video"
    assert (view["frames"], len(view["tracks"]) > 0) == (40, True)
    for track in view["tracks"]:
        view = running.edit(0, view["revision"], type="remove", track=track["id"])
    unit = view["length"] // 40
    begin, box = 5 * unit, boxes[5]
    region = {"x": box.x0 - 10, "y": box.y0 - 10, "width": box.width + 20, "height": box.height + 20}
    view = running.edit(0, view["revision"], type="add", pts=begin, region=region)
    (track,) = view["tracks"]
    request = {"revision": view["revision"], "track": track["id"], "pts": begin}
    told: list[Any] = []
    running.desk.tell = told.append
    assert running.client.post("/api/files/0/follow", json=request).status_code == 202
    now = running.until(lambda: (new := running.view(0))["revision"] != view["revision"] and new)
    (track,) = now["tracks"]
    assert track["first"] == begin
    assert track["last"] >= 30 * unit
    running.until(lambda: not running.work.is_busy)
    (followed,) = (event for event in told if isinstance(event, Followed))
    assert (followed.file, followed.track, followed.until) == (0, track["id"], track["last"])
    plan, _ = running.desk.plan(0)
    for n in (10, 20, 30):
        at = covered_at(plan, n * unit)[track["id"]].box
        assert abs(at.x0 + at.width / 2 - boxes[n].x0 - boxes[n].width / 2) < 15
    # One step back, for it was one step.
    assert running.post("/files/0/undo", {"revision": now["revision"]})["tracks"] == view["tracks"]
    running.post("/exports", {"files": [0]}, 202)
    done = running.card(0, "exported")
    # The check found whom nobody covers any more; that is in the plan now, to be looked at.
    after = running.view(0)
    assert done["is_current"]
    assert any(track["by"] == "verify" for track in after["tracks"])
    assert after["can_undo"]
    copy = shown(tmp_path / "out" / "a.redacted.mp4")
    assert len(copy) == 40
    x, y = round(boxes[0].x0), round(boxes[0].y0)
    face = np.s_[y + 20 : y + 60, x + 15 : x + 45]
    assert abs(copy[0].rgb[face].astype(int) - pictures[0][face]).mean() > 10


def test_what_can_not_be_followed(review: Review, tmp_path: Path) -> None:
    pictures, _ = walk(160, 120, [(40, 40)] * 4, 40)
    running = review([film(tmp_path / "a.mp4", pictures), photo(tmp_path / "b.jpg")], tmp_path / "out")
    for n in (0, 1):
        view = running.view(n)
        track = view["tracks"][0]["id"]
        for change, status in (
            ({"revision": "0"}, 409),
            ({"track": "nobody"}, 404 if n == 0 else 422),
            ({"pts": 10**6}, 422),
            ({}, 202 if n == 0 else 422),  # the last, for it changes the plan
        ):
            body = {"revision": view["revision"], "track": track, "pts": view["tracks"][0]["first"], **change}
            assert running.client.post(f"/api/files/{n}/follow", json=body).status_code == status, (n, change)


def test_a_following_that_fails_is_no_fault_of_the_file(
    review: Review, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any) -> Any:
        raise InputRefused("a.mp4", "the disk is gone", "Plug it in.")

    pictures, _ = walk(160, 120, [(40, 40)] * 4, 40)
    running = review([film(tmp_path / "a.mp4", pictures)], tmp_path / "out")
    view = running.view(0)
    told: list[Any] = []
    running.desk.tell = told.append
    monkeypatch.setattr("kerchief.studio.work.chores.carry", refuse)
    track = view["tracks"][0]
    running.post("/files/0/follow", {"revision": view["revision"], "track": track["id"], "pts": track["first"]}, 202)
    running.until(lambda: not running.work.is_busy)
    (followed,) = (event for event in told if isinstance(event, Followed))
    assert followed.until is None
    assert followed.problem is not None
    assert followed.problem.problem == "the disk is gone"
    assert running.get("/files")["files"][0]["problem"] is None


def test_progress_is_told_while_it_goes_on(review: Review, tmp_path: Path) -> None:
    pictures, _ = walk(320, 240, [(60 + n, 80) for n in range(60)], 80)
    running = review([film(tmp_path / "a.mp4", pictures)], tmp_path / "out")
    told: list[Any] = []
    running.events.tell = told.append  # type: ignore[method-assign]
    running.desk.tell = running.work._tell = told.append
    running.view(0)
    running.post("/exports", {"files": [0]}, 202)
    running.card(0, "exported")
    cards = [event.card for event in told if isinstance(event, FileChanged)]
    exporting = [card.progress for card in cards if card.state is State.EXPORTING]
    assert exporting[0] is None  # it waits
    assert exporting[1:] == sorted(exporting[1:])
    assert exporting[1] == 0
    assert cards[-1].state is State.EXPORTED
    assert told[-1].work.exporting == 0


def test_a_fault_of_ours_stops_one_file_only(review: Review, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from kerchief.pipeline import plan_source

    def faulty(source: Any, *rest: Any) -> Any:
        if source.path.name == "a.jpg":
            raise ZeroDivisionError
        return plan_source(source, *rest)

    monkeypatch.setattr("kerchief.studio.work.chores.plan_source", faulty)
    photo(tmp_path / "a.jpg"), photo(tmp_path / "b.jpg"), photo(tmp_path / "c.jpg")
    running = review([tmp_path], tmp_path / "out")
    assert running.card(0, "refused")["problem"]["exit_code"] == 70
    assert running.view(1)["tracks"]
    assert running.view(2)["tracks"]


def test_the_end_of_a_review_is_no_fault_of_a_file(review: Review, tmp_path: Path) -> None:
    pictures, _ = walk(320, 240, [(60 + n, 80) for n in range(90)], 80)
    path = film(tmp_path / "a.mp4", pictures)
    running = review([path], tmp_path / "out")
    running.view(0)
    running.post("/exports", {"files": [0]}, 202)
    running.until(lambda: list((tmp_path / "out").glob(".kerchief-*")))
    began = time.monotonic()
    running.work.close()
    assert time.monotonic() - began < 10
    assert list((tmp_path / "out").iterdir()) == []
    assert running.get("/files")["files"][0]["problem"] is None


def test_what_lies_where_a_plan_goes_may_be_anything(
    review: Review, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kerchief.studio.desk.saved.MOST_BYTES", 1 << 20)
    for name in "abcd":
        photo(tmp_path / "in" / f"{name}.jpg")
    os.mkfifo(tmp_path / "in" / "a.jpg.plan.json")
    (tmp_path / "in" / "b.jpg.plan.json").mkdir()
    (tmp_path / "in" / "c.jpg.plan.json").write_bytes(b" " * ((1 << 20) + 1))
    running = review([tmp_path / "in"], tmp_path / "out")
    for n in range(3):
        assert running.card(n, "refused")["problem"]["exit_code"] == 12
    view = running.view(3)
    # One that takes the place of a plan later is no plan either, and is not replaced.
    (tmp_path / "in" / "d.jpg.plan.json").unlink()
    os.mkfifo(tmp_path / "in" / "d.jpg.plan.json")
    edit = {"type": "restyle", "style": {"name": "solid"}, "margin": "standard"}
    running.post("/files/0/edits", {"revision": "", "edit": edit}, 409)
    running.post("/files/3/edits", {"revision": view["revision"], "edit": edit}, 409)
    assert (tmp_path / "in" / "d.jpg.plan.json").is_fifo()
    began = time.monotonic()
    running.work.close()
    assert time.monotonic() - began < 5


def test_a_worker_that_hangs_does_not_hold_up_the_end(
    review: Review, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hung, released = threading.Event(), threading.Event()

    def hang(*_: Any) -> bool:
        hung.set()
        released.wait(60)
        return True

    monkeypatch.setattr("kerchief.studio.work.workers.CLOSE_SECONDS", 0.2)
    monkeypatch.setattr("kerchief.studio.work.bench.Bench.load", hang)
    running = review([photo(tmp_path / "a.jpg")], tmp_path / "out")
    assert hung.wait(10)
    began = time.monotonic()
    running.work.close()
    assert time.monotonic() - began < 5
    released.set()


def test_a_failed_renewal_is_not_tried_for_ever(
    review: Review, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    running = review([photo(tmp_path / "a.jpg")], tmp_path / "out")
    view = running.view(0)
    shown = view["tracks"][0]["id"]
    view = running.edit(0, view["revision"], type="show", track=shown, reason="consent")
    running.post("/exports", {"files": [0], "shown_seen": {0: view["revision"]}}, 202)
    running.card(0, "exported")
    tries: list[int] = []

    def refuse(*_: Any) -> Any:
        tries.append(1)
        raise InputRefused("a.jpg", "the disk is gone", "Plug it in.")

    monkeypatch.setattr("kerchief.studio.work.chores.render_source", refuse)
    running.edit(0, view["revision"], type="cover", tracks=[shown])
    card = running.until(lambda: (card := running.get("/files")["files"][0])["problem"] and card)
    assert (card["is_current"], card["still_shows"]) == (False, True)
    time.sleep(0.3)
    assert len(tries) == 1
    # Another edit tries again; what went wrong is said until it goes well.
    view = running.edit(0, running.view(0)["revision"], type="restyle", style={"name": "solid"}, margin="standard")
    running.until(lambda: len(tries) == 2)
    card = running.until(lambda: (card := running.get("/files")["files"][0])["problem"] and card)
    assert card["still_shows"]
    monkeypatch.undo()
    running.post("/exports", {"files": [0]}, 202)
    card = running.card(0, "exported")
    assert (card["problem"], card["still_shows"]) == (None, False)
