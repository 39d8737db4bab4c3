"""Which tracks to look at first: where finding is most often wrong. Pure figures from the plan, no picture."""

from __future__ import annotations

from enum import StrEnum

from kerchief.plan.model import DecidedBy, MediaRef, Region, Track
from kerchief.plan.query import region_of

#: Fainter than this at its best, a network was not sure.
SURE = 0.5
#: Heads whose shorter side is under this many pixels are small.
SMALL_PX = 24.0
#: A faint track is doubtful by the first for being so, and by up to the second more the fainter it is.
FAINT_LEAST, FAINT_MORE = 0.3, 0.5


class Doubt(StrEnum):
    """A reason to look at a track."""

    FAINT = "faint"
    """No network was sure of it."""
    SMALL = "small"
    BORDER = "border"
    """Cut off by the picture's border even where it is largest."""
    ONCE = "once"
    """Found by one look only at a photo, or in one frame only of a film."""
    CHECK = "check"
    """Found only when the covered copy was looked at again."""


#: How much each reason weighs, 0 to 1; that of a faint track depends on its score.
WEIGHTS = {Doubt.SMALL: 0.2, Doubt.BORDER: 0.15, Doubt.ONCE: 0.3, Doubt.CHECK: 0.6}


def doubts(track: Track, media: MediaRef) -> tuple[Doubt, ...]:
    """Why to look at a track, in a fixed order; nothing where a person drew it or decided about it.

    Args:
        track: of the plan.
        media: the plan's; for the size of the picture, display pixels.
    """
    if track.decision.by is DecidedBy.PERSON:
        return ()
    _, largest = _best(track)
    hull = largest.hull
    is_cut_off = hull.x0 <= 0 or hull.y0 <= 0 or hull.x1 >= media.width or hull.y1 >= media.height
    reasons = {
        Doubt.FAINT: track.score is not None and track.score < SURE,
        Doubt.SMALL: min(largest.width, largest.height) < SMALL_PX,
        Doubt.BORDER: is_cut_off,
        Doubt.ONCE: track.seen == 1,
        Doubt.CHECK: track.decision.by is DecidedBy.VERIFY,
    }
    return tuple(reason for reason, holds in reasons.items() if holds)


def doubt(track: Track, media: MediaRef) -> float:
    """How doubtful a track is: 0 where there is no reason, nearer to 1 the more and the heavier they are."""
    sure = 1.0
    for reason in doubts(track, media):
        sure *= 1 - (_faint(track) if reason is Doubt.FAINT else WEIGHTS[reason])
    return 1 - sure


def best_pts(track: Track) -> int:
    """When to look at a track: where it is largest in its middle half."""
    return _best(track)[0]


def _best(track: Track) -> tuple[int, Region]:
    """When and where a track is largest. Its ends are left out: there it is held, and grown, where nobody was seen."""
    first, last = track.keyframes[0].pts, track.keyframes[-1].pts
    quarter = (last - first) // 4
    inner = [(k.pts, k.region) for k in track.keyframes if first + quarter <= k.pts <= last - quarter]
    if not inner:
        middle = (first + last) // 2
        inner = [(middle, at) for at in [region_of(track, middle)] if at is not None]
    return max(inner, key=lambda one: one[1].width * one[1].height)


def _faint(track: Track) -> float:
    return FAINT_LEAST + FAINT_MORE * (1 - (track.score or 0.0) / SURE)
