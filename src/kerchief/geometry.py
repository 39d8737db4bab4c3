"""Boxes and ellipses in a picture, and the coding grid.

Coordinates are display-oriented pixels (rotation applied) as floats, origin at the top left corner of the top left
pixel, x to the right, y down, ends exclusive: pixel (0, 0) covers [0, 1) × [0, 1).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, cos, floor, isfinite, radians, sin


@dataclass(frozen=True, slots=True)
class Box:
    """An upright rectangle [x0, x1) × [y0, y1) with a positive area.

    Raises:
        ValueError: an end is not finite, or not greater than its start.
    """

    x0: float
    y0: float
    x1: float
    y1: float

    def __post_init__(self) -> None:
        if not all(isfinite(v) for v in (self.x0, self.y0, self.x1, self.y1)):
            raise ValueError("a box needs finite ends")
        if self.x1 <= self.x0 or self.y1 <= self.y0:
            raise ValueError("a box needs a positive area")

    @property
    def width(self) -> float:
        """Width in pixels."""
        return self.x1 - self.x0

    @property
    def height(self) -> float:
        """Height in pixels."""
        return self.y1 - self.y0

    @property
    def area(self) -> float:
        """Area in square pixels."""
        return self.width * self.height

    def grow(self, left: float, top: float, right: float, bottom: float) -> Box:
        """The box with each side moved outward by that many pixels (inward where negative)."""
        return Box(self.x0 - left, self.y0 - top, self.x1 + right, self.y1 + bottom)

    def scaled(self, factor: float) -> Box:
        """The box of the same things in a picture scaled by this factor."""
        return Box(self.x0 * factor, self.y0 * factor, self.x1 * factor, self.y1 * factor)

    def moved(self, dx: float, dy: float) -> Box:
        """The box moved by that many pixels."""
        return Box(self.x0 + dx, self.y0 + dy, self.x1 + dx, self.y1 + dy)

    def hull(self, other: Box) -> Box:
        """The smallest box around both."""
        return Box(min(self.x0, other.x0), min(self.y0, other.y0), max(self.x1, other.x1), max(self.y1, other.y1))

    def turned(self, degrees: float) -> Box:
        """The upright box around this one turned about its middle."""
        if not degrees:
            return self
        along, across = abs(cos(radians(degrees))), abs(sin(radians(degrees)))
        more_x = (self.width * along + self.height * across - self.width) / 2
        more_y = (self.width * across + self.height * along - self.height) / 2
        return self.grow(more_x, more_y, more_x, more_y)

    def clip(self, width: int, height: int) -> Box | None:
        """The part inside a picture of this size, or None where nothing of it is inside."""
        x0, y0 = max(0.0, self.x0), max(0.0, self.y0)
        x1, y1 = min(float(width), self.x1), min(float(height), self.y1)
        return Box(x0, y0, x1, y1) if x1 > x0 and y1 > y0 else None

    def overlap(self, other: Box) -> float:
        """Area of the intersection in square pixels."""
        width = min(self.x1, other.x1) - max(self.x0, other.x0)
        height = min(self.y1, other.y1) - max(self.y0, other.y0)
        return max(0.0, width) * max(0.0, height)

    def iou(self, other: Box) -> float:
        """Intersection over union, 0 to 1."""
        shared = self.overlap(other)
        return shared / (self.area + other.area - shared)

    def pixels(self, width: int, height: int) -> tuple[slice, slice]:
        """(rows, columns) of every pixel that the box touches in a picture of this size; may be empty."""
        rows = slice(min(height, max(0, floor(self.y0))), max(0, min(height, ceil(self.y1))))
        columns = slice(min(width, max(0, floor(self.x0))), max(0, min(width, ceil(self.x1))))
        return rows, columns


@dataclass(frozen=True, slots=True)
class Grid:
    """The coding grid of the source as seen in display orientation.

    A picture that is shown turned or mirrored has its blocks counted from the other side, so the grid starts at an
    offset: lines lie at ``offset + k * step``.
    """

    step: int
    offset_x: int = 0
    offset_y: int = 0

    def __post_init__(self) -> None:
        if self.step < 1:
            raise ValueError("a grid needs a step of at least one pixel")

    @classmethod
    def of_coded(cls, step: int, width: int, height: int, orientation: int) -> Grid:
        """The grid of a coded picture shown by an EXIF orientation.

        Args:
            step: side of a block in pixels (16 for JPEG with subsampled colour).
            width: display width in pixels.
            height: display height in pixels.
            orientation: 1 to 8, EXIF 2.32 section 4.6.4.A (tag 274).
        """
        # These orientations show the coded picture's far edge at the left, or at the top.
        from_right = orientation in (2, 3, 6, 7)
        from_bottom = orientation in (3, 4, 7, 8)
        return cls(step, width % step if from_right else 0, height % step if from_bottom else 0)
