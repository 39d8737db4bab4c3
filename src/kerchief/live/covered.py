"""What goes to every sink: covered frames, all of one form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from kerchief.plan.model import Region
from kerchief.ports import Colour, YuvFrame

#: Seconds for one unit of pts, in every stream that goes out.
TIME_BASE = (1, 90_000)


@dataclass(frozen=True, slots=True)
class Form:
    """What all frames of a run have in common, whatever the source does.

    Attributes:
        width: in pixels, even.
        height: in pixels, even.
        rate: frames a second at most; fewer come when the machine can't keep up.
        colour: how the planes' numbers are meant.
    """

    width: int
    height: int
    rate: Fraction
    colour: Colour = field(default_factory=Colour)


@dataclass(frozen=True, slots=True, eq=False)
class Covered:
    """A frame that may leave.

    Attributes:
        frame: covered; its pts, in units of ``TIME_BASE``, is when it was filmed, counted from the run's first frame.
            They rise, with gaps where frames were dropped. The duration is the usual one.
        regions: what is covered in it, by the ids of tracks, display pixels.
        is_veiled: whether all of it is covered, for it was not looked at in time; then there are no regions.
    """

    frame: YuvFrame
    regions: Mapping[str, Region]
    is_veiled: bool = False
