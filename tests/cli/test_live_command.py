"""``kerchief live`` where it says no, and what it says of itself."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from commands import code, run
from films import film, shown, walk

from kerchief.errors import KerchiefError


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pictures, _ = walk(320, 240, [(40 + 4 * n, 60) for n in range(40)], 60)
    return film(tmp_path_factory.mktemp("live") / "clip.mp4", pictures)


@pytest.mark.parametrize(
    ("words", "exit_code", "says"),
    [
        (["CLIP"], 2, ""),
        (["FOLDER", "--to", "OUT"], 2, "kerchief watch"),
        (["no-such-file.mp4", "--to", "OUT"], 13, "can't be read"),
        (["/dev/video77", "--to", "OUT"], 13, "can't be read"),
        (["gopher://127.0.0.1/a", "--to", "OUT"], 2, "gopher is not read from"),
        (["CLIP", "--to", "OUT", "--delay", "soon"], 2, "no span of time"),
        (["CLIP", "--to", "OUT", "--delay", "1h"], 2, "from 0 to 5"),
        (["CLIP", "--to", "OUT", "--segment", "0s"], 2, "from 2"),
        (["CLIP", "--to", "OUT", "--late", "show"], 2, ""),
        (["CLIP", "--to", "rtmp://"], 2, "names no host"),
        (["CLIP", "--to", "gopher://127.0.0.1/a"], 2, "pushed to"),
        (["CLIP", "--to", "CLIP"], 2, "is no folder"),
        (["CLIP", "--to", "preview:high"], 2, "no port"),
        (["CLIP", "--to", "OUT", "--style", "none"], 2, "there is no style"),
        (["FOLDER/text.txt", "--to", "OUT"], 13, "can't be read"),
    ],
)
def test_what_can_not_be_is_refused(words: list[str], exit_code: int, says: str, clip: Path, tmp_path: Path) -> None:
    (tmp_path / "text.txt").write_text("no film")
    named = {"CLIP": str(clip), "FOLDER": str(tmp_path), "OUT": str(tmp_path / "out")}
    for name, path in named.items():
        words = [word.replace(name, path) for word in words]
    result = run("live", *words)
    assert code(result) == exit_code
    if says:
        assert isinstance(result.exception, KerchiefError)
        assert says in str(result.exception)
    out = tmp_path / "out"
    assert not out.exists() or not [path for path in out.iterdir() if not path.name.startswith(".")]


def test_a_file_is_covered_from_its_first_frame_to_its_last(clip: Path, tmp_path: Path) -> None:
    result = run("live", clip, "--to", tmp_path / "out", "--json")
    assert code(result) == 0
    events = [json.loads(line) for line in result.stdout.splitlines()]
    assert events[0] == {"event": "began", "width": 320, "height": 240, "rate": 30.0, "delay_s": 0.5}
    (segment,) = [event for event in events if event["event"] == "segment"]
    (path,) = (tmp_path / "out").glob("*.mp4")
    assert path.name == segment["file"]
    frames = shown(path)
    assert len(frames) == segment["frames"]
    assert len(frames) == 40


@pytest.mark.skipif(os.name != "posix", reason="signals")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_whole(number: int, tmp_path: Path) -> None:
    pictures, _ = walk(320, 240, [(40, 60)] * 300, 60)
    long = film(tmp_path / "long.mp4", pictures)
    out = tmp_path / "out"
    # A shell may start its background jobs deaf to Ctrl-C.
    heard = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"
    command = [sys.executable, "-c", f"{heard}; from kerchief.cli.main import main; main()"]
    words = ["live", str(long), "--to", str(out), "--segment", "2s", "--json"]
    with subprocess.Popen([*command, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if json.loads(line)["event"] == "segment":
                break
        process.send_signal(number)
        events = [json.loads(line) for line in process.stdout]
        assert process.stderr is not None
        assert process.stderr.read() == b""
        assert process.wait(60) == 0
    assert "segment" in {event["event"] for event in events}, "the segment that was being filmed is lost"
    assert all(len(shown(path)) > 0 for path in out.glob("*.mp4"))
    assert not list(out.glob(".kerchief*"))
