"""Looks at every frame that was received: is a face of the crowd bare in it?

A face is bare where the detail in its ellipse is still that of the original: the correlation of both, high-passed at an
eighth of the face's height, is above ``BARE``. With a frame whose number can be read that is asked at the places of the
faces in it and, for something older may have got into it, of those in all frames around. A frame without a number is
held against the faces of all frames that it could be; where there is nothing in the number's place, so that all of it
is veiled, nothing in it may look like a face to the detector.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from math import log2

import cv2
import live_barcode
import numpy as np
from live_film import Film, Luma, Sent
from live_recording import Received
from numpy.typing import NDArray

from kerchief.geometry import Box

Floats = NDArray[np.float32]

#: A correlation above this is a bare face.
BARE = 0.6
#: Only faces of which so much is to be seen are looked for in other frames: at the rim of a pillar is an edge too.
WHOLE = 0.95
#: Frames up to so many seconds before and after could have got into a frame.
AROUND_SECONDS = 2.0
#: Detail this weak (standard deviation, of 255) is none.
FLAT = 1.0
#: Blocks of the background whose mean is off by no more than this are shown as they are.
BLOCK_PX, SAME = 16, 8.0
#: A frame is veiled where the luma in the number's place varies less than any number makes it vary (standard deviation,
#: of 255). A veil has a hatch and a rim.
VEILED = 35.0

#: Boxes of what surely looks like a face in a luma.
Sure = Callable[[Luma], Sequence[Box]]


@dataclass(frozen=True, slots=True)
class Bare:
    """A face that was seen.

    Attributes:
        index: of the received frame.
        number: of the frame of the film that is in it; where it can't be read, that whose face it is.
        person: who; -1: the detector says that there is somebody.
        score: correlation, or 1 by the detector.
        since: seconds since the person came into view; 0 in the first frame.
        is_own: whether the face is of that very frame, not of one around.
    """

    index: int
    number: int
    person: int
    score: float
    since: float
    is_own: bool


@dataclass
class Examined:
    """What was seen in everything that was received.

    Attributes:
        received: frames.
        numbers: of the received frames; None where there is none to be read.
        faces: face-frames in frames whose number can be read.
        faces_unread: about how many there are in the others.
        bare: the faces that were seen, each person once a frame.
        scores: the highest correlation of each face-frame.
        veiled: frames that show nothing.
        shown: share of the background that each frame shows as it is, where its number can be read.
        latencies: seconds from sending to receiving, by received frame; None where it can't be told.
    """

    received: int = 0
    numbers: list[int | None] = field(default_factory=list)
    faces: int = 0
    faces_unread: int = 0
    bare: list[Bare] = field(default_factory=list)
    scores: list[float] = field(default_factory=list)
    veiled: int = 0
    shown: list[float] = field(default_factory=list)
    latencies: list[float | None] = field(default_factory=list)

    @property
    def read(self) -> list[int]:
        """The numbers that could be read."""
        return [number for number in self.numbers if number is not None]


@dataclass(frozen=True, eq=False)
class _Mark:
    """How one face looks: in which pixels (row by row), at what scale, and its detail as a vector of length 1."""

    person: int
    is_whole: bool
    level: int
    pixels: NDArray[np.intp]
    detail: Floats


class Examiner:
    """Knows a film, and looks at what came of it."""

    def __init__(self, film: Film, sure: Sure | None = None) -> None:
        self._film = film
        self._sure = sure
        self._marks: dict[tuple[int, tuple[int, int]], list[_Mark]] = {}
        self._since = _since(film)
        self._around = round(AROUND_SECONDS * film.rate)

    def examine(self, frames: Iterable[Received], sent: dict[int, float] | None = None) -> Examined:
        """Look at all frames of a run, in the order in which they came.

        Args:
            frames: received.
            sent: when each frame of the film was sent, if known; a frame that never was can't be seen.
        """
        received = list(frames)
        result = Examined(received=len(received), numbers=[live_barcode.read(frame.luma) for frame in received])
        known = self._film.frames if sent is None else [self._film.frames[number] for number in sorted(sent)]
        for index, frame in enumerate(received):
            number = result.numbers[index]
            result.latencies.append(
                None if number is None or sent is None or frame.at is None else frame.at - sent[number]
            )
            if number is None:
                self._unread(result, index, frame.luma, [f.number for f in known])
            else:
                self._read(result, index, frame.luma, number)
        return result

    def _read(self, result: Examined, index: int, luma: Luma, number: int) -> None:
        original = self._film.frames[number]
        shown = _shown(luma, original)
        result.faces += len(original.faces)
        result.shown.append(shown)
        detail = _Detail(luma)
        own = {mark.person: detail.like(mark) for mark in self._of(number, luma)}
        result.scores += own.values()
        result.bare += [
            Bare(index, number, person, score, self._since[number][person], is_own=True)
            for person, score in own.items()
            if score > BARE
        ]
        others = range(max(0, number - self._around), min(len(self._film.frames), number + self._around + 1))
        seen = {person for person, score in own.items() if score > BARE}
        self._elsewhere(result, index, luma, detail, [n for n in others if n != number], seen)

    def _unread(self, result: Examined, index: int, luma: Luma, known: Sequence[int]) -> None:
        before = next((n for n in reversed(result.numbers[:index]) if n is not None), None)
        after = next((n for n in result.numbers[index:] if n is not None), None)
        first = 0 if before is None else before - self._around
        last = known[-1] if after is None else after + self._around
        result.faces_unread += self._about(before, after)
        candidates = [n for n in known if first <= n <= last]
        is_veiled = float(luma[-live_barcode.strip_height(luma.shape[1]) :].std()) < VEILED
        result.veiled += is_veiled
        self._elsewhere(result, index, luma, _Detail(luma), candidates, set())
        if is_veiled and self._sure is not None:
            result.bare += [Bare(index, before or 0, -1, 1.0, 0.0, is_own=False) for _ in self._sure(luma)]

    def _about(self, before: int | None, after: int | None) -> int:
        """How many faces there may be in a frame between two that could be read."""
        one = self._film.frames[0 if before is None else before]
        two = self._film.frames[one.number if after is None else after]
        return (len(one.faces) + len(two.faces)) // 2

    def _elsewhere(
        self, result: Examined, index: int, luma: Luma, detail: _Detail, numbers: Sequence[int], seen: set[int]
    ) -> None:
        """Look for the faces of other frames; each person counts once."""
        best: dict[int, tuple[float, int]] = {}
        for number in numbers:
            for mark in (mark for mark in self._of(number, luma) if mark.is_whole):
                best[mark.person] = max(best.get(mark.person, (-1.0, number)), (detail.like(mark), number))
        result.bare += [
            Bare(index, number, person, score, self._since[number][person], is_own=False)
            for person, (score, number) in best.items()
            if score > BARE and person not in seen
        ]

    def _of(self, number: int, luma: Luma) -> list[_Mark]:
        size = (luma.shape[1], luma.shape[0])
        if (number, size) not in self._marks:
            self._marks[number, size] = list(_marks(self._film.frames[number], size))
        return self._marks[number, size]


class _Detail:
    """A frame's detail, at each scale that is asked for."""

    def __init__(self, luma: Luma) -> None:
        self._luma = luma.astype(np.float32)
        self._levels: dict[int, Floats] = {}

    def at(self, level: int) -> Floats:
        if level not in self._levels:
            smooth = cv2.GaussianBlur(self._luma, (0, 0), float(2**level))
            self._levels[level] = self._luma - smooth
        return self._levels[level]

    def like(self, mark: _Mark) -> float:
        """Correlation with how a face looks."""
        unit = _unit(self.at(mark.level).take(mark.pixels))
        return 0.0 if unit is None else float(unit @ mark.detail)


def _unit(values: Floats) -> Floats | None:
    """The values without their mean, as a vector of length 1; None where they are flat."""
    values = values - values.mean()
    length = float(np.sqrt(values @ values))
    return None if length < FLAT * len(values) ** 0.5 else values / length


def _marks(original: Sent, size: tuple[int, int]) -> Iterable[_Mark]:
    """How the faces of a frame look at a size."""
    width, height = size
    luma = original.luma
    if luma.shape != (height, width):
        luma = np.asarray(cv2.resize(luma, size, interpolation=cv2.INTER_AREA), np.uint8)
    detail = _Detail(luma)
    for face in original.faces:
        box = face.box.scaled(width / original.width)
        rows, columns = box.pixels(width, height)
        y, x = np.mgrid[rows, columns] + 0.5
        across, down = (2 * x - box.x0 - box.x1) / box.width, (2 * y - box.y0 - box.y1) / box.height
        inside = across**2 + down**2 <= 1
        pixels = (np.floor(y) * width + np.floor(x))[inside].astype(np.intp)
        level = max(0, round(log2(box.height / 8)))
        unit = _unit(detail.at(level).take(pixels))
        if unit is not None:
            yield _Mark(face.person, face.share >= WHOLE, level, pixels, unit)


def _shown(luma: Luma, original: Sent) -> float:
    """The share of the background, away from all faces, that is shown as it was."""
    size = (original.width, original.luma.shape[0])
    away = np.ones((size[1] // BLOCK_PX, size[0] // BLOCK_PX), bool)
    for face in original.faces:
        far = face.box.grow(face.box.width, face.box.height, face.box.width, face.box.height)
        rows, columns = far.scaled(1 / BLOCK_PX).pixels(away.shape[1], away.shape[0])
        away[rows, columns] = False
    away[-live_barcode.strip_height(original.width) // BLOCK_PX - 1 :] = False
    off = np.abs(_blocks(luma, away.shape) - _blocks(original.luma, away.shape))
    return float((off[away] <= SAME).mean()) if away.any() else 1.0


def _blocks(luma: Luma, shape: tuple[int, ...]) -> Floats:
    """Means of a picture's blocks, of which there are so many rows and columns."""
    return np.asarray(cv2.resize(luma, shape[::-1], interpolation=cv2.INTER_AREA), np.float32)


def _since(film: Film) -> list[dict[int, float]]:
    """For each frame and face, for how many seconds it has been in view without a break."""
    since: list[dict[int, float]] = []
    for frame in film.frames:
        before = since[-1] if since else {}
        step = 1 / film.rate
        since.append(
            {face.person: before[face.person] + step if face.person in before else 0.0 for face in frame.faces}
        )
    return since
