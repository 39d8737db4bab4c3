"""The plan document: what it refuses, where its regions are, and edits that leave the old plan alone."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from strategies import plans

from kerchief.errors import PlanMismatch
from kerchief.geometry import Box
from kerchief.plan.codec import decode, digest, encode
from kerchief.plan.edits import add_tracks, cover, next_id, restyle, show
from kerchief.plan.model import (
    DecidedBy,
    Decision,
    Keyframe,
    Looked,
    MediaRef,
    Plan,
    Region,
    Shape,
    Style,
    StyleName,
    Track,
)
from kerchief.plan.query import Timeline, covered_at, region_of, regions_at, shown_at
from kerchief.ports import MediaKind


def track(name: str = "face-1", *at: tuple[int, float], shape: Shape = Shape.ELLIPSE) -> Track:
    """A track of 10 × 20 px at (pts, x)."""
    places = at or ((0, 5.0),)
    frames = (Keyframe(pts=p, region=Region(shape=shape, x=x, y=2 * x, width=10 + x, height=20)) for p, x in places)
    return Track(id=name, keyframes=tuple(frames))


def plan(*tracks: Track) -> Plan:
    media = MediaRef(sha256="ab" * 32, size_bytes=9, kind=MediaKind.PHOTO, width=100, height=80)
    return Plan(media=media, looked=Looked(frames=1, networks=()), tracks=tracks)


def document(**changes: Any) -> dict[str, Any]:
    return json.loads(encode(plan(track()))) | changes


@settings(max_examples=60)
@given(plans())
def test_a_plan_survives_being_written(made: Plan) -> None:
    data = encode(made)
    assert decode(data) == made
    assert encode(decode(data)) == data


def test_the_digest_is_that_of_the_content() -> None:
    made = plan(track())
    assert digest(made) == digest(decode(encode(made)))
    assert digest(made) != digest(show(made, "face-1", "consent"))
    shuffled = dict(reversed(list(document().items())))
    assert digest(decode(json.dumps(shuffled).encode())) == digest(made)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff\xfe",
        b"not json",
        b"[]",
        b"null",
        b'"kerchief.plan/1"',
        b"[" * 100_000,
        b'{"schema": "kerchief.plan/2"}',
        b'{"schema": "kerchief.plan/1"}',
        b'{"schema": 1}',
    ],
)
def test_what_is_no_plan_is_refused(data: bytes) -> None:
    with pytest.raises(PlanMismatch) as caught:
        decode(data)
    assert caught.value.exit_code == 12
    assert caught.value.next_step


def test_a_newer_schema_is_refused_though_all_else_fits() -> None:
    with pytest.raises(PlanMismatch, match="version"):
        decode(json.dumps(document(schema="kerchief.plan/2")).encode())


def test_an_unknown_field_is_refused_at_any_depth() -> None:
    with pytest.raises(PlanMismatch, match="secret"):
        decode(json.dumps(document(secret=1)).encode())
    deep = document()
    deep["tracks"][0]["keyframes"][0]["region"]["secret"] = 1
    with pytest.raises(PlanMismatch, match="secret"):
        decode(json.dumps(deep).encode())


def test_a_key_that_stands_there_twice_is_refused() -> None:
    """Whether a reader takes the first or the last must not decide who is covered."""
    data = encode(plan(track())).decode()
    for twice in (
        data.replace('"action": "cover"', '"action": "cover", "action": "cover"'),
        data.replace('"margin": "standard"', '"margin": "standard", "margin": "strict"'),
    ):
        assert twice != data
        with pytest.raises(PlanMismatch, match="twice"):
            decode(twice.encode())


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_numbers_that_are_none_are_refused(value: str) -> None:
    data = encode(plan(track())).decode()
    broken = data.replace('"x": 5.0', f'"x": {value}')
    assert broken != data
    with pytest.raises(PlanMismatch):
        decode(broken.encode())


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("width",), 0),
        (("width",), "40"),
        (("width",), -3.0),
        (("x",), None),
        (("shape",), "star"),
    ],
)
def test_values_out_of_their_range_are_refused_without_quoting_them(place: tuple[str, ...], value: Any) -> None:
    broken = document()
    broken["tracks"][0]["keyframes"][0]["region"][place[0]] = value
    with pytest.raises(PlanMismatch) as caught:
        decode(json.dumps(broken).encode())
    assert place[0] in caught.value.problem
    assert "star" not in caught.value.problem


@pytest.mark.parametrize("reason", ["", " ", "\n\t"])
def test_showing_needs_a_reason(reason: str) -> None:
    with pytest.raises(ValueError):
        show(plan(track()), "face-1", reason)
    shown = document()
    shown["tracks"][0]["decision"] = {"action": "show", "by": "person", "reason": reason}
    with pytest.raises(PlanMismatch, match="reason"):
        decode(json.dumps(shown).encode())


@pytest.mark.parametrize("by", [DecidedBy.DEFAULT, DecidedBy.VERIFY])
def test_only_a_person_shows(by: DecidedBy) -> None:
    with pytest.raises(ValidationError):
        Decision(action="show", by=by, reason="looks fine")


def test_track_ids_are_unique_and_keyframes_in_order() -> None:
    with pytest.raises(ValidationError, match="unique"):
        plan(track("a"), track("a"))
    with pytest.raises(ValidationError, match="order"):
        track("a", (5, 0), (5, 1))
    with pytest.raises(ValidationError, match="order"):
        track("a", (5, 0), (4, 1))


@pytest.mark.parametrize(("a", "b", "half"), [(10, 30, 20), (170, -170, -180), (-100, 100, 180), (0, 0, 0)])
def test_a_region_turns_the_shorter_way(a: float, b: float, half: float) -> None:
    one, two = (Keyframe(pts=p, region=Region(x=0, y=0, width=9, height=5, angle=at)) for p, at in ((0, a), (10, b)))
    middle = region_of(Track(id="a", keyframes=(one, two)), 5)
    assert middle is not None
    assert (middle.angle - half) % 360 == 0


def test_a_track_is_only_there_between_its_keyframes() -> None:
    moving = track("a", (100, 0.0), (200, 50.0), (300, 60.0))
    assert region_of(moving, 99) is None
    assert region_of(moving, 301) is None
    assert region_of(moving, 100) == moving.keyframes[0].region
    assert region_of(moving, 300) == moving.keyframes[2].region
    half = region_of(moving, 150)
    assert half is not None
    assert (half.x, half.y, half.width, half.height) == (25, 50, 35, 20)
    later = region_of(moving, 275)
    assert later is not None
    assert later.x == pytest.approx(57.5)


@given(st.integers(0, 100), st.floats(0, 50), st.floats(0, 50))
def test_between_two_keyframes_a_region_lies_between_them(pts: int, a: float, b: float) -> None:
    there = region_of(track("a", (0, a), (100, b), shape=Shape.BOX), pts)
    assert there is not None
    assert min(a, b) - 1e-9 <= there.x <= max(a, b) + 1e-9
    assert there.shape is Shape.BOX


def test_a_track_is_either_covered_or_shown() -> None:
    old = plan(track("face-1"), track("face-2", (0, 9.0)))
    new = show(old, "face-2", "she asked for it")
    assert [r.x for r in regions_at(old, 0)] == [5.0, 9.0]
    assert shown_at(old, 0) == ()
    assert [r.x for r in regions_at(new, 0)] == [5.0]
    assert [r.x for r in shown_at(new, 0)] == [9.0]
    assert new.tracks[1].decision == Decision(action="show", by=DecidedBy.PERSON, reason="she asked for it")


def test_edits_leave_the_old_plan_as_it_was() -> None:
    old = plan(track("face-1"))
    before = encode(old)
    shown = show(old, "face-1", "consent")
    again = cover(shown, "face-1")
    restyled = restyle(old, Style(name=StyleName.SOLID), old.margin)
    more = add_tracks(old, [track("face-2")])
    assert encode(old) == before
    assert len({encode(p) for p in (old, shown, again, restyled, more)}) == 5
    assert not again.tracks[0].is_shown
    assert again.tracks[0].decision.by is DecidedBy.PERSON
    assert more.tracks[0] == old.tracks[0]
    with pytest.raises(ValidationError):
        old.tracks[0].decision.reason = "x"  # type: ignore[misc]


def test_edits_validate() -> None:
    old = plan(track("face-1"))
    with pytest.raises(ValueError):
        add_tracks(old, [track("face-1")])
    with pytest.raises(KeyError):
        show(old, "face-9", "consent")
    with pytest.raises(KeyError):
        cover(old, "face-9")


def test_new_ids_are_free() -> None:
    assert next_id(plan()) == 1
    assert next_id(plan(track("face-3"), track("manual-11"), track("mayor"))) == 12


def test_a_region_from_a_box_is_rounded_and_never_empty() -> None:
    region = Region.from_box(Box(1.004, 2.006, 1.0041, 30.0))
    assert (region.x, region.y) == (1.0, 2.01)
    assert region.width == pytest.approx(0.01)
    assert region.box.y1 == pytest.approx(30.0)


@given(plan=plans(), data=st.data())
def test_a_timeline_answers_as_its_plan_does(plan: Plan, data: st.DataObject) -> None:
    """In the film, before and after it."""
    timeline = Timeline(plan)
    known = [keyframe.pts for track in plan.tracks for keyframe in track.keyframes]
    for pts in [*known, *data.draw(st.lists(st.integers(-(10**6), 10**6), max_size=20))]:
        assert covered_at(timeline, pts) == covered_at(plan, pts)
        assert shown_at(timeline, pts) == shown_at(plan, pts)
