"""One face through a file: what is gathered of it, frame by frame, and whether its copy matches.

What one frame of a mosaic hides, thirty may tell: the blocks fall on the face in another way in each. So the crops of
a person are laid over each other, upright, and their mean is attacked, and so is the mean of what a recogniser makes
of each.

A place in a copy matches when it is near enough to the face, and clearly nearer than the same place under covers of
which we know that they hold nothing: small and blurred faces are near to almost anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from kerchief.adversary.arms import Arms
from kerchief.adversary.faces import LEAST_PX, Face, embedded, face_of, is_among, placed
from kerchief.geometry import Box
from kerchief.models.align import moved, upright
from kerchief.plan.model import Track
from kerchief.plan.query import region_of
from kerchief.ports import Embedder, Embeddings, Landmarks
from kerchief.prove.attack import Attacker
from kerchief.prove.matches import is_match

#: Frames of each person that are attacked, and from how many on they are called many.
SAMPLES, MANY = 32, 30
#: The second and later of the empty covers are looked at in every so many of them: in a film they change little.
SELDOM = 4
#: Crops are laid over each other with this side and these places of the eyes.
SIDE_PX = 150
EYES = ((52.0, 62.0), (98.0, 62.0))
#: Mirrored, the corners of one eye are the other's.
MIRRORED = [2, 3, 0, 1, 4]

Rgb = NDArray[np.uint8]


class Gathered:
    """What was gathered of one kind of picture: rows of each recogniser, and the mean of upright crops."""

    def __init__(self) -> None:
        self._rows: dict[str, list[NDArray[np.float32]]] = {}
        self._sum = np.zeros((SIDE_PX, SIDE_PX, 3), np.float64)
        self._landmarks: list[Landmarks] = []

    def add(self, rgb: Rgb, face: Face, arms: Arms) -> None:
        """Take a face, or the place where it was."""
        for name, row in embedded(rgb, face, arms.recognisers).items():
            self._rows.setdefault(name, []).append(row)
        self._sum += upright(rgb, face.landmarks, (SIDE_PX, SIDE_PX), EYES)
        self._landmarks.append(moved(face.landmarks, EYES))

    def rows(self, recogniser: Embedder) -> Embeddings:
        """(n, d), of each frame."""
        return np.array(self._rows.get(recogniser.name, []), np.float32)

    def fused(self, recogniser: Embedder) -> Embeddings:
        """(2, d), of all frames at once: the mean of what it makes of each, and what it makes of their mean."""
        crop = np.rint(self._sum / len(self._landmarks)).astype(np.uint8)
        of_mean = recogniser.embed(crop, [np.asarray(np.mean(self._landmarks, axis=0), np.float32)])[0]
        return np.stack([self.rows(recogniser).mean(axis=0), of_mean])

    def __len__(self) -> int:
        return len(self._landmarks)


class Person:
    """A track of the original.

    Args:
        track: of its plan.
        arms: the adversary's networks.
    """

    def __init__(self, track: Track, arms: Arms) -> None:
        self._track, self._arms = track, arms
        first, last = track.keyframes[0].pts, track.keyframes[-1].pts
        self._step = Fraction(last - first, SAMPLES)
        self._due = Fraction(first)
        self._clear, self._mirrored, self._copy, self._found = (Gathered() for _ in range(4))
        self._empty: dict[str, Gathered] = {}
        self.is_seen = self.is_found = False

    @property
    def is_tried(self) -> bool:
        """Whether any frame of it was large enough."""
        return len(self._clear) > 0

    def face_at(self, pts: int) -> Box | None:
        """Where its face is, if it is there, large enough, and this frame is one of those to take."""
        region = region_of(self._track, pts)
        if region is None or pts < self._due:
            return None
        box = face_of(region.box)
        return box if box.height >= LEAST_PX else None

    def add(self, pts: int, before: Rgb, after: Rgb, empty: Mapping[str, Rgb], box: Box) -> None:
        """Take a frame of the original, of the copy, and of the original under each of some empty covers."""
        self._due = max(self._due + self._step, Fraction(pts) + self._step / 2)
        face = placed(before, box, self._arms)
        for number, (cover, picture) in enumerate(empty.items()):
            if number == 0 or len(self._clear) % SELDOM == 0:
                self._empty.setdefault(cover, Gathered()).add(picture, face, self._arms)
        self._clear.add(before, face, self._arms)
        self._copy.add(after, face, self._arms)
        if not len(self._mirrored):
            self._mirrored.add(np.ascontiguousarray(before[:, ::-1]), _mirrored(face, before), self._arms)

    def search(self, after: Rgb, box: Box, seen: Iterable[Box], found: Iterable[Box]) -> None:
        """Take what detectors see in a frame of the copy."""
        self.is_found |= is_among(box, found)
        for one in seen:
            if is_among(box, [one]):
                self.is_seen = True
                self._found.add(after, placed(after, one, self._arms), self._arms)

    def matches(self, recogniser: Embedder) -> Iterator[tuple[Attacker, bool]]:
        """What each attacker gets with a recogniser, controls first."""
        limit = recogniser.threshold
        own = self._clear.rows(recogniser).mean(axis=0)
        empty = np.concatenate([cover.rows(recogniser) for cover in self._empty.values()])
        yield Attacker.CLEAR, is_match(own, self._mirrored.rows(recogniser), limit)
        yield Attacker.EMPTY, is_match(own, empty, limit)
        yield Attacker.NAIVE, is_match(own, self._found.rows(recogniser), limit, empty)
        yield Attacker.INFORMED, is_match(own, self._copy.rows(recogniser), limit, empty)
        if len(self._copy) >= MANY:
            fused = np.concatenate([cover.fused(recogniser) for cover in self._empty.values()])
            yield Attacker.TEMPORAL, is_match(own, self._copy.fused(recogniser), limit, fused)


def _mirrored(face: Face, rgb: Rgb) -> Face:
    """Where a face lies in the mirrored picture."""
    landmarks = face.landmarks[MIRRORED].copy()
    landmarks[:, 0] = rgb.shape[1] - 1 - landmarks[:, 0]
    return Face(face.box, landmarks)
