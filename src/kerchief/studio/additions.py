"""What a plan is rendered as, and what comes back from that. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from kerchief.plan.edits import add_tracks, changed, next_id
from kerchief.plan.model import Decision, Plan, Track
from kerchief.studio.views import shown_ids


def as_exported(plan: Plan, shows: frozenset[str]) -> Plan:
    """The plan with everybody covered but those whom a person has seen to be shown."""
    hidden = shown_ids(plan) - shows
    if not hidden:
        return plan
    tracks = (changed(t, decision=Decision(by=t.decision.by)) if t.id in hidden else t for t in plan.tracks)
    return changed(plan, tracks=tuple(tracks))


def with_added(plan: Plan, added: Sequence[Track]) -> Plan:
    """The plan with tracks that an earlier state of it got; with other ids where theirs are taken by now."""
    taken = {track.id for track in plan.tracks}
    for track in added:
        free = track if track.id not in taken else changed(track, id=f"{track.kind.value}-{next_id(plan)}")
        plan = add_tracks(plan, [free])
        taken.add(free.id)
    return plan
