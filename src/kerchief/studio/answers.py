"""Why a request can't be done as it was asked, beyond what the command line knows; and what HTTP calls each error."""

from __future__ import annotations

from kerchief.errors import FaceShows, InputRefused, KerchiefError, PlanMismatch, UsageError
from kerchief.loopback.messages import Problem
from kerchief.studio.messages import sayable


class NotThere(UsageError):
    """No such file, track or receipt."""


class NotReady(UsageError):
    """Nobody has looked for faces in the file yet."""


class Stale(UsageError):
    """The page shows something that is no more: the plan has changed since, or what is shown was not looked at."""


#: The first class that fits says it; anything else is a fault of this machine: 500.
STATUSES: tuple[tuple[type[KerchiefError], int], ...] = (
    (NotThere, 404),
    (NotReady, 425),
    (Stale, 409),
    (PlanMismatch, 409),
    (FaceShows, 409),
    (UsageError, 422),
    (InputRefused, 422),
)


def status_of(error: KerchiefError) -> int:
    """The HTTP status of an error."""
    return next((status for kind, status in STATUSES if isinstance(error, kind)), 500)


def problem_of(error: KerchiefError) -> Problem:
    """An error in the words of the command line."""
    return Problem(
        exit_code=int(error.exit_code), subject=sayable(error.subject), problem=error.problem, next_step=error.next_step
    )
