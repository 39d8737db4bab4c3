"""Attacks the copy of a film or an animation: every person through all frames, single ones and many at once.

What one frame of a mosaic hides, thirty may tell: the blocks fall on the face in another way in each. So the crops of
a person are laid over each other, upright, and their mean is attacked, as is the mean of what recognisers make of each.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from itertools import zip_longest

import numpy as np
from numpy.typing import NDArray

from kerchief.adversary.arms import Arms
from kerchief.adversary.faces import LEAST_PX, SAME_IOU, embedded, placed, sure_faces
from kerchief.errors import InputRefused
from kerchief.find.detect import as_rgb8, rgb_of
from kerchief.find.head import face_of
from kerchief.geometry import Box
from kerchief.models.align import moved, upright
from kerchief.pipeline import plan_source
from kerchief.plan.model import Plan, Track
from kerchief.plan.query import region_of
from kerchief.ports import Embedder, Frame, Landmarks, MediaKind, RegionKind, YuvFrame
from kerchief.prove.attack import Attacker
from kerchief.prove.matches import Attacked
from kerchief.prove.verify import SURE
from kerchief.tools import Source, Tools

#: Frames of each person that are attacked, and how few are not called many.
SAMPLES, MANY = 45, 30
#: Crops are laid over each other with this side and these places of the eyes.
SIDE_PX = 150
EYES = ((52.0, 62.0), (98.0, 62.0))
#: Seconds between frames of the copy that are searched for faces.
SEARCH_S = 0.5

Rgb = NDArray[np.uint8]


class _Person:
    """One track: what has been gathered of it, frame by frame."""

    def __init__(self, track: Track, arms: Arms) -> None:
        self.track = track
        first, last = track.keyframes[0].pts, track.keyframes[-1].pts
        self._step = Fraction(max(1, last - first), SAMPLES)
        self._next = Fraction(first)
        self._arms = arms
        self._clear: dict[str, list[NDArray[np.float32]]] = {one.name: [] for one in arms.recognisers}
        self._covered: dict[str, list[NDArray[np.float32]]] = {one.name: [] for one in arms.recognisers}
        self._found: dict[str, list[NDArray[np.float32]]] = {one.name: [] for one in arms.recognisers}
        self._crops: list[Rgb] = []
        self._landmarks: list[Landmarks] = []
        self.is_seen = self.is_found = False

    def face_at(self, pts: int) -> Box | None:
        """Where its face is at this time, if it is there, large enough, and due."""
        region = region_of(self.track, pts)
        if region is None or pts < self._next:
            return None
        box = face_of(region.box)
        return box if box.height >= LEAST_PX else None

    def add(self, pts: int, before: Rgb, after: Rgb, box: Box) -> None:
        """Take a frame."""
        self._next = max(self._next + self._step, Fraction(pts))
        face = placed(before, box, self._arms)
        for name, row in embedded(before, face, self._arms.recognisers).items():
            self._clear[name].append(row)
        for name, row in embedded(after, face, self._arms.recognisers).items():
            self._covered[name].append(row)
        self._crops.append(upright(after, face.landmarks, (SIDE_PX, SIDE_PX), EYES))
        self._landmarks.append(moved(face.landmarks, EYES))

    def search(self, after: Rgb, box: Box, seen: Iterable[Box], found: Iterable[Box]) -> None:
        """Take what detectors found in a frame of the copy."""
        here = [one for one in seen if one.iou(box) >= SAME_IOU]
        self.is_seen |= bool(here)
        self.is_found |= any(one.iou(box) >= SAME_IOU for one in found)
        for one in here:
            for name, row in embedded(after, placed(after, one, self._arms), self._arms.recognisers).items():
                self._found[name].append(row)

    @property
    def frames(self) -> int:
        """How many were taken."""
        return len(self._crops)

    def enrolled(self, name: str) -> NDArray[np.float32]:
        """What a recogniser makes of the person: the mean over every other frame."""
        return np.asarray(np.mean(self._clear[name][::2], axis=0), np.float32)

    def matches(self, recogniser: Embedder) -> Iterator[tuple[Attacker, bool]]:
        """What each attacker gets."""
        name = recogniser.name
        own = self.enrolled(name)

        def near(rows: list[NDArray[np.float32]]) -> bool:
            return any(float(np.linalg.norm(own - row)) < recogniser.threshold for row in rows)

        others = self._clear[name][1::2]
        yield Attacker.CLEAR, near([np.asarray(np.mean(others or self._clear[name], axis=0), np.float32)])
        yield Attacker.NAIVE, near(self._found[name])
        yield Attacker.INFORMED, near(self._covered[name])
        if self.frames >= MANY:
            yield Attacker.TEMPORAL, near(list(self.fused(recogniser)))

    def fused(self, recogniser: Embedder) -> Iterator[NDArray[np.float32]]:
        """What a recogniser makes of all covered frames at once."""
        yield np.asarray(np.mean(self._covered[recogniser.name], axis=0), np.float32)
        mean = np.rint(np.mean(self._crops, axis=0)).astype(np.uint8)
        yield recogniser.embed(mean, [np.asarray(np.mean(self._landmarks, axis=0), np.float32)])[0]

    def strangers(self, recogniser: Embedder, others: Iterable[_Person]) -> tuple[int, int]:
        """How many other people its covered frames match together, and of how many."""
        mean = np.mean(self._covered[recogniser.name], axis=0)
        near = [float(np.linalg.norm(o.enrolled(recogniser.name) - mean)) < recogniser.threshold for o in others]
        return sum(near), len(near)


def attack_moving(
    original: Source, copy: Source, tools: Tools, beside: Tools, arms: Arms
) -> tuple[list[Attacked], int]:
    """Every person in a film or an animation. Arguments, result and errors as ``attack_stills``.

    Raises:
        InputRefused: the copy has other frames than the original.
    """
    plan = plan_source(original, tools)
    people = [_Person(track, arms) for track in plan.tracks if _is_sure_face(track)]
    seconds, last = Fraction(*plan.media.time_base), Fraction(-1)
    for pts, before, after in _frames(original, copy, plan, tools, beside):
        due = [(person, box) for person in people if (box := person.face_at(pts)) is not None]
        if not due:
            continue
        first, second = _rgb(before), _rgb(after)
        for person, box in due:
            person.add(pts, first, second, box)
        if pts * seconds - last >= SEARCH_S or last < 0:
            last = pts * seconds
            seen, found = [one.box for one in sure_faces(second, tools)], list(arms.opponent.detect(second))
            for person, box in due:
                person.search(second, box, seen, found)
    tried = [person for person in people if person.frames]
    return [_attacked(person, tried, arms) for person in tried], len(people) - len(tried)


def _attacked(person: _Person, people: list[_Person], arms: Arms) -> Attacked:
    others = [one for one in people if one is not person]
    return Attacked(
        matched={(who, one.name): did for one in arms.recognisers for who, did in person.matches(one)},
        strangers={one.name: person.strangers(one, others) for one in arms.recognisers},
        is_seen=person.is_seen,
        is_found=person.is_found,
    )


def _is_sure_face(track: Track) -> bool:
    return track.kind is RegionKind.FACE and (track.score or 0) >= SURE


def _frames(
    original: Source, copy: Source, plan: Plan, tools: Tools, beside: Tools
) -> Iterator[tuple[int, Frame | YuvFrame, Frame | YuvFrame]]:
    """Frames of both that are shown at the same time.

    Raises:
        InputRefused: the copy has other frames.
    """
    if plan.media.kind is MediaKind.ANIMATION:
        yield from _animated(original, copy, tools, beside)
        return
    ours, theirs = Fraction(*original.info.time_base), Fraction(*copy.info.time_base)
    for before, after in zip_longest(tools.film(original), beside.film(copy)):
        if before is None or after is None or abs(before.pts * ours - after.pts * theirs) > ours + theirs:
            raise _unlike(original, copy)
        yield before.pts, before, after


def _animated(
    original: Source, copy: Source, tools: Tools, beside: Tools
) -> Iterator[tuple[int, Frame | YuvFrame, Frame | YuvFrame]]:
    """The same for an animation, whose encoder may have joined frames that are alike."""
    afters = beside.frames(copy)
    after = next(afters)
    for before in tools.frames(original):
        while before.pts >= after.pts + after.duration:
            following = next(afters, None)
            if following is None:
                raise _unlike(original, copy)
            after = following
        yield before.pts, before, after


def _unlike(original: Source, copy: Source) -> InputRefused:
    step = "Compare a copy of the whole file that keeps every frame."
    return InputRefused(str(copy.path), f"has other frames than {original.path.name}", step)


def _rgb(frame: Frame | YuvFrame) -> Rgb:
    return rgb_of(frame) if isinstance(frame, YuvFrame) else as_rgb8(frame.pixels)
