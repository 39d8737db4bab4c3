"""One face through a file: what is gathered of it, frame by frame, and whether its copy matches.

What one frame of a mosaic hides, thirty may tell: the blocks fall on the face in another way in each. So the crops of
a person are laid over each other, upright, and their mean is attacked too.

A place in a copy matches when it is near enough to the face in the same frame of the original, and clearly nearer than
that place under covers of which we know that they hold nothing: small and blurred faces are near to almost anything.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from kerchief.adversary.arms import Arms
from kerchief.adversary.faces import LEAST_PX, ByRecogniser, Face, Rgb, embedded, face_of, placed
from kerchief.geometry import Box
from kerchief.models.align import moved, upright
from kerchief.plan.model import Track
from kerchief.plan.query import region_of
from kerchief.ports import Embedder, Embeddings, Landmarks
from kerchief.prove.attack import Attacker
from kerchief.prove.matches import is_match

#: Frames of each person that are attacked, and from how many on they are called many.
SAMPLES, MANY = 32, 30
#: Crops are laid over each other with this side and these places of the eyes.
SIDE_PX = 150
EYES = ((52.0, 62.0), (98.0, 62.0))
#: Mirrored, the corners of one eye are the other's.
MIRRORED = [2, 3, 0, 1, 4]


class Pile:
    """Upright crops, laid over each other."""

    def __init__(self) -> None:
        self._sum = np.zeros((SIDE_PX, SIDE_PX, 3), np.float64)
        self._landmarks: list[Landmarks] = []

    def add(self, rgb: Rgb, face: Face) -> None:
        """Lay a face, or the place where it was, on top."""
        self._sum += upright(rgb, face.landmarks, (SIDE_PX, SIDE_PX), EYES)
        self._landmarks.append(moved(face.landmarks, EYES))

    def embedding(self, recogniser: Embedder) -> NDArray[np.float32]:
        """(d,) what a recogniser makes of their mean."""
        mean = np.rint(self._sum / len(self._landmarks)).astype(np.uint8)
        landmarks = np.asarray(np.mean(self._landmarks, axis=0), np.float32)
        return np.asarray(recogniser.embed(mean, [landmarks])[0], np.float32)

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
        self._clear, self._copy = Pile(), Pile()
        self._empty: dict[str, Pile] = {}
        self._rows: list[ByRecogniser] = []
        self._did: set[tuple[Attacker, str]] = set()
        self._mirrored: ByRecogniser = {}
        self.is_seen = self.is_found = False

    @property
    def is_tried(self) -> bool:
        """Whether any frame of it was large enough."""
        return len(self._rows) > 0

    def face_at(self, pts: int) -> Box | None:
        """Where its face is, if it is there and large enough."""
        region = region_of(self._track, pts)
        box = None if region is None else face_of(region.hull)
        return box if box is not None and box.height >= LEAST_PX else None

    def is_due(self, pts: int) -> bool:
        """Whether this frame is one of those to attack."""
        return pts >= self._due

    def add(self, pts: int, before: Rgb, after: Rgb, empty: Mapping[str, Rgb], box: Box) -> None:
        """Attack a frame.

        Args:
            pts: when it is shown.
            before: the original's frame.
            after: the copy's.
            empty: the original's under each of some covers that hold nothing.
            box: of the face.
        """
        self._due = max(self._due + self._step, Fraction(pts) + self._step / 2)
        face = placed(before, box, self._arms)
        clear = embedded(before, face, self._arms.recognisers)
        if not self._rows:
            turned = np.ascontiguousarray(before[:, ::-1])
            self._mirrored = embedded(turned, _mirrored(face, before), self._arms.recognisers)
        self._rows.append(clear)
        self._attack(clear, embedded(after, face, self._arms.recognisers), empty, face)
        self._clear.add(before, face)
        self._copy.add(after, face)
        for cover, picture in empty.items():
            self._empty.setdefault(cover, Pile()).add(picture, face)

    def _attack(self, clear: ByRecogniser, copy: ByRecogniser, empty: Mapping[str, Rgb], face: Face) -> None:
        """One frame, informed. What is far from the face needs not be held against empty covers."""
        for one in self._arms.recognisers:
            row = copy[one.name][None]
            # The control is asked of the first frame, where it is asked anyway; of all others only where it matters.
            if len(self._rows) > 1 and not is_match(clear[one.name], row, one.threshold):
                continue
            nothing = np.stack([one.embed(picture, [face.landmarks])[0] for picture in empty.values()])
            if is_match(clear[one.name], nothing, one.threshold):
                self._did.add((Attacker.EMPTY, one.name))
            if is_match(clear[one.name], row, one.threshold, nothing):
                self._did.add((Attacker.INFORMED, one.name))

    def distance(self, found: ByRecogniser, recogniser: Embedder) -> float:
        """How far a face that was found in the copy is from this one's nearest frame."""
        rows = np.stack([row[recogniser.name] for row in self._rows])
        return float(np.linalg.norm(rows - found[recogniser.name], axis=1).min())

    def add_named(self, recogniser: Embedder) -> None:
        """Take a recogniser's word that a face that was found in the copy is this one."""
        self._did.add((Attacker.NAIVE, recogniser.name))

    def matches(self, recogniser: Embedder) -> Iterator[tuple[Attacker, bool]]:
        """What each attacker got with a recogniser, controls first."""
        name, limit = recogniser.name, recogniser.threshold
        yield Attacker.CLEAR, is_match(self._rows[0][name], self._mirrored[name][None], limit)
        for attacker in (Attacker.EMPTY, Attacker.NAIVE, Attacker.INFORMED):
            yield attacker, (attacker, name) in self._did
        if len(self._copy) >= MANY:
            empty: Embeddings = np.stack([pile.embedding(recogniser) for pile in self._empty.values()])
            own, copy = (pile.embedding(recogniser) for pile in (self._clear, self._copy))
            yield Attacker.TEMPORAL, is_match(own, copy[None], limit, empty)


def _mirrored(face: Face, rgb: Rgb) -> Face:
    """Where a face lies in the mirrored picture."""
    landmarks = face.landmarks[MIRRORED].copy()
    landmarks[:, 0] = rgb.shape[1] - 1 - landmarks[:, 0]
    return Face(face.box, landmarks)
