"""The only answer to "what is covered here": render, check and review all ask this page."""

from __future__ import annotations

from bisect import bisect_right

from kerchief.plan.model import Keyframe, Plan, Region, Track


def regions_at(plan: Plan, pts: int) -> tuple[Region, ...]:
    """Regions that are covered at this time, in the order of the tracks."""
    return tuple(covered_at(plan, pts).values())


def covered_at(plan: Plan, pts: int) -> dict[str, Region]:
    """The same regions by the ids of their tracks, in their order: for styles that remember a track."""
    found = ((track.id, region_of(track, pts)) for track in plan.tracks if not track.is_shown)
    return {track: region for track, region in found if region is not None}


def shown_at(plan: Plan, pts: int) -> tuple[Region, ...]:
    """Regions that someone decided to leave uncovered at this time."""
    found = (region_of(track, pts) for track in plan.tracks if track.is_shown)
    return tuple(region for region in found if region is not None)


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
    """The region at a time between two keyframes: each side moves evenly, the outline is that of the first."""
    share = (pts - a.pts) / (b.pts - a.pts)
    x, y = _mix(a.region.x, b.region.x, share), _mix(a.region.y, b.region.y, share)
    width = _mix(a.region.width, b.region.width, share)
    height = _mix(a.region.height, b.region.height, share)
    return Region(shape=a.region.shape, x=x, y=y, width=width, height=height)


def _mix(a: float, b: float, share: float) -> float:
    return a + (b - a) * share
