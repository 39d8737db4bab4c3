"""The types that cross between the parts, and what a part needs from another.

Arrays: a picture is (height, width, channels) with 1 channel (grey) or 3 (RGB), uint8 or uint16, in sRGB,
display-oriented. Masks are (height, width) bool, True = covered.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from kerchief.geometry import Box, Grid

#: uint8 or uint16; which of them is a matter of the file.
Pixels = NDArray[Any]
Mask = NDArray[np.bool_]
#: (samples, channels) float32, full scale is −1 to 1.
Waves = NDArray[np.float32]
#: (n, 5): x0, y0, x1, y1 in pixels, ends exclusive, and a score 0 to 1.
Boxes = NDArray[np.floating]

#: (5, 2) float32, x and y in display pixels: outer and inner corner of one eye, of the other, and the base of the nose.
Landmarks = NDArray[np.float32]
#: (n, d) float32, a row for each face. The Euclidean distance of two rows says how unlike the faces are.
Embeddings = NDArray[np.float32]

#: Blocks of a JPEG with subsampled colour; measured in PRIVACY.md 1.1 to be the widest that matters.
GRID_STEP = 16

#: Samples a second beyond which nothing records sound.
MAX_RATE = 768_000


class MediaKind(StrEnum):
    """How the frames of a file belong together."""

    PHOTO = "photo"
    ANIMATION = "animation"
    PAGES = "pages"
    VIDEO = "video"


class RegionKind(StrEnum):
    """What a region hides."""

    FACE = "face"
    HEAD = "head"
    PERSON = "person"
    PLATE = "plate"
    TEXT = "text"
    MANUAL = "manual"


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One decoded picture.

    Attributes:
        pts: when it is shown, in the file's time base; 0 for a photo, the page number for pages.
        duration: how long, in the same unit; 0 for photos and pages.
        pixels: (height, width, 1 or 3), uint8 or uint16, sRGB.
        alpha: (height, width), same dtype, 0 = transparent; None where the file has none.
    """

    pts: int
    duration: int
    pixels: Pixels
    alpha: Pixels | None = None

    @property
    def width(self) -> int:
        """Width in pixels."""
        return int(self.pixels.shape[1])

    @property
    def height(self) -> int:
        """Height in pixels."""
        return int(self.pixels.shape[0])


@dataclass(frozen=True, slots=True, eq=False)
class YuvFrame:
    """One decoded frame of a film, display-oriented, as luma and two colour planes.

    Attributes:
        pts: when it is shown, in the film's time base; the first frame has 0.
        duration: how long, in the same unit.
        planes: Y (height, width), then U and V, each uint8: (height / 2, width / 2) where ``is_subsampled``,
            (height, width) elsewhere.
    """

    pts: int
    duration: int
    planes: tuple[Pixels, Pixels, Pixels]

    @property
    def width(self) -> int:
        """Width in pixels."""
        return int(self.planes[0].shape[1])

    @property
    def height(self) -> int:
        """Height in pixels."""
        return int(self.planes[0].shape[0])


def is_subsampled(width: int, height: int) -> bool:
    """Whether a film of this size has colour planes of half its sides (4:2:0); odd ones can't be halved (4:4:4)."""
    return width % 2 == 0 and height % 2 == 0


@dataclass(frozen=True, slots=True, eq=False)
class Samples:
    """A block of a film's sound.

    Attributes:
        start: the place of the first sample, counted from the film's start at the sound's rate.
        data: (samples, channels) float32, −1 to 1.
    """

    start: int
    data: Waves


#: What a file is decoded into: its frames, and between those of a film its sound.
Part = Frame | YuvFrame | Samples


@dataclass(frozen=True, slots=True)
class SoundInfo:
    """What a film's sound is.

    Attributes:
        rate: samples a second.
        channels: 1 (mono) or 2 (stereo).
        early: samples that lie before the film's first frame and are left out.
        seconds: how long the file says it is; 0 where it does not.
    """

    rate: int
    channels: int
    early: int = 0
    seconds: float = 0.0

    def __post_init__(self) -> None:
        if not (1 <= self.rate <= MAX_RATE and self.channels in (1, 2) and self.early >= 0):
            raise ValueError("no such sound")

    @property
    def layout(self) -> str:
        """FFmpeg's name of the channels."""
        return "mono" if self.channels == 1 else "stereo"


@dataclass(frozen=True, slots=True)
class Colour:
    """How the numbers of a film's planes are meant: code points of ITU-T H.273, and whether they use the full range.

    2 = unspecified.
    """

    primaries: int = 2
    transfer: int = 2
    matrix: int = 2
    is_full_range: bool = False


@dataclass(frozen=True, slots=True)
class MediaInfo:
    """What a file is, before its frames are looked at.

    Attributes:
        format: the input's format in lower case: "jpeg", "png", "webp", "gif", "tiff", "bmp", "heif", "avif", or
            "film" for everything that holds a video.
        kind: how its frames belong together.
        width: display width of the first frame in pixels.
        height: display height of the first frame in pixels.
        frames: number of frames; for a film what its header says or comes to, 0 where it does not. A header may lie.
        time_base: (numerator, denominator): seconds for one unit of pts.
        orientation: EXIF orientation 1 to 8 that was applied.
        loops: how often an animation plays, 0 = forever; None where the file does not say.
        sha256: digest of the file's bytes.
        size_bytes: length of the file.
        has_alpha: whether the frames carry alpha.
        bits: bits a channel that the decoded frames have, 8 or 16.
        dropped: phrases for what the file holds besides its picture and what is not carried over.
        changes: phrases for what decoding changed in the picture itself (colours converted, depth reduced).
        aspect: width over height of one pixel, as a fraction.
        rate: frames a second as a fraction, for the header of a film; (0, 1) for all else.
        colour: of a film.
        sound_tracks: how many tracks of sound a film has.
        sound: the first of them; None where there is none, and where nobody asked for it.
    """

    format: str
    kind: MediaKind
    width: int
    height: int
    frames: int
    time_base: tuple[int, int]
    orientation: int
    loops: int | None
    sha256: str
    size_bytes: int
    has_alpha: bool
    bits: int
    dropped: tuple[str, ...] = ()
    changes: tuple[str, ...] = ()
    aspect: tuple[int, int] = (1, 1)
    rate: tuple[int, int] = (0, 1)
    colour: Colour = Colour()
    sound_tracks: int = 0
    sound: SoundInfo | None = None

    def grid(self, width: int, height: int) -> Grid:
        """The coding grid in a frame of this display size."""
        return Grid.of_coded(GRID_STEP, width, height, self.orientation)


@dataclass(frozen=True, slots=True)
class Detection:
    """Something that was found in one frame.

    Attributes:
        box: tight box of the thing itself (a face from brow to chin), display pixels of the frame.
        score: confidence, 0 to 1; several looks that agree raise it.
        kind: what it is.
        looks: how many looks (scales and networks) saw it.
    """

    box: Box
    score: float
    kind: RegionKind = RegionKind.FACE
    looks: int = 1


class Network(Protocol):
    """A detector network that looks at one array at the scale it is given. May be called from several threads."""

    @property
    def name(self) -> str:
        """Short name, as in its card."""

    @property
    def kind(self) -> RegionKind:
        """What it finds."""

    def detect(self, rgb: NDArray[np.uint8], threshold: float) -> Boxes:
        """Candidates in the pixels of this array with at least this score; neighbours are not merged yet.

        Args:
            rgb: (height, width, 3) uint8.
            threshold: least score, 0 to 1.

        Returns:
            (n, 5): x0, y0, x1, y1 with a positive area, score.
        """


class Embedder(Protocol):
    """A recogniser: the opponent in a test. What it makes of faces stays in memory and is compared there."""

    @property
    def name(self) -> str:
        """Short name, as in its card."""

    @property
    def threshold(self) -> float:
        """Distance below which its makers, or its card, call two faces the same person."""

    def embed(self, rgb: NDArray[np.uint8], faces: Sequence[Landmarks]) -> Embeddings:
        """Embeddings of faces in one picture.

        Args:
            rgb: (height, width, 3) uint8.
            faces: where each face is. They may lie on anything: a covered face has its landmarks from elsewhere.

        Returns:
            (len(faces), d) float32.
        """


class Phase(StrEnum):
    """What is being done with the frames of a file; covering and checking come again in every round."""

    LOOKING = "looking"
    COVERING = "covering"
    CHECKING = "checking"


class Progress(Protocol):
    """Told how far the work on one file is. A plain function does: ``print`` is one."""

    def __call__(self, phase: Phase, done: int, total: int) -> None:
        """Called for every frame.

        Args:
            phase: what is being done; a string, such as "looking".
            done: frames that went through this phase.
            total: frames that there are, as far as the file says; 0 where nobody knows. Never less than ``done``
                otherwise.
        """


class BatchProgress(Protocol):
    """Told how far the work on many files is; from several threads."""

    def files(self, total: int) -> None:
        """How many there are; told before the first."""

    def file(self, name: str) -> AbstractContextManager[Progress]:
        """A file is being worked on until the context ends; then it counts as done. What is told within is about it."""
