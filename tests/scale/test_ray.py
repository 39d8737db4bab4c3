"""Runs on a real Ray with two workers: whole, and with a worker or the driver killed in the middle of it."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import fsspec
import pytest
from albums import Copies, album, digests, photos, rows
from processes_of_runs import Run, copies, drafts, until

from kerchief import Tools

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks for processes in /proc")

FAULTY = "import faulty_workers, kerchief.scale.engine as engine; engine.Worker = faulty_workers."
DONE, REFUSED, SET_ASIDE = 4, 5, 6


@pytest.fixture(scope="module")
def expected(tools: Tools, tmp_path_factory: pytest.TempPathFactory) -> Copies:
    return Copies(tools, tmp_path_factory.mktemp("expected"))


Start = Callable[..., Run]


def test_a_run_makes_what_one_process_makes_and_leaves_nothing_else(
    tmp_path: Path, started: Start, expected: Copies
) -> None:
    originals = album(tmp_path / "in", 16)
    (originals / "words.jpg").write_bytes(b"words")
    before = digests(originals)
    run = started("in", "-o", "out", "--receipts", "receipts")
    code, lines, said = run.ends()
    assert (code, len(lines)) == (3, 17), said
    expected.must_be(originals, tmp_path / "out", but_not=("words.jpg",))
    assert digests(originals) == before
    failed = [line for line in lines if line["status"] == "failed"]
    assert [(line["file"], line["exit_code"]) for line in failed] == [("in/words.jpg", 13)]
    for line in lines:
        if line["status"] == "done":
            receipt = json.loads((tmp_path / "receipts" / f"{line['output'][4:]}.receipt.json").read_bytes())
            copy = (tmp_path / line["output"]).read_bytes()
            assert receipt["output"]["sha256"] == hashlib.sha256(copy).hexdigest()
            assert line["covered"] == receipt["applied"]["covered"] >= 1
    # What is said beside the data is ours, and not Ray's.
    first, last = said.splitlines()
    assert first.startswith("kerchief: in/words.jpg: ")
    assert last.startswith("16 of 17 files have a copy that passed the check; 1 refused")
    ledger = rows(tmp_path / "out.ledger.sqlite")
    assert [name for name, state, _, _ in ledger if state == REFUSED] == ["words.jpg"]
    assert sorted(digest for _, state, _, digest in ledger if state == DONE) == digests(tmp_path / "out")
    beside = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.iterdir() if path.is_file()}
    assert beside == dict.fromkeys(("out.ledger.sqlite", "out.report.html", "out.report.json"), 0o600)
    assert json.loads((tmp_path / "out.report.json").read_text())["files"]["done"] == 16
    assert not drafts(tmp_path)
    assert list(run.temporary.iterdir()) == [], "Ray's files lie about"
    assert until(lambda: not run.processes(), 5), run.processes()


def test_a_worker_that_is_killed_loses_and_doubles_nothing(tmp_path: Path, started: Start, expected: Copies) -> None:
    originals = album(tmp_path / "in", 60)
    run = started("in", "-o", "out")
    assert until(lambda: len(copies(tmp_path / "out")) >= 8), run.ends()
    assert [path.stat().st_mode & 0o777 for path in run.temporary.glob("kerchief-r-*")] == [0o700]
    killed = run.workers()[0]
    os.kill(killed, signal.SIGKILL)
    assert until(lambda: killed not in run.workers(), 5), "its decoder process lives on"
    code, lines, said = run.ends()
    assert code == 0, said
    assert sorted(line["file"] for line in lines) == sorted(
        str(p.relative_to(tmp_path)) for p in originals.rglob("*.jpg")
    )
    assert {line["exit_code"] for line in lines} == {0}
    expected.must_be(originals, tmp_path / "out")
    ledger = rows(tmp_path / "out.ledger.sqlite")
    assert {state for _, state, _, _ in ledger} == {DONE}
    assert sorted(digest for _, _, _, digest in ledger) == digests(tmp_path / "out")
    assert max(attempts for _, _, attempts, _ in ledger) <= 2, "who was not begun with has another try for nothing"


def test_a_driver_that_is_killed_is_taken_up_again(tmp_path: Path, started: Start, expected: Copies) -> None:
    originals = album(tmp_path / "in", 60)
    run = started("in", "-o", "out")
    assert until(lambda: len(copies(tmp_path / "out")) >= 8), run.ends()
    run.process.kill()
    assert until(lambda: not run.workers(), 15), "workers live on"
    early = {path: path.read_bytes() for path in copies(tmp_path / "out")}
    assert len(early) < 60, "the kill came too late to prove anything"
    left = tmp_path / "out" / "done" / ".kerchief-left.jpg.part"  # where no further copy is written
    left.parent.mkdir()
    left.write_bytes(b"half")
    refused = started("in", "-o", "out").ends()
    assert refused[0] == 2
    assert "is the ledger of an earlier run. Go on with --resume" in refused[2]
    again = started("in", "-o", "out", "--resume")
    code, lines, said = again.ends()
    assert code == 0, said
    expected.must_be(originals, tmp_path / "out")  # nothing half-written, no drafts
    assert early.items() <= {path: path.read_bytes() for path in copies(tmp_path / "out")}.items()
    ledger = rows(tmp_path / "out.ledger.sqlite")
    assert {state for _, state, _, _ in ledger} == {DONE}
    assert sorted(digest for _, _, _, digest in ledger) == digests(tmp_path / "out")
    assert 60 - len(early) <= len(lines) < 60, "what was written down as done is not done again"
    assert not list(again.temporary.glob("kerchief-r-*")), "the dead run's files of Ray lie about"


def test_a_file_whose_worker_dies_as_it_publishes_is_set_aside(
    tmp_path: Path, started: Start, expected: Copies
) -> None:
    originals = album(tmp_path / "in", 5)
    (originals / "p100-poison.jpg").write_bytes(photos()[0])
    code, _, said = started("in", "-o", "out", before=FAULTY + "DiesLate").ends()
    assert code == 3, said
    expected.must_be(originals, tmp_path / "out", but_not=("p100-poison.jpg",))
    aside = [row[:3] for row in rows(tmp_path / "out.ledger.sqlite") if row[1] != DONE]
    assert aside == [("p100-poison.jpg", SET_ASIDE, 3)]


def test_one_poison_file_among_200_is_set_aside(tmp_path: Path, started: Start, expected: Copies) -> None:
    originals = album(tmp_path / "in", 199)
    (originals / "p100-poison.jpg").write_bytes(photos()[0])
    run = started("in", "-o", "out", before=FAULTY + "Poisoned")
    code, lines, said = run.ends()
    assert code == 3, said
    assert len(lines) == 200
    (failed,) = (line for line in lines if line["status"] == "failed")
    assert (failed["file"], failed["exit_code"]) == ("in/p100-poison.jpg", 70)
    assert "died while it worked on it, 3 times" in failed["problem"]
    expected.must_be(originals, tmp_path / "out", but_not=("p100-poison.jpg",))
    aside = [row[:3] for row in rows(tmp_path / "out.ledger.sqlite") if row[1] != DONE]
    assert aside == [("p100-poison.jpg", SET_ASIDE, 3)]
    report = json.loads((tmp_path / "out.report.json").read_text())
    assert [(Path(one["file"]).name, one["attempts"]) for one in report["refused"]] == [("p100-poison.jpg", 3)]


def test_a_full_disk_ends_the_run_and_it_goes_on_when_there_is_room(
    tmp_path: Path, started: Start, expected: Copies
) -> None:
    originals = album(tmp_path / "in", 30)
    code, lines, said = started("in", "-o", "out", before=FAULTY + "Full").ends()
    assert code == 15, said
    assert "no space" in said
    assert "go on with --resume" in said
    assert {line["exit_code"] for line in lines} == {15}
    assert digests(tmp_path / "out") == []
    code, lines, said = started("in", "-o", "out", "--resume").ends()
    assert (code, len(lines)) == (0, 30), said
    expected.must_be(originals, tmp_path / "out")


def test_ctrl_c_leaves_whole_copies_and_nobody_at_work(tmp_path: Path, started: Start, expected: Copies) -> None:
    originals = album(tmp_path / "in", 60)
    run = started("in", "-o", "out")
    assert until(lambda: len(copies(tmp_path / "out")) >= 8), run.ends()
    os.killpg(run.process.pid, signal.SIGINT)
    code, _, said = run.ends()
    assert code == 130, said
    assert "Traceback" not in said
    assert "interrupted; nothing half-written is left" in said
    assert not drafts(tmp_path)
    assert until(lambda: not run.processes(), 5), run.processes()
    assert list(run.temporary.iterdir()) == []
    there = sorted(copies(tmp_path / "out"))
    assert 8 <= len(there) < 60
    assert json.loads((tmp_path / "out.report.json").read_text())["files"]["left"] > 0
    standing = {(state, attempts) for _, state, attempts, _ in rows(tmp_path / "out.ledger.sqlite")}
    assert {attempts for state, attempts in standing if state != DONE} == {0}, "an interrupt is no attempt"
    assert there == sorted(path for path in (tmp_path / "out").rglob("*") if path.is_file())
    for copy in there:
        original = copy.relative_to(tmp_path / "out").parent / copy.name.replace(".redacted", "")
        expected.must_be_that_of(originals / original, copy)


def test_from_one_bucket_to_another_over_s3(tmp_path: Path, started: Start, expected: Copies, s3: str) -> None:
    originals = album(tmp_path / "album", 20)
    bucket = fsspec.filesystem("s3")
    bucket.put(str(originals), f"{s3}/march", recursive=True)
    words = (f"{s3}/march", "-o", f"{s3}/out", "--receipts", f"{s3}/receipts", "--worklog", f"{s3}/private/run.sqlite")
    run = started(*words)
    assert until(lambda: len(bucket.find(f"{s3}/out")) >= 4), run.ends()
    run.process.kill()
    assert until(lambda: not run.workers(), 15)
    bucket.invalidate_cache()
    assert len(bucket.find(f"{s3}/out")) < 20, "the kill came too late to prove anything"
    for path in tmp_path.glob("run.sqlite*"):
        path.unlink()
    code, lines, said = started(*words, "--resume").ends()
    assert code == 0, said
    assert all(line["output"].startswith(f"{s3}/out/") for line in lines)
    bucket.invalidate_cache()
    bucket.get(f"{s3}/out", str(tmp_path / "out"), recursive=True)
    expected.must_be(originals, tmp_path / "out")
    receipts = sorted(name.rpartition("/receipts/")[2] for name in bucket.find(f"{s3}/receipts"))
    assert receipts == sorted(f"{path.relative_to(tmp_path / 'out')}.receipt.json" for path in copies(tmp_path / "out"))
    # The ledger and the report lie here, and a copy of the ledger where the user said; names of originals nowhere else.
    assert {state for _, state, _, _ in rows(tmp_path / "run.sqlite")} == {DONE}
    bucket.get(f"{s3}/private/run.sqlite", str(tmp_path / "copy.sqlite"))
    assert rows(tmp_path / "copy.sqlite") == rows(tmp_path / "run.sqlite")
    assert (tmp_path / "out.report.html").exists()
    assert {name.split("/")[1] for name in bucket.find(s3)} == {"march", "out", "receipts", "private"}
    assert not [path for path in run.temporary.rglob("*") if path.is_file()], "copies of originals lie about"
