"""Many files at once, and the exit codes that end a run: what is said, in which order, and what is published."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from commands import run
from scenes import background, saved, scene

from kerchief import Tools
from kerchief.models import cards
from kerchief.pipeline import Source, plan_source
from kerchief.plan.edits import changed
from kerchief.plan.model import Plan
from kerchief.settings import Settings


def process(before: str, *words: object) -> subprocess.CompletedProcess[str]:
    """``kerchief WORDS`` in a process of its own, in which a line of Python ran before."""
    script = f"{before}\nfrom kerchief.cli.main import main\nmain()"
    command = [sys.executable, "-c", script, *map(str, words)]
    return subprocess.run(command, capture_output=True, encoding="utf-8", check=False)


def photo(path: Path, width: int = 240, height: int = 180) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(saved(scene(width, height, [(80, 50, 80)])[0], "JPEG", quality=90))
    return path


def files(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


@pytest.fixture
def album(tmp_path: Path) -> Path:
    """Three photos with a file in the middle that is none; the first takes longer than all the others."""
    folder = tmp_path / "in"
    photo(folder / "a.jpg", 640, 480)
    photo(folder / "b.jpg")
    (folder / "c.jpg").write_bytes(b"words")
    photo(folder / "deep" / "d.jpg")
    return folder


@pytest.fixture
def changed_weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The networks that this process uses, one of them with a changed byte."""
    folder = tmp_path / "weights"
    shutil.copytree(str(cards._folder()), folder)
    network = folder / "yunet.onnx"
    data = bytearray(network.read_bytes())
    data[len(data) // 2] ^= 1
    network.write_bytes(data)
    monkeypatch.setattr(cards, "_folder", lambda: folder)
    return folder


def test_two_at_a_time_give_the_same_copies_and_the_same_words_in_the_same_order(album: Path) -> None:
    said: dict[int, list[dict[str, Any]]] = {}
    for jobs in (1, 2):
        result = run("redact", album, "-o", album.parent / f"out-{jobs}", "--jobs", jobs, "--json")
        assert result.exit_code == 3
        assert "3 of 4 files done, 1 failed" in result.stderr
        said[jobs] = [json.loads(line) for line in result.stdout.splitlines()]
        for line in said[jobs]:
            line.pop("output", None)
    assert [Path(line["file"]).name for line in said[2]] == ["a.jpg", "b.jpg", "c.jpg", "d.jpg"]
    assert [line["exit_code"] for line in said[2]] == [0, 0, 13, 0]
    assert said[2] == said[1]
    copies = files(album.parent / "out-2")
    assert sorted(copies) == [f"{name}.redacted.jpg" for name in ("a", "b", "deep/d")]
    assert copies == files(album.parent / "out-1")


@pytest.mark.parametrize("jobs", [1, 2])
def test_without_its_networks_a_run_stops_at_once(jobs: int, album: Path, changed_weights: Path) -> None:
    result = run("redact", album, "-o", album.parent / "out", "--jobs", jobs, "--json")
    assert result.exception is not None
    assert getattr(result.exception, "exit_code", None) == 14
    assert result.stdout == "", "no file is said to have failed, for none was tried"
    assert files(album.parent / "out") == {}


def test_a_changed_network_ends_the_process_with_14(tmp_path: Path, changed_weights: Path) -> None:
    source = photo(tmp_path / "in" / "a.jpg")
    use_them = "import sys, pathlib; from kerchief.models import cards; cards._folder = lambda p=sys.argv.pop(1): "
    done = process(use_them + "pathlib.Path(p)", changed_weights, "redact", source)
    assert (done.returncode, done.stdout) == (14, "")
    assert "yunet: the network was changed since it was packed. Install kerchief again" in done.stderr
    assert [p.name for p in source.parent.iterdir()] == ["a.jpg"]


def test_a_face_that_still_shows_ends_the_process_with_10(tmp_path: Path) -> None:
    source, plan = photo(tmp_path / "a.jpg"), tmp_path / "plan.json"
    assert run("plan", source, "-o", plan).exit_code == 0
    document = json.loads(plan.read_text(encoding="utf-8"))
    assert document["tracks"], "the test would prove nothing"
    plan.write_text(json.dumps(document | {"tracks": []}), encoding="utf-8")
    only_one_round = "import functools, kerchief.settings as s; s.Settings = functools.partial(s.Settings, rounds=1)"
    done = process(only_one_round, "render", source, "--plan", plan, "--receipt", tmp_path / "receipt.json")
    assert (done.returncode, done.stdout) == (10, "")
    assert "a face still shows after the last round, so nothing was written. Try --margin strict" in done.stderr
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.jpg", "plan.json"]


def test_a_face_that_still_shows_keeps_only_its_own_file_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def overlook(source: Source, tools: Tools, *_: object) -> Plan:
        return changed(plan_source(source, tools), tracks=())

    monkeypatch.setattr("kerchief.pipeline.plan_source", overlook)
    monkeypatch.setattr("kerchief.settings.Settings", partial(Settings, rounds=1))
    photo(tmp_path / "in" / "face.jpg")
    (tmp_path / "in" / "street.png").write_bytes(saved(background(300, 200), "PNG"))
    result = run("redact", tmp_path / "in", "-o", tmp_path / "out", "--receipts", tmp_path / "receipts", "--json")
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    assert result.exit_code == 3
    assert [(line["status"], line["exit_code"]) for line in lines] == [("failed", 10), ("done", 0)]
    assert list(files(tmp_path / "out")) == ["street.redacted.png"]
    assert list(files(tmp_path / "receipts")) == ["street.redacted.png.receipt.json"]
