"""``kerchief watch`` as its users run it: a process of its own, real files that land in all kinds of ways."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from watch_runs import IN_PARTS, a_film, a_photo, digest, files, landed, until, watching

from kerchief import Tools, redact
from kerchief.live.folder.hold import MARK
from kerchief.live.folder.stamps import is_written_to

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals")

#: Several looks at the folder, and more than a file must rest.
A_WHILE = 1.0


def covered(data: bytes, tools: Tools, folder: Path, suffix: str = ".jpg") -> bytes:
    """The copy that ``redact`` makes of a file."""
    folder = folder / f"as-redacted-{digest(data)[:8]}"
    original = landed(folder / f"a{suffix}", data)
    copy = folder / f"b{suffix}"
    return copy.read_bytes() if copy.exists() else redact(original, copy, tools=tools).output.read_bytes()


def copies(folder: Path) -> dict[str, bytes]:
    """All that lies in the output folder but what tells that it is watched for."""
    return {name: data for name, data in files(folder / "out").items() if name != MARK}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "in").mkdir()
    return tmp_path


def test_what_is_there_and_what_lands_is_covered_as_redact_covers_it(folder: Path, tools: Tools) -> None:
    landed(folder / "in" / "before.jpg", a_photo(1))
    landed(folder / "in" / "deep" / "deeper" / "IMG_20240131_101500.jpg", a_photo(2))
    with watching(folder, "--receipts", "receipts") as run:
        run.until_caught_up()
        assert len(copies(folder)) == 2
        film = landed(folder / "in" / "new" / "film.mp4", a_film(folder / "film.mp4").read_bytes())
        landed(folder / "in" / "raw.cr2", b"II*\0 something")
        landed(folder / "in" / "words.txt", b"words")
        run.until(lambda: run.of("film.mp4") and run.of("raw.cr2"))
        assert run.stop() == 0
    assert {line["file"]: line["status"] for line in run.lines} == {
        "in/before.jpg": "done",
        "in/deep/deeper/IMG_20240131_101500.jpg": "done",
        "in/new/film.mp4": "done",
        "in/raw.cr2": "failed",
    }
    assert copies(folder) == {
        "before.redacted.jpg": covered(a_photo(1), tools, folder),
        "deep/deeper/photo-1.redacted.jpg": covered(a_photo(2), tools, folder),
        "new/film.redacted.mp4": covered(film.read_bytes(), tools, folder, ".mp4"),
    }
    assert sorted(files(folder / "receipts")) == [f"{name}.receipt.json" for name in sorted(copies(folder))]
    assert sorted(files(folder / "in")) == sorted(
        ["before.jpg", "deep/deeper/IMG_20240131_101500.jpg", "new/film.mp4", "raw.cr2", "words.txt"]
    ), "originals are kept"
    assert "3 files done, 1 failed; nothing half-written is left" in run.said


def test_a_file_that_is_written_in_parts_is_not_touched_before_it_is_whole(folder: Path, tools: Tools) -> None:
    data, slow = a_photo(), folder / "in" / "slow.jpg"
    with watching(folder, *IN_PARTS) as run:
        run.until_caught_up()
        slow.touch()
        for start in range(0, len(data), len(data) // 9):
            time.sleep(0.4)  # each part closes the file, so only its changes tell
            with slow.open("ab") as file:
                file.write(data[start : start + len(data) // 9])
            assert copies(folder) == {}
            assert run.lines == []
        run.until(lambda: run.of("slow.jpg"))
        assert run.stop() == 0
    assert run.of("slow.jpg") == ["done"], run.said
    assert copies(folder) == {"slow.redacted.jpg": covered(data, tools, folder)}


def test_a_file_that_a_program_has_open_is_waited_for_however_long_it_pauses(folder: Path, tools: Tools) -> None:
    data, slow = a_photo(), folder / "in" / "slow.jpg"
    with watching(folder, *IN_PARTS) as run:
        run.until_caught_up()
        with slow.open("wb") as file:
            file.write(data[:5000])
            file.flush()
            if not is_written_to(slow):
                pytest.skip("nobody can tell here")
            landed(folder / "in" / "other.jpg", a_photo(2))
            run.until(lambda: run.of("other.jpg"))
            time.sleep(A_WHILE)
            assert run.of("slow.jpg") == [], "it would have been refused as cut off"
            file.write(data[5000:])
        run.until(lambda: run.of("slow.jpg"))
        assert run.stop() == 0
    assert run.of("slow.jpg") == ["done"], run.said
    assert copies(folder)["slow.redacted.jpg"] == covered(data, tools, folder)


def test_a_file_under_a_name_of_its_upload_is_left_alone(folder: Path) -> None:
    uploads = {".a.jpg": "a.jpg", "b.jpg.part": "b.jpg", "c.jpg.crdownload": "c.jpg", "d.jpg.tmp": "d.jpg"}
    for name in uploads:
        (folder / "in" / name).write_bytes(a_photo())
    with watching(folder) as run:
        run.until_caught_up()
        time.sleep(A_WHILE)
        assert run.lines == []
        for name, whole in uploads.items():
            (folder / "in" / name).rename(folder / "in" / whole)
        run.until(lambda: len(run.lines) == len(uploads))
    assert {line["status"] for line in run.lines} == {"done"}
    assert list(copies(folder)) == [f"{letter}.redacted.jpg" for letter in "abcd"]


def test_a_file_that_is_cut_off_is_told_once_and_done_when_it_is_whole(folder: Path, tools: Tools) -> None:
    data, cut = a_photo(), folder / "in" / "cut.jpg"
    cut.write_bytes(data[:5000])
    landed(folder / "in" / "other.jpg", a_photo(2))
    with watching(folder, *IN_PARTS, "--delete-original", "--yes") as run:
        run.until(lambda: run.of("cut.jpg") and run.of("other.jpg"))
        assert run.of("other.jpg") == ["done"], "one refused file stops nothing"
        time.sleep(A_WHILE)
        assert run.of("cut.jpg") == ["failed"]
        with cut.open("ab") as file:
            file.write(data[5000:9000])
        time.sleep(3 * A_WHILE)  # tried again, and cut off still
        assert cut.read_bytes() == data[:9000], "what was refused is never deleted"
        with cut.open("ab") as file:
            file.write(data[9000:])
        run.until(lambda: "done" in run.of("cut.jpg"))
        assert run.stop() == 0
    assert run.of("cut.jpg") == ["failed", "done"]
    assert run.said.count("cut off") == 1
    assert copies(folder)["cut.redacted.jpg"] == covered(data, tools, folder)
    assert files(folder / "in") == {}


def test_the_output_folder_may_lie_in_the_watched_one(folder: Path) -> None:
    landed(folder / "in" / "a.jpg", a_photo())
    landed(folder / "in" / "old.redacted.jpg", a_photo())
    inside = ("-o", "in/out", "--worklog", "in/log.jsonl", "--receipts", "in/receipts", "--keep-names")
    with watching(folder, *inside) as run:
        run.until_caught_up()
        landed(folder / "in" / "sub" / "b.jpg", a_photo(2))
        run.until(lambda: run.of("b.jpg"))
        time.sleep(A_WHILE)
        assert run.stop() == 0
    assert [line["file"] for line in run.lines] == ["in/a.jpg", "in/sub/b.jpg"]
    assert [name for name in files(folder / "in" / "out") if name.endswith("jpg")] == [
        "a.redacted.jpg",
        "sub/b.redacted.jpg",
    ]


def test_what_changes_is_a_new_file_and_what_only_seems_to_is_none(folder: Path, tools: Tools) -> None:
    original = landed(folder / "in" / "a.jpg", a_photo(1))
    with watching(folder) as run:
        run.until_caught_up()
        original.touch()
        run.until(lambda: len(run.of("a.jpg")) == 2)
        landed(original, a_photo(2))
        run.until(lambda: len(run.of("a.jpg")) == 3)
        landed(folder / "in" / "other.jpg", a_photo(1))  # the same bytes under another name
        run.until(lambda: run.of("other.jpg"))
        assert run.stop() == 0
    assert run.of("a.jpg") == ["done", "skipped", "done"]
    first, second = covered(a_photo(1), tools, folder), covered(a_photo(2), tools, folder)
    assert copies(folder) == {"a.redacted.jpg": first, "a-2.redacted.jpg": second, "other.redacted.jpg": first}
    with watching(folder) as run:
        run.until_caught_up()
        assert run.stop() == 0
    assert {line["status"] for line in run.lines} == {"skipped"}
    assert len(copies(folder)) == 3
    (folder / "out" / "a-2.redacted.jpg").unlink()
    with watching(folder) as run:
        run.until_caught_up()
        assert run.stop() == 0
    assert run.of("a.jpg") == ["done"], "its copy is gone, so it is done again"
    assert copies(folder)["a-2.redacted.jpg"] == second


def test_a_folder_that_goes_is_waited_for(folder: Path) -> None:
    landed(folder / "in" / "a.jpg", a_photo(1))
    with watching(folder) as run:
        run.until_caught_up()
        (folder / "in").rename(folder / "away")
        run.until(lambda: "in: the folder can't be read (no such file or directory); it is waited for" in run.said)
        time.sleep(1)
        landed(folder / "away" / "b.jpg", a_photo(2))
        (folder / "away").rename(folder / "in")
        run.until(lambda: run.of("b.jpg"))
        time.sleep(A_WHILE)
        assert run.stop() == 0
    assert run.said.count("can't be read") == run.said.count("is there again") == 1
    assert (run.of("a.jpg"), run.of("b.jpg")) == (["done"], ["done"])


def test_an_output_folder_that_goes_is_waited_for_and_not_made_anew(folder: Path) -> None:
    soon = "import kerchief.live.folder.landing as l; l.FIRST_PAUSE = 0.5"
    with watching(folder, "--delete-original", "--yes", before=soon) as run:
        run.until_caught_up()
        (folder / "out").rename(folder / "away")
        for name in ("a.jpg", "b.jpg"):
            landed(folder / "in" / name, a_photo())
        run.until(lambda: run.of("a.jpg") and run.of("b.jpg"))
        time.sleep(A_WHILE)  # tried several times
        assert not (folder / "out").exists()
        assert sorted(files(folder / "in")) == ["a.jpg", "b.jpg"]
        (folder / "away").rename(folder / "out")
        run.until(lambda: files(folder / "in") == {})
        assert run.stop() == 0
    assert (run.of("a.jpg"), run.of("b.jpg")) == (["failed", "done"],) * 2
    assert {line["exit_code"] for line in run.lines} == {15, 0}
    assert sorted(copies(folder)) == ["a.redacted.jpg", "b.redacted.jpg"]


def test_a_second_run_on_the_same_folder_or_log_is_refused(folder: Path) -> None:
    with watching(folder) as run:
        run.until_caught_up()
        with watching(folder, "-o", "other", "--worklog", "out.worklog.jsonl") as second:
            assert second.ended() == 15
        assert "another run of `kerchief watch` is at work here" in second.said
        landed(folder / "in" / "a.jpg", a_photo())
        run.until(lambda: run.of("a.jpg"))
        run.process.kill()
        run.ended()
        with watching(folder) as second:
            second.until_caught_up()
            assert second.stop() == 0
    assert second.of("a.jpg") == ["skipped"]


@pytest.mark.skipif(sys.platform != "linux", reason="/proc")
def test_it_stops_when_it_is_asked_to_and_leaves_nothing_half_written(folder: Path) -> None:
    landed(folder / "in" / "a.jpg", a_photo())
    with watching(folder) as run:
        run.until_caught_up()
        landed(folder / "in" / "film.mp4", a_film(folder / "film.mp4", 300).read_bytes())
        run.until(lambda: list((folder / "out").glob(".kerchief-*.part")))
        children = Path(f"/proc/{run.process.pid}/task/{run.process.pid}/children").read_text(encoding="ascii").split()
        assert len(children) == 2, "the test would prove nothing"
        assert run.stop() == 0
    assert "1 file done; nothing half-written is left" in run.said
    assert "Traceback" not in run.said
    assert run.of("film.mp4") == []
    assert list(files(folder / "out")) == ["a.redacted.jpg"]
    assert not (folder / "out.worklog.jsonl.lock").exists()
    until(lambda: not any(Path(f"/proc/{child}").exists() for child in children), 5)


def test_a_long_film_does_not_hold_up_what_lands_meanwhile(folder: Path) -> None:
    landed(folder / "in" / "film.mp4", a_film(folder / "film.mp4", 300).read_bytes())
    with watching(folder) as run:
        run.until(lambda: list((folder / "out").glob(".kerchief-*.part")))
        landed(folder / "in" / "a.jpg", a_photo())
        run.until(lambda: run.of("a.jpg"))
        assert run.of("film.mp4") == [], "the film was too short to prove anything"


def test_what_an_earlier_run_did_comes_last(folder: Path) -> None:
    for name in ("a.jpg", "b.jpg"):
        landed(folder / "in" / name, a_photo())
    with watching(folder) as run:
        run.until_caught_up()
    landed(folder / "in" / "z.jpg", a_photo())
    with watching(folder, "--jobs", 1) as run:
        run.until_caught_up()
    assert [(line["file"], line["status"]) for line in run.lines] == [
        ("in/z.jpg", "done"),
        ("in/a.jpg", "skipped"),
        ("in/b.jpg", "skipped"),
    ]


def test_a_name_that_is_no_text_stops_nothing(folder: Path) -> None:
    odd = os.fsdecode(b"caf\xe9.jpg")
    landed(folder / "in" / odd, a_photo())
    landed(folder / "in" / "z.jpg", a_photo())
    with watching(folder, "--jobs", 1) as run:
        run.until(lambda: run.of(odd) and run.of("z.jpg"))
        assert run.stop() == 0
    assert (run.of(odd), run.of("z.jpg")) == (["failed"], ["done"])
    assert "is not UTF-8" in run.said


# Deleting


def test_a_film_must_rest_for_longer_where_originals_go(folder: Path) -> None:
    """It may be half of an upload that pauses between two frames."""
    film = landed(folder / "in" / "film.mp4", a_film(folder / "film.mp4").read_bytes())
    landed(folder / "in" / "a.jpg", a_photo())
    with watching(folder, "--delete-original", "--yes") as run:
        run.until(lambda: run.of("a.jpg"))
        time.sleep(A_WHILE)
        assert run.stop() == 0
    assert run.of("film.mp4") == []
    assert film.exists()


def test_originals_go_only_when_that_is_wanted_and_their_copy_is_there(folder: Path, tools: Tools) -> None:
    landed(folder / "in" / "a.jpg", a_photo(1))
    landed(folder / "in" / "cut.jpg", a_photo(2)[:5000])
    linked = landed(folder / "elsewhere.jpg", a_photo(3))
    (folder / "in" / "link.jpg").symlink_to(linked)
    with watching(folder) as run:
        run.until(lambda: len(run.lines) == 3)
        assert run.stop() == 0
    assert not any(line["original_deleted"] for line in run.lines)
    assert sorted(p.name for p in (folder / "in").iterdir()) == ["a.jpg", "cut.jpg", "link.jpg"]
    with watching(folder, "--delete-original", "--yes") as run:
        run.until(lambda: len(run.lines) == 3)
        landed(folder / "in" / "b.jpg", a_photo(4))
        run.until(lambda: run.of("b.jpg"))
        assert run.stop() == 0
    assert "nothing brings them back" in run.said
    assert "link.jpg: the original was not deleted (it is a link)" in run.said
    deleted = {Path(line["file"]).name: line["original_deleted"] for line in run.lines}
    assert deleted == {"a.jpg": True, "b.jpg": True, "cut.jpg": False, "link.jpg": False}
    assert sorted(p.name for p in (folder / "in").iterdir()) == ["cut.jpg", "link.jpg"]
    assert linked.read_bytes() == a_photo(3)
    assert copies(folder) == {
        "a.redacted.jpg": covered(a_photo(1), tools, folder),
        "b.redacted.jpg": covered(a_photo(4), tools, folder),
        "link.redacted.jpg": covered(a_photo(3), tools, folder),
    }


@pytest.mark.parametrize(("answer", "code"), [("n", 2), ("y", 0)])
def test_deleting_is_asked_about_once_where_there_is_a_terminal(answer: str, code: int, folder: Path) -> None:
    import pty
    from select import select

    landed(folder / "in" / "a.jpg", a_photo())
    terminal, end = pty.openpty()
    script = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"  # a test runner may ignore it
    script += "from kerchief.cli.main import main; main()"
    words = ("watch", "in", "-o", "out", "--delete-original", "--settle", "0.5")
    process = subprocess.Popen([sys.executable, "-c", script, *words], cwd=folder, stdin=end, stdout=end, stderr=end)
    os.close(end)
    said = b""

    def read_until(happens: Callable[[], bool]) -> None:
        nonlocal said
        while not happens():
            assert select([terminal], [], [], 60)[0], said
            try:
                said += os.read(terminal, 4096)
            except OSError:  # it ended
                return

    try:
        read_until(lambda: b"Delete them?" in said)
        assert files(folder / "in") != {}
        assert not (folder / "out").exists(), "nothing is begun before the answer"
        os.write(terminal, answer.encode() + b"\n")
        if answer == "y":
            read_until(lambda: b"waiting for new files" in said)
            assert b"original deleted" in said
            process.send_signal(signal.SIGINT)
        read_until(lambda: False)
        assert process.wait(60) == code, said
    finally:
        process.kill()
        process.wait()
        os.close(terminal)
    assert said.count(b"Delete them?") == 1
    assert (files(folder / "in") == {}) == (answer == "y")


# Wrong usage


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("in", "-o", "in"), "in: is the watched folder"),
        (("in", "-o", "."), ".: holds the watched folder"),
        (("in", "-o", "link"), "link: is the watched folder"),
        (("none", "-o", "out"), "none: does not exist"),
        (("a.jpg", "-o", "out"), "a.jpg: is no folder"),
        (("in", "-o", "a.jpg"), "a.jpg: is no folder"),
        (("s3://in", "-o", "out"), "s3://in: is a URL"),
        (("in", "-o", "s3://out"), "s3://out: is a URL"),
        (("in", "-o", "out", "--style", "fog"), "--style: there is no style fog"),
        (("in", "-o", "out", "--yes"), "--yes: answers a question that is not asked"),
        (("in", "-o", "out", "--delete-original"), "--delete-original: asks first, and there is nobody to ask"),
    ],
)
def test_wrong_usage_is_said_before_anything_is_done(
    words: tuple[str, ...], says: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from commands import code, run

    monkeypatch.chdir(folder)
    (folder / "a.jpg").write_bytes(b"x")
    (folder / "link").symlink_to("in")
    result = run("watch", *words)
    assert code(result) == 2
    assert says in str(result.exception)
    assert sorted(p.name for p in folder.iterdir()) == ["a.jpg", "in", "link"]


def test_a_log_that_is_none_ends_the_run_with_15(folder: Path) -> None:
    landed(folder / "notes.txt", b"my notes\n")
    with watching(folder, "--worklog", "notes.txt") as run:
        assert run.ended() == 15
    assert "notes.txt: is not a worklog of kerchief" in run.said
    assert (folder / "notes.txt").read_bytes() == b"my notes\n"
    assert not (folder / "notes.txt.lock").exists()
