"""What is to become of a film's sound. A voice identifies, so nothing of it is carried over unless someone asks."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, model_validator

from kerchief.plan.model import Document


class AudioAction(StrEnum):
    """What is done with the sound."""

    DROP = "drop"
    KEEP = "keep"
    MUTE = "mute"


class Span(Document):
    """A part of a film, in seconds from its first frame on; the end is exclusive."""

    start: Annotated[float, Field(ge=0, allow_inf_nan=False)]
    end: Annotated[float, Field(gt=0, allow_inf_nan=False)]

    @model_validator(mode="after")
    def _is_not_empty(self) -> Self:
        if self.end <= self.start:
            raise ValueError("a span ends after it starts")
        return self


class Audio(Document):
    """The choice for one run."""

    action: AudioAction = AudioAction.DROP
    spans: tuple[Span, ...] = ()
    """What is silenced, with `mute`; they may overlap and reach past the film's end."""

    @model_validator(mode="after")
    def _has_spans_to_mute(self) -> Self:
        if bool(self.spans) != (self.action is AudioAction.MUTE):
            raise ValueError("muting takes spans, and nothing else does")
        return self

    @property
    def is_kept(self) -> bool:
        """Whether the copy has sound where the original has."""
        return self.action is not AudioAction.DROP

    def seconds_within(self, length: float) -> float:
        """How much of a film of this many seconds the spans cover; what they share counts once."""
        total = reached = 0.0
        for span in sorted(self.spans, key=lambda span: span.start):
            start, end = max(span.start, reached), min(span.end, length)
            total += max(0.0, end - start)
            reached = max(reached, end)
        return total
