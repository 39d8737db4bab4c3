"""Whom a copy shows, and whether a plan still shows just these regions. Pure.

Ids are not enough: half of a track may be covered again, or moved to somebody else.
"""

from __future__ import annotations

from collections.abc import Iterable

from kerchief.plan.edits import changed
from kerchief.plan.model import Decision, Plan, Region, Track
from kerchief.plan.query import region_of

#: Regions that differ by less are the same: a track that is split is computed anew at the place.
SAME_PX = 0.01
#: What a copy shows: tracks without what was said about them.
Shown = tuple[Track, ...]


def shown_in(plan: Plan) -> Shown:
    """The tracks that someone decided to show."""
    return tuple(changed(track, decision=Decision()) for track in plan.tracks if track.is_shown)


def as_exported(plan: Plan, shows: Shown) -> Plan:
    """The plan with everybody covered but those whom a person has seen to be shown, where they were seen.

    Args:
        plan: as it is now.
        shows: what was looked at.
    """
    unseen = _changed((track for track in plan.tracks if track.is_shown), shows)
    hidden = {track.id for track in unseen if not any(_is_part(track, of) for of in shows)}
    if not hidden:
        return plan
    tracks = (changed(t, decision=Decision(by=t.decision.by)) if t.id in hidden else t for t in plan.tracks)
    return changed(plan, tracks=tuple(tracks))


def is_withdrawn(shows: Shown, plan: Plan) -> bool:
    """Whether a copy shows anything that a plan does not show at the same time and place."""
    now = [track for track in plan.tracks if track.is_shown]
    return any(not _is_shown(track, now) for track in _changed(shows, now))


def known(shows: Shown, plan: Plan) -> Shown:
    """The same, with the plan's own keyframes where they are equal: comparing these costs nothing."""
    own = {track.id: track for track in plan.tracks}
    return tuple(
        changed(track, keyframes=own[track.id].keyframes)
        if track.id in own and own[track.id].keyframes == track.keyframes
        else track
        for track in shows
    )


def _changed(tracks: Iterable[Track], among: Iterable[Track]) -> list[Track]:
    """Those that are not among others as they are: nearly none, so that only few are looked at closely."""
    own = {track.id: track.keyframes for track in among}
    return [track for track in tracks if own.get(track.id) != track.keyframes]


def _is_shown(track: Track, now: Iterable[Track]) -> bool:
    """Whether a track is shown all the time, by one or by several after one another."""
    end = track.keyframes[0].pts - 1
    for first, last in sorted(_agreed(track, now)):
        if first > end + 1:
            return False
        end = max(end, last)
    return end >= track.keyframes[-1].pts


def _agreed(track: Track, now: Iterable[Track]) -> Iterable[tuple[int, int]]:
    """First and last pts of the time that another track shares with this one, where it is at the same places."""
    for other in now:
        first = max(track.keyframes[0].pts, other.keyframes[0].pts)
        last = min(track.keyframes[-1].pts, other.keyframes[-1].pts)
        if first <= last and _agree(track, other, first, last):
            yield first, last


def _is_part(track: Track, of: Track) -> bool:
    """Whether a track is never elsewhere than another one is then."""
    first, last = track.keyframes[0].pts, track.keyframes[-1].pts
    is_within = of.keyframes[0].pts <= first and last <= of.keyframes[-1].pts
    return is_within and (track.keyframes == of.keyframes or _agree(track, of, first, last))


def _agree(one: Track, other: Track, first: int, last: int) -> bool:
    """Between keyframes both move evenly: where they agree at those of both, they agree in between."""
    if not _same(region_of(one, first), region_of(other, first)):
        return False
    times = {keyframe.pts for track in (one, other) for keyframe in track.keyframes if first < keyframe.pts < last}
    return all(_same(region_of(one, pts), region_of(other, pts)) for pts in sorted(times | {last}))


def _same(a: Region | None, b: Region | None) -> bool:
    if a is None or b is None or a.shape is not b.shape:
        return False
    sides = ((a.x, b.x), (a.y, b.y), (a.width, b.width), (a.height, b.height))
    turn = (a.angle - b.angle + 180) % 360 - 180
    return abs(turn) < SAME_PX and all(abs(one - other) < SAME_PX for one, other in sides)
