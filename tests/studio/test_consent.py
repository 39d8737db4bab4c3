"""Whom a copy may show, and when consent to it is withdrawn."""

from __future__ import annotations

import pytest

from kerchief.plan import edits
from kerchief.plan.codec import decode, encode
from kerchief.plan.model import Decision, Keyframe, Looked, MediaRef, Plan, Region, Track
from kerchief.plan.query import shown_at
from kerchief.ports import MediaKind
from kerchief.studio.desk.consent import as_exported, is_withdrawn, known, shown_in

MEDIA = MediaRef(
    sha256="0" * 64,
    size_bytes=1,
    kind=MediaKind.VIDEO,
    width=640,
    height=480,
    frames=1000,
    time_base=(1, 25),
    length=1000,
)


def at(x: float) -> Region:
    return Region(x=x, y=100, width=80, height=100)


def track(name: str, *keyframes: tuple[int, float]) -> Track:
    return Track(id=name, keyframes=tuple(Keyframe(pts=pts, region=at(x)) for pts, x in keyframes))


@pytest.fixture
def plan() -> Plan:
    """Two people who walk; the first is shown."""
    tracks = (track("face-1", (0, 100), (333, 217), (900, 400)), track("face-2", (0, 500), (900, 500)))
    return edits.show(Plan(media=MEDIA, looked=Looked(frames=1, networks=()), tracks=tracks), "face-1", "consent")


def test_what_is_shown_still_is_not_withdrawn(plan: Plan) -> None:
    shows = shown_in(plan)
    assert [one.decision for one in shows] == [Decision()]  # reasons are nobody's business
    assert not is_withdrawn(shows, plan)
    assert not is_withdrawn(shows, edits.split(plan, "face-1", 417))
    assert not is_withdrawn(shows, edits.split(edits.split(plan, "face-1", 401), "face-1", 77))
    assert not is_withdrawn(shows, edits.cover(plan, "face-2"))
    assert not is_withdrawn(shows, edits.show(plan, "face-2", "consent too"))
    assert not is_withdrawn((), plan)


@pytest.mark.parametrize("pts", [1, 300, 333, 334, 900])
def test_covering_any_part_withdraws(plan: Plan, pts: int) -> None:
    halves = edits.split(plan, "face-1", pts)
    for half in ("face-1", "face-3"):
        assert is_withdrawn(shown_in(plan), edits.cover(halves, half))
        assert is_withdrawn(shown_in(plan), edits.remove(halves, half))


def test_a_part_between_two_keyframes_can_be_withdrawn_too(plan: Plan) -> None:
    parts = edits.split(edits.split(plan, "face-1", 500), "face-3", 600)
    assert is_withdrawn(shown_in(plan), edits.cover(parts, "face-3"))


def test_moving_it_withdraws_and_shows_nobody_else(plan: Plan) -> None:
    moved = edits.show(edits.move(plan, "face-1", 500, at(510)), "face-1", "consent")
    assert is_withdrawn(shown_in(plan), moved)
    assert not as_exported(moved, shown_in(plan)).tracks[0].is_shown


def test_a_copy_shows_no_more_than_was_looked_at(plan: Plan) -> None:
    seen = shown_in(plan)
    assert as_exported(plan, seen) is plan
    both = edits.show(plan, "face-2", "another window")
    assert [one.is_shown for one in as_exported(both, seen).tracks] == [True, False]
    assert [one.is_shown for one in as_exported(both, ()).tracks] == [False, False]
    swapped = edits.show(edits.cover(plan, "face-1"), "face-2", "another window")
    assert [one.is_shown for one in as_exported(swapped, seen).tracks] == [False, False]
    # The halves of who was seen are part of that; what is longer is not.
    halves = edits.cover(edits.split(plan, "face-1", 333), "face-3")
    kept = as_exported(halves, seen)
    assert (len(shown_at(kept, 100)), len(shown_at(kept, 500))) == (1, 0)
    longer = edits.show(edits.extend(plan, "face-1", 950), "face-1", "consent")
    assert not as_exported(longer, seen).tracks[0].is_shown


def test_what_was_read_anew_is_the_same(plan: Plan) -> None:
    again = decode(encode(plan))
    shows = shown_in(again)
    assert not is_withdrawn(shows, plan)
    assert known(shows, plan)[0].keyframes[0] is plan.tracks[0].keyframes[0]
