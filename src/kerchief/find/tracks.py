"""Detections of frames → tracks of the plan."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count

from kerchief.find.head import outermost, region_for
from kerchief.plan.model import DecidedBy, Decision, Keyframe, Track
from kerchief.ports import Detection, MediaKind

#: Frames before and after a detection that it covers too: an animation may lose a face for a frame.
HOLD_FRAMES = 2


def tracks_of(
    seen: Sequence[tuple[int, Sequence[Detection]]],
    kind: MediaKind,
    first_id: int = 1,
    by: DecidedBy = DecidedBy.DEFAULT,
) -> tuple[Track, ...]:
    """One track for each head.

    Args:
        seen: (pts, detections) of every frame that was looked at, in order.
        kind: in an animation a detection is held over the neighbouring frames; pages and photos stand alone.
        first_id: number of the first track's id.
        by: who put them into the plan.
    """
    times = [pts for pts, _ in seen]
    numbers = count(first_id)
    tracks = []
    for index, (pts, found) in enumerate(seen):
        first, last = pts, pts
        if kind is MediaKind.ANIMATION:
            first, last = times[max(0, index - HOLD_FRAMES)], times[min(len(times) - 1, index + HOLD_FRAMES)]
        tracks += [_track(next(numbers), detection, first, last, by) for detection in outermost(found)]
    return tuple(tracks)


def _track(number: int, detection: Detection, first: int, last: int, by: DecidedBy) -> Track:
    region = region_for(detection)
    times = (first,) if first == last else (first, last)
    return Track(
        id=f"{detection.kind.value}-{number}",
        kind=detection.kind,
        score=round(detection.score, 3),
        seen=detection.looks,
        decision=Decision(by=by),
        keyframes=tuple(Keyframe(pts=pts, region=region) for pts in times),
    )
