"""``--audio``: from its text to the setting."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from kerchief.cli.times import seconds_of
from kerchief.errors import UsageError

if TYPE_CHECKING:
    from kerchief.plan.audio import Audio, Span

AudioText = Annotated[
    str,
    typer.Option(
        "--audio",
        help=(
            "Sound of films: drop (a voice identifies), keep, or mute:0:05-0:12,1:00:03.5-1:00:09 to silence parts;"
            " times of the film itself, with --from too."
        ),
    ),
]
HOW = "Use drop, keep, or mute: and spans such as 0:05-0:12,1:00:03.5-1:00:09 (seconds, m:ss or h:mm:ss)."


def audio_from(text: str) -> Audio:
    """The choice that a text stands for.

    Raises:
        UsageError: it is no choice, or a span in it is unreadable, empty or reversed.
    """
    from kerchief.plan.audio import Audio, AudioAction

    action, colon, spans = text.partition(":")
    if action == "mute" and spans:
        return Audio(action=AudioAction.MUTE, spans=tuple(_span(part.strip()) for part in spans.split(",")))
    if action in ("drop", "keep") and not colon:
        return Audio(action=AudioAction(action))
    raise UsageError("--audio", f"there is no choice {text}", HOW)


def _span(text: str) -> Span:
    from kerchief.plan.audio import Span

    start, dash, end = text.partition("-")
    if not dash:
        raise UsageError("--audio", f"{text or 'nothing'} is no span of time", HOW)
    first, last = (float(seconds_of("--audio", part)) for part in (start, end))
    if last <= first:
        raise UsageError("--audio", f"the span {text} does not end after it starts", HOW)
    return Span(start=first, end=last)
