"""Faces in a picture, as an adversary finds them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kerchief.adversary.arms import Arms
from kerchief.errors import InputRefused
from kerchief.find.detect import as_rgb8, detect
from kerchief.find.head import BOTTOM, SIDE, TOP
from kerchief.find.pyramid import FIRST_THRESHOLD, first_looks
from kerchief.geometry import Box
from kerchief.ports import Detection, Embedder, Landmarks, RegionKind
from kerchief.prove.verify import SURE
from kerchief.tools import Source, Tools

#: Below this height no recogniser that we know tells faces apart.
LEAST_PX = 20
#: A found box is about the face that it overlaps by this much.
SAME_IOU = 0.3

#: (height, width, 3) uint8.
Rgb = NDArray[np.uint8]
#: The embedding of one face by each recogniser: (d,) float32.
ByRecogniser = Mapping[str, NDArray[np.float32]]


@dataclass(frozen=True, slots=True, eq=False)
class Face:
    """A face and how it lies.

    Attributes:
        box: from brow to chin, display pixels.
        landmarks: eyes and nose, (5, 2).
    """

    box: Box
    landmarks: Landmarks


def the_picture(source: Source) -> Rgb:
    """A photo's only picture, as recognisers take it.

    Raises:
        InputRefused: it has several.
    """
    if source.photo is None:
        raise InputRefused(str(source.path), "is no photo of one frame", "Leave it out; films are attacked one by one.")
    return as_rgb8(source.photo.pixels)


def sure_faces(rgb: Rgb, tools: Tools) -> list[Detection]:
    """Faces that the networks are sure of, the largest first."""
    height, width = rgb.shape[:2]
    networks = tools.networks
    looks = first_looks(width, height, networks.own)
    found = detect(rgb, looks, networks.by_name, FIRST_THRESHOLD, networks.threads)
    sure = [one for one in found if one.kind is RegionKind.FACE and one.score >= SURE]
    return sorted(sure, key=lambda one: -one.box.area)


def placed(rgb: Rgb, box: Box, arms: Arms) -> Face:
    """A face with its landmarks."""
    return Face(box, arms.opponent.landmarks(rgb, box))


def embedded(rgb: Rgb, face: Face, recognisers: Iterable[Embedder]) -> ByRecogniser:
    """What each recogniser makes of what lies where a face is, or was."""
    return {one.name: one.embed(rgb, [face.landmarks])[0] for one in recognisers}


def is_among(face: Box, found: Iterable[Box]) -> bool:
    """Whether one of these boxes is about a face."""
    return any(face.iou(box) >= SAME_IOU for box in found)


def face_of(head: Box) -> Box:
    """The box of the face whose ``head_of`` this is."""
    width, height = head.width / (1 + 2 * SIDE), head.height / (1 + TOP + BOTTOM)
    x0, y0 = head.x0 + SIDE * width, head.y0 + TOP * height
    return Box(x0, y0, x0 + width, y0 + height)
