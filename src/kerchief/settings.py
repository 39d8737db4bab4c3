"""What a user may choose, in one place with defaults and bounds."""

from __future__ import annotations

import hashlib
from decimal import Decimal
from fractions import Fraction
from math import ceil
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, model_validator

from kerchief.choices import Codec, Margin
from kerchief.media.limits import Limits
from kerchief.media.photos.encode import QUALITY
from kerchief.plan.audio import Audio
from kerchief.plan.model import Cut, Document, Style


class Clip(Document):
    """The part of a film that is kept, in seconds from its first frame on. Exact: no floating point."""

    start: Annotated[Decimal, Field(ge=0)] = Decimal(0)
    end: Decimal | None = None
    """First time that is not kept; none: to the end."""

    @model_validator(mode="after")
    def _is_not_empty(self) -> Self:
        if self.end is not None and self.end <= self.start:
            raise ValueError("a clip must end after it starts")
        return self

    def cut(self, time_base: tuple[int, int]) -> Cut:
        """The same in units of a film's time base; a unit that is only partly kept is kept."""
        unit = Fraction(*time_base)
        end = None if self.end is None else ceil(Fraction(self.end) / unit)
        return Cut(start=int(Fraction(self.start) / unit), end=end)


class Settings(Document):
    """Everything that a run depends on besides its files."""

    style: Style = Style()
    """How covered heads look."""
    margin: Margin = Margin.STANDARD
    """How far the mask reaches beyond a head."""
    quality: Annotated[int, Field(ge=1, le=100)] = QUALITY
    """Quality of lossy formats."""
    codec: Codec = Codec.H264
    """How films are coded."""
    audio: Audio = Audio()
    """What becomes of a film's sound."""
    rounds: Annotated[int, Field(ge=1, le=10)] = 3
    """How often a file is rendered and looked at again before it is refused."""
    detector: Path | None = None
    """The user's own ONNX network; it looks in addition to those in the package."""
    clip: Clip | None = None
    """What is kept of a film; none: all."""
    limits: Limits = Limits()
    """Bounds for one input file."""

    def digest(self) -> str:
        """SHA-256 that changes with every setting that can change an output."""
        return hashlib.sha256(self.model_dump_json(exclude={"limits"}).encode()).hexdigest()
