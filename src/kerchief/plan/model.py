"""The plan document, ``kerchief.plan/1``.

Pure data, frozen, unknown fields refused. The format page is ``docs/plan-format.md``; the plan points at faces, so it
is private. It holds no pixels, no embeddings, no paths and no names.
"""

from __future__ import annotations

from enum import StrEnum
from fractions import Fraction
from itertools import pairwise
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from kerchief.choices import Margin
from kerchief.geometry import Box, Grid
from kerchief.ports import GRID_STEP, MediaInfo, MediaKind, RegionKind

SCHEMA = "kerchief.plan/1"

Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Colour = Annotated[str, StringConstraints(pattern=r"^#[0-9a-f]{6}$")]
Side = Annotated[int, Field(ge=1, le=1_000_000)]
#: Regions reach no farther: nothing that is drawn does, and OpenCV counts no farther.
MOST_PX = 400_000.0
Score = Annotated[float, Field(ge=0, le=1)]


class Document(BaseModel):
    """Base of everything that is written down: strict, frozen, no unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


class StyleName(StrEnum):
    """How a covered region looks. Only the first two erase; the others are cosmetic."""

    VEIL = "veil"
    SOLID = "solid"
    PIXELATE = "pixelate"
    BLUR = "blur"

    @property
    def erases(self) -> bool:
        """Whether the output is independent of the covered pixels (law 2)."""
        return self in (StyleName.VEIL, StyleName.SOLID)


class Shape(StrEnum):
    """Outline of a region inside its box."""

    ELLIPSE = "ellipse"
    BOX = "box"


class DecidedBy(StrEnum):
    """Who decided about a track."""

    DEFAULT = "default"
    PERSON = "person"
    VERIFY = "verify"


class Style(Document):
    """How covered regions look."""

    name: StyleName = StyleName.VEIL
    colour: Colour = "#000000"
    """Used by solid."""

    def __str__(self) -> str:
        return f"solid:{self.colour}" if self.name is StyleName.SOLID else self.name.value


class Cut(Document):
    """The part of a film that is kept, in units of its time base from its first frame on."""

    start: Annotated[int, Field(ge=0)] = 0
    end: Annotated[int, Field(ge=1)] | None = None
    """First pts that is not kept; none: to the end."""

    @model_validator(mode="after")
    def _is_not_empty(self) -> Self:
        if self.end is not None and self.end <= self.start:
            raise ValueError("a cut must end after it starts")
        return self

    def part(self, pts: int, end: int) -> tuple[int, int] | None:
        """When in the clip a frame is shown, and how long; None if it is not on screen in it.

        Args:
            pts: when the frame is shown in the film.
            end: when the next one is.
        """
        first, last = max(pts, self.start), end if self.end is None else min(end, self.end)
        return (first - self.start, last - first) if first < last else None


class MediaRef(Document):
    """The file that the plan was made for."""

    sha256: Digest
    size_bytes: Annotated[int, Field(ge=1)]
    kind: MediaKind
    width: Side
    """Display width of the first frame, pixels."""
    height: Side
    """Display height of the first frame, pixels."""
    orientation: Annotated[int, Field(ge=1, le=8)] = 1
    """EXIF orientation that was applied; says where the coding grid starts."""
    frames: Annotated[int, Field(ge=1, le=100_000_000)] = 1
    time_base: tuple[Annotated[int, Field(ge=1)], Annotated[int, Field(ge=1)]] = (1, 1)
    """Seconds for one unit of pts, as a fraction."""
    length: Annotated[int, Field(ge=0)] = 0
    """Sum of the frames' durations in that unit; 0 for photos and pages. A film's first frame has pts 0."""
    cut: Cut | None = None
    """The part of a film that all else here is about: frames, length and every pts are the clip's; none: the whole."""

    @classmethod
    def of(cls, info: MediaInfo, length: int, frames: int, cut: Cut | None = None) -> Self:
        """The reference to a file of which so many frames were looked at, which last so long together."""
        return cls(
            sha256=info.sha256,
            size_bytes=info.size_bytes,
            kind=info.kind,
            width=info.width,
            height=info.height,
            orientation=info.orientation,
            frames=frames,
            time_base=info.time_base,
            length=length,
            cut=cut,
        )

    @property
    def seconds(self) -> float:
        """The length in seconds."""
        return self.length * self.time_base[0] / self.time_base[1]

    @property
    def skipped(self) -> Fraction:
        """How much of the film is cut away before the part that this is about, in seconds."""
        return Fraction(*self.time_base) * (self.cut.start if self.cut else 0)

    @property
    def has_end(self) -> bool:
        """Whether it ends where the film does; a part that has the length that was asked for may end before."""
        return self.cut is None or self.cut.end is None or self.length < self.cut.end - self.cut.start

    def grid(self, width: int, height: int) -> Grid:
        """The coding grid in a frame of this display size."""
        return Grid.of_coded(GRID_STEP, width, height, self.orientation)


class NetworkRef(Document):
    """A network that looked, with the least score that counted."""

    name: str
    sha256: Digest
    threshold: Score


class Looked(Document):
    """What was looked at, and by what."""

    frames: Annotated[int, Field(ge=0)]
    """Frames that were looked at; the others are not verified."""
    networks: tuple[NetworkRef, ...]


class Region(Document):
    """What is hidden: a head, not only a face. Display pixels, ends exclusive; may reach beyond the picture."""

    shape: Shape = Shape.ELLIPSE
    x: Annotated[float, Field(ge=-MOST_PX, le=MOST_PX)]
    y: Annotated[float, Field(ge=-MOST_PX, le=MOST_PX)]
    width: Annotated[float, Field(gt=0, le=MOST_PX)]
    height: Annotated[float, Field(gt=0, le=MOST_PX)]
    angle: Annotated[float, Field(ge=-180, le=180)] = 0.0
    """Degrees by which the outline is turned about the middle of its box, clockwise as seen."""

    @classmethod
    def from_box(cls, box: Box, shape: Shape = Shape.ELLIPSE) -> Self:
        """The region whose outline is inscribed in this box; rounded to 1/100 px so that a plan stays readable."""
        x0, y0 = round(box.x0, 2), round(box.y0, 2)
        width, height = max(0.01, round(box.x1 - x0, 2)), max(0.01, round(box.y1 - y0, 2))
        return cls(shape=shape, x=x0, y=y0, width=width, height=height)

    @property
    def box(self) -> Box:
        """The box that the outline is inscribed in, before it is turned."""
        return Box(self.x, self.y, self.x + self.width, self.y + self.height)

    @property
    def hull(self) -> Box:
        """The upright box around the outline as it is turned."""
        return self.box.turned(self.angle)


class Keyframe(Document):
    """Where a region is at one time; between two keyframes it is interpolated."""

    pts: int
    region: Region


class Decision(Document):
    """Whether a track is covered, who said so, and why. Showing needs a reason."""

    action: Literal["cover", "show"] = "cover"
    by: DecidedBy = DecidedBy.DEFAULT
    reason: str = ""
    note: str = ""
    """What a person wants to remember of it; nothing reads it."""

    @model_validator(mode="after")
    def _showing_needs_a_person_and_a_reason(self) -> Self:
        if self.action == "show" and (self.by is not DecidedBy.PERSON or not self.reason.strip()):
            raise ValueError("showing needs by=person and a reason")
        return self


class Track(Document):
    """One thing through the frames that it is in."""

    id: Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{1,40}$")]
    kind: RegionKind = RegionKind.FACE
    score: Score | None = None
    """Highest score of a network; none for what a person drew."""
    seen: Annotated[int, Field(ge=0)] | None = None
    """How often it was found: by so many looks (scales and networks) at a photo, in so many frames of a film."""
    decision: Decision = Decision()
    keyframes: Annotated[tuple[Keyframe, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _keyframes_in_order(self) -> Self:
        times = [keyframe.pts for keyframe in self.keyframes]
        if any(b <= a for a, b in pairwise(times)):
            raise ValueError("keyframes must be in order of pts, one for each pts")
        return self

    @property
    def is_shown(self) -> bool:
        """Whether someone decided to leave it uncovered."""
        return self.decision.action == "show"


class Plan(Document):
    """Everything that decides what an output looks like, for one file."""

    schema_version: Literal["kerchief.plan/1"] = Field(default="kerchief.plan/1", alias="schema")
    media: MediaRef
    looked: Looked
    style: Style = Style()
    margin: Margin = Margin.STANDARD
    tracks: tuple[Track, ...] = ()

    @model_validator(mode="after")
    def _ids_are_unique(self) -> Self:
        ids = [track.id for track in self.tracks]
        if len(set(ids)) != len(ids):
            raise ValueError("track ids must be unique")
        return self
