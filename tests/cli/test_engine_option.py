"""``redact --engine ray`` as the user sees it: data and exit codes as of one process, and what its ledger allows.

Workers run in this process; what Ray itself does is seen in ``tests/scale/test_ray.py``.
"""

from __future__ import annotations

import errno
import json
import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import without_ray
from albums import Copies, album, digests, photos, rows
from commands import code, lines, run

from kerchief import Tools
from kerchief.cli import at_scale
from kerchief.errors import ExitCode
from kerchief.pipeline import Outcome, Source
from kerchief.plan.model import Plan
from kerchief.scale import engine, worker
from kerchief.scale.cluster.pool import WorkerLost
from kerchief.scale.tasks import Failed, Finished, Task
from kerchief.scale.worker import Worker
from kerchief.store import publish

WAITING, HANDED, DONE, SET_ASIDE = 0, 1, 4, 6


@pytest.fixture(scope="module")
def expected(tools: Tools, tmp_path_factory: pytest.TempPathFactory) -> Copies:
    return Copies(tools, tmp_path_factory.mktemp("expected"))


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "cluster", without_ray.cluster)
    monkeypatch.chdir(tmp_path)


def ray(*words: object) -> tuple[object, ...]:
    return ("redact", *words, "--engine", "ray")


def test_both_engines_say_the_same_and_make_the_same(tmp_path: Path) -> None:
    originals = album(tmp_path / "in", 7)
    (originals / "words.jpg").write_bytes(b"words")
    (originals / "notes.txt").write_bytes(b"notes")
    (originals / "IMG_20240101_120000.jpg").write_bytes(photos()[1])
    for json_too in ([], ["--json"]):
        said = {}
        for name in ("local", "ray"):
            result = run("redact", "in", "-o", "out", "--receipts", "receipts", "--engine", name, *json_too)
            assert code(result) == 3
            made = digests(tmp_path / "out"), digests(tmp_path / "receipts"), sorted(tmp_path.rglob("*.redacted.jpg"))
            said[name] = sorted(result.stdout.splitlines()), *made
            assert "kerchief: in/words.jpg: " in result.stderr
            for folder in ("out", "receipts"):
                shutil.rmtree(folder)
            for path in tmp_path.glob("out.*"):
                path.unlink()
        assert said["ray"] == said["local"]
        assert len(said["ray"][0]) == 8 + len(json_too), "the file that failed is told on standard output in JSON alone"


@pytest.mark.parametrize("named", ["in/p000.jpg", "./in/p000.jpg", "in/../in/p000.jpg"])
def test_a_file_is_called_as_the_user_calls_it(named: str, tmp_path: Path, expected: Copies) -> None:
    album(tmp_path / "in", 1)
    said = []
    for words in (("redact", named, "-o", "out/", "--json"), ray(named, "-o", "out2/", "--json")):
        (line,) = lines(run(*words))
        said.append((line["file"], line["output"].replace("out2", "out")))
    assert said[0] == said[1]
    assert (tmp_path / "out").is_dir()
    expected.must_be(tmp_path / "in", tmp_path / "out2")


def test_a_single_file_fails_with_its_own_code(tmp_path: Path) -> None:
    (tmp_path / "words.jpg").write_bytes(b"words")
    result = run(*ray("words.jpg", "-o", "out", "--json"))
    assert code(result) == 13
    assert [line["exit_code"] for line in lines(result)] == [13]
    again = run(*ray("words.jpg", "-o", "out", "--resume"))
    assert code(again) == 13, "it was refused, so it is tried again"


def test_what_exists_is_not_overwritten_and_the_rest_is_done(tmp_path: Path, expected: Copies) -> None:
    originals = album(tmp_path / "in", 4)
    theirs = tmp_path / "out" / "p001.redacted.jpg"
    theirs.parent.mkdir()
    theirs.write_bytes(b"theirs")
    result = run(*ray("in", "-o", "out", "--json"))
    assert code(result) == 3
    (failed,) = (line for line in lines(result) if line["status"] == "failed")
    assert (failed["file"], failed["exit_code"], failed["problem"]) == ("in/p001.jpg", 15, "exists already")
    assert theirs.read_bytes() == b"theirs"
    theirs.unlink()
    expected.must_be(originals, tmp_path / "out", but_not=("p001.jpg",))
    result = run(*ray("in", "-o", "out", "--json", "--resume"))
    assert code(result) == 0
    assert [line["file"] for line in lines(result)] == ["in/p001.jpg"]
    expected.must_be(originals, tmp_path / "out")


def test_resume_does_what_is_new_or_changed_or_gone_and_nothing_else(tmp_path: Path, expected: Copies) -> None:
    originals = album(tmp_path / "in", 6)
    assert code(run(*ray("in", "-o", "out", "--receipts", "receipts"))) == 0
    before = {path: path.stat().st_ino for path in (tmp_path / "out").rglob("*.jpg")}
    (originals / "new.jpg").write_bytes(photos()[2])
    (originals / "p000.jpg").write_bytes(photos()[3])
    (tmp_path / "out" / "p001.redacted.jpg").unlink()
    (tmp_path / "receipts" / "p002.redacted.jpg.receipt.json").unlink()
    result = run(*ray("in", "-o", "out", "--receipts", "receipts", "--json", "--resume"))
    assert code(result) == 0, result.stderr
    assert sorted(line["file"] for line in lines(result)) == ["in/new.jpg", "in/p000.jpg", "in/p001.jpg"]
    expected.must_be(originals, tmp_path / "out")
    kept = {path for path, inode in before.items() if path.exists() and path.stat().st_ino == inode}
    assert {path.name for path in kept} >= {f"p00{n}.redacted.jpg" for n in (2, 3, 4, 5)}
    for copy in (tmp_path / "out").glob("*.jpg"):
        receipt = tmp_path / "receipts" / f"{copy.name}.receipt.json"
        if copy.name != "p002.redacted.jpg":
            assert json.loads(receipt.read_bytes())["output"]["sha256"] in digests(tmp_path / "out")
    assert [state for _, state, _, _ in rows(tmp_path / "out.ledger.sqlite")] == [DONE] * 7


@pytest.mark.parametrize(
    ("words", "differs"),
    [
        (["in", "--style", "solid"], "settings"),
        (["in", "--receipts", "receipts"], "receipts"),
        (["in", "--keep-names"], "keep names"),
        (["in/p000.jpg"], "sources"),
    ],
)
def test_a_run_with_other_orders_is_another_run(words: list[str], differs: str, tmp_path: Path) -> None:
    album(tmp_path / "in", 2)
    assert code(run(*ray("in", "-o", "out"))) == 0
    before = digests(tmp_path / "out")
    for more, problem in (
        ([], "is the ledger of an earlier run"),
        (["--resume"], f"with other {differs}"),
    ):
        result = run(*ray(*words, "-o", "out", *more))
        assert code(result) == 2
        assert problem in str(result.exception)
    assert digests(tmp_path / "out") == before
    assert code(run(*ray(*words, "-o", "out2", "--worklog", "elsewhere.sqlite"))) == 0
    assert (tmp_path / "elsewhere.sqlite").exists()


def test_a_ledger_that_another_process_is_at_work_with_is_left_alone(tmp_path: Path) -> None:
    album(tmp_path / "in", 1)
    hold = "import sys, kerchief.scale.cluster.folders as f\nfrom pathlib import Path\n"
    hold += "with f.held(Path(sys.argv[1])): print(); input()"
    command = [sys.executable, "-c", hold, str(tmp_path / "out.ledger.sqlite")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        other.stdout.readline()
        for more in ([], ["--resume"]):
            result = run(*ray("in", "-o", "out", *more))
            assert code(result) == 2
            assert "another process is at work with it" in str(result.exception)
        other.kill()
    assert code(run(*ray("in", "-o", "out"))) == 0
    assert not list(tmp_path.glob("*-lock"))


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (["redact", "in", "--engine", "ray"], "needs a folder for the copies"),
        (["redact", "gone", "-o", "out", "--engine", "ray"], "does not exist"),
        (["redact", "in", "-o", "out", "--engine", "ray", "--address", "ray://head:10001"], "not a host and a port"),
        (["redact", "in", "-o", "http://a/b", "--engine", "ray"], "http"),
        (["redact", "in", "-o", "s3://bucket", "--engine", "ray"], "nothing can lie beside it"),
        (["redact", "in", "-o", "out", "--address", "auto"], "is for --engine ray"),
        (["redact", "in", "-o", "out", "--jobs", "65"], "too many for one process"),
        (["redact", "in", "-o", "out", "--engine", "ray", "--jobs", "10001"], "more than 10,000 are too many"),
        (["redact", "in", "-o", "out", "--engine", "ray", "--worklog", "s3://bucket"], "names no file"),
        (["redact", "in", "-o", "out", "--worklog", "s3://bucket/a"], "is a URL"),
        (["redact", "s3://bucket/a", "-o", "out"], "is a URL"),
        (["redact", "in", "-o", "s3://bucket/a"], "is a URL"),
    ],
)
def test_a_slip_in_the_command_is_told_before_anything_happens(
    words: list[str], problem: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    monkeypatch.chdir(tmp_path)
    album(tmp_path / "in", 1)
    result = run(*words)
    assert code(result) == 2
    assert problem in str(result.exception)
    assert [path.name for path in tmp_path.iterdir()] == ["in"]


def test_without_ray_the_next_step_is_to_install_it(tmp_path: Path) -> None:
    album(tmp_path / "in", 1)
    (tmp_path / "ray.py").write_text("raise ImportError")
    program = "from kerchief.cli.main import main; main()"
    command = [sys.executable, "-c", program, *ray("in", "-o", "out")]
    environment = os.environ | {"PYTHONPATH": str(tmp_path)}
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False, env=environment)
    assert (done.returncode, done.stdout) == (2, "")
    assert "Ray is not installed. Install it: pip install 'kerchief[ray]'" in done.stderr
    assert not list(tmp_path.glob("out*"))


def test_a_fault_of_our_own_is_tried_again_and_then_set_aside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With one file in it that meets it always, and one that meets it once."""
    seen: list[str] = []
    real = worker.plan_source

    def faulty(source: Source, tools: Tools) -> Plan:
        name = source.path.name
        seen.append(name)
        if name == "p001.jpg" or (name == "p002.jpg" and seen.count(name) == 1):
            raise ZeroDivisionError
        return real(source, tools)

    monkeypatch.setattr(worker, "plan_source", faulty)
    album(tmp_path / "in", 4)
    result = run(*ray("in", "-o", "out", "--json"))
    assert code(result) == 3
    (failed,) = (line for line in lines(result) if line["status"] == "failed")
    assert (failed["file"], failed["exit_code"]) == ("in/p001.jpg", 70)
    assert "ZeroDivisionError" in failed["problem"]
    tried = {name: (state, attempts) for name, state, attempts, _ in rows(tmp_path / "out.ledger.sqlite")}
    assert tried == {"p000.jpg": (DONE, 1), "p001.jpg": (SET_ASIDE, 3), "p002.jpg": (DONE, 2), "p003.jpg": (DONE, 1)}
    monkeypatch.setattr(worker, "plan_source", real)
    again = run(*ray("in", "-o", "out", "--json", "--resume"))
    assert (code(again), again.stdout) == (3, ""), "what was set aside stays aside"


class Mortal(Worker):
    """Dies of some files."""

    def redact(self, tasks: tuple[Task, ...]) -> tuple[Finished | Failed, ...]:
        came: tuple[Finished | Failed, ...] = ()
        for task in tasks:
            if "-early." in task.source:
                raise WorkerLost
            if "-poison." in task.source:
                self._notary.begin(task.number)
                raise WorkerLost
            came += super().redact((task,))
        return came

    def _announce(self, file: Any, outcome: Outcome) -> None:
        super()._announce(file, outcome)
        if "-late." in str(file.target):
            raise WorkerLost


class Mute(Worker):
    """Does its work, and its answer never arrives."""

    def redact(self, tasks: tuple[Task, ...]) -> tuple[Finished | Failed, ...]:
        assert all(isinstance(one, Finished) for one in super().redact(tasks))
        raise ConnectionError


def test_copies_whose_worker_never_answered_are_found_and_not_made_twice(
    tmp_path: Path, expected: Copies, monkeypatch: pytest.MonkeyPatch
) -> None:
    originals = album(tmp_path / "in", 3)
    monkeypatch.setattr(engine, "Worker", Mute)
    result = run(*ray("in", "-o", "out", "--receipts", "receipts"))
    assert code(result) == 70
    monkeypatch.setattr(engine, "Worker", Worker)
    made = {path: path.stat().st_ino for path in (tmp_path / "out").rglob("*.jpg")}
    assert made
    result = run(*ray("in", "-o", "out", "--receipts", "receipts", "--resume", "--json"))
    assert code(result) == 0
    skipped = {line["output"] for line in lines(result) if line["status"] == "skipped"}
    assert skipped == {str(path.relative_to(tmp_path)) for path in made}
    expected.must_be(originals, tmp_path / "out")
    assert {path: path.stat().st_ino for path in made} == made


def test_a_full_disk_ends_the_run_with_15(tmp_path: Path, expected: Copies, monkeypatch: pytest.MonkeyPatch) -> None:
    originals = album(tmp_path / "in", 20)

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(publish, "_name_exclusively", full)
        result = run(*ray("in", "-o", "out", "--json"))
    assert code(result) == 15
    assert "8 files in a row failed" in str(result.exception)
    assert 8 <= len(lines(result)) < 20
    assert digests(tmp_path / "out") == []
    assert code(run(*ray("in", "-o", "out", "--resume"))) == 0
    expected.must_be(originals, tmp_path / "out")


def test_a_replacement_that_was_broken_off_is_made_up_for(
    tmp_path: Path, expected: Copies, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twice, and the second time of another content: the old copy makes way all the same."""
    originals = album(tmp_path / "in", 1)
    words = ray("in", "-o", "out", "--receipts", "receipts", "--resume")
    assert code(run(*words)) == 0

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    for other in (1, 2):
        (originals / "p000.jpg").write_bytes(photos()[other])
        with monkeypatch.context() as patch:
            patch.setattr(publish, "sync_folder", full)
            patch.setattr(publish.Path, "replace", full)
            assert code(run(*words)) == 15
    assert code(run(*words)) == 0
    expected.must_be(originals, tmp_path / "out")
    (receipt,) = (tmp_path / "receipts").iterdir()
    assert json.loads(receipt.read_bytes())["output"]["sha256"] in digests(tmp_path / "out")


@pytest.mark.parametrize("ending", ["json", "html"])
def test_what_is_no_report_is_not_taken_for_one(ending: str, tmp_path: Path) -> None:
    album(tmp_path / "in", 1)
    theirs = tmp_path / f"out.report.{ending}"
    theirs.write_bytes(b"{}")
    result = run(*ray("in", "-o", "out"))
    assert code(result) == 2
    assert f"out.report.{ending}: is in the way of the report" in str(result.exception)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in", theirs.name]
    assert theirs.read_bytes() == b"{}"


def test_a_copy_or_receipt_whose_name_would_be_too_long_is_refused_before_the_work(
    tmp_path: Path, expected: Copies
) -> None:
    originals = album(tmp_path / "in", 2)
    too_long = [f"{'n' * count}.jpg" for count in (250, 240)]
    for name in too_long:
        (originals / name).write_bytes(photos()[0])
    result = run(*ray("in", "-o", "out", "--receipts", "receipts", "--json"))
    assert code(result) == 3
    failed = {line["file"]: line for line in lines(result) if line["status"] == "failed"}
    assert sorted(failed) == sorted(f"in/{name}" for name in too_long)
    assert {(line["exit_code"], line["problem"]) for line in failed.values()} == {
        (15, "the name of the copy would be too long")
    }
    expected.must_be(originals, tmp_path / "out", but_not=tuple(too_long))


def test_a_worker_that_dies_of_a_file_at_whatever_moment_dies_three_times(tmp_path: Path, expected: Copies) -> None:
    """Before it begins with it, before it publishes, and when it has said that it will."""
    originals = album(tmp_path / "in", 6)
    names = ("p000-early.jpg", "p001-poison.jpg", "p002-late.jpg")
    for name in names:
        (originals / name).write_bytes(photos()[0])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine, "Worker", Mortal)
        result = run(*ray("in", "-o", "out", "--json"))
    assert code(result) == 3, result.stderr
    failed = [line for line in lines(result) if line["status"] == "failed"]
    assert sorted((line["file"], line["exit_code"]) for line in failed) == [(f"in/{name}", 70) for name in names]
    expected.must_be(originals, tmp_path / "out", but_not=names)
    ledger = {name: (state, attempts) for name, state, attempts, _ in rows(tmp_path / "out.ledger.sqlite")}
    assert [ledger[name] for name in names] == [(SET_ASIDE, 0), (SET_ASIDE, 3), (SET_ASIDE, 3)]


def test_workers_that_all_die_before_they_begin_end_the_run_and_no_file_is_blamed(
    tmp_path: Path, expected: Copies, monkeypatch: pytest.MonkeyPatch
) -> None:
    originals = album(tmp_path / "in", 5)
    hired = []

    class Stillborn(Worker):
        def __init__(self, *args: Any) -> None:
            hired.append(args)
            super().__init__(*args)

        def redact(self, tasks: tuple[Task, ...]) -> tuple[Finished | Failed, ...]:
            raise WorkerLost

    with monkeypatch.context() as patch:
        patch.setattr(engine, "Worker", Stillborn)
        result = run(*ray("in", "-o", "out"))
    assert code(result) == 70
    assert "one worker process after the other died, and none had a result or began with a file" in str(
        result.exception
    )
    assert len(hired) <= 11
    assert {state for _, state, _, _ in rows(tmp_path / "out.ledger.sqlite")} <= {WAITING, HANDED}
    assert code(run(*ray("in", "-o", "out", "--resume"))) == 0
    expected.must_be(originals, tmp_path / "out")


def test_without_a_notary_nobody_is_hired(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    album(tmp_path / "in", 1)

    def never(*_: object) -> None:
        raise WorkerLost

    monkeypatch.setattr(engine, "LedgerNotary", never)
    monkeypatch.setattr(engine, "Worker", None)
    result = run(*ray("in", "-o", "out"))
    assert code(result) == 15
    assert "out.ledger.sqlite: the process that writes the ledger did not start" in str(result.exception)


@pytest.mark.parametrize(
    ("total", "refused", "left", "exits"), [(2, 0, 1, 3), (1, 0, 1, 3), (1, 1, 0, 13), (2, 0, 0, 0)]
)
def test_what_is_left_is_not_done(total: int, refused: int, left: int, exits: int) -> None:
    files = SimpleNamespace(total=total, refused=refused, set_aside=0, left=left)
    assert at_scale._exit_code(SimpleNamespace(files=files), [ExitCode.INPUT_REFUSED]) == exits  # type: ignore[arg-type]


def test_an_empty_folder_leaves_no_ledger(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    result = run(*ray("in", "-o", "out"))
    assert (code(result), result.stdout) == (0, "")
    assert [path.name for path in tmp_path.iterdir()] == ["in"]
    assert result.stderr == "0 of 0 files done\n", "it would look as if all had been done"


def test_a_name_that_cannot_be_written_down_is_told(tmp_path: Path) -> None:
    album(tmp_path / "in", 1)
    (tmp_path / "in" / os.fsdecode(b"caf\xe9.jpg")).write_bytes(photos()[0])
    result = run(*ray("in", "-o", "out", "--json"))
    assert code(result) == 3
    assert sorted(line["exit_code"] for line in lines(result)) == [0, 13]


def test_the_ledger_is_private_and_so_is_the_report(tmp_path: Path) -> None:
    album(tmp_path / "in", 1)
    assert code(run(*ray("in", "-o", "out"))) == 0
    assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir() if path.is_file()} == {0o600}
    with sqlite3.connect(tmp_path / "out.ledger.sqlite") as db:
        assert db.execute("SELECT count(*) FROM file").fetchone() == (1,)
    db.close()
