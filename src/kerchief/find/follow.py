"""Looks at a film → tracks: the same person linked over time, and covered where nobody looked too.

Linked with the picture's own motion taken out, by the cheapest assignment (Kuhn 1955, as in scipy). Before its first
look, after its last and in gaps a track is held along the motion, and grows with the frames since it was seen.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import count, pairwise
from statistics import median

import numpy as np
from scipy.optimize import linear_sum_assignment

from kerchief.find.head import outermost, region_for
from kerchief.find.likeness import alike, offset
from kerchief.find.watch import Watched
from kerchief.geometry import Box
from kerchief.plan.model import DecidedBy, Decision, Keyframe, Region, Track
from kerchief.ports import Detection

#: A track is held for so many seconds before its first look and after its last, at least for so many frames, and at
#: least up to the looks beside them.
HOLD_SECONDS, HOLD_FRAMES = 0.27, 5
#: A gap of that length is bridged when something of its size is there again at its end.
GAP_SECONDS = 1.2
#: A track is believed when one look was so sure; fainter looks only carry it on (as in ByteTrack, Zhang et al. 2022).
#: Seen once only, it takes more; and so does a large one, which a network sees well.
LEAST_SCORE, ONCE, LARGE = 0.2, 0.1, 0.3
#: The heights of faces, in pixels, between which that last demand rises.
LARGE_FROM_PX, LARGE_TO_PX = 32.0, 96.0
#: Growth of a head for each frame since it was looked at, and the most, as shares of its sides.
GROWTH, MOST_GROWTH = 0.01, 0.3
#: Own motion is told from looks that are at least so many frames apart; nearer ones differ by the network's jitter.
MOTION_FRAMES = 4
#: Keyframes are left out where interpolation misses no side by more than this share of the head's width (or 1 px).
TOLERANCE = 0.04
FAR = 1e6


@dataclass(slots=True, eq=False)
class Thread:
    """One thing through the looks: (frame number, detection)."""

    seen: list[tuple[int, Detection]] = field(default_factory=list)


def follow(
    watched: Watched,
    seconds_per_unit: float,
    first_id: int = 1,
    by: DecidedBy = DecidedBy.DEFAULT,
    least_score: float = LEAST_SCORE,
) -> tuple[Track, ...]:
    """The tracks of a film.

    Args:
        watched: what was seen.
        seconds_per_unit: of the time base.
        first_id: number of the first track's id.
        by: who put them into the plan.
        least_score: tracks in which no look was so sure are left out (large ones, and what was seen once, must be
            surer); 0 keeps all.
    """
    rate = rate_of(watched, seconds_per_unit)
    hold = max(HOLD_FRAMES, watched.step - 1, round(HOLD_SECONDS * rate))
    numbers = count(first_id)
    seen = replace(watched, looks={number: outermost(found) for number, found in watched.looks.items()})
    threads = (t for t in linked(seen, max(2 * hold, round(GAP_SECONDS * rate))) if is_believed(t, least_score))
    return tuple(_track(next(numbers), thread, watched, hold, by) for thread in threads)


def rate_of(watched: Watched, seconds_per_unit: float) -> float:
    """Frames a second, by the usual frame: one that stays on screen for long says nothing about the others."""
    frames = [later - earlier for earlier, later in pairwise(watched.times)] or [max(1, watched.length)]
    return 1 / max(1e-6, median(frames) * seconds_per_unit)


def is_believed(thread: Thread, least: float) -> bool:
    """Whether a thread is somebody: the more so the smaller, the surer and the oftener seen."""
    height = median(d.box.height for _, d in thread.seen)
    large = min(1.0, max(0.0, (height - LARGE_FROM_PX) / (LARGE_TO_PX - LARGE_FROM_PX)))
    need = least + LARGE * large + ONCE * (len(thread.seen) == 1) if least else 0
    return max(d.score for _, d in thread.seen) >= need


def linked(watched: Watched, gap: int) -> list[Thread]:
    """What is the same in one look after the other.

    Args:
        watched: what was seen, in each look only what lies in nothing else (``find.head.outermost``).
        gap: so many frames something may not be seen and still be the same.
    """
    done: list[Thread] = []
    open_threads: list[Thread] = []
    for number in sorted(watched.looks):
        shot = watched.camera.shot[number]
        still = [t for t in open_threads if t.seen[-1][0] >= number - gap]
        still = [t for t in still if watched.camera.shot[t.seen[-1][0]] == shot]
        done += [t for t in open_threads if t not in still]
        found = watched.looks[number]
        for row, column in _assigned(still, found, number, watched):
            still[row].seen.append((number, found[column]))
        taken = {id(t.seen[-1][1]) for t in still}
        still += [Thread([(number, d)]) for d in found if id(d) not in taken]
        open_threads = still
    return done + open_threads


def _assigned(
    threads: Sequence[Thread], found: Sequence[Detection], number: int, watched: Watched
) -> list[tuple[int, int]]:
    if not threads or not found:
        return []
    boxes = [d.box for d in found]
    cost = np.full((len(threads), len(found)), FAR)
    # Where it would be if it stood still costs more than where it would be if it went on as it came.
    for extra, goes_on in ((1.0, 0.0), (0.0, 1.0)):
        expected = [_expected(thread, number, watched, goes_on) for thread in threads]
        for row, column in np.argwhere(alike(expected, boxes)):
            if found[column].kind is threads[row].seen[-1][1].kind:
                cost[row, column] = min(cost[row, column], extra + 1 - expected[row].iou(boxes[column]))
    rows, columns = linear_sum_assignment(cost)
    return [(int(r), int(c)) for r, c in zip(rows, columns, strict=True) if cost[r, c] < FAR]


def _expected(thread: Thread, number: int, watched: Watched, goes_on: float) -> Box:
    """Where a thread would be: moved with the picture, and on with its own motion (0: not, 1: as between its looks)."""
    at, last = thread.seen[-1]
    box = last.box.moved(*watched.camera.moved(at, number))
    if len(thread.seen) > 1:
        before, earlier = thread.seen[-2]
        share = goes_on * (number - at) / (at - before)
        own_x, own_y = _own_motion(earlier.box, last.box, watched.camera.moved(before, at))
        box = box.moved(own_x * share, own_y * share)
    return box


def _own_motion(a: Box, b: Box, camera: tuple[float, float]) -> tuple[float, float]:
    x, y = offset(a, b)
    return x - camera[0], y - camera[1]


def _track(number: int, thread: Thread, watched: Watched, hold: int, by: DecidedBy) -> Track:
    kind = thread.seen[0][1].kind
    score = max(d.score for _, d in thread.seen)
    places = _places(thread, watched, hold)
    regions = [(watched.times[n], region_for(Detection(box, 1.0, kind))) for n, box in places]
    return Track(
        id=f"{kind.value}-{number}",
        kind=kind,
        score=round(score, 3),
        seen=len(thread.seen),
        decision=Decision(by=by),
        keyframes=tuple(Keyframe(pts=pts, region=region) for pts, region in sparse(regions)),
    )


def _places(thread: Thread, watched: Watched, hold: int) -> list[tuple[int, Box]]:
    """(frame number, box) for every frame that a thread covers."""
    first, last = thread.seen[0], thread.seen[-1]
    shots = watched.camera.shot
    before = [n for n in range(max(0, first[0] - hold), first[0]) if shots[n] == shots[first[0]]]
    after = [n for n in range(last[0] + 1, min(len(shots), last[0] + hold + 1)) if shots[n] == shots[last[0]]]
    places = [(n, _held(thread.seen, n, watched)) for n in before]
    for a, b in zip(thread.seen, thread.seen[1:], strict=False):
        places += [(n, _mixed(a, b, n, watched)) for n in range(a[0], b[0])]
    places.append((last[0], last[1].box))
    return places + [(n, _held(thread.seen[::-1], n, watched)) for n in after]


def place(thread: Thread, number: int, watched: Watched, hold: int) -> Box | None:
    """Where a thread is in one frame; None where it is not: the same as in its track.

    Args:
        thread: what was linked.
        number: the frame.
        watched: what it was linked in.
        hold: frames for which it is held before its first look and after its last.
    """
    first, last = thread.seen[0][0], thread.seen[-1][0]
    shots = watched.camera.shot
    if number < first:
        is_there = first - number <= hold and shots[number] == shots[first]
        return _held(thread.seen, number, watched) if is_there else None
    if number > last:
        is_there = number - last <= hold and shots[number] == shots[last]
        return _held(thread.seen[::-1], number, watched) if is_there else None
    after = bisect_right(thread.seen, number, key=lambda look: look[0])
    if after == len(thread.seen):
        return thread.seen[-1][1].box
    return _mixed(thread.seen[after - 1], thread.seen[after], number, watched)


def _held(seen: Sequence[tuple[int, Detection]], number: int, watched: Watched) -> Box:
    """Beyond the end of a thread: where it would be if it stood still, and if it went on, and all between.

    Args:
        seen: the thread from that end on.
        number: the frame.
        watched: for the picture's own motion.
    """
    at, detection = seen[0]
    box = detection.box.moved(*watched.camera.moved(at, number))
    beside = next(((n, d) for n, d in seen if abs(n - at) >= MOTION_FRAMES), None)
    if beside is not None:
        own_x, own_y = _own_motion(beside[1].box, detection.box, watched.camera.moved(beside[0], at))
        share = (number - at) / (at - beside[0])
        box = box.hull(box.moved(own_x * share, own_y * share))
    return _grown(box, abs(number - at))


def _mixed(a: tuple[int, Detection], b: tuple[int, Detection], number: int, watched: Watched) -> Box:
    """Between two looks: both ends moved with the picture to this frame, and mixed."""
    share = (number - a[0]) / (b[0] - a[0])
    one = a[1].box.moved(*watched.camera.moved(a[0], number))
    two = b[1].box.moved(*watched.camera.moved(b[0], number))
    ends = (p + (q - p) * share for p, q in zip(_sides(one), _sides(two), strict=True))
    return _grown(Box(*ends), min(number - a[0], b[0] - number))


def _sides(box: Box) -> tuple[float, float, float, float]:
    return box.x0, box.y0, box.x1, box.y1


def _grown(box: Box, frames: int) -> Box:
    by = min(MOST_GROWTH, GROWTH * frames)
    return box.grow(by * box.width, by * box.height, by * box.width, by * box.height)


def sparse(regions: Sequence[tuple[int, Region]]) -> list[tuple[int, Region]]:
    """Those of a track's regions that interpolation between the others would miss (Douglas and Peucker 1973)."""
    if len(regions) < 3:
        return list(regions)
    kept = {0, len(regions) - 1}
    todo = [(0, len(regions) - 1)]
    values = np.array([(pts, r.x, r.y, r.x + r.width, r.y + r.height) for pts, r in regions], np.float64)
    while todo:
        a, b = todo.pop()
        if b - a < 2:
            continue
        share = ((values[a + 1 : b, 0] - values[a, 0]) / (values[b, 0] - values[a, 0]))[:, None]
        missed = np.abs(values[a, 1:] + (values[b, 1:] - values[a, 1:]) * share - values[a + 1 : b, 1:]).max(axis=1)
        allowed = max(1.0, TOLERANCE * regions[a][1].width)
        worst = int(missed.argmax())
        if missed[worst] > allowed:
            middle = a + 1 + worst
            kept.add(middle)
            todo += [(a, middle), (middle, b)]
    return [regions[k] for k in sorted(kept)]
