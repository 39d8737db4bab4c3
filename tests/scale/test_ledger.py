"""The ledger: names that never meet, and nothing lost that was acknowledged."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import stat
import subprocess
import sys
import time
import unicodedata
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from itertools import islice
from pathlib import Path
from threading import Thread
from time import perf_counter

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from ledgers import RUN, digest, found, made, many, outputs

from kerchief.errors import ExitCode, OutputError, UsageError
from kerchief.metadata import stamped
from kerchief.scale.ledger.ledger import Ledger
from kerchief.scale.ledger.snapshots import Kept, restore, save, where
from kerchief.scale.storage import Found, Place
from kerchief.scale.tasks import Failed, State, Task

SCRIPT = Path(__file__).parent / "writes_a_ledger.py"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "out.ledger.sqlite"


@pytest.fixture
def ledger(path: Path) -> Iterator[Ledger]:
    """In its first pass, with three files."""
    with Ledger(path) as opened:
        opened.begin_run(RUN, resume=False)
        opened.redo_missing()
        opened.add([found("a.jpg"), found("b.jpg"), found("c.mp4", size=9000)])
        yield opened


def again(path: Path, files: list[Found], copies: list[Found] | None = None) -> Ledger:
    """A later pass, listed."""
    with ExitStack() as stack:
        ledger = stack.enter_context(Ledger(path))
        ledger.begin_run(RUN, resume=True)
        ledger.note_outputs(copies or [])
        ledger.redo_missing()
        ledger.add(files)
        ledger.end_listing()
        stack.pop_all()
    return ledger


def refused(number: int) -> Failed:
    return Failed(number, ExitCode.INPUT_REFUSED, "is cut off", "Get the whole file again.", 0.1)


def test_a_file_goes_its_way(ledger: Ledger) -> None:
    a, b, c = ledger.take(10)
    assert (a.source, a.output, a.receipt, a.size) == ("/in/a.jpg", "/out/a.redacted", None, 1000)
    assert ledger.take(10) == ()
    begun = ledger.begin(a.number)
    assert (begun.attempt, begun.intent, begun.replaces) == (1, None, set())
    ledger.intend(made(a))
    assert ledger.standing([a.number, b.number])[a.number].state is State.INTENDED
    assert ledger.standing([b.number])[b.number].state is State.WAITING
    ledger.done([made(a)])
    ledger.failed([refused(b.number)])
    ledger.set_aside(replace(refused(c.number), exit_code=ExitCode.UNEXPECTED))
    counts = ledger.counts()
    assert (counts.done, counts.refused, counts.set_aside, counts.found, counts.finished) == (1, 1, 1, 3, 3)
    assert (counts.size, counts.size_finished) == (11000, 11000)
    assert [(one.source, one.state, one.exit_code) for one in ledger.without()] == [
        ("/in/b.jpg", State.REFUSED, 13),
        ("/in/c.mp4", State.SET_ASIDE, 70),
    ]


def test_receipts_are_called_as_their_copies(path: Path) -> None:
    with Ledger(path) as ledger:
        ledger.begin_run(replace(RUN, output="s3://b/out", receipts="s3://b/receipts"), resume=False)
        ledger.add([found("x/IMG_2031.JPG")])
        (task,) = ledger.take(1)
    assert task.output == "s3://b/out/x/photo-1.redacted"
    assert task.receipt == "s3://b/receipts/x/photo-1.redacted"


def test_a_repeated_try_is_told_what_was_intended(ledger: Ledger) -> None:
    (task,) = ledger.take(1)
    ledger.begin(task.number)
    ledger.intend(made(task, ".png"))
    ledger.requeue([task.number])
    assert ledger.take(1) == (task,)
    begun = ledger.begin(task.number)
    assert begun.attempt == 2
    assert begun.intent == made(task, ".png")


def test_a_broken_off_attempt_can_be_forgiven(ledger: Ledger) -> None:
    a, b, c = ledger.take(3)
    for number in (a.number, b.number):
        ledger.begin(number)
    ledger.requeue([a.number, c.number], is_counted=False)
    ledger.requeue([b.number])
    attempts = {number: one.attempts for number, one in ledger.standing([1, 2, 3]).items()}
    assert attempts == {a.number: 0, b.number: 1, c.number: 0}
    assert ledger.take(9) == (a, b, c)


def test_what_is_finished_is_not_requeued(ledger: Ledger) -> None:
    a, b, _ = ledger.take(3)
    ledger.done([made(a)])
    ledger.failed([refused(b.number)])
    ledger.requeue([a.number, b.number])
    assert ledger.take(9) == ()


def test_a_copy_must_be_the_one_that_was_named(ledger: Ledger) -> None:
    (task,) = ledger.take(1)
    with pytest.raises(ValueError):
        ledger.intend(replace(made(task), output="/out/other.jpg"))
    assert ledger.begin(task.number).intent is None


def test_it_is_private(ledger: Ledger, path: Path) -> None:
    ledger.take(1)
    files = list(path.parent.iterdir())
    assert len(files) == 3  # with the write-ahead log and its index
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    ledger.snapshot(path.parent / "snapshot")
    assert stat.S_IMODE((path.parent / "snapshot").stat().st_mode) == 0o600
    ledger.close()
    assert sorted(file.name for file in path.parent.iterdir()) == ["out.ledger.sqlite", "snapshot"]


def test_without_resume_an_earlier_run_is_not_touched(ledger: Ledger, path: Path) -> None:
    with Ledger(path) as other, pytest.raises(UsageError, match="--resume"):
        other.begin_run(RUN, resume=False)
    assert len(ledger.take(9)) == 3


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"settings": "6" * 64}, "settings"),
        ({"sources": ("/elsewhere",)}, "sources"),
        ({"output": "/elsewhere", "version": "2.0"}, "output, version"),
        ({"keep_names": True}, "keep names"),
    ],
)
def test_another_run_has_another_ledger(ledger: Ledger, path: Path, changed: dict[str, object], said: str) -> None:
    with Ledger(path) as other, pytest.raises(UsageError, match=said):
        other.begin_run(replace(RUN, **changed), resume=True)  # type: ignore[arg-type]


def test_a_ledger_that_no_report_can_name_is_refused(tmp_path: Path) -> None:
    with Ledger(tmp_path / "\udce9.sqlite") as ledger, pytest.raises(UsageError, match="UTF-8") as caught:
        ledger.begin_run(RUN, resume=False)
    str(caught.value).encode()


def test_a_later_pass_does_what_is_left(ledger: Ledger, path: Path) -> None:
    files = [found(name) for name in ("a.jpg", "b.jpg", "c.mp4", "d.jpg", "e.jpg", "f.jpg")]
    ledger.add(files[3:])
    tasks = a, b, c, d, e, f = ledger.take(9)
    for task in tasks[:5]:
        ledger.begin(task.number)
    ledger.done([made(a)])
    ledger.intend(made(b))
    ledger.failed([refused(c.number)])
    ledger.set_aside(refused(d.number))
    ledger.close()
    with again(path, files, list(outputs([made(a)]))) as later:
        assert later.counts().done == 1
        assert later.counts().set_aside == 1
        assert later.take(9) == (b, e, f, c)  # the refused one last
        attempts = {number: one.attempts for number, one in later.standing([b.number, c.number, e.number]).items()}
        assert attempts == {b.number: 1, c.number: 0, e.number: 1}  # a refused file is tried as if anew
        assert later.begin(b.number).intent == made(b)


def test_a_later_pass_waits_for_its_listing(ledger: Ledger, path: Path) -> None:
    """What an earlier listing said of a file may be wrong by now."""
    ledger.close()
    with Ledger(path) as later:
        later.begin_run(RUN, resume=True)
        assert later.take(9) == ()
        later.add([found("b.jpg")])
        assert [task.source for task in later.take(9)] == ["/in/b.jpg"]


@pytest.mark.parametrize(
    "copies", [[], [replace(next(outputs([made(Task(1, "", "/out/a.redacted", None, 0))])), size=3)]]
)
def test_a_copy_that_is_gone_or_cut_off_is_made_again(ledger: Ledger, path: Path, copies: list[Found]) -> None:
    (a,) = ledger.take(1)
    ledger.begin(a.number)
    ledger.done([made(a)])
    ledger.close()
    with again(path, [found("a.jpg"), found("b.jpg"), found("c.mp4")], copies) as later:
        assert a in later.take(9)
        assert later.begin(a.number).attempt == 1


def test_a_changed_original_is_done_again_and_its_copy_makes_way(ledger: Ledger, path: Path) -> None:
    a, b, _ = ledger.take(3)
    done = replace(made(a), receipt_sha256=digest("receipt"))
    ledger.done([done])
    ledger.intend(made(b))
    ledger.close()
    files = [found("a.jpg", "2"), found("b.jpg", "2"), found("c.mp4")]
    with again(path, files, list(outputs([done]))) as later:
        assert later.take(9)[:2] == (a, b)
        begun = later.begin(a.number)
        assert (begun.attempt, begun.intent) == (1, None)
        assert (begun.replaces, begun.replaces_receipt) == ({done.output_sha256}, {done.receipt_sha256})
        # It may have got its name in the moment of the kill.
        assert later.begin(b.number).replaces == {made(b).output_sha256}
        later.done([replace(made(a), output_sha256=digest("new"))])
    with again(path, [found("a.jpg", "3"), *files[1:]]) as last:
        assert last.begin(a.number).replaces == {digest("new")}


def test_a_replacement_that_was_broken_off_is_gone_on_with(ledger: Ledger, path: Path) -> None:
    """What is published is the old copy still, and must make way whatever was about to take its place."""
    (a,) = ledger.take(1)
    first = replace(made(a), receipt_sha256=digest("receipt 1"))
    ledger.done([first])
    ledger.close()
    there = list(outputs([first]))
    tries = [first]
    for stamp in ("2", "2", "3"):
        with again(path, [found("a.jpg", stamp)], there) as later:
            assert later.take(9) == (a,)
            begun = later.begin(a.number)
            assert begun.replaces == {one.output_sha256 for one in tries}
            assert begun.replaces_receipt == {one.receipt_sha256 for one in tries}
            n = len(tries) + 1
            tries.append(replace(first, output_sha256=digest(n), receipt_sha256=digest("receipt", n)))
            later.intend(tries[-1])
            later.intend(tries[-1])  # by another worker, who has done the same
            assert later.begin(a.number).replaces == {one.output_sha256 for one in tries}
            later.failed([replace(refused(a.number), exit_code=ExitCode.OUTPUT)])
    with again(path, [found("a.jpg", "3")], there) as later:
        begun = later.begin(a.number)
        assert begun.intent == replace(tries[-1], seconds=0.1)  # those of the try that failed
        assert begun.replaces == {one.output_sha256 for one in tries}
        later.done([tries[-1]])
        assert later.begin(a.number).replaces == {tries[-1].output_sha256}
        assert later.begin(a.number).replaces_receipt == {tries[-1].receipt_sha256}


def test_a_file_that_changes_twice_replaces_what_was_published(ledger: Ledger, path: Path) -> None:
    (a,) = ledger.take(1)
    ledger.done([made(a)])
    ledger.close()
    for stamp in ("2", "3"):
        with again(path, [found("a.jpg", stamp)], list(outputs([made(a)]))) as later:
            assert later.begin(a.number).replaces == {made(a).output_sha256}


def test_what_is_gone_and_has_no_copy_is_forgotten(ledger: Ledger, path: Path) -> None:
    """Somebody did what the next step of a refusal told; there is nothing left to fail."""
    ledger.add([found("d.jpg"), found("\udcff.jpg"), found("e.jpg")])
    a, b, c, _, e = ledger.take(9)
    ledger.done([made(a), made(e)])
    ledger.failed([refused(b.number)])
    ledger.set_aside(refused(c.number))
    assert ledger.counts().failed == 3
    ledger.close()
    with again(path, [], list(outputs([made(a)]))) as later:
        assert list(later.without()) == []
        counts = later.counts()
        assert (counts.done, counts.found, counts.size, counts.size_finished) == (1, 1, 1000, 1000)
    with again(path, [found("a.jpg"), found("b.jpg")], list(outputs([made(a)]))) as last:
        assert [task.output for task in last.take(9)] == [b.output]


def test_what_is_set_aside_or_has_an_impossible_name_is_not_forgotten_while_it_is_there(
    ledger: Ledger, path: Path
) -> None:
    ledger.add([found("\udcff.jpg")])
    (a,) = ledger.take(1)
    ledger.set_aside(refused(a.number))
    ledger.close()
    for _ in range(2):
        with again(path, [found("a.jpg"), found("\udcff.jpg")]) as later:
            assert [one.state for one in later.without()] == [State.SET_ASIDE, State.REFUSED]


def test_a_stale_copy_of_what_is_gone_is_said(ledger: Ledger, path: Path) -> None:
    """Its original was changed, so that it shows less perhaps, and then removed: the copy of before is public still."""
    (a,) = ledger.take(1)
    ledger.done([made(a)])
    ledger.close()
    there = list(outputs([made(a)]))
    again(path, [found("a.jpg", "2")], there).close()
    for _ in range(2):
        with again(path, [], there) as later:
            assert [(one.source, one.problem[:18]) for one in later.without()] == [("/in/a.jpg", "is no longer there")]
    with again(path, [], []) as last:
        assert last.counts().found == 0


def test_a_listing_that_did_not_end_forgets_nothing(ledger: Ledger, path: Path) -> None:
    ledger.close()
    with Ledger(path) as later:
        later.begin_run(RUN, resume=True)
        later.add([found("b.jpg")])
        assert later.counts().found == 3


def test_files_at_which_a_store_fails_do_not_block_the_others(ledger: Ledger, path: Path) -> None:
    """A pass ends after some of those in a row, so the next ones must begin elsewhere."""
    files = [found("a.jpg"), found("b.jpg"), found("c.mp4"), found("d.jpg")]
    ledger.add(files[3:])
    a, b = ledger.take(2)
    ledger.failed([refused(a.number), refused(b.number)])
    ledger.close()
    order = []
    for _ in range(3):
        with Ledger(path) as later:
            later.begin_run(RUN, resume=True)
            later.redo_missing()
            later.add(files[:2])
            taken = list(later.take(1))  # nobody knows yet whether there are others
            later.add(files[2:])
            taken += later.take(1)
            later.end_listing()
            taken += later.take(3 - len(taken))
            order.append([Path(task.source).name for task in taken])
            later.failed(refused(task.number) for task in taken)
    assert order == [["c.mp4", "d.jpg", "a.jpg"], ["b.jpg", "c.mp4", "d.jpg"], ["a.jpg", "b.jpg", "c.mp4"]]
    with again(path, [found("a.jpg"), found("b.jpg"), found("c.mp4", "2"), found("d.jpg")]) as last:
        assert Path(last.take(1)[0].source).name == "c.mp4"  # it has changed, and nobody has tried it as it is


@pytest.mark.parametrize("is_told", [True, False])
def test_who_outlives_a_pass_writes_nothing_into_the_next(path: Path, is_told: bool) -> None:
    """After the driver was killed, its notary and workers on other nodes live on for a while."""
    with Ledger(path) as driver:
        this_pass = driver.begin_run(RUN, resume=False)
        driver.add([found("a.jpg"), found("b.jpg")])
        a, b = driver.take(2)
    with Ledger(path, this_pass) if is_told else Ledger(path) as notary:
        notary.begin(a.number)
        with Ledger(path) as next_driver:
            assert next_driver.begin_run(RUN, resume=True) == this_pass + 1
            before = next_driver.standing([a.number, b.number])
            for late in (
                lambda: notary.begin(b.number),
                lambda: notary.intend(made(a)),
                lambda: notary.done([made(a)]),
                lambda: notary.failed([refused(a.number)]),
                lambda: notary.take(1),
                lambda: notary.add([found("c.jpg")]),
                notary.end_listing,
            ):
                with pytest.raises(OutputError, match="another pass has begun"):
                    late()
            assert next_driver.standing([a.number, b.number]) == before
            assert next_driver.counts().found == 2


def test_who_is_told_its_pass_too_late_writes_nothing_either(path: Path) -> None:
    with Ledger(path) as driver:
        first = driver.begin_run(RUN, resume=False)
        driver.add([found("a.jpg")])
    with Ledger(path) as driver:
        driver.begin_run(RUN, resume=True)
        with Ledger(path, first) as notary, pytest.raises(OutputError, match="another pass has begun"):
            notary.begin(1)


def test_a_set_aside_file_is_tried_again_when_it_changes(ledger: Ledger, path: Path) -> None:
    (a,) = ledger.take(1)
    ledger.begin(a.number)
    ledger.set_aside(refused(a.number))
    ledger.close()
    with again(path, [found("a.jpg"), found("b.jpg")]) as later:
        assert a not in later.take(9)
    with again(path, [found("a.jpg", "2"), found("b.jpg")]) as last:
        assert a in last.take(9)
        assert last.begin(a.number).attempt == 1


def test_a_file_that_is_named_twice_is_done_once(ledger: Ledger) -> None:
    ledger.take(9)
    ledger.add([found("a.jpg"), found("a.jpg", "2")])
    assert ledger.take(9) == ()


@pytest.mark.parametrize(
    ("below", "name"),
    [
        ("../..", "evil.jpg"),
        ("a/", "b.jpg"),
        ("/etc", "b.jpg"),
        ("a/..", "b.jpg"),
        (".", "x\0.jpg"),
        (".", "\udcff.jpg"),
        ("\udcff", "b.jpg"),
    ],
)
def test_a_key_that_leads_elsewhere_is_refused(ledger: Ledger, below: str, name: str) -> None:
    """A bucket's keys may be anything, and a disk's names any bytes."""
    place = Place(f"s3://b/in/{below}/{name}")
    ledger.add([Found(place, below, 5, "1")])
    assert len(ledger.take(9)) == 3
    (one,) = ledger.without()
    assert one.exit_code is ExitCode.INPUT_REFUSED
    assert one.source.startswith("s3://b/in/")
    assert "\0" not in one.source
    one.source.encode()
    ledger.close()
    with again(ledger.path, [Found(place, below, 5, "1")]) as later:
        assert later.take(9) == ()
        assert one in later.without()


def test_a_name_that_cant_be_written_down_is_no_other_files(ledger: Ledger) -> None:
    r"""Beside a\xe9.jpg, whose name is not UTF-8, there may be a file that is really called a\udce9.jpg."""
    ledger.take(9)
    listing = [
        found(name) for name in (r"a\udce9.jpg", "a\udce9.jpg", "\udce9\\udce9.jpg", "\\udce9\udce9.jpg", "\0.jpg")
    ]
    ledger.add([*listing, found(r"\0.jpg")])
    assert [task.source for task in ledger.take(9)] == [r"/in/a\udce9.jpg", r"/in/\0.jpg"]
    assert len({one.source for one in ledger.without()}) == 4
    assert r"/in/a\udce9.jpg" in [one.source for one in ledger.without()]


#: The same to Unicode, but not to who folds case first.
IOTA_FIRST, IOTA_LAST = "\u03b1\u0345\u0301", "\u03b1\u0301\u0345"
letters = st.sampled_from([*"aAbBéÉß-2", "e\u0301", "ss", "IMG_2031", "photo", IOTA_FIRST, IOTA_LAST])
stems = st.lists(letters, min_size=1, max_size=4).map("".join)
paths = st.builds(
    "{}{}{}".format,
    st.sampled_from(["", "x/", "X/", "x/y/"]),
    stems,
    st.sampled_from([".jpg", ".JPG", ".heic", ".png"]),
)


@example(listing=[f"{IOTA_FIRST}.jpg", f"{IOTA_LAST}.jpg"], keep=False)
@given(listing=st.lists(paths, max_size=40, unique=True), keep=st.booleans())
def test_names_never_meet(tmp_path_factory: pytest.TempPathFactory, listing: list[str], keep: bool) -> None:
    """Whatever the content's ending, on a disk that minds neither case nor how accents are written."""
    named = []
    for _ in range(2):
        with Ledger(tmp_path_factory.mktemp("ledger") / "ledger") as ledger:
            ledger.begin_run(replace(RUN, keep_names=keep), resume=False)
            ledger.add(map(found, listing))
            named.append([task.output for task in ledger.take(99)])
    assert named[0] == named[1]
    keys = [unicodedata.normalize("NFC", unicodedata.normalize("NFD", name).casefold()) for name in named[0]]
    assert len(set(keys)) == len(listing)
    for source, output in zip(listing, named[0], strict=True):
        folder, _, name = source.rpartition("/")
        assert output.rpartition("/")[0] == f"/out/{folder}".rstrip("/")
        assert output.endswith(".redacted")
        if stamped(name) and not keep:
            assert output.rpartition("/")[2].startswith("photo-")
        else:
            assert output.rpartition("/")[2].startswith(name.rpartition(".")[0])


def test_a_name_of_ours_does_not_meet_what_is_there(path: Path) -> None:
    there = [
        Found(Place(f"/out/{name}"), below, 1, "1")
        for below, name in [(".", "photo-1.redacted.png"), ("x", "Photo-2.redacted.jpg")]
    ]
    with Ledger(path) as ledger:
        ledger.begin_run(RUN, resume=False)
        ledger.note_outputs(there)
        ledger.redo_missing()
        ledger.add([found(f"{folder}IMG_{n}.JPG") for folder in ("", "x/") for n in (2031, 2032)])
        names = [task.output.removeprefix("/out/") for task in ledger.take(9)]
    assert names == ["photo-2.redacted", "photo-3.redacted", "x/photo-1.redacted", "x/photo-3.redacted"]


def test_names_cost_the_same_however_many_there_are(ledger: Ledger) -> None:
    """A thousand names of a camera's in one folder are not counted through for the next one."""
    asked: list[str] = []
    ledger.add(many(2000, a_folder=2000))
    ledger._db.set_trace_callback(asked.append)
    ledger.add([found("00000/IMG_9001.jpg"), found("00000/march 0000004.png"), found("00000/march 0000004.heic")])
    assert len(asked) < 40


def test_a_lost_machine_gives_the_same_names_again(path: Path, s3: str) -> None:
    """The snapshot knows less than had been done: what is done again must meet its own copy, and not lie beside it."""
    output, copy = Place.of(f"{s3}/out"), Place.of(f"{s3}/private/copy")
    run = replace(RUN, output=output.url)
    files = list(many(40))
    with Ledger(path.with_name("first")) as first:
        first.begin_run(run, resume=False)
        first.redo_missing()
        first.add(files[:10])
        save(first, copy)
        first.add(files[10:])
        done = [made(task) for task in first.take(99)]
        first.done(done)
        left = path.with_name("first-wal").read_bytes()
    path.with_name(f"{path.name}-wal").write_bytes(left)
    restore(Kept(path, copy), run, resume=True)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with Ledger(path) as second:
        second.begin_run(run, resume=True)
        copies = [replace(one, output=one.output.replace(output.url, "/out")) for one in done]
        second.note_outputs(outputs(copies))
        second.redo_missing()
        second.add(files)
        assert [made(task) for task in second.take(99)] == done
    restore(Kept(path.with_name("other"), Place.of(f"{s3}/other")), run, resume=True)
    assert not path.with_name("other").exists()


def test_where_a_ledger_lies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beside the output, so that it is not published with it; and in no store that nobody has named for it."""
    monkeypatch.chdir(tmp_path)
    remote, local = Place.of("s3://b/a/out"), Place.of("/x/out")
    assert where(remote, None) == Kept(tmp_path / "out.ledger.sqlite")
    assert where(local, None) == Kept(Path("/x/out.ledger.sqlite"))
    assert where(remote, Place.of("/y/l")) == Kept(Path("/y/l"))
    named = Place.of("s3://c/run.sqlite")
    assert where(local, named) == where(remote, named) == Kept(tmp_path / "run.sqlite", named)
    for output, ledger in ((Place.of("s3://b"), None), (local, Place.of("s3://b"))):
        with pytest.raises(UsageError):
            where(output, ledger)


def test_a_snapshot_is_whole_while_others_write(ledger: Ledger, path: Path, tmp_path: Path) -> None:
    with Ledger(path) as other:
        thread = Thread(target=other.add, args=(many(20_000),))
        thread.start()
        sizes = []
        while thread.is_alive():
            ledger.snapshot(tmp_path / "snapshot")
            with Ledger(tmp_path / "snapshot") as copy:
                assert copy._db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
                sizes.append(copy.counts().found)
        thread.join()
    assert sizes == sorted(sizes)
    assert len(sizes) > 1


@pytest.mark.parametrize("what", ["not a database", "another tool's", "another version's", "damaged", "a folder"])
def test_what_is_no_ledger_is_said(path: Path, what: str) -> None:
    if what == "not a database":
        path.write_bytes(b"names of files, one a line\n" * 200)
    elif what == "a folder":
        path.mkdir()
    elif what == "another tool's":
        with sqlite3.connect(path) as db:
            db.execute("CREATE TABLE mine (x)")
        db.close()
    else:
        with Ledger(path) as ledger:
            ledger.begin_run(RUN, resume=False)
            ledger.add(many(3000))
            if what == "another version's":
                ledger._db.execute("PRAGMA user_version = 99")
        if what == "damaged":
            data = bytearray(path.read_bytes())
            data[4096:-4096] = b"\x5a" * (len(data) - 8192)
            path.write_bytes(data)
    before = path.read_bytes() if path.is_file() else None
    with pytest.raises(OutputError) as caught:
        again(path, list(many(3000))).take(9)  # damage may show when rows are read
    assert str(path) in str(caught.value)
    assert ("another version" in caught.value.problem) == (what == "another version's")
    assert "--worklog" in caught.value.next_step
    assert (path.read_bytes() if path.is_file() else None) == before


def test_a_full_disk_is_said_and_nothing_is_lost(ledger: Ledger, path: Path) -> None:
    (task,) = ledger.take(1)
    pages = ledger._db.execute("PRAGMA page_count").fetchone()[0]
    ledger._db.execute(f"PRAGMA max_page_count = {pages + 2}")
    with pytest.raises(OutputError, match="full"):
        ledger.add(many(5000))
    assert ledger.counts().found == 3
    assert ledger.begin(task.number).attempt == 1
    ledger.done([made(task)])
    assert ledger.counts().done == 1


def test_an_intent_is_on_the_disk_before_it_is_acknowledged(ledger: Ledger) -> None:
    (task,) = ledger.take(1)
    said: list[str] = []
    ledger._db.set_trace_callback(said.append)
    ledger.intend(made(task))
    full, commit = said.index("PRAGMA synchronous = FULL"), said.index("COMMIT")
    assert full < commit < said.index("PRAGMA synchronous = NORMAL")


def test_threads_never_get_the_same_file(ledger: Ledger) -> None:
    ledger.add(many(2000))

    def take(_: int) -> list[int]:
        return [task.number for task in ledger.take(3)]

    with ThreadPoolExecutor(8) as pool:
        numbers = [number for part in pool.map(take, range(800)) for number in part]
    assert sorted(numbers) == list(range(1, 2004))


def test_a_notary_gets_its_turn_while_files_are_listed(ledger: Ledger, path: Path) -> None:
    """In another process; here a connection of its own stands for it."""
    tasks = ledger.take(3)
    longest = 0.0
    with Ledger(path) as lister, Ledger(path) as notary:
        thread = Thread(target=lister.add, args=(many(20_000),))
        thread.start()
        turns = 0
        while thread.is_alive():
            start = perf_counter()
            notary.begin(tasks[turns % 3].number)
            notary.intend(made(tasks[turns % 3]))
            longest, turns = max(longest, perf_counter() - start), turns + 1
            time.sleep(0.01)
        thread.join()
    assert turns > 20
    assert longest < 2


def test_kills_lose_nothing_that_was_acknowledged(path: Path) -> None:
    """SIGKILL, again and again, in the middle of listing, beginning, intending and finishing."""
    count, rng, said = 1500, random.Random(6), Said()
    for lines in [*(rng.randrange(1, 400) for _ in range(10)), None]:
        with subprocess.Popen(
            [sys.executable, SCRIPT, path, str(count)],
            stdout=subprocess.PIPE,
            env=os.environ | {"PYTHONPATH": str(SCRIPT.parents[1])},
            text=True,
        ) as process:
            assert process.stdout is not None
            for line in islice(process.stdout, lines):
                said.note(*line.strip().split(" ", 2))
            assert process.poll() is None or lines is None, "it had nothing left to do"
            if lines is not None:
                process.kill()
        assert process.returncode == (0 if lines is None else -signal.SIGKILL)
        said.must_be_in(path)
    with Ledger(path) as ledger:
        assert (ledger.counts().done, ledger.counts().found) == (count, count)


class Said:
    """What the killed processes acknowledged."""

    def __init__(self) -> None:
        self.begun: dict[int, int] = {}
        self.intended: dict[int, str] = {}
        self.done: dict[int, str] = {}

    def note(self, word: str, number: str, value: str) -> None:
        if word == "begun":
            self.begun[int(number)] = int(value)
        elif word == "intended":
            assert self.intended.setdefault(int(number), value) == value
        else:
            assert int(number) not in self.done, "it was done twice"
            assert value not in self.done.values(), "two have one name"
            self.done[int(number)] = value

    def must_be_in(self, path: Path) -> None:
        """The ledger as the kill left it holds all of it."""
        with Ledger(path) as ledger:
            db = ledger._db
            assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            assert db.execute("SELECT count(*) - count(DISTINCT key) FROM file").fetchone() == (0,)
            at = ledger.standing(self.begun)
            assert all(at[number].attempts >= attempts for number, attempts in self.begun.items())
            assert all(at[number].state is State.DONE for number in self.done)
            digests = dict(db.execute("SELECT number, lower(hex(output_sha256)) FROM file"))
            assert all(digests[number] == sha256 for number, sha256 in self.intended.items())
