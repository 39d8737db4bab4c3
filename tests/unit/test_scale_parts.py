"""Small parts of a run beyond one machine: how many photos go together, and locks that end with their process."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from kerchief.errors import UsageError
from kerchief.scale.batches import FIRST, MOST, SECONDS, Batches, is_film
from kerchief.scale.folders import held, private_folder
from kerchief.scale.tasks import Task


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
        "from kerchief.scale.folders import private_folder\n"
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


def test_a_file_is_held_by_one_process(tmp_path: Path) -> None:
    path = tmp_path / "new" / "ledger"
    with held(path), pytest.raises(UsageError, match="another process"), held(path):
        pass
    with held(path):
        assert [p.name for p in path.parent.iterdir()] == ["ledger-lock"]
    assert not list(path.parent.iterdir())
