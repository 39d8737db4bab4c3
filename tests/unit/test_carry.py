"""A region that is drawn once stays on what it was drawn on. Made films: where the head is in each frame is known."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import cv2
import numpy as np
import pytest
from films import walk
from scenes import Rgb, background, scene

from kerchief.find.carry import carry
from kerchief.geometry import Box
from kerchief.plan.model import Keyframe, Region, Shape, Track
from kerchief.plan.query import region_of
from kerchief.ports import YuvFrame

WIDTH, HEIGHT = 640, 360
SECONDS = 1 / 90_000
FRAME = 3000


def frames(pictures: Sequence[Rgb]) -> list[YuvFrame]:
    """A film of 30 frames a second with a little noise in each, as a camera has it."""
    random = np.random.default_rng(5)
    made = []
    for number, picture in enumerate(pictures):
        luma = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY).astype(np.int16)
        luma = np.clip(luma + random.integers(-3, 4, luma.shape), 0, 255).astype(np.uint8)
        grey = np.full((luma.shape[0] // 2, luma.shape[1] // 2), 128, np.uint8)
        made.append(YuvFrame(number * FRAME, FRAME, (luma, grey, grey)))
    return made


def around(face: Box, shape: Shape = Shape.ELLIPSE) -> Region:
    """What a person draws around a head: the face, with hair and chin."""
    return Region.from_box(face.grow(0.3 * face.width, 0.35 * face.height, 0.3 * face.width, 0.2 * face.height), shape)


def carried(pictures: Sequence[Rgb], region: Region) -> Track:
    keyframes = [Keyframe(pts=pts, region=place) for pts, place in carry(frames(pictures), region, SECONDS)]
    return Track(id="manual-1", keyframes=tuple(keyframes))


def stays_on(track: Track, faces: Sequence[Box], least_iou: float = 0.75) -> None:
    """In every frame the region is where one would draw it anew, and holds the face."""
    for number, face in enumerate(faces):
        region = region_of(track, number * FRAME)
        assert region is not None, f"lost in frame {number}"
        iou = region.box.iou(around(face).box)
        assert iou >= least_iou, f"frame {number}: IoU {iou:.2f}"
        assert region.box.overlap(face) >= 0.97 * face.area, f"frame {number}"


def test_it_stays_on_a_head_that_walks_and_turns_round() -> None:
    way = [(60 + 5 * n, 150 + 30 * np.sin(n / 8)) for n in range(60)]
    pictures, faces = walk(WIDTH, HEIGHT, way + way[::-1], 60)
    track = carried(pictures, around(faces[0]))
    stays_on(track, faces)
    assert len(track.keyframes) < len(faces) / 2


@pytest.mark.parametrize("side", [16, 30, 150])
def test_it_stays_on_heads_of_any_size(side: int) -> None:
    pictures, faces = walk(WIDTH, HEIGHT, [(40 + 4 * n, 100 + n) for n in range(60)], side)
    stays_on(carried(pictures, around(faces[0])), faces, 0.7)


def test_it_goes_with_a_panning_camera_and_a_head_that_walks_the_other_way() -> None:
    view = [(9 * n, 2 * n) for n in range(50)]
    pictures, faces = walk(WIDTH, HEIGHT, [(500 + 3 * n, 170) for n in range(50)], 50, view)
    stays_on(carried(pictures, around(faces[0])), faces)


def test_it_stays_on_a_head_that_the_camera_keeps_in_the_middle() -> None:
    """Everything around it moves, and it stands still."""
    pictures, faces = walk(WIDTH, HEIGHT, [(300 + 6 * n, 150) for n in range(50)], 60, [(6 * n, 0) for n in range(50)])
    stays_on(carried(pictures, around(faces[0])), faces)


@pytest.mark.parametrize("by", [1.012, 1 / 1.012])
def test_it_grows_and_shrinks_with_the_head(by: float) -> None:
    sides = [60 * by**n for n in range(60)]
    made = [scene(WIDTH, HEIGHT, [(300 - s / 2, 160 - s / 2, s)]) for s in sides]
    faces = [boxes[0] for _, boxes in made]
    stays_on(carried([picture for picture, _ in made], around(faces[0])), faces)


def test_it_stops_at_a_cut() -> None:
    pictures, faces = walk(WIDTH, HEIGHT, [(100 + 4 * n, 150) for n in range(20)], 60)
    others, _ = walk(WIDTH, HEIGHT, [(200, 100)] * 20, 60, seed=99)
    dark = [(255 - picture) for picture in others]
    track = carried(pictures + dark, around(faces[0]))
    stays_on(track, faces)
    assert track.keyframes[-1].pts == 19 * FRAME


def test_it_stops_when_the_head_is_gone() -> None:
    pictures, faces = walk(WIDTH, HEIGHT, [(100 + 4 * n, 150) for n in range(20)], 60)
    track = carried(pictures + [background(WIDTH, HEIGHT)] * 20, around(faces[0]))
    stays_on(track, faces)
    assert track.keyframes[-1].pts <= 21 * FRAME


def test_it_does_not_stay_on_what_a_head_goes_behind() -> None:
    pictures, faces = walk(WIDTH, HEIGHT, [(60 + 4 * n, 150) for n in range(80)], 60)
    for picture in pictures:
        picture[:, 260:330] = background(WIDTH, HEIGHT, 77)[:, 260:330]
    before = next(n for n, face in enumerate(faces) if face.x1 > 260)
    track = carried(pictures, around(faces[0]))
    stays_on(track, faces[:before])
    behind = next(n for n, face in enumerate(faces) if face.x0 > 260)
    assert track.keyframes[-1].pts < (behind + 15) * FRAME


def test_it_stays_on_a_head_until_the_picture_ends() -> None:
    pictures, faces = walk(WIDTH, HEIGHT, [(480 + 6 * n, 150) for n in range(60)], 60)
    track = carried(pictures, around(faces[0]))
    gone = next(n for n, face in enumerate(faces) if face.clip(WIDTH, HEIGHT) is None)
    for number, face in enumerate(faces[:gone]):
        seen, region = face.clip(WIDTH, HEIGHT), region_of(track, number * FRAME)
        assert seen is not None
        assert region is not None, f"lost in frame {number}"
        assert region.box.overlap(seen) >= 0.95 * seen.area, f"frame {number}"
    assert track.keyframes[-1].pts < (gone + 20) * FRAME


def test_a_turned_box_keeps_its_shape_and_turn() -> None:
    pictures, faces = walk(WIDTH, HEIGHT, [(100 + 4 * n, 150) for n in range(30)], 60)
    drawn = around(faces[0], Shape.BOX).model_copy(update={"angle": 25.0})
    track = carried(pictures, drawn)
    stays_on(track, faces)
    assert {(k.region.shape, k.region.angle) for k in track.keyframes} == {(Shape.BOX, 25.0)}


def test_frames_after_the_end_are_not_read() -> None:
    pictures, faces = walk(WIDTH, HEIGHT, [(100 + 4 * n, 150) for n in range(10)], 60)
    read = []
    film = frames(pictures + [255 - background(WIDTH, HEIGHT, 3)] * 50)
    carry((read.append(f) or f for f in film), around(faces[0]), SECONDS)  # type: ignore[func-returns-value]
    assert len(read) == 11


def test_one_frame_and_none() -> None:
    region = Region(x=5, y=6, width=30, height=40)
    assert carry(frames([background(WIDTH, HEIGHT)]), region, SECONDS) == [(0, region)]
    assert carry([], region, SECONDS) == []


@pytest.mark.parametrize(("x", "side"), [(-500, 90), (-1e5, 4e5)])
def test_what_is_not_in_the_picture_or_larger_than_it_is_not_followed(x: float, side: float) -> None:
    region = Region(x=x, y=x, width=side, height=side)
    assert carry(frames([background(WIDTH, HEIGHT)] * 3), region, SECONDS) == [(0, region)]


def test_the_keyframes_are_in_order() -> None:
    pictures, faces = walk(WIDTH, HEIGHT, [(60 + 5 * n, 150) for n in range(20)], 60)
    found = carry(frames(pictures), around(faces[0]), SECONDS)
    assert found[0] == (0, around(faces[0]))
    assert all(a[0] < b[0] for a, b in pairwise(found))
