"""Small faces in bad light are found because the networks see dark parts brightened."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scenes import Rgb, scene

from kerchief import Tools
from kerchief.find.detect import detect
from kerchief.find.pyramid import FIRST_THRESHOLD, Look, first_looks
from kerchief.geometry import Box

WIDTH, HEIGHT = 1920, 1280
SIDE_PX, LIGHT, NOISE = 16, 1 / 8, 2.0


@pytest.fixture(scope="module")
def dim() -> tuple[Rgb, list[Box]]:
    """Five faces of 16 px in an eighth of the light, with a sensor's noise."""
    picture, faces = scene(WIDTH, HEIGHT, [(192 + 345 * k, 256 + 128 * k, SIDE_PX) for k in range(5)])
    noise = np.random.default_rng(1).normal(0, NOISE, picture.shape)
    return np.clip(picture * LIGHT + noise, 0, 255).astype(np.uint8), faces


def found(picture: Rgb, faces: list[Box], looks: tuple[Look, ...], tools: Tools) -> int:
    networks = tools.networks
    seen = detect(picture, looks, networks.by_name, FIRST_THRESHOLD, networks.threads)
    return sum(any(one.box.iou(face) >= 0.3 for one in seen) for face in faces)


def test_small_faces_in_bad_light_are_found(dim: tuple[Rgb, list[Box]], tools: Tools) -> None:
    assert found(*dim, first_looks(WIDTH, HEIGHT), tools) == 5


def test_and_would_not_be_in_the_picture_as_it_is(dim: tuple[Rgb, list[Box]], tools: Tools) -> None:
    looks = tuple(replace(look, is_brightened=False) for look in first_looks(WIDTH, HEIGHT))
    assert found(*dim, looks, tools) <= 3
