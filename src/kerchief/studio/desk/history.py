"""Undo and redo. Plans are frozen and share what an edit left alone, so a step costs little."""

from __future__ import annotations

from dataclasses import dataclass

from kerchief.plan.model import Plan

#: So many steps can be undone.
MOST_STEPS = 500


@dataclass(frozen=True, slots=True)
class History:
    """A plan, those that it came from, the latest last, and those that were undone, the next one to redo first."""

    plan: Plan
    past: tuple[Plan, ...] = ()
    future: tuple[Plan, ...] = ()

    @property
    def can_undo(self) -> bool:
        """Whether there is something to undo."""
        return bool(self.past)

    @property
    def can_redo(self) -> bool:
        """Whether there is something to redo."""
        return bool(self.future)

    def edited(self, plan: Plan) -> History:
        """After an edit, which ends what could be redone; one that changes nothing is no step."""
        if plan == self.plan:
            return self
        return History(plan, (*self.past, self.plan)[-MOST_STEPS:])

    def undone(self) -> History:
        """One step back; the same where there is none."""
        if not self.past:
            return self
        return History(self.past[-1], self.past[:-1], (self.plan, *self.future))

    def redone(self) -> History:
        """One step forward again; the same where there is none."""
        if not self.future:
            return self
        return History(self.future[0], (*self.past, self.plan), self.future[1:])
