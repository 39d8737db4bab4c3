"""A drawn region follows what is under it: median flow, without any network.

Points in the region are tracked to the next frame and back (pyramidal Lucas-Kanade); those that don't come back to
where they began are left out, and the others' median says how the region moves and grows (Kalal, Mikolajczyk and
Matas: Forward-Backward Error: Automatic Detection of Tracking Failures, ICPR 2010).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from math import cos, radians, sin

import cv2
import numpy as np
from numpy.typing import NDArray

from kerchief.find.follow import sparse
from kerchief.find.motion import Camera
from kerchief.geometry import Box
from kerchief.plan.model import MOST_PX, Region
from kerchief.ports import YuvFrame

#: Luma of uint8, (height, width).
Luma = NDArray[np.uint8]
#: (n, 2) float32, x and y.
Points = NDArray[np.float32]

#: So many points across the region, within this share of its sides: at its rim the background begins.
ACROSS, WITHIN = 12, 0.8
#: A region is tracked at such a scale that its shorter side has at most so many pixels, ...
SIDE_PX = 80.0
#: ... in a cut of the picture that reaches so many of its longer sides beyond it.
ROOM = 1.0
#: Lucas-Kanade's window, and how often the picture is halved.
WINDOW_PX, LEVELS = 13, 3
#: Lost: the middle one of the points comes back farther off than this share of the shorter side, ...
MOST_BACK = 0.06
#: ... or the surroundings of the middle one look less like those in the frame before (normalised correlation).
LEAST_ALIKE = 0.7
#: Side of the surroundings that are compared.
PATCH_PX = 10
#: It takes so many points that came back.
LEAST_POINTS = 8
#: The most that a region may grow or shrink from one frame to the next.
MOST_SCALE = 1.15
#: Lost too: it looks less than this like so many seconds ago, and like what was drawn around (normalised correlation of
#: thumbnails of that side). So a region doesn't stay on what a head went behind.
LEAST_LIKE_BEFORE, AGO_SECONDS, THUMBNAIL_PX = 0.3, 0.7, 16
#: Where fewer of a region's points than this are in the picture it goes on as it went, for so many seconds at most.
LEAST_IN_PICTURE, LEAVING_SECONDS = 0.35, 1.0


@dataclass(frozen=True, slots=True)
class _Step:
    """How a region's middle moves from one frame to the next, in pixels, and by what it grows."""

    dx: float
    dy: float
    scale: float = 1.0


class _Looks:
    """How a region looked when it was drawn, and for a while up to now."""

    def __init__(self, while_units: float) -> None:
        self._while = while_units
        self._first: Luma | None = None
        self._before: deque[tuple[int, Luma]] = deque()

    def like_before(self, pts: int, look: Luma) -> bool:
        """Take in how it looks; whether it is still like what it was at first, or a while ago."""
        if self._first is None:
            self._first = look
        self._before.append((pts, look))
        while pts - self._before[0][0] > self._while:
            self._before.popleft()
        return max(_correlation(look, self._first), _correlation(look, self._before[0][1])) >= LEAST_LIKE_BEFORE


def carry(frames: Iterable[YuvFrame], region: Region, seconds_per_unit: float) -> list[tuple[int, Region]]:
    """Where a region goes with what is under it: (pts, region) for keyframes.

    It ends with the last frame in which that can be told: before a cut (or a flash), before it is lost, and when it has
    left the picture; a region larger than the picture goes nowhere. It keeps its shape and its turn.

    Args:
        frames: from the one that it was drawn in on; not read farther than needed.
        region: as drawn in the first frame, display pixels.
        seconds_per_unit: of the time base.
    """
    camera = Camera()
    places: list[tuple[int, Region]] = []
    last: Luma | None = None
    step, seen, looks = _Step(0.0, 0.0), 0, _Looks(AGO_SECONDS / seconds_per_unit)
    for frame in frames:
        camera.see(frame)
        luma = np.asarray(frame.planes[0], np.uint8)
        if last is not None:
            if camera.shot[-1] != camera.shot[0] or not _can_be_followed(region, luma):
                break
            if _share_inside(region, luma) >= LEAST_IN_PICTURE:
                found = _moved(last, luma, region, camera.moved(len(camera.at) - 2, len(camera.at) - 1))
                if found is None:
                    break
                step, seen = found, frame.pts
            elif (frame.pts - seen) * seconds_per_unit > LEAVING_SECONDS:
                break
            else:
                step = _Step(step.dx, step.dy)
            after = _stepped(region, step)
            if after is None or not _can_be_followed(after, luma):
                break
            region = after
            if seen == frame.pts and not looks.like_before(frame.pts, _thumbnail(luma, region)):
                break
        elif _can_be_followed(region, luma):
            seen = frame.pts
            looks.like_before(seen, _thumbnail(luma, region))
        places.append((frame.pts, region))
        last = luma
    return [(pts, _rounded(place)) for pts, place in sparse(places)]


def _moved(before: Luma, after: Luma, region: Region, camera: tuple[float, float]) -> _Step | None:
    """How what is under a region moves; None where that can't be told.

    Both frames are cut out around the region, the later one where the picture's own motion takes it, so that what is
    left to be found is small, and costs the same in any picture.
    """
    box = region.box
    scale = min(1.0, SIDE_PX / min(box.width, box.height))
    room = ROOM * max(box.width, box.height) + WINDOW_PX / scale
    cut = region.hull.grow(room, room, room, room)
    x0, y0, width, height = round(cut.x0), round(cut.y0), round(cut.width), round(cut.height)
    by_x, by_y = round(camera[0]), round(camera[1])
    one, two = (
        _cut_out(before, x0, y0, width, height, scale),
        _cut_out(after, x0 + by_x, y0 + by_y, width, height, scale),
    )
    points = _inside(_grid(region), before)
    flat = ((points - (x0, y0)) * scale).astype(np.float32)
    found = _tracked(one, two, flat, MOST_BACK * min(box.width, box.height) * scale)
    if found is None:
        return None
    old, new = found
    middle = np.array([(box.x0 + box.x1) / 2 - x0, (box.y0 + box.y1) / 2 - y0]) * scale
    grown = _growth(old, new)
    moved = np.median(new - grown * (old - middle), axis=0) - middle
    return _Step(float(moved[0]) / scale + by_x, float(moved[1]) / scale + by_y, grown)


def _tracked(one: Luma, two: Luma, points: Points, most_back: float) -> tuple[Points, Points] | None:
    """The better half of the points in both pictures; None where even the middle one is not to be trusted."""
    if len(points) < LEAST_POINTS:
        return None
    there, is_there = _flowed(one, two, points)
    back, is_back = _flowed(two, one, there)
    held = is_there & is_back
    if held.sum() < LEAST_POINTS:
        return None
    points, there, back = points[held], there[held], back[held]
    off = np.linalg.norm(back - points, axis=1)
    alike = _alike(one, two, points, there)
    if np.median(off) > most_back or np.median(alike) < LEAST_ALIKE:
        return None
    good = (off <= np.median(off)) & (alike >= np.median(alike))
    good = good if good.sum() >= LEAST_POINTS else off <= np.median(off)
    return points[good], there[good]


def _flowed(one: Luma, two: Luma, points: Points) -> tuple[Points, NDArray[np.bool_]]:
    """Where points of one picture are in another, and which of them could be told."""
    window = (WINDOW_PX, WINDOW_PX)
    there, told, _ = cv2.calcOpticalFlowPyrLK(one, two, points, points.copy(), winSize=window, maxLevel=LEVELS)
    return np.asarray(there, np.float32), np.asarray(told)[:, 0] == 1


def _alike(one: Luma, two: Luma, a: Points, b: Points) -> NDArray[np.float64]:
    """(n,) normalised correlation of the surroundings of points in two pictures."""
    size = (PATCH_PX, PATCH_PX)
    pairs = zip(a, b, strict=True)
    patches = [(cv2.getRectSubPix(one, size, p.tolist()), cv2.getRectSubPix(two, size, q.tolist())) for p, q in pairs]
    return np.array([_correlation(np.asarray(p, np.uint8), np.asarray(q, np.uint8)) for p, q in patches])


def _correlation(a: Luma, b: Luma) -> float:
    """Normalised correlation of two pictures of one size, −1 to 1."""
    return float(cv2.matchTemplate(a, b, cv2.TM_CCOEFF_NORMED)[0, 0])


def _thumbnail(luma: Luma, region: Region) -> Luma:
    """What is in a region's box, as a small square; beyond the picture its rim goes on."""
    size = (max(1, round(region.width)), max(1, round(region.height)))
    inside = cv2.getRectSubPix(luma, size, (region.x + region.width / 2, region.y + region.height / 2))
    small = cv2.resize(inside, (THUMBNAIL_PX, THUMBNAIL_PX), interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.uint8)


def _growth(old: Points, new: Points) -> float:
    """By what distances between points grew: the median over all pairs."""
    first, second = np.triu_indices(len(old), 1)
    before = np.linalg.norm(old[first] - old[second], axis=1)
    after = np.linalg.norm(new[first] - new[second], axis=1)
    apart = before > 1
    if not apart.any():
        return 1.0
    return float(np.clip(np.median(after[apart] / before[apart]), 1 / MOST_SCALE, MOST_SCALE))


def _grid(region: Region) -> Points:
    """Points in the middle of a region, turned with it, display pixels."""
    steps = np.linspace(-WITHIN / 2, WITHIN / 2, ACROSS)
    u, v = (axis.ravel() for axis in np.meshgrid(steps, steps))
    inside = u * u + v * v <= (WITHIN / 2) ** 2
    a, b = u[inside] * region.width, v[inside] * region.height
    turn = radians(region.angle)
    x = region.x + region.width / 2 + cos(turn) * a - sin(turn) * b
    y = region.y + region.height / 2 + sin(turn) * a + cos(turn) * b
    return np.stack([x, y], axis=1).astype(np.float32)


def _inside(points: Points, luma: Luma) -> Points:
    height, width = luma.shape
    x, y = points.T
    inside: NDArray[np.bool_] = (x >= 0) & (y >= 0) & (x <= width - 1) & (y <= height - 1)
    return np.asarray(points[inside], np.float32)


def _can_be_followed(region: Region, luma: Luma) -> bool:
    """Whether something of it is in the picture, and it is no larger than that."""
    height, width = luma.shape
    return region.hull.clip(width, height) is not None and region.width <= width and region.height <= height


def _share_inside(region: Region, luma: Luma) -> float:
    points = _grid(region)
    return len(_inside(points, luma)) / len(points)


def _cut_out(luma: Luma, x0: int, y0: int, width: int, height: int, scale: float) -> Luma:
    """A part of a picture, scaled; beyond the picture its rim goes on."""
    rows, columns = luma.shape
    inside = luma[max(0, y0) : max(0, y0 + height), max(0, x0) : max(0, x0 + width)]
    if not inside.size:
        return np.zeros((max(1, round(height * scale)), max(1, round(width * scale))), np.uint8)
    top, left = max(0, -y0), max(0, -x0)
    bottom, right = max(0, y0 + height - rows), max(0, x0 + width - columns)
    whole = cv2.copyMakeBorder(inside, top, bottom, left, right, cv2.BORDER_REPLICATE)
    if scale == 1:
        return np.asarray(whole, np.uint8)
    return np.asarray(cv2.resize(whole, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)


def _stepped(region: Region, step: _Step) -> Region | None:
    """The region after a step; None where it would reach farther than regions may."""
    width, height = region.width * step.scale, region.height * step.scale
    x = region.x + region.width / 2 + step.dx - width / 2
    y = region.y + region.height / 2 + step.dy - height / 2
    if max(abs(x), abs(y), width, height) > MOST_PX:
        return None
    return Region(shape=region.shape, x=x, y=y, width=width, height=height, angle=region.angle)


def _rounded(region: Region) -> Region:
    """The same, readable in a plan."""
    rounded = Region.from_box(Box(region.x, region.y, region.x + region.width, region.y + region.height), region.shape)
    return rounded.model_copy(update={"angle": region.angle})
