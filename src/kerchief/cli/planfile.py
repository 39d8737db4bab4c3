"""The plan in a file that the user names."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from kerchief.errors import PlanMismatch

if TYPE_CHECKING:
    from kerchief.plan.model import Plan


def read_plan(path: Path) -> Plan:
    """The plan.

    Raises:
        PlanMismatch: the file can't be read, or is no plan of this version.
    """
    from kerchief.plan.codec import decode

    try:
        return decode(path.read_bytes())
    except OSError as error:
        reason = (error.strerror or "unreadable").lower()
        raise PlanMismatch(str(path), f"the plan can't be read ({reason})", "Check the path.") from None
    except PlanMismatch as error:
        raise error.about(str(path)) from None
