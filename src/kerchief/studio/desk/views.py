"""A plan as the page sees it. Nothing here decides anything: what is where comes from ``plan.query``."""

from __future__ import annotations

from kerchief.plan.doubt import best_pts, doubt, doubts
from kerchief.plan.model import MediaRef, Plan, Track
from kerchief.plan.query import region_of
from kerchief.studio.messages import Keyframes, Place, Places, TrackView


class TrackViews:
    """The tracks of one file's plan; a track that an edit left alone is not looked through again."""

    def __init__(self) -> None:
        self._made: dict[str, tuple[Track, TrackView]] = {}
        self._last: tuple[Plan, tuple[TrackView, ...]] | None = None

    def of(self, plan: Plan) -> tuple[TrackView, ...]:
        """All tracks, in the order of the plan."""
        if self._last is not None and self._last[0] is plan:
            return self._last[1]
        made = {track.id: (track, self._view(track, plan.media)) for track in plan.tracks}
        self._made, self._last = made, (plan, tuple(view for _, view in made.values()))
        return self._last[1]

    def _view(self, track: Track, media: MediaRef) -> TrackView:
        before = self._made.get(track.id)
        return before[1] if before is not None and before[0] is track else track_view(track, media)


def track_view(track: Track, media: MediaRef) -> TrackView:
    """A track without its keyframes."""
    decision = track.decision
    return TrackView(
        id=track.id,
        kind=track.kind,
        score=track.score,
        seen=track.seen,
        first=track.keyframes[0].pts,
        last=track.keyframes[-1].pts,
        at=best_pts(track),
        action=decision.action,
        by=decision.by,
        reason=decision.reason,
        note=decision.note,
        doubts=doubts(track, media),
        doubt=doubt(track, media),
    )


def moments(track: Track) -> tuple[int, ...]:
    """When to look at a track so that nobody in it goes unseen: its ends, its middle, and where it is largest."""
    first, last = track.keyframes[0].pts, track.keyframes[-1].pts
    return tuple(sorted({first, (first + last) // 2, best_pts(track), last}))


def places_at(plan: Plan, revision: str, pts: int) -> Places:
    """Where every track is at a time."""
    found = ((track, region_of(track, pts)) for track in plan.tracks)
    return Places(
        revision=revision,
        pts=pts,
        places=tuple(
            Place(track=track.id, region=region, is_shown=track.is_shown) for track, region in found if region
        ),
    )


def keyframes_of(track: Track) -> Keyframes:
    """When a track has keyframes."""
    return Keyframes(times=tuple(keyframe.pts for keyframe in track.keyframes))
