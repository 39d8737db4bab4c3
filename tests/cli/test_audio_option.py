"""``--audio`` on the command line: what is said of the sound, and what is wrong usage."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from commands import run
from sounds import Coding, film_with_sound, heard, noise, streams

from kerchief.errors import UsageError

AAC = Coding("aac", 44_100, "stereo", "march.mp4")


def test_redact_keeps_and_says_so_and_check_passes_it(tmp_path: Path) -> None:
    source, copies = film_with_sound(tmp_path, AAC, noise(AAC)), tmp_path / "out"
    result = run("redact", source, "-o", copies, "--audio", "mute:0:01-0:01.5", "--receipts", tmp_path / "r")
    assert result.exit_code == 0, result.output
    assert "sound kept, muted for 0.5 s" in result.stdout
    (receipt,) = (tmp_path / "r").iterdir()
    said = json.loads(receipt.read_text(encoding="utf-8"))["applied"]["sound"]
    assert said == {"result": "muted", "seconds": 0.5, "spans": 1}
    assert run("check", copies).exit_code == 0


def test_a_clip_is_muted_by_the_times_of_the_film(tmp_path: Path) -> None:
    source = film_with_sound(tmp_path, AAC, noise(AAC))
    clip = ("--from", "0:01", "--to", "0:02.5", "--codec", "vp9")
    result = run("redact", source, *clip, "--audio", "mute:0:00-0:00.5,0:01.2-0:01.5")
    assert result.exit_code == 0, result.output
    assert "sound kept, muted for 0.3 s; cut to a clip" in result.stdout
    copy = heard(tmp_path / "march.redacted.mp4")
    assert not abs(copy.between(0.2, 0.5)).max()
    assert abs(copy.between(0.7, 1.4)).max() > 0.05
    assert run("check", tmp_path / "march.redacted.mp4").exit_code == 0


def test_render_takes_the_choice(tmp_path: Path) -> None:
    source, plan = film_with_sound(tmp_path, AAC, noise(AAC)), tmp_path / "plan.json"
    assert run("plan", source, "-o", plan).exit_code == 0
    result = run("render", source, "--plan", plan, "--audio", "keep", "--json")
    assert result.exit_code == 0, result.output
    line = json.loads(result.stdout)
    assert line["sound"] == {"result": "kept", "seconds": 0.0, "spans": 0}
    assert streams(Path(line["output"])) == ["video", "audio"]


@pytest.mark.parametrize("audio", ["loud", "mute:", "mute:0:09-0:05", "mute:0:05-0:05", "mute:soon-later"])
def test_a_choice_that_is_none_is_wrong_usage(audio: str, tmp_path: Path) -> None:
    source = film_with_sound(tmp_path, AAC, noise(AAC))
    result = run("redact", source, "--audio", audio)
    assert isinstance(result.exception, UsageError)
    assert [p.name for p in tmp_path.iterdir()] == [source.name]
