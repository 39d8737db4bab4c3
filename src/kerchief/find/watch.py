"""Looks at a film: at every few frames, and between two looks that disagree down to every frame.

Two looks agree when every sure thing in one has its like in the other, with the picture's own motion taken out, and
nothing seems to have moved on its own. Doubtful things that stay where they are need no look of their own:
``find.follow`` holds them along the motion.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace

import numpy as np

from kerchief.find.likeness import alike, nearest, offset
from kerchief.find.motion import Camera
from kerchief.geometry import Box
from kerchief.ports import Detection, YuvFrame

#: Frames from one look to the next where all agree.
STEP = 8
#: What is at least so sure asks for a look in between when the other look does not have it.
SURE = 0.8
#: So does what is less sure, when the other look has something of its size, unmatched too, within so many of its sides:
#: it may have gone there.
MAY_HAVE_GONE, GONE_SIDES = 0.3, 4.0
#: What enters or leaves at the border needs no look in between: it is extrapolated.
BORDER = 0.5


@dataclass(slots=True)
class Watched:
    """What was seen of a film; grows while it is watched.

    Attributes:
        times: pts of every frame.
        looks: what was found, by frame number, for every frame that was looked at.
        camera: the picture's motion and its shots.
        length: sum of the frames' durations.
    """

    times: list[int] = field(default_factory=list)
    looks: dict[int, list[Detection]] = field(default_factory=dict)
    camera: Camera = field(default_factory=Camera)
    length: int = 0


Look = Callable[[YuvFrame], list[Detection]]


def watch(frames: Iterable[YuvFrame], look: Look, first: int = 0, *, between: bool = True) -> Iterator[Watched]:
    """What is seen, told again after every step (the same growing object); memory is bounded by the step.

    Args:
        frames: the film.
        look: finds things in one frame.
        first: number of the first frame that is looked at.
        between: whether to look between two looks that disagree.
    """
    seen = Watched()
    waiting: list[YuvFrame] = []
    number = -1
    for number, frame in enumerate(frames):
        seen.times.append(frame.pts)
        seen.length = frame.pts + frame.duration
        seen.camera.see(frame)
        waiting.append(frame)
        is_cut = number > 0 and seen.camera.shot[number] != seen.camera.shot[number - 1]
        if number % STEP == first % STEP or number == first or is_cut:
            _close(seen, waiting, number, look, between=between)
            waiting = waiting[-1:]
            yield seen
    if number >= 0 and number not in seen.looks:
        _close(seen, waiting, number, look, between=between)
    yield seen


def _close(seen: Watched, waiting: list[YuvFrame], number: int, look: Look, *, between: bool) -> None:
    """Look at the last of the waiting frames, and between it and the first where that is needed."""
    start = number - len(waiting) + 1
    seen.looks[number] = look(waiting[-1])
    if between and start in seen.looks and start < number:
        _bisect(seen, waiting, start, start, number, look)
    elif between and number - 1 not in seen.looks and seen.camera.shot[number] != seen.camera.shot[max(0, number - 1)]:
        seen.looks[number - 1] = look(waiting[-2])  # the last frame before a cut


def _bisect(seen: Watched, waiting: list[YuvFrame], start: int, a: int, b: int, look: Look) -> None:
    if b - a < 2:
        return
    if seen.camera.shot[a] != seen.camera.shot[b]:
        if b - 1 not in seen.looks:
            seen.looks[b - 1] = look(waiting[b - 1 - start])
        _bisect(seen, waiting, start, a, b - 1, look)
        return
    size = (waiting[0].width, waiting[0].height)
    if agree(seen, a, b, size):
        return
    middle = (a + b) // 2
    seen.looks[middle] = look(waiting[middle - start])
    _bisect(seen, waiting, start, a, middle, look)
    _bisect(seen, waiting, start, middle, b, look)


def agree(seen: Watched, a: int, b: int, size: tuple[int, int]) -> bool:
    """Whether two looks show the same things, in the same places or where their motion took them."""
    still, gone = _expected(seen, a, b)
    two = seen.looks[b]
    boxes = [d.box for d in two]
    same = alike(still, boxes) | alike(gone, boxes)
    one = [replace(d, box=box) for d, box in zip(seen.looks[a], still, strict=True)]
    left_one = [one[n] for n in np.flatnonzero(~same.any(axis=1)) if not _is_at_border(one[n].box, size)]
    left_two = [two[n] for n in np.flatnonzero(~same.any(axis=0)) if not _is_at_border(two[n].box, size)]
    if any(d.score >= SURE for d in (*left_one, *left_two)):
        return False
    believed = [[d.box for d in left if d.score >= MAY_HAVE_GONE] for left in (left_one, left_two)]
    return not bool(alike(believed[0], believed[1], GONE_SIDES).any())


def _expected(seen: Watched, a: int, b: int) -> tuple[list[Box], list[Box]]:
    """Where the things of one look are at another time if they stand still, and if they go on as they came."""
    camera = seen.camera
    still = [d.box.moved(*camera.moved(a, b)) for d in seen.looks[a]]
    before = max((n for n in seen.looks if a - STEP <= n < a and camera.shot[n] == camera.shot[a]), default=None)
    if before is None or not seen.looks[before]:
        return still, still
    share = (b - a) / (a - before)
    came = [d.box.moved(*camera.moved(before, a)) for d in seen.looks[before]]
    return still, [box.moved(*_way(came, d.box, share)) for d, box in zip(seen.looks[a], still, strict=True)]


def _way(came: list[Box], now: Box, share: float) -> tuple[float, float]:
    """How far a thing goes on from where it is now, if it was there before."""
    of = came[nearest(now, came)]
    if not alike([of], [now]).any():
        return 0.0, 0.0
    x, y = offset(of, now)
    return x * share, y * share


def _is_at_border(box: Box, size: tuple[int, int]) -> bool:
    room_x, room_y = BORDER * box.width, BORDER * box.height
    inside = box.x0 > room_x and box.x1 < size[0] - room_x
    return not (inside and box.y0 > room_y and box.y1 < size[1] - room_y)
