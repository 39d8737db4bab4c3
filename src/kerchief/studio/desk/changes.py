"""An edit that the page asks for, done to a plan."""

from __future__ import annotations

from kerchief.plan import edits
from kerchief.plan.model import Plan
from kerchief.studio.messages import Add, Cover, Edit, Extend, Merge, Move, Remove, Restyle, Show, Split


def applied(plan: Plan, edit: Edit) -> Plan:
    """The plan after an edit.

    Raises:
        KeyError: it has no such track.
        ValueError: that can't be done; says why.
    """
    match edit:
        case Add(pts=pts, region=region, kind=kind, until=until):
            return edits.add_region(plan, pts, region, kind, until)[0]
        case Move(track=track, pts=pts, region=region):
            return edits.move(plan, track, pts, region)
        case Remove(track=track):
            return edits.remove(plan, track)
        case Split(track=track, pts=pts):
            return edits.split(plan, track, pts)
        case Merge(tracks=tracks):
            return edits.merge(plan, tracks)
        case Extend(track=track, pts=pts):
            return edits.extend(plan, track, pts)
        case Show(track=track, reason=reason, note=note):
            return edits.show(plan, track, reason, note)
        case Cover(tracks=tracks):
            return edits.cover(plan, tracks)
        case Restyle(style=style, margin=margin):
            return edits.restyle(plan, style, margin)
