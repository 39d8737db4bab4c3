"""Looks at a film: at every few frames, and between two looks that disagree down to every frame.

Two looks agree when every sure thing in one has its like in the other, with the picture's own motion taken out, and
nothing seems to have moved on its own. Doubtful things that stay where they are need no look of their own:
``find.follow`` holds them along the motion.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from kerchief.find.likeness import alike, distances, offset
from kerchief.find.motion import Camera
from kerchief.geometry import Box
from kerchief.ports import Detection, Mask, YuvFrame

#: Seconds from one look to the next where all agree; and the most frames.
STEP_SECONDS, MOST_STEP = 0.28, 12
#: So many looks run at the same time, while the frames after them are read.
AHEAD = 2
#: What is at least so sure asks for a look in between when the other look does not have it.
SURE = 0.8
#: So does what is less sure, when the other look has something of its size, unmatched too, within so many of its sides:
#: it may have gone there.
MAY_HAVE_GONE, GONE_SIDES = 0.3, 4.0
#: What enters or leaves at the border needs no look in between: it is extrapolated.
BORDER = 0.5
#: Things in one look that overlap by more than this (intersection over union) may be one head that is seen twice.
SAME_HEAD = 0.2


Motion = NDArray[np.float64]


@dataclass(slots=True)
class Watched:
    """What was seen of a film; grows while it is watched.

    Attributes:
        times: pts of every frame.
        looks: what was found, by frame number, for every frame that was looked at.
        camera: the picture's motion and its shots.
        length: sum of the frames' durations.
        step: frames from one look to the next, at most.
        own_motion: (n, 2) for the things of a look: pixels a frame that they have moved by themselves before it.
    """

    times: list[int] = field(default_factory=list)
    looks: dict[int, list[Detection]] = field(default_factory=dict)
    camera: Camera = field(default_factory=Camera)
    length: int = 0
    step: int = 1
    own_motion: dict[int, Motion] = field(default_factory=dict)


Look = Callable[[YuvFrame], list[Detection]]


@dataclass(slots=True)
class _Stretch:
    """The frames from one look to the next.

    Attributes:
        number: of the last frame, which is looked at.
        frames: from the frame of the look before to that one.
        look: what is seen in the last one, as soon as it is known.
    """

    number: int
    frames: list[YuvFrame]
    look: Future[list[Detection]]


def step_for(rate: float) -> int:
    """Frames from one look to the next in a film of so many frames a second; few where a second has few."""
    return min(MOST_STEP, max(1, round(STEP_SECONDS * rate)))


def watch(frames: Iterable[YuvFrame], look: Look, step: int, first: int = 0, *, between: bool = True) -> Watched:
    """What is seen. Of the frames some (AHEAD + 1) steps are in memory, whatever the film's length.

    Args:
        frames: the film.
        look: finds things in one frame; called from several threads.
        step: frames from one look to the next.
        first: looks are at the frames whose numbers leave this when divided by the step; cuts and the end add to them.
        between: whether to look between two looks that disagree.
    """
    seen = Watched(step=step)
    waiting: list[YuvFrame] = []
    running: deque[_Stretch] = deque()
    number = -1
    with ThreadPoolExecutor(AHEAD) as pool:
        for number, frame in enumerate(frames):
            seen.times.append(frame.pts)
            seen.length = frame.pts + frame.duration
            seen.camera.see(frame)
            waiting.append(frame)
            is_cut = number > 0 and seen.camera.shot[number] != seen.camera.shot[number - 1]
            if number % step == first or is_cut:
                running.append(_Stretch(number, waiting, pool.submit(look, frame)))
                waiting = waiting[-1:]
                if len(running) == AHEAD:
                    _close(seen, running.popleft(), look, between=between)
        if number >= 0 and not (running and running[-1].number == number):
            running.append(_Stretch(number, waiting, pool.submit(look, waiting[-1])))
        while running:
            _close(seen, running.popleft(), look, between=between)
    return seen


def _close(seen: Watched, stretch: _Stretch, look: Look, *, between: bool) -> None:
    """Take in a look, and look between it and the one before where that is needed."""
    number, frames = stretch.number, stretch.frames
    start = number - len(frames) + 1
    seen.looks[number] = stretch.look.result()
    if between and start in seen.looks and start < number:
        _bisect(seen, frames, start, start, number, look)


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


def agree(
    seen: Watched, a: int, b: int, size: tuple[int, int], sure: float = SURE, may_have_gone: float = MAY_HAVE_GONE
) -> bool:
    """Whether two looks show the same things, in the same places or where their motion took them.

    Notes the own motion of the things in the second.

    Args:
        seen: what was seen.
        a: a frame that was looked at.
        b: a later one.
        size: of the frames, pixels.
        sure: see ``SURE``.
        may_have_gone: see ``MAY_HAVE_GONE``.
    """
    still = [d.box.moved(*seen.camera.moved(a, b)) for d in seen.looks[a]]
    gone = _gone_on(still, seen.own_motion.get(a), b - a)
    two = seen.looks[b]
    boxes = [d.box for d in two]
    same = alike(still, boxes) | alike(gone, boxes)
    seen.own_motion[b] = _own_motion(still, gone, boxes, same, b - a)
    one = [replace(d, box=box) for d, box in zip(seen.looks[a], still, strict=True)]
    pairs = _pairs(same, one, two)
    left_one = [one[n] for n in _left([d.box for d in one], same, pairs) if not _is_at_border(one[n].box, size)]
    left_two = [two[n] for n in _left(boxes, same.T, pairs.T) if not _is_at_border(two[n].box, size)]
    if any(d.score >= sure for d in (*left_one, *left_two)):
        return False
    believed = [[d.box for d in left if d.score >= may_have_gone] for left in (left_one, left_two)]
    return not bool(alike(believed[0], believed[1], GONE_SIDES).any())


def _pairs(same: Mask, one: Sequence[Detection], two: Sequence[Detection]) -> Mask:
    """(n, m) those that are alike, one to one, the surest first: where two meet, one goes behind the other."""
    scores = [np.array([d.score for d in look]) for look in (one, two)]
    rows, columns = linear_sum_assignment(same * (1 + scores[0][:, None] + scores[1]), maximize=True)
    pairs = np.zeros_like(same)
    pairs[rows, columns] = same[rows, columns]
    return pairs


def _left(boxes: Sequence[Box], same: Mask, pairs: Mask) -> list[int]:
    """Those that have no like in the other look, or whose likes are others' there, unless those are the same head."""
    has_pair = pairs.any(axis=1)
    matched = [boxes[int(n)] for n in np.flatnonzero(has_pair)]
    left = [int(n) for n in np.flatnonzero(~has_pair)]
    return [n for n in left if not (same[n].any() and any(boxes[n].iou(box) > SAME_HEAD for box in matched))]


def _gone_on(still: list[Box], motion: Motion | None, frames: int) -> list[Box]:
    """Where things are after some frames if they go on as they came."""
    if motion is None:
        return still
    return [box.moved(float(x) * frames, float(y) * frames) for box, (x, y) in zip(still, motion, strict=True)]


def _own_motion(still: list[Box], gone: list[Box], boxes: list[Box], same: Mask, frames: int) -> Motion:
    """(m, 2) motion of each box since the look before, pixels a frame without the picture's own; 0 where unknown."""
    motion = np.zeros((len(boxes), 2))
    if same.any():
        apart = np.where(same, np.minimum(distances(still, boxes), distances(gone, boxes)), np.inf)
        for m in np.flatnonzero(same.any(axis=0)):
            motion[m] = np.divide(offset(still[int(apart[:, m].argmin())], boxes[m]), frames)
    return motion


def _is_at_border(box: Box, size: tuple[int, int]) -> bool:
    room_x, room_y = BORDER * box.width, BORDER * box.height
    inside = box.x0 > room_x and box.x1 < size[0] - room_x
    return not (inside and box.y0 > room_y and box.y1 < size[1] - room_y)
