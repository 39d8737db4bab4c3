"""The bars: honest whatever is claimed, one line for each file at work, and never in the way of the data."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from films import film, walk
from rich.progress import Progress as Bars

from kerchief import Tools, redact
from kerchief.cli.bar import NAME_WIDTH, _Batch
from kerchief.ports import Phase


@pytest.fixture
def bars() -> Bars:
    return Bars(disable=True)


def lines(bars: Bars) -> list[tuple[str, int, float | None]]:
    """What is shown: description, done (as ``rich`` writes it, without what is behind the point), total."""
    return [(task.description, int(task.completed), task.total) for task in bars.tasks if task.visible]


def test_a_film_has_a_line_that_says_what_is_done_with_it(bars: Bars) -> None:
    batch = _Batch(bars, "redacting")
    batch.files(3)
    with batch.file("march.mp4") as progress:
        assert lines(bars) == [("redacting", 0, 3)]
        seen = []
        for phase in (Phase.LOOKING, Phase.COVERING, Phase.CHECKING, Phase.COVERING, Phase.CHECKING):
            for done in range(3):
                progress(phase, done, 2)
            assert len(lines(bars)) == 2
            seen.append(lines(bars)[1])
    whats = ["looking", "covering", "checking", "covering, round 2", "checking, round 2"]
    assert seen == [(f"march.mp4: {what}", 2, 2) for what in whats]
    assert lines(bars) == [("redacting", 1, 3)]
    assert bars.tasks[0].completed == pytest.approx(1)


def test_the_bar_of_all_files_goes_on_within_a_film(bars: Bars) -> None:
    batch = _Batch(bars, "redacting")
    batch.files(2)
    seen = []
    with batch.file("march.mp4") as progress:
        for phase in (*Phase, Phase.COVERING, Phase.CHECKING):
            for done in range(5):
                progress(phase, done, 4)
                seen.append(bars.tasks[0].completed)
    assert seen == sorted(seen)
    assert len(set(seen)) >= 11
    assert seen[-1] <= 1 + 1e-9
    assert bars.tasks[0].completed == pytest.approx(1)


def test_a_photo_has_none_and_one_file_no_bar_of_files(bars: Bars) -> None:
    batch = _Batch(bars, "redacting")
    with batch.file("a.jpg") as progress:
        for phase in Phase:
            progress(phase, 0, 1)
            progress(phase, 1, 1)
            assert lines(bars) == []
    batch.files(1)
    assert lines(bars) == []


@pytest.mark.parametrize("claimed", [0, 2, 100])
def test_whatever_a_header_claims_there_is_never_more_than_all(claimed: int, bars: Bars) -> None:
    with _Batch(bars, "redacting").file("a.mkv") as progress:
        for done in range(9):
            progress(Phase.LOOKING, done, claimed if done <= claimed else 0)
            ((_, completed, total),) = lines(bars)
            assert completed == done
            assert total is None or completed <= total
        progress(Phase.LOOKING, 8, 8)
        assert lines(bars) == [("a.mkv: looking", 8, 8)]


def test_files_at_the_same_time_have_a_line_each(bars: Bars) -> None:
    batch, ready, go = _Batch(bars, "redacting"), threading.Barrier(9), threading.Event()

    def work(number: int) -> None:
        with batch.file(f"{number}.mp4") as progress:
            for phase in Phase:
                for done in range(50):
                    progress(phase, done, 50)
            ready.wait(10)
            go.wait(10)

    with ThreadPoolExecutor(8) as pool:
        works = [pool.submit(work, number) for number in range(8)]
        ready.wait(10)
        assert sorted(lines(bars)) == [(f"{number}.mp4: checking", 49, 50) for number in range(8)]
        go.set()
        for one in works:
            one.result()
    assert lines(bars) == []


def test_a_file_that_fails_takes_its_line_along(bars: Bars) -> None:
    def fail() -> None:
        with _Batch(bars, "redacting").file("x" * 90) as progress:
            progress(Phase.LOOKING, 0, 20)
            assert len(lines(bars)[0][0]) == NAME_WIDTH + len(": looking")
            raise ValueError

    with pytest.raises(ValueError):
        fail()
    assert lines(bars) == []


def test_each_phase_of_a_film_is_told_to_its_end(tmp_path: Path, tools: Tools) -> None:
    heard: list[tuple[str, int, int]] = []
    source = film(tmp_path / "a.mkv", walk(320, 240, [(120, 80)] * 10, 60)[0])
    outcome = redact(source, tools=tools, progress=lambda *told: heard.append(told))
    rounds = outcome.receipt.checked.rounds
    ends = [call for call, after in zip(heard, [*heard[1:], None], strict=True) if after is None or after[1] == 0]
    assert ends == [("looking", 10, 10), *[("covering", 10, 10), ("checking", 10, 10)] * rounds]
    assert heard[0] == ("looking", 0, 10), "Matroska says its length, and that gives the frames"


def run_in_terminal(*words: object) -> tuple[bytes, bytes]:
    """Standard output, which goes to a pipe, and what a terminal got on standard error."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-c", "from kerchief.cli.main import main; main()", *map(str, words)]
    environment = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "100", "LINES": "20"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=theirs, env=environment) as process:
        os.close(theirs)
        shown = bytearray()
        try:
            while chunk := os.read(ours, 1 << 16):
                shown += chunk
        except OSError:  # Linux says so when the other side is closed
            pass
        assert process.stdout is not None
        out = process.stdout.read()
    os.close(ours)
    return out, bytes(shown)


def test_bars_in_a_terminal_leave_the_data_alone(tmp_path: Path) -> None:
    for name in ("a.mp4", "b.mp4"):
        film(tmp_path / name, walk(320, 240, [(120, 80)] * 24, 60)[0])
    out, shown = run_in_terminal("redact", tmp_path / "a.mp4", tmp_path / "b.mp4", "--json")
    assert [json.loads(line)["status"] for line in out.splitlines()] == ["done", "done"]
    for word in (b"a.mp4: looking", b"b.mp4: looking", b"24", b"redacting"):
        assert word in shown


def test_elsewhere_nothing_is_shown(tmp_path: Path) -> None:
    source = film(tmp_path / "a.mp4", walk(320, 240, [(120, 80)] * 8, 60)[0])
    command = [sys.executable, "-c", "from kerchief.cli.main import main; main()", "redact", str(source)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    assert done.stdout.count("\n") == 1
