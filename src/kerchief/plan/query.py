"""The only answer to "what is covered here": render, check and review all ask this page."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

from kerchief.plan.model import Keyframe, Plan, Region, Track

#: A timeline is cut into so many parts.
PARTS = 4096


def regions_at(plan: Plan | Timeline, pts: int) -> tuple[Region, ...]:
    """Regions that are covered at this time, in the order of the tracks."""
    return tuple(covered_at(plan, pts).values())


def covered_at(plan: Plan | Timeline, pts: int) -> dict[str, Region]:
    """The same regions by the ids of their tracks, in their order: for styles that remember a track."""
    found = ((track.id, region_of(track, pts)) for track in _tracks(plan, pts) if not track.is_shown)
    return {track: region for track, region in found if region is not None}


def shown_at(plan: Plan | Timeline, pts: int) -> tuple[Region, ...]:
    """Regions that someone decided to leave uncovered at this time."""
    found = (region_of(track, pts) for track in _tracks(plan, pts) if track.is_shown)
    return tuple(region for region in found if region is not None)


class Timeline:
    """A plan for many questions: an answer costs what is there at the time, not what the whole film holds.

    Only read once it is made, so that several threads may ask.
    """

    def __init__(self, plan: Plan) -> None:
        self._step = max(1, plan.media.length // PARTS)
        self._last = plan.media.length // self._step
        self._parts: dict[int, list[Track]] = {}
        for track in plan.tracks:
            first, last = track.keyframes[0].pts, track.keyframes[-1].pts
            for part in range(self._part(first), self._part(last) + 1):
                self._parts.setdefault(part, []).append(track)

    def tracks_about(self, pts: int) -> Sequence[Track]:
        """Every track that may be there at this time, in the order of the plan."""
        return self._parts.get(self._part(pts), ())

    def _part(self, pts: int) -> int:
        """The part that a time lies in; times before and after the film lie in the first and the last."""
        return min(self._last, max(0, pts // self._step))


def _tracks(plan: Plan | Timeline, pts: int) -> Sequence[Track]:
    return plan.tracks_about(pts) if isinstance(plan, Timeline) else plan.tracks


def region_of(track: Track, pts: int) -> Region | None:
    """Where a track is at this time; None before its first and after its last keyframe."""
    after = bisect_right(track.keyframes, pts, key=lambda keyframe: keyframe.pts)
    if after == 0:
        return None
    before = track.keyframes[after - 1]
    if before.pts == pts:
        return before.region
    return between(before, track.keyframes[after], pts) if after < len(track.keyframes) else None


def between(a: Keyframe, b: Keyframe, pts: int) -> Region:
    """The region at a time between two keyframes: each side moves evenly, the outline is that of the first.

    It turns the shorter way round.
    """
    share = (pts - a.pts) / (b.pts - a.pts)
    x, y = _mix(a.region.x, b.region.x, share), _mix(a.region.y, b.region.y, share)
    width = _mix(a.region.width, b.region.width, share)
    height = _mix(a.region.height, b.region.height, share)
    turn = (b.region.angle - a.region.angle + 180) % 360 - 180
    angle = (a.region.angle + turn * share + 180) % 360 - 180
    return Region(shape=a.region.shape, x=x, y=y, width=width, height=height, angle=angle)


def _mix(a: float, b: float, share: float) -> float:
    return a + (b - a) * share
