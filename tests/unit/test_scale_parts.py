"""Small parts of a run beyond one machine: how many photos go together, and locks that end with their process."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from ledgers import RUN, found

from kerchief.errors import OutputError, UsageError, WeightsError
from kerchief.scale import keeper
from kerchief.scale.batches import FIRST, MOST, SECONDS, Batches, is_film
from kerchief.scale.cluster import folders
from kerchief.scale.cluster.folders import held, private_folder
from kerchief.scale.engine import _digest
from kerchief.scale.keeper import Keeper
from kerchief.scale.ledger.ledger import Ledger, Run
from kerchief.scale.ledger.snapshots import Kept, restore, save
from kerchief.scale.lister import Lister
from kerchief.scale.storage import Place
from kerchief.scale.tasks import Task
from kerchief.settings import Settings


def test_a_batch_is_some_seconds_of_work() -> None:
    batches = Batches(workers=4)
    assert batches.size(None) == FIRST
    batches.note(2, 2 * 0.25)
    assert batches.size(None) == SECONDS / 0.25
    for _ in range(50):
        batches.note(8, 8 * 0.01)
    assert batches.size(None) == MOST
    for _ in range(50):
        batches.note(1, 30.0)
    assert batches.size(None) == 1


def test_towards_the_end_batches_are_small_enough_for_all_workers() -> None:
    batches = Batches(workers=4)
    batches.note(100, 1.0)
    sizes = []
    left = 200
    while left:
        sizes.append(batches.size(left))
        left -= sizes[-1]
    assert sizes[0] == MOST
    assert sizes[-8:] == [1] * 8
    assert sizes == sorted(sizes, reverse=True)


@pytest.mark.parametrize(("name", "film"), [("/a/b.MP4", True), ("s3://b/c.d/e.mov", True), ("/a.mp4/b.jpg", False)])
def test_films_are_told_by_their_names(name: str, film: bool) -> None:
    assert is_film(Task(1, name, "/out", None, 1)) is film


def test_a_private_folder_is_gone_at_the_end_and_those_of_dead_processes_with_the_next(tmp_path: Path) -> None:
    make = (
        "import os, signal, sys, pathlib\n"
        "from kerchief.scale.cluster.folders import private_folder\n"
        "with private_folder('k-', pathlib.Path(sys.argv[1])) as folder:\n"
        "    (folder / 'original.jpg').write_bytes(b'1')\n"
        "    print(folder, flush=True)\n"
        "    input()\n"
    )
    command = [sys.executable, "-c", make, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        theirs = Path(other.stdout.readline().strip())
        with private_folder("k-", tmp_path) as ours:
            assert ours.stat().st_mode & 0o777 == 0o700
            assert (theirs / "original.jpg").exists(), "it is at work"
        assert not ours.exists()
        other.kill()
        other.wait()
        assert theirs.exists()
        (tmp_path / "k-link").symlink_to(theirs)
        with private_folder("k-", tmp_path):
            assert not theirs.exists()
    assert [path.name for path in tmp_path.iterdir()] == ["k-link"]


def test_a_folder_that_a_neighbour_sweeps_before_it_is_locked_is_made_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock, swept = folders.lock, []

    def late(handle: int) -> bool:
        if not swept:
            swept.extend(tmp_path.iterdir())
            shutil.rmtree(swept[0])
        return lock(handle)

    monkeypatch.setattr(folders, "lock", late)
    with private_folder("k-", tmp_path) as folder:
        assert folder.is_dir()
        assert [folder] == list(tmp_path.iterdir()) != swept


def test_a_folder_whose_maker_died_before_it_was_locked_goes_after_a_while(tmp_path: Path) -> None:
    for name, age in (("k-old", 3600), ("k-new", 1)):
        (tmp_path / name).mkdir()
        os.utime(tmp_path / name, (time.time() - age,) * 2)
    with private_folder("k-", tmp_path):
        pass
    assert [path.name for path in tmp_path.iterdir()] == ["k-new"]


@pytest.fixture
def kept(tmp_path: Path) -> Kept:
    """A ledger of a run, and a copy of it where copies go."""
    kept = Kept(tmp_path / "ledger", Place.of(str(tmp_path / "store" / "copy")))
    with Ledger(kept.path) as ledger:
        ledger.begin_run(RUN, resume=False)
        ledger.add([found("a.jpg")])
        assert kept.snapshots is not None
        save(ledger, kept.snapshots)
    return kept


def test_a_ledger_that_is_gone_is_taken_from_its_copy(kept: Kept) -> None:
    kept.path.unlink()
    restore(kept, RUN, resume=True)
    with Ledger(kept.path) as ledger:
        assert ledger.counts().found == 1
    assert sorted(path.name for path in kept.path.parent.iterdir()) == ["ledger", "store"]


@pytest.mark.parametrize(("run", "resume"), [(replace(RUN, sources=("/other",)), True), (RUN, False)])
@pytest.mark.parametrize("is_gone", [False, True])
def test_a_copy_of_another_run_is_neither_taken_nor_written_over(
    kept: Kept, run: Run, resume: bool, is_gone: bool
) -> None:
    assert kept.snapshots is not None
    before = kept.snapshots.path.read_bytes()
    if is_gone:
        kept.path.unlink()
    with pytest.raises(UsageError, match=r"store/copy: .*earlier run"):
        restore(kept, run, resume=resume)
    assert kept.path.exists() is not is_gone
    assert kept.snapshots.path.read_bytes() == before


def test_what_is_no_ledger_is_not_written_over(kept: Kept) -> None:
    assert kept.snapshots is not None
    kept.snapshots.path.write_bytes(b"something else")
    with pytest.raises(OutputError, match="store/copy: is damaged, or not a ledger"):
        restore(kept, RUN, resume=True)


def test_a_copy_that_cannot_be_put_there_is_told_at_once_and_tried_again(
    kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At the start it ends the run; later it is said, and the next one is made in its time."""
    failures: list[Exception] = [
        OutputError("s3://b/copy", "can't be written (no access)", "See."),
        ZeroDivisionError(),
    ]

    def fail(*_: object) -> None:
        if failures:
            raise failures.pop(0)

    lister = Lister(kept.path, (), Place("/out"), 1)
    told: list[str] = []
    with Keeper(kept, lister, told.append):
        pass
    monkeypatch.setattr(keeper, "save", fail)
    with pytest.raises(OutputError, match="no access"), Keeper(kept, lister, told.append):
        pass
    failures.insert(0, OutputError("s3://b/copy", "can't be written (no access)", "See."))
    one = Keeper(kept, lister, told.append)
    for _ in range(3):
        one._try_to_save()
    assert told[0] == "s3://b/copy: can't be written (no access). See."
    assert told[1].startswith(f"{kept.snapshots}: a fault in kerchief: ZeroDivisionError in ")
    assert len(told) == 2


def test_an_own_detector_counts_by_its_bytes(tmp_path: Path) -> None:
    """Its path alone would let a run go on with another one."""
    path = tmp_path / "own.onnx"
    settings = Settings(detector=path)
    with pytest.raises(WeightsError, match=r"own\.onnx: can't be read"):
        _digest(settings)
    digests = set()
    for data in (b"1", b"2"):
        path.write_bytes(data)
        digests.add(_digest(settings))
    assert len(digests | {settings.digest()}) == 3
    assert _digest(Settings()) == Settings().digest()


def test_a_file_is_held_by_one_process(tmp_path: Path) -> None:
    path = tmp_path / "new" / "ledger"
    with held(path), pytest.raises(UsageError, match="another process"), held(path):
        pass
    with held(path):
        assert [p.name for p in path.parent.iterdir()] == ["ledger-lock"]
    assert not list(path.parent.iterdir())
