"""What to look at first."""

from __future__ import annotations

import pytest
from hypothesis import given
from strategies import film_plans

from kerchief.plan.doubt import Doubt, best_pts, doubt, doubts
from kerchief.plan.model import DecidedBy, Decision, Keyframe, MediaRef, Plan, Region, Track
from kerchief.ports import MediaKind

MEDIA = MediaRef(sha256="ab" * 32, size_bytes=9, kind=MediaKind.VIDEO, width=800, height=600, frames=40, length=40)


def track(*boxes: tuple[float, float, float], **fields: object) -> Track:
    """A sure track with a square for each (x, y, side)."""
    keyframes = [Keyframe(pts=n, region=Region(x=x, y=y, width=s, height=s)) for n, (x, y, s) in enumerate(boxes)]
    sure = {"id": "face-1", "score": 0.9, "seen": 12, "keyframes": tuple(keyframes)}
    return Track.model_validate(sure | fields)


def test_a_large_sure_track_in_the_middle_is_not_doubted() -> None:
    assert doubts(track((300, 200, 50)), MEDIA) == ()
    assert doubt(track((300, 200, 50)), MEDIA) == 0


@pytest.mark.parametrize(
    ("made", "reason"),
    [
        (track((300, 200, 50), score=0.49), Doubt.FAINT),
        (track((300, 200, 23.9)), Doubt.SMALL),
        (track((-1, 200, 50)), Doubt.BORDER),
        (track((760, 200, 50)), Doubt.BORDER),
        (track((300, 560, 50)), Doubt.BORDER),
        (track((300, 200, 50), seen=1), Doubt.ONCE),
        (track((300, 200, 50), decision=Decision(by=DecidedBy.VERIFY)), Doubt.CHECK),
    ],
)
def test_each_reason_is_one(made: Track, reason: Doubt) -> None:
    assert doubts(made, MEDIA) == (reason,)
    assert 0 < doubt(made, MEDIA) < 1
    person = Decision(by=DecidedBy.PERSON)
    assert doubts(made.model_copy(update={"decision": person}), MEDIA) == ()


def test_a_track_is_judged_where_it_is_largest() -> None:
    """Everyone who walks in is small and at the border at first."""
    walks_in = track((-10, 200, 20), (100, 200, 30), (300, 200, 60), (500, 200, 60))
    assert doubts(walks_in, MEDIA) == ()
    assert best_pts(walks_in) == 2


def test_the_grown_ends_of_a_track_are_not_where_it_is_seen_best() -> None:
    """Before its first look and after its last a track is held and grown: often nobody is there."""
    sides = (70, 65, 50, 50, 50, 50, 54, 50, 50, 50, 66, 75)
    assert best_pts(track(*((300, 200, side) for side in sides))) == 6
    first, last = (Keyframe(pts=n, region=Region(x=9, y=9, width=9 + n, height=9)) for n in (0, 100))
    assert best_pts(track((300, 200, 9), keyframes=(first, last))) == 50


def test_the_fainter_and_the_more_reasons_the_more_doubtful() -> None:
    faint, fainter = (track((300, 200, 50), score=score) for score in (0.4, 0.1))
    both = track((300, 200, 20), score=0.1)
    assert 0 < doubt(faint, MEDIA) < doubt(fainter, MEDIA) < doubt(both, MEDIA) < 1


@given(film_plans())
def test_doubt_is_there_exactly_where_a_reason_is(plan: Plan) -> None:
    for one in plan.tracks:
        assert 0 <= doubt(one, plan.media) < 1
        assert (doubt(one, plan.media) > 0) == bool(doubts(one, plan.media))
        assert one.keyframes[0].pts <= best_pts(one) <= one.keyframes[-1].pts
