"""Undo gives the very plan that was there before, as often as one likes, and redo the one after."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import film_plans

from kerchief.plan import edits
from kerchief.plan.codec import encode
from kerchief.plan.model import Keyframe, Looked, MediaRef, Plan, Region, Track
from kerchief.ports import MediaKind
from kerchief.studio.desk.history import MOST_STEPS, History


@pytest.fixture
def film() -> Plan:
    media = MediaRef(sha256="ab" * 32, size_bytes=9, kind=MediaKind.VIDEO, width=800, height=600, frames=40, length=40)
    keyframe = Keyframe(pts=0, region=Region(x=900, y=5, width=20, height=20))
    return Plan(media=media, looked=Looked(frames=9, networks=()), tracks=(Track(id="a", keyframes=(keyframe,)),))


def more(plan: Plan, x: float) -> Plan:
    return edits.add_region(plan, 3, Region(x=x, y=5, width=20, height=20))[0]


@given(film_plans(), st.integers(1, 9), st.integers(1, 12))
def test_undo_walks_back_and_redo_forward_over_the_very_same_plans(plan: Plan, steps: int, back: int) -> None:
    history, seen = History(plan), [plan]
    for n in range(steps):
        seen.append(more(history.plan, n))
        history = history.edited(seen[-1])
    for k in range(back):
        assert history.can_undo == (k < steps)
        history = history.undone()
        assert history.plan is seen[max(0, steps - k - 1)]
    for k in range(back):
        assert history.can_redo == (k < min(back, steps))
        history = history.redone()
    assert history.plan is seen[-1]


@given(film_plans())
def test_an_edit_ends_what_could_be_redone(plan: Plan) -> None:
    history = History(plan).edited(more(plan, 1)).undone().edited(more(plan, 2))
    assert not history.can_redo
    assert history.redone() is history
    assert history.undone().plan is plan


def test_an_edit_that_changes_nothing_is_no_step(film: Plan) -> None:
    history = History(film).edited(more(film, 1)).undone()
    assert history.edited(edits.restyle(film, film.style, film.margin)) is history
    assert history.can_redo


def test_only_so_many_steps_are_kept(film: Plan) -> None:
    history = History(film)
    for n in range(MOST_STEPS + 20):
        history = history.edited(edits.move(history.plan, "a", 0, Region(x=n, y=5, width=20, height=20)))
    last = encode(history.plan)
    for _ in range(MOST_STEPS + 50):
        history = history.undone()
    assert history.plan.tracks[0].keyframes[0].region.x == 19
    while history.can_redo:
        history = history.redone()
    assert encode(history.plan) == last
