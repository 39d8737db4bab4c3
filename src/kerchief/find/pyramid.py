"""Which scales of a picture are looked at, and in what tiles."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Look:
    """One pass of a network over the picture at one scale.

    Attributes:
        network: its name.
        scale: size looked at over size of the picture.
        threshold: least score that counts in this pass.
    """

    network: str
    scale: float
    threshold: float


def first_looks(width: int, height: int, own: tuple[str, float] | None = None) -> tuple[Look, ...]:
    return tuple(Look("centerface", s, 0.15) for s in (1, 2))


def second_looks(width: int, height: int, own: tuple[str, float] | None = None) -> tuple[Look, ...]:
    return (Look("centerface", 0.75, 0.5),)
