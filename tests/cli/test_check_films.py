"""``kerchief check`` on films: which faces show and when, what else is inside, and what is no whole film."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from commands import code, run
from films import Extras, film, walk
from scenes import Rgb, background, saved, scene
from typer.testing import Result

WIDTH, HEIGHT = 320, 240
TENTHS = Fraction(1, 10)


def findings(result: Result) -> list[dict[str, Any]]:
    (line,) = result.stdout.splitlines()
    found: list[dict[str, Any]] = json.loads(line)["findings"]
    return found


def faces(count: int) -> list[Rgb]:
    return walk(WIDTH, HEIGHT, [(120, 80)] * count, 70)[0]


def street(count: int) -> list[Rgb]:
    return [background(WIDTH, HEIGHT)] * count


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    """Five seconds: a face in the first and in the last."""
    return film(tmp_path / "a.mp4", [*faces(10), *street(30), *faces(10)], time_base=TENTHS)


def test_a_film_with_a_face_says_when_it_shows(clip: Path) -> None:
    said, data = run("check", clip), run("check", clip, "--json")
    assert code(said) == code(data) == 1
    assert f"{clip}: 2 exposed faces (0:00 to 0:02, 0:03 to 0:05)" in said.stdout
    (face,) = [finding for finding in findings(data) if finding["kind"] == "face"]
    (first, second) = face["seconds"]
    assert first[0] == 0
    assert 0.9 <= first[1] <= 1.6
    assert 3.4 <= second[0] <= 4.0
    assert second[1] == pytest.approx(4.9)


@pytest.mark.parametrize("style", ["veil", "solid"])
def test_a_copy_exposes_nothing(style: str, clip: Path, tmp_path: Path) -> None:
    assert code(run("redact", clip, "-o", tmp_path / "out", "--style", style)) == 0
    result = run("check", tmp_path / "out", "--json")
    assert findings(result) == []
    assert code(result) == 0


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv"])
def test_a_film_that_is_cut_off_is_no_film(name: str, tmp_path: Path) -> None:
    source = film(tmp_path / name, street(20))
    assert code(run("check", source)) == 1, "an encoder left its name"
    data = source.read_bytes()
    source.write_bytes(data[: len(data) * 2 // 3])
    result = run("check", source, "--json")
    assert code(result) == 13
    assert "cut off" in json.loads(result.stdout)["problem"]


def test_what_is_in_an_mp4_is_named_after_it(tmp_path: Path) -> None:
    extras = Extras(subtitles=True, tags=(("title", "x"), ("location", "+48.2000+016.3000/")), chapters=("home",))
    result = run("check", film(tmp_path / "a.mp4", street(6), extras=extras))
    assert "holds the place where it was taken (MP4 moov udta box" in result.stdout
    assert "holds data that is not part of the picture (track that is no picture" in result.stdout
    assert "HEIF" not in result.stdout
    assert "48" not in result.stdout.replace(str(tmp_path), ""), "what it says is private"


def test_a_film_without_a_place_has_none(tmp_path: Path) -> None:
    result = run("check", film(tmp_path / "a.mp4", street(6), extras=Extras(tags=(("title", "x"),))), "--json")
    assert {finding["kind"] for finding in findings(result)} == {"application", "text"}


def test_of_a_film_that_cannot_be_searched_its_reader_tells(tmp_path: Path) -> None:
    result = run("check", film(tmp_path / "a.mkv", street(6), extras=Extras(tags=(("title", "x"),))), "--json")
    whats = [finding["what"] for finding in findings(result)]
    assert whats == ["is in a format that kerchief can't search for metadata", "holds tags"]
    assert code(result) == 1


def test_faces_of_a_photo_have_no_times(tmp_path: Path) -> None:
    photo = tmp_path / "a.png"
    photo.write_bytes(saved(scene(WIDTH, HEIGHT, [(120, 80, 70)])[0], "PNG"))
    assert [finding for finding in findings(run("check", photo, "--json")) if "seconds" in finding] == []
