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

    def within(self, start: float, end: float) -> tuple[int, float]:
        """How many spans reach into a part of a film, and how many seconds of it they cover; shared ones count once."""
        inside = sorted((max(span.start, start), min(span.end, end)) for span in self.spans)
        inside = [(first, last) for first, last in inside if first < last]
        total, reached = 0.0, start
        for first, last in inside:
            total += max(0.0, last - max(first, reached))
            reached = max(reached, last)
        return len(inside), total
