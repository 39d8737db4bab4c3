"""The parts of a watched folder: its log, the names of copies, the hold on a folder, and the deleting of originals."""

from __future__ import annotations

import errno
import hashlib
import io
import json
import os
import stat
import sys
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import av
import pytest
from PIL import Image
from watch_runs import a_film, a_photo, digest, files, landed

from kerchief import Tools, redact
from kerchief.batch.walk import Job
from kerchief.batch.worklog import Entry, Worklog, append
from kerchief.errors import InputRefused, OutputError
from kerchief.live.folder import finishing, hold, log, places
from kerchief.live.folder.contents import Gone, contents_of
from kerchief.live.folder.deleting import Kept, Published, delete_original
from kerchief.live.folder.stamps import Stamp, is_written_to, stamp_of
from kerchief.media.limits import Limits
from kerchief.media.photos.still import open_still
from kerchief.plan.model import Plan
from kerchief.store import publish
from kerchief.tools import Source

SETTINGS = "5" * 64


def entry(source: Path, sha256: str, output: Path, **more: object) -> Entry:
    return Entry(
        source=str(source),
        source_sha256=sha256,
        settings=SETTINGS,
        output=str(output),
        output_sha256="0" * 64,
        covered=1,
        shown=0,
        rounds=1,
        **more,
    )


# What lies in the folder


def test_only_what_is_meant_is_seen(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    meant = ("a.jpg", "sub/b.MP4", "raw.cr2")
    hidden = (".d.jpg", ".hidden/e.jpg")
    unfinished = ("x.jpg.part", "y.mp4.crdownload", "z.tmp")
    for name in (*meant, *hidden, *unfinished, "out/c.jpg", "a.redacted.jpg", "notes.txt"):
        landed(folder / name, b"x")
    os.mkfifo(folder / "pipe.mp4")
    (folder / "gone.jpg").symlink_to(tmp_path / "nowhere.jpg")
    found = contents_of(folder, folder / "out")
    assert [path.relative_to(folder).as_posix() for path in found.files] == ["a.jpg", "raw.cr2", "sub/b.MP4"]
    assert found.unreadable == {}


def test_a_folder_that_is_not_there_is_no_empty_folder(tmp_path: Path) -> None:
    with pytest.raises(Gone, match="no such file"):
        contents_of(tmp_path / "in", None)
    (tmp_path / "in").write_bytes(b"a file")
    with pytest.raises(Gone, match="not a directory"):
        contents_of(tmp_path / "in", None)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_folder_below_that_can_not_be_read_hides_only_itself(tmp_path: Path) -> None:
    landed(tmp_path / "a.jpg", b"x")
    landed(tmp_path / "closed" / "b.jpg", b"x")
    (tmp_path / "closed").chmod(0)
    try:
        found = contents_of(tmp_path, None)
    finally:
        (tmp_path / "closed").chmod(0o700)
    assert list(found.files) == [tmp_path / "a.jpg"]
    assert found.unreadable == {str(tmp_path / "closed"): "permission denied"}


# The log


def test_the_log_knows_a_file_by_its_path_its_bytes_and_the_settings(tmp_path: Path) -> None:
    path, source = tmp_path / "log.jsonl", tmp_path / "a.jpg"
    first, second = entry(source, "1" * 64, tmp_path / "1"), entry(source, "1" * 64, tmp_path / "2")
    written = (
        first,
        entry(tmp_path / "b.jpg", "1" * 64, tmp_path / "3"),
        entry(source, "2" * 64, tmp_path / "4"),
        second,
    )
    it = log.Log(path, tmp_path)
    assert it.entries(source, "1" * 64, SETTINGS) == ()
    for one in written:
        it.add(one)
    assert it.entries(source, "1" * 64, SETTINGS) == (second, first)
    assert it.entries(source, "1" * 64, "6" * 64) == ()
    assert it.entries(source, "3" * 64, SETTINGS) == ()
    again = log.Log(path, tmp_path)
    assert again.recall([source, tmp_path / "new.jpg"]) == {source}
    assert again.entries(source, "1" * 64, SETTINGS) == (second, first)
    assert again.entries(source, "2" * 64, SETTINGS) == (written[2],), "what was remembered is asked for only once"
    assert path.stat().st_mode & 0o777 == 0o600


def test_the_log_speaks_only_of_copies_in_the_output_folder(tmp_path: Path) -> None:
    path, source, out = tmp_path / "log.jsonl", tmp_path / "a.jpg", tmp_path / "out"
    for folder in (out, tmp_path / "old", tmp_path / "disk"):
        folder.mkdir()
    (tmp_path / "link").symlink_to(out)
    (out / "linked").symlink_to(tmp_path / "disk")
    of = [entry(source, "1" * 64, tmp_path / name) for name in ("out/1", "old/1", "link/sub/1", "out/linked/1")]
    of.append(entry(source, "1" * 64, out / ".." / "old" / "1"))
    for one in of:
        log.Log(path, out).add(one)
    assert log.Log(path, out).entries(source, "1" * 64, SETTINGS) == (of[3], of[2], of[0])
    assert log.Log(path, tmp_path / "link").entries(source, "1" * 64, SETTINGS) == (of[3], of[2], of[0])


def test_the_log_holds_nothing_of_files_that_are_not_there(tmp_path: Path) -> None:
    it = log.Log(tmp_path / "log.jsonl", tmp_path)
    for number in range(100):
        it.add(entry(tmp_path / f"{number}.jpg", f"{number:064x}", tmp_path / "out"))
    assert it.recall([tmp_path / "5.jpg"]) == {tmp_path / "5.jpg"}
    assert len(it._places) == 1
    assert it.entries(tmp_path / "7.jpg", f"{7:064x}", SETTINGS) != ()
    assert it.entries(tmp_path / "5.jpg", f"{5:064x}", SETTINGS) != ()
    assert it._places == {}


@pytest.mark.parametrize(
    "half", [b'{"schema_version":"kerchief.work', b'{"schema_version":"kerchief.worklog/1","source":"']
)
def test_half_a_line_of_a_killed_run_is_no_foreign_file(half: bytes, tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    path.write_bytes(half)
    it = log.Log(path, tmp_path)
    assert it.recall([tmp_path / "a.jpg"]) == set()
    Worklog(path)
    one = entry(tmp_path / "a.jpg", "1" * 64, tmp_path / "1")
    it.add(one)
    assert it.entries(tmp_path / "a.jpg", "1" * 64, SETTINGS) == (one,)


@pytest.mark.parametrize("data", [b"words\n", b"words", b'{"a": 1}\n'])
def test_a_file_that_is_no_log_is_not_written_to(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    path.write_bytes(data)
    with pytest.raises(OutputError, match="is not a worklog"):
        log.Log(path, tmp_path).recall([])


# Names


@pytest.mark.parametrize("taken", [set(), {1}, {1, 2, 3}, set(range(1, 1001)), {1, 2, 5, 6, 7, 8}])
def test_a_free_number_follows_on_a_taken_one(taken: set[int]) -> None:
    asked = []

    def is_taken(number: int) -> bool:
        asked.append(number)
        return number in taken

    number = places.free(is_taken)
    assert number not in taken
    assert number == 1 or number - 1 in taken
    assert len(asked) <= 22


def test_no_two_files_at_work_are_given_the_same_name(tmp_path: Path) -> None:
    info = open_still(a_photo(), Limits()).info
    it = places.Places(tmp_path / "out", tmp_path / "receipts", keep_names=False)
    one, two = (Job(tmp_path / "in" / name, Path("sub")) for name in ("a.jpg", "a.png"))
    landed(tmp_path / "receipts" / "sub" / "a-2.redacted.jpg.receipt.json", b"somebody's")
    with it.chosen(one, info, ()) as first, it.chosen(two, info, ()) as second:
        assert first.copy == tmp_path / "out" / "sub" / "a.redacted.jpg"
        assert second.copy == tmp_path / "out" / "sub" / "a-3.redacted.jpg", "its receipt needs a free name too"
    with it.chosen(two, info, ()) as again:
        assert again.copy == first.copy, "what was not used is free again"


def test_a_stamped_name_is_replaced_by_the_next_neutral_one(tmp_path: Path) -> None:
    info = open_still(a_photo(), Limits()).info
    job = Job(tmp_path / "in" / "IMG_20240131_101500.jpg", Path())
    landed(tmp_path / "out" / "photo-1.redacted.jpg", b"x")
    for keeps, name in ((False, "photo-2.redacted.jpg"), (True, "IMG_20240131_101500.redacted.jpg")):
        with places.Places(tmp_path / "out", None, keep_names=keeps).chosen(job, info, ()) as place:
            assert place.copy.name == name


def test_a_file_goes_where_it_was_meant_to_go_unless_something_else_lies_there(tmp_path: Path) -> None:
    out, info, job = tmp_path / "out", open_still(a_photo(), Limits()).info, Job(tmp_path / "in" / "a.jpg", Path())
    it = places.Places(out, tmp_path / "receipts", keep_names=False)
    receipt = landed(tmp_path / "receipts" / "a-5.redacted.jpg.receipt.json", b"ours")
    meant = entry(job.source, "1" * 64, out / "a-5.redacted.jpg", receipt_sha256=digest(b"ours"))
    with it.chosen(job, info, [meant]) as place:
        assert place == places.Place(out / "a-5.redacted.jpg", None, receipt, digest(b"ours"))
    landed(out / "a-5.redacted.jpg", b"")
    with it.chosen(job, info, [meant]) as place:
        assert place.replaces == hashlib.sha256(b"").hexdigest(), "the name was reserved with an empty file"
    landed(receipt, b"somebody else's")
    with it.chosen(job, info, [meant]) as place:
        assert place.copy == out / "a.redacted.jpg"
    landed(receipt, b"ours")
    landed(out / "a-5.redacted.jpg", b"somebody else's")
    with it.chosen(job, info, [meant]) as place:
        assert place.copy == out / "a.redacted.jpg"
    elsewhere = entry(job.source, "1" * 64, tmp_path / "other" / "a-5.redacted.jpg")
    with it.chosen(job, info, [elsewhere]) as place:
        assert place.copy == out / "a.redacted.jpg"


# The hold


def test_a_hold_leaves_nothing_and_excludes_everybody_else(tmp_path: Path) -> None:
    out, worklog = tmp_path / "out", tmp_path / "log.jsonl"
    draft = landed(out / "sub" / ".kerchief-left.jpg.part", b"half")
    with hold.Hold(out, worklog) as one:
        assert not draft.exists(), "what a killed run left is swept"
        one.check()
        for other in ((out, tmp_path / "b.jsonl"), (tmp_path / "b", worklog)):
            with pytest.raises(OutputError, match="another run") as caught, hold.Hold(*other):
                pass
            assert caught.value.exit_code == 15
        one.check()
    assert files(tmp_path) == {}
    with hold.Hold(out, worklog):
        pass


def test_an_output_folder_that_went_is_not_made_anew(tmp_path: Path) -> None:
    out = tmp_path / "share" / "out"
    with hold.Hold(out, tmp_path / "log.jsonl") as it:
        out.rename(tmp_path / "away")
        for place in (None, out.parent, out):  # nothing there, then an empty folder as an unmounted share leaves it
            if place:
                place.mkdir(exist_ok=True)
            with pytest.raises(OutputError, match="is not there any more"):
                it.check()
        out.rmdir()
        (tmp_path / "away").rename(out)
        it.check()


def test_an_output_folder_that_comes_back_as_another_mount_is_taken_again(tmp_path: Path) -> None:
    out = tmp_path / "out"
    with hold.Hold(out, tmp_path / "log.jsonl") as it:
        out.rename(tmp_path / "away")
        landed(out / hold.MARK, b"")  # the same file by its name, another one by its number
        it.check()
        with pytest.raises(OutputError, match="another run"), hold.Hold(out, tmp_path / "b.jsonl"):
            pass


def test_a_mark_that_somebody_removed_is_made_anew(tmp_path: Path) -> None:
    out = tmp_path / "out"
    with hold.Hold(out, tmp_path / "log.jsonl") as it:
        (out / hold.MARK).unlink()
        it.check()
        assert (out / hold.MARK).exists()
        with pytest.raises(OutputError, match="another run"), hold.Hold(out, tmp_path / "b.jsonl"):
            pass
        (out / hold.MARK).unlink()
        with (
            hold.Hold(out, tmp_path / "b.jsonl"),
            pytest.raises(OutputError, match="another run"),
        ):  # it came in between
            it.check()
        it.check()
    assert files(tmp_path) == {}


# Deleting


@pytest.fixture
def published(tmp_path: Path) -> Published:
    original, copy = landed(tmp_path / "in" / "a.jpg", b"original"), landed(tmp_path / "out" / "sub" / "a.jpg", b"copy")
    stamp = stamp_of(original)
    assert stamp is not None
    return Published(original, stamp, digest(b"original"), copy, digest(b"copy"), ("sound", "tags"))


def folders_answer(patch: pytest.MonkeyPatch, number: int) -> None:
    """From now on the disk answers so when it is asked to sync a folder."""
    fsync = os.fsync

    def answers(handle: int) -> None:
        if stat.S_ISDIR(os.fstat(handle).st_mode):
            raise OSError(number, os.strerror(number))
        fsync(handle)

    patch.setattr(publish.os, "fsync", answers)


@pytest.mark.skipif(sys.platform != "linux", reason="/proc")
def test_an_original_goes_after_its_copy_is_on_the_disk(
    published: Published, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    happened = []
    fsync, unlink = os.fsync, Path.unlink

    def syncs(handle: int) -> None:
        happened.append(Path(f"/proc/self/fd/{handle}").readlink().relative_to(tmp_path).as_posix())
        fsync(handle)

    def unlinks(path: Path, missing_ok: bool = False) -> None:
        happened.append(f"deleted {path.name}")
        unlink(path, missing_ok)

    monkeypatch.setattr(publish.os, "fsync", syncs)
    monkeypatch.setattr(Path, "unlink", unlinks)
    delete_original(published, tmp_path / "out")
    assert happened == ["out/sub/a.jpg", "out/sub", "out", "deleted a.jpg"]
    assert files(tmp_path) == {"out/sub/a.jpg": b"copy"}


def test_an_original_is_kept_unless_everything_is_as_it_must_be(
    published: Published, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    original, copy = published.original, published.copy

    def kept(why: str) -> None:
        with pytest.raises(Kept, match=why):
            delete_original(published, tmp_path / "out")
        assert original.is_file()

    with monkeypatch.context() as patch:

        def fails(_: int) -> None:
            raise OSError(errno.EIO, os.strerror(errno.EIO))

        patch.setattr(publish.os, "fsync", fails)
        kept("can't be synced to the disk: input/output error")
    with monkeypatch.context() as patch:
        folders_answer(patch, errno.EIO)
        kept("can't be synced to the disk: input/output error")
    copy.write_bytes(b"cop")
    kept("copy is not there")
    copy.unlink()
    kept("can't be synced to the disk: no such file")
    copy.symlink_to(landed(tmp_path / "elsewhere.jpg", b"copy"))
    kept("copy is not there")
    copy.unlink()
    copy.write_bytes(b"copy")
    with original.open("r+b"):
        if is_written_to(original):  # else nobody can tell here
            kept("has it open for writing")
    with original.open("ab") as file:
        file.write(b"more")
    kept("has changed")
    landed(original, b"original")  # the same bytes, and yet another file
    kept("has changed")
    target = original.rename(tmp_path / "target.jpg")
    original.symlink_to(target)
    kept("is a link")


@pytest.mark.parametrize("number", [errno.EINVAL, errno.ENOTSUP, errno.EBADF, errno.ENOSYS])
def test_a_file_system_that_can_not_sync_folders_keeps_no_original(
    number: int, published: Published, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folders_answer(monkeypatch, number)
    delete_original(published, tmp_path / "out")
    assert files(tmp_path) == {"out/sub/a.jpg": b"copy"}


def test_a_name_that_the_disk_does_not_have_is_taken_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folders_answer(monkeypatch, errno.EIO)
    with pytest.raises(OutputError, match="can't be written \\(input/output error\\)"):
        publish.write_whole(tmp_path / "a.jpg", b"copy")
    assert files(tmp_path) == {}


# One file


def two_pictures(folder: Path) -> Path:
    first, second = (Image.open(io.BytesIO(a_photo(seed))) for seed in (1, 2))
    first.save(folder / "a.jpg", format="MPO", save_all=True, append_images=[second])
    return folder / "a.jpg"


def two_films(folder: Path) -> Path:
    with ExitStack() as stack:
        tracks = [stack.enter_context(av.open(str(a_film(folder.parent / name)))) for name in ("1.mp4", "2.mp4")]
        both = stack.enter_context(av.open(str(folder / "a.mp4"), "w"))
        streams = [both.add_stream_from_template(track.streams.video[0]) for track in tracks]
        for track, stream in zip(tracks, streams, strict=True):
            for packet in track.demux(video=0):
                if packet.dts is not None:
                    packet.stream = stream
                    both.mux(packet)
    return folder / "a.mp4"


def a_motion_photo(folder: Path) -> Path:
    return landed(folder / "a.jpg", a_photo() + a_film(folder.parent / "1.mp4").read_bytes())


@pytest.mark.parametrize("make", [two_pictures, two_films, a_motion_photo])
def test_an_original_that_holds_more_than_its_copy_shows_is_kept(
    make: Callable[[Path], Path], tmp_path: Path, tools: Tools
) -> None:
    (tmp_path / "in").mkdir()
    original = make(tmp_path / "in")
    stamp = stamp_of(original)
    assert stamp is not None
    with hold.Hold(tmp_path / "out", tmp_path / "log.jsonl") as held:
        for is_new in (True, False):  # one that an earlier run did, too
            finished = finisher(tmp_path, held).finish(Job(original, Path()), stamp, tools)
            assert (finished.result.outcome is not None) == is_new, finished
            assert not finished.is_deleted
            assert finished.kept == "it holds further pictures, and its copy leaves them out"
    assert original.exists()


def test_a_copy_in_another_folder_is_none(tmp_path: Path, tools: Tools) -> None:
    original = landed(tmp_path / "in" / "a.jpg", a_photo())
    stamp = stamp_of(original)
    assert stamp is not None
    redact(original, tmp_path / "old" / "a.redacted.jpg", tools=tools)
    settings, sha256 = tools.settings.digest(), digest(a_photo())
    copy = tmp_path / "old" / "a.redacted.jpg"
    earlier = entry(original, sha256, copy).model_copy(
        update={"settings": settings, "output_sha256": digest(copy.read_bytes())}
    )
    append(tmp_path / "log.jsonl", earlier)
    with hold.Hold(tmp_path / "out", tmp_path / "log.jsonl") as held:
        finished = finisher(tmp_path, held).finish(Job(original, Path()), stamp, tools)
    assert finished.is_deleted
    assert finished.result.earlier is None
    assert (tmp_path / "out" / "a.redacted.jpg").exists()


def finisher(folder: Path, held: hold.Hold) -> finishing.Finisher:
    out = folder / "out"
    where = places.Places(out, folder / "receipts", keep_names=False)
    return finishing.Finisher(out, where, log.Log(folder / "log.jsonl", out), held, deletes=True)


def test_a_file_that_changes_until_its_copy_is_published_has_none(
    tmp_path: Path, tools: Tools, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its bytes are whole and in memory, so nothing else would notice."""
    original = landed(tmp_path / "in" / "a.jpg", a_photo(1))
    look = finishing.plan_source

    def looks(source: Source, *others: object) -> Plan:
        plan = look(source, *others)
        landed(original, a_photo(2))
        return plan

    stamp = stamp_of(original)
    assert stamp is not None
    monkeypatch.setattr(finishing, "plan_source", looks)
    with hold.Hold(tmp_path / "out", tmp_path / "log.jsonl") as held:
        finished = finisher(tmp_path, held).finish(Job(original, Path()), stamp, tools)
    assert isinstance(finished.result.error, InputRefused)
    assert finished.has_changed
    assert not finished.is_deleted
    assert files(tmp_path) == {"in/a.jpg": a_photo(2)}


def test_a_copy_that_can_not_have_its_name_leaves_no_receipt(
    tmp_path: Path, tools: Tools, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = landed(tmp_path / "in" / "a.jpg", a_photo())
    stamp = stamp_of(original)
    assert stamp is not None

    def fails(*_: object, **__: object) -> None:
        raise OutputError("out", "can't be written (input/output error)", "Try another disk.")

    with monkeypatch.context() as patch, hold.Hold(tmp_path / "out", tmp_path / "log.jsonl") as held:
        patch.setattr("kerchief.pipeline.publish", fails)
        finished = finisher(tmp_path, held).finish(Job(original, Path()), stamp, tools)
        assert isinstance(finished.result.error, OutputError)
        assert sorted(files(tmp_path)) == sorted(["in/a.jpg", "log.jsonl", "log.jsonl.lock", f"out/{hold.MARK}"])
    with hold.Hold(tmp_path / "out", tmp_path / "log.jsonl") as held:
        finished = finisher(tmp_path, held).finish(Job(original, Path()), stamp, tools)
    assert finished.is_deleted, finished
    left = files(tmp_path)
    assert sorted(left) == ["log.jsonl", "out/a.redacted.jpg", "receipts/a.redacted.jpg.receipt.json"]
    receipt = json.loads(left["receipts/a.redacted.jpg.receipt.json"])
    assert receipt["output"]["sha256"] == digest(left["out/a.redacted.jpg"])
    assert len(left["log.jsonl"].splitlines()) == 2


def test_a_folder_that_is_closed_is_said_so(tmp_path: Path, tools: Tools) -> None:
    original = landed(tmp_path / "in" / "a.jpg", a_photo())
    with hold.Hold(tmp_path / "out", tmp_path / "log.jsonl") as held:
        it = finisher(tmp_path, held)
        (tmp_path / "out").rename(tmp_path / "away")
        finished = it.finish(Job(original, Path()), Stamp(0, 0, 0), tools)
    assert isinstance(finished.result.error, OutputError)
    assert sorted(files(tmp_path)) == [f"away/{hold.MARK}", "in/a.jpg"]


def test_a_log_that_was_begun_anew_is_on_the_disk_with_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced = []
    monkeypatch.setattr("kerchief.batch.worklog.sync_folder", synced.append)
    for _ in range(2):
        append(tmp_path / "log.jsonl", entry(tmp_path / "a.jpg", "1" * 64, tmp_path / "1"))
    assert synced == [tmp_path]
