"""What a user may choose among, and what is written down of it. Imports nothing: the command line shows it at once."""

from __future__ import annotations

from enum import StrEnum


class Margin(StrEnum):
    """How far the mask reaches beyond the drawn region; see ``cover.mask``."""

    STANDARD = "standard"
    STRICT = "strict"


class Codec(StrEnum):
    """How the picture of a film is coded when it is written."""

    H264 = "h264"
    VP9 = "vp9"


class Engine(StrEnum):
    """Who does the work of a run."""

    LOCAL = "local"
    """This process."""
    RAY = "ray"
    """The nodes of a Ray cluster."""


class Late(StrEnum):
    """What becomes of a frame of a stream that was not looked at in time."""

    VEIL = "veil"
    """It is covered whole."""
    DROP = "drop"
