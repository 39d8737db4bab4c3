"""Ctrl-C and SIGTERM in the middle of a run: whole copies or none, and nobody left at work."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from PIL import Image
from scenes import saved, scene

from kerchief.sandbox.decoder import Decoder

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals")

#: The command line as it is, but for a note of every process that it starts.
NOTING = (
    "import os, signal, subprocess, sys\n"
    "signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs ignore it\n"
    "notes = open(sys.argv.pop(1), 'a', buffering=1)\n"
    "class Noted(subprocess.Popen):\n"
    "    def __init__(self, *args, **options):\n"
    "        super().__init__(*args, **options)\n"
    "        notes.write(f'{self.pid}\\n')\n"
    "subprocess.Popen = Noted\n"
    "from kerchief.cli.main import main\n"
    "main()"
)
COUNT = 6
#: A file that is being worked on may be finished; the rest of the run, and a timer of the decoder, take longer.
AT_ONCE = 15.0


def children(folder: Path) -> list[int]:
    """The processes that the run has started."""
    return [int(line) for line in (folder / "children").read_text(encoding="utf-8").split()]


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    folder = tmp_path / "in"
    folder.mkdir()
    for number in range(COUNT):
        picture, _ = scene(1000, 800, [(150, 120, 90), (620, 380, 60)], seed=number)
        (folder / f"{number}.jpg").write_bytes(saved(picture, "JPEG", quality=90))
    return folder


@contextmanager
def running(folder: Path, *words: object) -> Iterator[subprocess.Popen[str]]:
    """``kerchief redact in -o out`` in a folder; it does not outlive the test."""
    command = [sys.executable, "-c", NOTING, "children", "redact", "in", "-o", "out", *map(str, words)]
    with subprocess.Popen(
        command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, encoding="utf-8"
    ) as run:
        try:
            yield run
        finally:
            run.kill()


def until(happens: Callable[[], bool], seconds: float = 60) -> bool:
    """Whether something happens in time."""
    end = time.monotonic() + seconds
    while not happens():
        if time.monotonic() > end:
            return False
        time.sleep(0.01)
    return True


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def drafts(folder: Path) -> list[Path]:
    return list(folder.rglob("*.part"))


def copies(folder: Path) -> list[Path]:
    return list(folder.rglob("*.redacted.jpg"))


MIDDLES = [
    pytest.param(copies, signal.SIGINT, 1, id="ctrl-c"),
    pytest.param(copies, signal.SIGINT, 2, id="ctrl-c, two at a time"),
    pytest.param(copies, signal.SIGTERM, 1, id="sigterm"),
    pytest.param(copies, signal.SIGTERM, 2, id="sigterm, two at a time"),
    pytest.param(drafts, signal.SIGINT, 1, id="ctrl-c while a draft is there"),
]


@pytest.mark.parametrize(("middle", "number", "jobs"), MIDDLES)
def test_a_run_that_is_interrupted_leaves_whole_copies_and_nobody_at_work(
    middle: Callable[[Path], list[Path]], number: int, jobs: int, photos: Path
) -> None:
    folder = photos.parent
    with running(folder, "--jobs", jobs) as run:
        assert until(lambda: bool(middle(folder)) or run.poll() is not None)
        assert len(children(folder)) == jobs
        assert all(is_alive(child) for child in children(folder)), "the test would prove nothing"
        before = len(copies(folder))
        run.send_signal(number)
        _, said = run.communicate(timeout=AT_ONCE)
    assert run.returncode == 130, said
    assert "Traceback" not in said
    assert "interrupted; nothing half-written is left" in said
    left = copies(folder / "out")
    assert sorted(left) == sorted(p for p in (folder / "out").rglob("*") if p.is_file()), "a draft was left behind"
    # Files are begun in order; one more may have been between counting and the signal.
    begun = range(before + jobs + 1)
    assert len(begun) < COUNT, "the signal came too late to prove anything"
    assert {int(copy.name[0]) for copy in left} <= set(begun), "a file was begun after the signal"
    for copy in left:
        with Image.open(copy) as image:
            image.load()
            assert image.size == (1000, 800)
    assert until(lambda: not any(is_alive(child) for child in children(folder)), 2), "a decoder process lives on"


def test_an_interrupt_that_comes_as_the_watchdog_starts_leaves_none_that_holds_the_process_up(
    photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = []

    class Interrupted(threading.Thread):
        def start(self) -> None:
            super().start()
            made.append(self)
            raise KeyboardInterrupt

    monkeypatch.setattr("kerchief.sandbox.watchdog.threading.Thread", Interrupted)
    with Decoder() as decoder, pytest.raises(KeyboardInterrupt):
        decoder.open(photos / "0.jpg")
    (thread,) = made
    assert thread.daemon
    thread.join(5)
    assert not thread.is_alive(), "it goes on though the decoder was closed"
