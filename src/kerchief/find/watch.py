"""Looks at a film: at every few frames, and between two looks that disagree down to every frame.

Two looks agree when every sure thing in one has its like in the other, with the picture's own motion taken out, and
nothing seems to have moved on its own. Doubtful things that stay where they are need no look of their own:
``find.follow`` holds them along the motion.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace

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
#: Alike: centres nearer than this share of the larger side, and sides that differ by less than this factor.
NEAR, SIZES = 0.6, 1.6
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
    one, gone = _expected(seen, a, b)
    two = seen.looks[b]
    like_one, like_two = _likes(one, two), _likes(gone, two)
    left_one = [d for n, d in enumerate(one) if not (like_one[n] or like_two[n]) and not _is_at_border(d.box, size)]
    met = {m for likes in (*like_one, *like_two) for m in likes}
    left_two = [d for m, d in enumerate(two) if m not in met and not _is_at_border(d.box, size)]
    if any(d.score >= SURE for d in (*left_one, *left_two)):
        return False
    return not any(_is_near(d.box, e.box, GONE_SIDES) for d in left_one for e in left_two if _are_believed(d, e))


def _expected(seen: Watched, a: int, b: int) -> tuple[list[Detection], list[Detection]]:
    """Where the things of one look are at another time if they stand still, and if they go on as they came."""
    camera = seen.camera
    still = [replace(d, box=d.box.moved(*camera.moved(a, b))) for d in seen.looks[a]]
    before = max((n for n in seen.looks if a - STEP <= n < a and camera.shot[n] == camera.shot[a]), default=None)
    if before is None:
        return still, still
    share = (b - a) / (a - before)
    came = [replace(d, box=d.box.moved(*camera.moved(before, a))) for d in seen.looks[before]]
    gone = []
    for now, stays in zip(seen.looks[a], still, strict=True):
        of = min(came, key=lambda d: _distance(d.box, now.box), default=now)
        x, y = _offset(of.box, now.box) if alike(of.box, now.box) else (0.0, 0.0)
        gone.append(replace(stays, box=stays.box.moved(x * share, y * share)))
    return still, gone


def _likes(these: list[Detection], those: list[Detection]) -> list[list[int]]:
    """For each of these the numbers of those that are like it."""
    return [[m for m, other in enumerate(those) if alike(d.box, other.box)] for d in these]


def _offset(a: Box, b: Box) -> tuple[float, float]:
    """From the middle of one box to that of another."""
    return (b.x0 + b.x1 - a.x0 - a.x1) / 2, (b.y0 + b.y1 - a.y0 - a.y1) / 2


def _distance(a: Box, b: Box) -> float:
    return max(map(abs, _offset(a, b)))


def _are_believed(a: Detection, b: Detection) -> bool:
    return min(a.score, b.score) >= MAY_HAVE_GONE


def alike(a: Box, b: Box) -> bool:
    """Whether two boxes can be the same thing in neighbouring looks."""
    return _is_near(a, b, NEAR)


def _is_near(a: Box, b: Box, sides: float) -> bool:
    """Whether two boxes are alike in size and no farther apart than so many of the larger one's sides."""
    ratio = a.height / b.height
    return _distance(a, b) <= sides * max(a.width, a.height, b.width, b.height) and 1 / SIZES <= ratio <= SIZES


def _is_at_border(box: Box, size: tuple[int, int]) -> bool:
    room_x, room_y = BORDER * box.width, BORDER * box.height
    inside = box.x0 > room_x and box.x1 < size[0] - room_x
    return not (inside and box.y0 > room_y and box.y1 < size[1] - room_y)
