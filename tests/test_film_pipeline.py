"""From a film to a proven copy: in no single frame is the face bare, and times and size are what they were."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from films import Extras, film, shown, walk
from scenes import Rgb, background

from kerchief import Tools, redact
from kerchief.cover.mask import film_mask, touched
from kerchief.geometry import Box
from kerchief.pipeline import Outcome
from kerchief.plan.model import Shape
from kerchief.plan.query import regions_at
from kerchief.ports import Detection
from kerchief.prove.verify import covered_share

WIDTH, HEIGHT, SIDE = 480, 320, 70


def sees(picture: Rgb, face: Box, tools: Tools) -> bool:
    found = tools.networks.by_name["centerface"].detect(np.ascontiguousarray(picture), 0.5)
    return any(Box(*map(float, row[:4])).iou(face) >= 0.3 for row in found)


def no_frame_is_bare(source: Path, outcome: Outcome, faces: list[Box], tools: Tools) -> None:
    """The mask covers the face in every frame, its pixels are others than before, and no network sees it."""
    before, after = shown(source), shown(outcome.output)
    assert len(before) == len(after) == len(faces)
    plan, start = outcome.plan, before[0].pts
    grid = plan.media.grid(plan.media.width, plan.media.height)
    for number, (old, new, face) in enumerate(zip(before, after, faces, strict=True)):
        mask = film_mask(regions_at(plan, old.pts - start), plan.media.width, plan.media.height, grid, plan.margin)
        assert covered_share(Detection(face, 1.0), mask) >= 0.9, f"bare in frame {number}"
        assert not sees(new.rgb, face, tools), f"seen in frame {number}"
        rows, columns = face.pixels(WIDTH, HEIGHT)
        if rows.stop - rows.start > 20 and columns.stop - columns.start > 20:
            inside = touched(face, Shape.ELLIPSE, rows, columns)
            moved = abs(old.rgb[rows, columns].astype(int) - new.rgb[rows, columns]).max(axis=2)
            assert (moved[inside] > 12).mean() > 0.6, f"hardly changed in frame {number}"
        assert mask.mean() < 0.7, "the picture is still a picture"


WAYS = {
    "still": ([(200, 120)] * 24, None),
    "own motion": ([(60 + 11 * n, 120) for n in range(24)], None),
    "pan": ([(400, 130)] * 24, [(14 * n, 0) for n in range(24)]),
    "comes in at the border": ([(-90 + 12 * n, 120) for n in range(24)], None),
    "cut": ([(80, 60)] * 11 + [(330, 180)] * 13, None),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_face_is_covered_in_every_frame(way: str, tmp_path: Path, tools: Tools) -> None:
    at, view = WAYS[way]
    pictures, faces = walk(WIDTH, HEIGHT, at, SIDE, view)
    source = film(tmp_path / "a.mp4", pictures)
    assert any(sees(frame.rgb, face, tools) for frame, face in zip(shown(source), faces, strict=True))
    outcome = redact(source, tools=tools)
    no_frame_is_bare(source, outcome, faces, tools)
    assert outcome.receipt.output.format == "film"
    assert "grown by 8 px" in outcome.receipt.applied.mask_rule, "the rule of films, not that of photos"
    assert outcome.receipt.claims[0].startswith("Not every face is found in every frame: of ")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.mp4", "a.redacted.mp4"]


def test_what_is_far_from_a_face_stays_as_it_was(tmp_path: Path, tools: Tools) -> None:
    pictures, _ = walk(WIDTH, HEIGHT, [(60, 60)] * 12, 60)
    source = film(tmp_path / "a.mp4", pictures)
    outcome = redact(source, tools=tools)
    for old, new in zip(shown(source), shown(outcome.output), strict=True):
        difference = abs(old.rgb[200:, 300:].astype(int) - new.rgb[200:, 300:])
        assert difference.mean() < 4


@pytest.mark.parametrize("time_base", [Fraction(1, 90_000), Fraction(1, 1000), Fraction(1001, 30_000)], ids=str)
def test_every_frame_keeps_its_time(time_base: Fraction, tmp_path: Path, tools: Tools) -> None:
    steps = np.random.default_rng(3).integers(1, 9, 12) * max(1, time_base.denominator // 200)
    pts = [int(t) for t in np.concatenate([[0], np.cumsum(steps[:-1])])]
    pictures = [background(160, 120, seed) for seed in range(12)]
    source = film(tmp_path / "a.mp4", pictures, pts, time_base, int(steps[-1]), bf="0")
    output = redact(source, tools=tools).output
    old, new = shown(source), shown(output)
    assert [frame.pts for frame in new] == [frame.pts - old[0].pts for frame in old]
    unit = (old[1].pts - old[0].pts) / (pts[1] - pts[0])  # MP4 counts in 1/30000 where a time base is 1001/30000
    assert [frame.pts for frame in new] == [round(unit * t) for t in pts]
    assert new[-1].duration == round(unit * steps[-1])


@pytest.mark.parametrize("size", [(161, 121), (160, 121), (97, 64)])
def test_odd_sizes_stay(size: tuple[int, int], tmp_path: Path, tools: Tools) -> None:
    source = film(tmp_path / "a.mp4", [background(*size, seed=seed) for seed in range(6)])
    assert shown(redact(source, tools=tools).output)[0].rgb.shape == (size[1], size[0], 3)


@pytest.mark.parametrize("degrees", [90, 180, -90])
def test_a_turned_film_is_searched_and_written_upright(degrees: int, tmp_path: Path, tools: Tools) -> None:
    pictures, faces = walk(WIDTH, HEIGHT, [(200, 120)] * 8, SIDE)
    lying = [np.ascontiguousarray(np.rot90(picture, -degrees // 90)) for picture in pictures]
    outcome = redact(film(tmp_path / "a.mp4", lying, extras=Extras(degrees=degrees)), tools=tools)
    for frame, upright, face in zip(shown(outcome.output), pictures, faces, strict=True):
        assert frame.rgb.shape == upright.shape
        assert abs(frame.rgb[250:, :100].astype(int) - upright[250:, :100]).mean() < 12
        assert not sees(frame.rgb, face, tools)
    assert outcome.receipt.applied.covered >= 1


@pytest.mark.parametrize("name", ["a.mkv", "a.mov", "a.avi"])
def test_other_containers_become_mp4(name: str, tmp_path: Path, tools: Tools) -> None:
    pictures, faces = walk(WIDTH, HEIGHT, [(200, 120)] * 8, SIDE)
    source = film(tmp_path / name, pictures, codec="mpeg4" if name.endswith("avi") else "libx264")
    outcome = redact(source, tools=tools)
    assert outcome.output.name == "a.redacted.mp4"
    no_frame_is_bare(source, outcome, faces, tools)
