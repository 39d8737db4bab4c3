"""The disk fills up, the folder is closed, the process is killed: no half a file, and nothing left lying about."""

from __future__ import annotations

import errno
import hashlib
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
from kerchief.pipeline import plan_source, render_source
from kerchief.plan.edits import show
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


def published(target: Path, data: bytes, replaces: str | None = None) -> None:
    with publish.draft(target.parent) as draft:
        publish.fill(draft, data)
        publish.publish(draft, target, replaces=replaces)


def test_only_our_own_earlier_copy_makes_way(tmp_path: Path) -> None:
    target, first = tmp_path / "a.jpg", hashlib.sha256(b"first").hexdigest()
    published(target, b"first", replaces=first)  # nothing there: as any other
    published(target, b"second", replaces=first)
    assert target.read_bytes() == b"second"
    assert target.stat().st_mode & 0o777 == 0o644
    with pytest.raises(OutputError, match="exists"):
        published(target, b"third", replaces=first)
    assert target.read_bytes() == b"second"
    assert [p.name for p in tmp_path.iterdir()] == ["a.jpg"]


def test_a_link_to_our_earlier_copy_does_not_make_way(tmp_path: Path) -> None:
    kept, target = tmp_path / "kept.jpg", tmp_path / "a.jpg"
    kept.write_bytes(b"first")
    target.symlink_to(kept)
    with pytest.raises(OutputError, match="exists"):
        published(target, b"second", replaces=hashlib.sha256(b"first").hexdigest())
    assert kept.read_bytes() == b"first"
    assert target.is_symlink()


def test_a_copy_is_rendered_again_in_the_place_of_the_earlier_one(photo: Path, tools: Tools) -> None:
    """Consent is withdrawn: the copy that shows somebody makes way for one that does not, and only that copy."""
    source, target = tools.open(photo), photo.with_name("copy.jpg")
    plan = plan_source(source, tools)
    shown = render_source(source, show(plan, plan.tracks[0].id, "asked her"), target, tools)
    again = render_source(source, plan, target, tools, replaces=shown.receipt.output.sha256)
    assert hashlib.sha256(target.read_bytes()).hexdigest() == again.receipt.output.sha256
    assert again.receipt.output.sha256 != shown.receipt.output.sha256
    for other in (None, shown.receipt.output.sha256):
        with pytest.raises(OutputError, match="exists"):
            render_source(source, plan, target, tools, replaces=other)
    assert sorted(p.name for p in photo.parent.iterdir()) == ["a.jpg", "copy.jpg"]


def test_a_file_of_our_own_is_replaced_in_one_step(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "a.plan.json"
    publish.replace_whole(target, b"one")
    publish.replace_whole(target, b"two")
    assert target.read_bytes() == b"two"
    assert target.stat().st_mode & 0o777 == 0o600

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(publish.os, "fsync", full)
    with pytest.raises(OutputError, match="no space"):
        publish.replace_whole(target, b"three")
    assert target.read_bytes() == b"two"
    assert [p.name for p in tmp_path.iterdir()] == ["a.plan.json"]


def test_a_folder_does_not_make_way_for_a_file_of_our_own(tmp_path: Path) -> None:
    (tmp_path / "a.plan.json").mkdir()
    with pytest.raises(OutputError, match="directory"):
        publish.replace_whole(tmp_path / "a.plan.json", b"one")
    assert [p.name for p in tmp_path.iterdir()] == ["a.plan.json"]


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
    lock, swept = publish.lock, []

    def late(handle: int) -> bool:
        if not swept:
            swept.extend(tmp_path.iterdir())
            swept[0].unlink()
        return lock(handle)

    monkeypatch.setattr(publish, "lock", late)
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
