"""A person's edits: each does what it says, and nothing that was covered becomes bare by one that isn't about it."""

from __future__ import annotations

import hashlib
from itertools import chain
from math import cos, radians, sin

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import film_plans, plans

from kerchief.choices import Margin
from kerchief.plan import edits
from kerchief.plan.codec import Encoder, decode, digest, encode
from kerchief.plan.edits import changed
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
from kerchief.plan.query import covered_at, region_of, regions_at, shown_at
from kerchief.ports import MediaKind, RegionKind
from kerchief.studio.desk.changes import applied
from kerchief.studio.messages import Add, Cover, Edit, Extend, Merge, Move, Remove, Restyle, Show, Split

TIMES = range(-1, 42)
CONSENT = Decision(action="show", by=DecidedBy.PERSON, reason="asked her")


def at(pts: int, x: float, y: float = 20, side: float = 30, **more: object) -> Keyframe:
    return Keyframe(pts=pts, region=Region(x=x, y=y, width=side, height=side, **more))  # type: ignore[arg-type]


def track(name: str, *keyframes: Keyframe, decision: Decision | None = None) -> Track:
    return Track(id=name, decision=decision or Decision(), keyframes=keyframes)


def film(*tracks: Track) -> Plan:
    media = MediaRef(sha256="ab" * 32, size_bytes=9, kind=MediaKind.VIDEO, width=800, height=600, frames=40, length=40)
    return Plan(media=media, looked=Looked(frames=9, networks=()), tracks=tracks)


def rim(region: Region) -> list[tuple[float, float]]:
    """Points on a region's outline, its corners among them."""
    turn, half_x, half_y = radians(region.angle), region.width / 2, region.height / 2
    if region.shape is Shape.ELLIPSE:
        flat = [(half_x * cos(k / 8), half_y * sin(k / 8)) for k in range(50)]
    else:
        flat = [(half_x * a, half_y * b) for a in (-1, 0, 1) for b in (-1, 0, 1)]
    x, y = region.x + half_x, region.y + half_y
    return [(x + cos(turn) * a - sin(turn) * b, y + sin(turn) * a + cos(turn) * b) for a, b in flat]


def holds(region: Region, x: float, y: float) -> bool:
    turn = radians(region.angle)
    a, b = x - region.x - region.width / 2, y - region.y - region.height / 2
    along, across = cos(turn) * a + sin(turn) * b, cos(turn) * b - sin(turn) * a
    u, v = along / (region.width / 2), across / (region.height / 2)
    return (u * u + v * v if region.shape is Shape.ELLIPSE else max(abs(u), abs(v))) <= 1 + 1e-6


def same(a: Region | None, b: Region | None) -> bool:
    if a is None or b is None:
        return a is b
    turned = abs((a.angle - b.angle + 180) % 360 - 180) < 1e-6
    sides = zip((a.x, a.y, a.width, a.height), (b.x, b.y, b.width, b.height), strict=True)
    return turned and a.shape is b.shape and all(p == pytest.approx(q, abs=1e-6) for p, q in sides)


@st.composite
def edits_of(draw: st.DrawFn, plan: Plan) -> Edit:
    """Any edit, possible or not."""
    one = draw(st.sampled_from([t.id for t in plan.tracks]))
    some = tuple(draw(st.lists(st.sampled_from([t.id for t in plan.tracks]), min_size=2, max_size=4)))
    pts = draw(st.integers(0, 39))
    region = Region(x=draw(st.floats(0, 700)), y=draw(st.floats(0, 500)), width=40, height=50)
    made: list[Edit] = [
        Add(pts=pts, region=region, until=draw(st.none() | st.integers(0, 39))),
        Move(track=one, pts=pts, region=region),
        Remove(track=one),
        Split(track=one, pts=pts),
        Merge(tracks=some),
        Extend(track=one, pts=pts),
        Show(track=one, reason="asked", note="by the door"),
        Cover(tracks=some),
        Restyle(style=Style(name=StyleName.SOLID), margin=Margin.STRICT),
    ]
    return draw(st.sampled_from(made))


def named(edit: Edit) -> set[str]:
    """The tracks that an edit is about."""
    return {getattr(edit, "track", "")} | set(getattr(edit, "tracks", ()))


def tried(plan: Plan, edit: Edit) -> Plan:
    """The plan after an edit; as it was where it can't be done, with a sentence that says so."""
    try:
        return applied(plan, edit)
    except ValueError as error:
        problem = str(error)
    assert problem.endswith(".")
    assert "\n" not in problem
    return plan


@settings(max_examples=300)
@given(st.data())
def test_what_an_edit_is_not_about_stays_as_it_was_at_every_time(data: st.DataObject) -> None:
    old = data.draw(film_plans())
    edit = data.draw(edits_of(old))
    new = tried(old, edit)
    others = [t.id for t in old.tracks if t.id not in named(edit)]
    for pts in TIMES:
        before, after = covered_at(old, pts), covered_at(new, pts)
        assert [(name, before.get(name)) for name in others] == [(name, after.get(name)) for name in others]
    assert [t.id for t in new.tracks if t.id in others] == others


@settings(max_examples=300)
@given(st.data())
def test_only_moving_removing_and_showing_uncover(data: st.DataObject) -> None:
    """After all other edits a region holds all that every covered region held, and nobody new is shown anywhere."""
    old = data.draw(film_plans())
    edit = data.draw(edits_of(old).filter(lambda e: e.type not in ("move", "remove", "show")))
    new = tried(old, edit)
    for pts in TIMES:
        after = regions_at(new, pts)
        for region in regions_at(old, pts):
            assert any(all(holds(one, *point) for point in rim(region)) for one in after), (edit, pts)
        before = shown_at(old, pts)
        assert all(any(same(one, other) for other in before) for one in shown_at(new, pts)), (edit, pts)


@settings(max_examples=200)
@given(st.data())
def test_a_merged_track_holds_what_every_one_held_and_is_covered(data: st.DataObject) -> None:
    old = data.draw(film_plans(least=2))
    some = data.draw(st.lists(st.sampled_from(old.tracks), min_size=2, unique_by=lambda t: t.id))
    new = edits.merge(old, [t.id for t in some])
    one = next(t for t in new.tracks if t.id in {t.id for t in some})
    assert len(new.tracks) == len(old.tracks) - len(some) + 1
    assert not one.is_shown
    for pts in TIMES:
        after = region_of(one, pts)
        for before in (region_of(t, pts) for t in some):
            if before is not None:
                assert after is not None
                assert all(holds(after, *point) for point in rim(before))


@settings(max_examples=200)
@given(st.data())
def test_splitting_moves_nothing_and_merging_again_gives_back_the_track(data: st.DataObject) -> None:
    old = data.draw(film_plans())
    track = data.draw(st.sampled_from(old.tracks))
    first, last = track.keyframes[0].pts, track.keyframes[-1].pts
    if first == last:
        with pytest.raises(ValueError, match="split"):
            edits.split(old, track.id, first)
        return
    pts = data.draw(st.integers(first + 1, last))
    new = edits.split(old, track.id, pts)
    one, two = (t for t in new.tracks if t not in old.tracks)
    assert (one.id, one.keyframes[-1].pts, two.keyframes[0].pts) == (track.id, pts - 1, pts)
    assert one.decision == two.decision == track.decision
    whole = edits.merge(new, [two.id, one.id])
    assert [t.id for t in whole.tracks] == [t.id for t in old.tracks]
    again = edits.track_of(whole, track.id)
    assert (again.score, again.seen) == (track.score, track.seen)
    assert again.decision == (Decision(by=DecidedBy.PERSON) if track.is_shown else track.decision)
    for time in TIMES:
        assert same(region_of(track, time), region_of(one if time < pts else two, time))
        assert same(region_of(track, time), region_of(again, time))
        assert len(regions_at(new, time)) == len(regions_at(old, time))
        assert len(shown_at(new, time)) == len(shown_at(old, time))


@settings(max_examples=100)
@given(st.data())
def test_an_encoder_writes_what_encode_writes_after_any_edit(data: st.DataObject) -> None:
    plan, encoder = data.draw(film_plans()), Encoder()
    for _ in range(4):
        assert encoder.encode(plan) == encode(plan)
        if not plan.tracks:
            return
        plan = tried(plan, data.draw(edits_of(plan)))


@settings(max_examples=60)
@given(st.lists(plans(), max_size=3))
def test_an_encoder_writes_any_plans_in_turn(made: list[Plan]) -> None:
    encoder = Encoder()
    for plan in chain(made, made):
        assert encoder.encode(plan) == encode(plan)
        assert hashlib.sha256(encoder.encode(plan)).hexdigest() == digest(plan)


def test_an_encoder_is_not_misled_by_what_people_write() -> None:
    for reason in ('x "tracks": [] y', "line\n  break", ' "keyframes": []', "\u2028 ä 😀", "%d %r"):
        shown = edits.show(film(track("face-1", at(0, 5))), "face-1", reason, note=reason)
        assert Encoder().encode(shown) == encode(shown)
        assert decode(encode(shown)) == shown


def test_a_drawn_region_is_covered_by_a_person_and_doubted_by_nobody() -> None:
    region = Region(x=5, y=6, width=30, height=40, angle=20)
    plan, name = edits.add_region(film(track("face-3", at(0, 5))), 7, region)
    assert name == "manual-4"
    drawn = edits.track_of(plan, name)
    assert (drawn.kind, drawn.score, drawn.seen, drawn.decision.by) == (RegionKind.MANUAL, None, None, DecidedBy.PERSON)
    assert [pts for pts in TIMES if region_of(drawn, pts)] == [7]
    for until in (12, 2):
        longer, name = edits.add_region(plan, 7, region, RegionKind.PLATE, until)
        standing = edits.track_of(longer, name)
        assert name == "plate-5"
        assert [pts for pts in TIMES if region_of(standing, pts) == region] == list(
            range(min(7, until), max(7, until) + 1)
        )


@pytest.mark.parametrize("pts", [-1, 41])
def test_a_time_that_the_film_does_not_have_is_refused(pts: int) -> None:
    plan, region = film(track("face-1", at(3, 5))), Region(x=5, y=6, width=30, height=40)
    for edit in (
        Add(pts=pts, region=region),
        Add(pts=3, region=region, until=pts),
        Move(track="face-1", pts=pts, region=region),
        Extend(track="face-1", pts=pts),
        Split(track="face-1", pts=pts),
    ):
        with pytest.raises(ValueError, match=r"\.$"):
            applied(plan, edit)


def test_moving_sets_or_adds_a_keyframe() -> None:
    plan, region = film(track("face-1", at(10, 0), at(20, 100))), Region(x=500, y=6, width=30, height=40)
    for pts, times in ((10, [10, 20]), (15, [10, 15, 20]), (4, [4, 10, 20]), (30, [10, 20, 30])):
        moved = edits.track_of(edits.move(plan, "face-1", pts, region), "face-1")
        assert [k.pts for k in moved.keyframes] == times
        assert region_of(moved, pts) == region


def test_extending_holds_the_end_that_is_nearer() -> None:
    plan = film(track("face-1", at(10, 0), at(20, 100)))
    earlier, later = (edits.track_of(edits.extend(plan, "face-1", pts), "face-1") for pts in (4, 33))
    assert all(region_of(earlier, pts) == at(0, 0).region for pts in range(4, 11))
    assert all(region_of(later, pts) == at(0, 100).region for pts in range(20, 34))
    assert region_of(later, 15) == region_of(plan.tracks[0], 15)
    with pytest.raises(ValueError, match="there"):
        edits.extend(plan, "face-1", 15)


def test_following_replaces_what_it_reached_and_keeps_what_comes_after() -> None:
    plan = film(track("face-1", at(0, 0), at(10, 10), at(20, 20), at(30, 30)))
    followed = edits.track_of(edits.rekeyed(plan, "face-1", [at(5, 300), at(22, 400)]), "face-1")
    assert [k.pts for k in followed.keyframes] == [0, 4, 5, 22, 23, 30]
    on = edits.track_of(edits.rekeyed(plan, "face-1", [at(5, 5), at(22, 400)]), "face-1")
    assert [k.pts for k in on.keyframes] == [0, 5, 22, 23, 30], (
        "it begins where it was, so nothing has to hold it there"
    )
    with pytest.raises(ValueError, match="nothing"):
        edits.rekeyed(plan, "face-1", [])


@settings(max_examples=300)
@given(st.data())
def test_following_leaves_a_track_where_it_was_before_and_after(data: st.DataObject) -> None:
    old = data.draw(film_plans())
    track = data.draw(st.sampled_from(old.tracks))
    times = sorted(data.draw(st.sets(st.integers(0, 39), min_size=1, max_size=4)))
    places = [at(pts, data.draw(st.floats(0, 700))) for pts in times]
    begin = region_of(track, times[0])
    if begin is not None and data.draw(st.booleans()):  # as following does: it begins where the region is
        places[0] = Keyframe(pts=times[0], region=begin)
    new = edits.track_of(edits.rekeyed(old, track.id, places), track.id)
    assert [k for k in new.keyframes if times[0] <= k.pts <= times[-1]] == places
    for pts in TIMES:
        before = region_of(track, pts)
        if before is not None and not times[0] <= pts <= times[-1]:
            assert same(region_of(new, pts), before), pts
    assert not new.is_shown


@pytest.mark.parametrize("by", DecidedBy)
def test_a_shown_track_whose_place_changes_is_covered_by_a_person(by: DecidedBy) -> None:
    one, two = track("face-1", at(10, 0), at(20, 100)), track("face-2", at(25, 100), at(30, 100))
    shown = film(*(changed(t, decision=CONSENT) for t in (one, two)))
    covered = film(*(changed(t, decision=Decision(by=by)) for t in (one, two)))
    for edit in (
        lambda plan: edits.move(plan, "face-1", 15, at(0, 300).region),
        lambda plan: edits.extend(plan, "face-1", 5),
        lambda plan: edits.rekeyed(plan, "face-1", [at(12, 20), at(18, 300)]),
        lambda plan: edits.merge(plan, ["face-1", "face-2"]),
    ):
        assert edits.track_of(edit(shown), "face-1").decision == Decision(by=DecidedBy.PERSON)
        assert edits.track_of(edit(covered), "face-1").decision == Decision(by=by), "nobody has confirmed it by that"
    assert all(t.decision == CONSENT for t in edits.split(shown, "face-1", 15).tracks)


def test_a_gap_between_merged_tracks_is_covered_too() -> None:
    plan = film(track("face-2", at(20, 100), at(30, 100)), track("face-1", at(0, 0), at(10, 0)))
    merged = edits.merge(plan, ["face-2", "face-1"])
    assert [t.id for t in merged.tracks] == ["face-1"]
    assert region_of(merged.tracks[0], 15) == at(15, 50).region


def test_merging_ends_covered_and_confirmed_only_if_all_were() -> None:
    shown, found = track("face-1", at(0, 0), decision=CONSENT), track("face-2", at(5, 0))
    assert edits.merge(film(shown, found), ["face-1", "face-2"]).tracks[0].decision == Decision()
    again = edits.show(film(shown, found), "face-2", "on the list", "row 7")
    both = edits.merge(again, ["face-1", "face-2"])
    assert both.tracks[0].decision == Decision(by=DecidedBy.PERSON)
    assert not any(shown_at(both, pts) for pts in TIMES), "nobody looked at what is between them"
    checked = track("face-3", at(9, 0), decision=Decision(by=DecidedBy.VERIFY))
    person = track("face-4", at(11, 0), decision=Decision(by=DecidedBy.PERSON))
    three = edits.merge(film(checked, found, person), ["face-4", "face-2", "face-3"])
    assert three.tracks[0].decision == Decision(by=DecidedBy.VERIFY)


def test_tracks_that_no_region_reaches_around_are_not_merged() -> None:
    far = Keyframe(pts=0, region=Region(x=3e5, y=0, width=9, height=9))
    near = Keyframe(pts=0, region=Region(x=-3e5, y=0, width=9, height=9))
    with pytest.raises(ValueError, match="far apart"):
        edits.merge(film(track("a", near), track("b", far)), ["a", "b"])
    with pytest.raises(ValueError, match="two"):
        edits.merge(film(track("a", near)), ["a", "a"])


def test_covering_withdraws_consent_from_several_at_once() -> None:
    plan = film(track("a", at(0, 0), decision=CONSENT), track("b", at(0, 0)), track("c", at(0, 0)))
    covered = edits.cover(plan, ["a", "b"])
    assert [t.decision.by for t in covered.tracks] == [DecidedBy.PERSON, DecidedBy.PERSON, DecidedBy.DEFAULT]
    assert not any(t.is_shown for t in covered.tracks)
    assert covered.tracks[2] is plan.tracks[2]


def test_an_edit_of_a_track_that_is_not_there_says_so() -> None:
    plan, region = film(track("face-1", at(0, 0))), Region(x=5, y=6, width=30, height=40)
    for edit in (
        Move(track="face-9", pts=0, region=region),
        Remove(track="face-9"),
        Split(track="face-9", pts=0),
        Merge(tracks=("face-1", "face-9")),
        Extend(track="face-9", pts=0),
        Show(track="face-9", reason="x"),
        Cover(tracks=("face-1", "face-9")),
    ):
        with pytest.raises(KeyError, match="face-9"):
            applied(plan, edit)
