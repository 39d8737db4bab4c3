"""Which files of a run are meant: on disks and in stores by the rules of one machine, and while work goes on."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from threading import Event
from time import monotonic
from typing import Any

import pytest
from ledgers import RUN, made
from stores import put

from kerchief.batch.walk import walk
from kerchief.errors import InputRefused, UsageError
from kerchief.scale import listing
from kerchief.scale.ledger import ledger as ledgers
from kerchief.scale.ledger.ledger import Ledger
from kerchief.scale.listing import Listing, list_into
from kerchief.scale.storage import Found, Place, steps

FILES = (
    "b.jpg",
    "a.JPEG",
    "notes.txt",
    "raw.CR2",
    "film.mp4",
    "no ending",
    ".jpg",
    ".hidden.jpg",
    "a.redacted.jpg",
    "sub/a.jpg",
    "sub/deep/c.heic",
    "sub/deep/c.redacted.png",
    "sub/.git/d.jpg",
    "out/e.jpg",
    "out/sub/f.jpg",
    "outer/g.jpg",
)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger(tmp_path / "ledger") as opened:
        opened.begin_run(RUN, resume=False)
        yield opened


def fill(root: Place) -> None:
    for name in FILES:
        put(root.child(f"in/{name}"), b"x", private=False)


def sources(ledger: Ledger) -> list[str]:
    return [task.source for task in ledger.take(99)]


def test_a_store_is_listed_as_a_walk_would(root: Place, ledger: Ledger, tmp_path: Path) -> None:
    fill(root)
    fill(Place.of(str(tmp_path / "same")))
    here = tmp_path / "same" / "in"
    expected = walk([here], but_not=here / "out")
    got = list_into(ledger, [root.child("in")], root.child("in/out"))
    assert got == Listing(expected.left_out, expected.outputs, is_whole=True)
    assert (got.left_out, got.outputs) == (2, 2)
    assert sorted(sources(ledger)) == sorted(
        root.child(f"in/{job.source.relative_to(here).as_posix()}").url for job in expected.jobs
    )


def test_the_order_on_a_disk_is_that_of_a_walk(ledger: Ledger, tmp_path: Path) -> None:
    fill(Place.of(str(tmp_path)))
    (tmp_path / "in" / "linked").symlink_to(tmp_path / "in" / "sub")
    list_into(ledger, [Place.of(str(tmp_path / "in"))], Place.of(str(tmp_path / "elsewhere")))
    assert sources(ledger) == [str(job.source) for job in walk([tmp_path / "in"]).jobs]


def test_a_file_that_is_named_itself_is_meant(root: Place, ledger: Ledger) -> None:
    fill(root)
    named = [
        root.child("in/notes.txt"),
        root.child("in/a.redacted.jpg"),
        root.child("in/sub"),
        root.child("in/sub/a.jpg"),
    ]
    list_into(ledger, named, root.child("out"))
    tasks = {task.source.removeprefix(f"{root}/in/"): task.output for task in ledger.take(99)}
    assert tasks == {
        "notes.txt": "/out/notes.redacted",
        "a.redacted.jpg": "/out/a.redacted.redacted",
        "sub/a.jpg": "/out/a.redacted",
        "sub/deep/c.heic": "/out/deep/c.redacted",
    }


def test_what_is_not_there_is_said(root: Place, ledger: Ledger) -> None:
    with pytest.raises(UsageError, match="does not exist"):
        list_into(ledger, [root.child("nothing")], root.child("out"))


def test_a_folder_that_cant_be_read_is_said(ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Leaving it out in silence would look like done."""
    fill(Place.of(str(tmp_path)))
    real = os.scandir

    def scandir(path: Any) -> Any:
        if Path(path).name == "deep":
            raise PermissionError(13, "Permission denied", str(path))
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)
    with pytest.raises(InputRefused, match="deep: the folder can't be read"):
        list_into(ledger, [Place.of(str(tmp_path / "in"))], Place.of(str(tmp_path / "out")))


def test_files_can_be_taken_while_others_are_listed(
    ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A listing that goes slowly: what it has told is not held back for what it has not."""
    fill(Place.of(str(tmp_path)))
    taken = []

    def slowly(place: Place, but_not: Place | None = None) -> Iterator[Found | None]:
        for found in listing_of(place, but_not):
            taken.extend(sources(ledger))
            yield found

    listing_of = listing.steps
    monkeypatch.setattr(ledgers, "ADDED_WITHIN", -1.0)
    monkeypatch.setattr(listing, "steps", slowly)
    list_into(ledger, [Place.of(str(tmp_path / "in"))], Place.of(str(tmp_path / "out")))
    assert len(taken) >= 5


@pytest.mark.parametrize("passed_over", ["notes.txt", None])
def test_what_is_not_meant_holds_nothing_back(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch, passed_over: str | None
) -> None:
    """Three photos and a million other files: the photos are handed out, and Ctrl-C is heard."""
    source, stop = Place.of("/in"), Event()
    taken: list[str] = []

    def endless(place: Place, but_not: Place | None = None) -> Iterator[Found | None]:
        if place != source:
            return
        yield Found(place.child("a.jpg"), ".", 1, "1")
        until = monotonic() + 60
        while not taken:
            assert monotonic() < until
            taken.extend(sources(ledger))
            yield None if passed_over is None else Found(place.child(passed_over), ".", 1, "1")
        stop.set()
        while True:
            assert monotonic() < until
            yield None if passed_over is None else Found(place.child(passed_over), ".", 1, "1")

    monkeypatch.setattr(ledgers, "ADDED_WITHIN", 0.01)
    monkeypatch.setattr(listing, "steps", endless)
    assert not list_into(ledger, [source], Place.of("/out"), stop).is_whole
    assert taken == ["/in/a.jpg"]


@pytest.mark.parametrize("hidden", [".cache/x.jpg", "out/x.jpg"])
def test_a_store_tells_of_what_it_passes_over(s3: str, hidden: str) -> None:
    for name in ("a.jpg", hidden, "z.jpg"):
        put(Place.of(f"{s3}/in/{name}"), b"1", private=False)
    met = [found and found.place.name for found in steps(Place.of(f"{s3}/in"), Place.of(f"{s3}/in/out"))]
    assert sorted(met, key=str) == [None, "a.jpg", "z.jpg"]


def test_a_listing_that_is_broken_off_refuses_nothing(ledger: Ledger, tmp_path: Path) -> None:
    root, output = Place.of(str(tmp_path / "in")), Place.of(str(tmp_path / "out"))
    fill(Place.of(str(tmp_path)))
    list_into(ledger, [root], output)
    (first,) = ledger.take(1)
    ledger.done([made(first)])
    ledger.close()
    with Ledger(tmp_path / "ledger") as later:
        later.begin_run(RUN, resume=True)
        stop = Event()
        stop.set()
        assert list_into(later, [root], output, stop) == Listing(is_whole=False)
        counts = later.counts()
        assert (counts.done, counts.refused) == (1, 0)
        # The copy is not there, which only a whole listing of the output tells.
        assert list_into(later, [root], output).is_whole
        assert later.counts().done == 0


def test_copies_that_are_there_stay_done(root: Place, tmp_path: Path) -> None:
    """By a listing of the output alone, without a look into any file."""
    fill(root)
    run = replace(RUN, output=root.child("out").url)
    with Ledger(tmp_path / "ledger") as first:
        first.begin_run(run, resume=False)
        list_into(first, [root.child("in")], root.child("out"))
        tasks = first.take(99)
        copies = [made(task, size=len(task.source)) for task in tasks]
        first.done(copies)
    for copy, task in list(zip(copies, tasks, strict=True))[1:]:
        put(Place.of(copy.output), bytes(len(task.source)), private=False)
    put(Place.of(copies[2].output), b"cut off", private=False)
    with Ledger(tmp_path / "ledger") as later:
        later.begin_run(run, resume=True)
        list_into(later, [root.child("in")], root.child("out"))
        assert later.take(99) == (tasks[0], tasks[2])
