"""The disk fills up, the folder is closed, the process is killed: no half a file, and nothing left lying about."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from scenes import saved, scene

from kerchief import Tools, redact
from kerchief.errors import OutputError
from kerchief.store import publish


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "a.jpg"
    path.write_bytes(saved(scene(400, 300, [(100, 100, 80)])[0], "JPEG", quality=95))
    return path


def test_a_full_disk_leaves_nothing(photo: Path, tools: Tools, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(publish.os, "fsync", full)
    with pytest.raises(OutputError, match="no space") as caught:
        redact(photo, tools=tools)
    assert caught.value.exit_code == 15
    assert [p.name for p in photo.parent.iterdir()] == ["a.jpg"]


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_may_not_be_written_to(photo: Path, tools: Tools) -> None:
    photo.parent.chmod(0o500)
    try:
        with pytest.raises(OutputError, match="permission"):
            redact(photo, tools=tools)
    finally:
        photo.parent.chmod(0o700)


def test_a_file_system_without_links_still_overwrites_nothing(
    photo: Path, tools: Tools, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.EPERM, "no links here")

    monkeypatch.setattr(Path, "hardlink_to", refuse)
    output = redact(photo, tools=tools).output
    data = output.read_bytes()
    with publish.draft(photo.parent) as draft:
        publish.fill(draft, b"other")
        with pytest.raises(OutputError, match="exists"):
            publish.publish(draft, output)
    assert output.read_bytes() == data
    assert sorted(p.name for p in photo.parent.iterdir()) == ["a.jpg", "a.redacted.jpg"]


def test_a_draft_in_use_is_not_swept(tmp_path: Path) -> None:
    with publish.draft(tmp_path) as first, publish.draft(tmp_path) as second:
        assert first.exists()
        assert second.exists()
        assert first.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == []


def test_a_draft_that_is_swept_before_it_is_locked_is_begun_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two runs into one folder: the second sweeps between the first one's making a file and its locking it."""
    lock, swept = publish._lock, []

    def late(handle: int) -> bool:
        if not swept:
            swept.extend(tmp_path.iterdir())
            swept[0].unlink()
        return lock(handle)

    monkeypatch.setattr(publish, "_lock", late)
    with publish.draft(tmp_path) as path:
        assert path.exists()
        assert path != swept[0]


def test_after_a_kill_there_is_no_output_and_the_next_run_sweeps(photo: Path, tools: Tools) -> None:
    stop = (
        "import sys, time, kerchief.pipeline as p\n"
        "def wait(path, data):\n"
        "    path.write_bytes(data[:99]); print('now', flush=True); time.sleep(60)\n"
        "p.fill = wait\n"
        "from kerchief.cli.main import main\n"
        "main()"
    )
    command = [sys.executable, "-c", stop, "redact", str(photo)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as run:
        assert run.stdout is not None
        assert run.stdout.readline() == b"now\n"
        run.send_signal(signal.SIGKILL)
        run.wait(10)
    time.sleep(0.2)
    left = [p.name for p in photo.parent.iterdir() if p != photo]
    assert len(left) == 1
    assert left[0].endswith(".part")
    redact(photo, tools=tools)
    assert sorted(p.name for p in photo.parent.iterdir()) == ["a.jpg", "a.redacted.jpg"]
