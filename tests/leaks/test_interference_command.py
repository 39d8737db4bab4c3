"""``kerchief check --interference ORIGINAL PLAN``: law 2 for anyone's own file, and a test that can fail."""

from __future__ import annotations

import errno
import json
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from commands import code, run
from films import Extras, film, walk
from PIL import Image
from scenes import background, saved, scene
from typer.testing import Result

from kerchief import pipeline
from kerchief.adversary import interference
from kerchief.plan import codec
from kerchief.plan.model import Style, StyleName
from kerchief.store import publish

WIDTH, HEIGHT = 320, 240
ERASING, COSMETIC = ("veil", "solid:#c04080"), ("pixelate", "blur")


def put_to_it(source: Path, *words: str) -> Result:
    """The command, for a file and the plan beside it."""
    return run("check", "--interference", source, f"{source}.plan.json", *words)


def planned(source: Path, *words: str) -> Path:
    """The file, with a plan beside it that kerchief made."""
    assert code(run("plan", source, *words)) == 0
    return source


def restyled(source: Path, style: Style) -> None:
    """Edit the style in a plan."""
    plan = source.with_name(f"{source.name}.plan.json")
    plan.write_bytes(codec.encode(codec.decode(plan.read_bytes()).model_copy(update={"style": style})))


def faces(count: int, side: float = 70) -> list[np.ndarray]:
    return walk(WIDTH, HEIGHT, [(90 + 5 * n, 80) for n in range(count)], side)[0]


def photo(folder: Path) -> Path:
    path = folder / "a.jpg"
    path.write_bytes(saved(scene(WIDTH, HEIGHT, [(110, 70, 80)])[0], "JPEG", quality=90))
    return path


def see_through(folder: Path) -> Path:
    picture = scene(WIDTH, HEIGHT, [(110, 70, 80)])[0]
    alpha = np.full((HEIGHT, WIDTH), 255, np.uint8)
    alpha[:, 200:] = 90
    path = folder / "a.png"
    path.write_bytes(saved(np.dstack([picture, alpha]), "PNG"))
    return path


def several(folder: Path, name: str, **options: Any) -> Path:
    """An animation, or pages."""
    first, *others = (Image.fromarray(picture) for picture in faces(3))
    first.save(folder / name, save_all=True, append_images=others, **options)
    return folder / name


def march(folder: Path) -> Path:
    return film(folder / "a.mp4", faces(10), extras=Extras(sound=True))


KINDS = {
    "photo": photo,
    "transparency": see_through,
    "animation": lambda folder: several(folder, "a.gif", duration=80),
    "pages": lambda folder: several(folder, "a.tiff"),
    "film": march,
    "film of odd size": lambda folder: film(folder / "a.mkv", [picture[:-1, :-1] for picture in faces(6)]),
}


@pytest.mark.parametrize("kind", KINDS)
def test_each_style_is_what_it_is_called(kind: str, tmp_path: Path) -> None:
    source = planned(KINDS[kind](tmp_path))
    before = sorted(tmp_path.iterdir())
    for name in StyleName:
        restyled(source, Style(name=name))
        result = put_to_it(source, "--json")
        (line,) = [json.loads(text) for text in result.stdout.splitlines()]
        assert (line["style"].split(":")[0], line["erases"]) == (name, name.erases)
        assert line["heads"] >= 1
        assert line["pixels"] > 1000 * line["frames"]
        assert [trial["by"] for trial in line["replacements"]] == ["noise", "black", "white"]
        assert all(trial["samples_changed"] > line["pixels"] for trial in line["replacements"])
        assert {trial["same_bytes"] for trial in line["replacements"]} == {name.erases}
        assert (line["status"], line["exit_code"]) == (("independent", 0) if name.erases else ("depends", 1))
        assert code(result) == line["exit_code"]
        # The mosaic of a head that begins in the first frame is in all.
        under = 0 if name.erases else line["frames"]
        assert line["replacements"][0]["frames_differ_under"] == under
        assert line["replacements"][0]["frames_differ_beside"] == 0
    assert sorted(tmp_path.iterdir()) == before, "something was left behind"


@pytest.mark.parametrize("style", ERASING)
def test_what_is_said_of_an_erasing_style(style: str, tmp_path: Path) -> None:
    result = put_to_it(planned(photo(tmp_path), "--style", style))
    assert code(result) == 0
    assert "independent: 3 of 3 replacements of what lies under the mask give the same bytes" in result.stdout
    assert f"({style}, " in result.stdout
    assert re.search(r" pixels in [12] heads? replaced\)", result.stdout)


@pytest.mark.parametrize("style", COSMETIC)
def test_what_is_said_of_a_cosmetic_style(style: str, tmp_path: Path) -> None:
    result = put_to_it(planned(march(tmp_path), "--style", style))
    assert code(result) == 1
    assert "DEPENDS on what it covers: 3 of 3 replacements" in result.stdout
    assert "10 of 10 painted frames differ under the mask, 0 beside it, from 0.00 s on" in result.stdout
    assert f"{style} is COSMETIC" in result.stdout


def test_a_clip_out_of_a_film_is_tested_as_a_clip(tmp_path: Path) -> None:
    result = put_to_it(planned(march(tmp_path), "--from", "0.1", "--to", "0.2"), "--json")
    assert code(result) == 0
    assert json.loads(result.stdout)["frames"] == 3


def test_the_mask_is_fixed_by_the_plan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A test that looks for faces again, in the noise, would prove nothing."""
    source = planned(photo(tmp_path))

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("faces were looked for")

    monkeypatch.setattr(pipeline, "detect", refuse)
    assert code(put_to_it(source)) == 0


def test_a_painter_that_reads_one_pixel_under_the_mask_is_found_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So the tests above can fail."""
    source, paint = planned(photo(tmp_path)), pipeline.paint

    def leaking(frame: Any, regions: Mapping[str, Any], *args: Any) -> Any:
        painted, mask = paint(frame, regions, *args)
        y, x = np.argwhere(mask)[mask.sum() // 2]
        painted.pixels[:8, :8] = frame.pixels[y, x]
        return painted, mask

    monkeypatch.setattr(pipeline, "paint", leaking)
    result = put_to_it(source)
    assert code(result) == 1
    assert "DEPENDS" in result.stdout
    assert "with noise the painted picture differs beside it" in result.stdout
    assert "must not be" in result.stdout


@pytest.mark.parametrize("plane", [0, 1])
def test_a_painter_that_leaves_one_sample_of_one_frame_bare_is_found_out(
    plane: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, paint = planned(march(tmp_path)), pipeline.paint_planes

    def leaking(frame: Any, regions: Mapping[str, Any], *args: Any) -> Any:
        painted = paint(frame, regions, *args)
        if frame.pts:
            return painted
        y, x = np.argwhere(painted.planes[plane] != frame.planes[plane])[0]
        painted.planes[plane][y, x] = frame.planes[plane][y, x]
        return painted

    monkeypatch.setattr(pipeline, "paint_planes", leaking)
    result = put_to_it(source)
    assert code(result) == 1
    assert "1 of 10 painted frames differ under the mask, 0 beside it, from 0.00 s on" in result.stdout


def test_a_writer_that_never_writes_the_same_twice_is_told_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, encode = planned(photo(tmp_path)), pipeline.encode
    monkeypatch.setattr(pipeline, "encode", lambda *args: encode(*args) + os.urandom(8))
    result = put_to_it(source)
    assert code(result) == 1
    assert "every painted frame is the same, but not the file" in result.stdout


def test_a_test_that_replaces_nothing_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = planned(photo(tmp_path))
    monkeypatch.setattr(interference, "replaced", lambda frame, *_: frame)
    result = put_to_it(source)
    assert code(result) == 2
    assert "nothing is proven" in str(result.exception)


def test_a_plan_that_covers_nothing_proves_nothing(tmp_path: Path) -> None:
    street = tmp_path / "street.png"
    street.write_bytes(saved(background(WIDTH, HEIGHT), "PNG"))
    result = put_to_it(planned(street), "--json")
    assert code(result) == 2
    assert "nothing is proven" in json.loads(result.stdout)["problem"]
    shown = planned(photo(tmp_path))
    plan = Path(f"{shown}.plan.json")
    document = json.loads(plan.read_bytes())
    for track in document["tracks"]:
        track["decision"] = {"action": "show", "by": "person", "reason": "asked her"}
    plan.write_text(json.dumps(document), encoding="utf-8")
    assert code(put_to_it(shown)) == 2


def test_a_plan_that_covers_nothing_within_the_picture_proves_nothing(tmp_path: Path) -> None:
    source = planned(photo(tmp_path))
    plan = Path(f"{source}.plan.json")
    document = json.loads(plan.read_bytes())
    for track in document["tracks"]:
        track["keyframes"][0]["region"]["x"] = 5000.0
    plan.write_text(json.dumps(document), encoding="utf-8")
    assert code(put_to_it(source)) == 2


def test_a_plan_of_another_file_does_not_fit(tmp_path: Path) -> None:
    source = planned(photo(tmp_path))
    other = tmp_path / "b.jpg"
    other.write_bytes(saved(scene(WIDTH, HEIGHT, [(110, 70, 80)])[0], "JPEG", quality=80))
    assert code(run("check", "--interference", other, f"{source}.plan.json")) == 12
    result = run("check", "--interference", source, tmp_path / "none.json", "--json")
    assert code(result) == 12
    assert json.loads(result.stdout)["exit_code"] == 12


def test_it_takes_an_original_and_a_plan_and_nothing_else(tmp_path: Path) -> None:
    source = planned(photo(tmp_path))
    assert code(run("check", "--interference", source)) == 2
    assert code(run("check", "--interference", source, f"{source}.plan.json", source)) == 2
    assert code(put_to_it(source, "--detector", "my.onnx")) == 2


@pytest.mark.parametrize("kind", ["photo", "film"])
def test_a_copy_is_private_while_it_is_there_and_one_at_a_time(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, write = planned(KINDS[kind](tmp_path)), interference.write
    before, written = sorted(tmp_path.iterdir()), []

    def watched(path: Path, *args: Any) -> None:
        write(path, *args)
        written.append(path.stat().st_mode & 0o777)
        assert sorted(tmp_path.iterdir()) == sorted([*before, path])

    monkeypatch.setattr(interference, "write", watched)
    assert code(put_to_it(source)) == 0
    assert written == [0o600] * 4
    assert sorted(tmp_path.iterdir()) == before


def test_a_full_disk_leaves_nothing_and_says_where_room_is_needed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = planned(photo(tmp_path))
    before = sorted(tmp_path.iterdir())

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(publish.os, "fsync", full)
    result = put_to_it(source)
    assert code(result) == 15
    assert "put the plan where there is room" in str(result.exception)
    assert sorted(tmp_path.iterdir()) == before
