"""Spans of time on the command line: 0.5s, 500ms, 1m."""

from __future__ import annotations

import re

from kerchief.errors import UsageError

SPAN = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|s|m|h|)")
SECONDS = {"ms": 0.001, "s": 1.0, "": 1.0, "m": 60.0, "h": 3600.0}


def span_of(option: str, text: str, least: float, most: float) -> float:
    """Seconds in a span of time.

    Raises:
        UsageError: it is none, or is shorter or longer than it may be.
    """
    match = SPAN.fullmatch(text.strip().lower())
    if match is None:
        raise UsageError(option, f"{text} is no span of time", "Give seconds, as 0.5s, or 500ms, 1m, 1h.")
    seconds = float(match[1]) * SECONDS[match[2]]
    if not least <= seconds <= most:
        raise UsageError(option, f"{text} is out of range", f"Give something from {least:g} to {most:g} seconds.")
    return seconds
