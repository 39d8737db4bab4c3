"""Times as people write them: 75, 1:15, 0:01:15.5."""

from __future__ import annotations

import re
from decimal import Decimal

from kerchief.errors import UsageError

TIME = re.compile(r"(?:(?:(\d{1,5}):)?(\d{1,5}):(?=\d\d))?(\d{1,8}(?:\.\d{1,9})?)", re.ASCII)


def seconds_of(option: str, text: str) -> Decimal:
    """A time in seconds, exact; UsageError about this option where the text is none."""
    match = TIME.fullmatch(text.strip())
    hours, minutes, seconds = (Decimal(part or 0) for part in match.groups()) if match else (0, 0, 0)
    if match is None or (match[1] and minutes >= 60) or (match[2] and seconds >= 60):
        problem = f"{text.strip() or 'nothing'} is no time"
        raise UsageError(option, problem, "Give seconds, m:ss or h:mm:ss, such as 75, 1:15 or 0:01:15.5.")
    return 3600 * hours + 60 * minutes + Decimal(seconds)
