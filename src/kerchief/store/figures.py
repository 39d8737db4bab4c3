"""The door to the figures that came with the package (``prove/figures.json``)."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.resources import files

from kerchief.prove.figures import Figures


@cache
def shipped_figures() -> tuple[Figures, str]:
    """What was measured of this version, and the SHA-256 of the file that says so; read once."""
    data = (files("kerchief.prove") / "figures.json").read_bytes()
    return Figures.model_validate_json(data), hashlib.sha256(data).hexdigest()
