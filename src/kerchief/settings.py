"""What a user may choose, in one place with defaults and bounds."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Annotated

from pydantic import Field

from kerchief.media.encode import QUALITY
from kerchief.media.limits import Limits
from kerchief.plan.audio import Audio
from kerchief.plan.model import Document, Margin, Style


class Settings(Document):
    """Everything that a run depends on besides its files."""

    style: Style = Style()
    """How covered heads look."""
    margin: Margin = Margin.STANDARD
    """How far the mask reaches beyond a head."""
    quality: Annotated[int, Field(ge=1, le=100)] = QUALITY
    """Quality of lossy formats."""
    audio: Audio = Audio()
    """What becomes of a film's sound."""
    rounds: Annotated[int, Field(ge=1, le=10)] = 3
    """How often a file is rendered and looked at again before it is refused."""
    detector: Path | None = None
    """The user's own ONNX network; it looks in addition to those in the package."""
    limits: Limits = Limits()
    """Bounds for one input file."""

    def digest(self) -> str:
        """SHA-256 that changes with every setting that can change an output."""
        return hashlib.sha256(self.model_dump_json(exclude={"limits"}).encode()).hexdigest()
