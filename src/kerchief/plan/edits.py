"""Changes to a plan. Each returns a new, validated plan; the old one stays as it was."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from kerchief.plan.model import DecidedBy, Decision, Document, Plan, Style, Track

D = TypeVar("D", bound=Document)


def add_tracks(plan: Plan, tracks: Iterable[Track]) -> Plan:
    """The plan with these tracks after its own."""
    return changed(plan, tracks=(*plan.tracks, *tracks))


def show(plan: Plan, track_id: str, reason: str) -> Plan:
    """The plan with one track left uncovered, decided by a person.

    Raises:
        KeyError: no such track.
        ValueError: the reason is empty.
    """
    return _decide(plan, track_id, Decision(action="show", by=DecidedBy.PERSON, reason=reason))


def cover(plan: Plan, track_id: str) -> Plan:
    """The plan with one track covered again.

    Raises:
        KeyError: no such track.
    """
    return _decide(plan, track_id, Decision(action="cover", by=DecidedBy.PERSON))


def restyle(plan: Plan, style: Style) -> Plan:
    """The plan in another style."""
    return changed(plan, style=style)


def next_id(plan: Plan) -> int:
    """The first number that no track's id ends in."""
    numbers = (track.id.rpartition("-")[2] for track in plan.tracks)
    return 1 + max((int(number) for number in numbers if number.isdecimal()), default=0)


def changed(document: D, **fields: object) -> D:
    """A copy with other fields, validated as a new one (``model_copy`` would validate nothing)."""
    values = {name: getattr(document, name) for name in type(document).model_fields}
    return type(document).model_validate(values | fields, by_name=True)


def _decide(plan: Plan, track_id: str, decision: Decision) -> Plan:
    if all(track.id != track_id for track in plan.tracks):
        raise KeyError(track_id)
    tracks = (changed(t, decision=decision) if t.id == track_id else t for t in plan.tracks)
    return changed(plan, tracks=tuple(tracks))
