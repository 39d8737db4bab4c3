"""A face on the seam of two tiles is one head: neither lost between them nor counted twice."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scenes import scene

from kerchief import Tools
from kerchief.find.detect import detect
from kerchief.find.head import outermost
from kerchief.find.pyramid import FIRST_THRESHOLD, OVERLAP_PX, Look, first_looks, tiles
from kerchief.geometry import Box
from kerchief.ports import Detection

#: Large enough for two tiles and more of every network along both sides.
WIDTH, HEIGHT = 1900, 1500
SIDES = (30, 60, 90, 120) * 2


def seen(picture: np.ndarray, looks: tuple[Look, ...], tools: Tools) -> list[Detection]:
    networks = tools.networks
    return detect(picture, looks, networks.by_name, FIRST_THRESHOLD, networks.threads)


def seam(length: int, look: Look) -> tuple[float, float]:
    """Where the second tile begins and where the first ends, in pixels of the picture."""
    looked_at = round(length * look.scale)
    (_, size), (second, _), *_ = tiles(looked_at, look.tile_px)
    return second * length / looked_at, size * length / looked_at


def across(first: float, last: float, along_x: bool) -> tuple[np.ndarray, list[Box]]:
    """A picture with a row of faces that steps over a seam: the first ends where it begins, the last begins there."""
    faces, at = [], 60.0
    for number, side in enumerate(SIDES):
        middle = first - side / 2 + (last - first + side) * number / (len(SIDES) - 1)
        faces.append((middle - side * 0.37, at, side) if along_x else (at, middle - side / 2, side))
        at += 2.4 * side
    return scene(WIDTH, HEIGHT, faces)


@pytest.mark.parametrize("along_x", [True, False], ids=["x", "y"])
@pytest.mark.parametrize("network", ["centerface", "yunet"])
def test_each_face_around_a_seam_is_one_head(network: str, along_x: bool, tools: Tools) -> None:
    looks = first_looks(WIDTH, HEIGHT)
    tiled = max((look for look in looks if look.network == network), key=lambda look: look.scale)
    picture, faces = across(*seam(WIDTH if along_x else HEIGHT, tiled), along_x)
    heads = outermost(seen(picture, looks, tools))
    for face in faces:
        here = [head for head in heads if head.box.overlap(face) > 0]
        assert len(here) == 1, f"a face of {face.height:.0f} px is {len(here)} heads"
        assert here[0].box.iou(face) >= 0.6
    assert len(heads) == len(faces)


@settings(max_examples=25)
@given(place=st.floats(0, 1), side=st.integers(28, OVERLAP_PX), along_x=st.booleans())
def test_no_place_on_a_seam_hides_a_face_that_fits_the_overlap(
    place: float, side: int, along_x: bool, tools: Tools
) -> None:
    look = Look("centerface", 1.0)
    first, last = seam(WIDTH, look)
    middle = first - side + (last - first + 2 * side) * place
    if along_x:
        picture, (face,) = scene(WIDTH, 256, [(middle - side * 0.37, 90, side)])
    else:
        picture, (face,) = scene(256, WIDTH, [(90, middle - side / 2, side)])
    assert max((head.box.iou(face) for head in seen(picture, (look,), tools)), default=0) >= 0.6
