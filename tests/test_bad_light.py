"""Small faces in bad light are found: the networks see dark parts brightened, and less is asked of what is dark."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scenes import Rgb, saved, scene

from kerchief import Tools, make_plan
from kerchief.find.detect import detect
from kerchief.find.pyramid import DARK_THRESHOLD, FIRST_THRESHOLD, Look, first_looks
from kerchief.geometry import Box

WIDTH, HEIGHT = 1920, 1280
SIDE_PX, LIGHT, NIGHT, NOISE = 16, 1 / 8, 1 / 16, 2.0
#: Ten faces for the pictures of which less is asked in the dark.
ROW = [(100 + 110 * k, 100 + 80 * k, SIDE_PX) for k in range(10)]


@pytest.fixture(scope="module")
def dim() -> tuple[Rgb, list[Box]]:
    """Five faces of 16 px in an eighth of the light, with a sensor's noise."""
    picture, faces = scene(WIDTH, HEIGHT, [(192 + 345 * k, 256 + 128 * k, SIDE_PX) for k in range(5)])
    return dimmed(picture, LIGHT), faces


def dimmed(picture: Rgb, light: float) -> Rgb:
    noise = np.random.default_rng(1).normal(0, NOISE, picture.shape)
    return np.clip(picture * light + noise, 0, 255).astype(np.uint8)


def found(picture: Rgb, faces: list[Box], looks: tuple[Look, ...], tools: Tools) -> int:
    networks = tools.networks
    seen = detect(picture, looks, networks.by_name, FIRST_THRESHOLD, networks.threads)
    return sum(any(one.box.iou(face) >= 0.3 for one in seen) for face in faces)


def test_small_faces_in_bad_light_are_found(dim: tuple[Rgb, list[Box]], tools: Tools) -> None:
    assert found(*dim, first_looks(WIDTH, HEIGHT), tools) == 5


def test_and_would_not_be_in_the_picture_as_it_is(dim: tuple[Rgb, list[Box]], tools: Tools) -> None:
    looks = tuple(replace(look, is_brightened=False) for look in first_looks(WIDTH, HEIGHT))
    assert found(*dim, looks, tools) <= 3


def test_a_plan_asks_less_of_small_things_in_the_dark(tools: Tools, tmp_path: Path) -> None:
    picture, faces = scene(1280, 960, ROW)
    night = dimmed(picture, NIGHT)
    (tmp_path / "night.png").write_bytes(saved(night, "PNG"))
    tracks = make_plan(tmp_path / "night.png", tools=tools).tracks
    heads = [track.keyframes[0].region.box for track in tracks]
    assert sum(any(head.overlap(face) >= 0.5 * face.area for head in heads) for face in faces) == 10
    assert found(night, faces, first_looks(1280, 960), tools) <= 8


def test_in_plain_light_as_much_as_ever(tools: Tools) -> None:
    picture, _ = scene(1280, 960, ROW)
    networks, looks = tools.networks, first_looks(1280, 960)
    usual = detect(picture, looks, networks.by_name, FIRST_THRESHOLD)
    assert detect(picture, looks, networks.by_name, FIRST_THRESHOLD, dark_threshold=DARK_THRESHOLD) == usual
