"""One track of several that are the same thing at different times. Nothing that they covered becomes bare.

Between two of them the region moves evenly from the one to the other. Where they overlap in time (a track is held
for a moment before it was first seen and after it was last seen, so two halves of one person often do), a box lies
around both: its sides are the outermost of sides that move evenly, so interpolation errs outward only.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from math import hypot

from kerchief.geometry import Box
from kerchief.plan.model import MOST_PX, DecidedBy, Decision, Keyframe, Region, Shape, Track
from kerchief.plan.query import region_of

#: Whose decision stays when covered tracks are joined: what nobody has confirmed remains to be looked at.
LEAST_CONFIRMED = (DecidedBy.VERIFY, DecidedBy.DEFAULT, DecidedBy.PERSON)


def joined(tracks: Sequence[Track]) -> Track:
    """One track with the id and kind of the earliest, the highest score, and the highest count.

    It is covered, even if all of them were shown: nobody agreed to be shown in the gap between two of them, or wherever
    else the box around both reaches.

    Raises:
        ValueError: they overlap in time and lie so far apart that no region reaches around both.
    """
    ordered = sorted(tracks, key=lambda track: track.keyframes[0].pts)
    return Track(
        id=ordered[0].id,
        kind=ordered[0].kind,
        score=max((t.score for t in ordered if t.score is not None), default=None),
        seen=max((t.seen for t in ordered if t.seen is not None), default=None),
        decision=_decision(ordered),
        keyframes=reduce(_one_after_the_other, (track.keyframes for track in ordered)),
    )


def _decision(tracks: Sequence[Track]) -> Decision:
    covered = (track.decision for track in tracks if not track.is_shown)
    return min(covered, key=lambda d: LEAST_CONFIRMED.index(d.by), default=Decision(by=DecidedBy.PERSON))


def _one_after_the_other(a: tuple[Keyframe, ...], b: tuple[Keyframe, ...]) -> tuple[Keyframe, ...]:
    """The keyframes of two tracks as those of one; the first begins no later than the second."""
    start, end = b[0].pts, min(a[-1].pts, b[-1].pts)
    if start > end:
        return a + b
    one, two = Track(id="one", keyframes=a), Track(id="two", keyframes=b)
    times = sorted({start, end} | {keyframe.pts for keyframe in a + b if start <= keyframe.pts <= end})
    longer = one if a[-1].pts > b[-1].pts else two
    return (*part_until(one, start - 1), *_around(one, two, times), *part_since(longer, end + 1))


def part_until(track: Track, last: int) -> tuple[Keyframe, ...]:
    """Keyframes by which a track is where it was up to this time, and not there after it."""
    region = region_of(track, last)
    kept = tuple(keyframe for keyframe in track.keyframes if keyframe.pts < last)
    return kept if region is None else (*kept, Keyframe(pts=last, region=region))


def part_since(track: Track, first: int) -> tuple[Keyframe, ...]:
    """Keyframes by which a track is where it was from this time on, and not there before it."""
    region = region_of(track, first)
    kept = tuple(keyframe for keyframe in track.keyframes if keyframe.pts > first)
    return kept if region is None else (Keyframe(pts=first, region=region), *kept)


def _around(a: Track, b: Track, times: Sequence[int]) -> list[Keyframe]:
    """Boxes around both tracks at times at which both are there."""
    is_turned = any(keyframe.region.angle for keyframe in a.keyframes + b.keyframes)
    made = []
    for pts in times:
        box, other = (_reach(region, is_turned=is_turned) for t in (a, b) if (region := region_of(t, pts)))
        box = box.hull(other)
        if max(box.width, box.height, *map(abs, (box.x0, box.y0))) > MOST_PX:
            raise ValueError("These tracks are too far apart to be one.")
        region = Region(shape=Shape.BOX, x=box.x0, y=box.y0, width=box.width, height=box.height)
        made.append(Keyframe(pts=pts, region=region))
    return made


def _reach(region: Region, *, is_turned: bool) -> Box:
    """A box around a region that also holds, interpolated, whatever the region turns through between two keyframes."""
    if not is_turned:
        return region.box
    across = hypot(region.width, region.height)
    beside, above = (across - region.width) / 2, (across - region.height) / 2
    return region.box.grow(beside, above, beside, above)
