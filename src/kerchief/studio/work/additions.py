"""What comes back from rendering a plan. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from kerchief.plan.edits import add_tracks, changed, next_id
from kerchief.plan.model import Plan, Track


def with_added(plan: Plan, added: Sequence[Track]) -> Plan:
    """The plan with tracks that an earlier state of it got; with other ids where theirs are taken by now."""
    taken = {track.id for track in plan.tracks}
    for track in added:
        free = track if track.id not in taken else changed(track, id=f"{track.kind.value}-{next_id(plan)}")
        plan = add_tracks(plan, [free])
        taken.add(free.id)
    return plan
