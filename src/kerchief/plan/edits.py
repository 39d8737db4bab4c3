"""Changes to a plan. Each returns a new, validated plan; the old one stays as it was.

All raise KeyError for a track that is not there, and ValueError, with a sentence for the user, for what can't be done.
A decision to show somebody is about the place that was looked at. So a shown track whose place changes (moved,
extended, followed, merged) is covered again; showing it there takes another decision.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeVar

from kerchief.choices import Margin
from kerchief.plan.join import joined, part_since, part_until
from kerchief.plan.model import DecidedBy, Decision, Document, Keyframe, Plan, Region, Style, Track
from kerchief.plan.query import region_of
from kerchief.ports import RegionKind

D = TypeVar("D", bound=Document)


def add_tracks(plan: Plan, tracks: Iterable[Track]) -> Plan:
    """The plan with these tracks after its own."""
    return changed(plan, tracks=(*plan.tracks, *tracks))


def add_region(
    plan: Plan, pts: int, region: Region, kind: RegionKind = RegionKind.MANUAL, until: int | None = None
) -> tuple[Plan, str]:
    """The plan with what a person drew, covered, and the id of its track.

    Args:
        plan: to be changed.
        pts: when it was drawn: the pts of a frame, since without ``until`` it is there at this one time only.
        region: what was drawn.
        kind: what it hides.
        until: it stands still from or up to then.
    """
    times = sorted({_within(plan, pts), pts if until is None else _within(plan, until)})
    track = Track(
        id=f"{kind.value}-{next_id(plan)}",
        kind=kind,
        decision=Decision(by=DecidedBy.PERSON),
        keyframes=tuple(Keyframe(pts=time, region=region) for time in times),
    )
    return add_tracks(plan, [track]), track.id


def move(plan: Plan, track_id: str, pts: int, region: Region) -> Plan:
    """The plan with a track elsewhere at a time: sets or adds a keyframe, before its first or after its last too."""
    track = track_of(plan, track_id)
    _within(plan, pts)
    before = [keyframe for keyframe in track.keyframes if keyframe.pts < pts]
    after = [keyframe for keyframe in track.keyframes if keyframe.pts > pts]
    return _elsewhere(plan, track, (*before, Keyframe(pts=pts, region=region), *after))


def rekeyed(plan: Plan, track_id: str, keyframes: Sequence[Keyframe]) -> Plan:
    """The plan with a track's keyframes replaced from the first to the last of these.

    Before and after them it stays, at every time, where it was: following may end early, and what was covered then must
    not become bare.
    """
    if not keyframes:
        raise ValueError("There is nothing to put in the place of its keyframes.")
    track = track_of(plan, track_id)
    first, last = keyframes[0], keyframes[-1]
    before: Iterable[Keyframe] = part_until(track, first.pts - 1)
    if region_of(track, first.pts) == first.region:  # it comes to the first of these as it did, without one more
        before = (keyframe for keyframe in track.keyframes if keyframe.pts < first.pts)
    return _elsewhere(plan, track, (*before, *keyframes, *part_since(track, last.pts + 1)))


def extend(plan: Plan, track_id: str, pts: int) -> Plan:
    """The plan with a track held, standing still, up to a time before its first or after its last keyframe."""
    track = track_of(plan, track_id)
    first, last = track.keyframes[0], track.keyframes[-1]
    if first.pts <= _within(plan, pts) <= last.pts:
        raise ValueError("The track is there at that time already.")
    return move(plan, track_id, pts, (first if pts < first.pts else last).region)


def remove(plan: Plan, track_id: str) -> Plan:
    """The plan without a track."""
    return _replaced(plan, track_id)


def split(plan: Plan, track_id: str, pts: int) -> Plan:
    """The plan with two of a track: the second begins at this time, and both are decided about as the one was.

    At every time the region is where it was. The first keeps the id; both keep score and count of what they were.
    """
    track = track_of(plan, track_id)
    if not track.keyframes[0].pts < pts <= track.keyframes[-1].pts:
        raise ValueError("A track can be split after its first moment and up to its last.")
    one = changed(track, keyframes=part_until(track, pts - 1))
    two = changed(track, id=f"{track.kind.value}-{next_id(plan)}", keyframes=part_since(track, pts))
    return _replaced(plan, track_id, one, two)


def merge(plan: Plan, track_ids: Sequence[str]) -> Plan:
    """The plan with one of several tracks, as ``join.joined`` makes it, in the place of the earliest."""
    tracks = [track_of(plan, track_id) for track_id in dict.fromkeys(track_ids)]
    if len(tracks) < 2:
        raise ValueError("It takes two tracks to make one of them.")
    one = joined(tracks)
    gone = {track.id for track in tracks} - {one.id}
    tracks = [one if track.id == one.id else track for track in plan.tracks if track.id not in gone]
    return changed(plan, tracks=tuple(tracks))


def show(plan: Plan, track_id: str, reason: str, note: str = "") -> Plan:
    """The plan with one track left uncovered, decided by a person; the reason must not be empty."""
    if not reason.strip():
        raise ValueError("Showing somebody needs a reason.")
    decision = Decision(action="show", by=DecidedBy.PERSON, reason=reason, note=note)
    return _decide(plan, {track_id}, decision)


def cover(plan: Plan, track_ids: str | Iterable[str]) -> Plan:
    """The plan with tracks covered, decided by a person: withdraws consent, and confirms what was found."""
    ids = {track_ids} if isinstance(track_ids, str) else set(track_ids)
    return _decide(plan, ids, Decision(by=DecidedBy.PERSON))


def restyle(plan: Plan, style: Style, margin: Margin) -> Plan:
    """The plan in another style, with another margin."""
    return changed(plan, style=style, margin=margin)


def track_of(plan: Plan, track_id: str) -> Track:
    """The track of this id; KeyError where there is none."""
    for track in plan.tracks:
        if track.id == track_id:
            return track
    raise KeyError(track_id)


def next_id(plan: Plan) -> int:
    """The first number that no track's id ends in."""
    numbers = (track.id.rpartition("-")[2] for track in plan.tracks)
    return 1 + max((int(number) for number in numbers if number.isdecimal()), default=0)


def changed(document: D, **fields: object) -> D:
    """A copy with other fields, validated as a new one (``model_copy`` would validate nothing)."""
    values = {name: getattr(document, name) for name in type(document).model_fields}
    return type(document).model_validate(values | fields, by_name=True)


def _decide(plan: Plan, track_ids: set[str], decision: Decision) -> Plan:
    for missing in track_ids - {track.id for track in plan.tracks}:
        raise KeyError(missing)
    tracks = (changed(t, decision=decision) if t.id in track_ids else t for t in plan.tracks)
    return changed(plan, tracks=tuple(tracks))


def _elsewhere(plan: Plan, track: Track, keyframes: Iterable[Keyframe]) -> Plan:
    """The plan with a track in other places; if it was shown, covered by a person."""
    decision = Decision(by=DecidedBy.PERSON) if track.is_shown else track.decision
    return _replaced(plan, track.id, changed(track, keyframes=tuple(keyframes), decision=decision))


def _replaced(plan: Plan, track_id: str, *by: Track) -> Plan:
    """The plan with these tracks in the place of one."""
    track_of(plan, track_id)
    tracks = (new for track in plan.tracks for new in (by if track.id == track_id else (track,)))
    return changed(plan, tracks=tuple(tracks))


def _within(plan: Plan, pts: int) -> int:
    """A time, if the file has it."""
    if not 0 <= pts <= max(plan.media.length, plan.media.frames - 1):
        raise ValueError("The file has no such time.")
    return pts
