"""A made crowd whose truth is known: bent copies of one real face walk, cross, come near, come out from behind things.

Lengths are in picture heights and times in seconds, so that the same crowd can be filmed in any size and at any rate.
A frame's picture hangs on nothing but its time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from math import sin

import cv2
import numpy as np
from numpy.typing import NDArray
from scenes import FACE_IN_CROP, HEAD_COLUMNS, HEAD_ROWS, Rgb, background, photograph

from kerchief.geometry import Box

ASPECT = 16 / 9
#: Height in which backgrounds are made.
WORLD_PX = 360
SHOT_SECONDS = 4.0
#: How many people there are; those of a shot are of these.
PEOPLE = 12
#: Faces stay above this: below are the blocks with the frame's number.
LOWEST = 0.9
#: The share of a face's box that is to be seen, neither outside the picture nor behind something, for it to count.
SEEN = 0.75
#: Face heights a second that people walk, and the most in picture heights.
SPEEDS, FASTEST = (1.0, 7.0), 0.5
PILLAR = (90, 85, 80)
#: How much of the world a camera that pans gets to see besides its first picture.
ROOM = 1.5


@dataclass(frozen=True, slots=True)
class Walker:
    """Somebody who goes straight ahead through a shot.

    Attributes:
        person: whose face.
        start: middle of the face at the shot's beginning, in the world.
        velocity: picture heights a second.
        height: of the face from brow to chin at the beginning.
        growth: what that is multiplied by in a second.
        there: from when to when.
    """

    person: int
    start: tuple[float, float]
    velocity: tuple[float, float]
    height: float
    growth: float = 1.0
    there: tuple[float, float] = (0.0, SHOT_SECONDS)

    def at(self, seconds: float) -> tuple[float, float, float]:
        """Middle and height of the face."""
        height = self.height * self.growth**seconds
        bob = 0.06 * height * sin(9 * seconds + self.person)
        return self.start[0] + self.velocity[0] * seconds, self.start[1] + self.velocity[1] * seconds + bob, height


@dataclass(frozen=True, slots=True)
class Shot:
    """What is before the camera between two cuts.

    Attributes:
        seed: of the background.
        walkers: everybody.
        pan: how far the camera goes to the right in a second; it begins where it has room for that.
        pillars: left and right edge, in the world, of things that stand in front of everybody.
    """

    seed: int
    walkers: tuple[Walker, ...]
    pan: float = 0.0
    pillars: tuple[tuple[float, float], ...] = ()

    def view(self, seconds: float) -> float:
        """Where the picture's left edge is in the world."""
        return ROOM * (self.pan < 0) + self.pan * seconds


@dataclass(frozen=True, slots=True)
class Seen:
    """A face that is to be seen in a frame.

    Attributes:
        person: whose.
        box: from brow to chin, in pixels of the frame.
        share: how much of the box shows the person; the rest is outside the picture or behind something.
    """

    person: int
    box: Box
    share: float


@dataclass(frozen=True)
class Crowd:
    """Shots, one after the other, as long as anybody looks.

    Attributes:
        least: height of the smallest face, in picture heights.
        most: of the largest.
        seed: another crowd.
    """

    least: float = 0.067
    most: float = 0.2
    seed: int = 1
    _shots: dict[int, Shot] = field(default_factory=dict, repr=False)

    def picture(self, seconds: float, width: int) -> tuple[Rgb, tuple[Seen, ...]]:
        """The picture at a time, (width * 9 / 16, width, 3), and the faces to be seen in it."""
        number, since = divmod(seconds + 1e-6, SHOT_SECONDS)
        return _picture(self.shot(int(number)), since, width)

    def shot(self, number: int) -> Shot:
        """What the shot with this number shows."""
        if number not in self._shots:
            make = (self._passing, self._panned, self._popping, self._coming)[number % 4]
            self._shots[number] = make(np.random.default_rng((self.seed, number)), number)
        return self._shots[number]

    def _passing(self, random: np.random.Generator, number: int) -> Shot:
        """People cross each other's way, come in and go out at the borders."""
        walkers = []
        for n, person in enumerate(random.permutation(PEOPLE)[:8]):
            height = self._height(random)
            way = 1 if n % 2 else -1
            velocity = (way * _speed(random, height), random.uniform(-0.02, 0.02))
            # Half of them are in the picture in the beginning, the others come in one after the other.
            inside = random.uniform(0.1, 0.6) if n < 5 else random.uniform(-0.4, -0.05)
            walkers.append(Walker(int(person), (_from(way, inside), _lane(random, height)), velocity, height))
        return Shot(number, tuple(walkers))

    def _panned(self, random: np.random.Generator, number: int) -> Shot:
        """The camera goes along people of whom most stand."""
        places = np.linspace(0.15, ASPECT + ROOM - 0.15, 10) + random.uniform(-0.05, 0.05, 10)
        walkers = []
        for n, (person, x) in enumerate(zip(random.permutation(PEOPLE), places, strict=False)):
            height = self._height(random)
            velocity = (random.uniform(-0.1, 0.1) if n % 3 == 0 else 0.0, 0.0)
            walkers.append(Walker(int(person), (float(x), _lane(random, height)), velocity, height))
        return Shot(number, tuple(walkers), pan=(0.25 if number % 8 == 1 else -0.25))

    def _popping(self, random: np.random.Generator, number: int) -> Shot:
        """People come out from behind pillars; two are there from one frame to the next, one is gone."""
        people = [int(person) for person in random.permutation(PEOPLE)]
        pillars = ((0.3, 0.55), (1.2, 1.45))
        walkers = []
        for n, person in enumerate(people[:4]):
            height = self._height(random)
            way, (left, right) = (1 if n % 2 else -1), pillars[n // 2]
            start = ((left + right) / 2, _lane(random, height))
            there = (0.4 * n, SHOT_SECONDS)
            speed = way * min(0.2, _speed(random, height))
            start = (start[0] - speed * there[0], start[1])
            walkers.append(Walker(person, start, (speed, 0.0), min(height, 0.12), there=there))
        for n, person in enumerate(people[4:7]):
            height = self._height(random)
            there = ((1.0, SHOT_SECONDS), (2.3, SHOT_SECONDS), (0.0, 3.0))[n]
            walkers.append(Walker(person, (0.75 + 0.15 * n, 0.3 + 0.2 * n), (0.02, 0.0), height, there=there))
        return Shot(number, tuple(walkers), pillars=pillars)

    def _coming(self, random: np.random.Generator, number: int) -> Shot:
        """People come near, until their faces are large."""
        walkers = []
        for n, person in enumerate(random.permutation(PEOPLE)[:5]):
            height = self.least * random.uniform(1.0, 1.5)
            growth = (self.most / height) ** (1 / SHOT_SECONDS)
            x = 0.15 + 0.36 * n
            velocity = ((ASPECT / 2 - x) * -0.05, 0.02)
            walkers.append(Walker(int(person), (x, random.uniform(0.25, 0.5)), velocity, height, growth))
        return Shot(number, tuple(walkers))

    def _height(self, random: np.random.Generator) -> float:
        return float(np.exp(random.uniform(np.log(self.least), np.log(self.most))))


def _speed(random: np.random.Generator, height: float) -> float:
    return min(FASTEST, float(random.uniform(*SPEEDS)) * height)


def _lane(random: np.random.Generator, height: float) -> float:
    """A middle that keeps the face in the picture from top to bottom."""
    return float(random.uniform(0.08 + height, LOWEST - 0.6 * height - 0.1))


def _from(way: int, inside: float) -> float:
    """So far from the border that somebody who goes this way comes from."""
    return inside if way > 0 else ASPECT - inside


def _picture(shot: Shot, seconds: float, width: int) -> tuple[Rgb, tuple[Seen, ...]]:
    height = round(width / ASPECT)
    view = shot.view(seconds)
    left = round(view * height)
    picture = _world(shot.seed, width, height)[:, left : left + width].copy()
    owner = np.full((height, width), -1, np.int16)
    here = [walker for walker in shot.walkers if walker.there[0] <= seconds < walker.there[1]]
    faces = []
    for walker in sorted(here, key=lambda walker: walker.at(seconds)[2]):
        x, y, side = (value * height for value in walker.at(seconds))
        faces.append((walker.person, _paste(picture, owner, walker.person, x - left, y, side)))
    for near, far in shot.pillars:
        columns = slice(max(0, round(near * height) - left), max(0, round(far * height) - left))
        picture[:, columns] = PILLAR
        owner[:, columns] = -1
    seen = (Seen(person, box, _share_seen(owner, person, box)) for person, box in faces)
    return picture, tuple(face for face in seen if face.share >= SEEN)


def _paste(picture: Rgb, owner: NDArray[np.int16], person: int, x: float, y: float, side: float) -> Box:
    """Put a head into a picture, to a part of a pixel; its face's box."""
    head, _ = _head(person)
    scale = side / FACE_IN_CROP.height
    shift_x = x - scale * (FACE_IN_CROP.x0 + FACE_IN_CROP.x1) / 2
    shift_y = y - scale * (FACE_IN_CROP.y0 + FACE_IN_CROP.y1) / 2
    box = FACE_IN_CROP.scaled(scale).moved(shift_x, shift_y)
    around = Box(0, 0, head.shape[1], head.shape[0]).scaled(scale).moved(shift_x, shift_y)
    rows, columns = around.pixels(picture.shape[1], picture.shape[0])
    size = (columns.stop - columns.start, rows.stop - rows.start)
    if min(size) > 0:
        fine, fine_opacity, reduced = _reduced(person, scale)
        matrix = np.array(
            [[scale / reduced, 0, shift_x - columns.start], [0, scale / reduced, shift_y - rows.start]], np.float64
        )
        placed = cv2.warpAffine(fine, matrix, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        share = cv2.warpAffine(fine_opacity, matrix, size, flags=cv2.INTER_LINEAR)[..., None]
        part = picture[rows, columns]
        part[:] = np.rint(placed * share + part * (1 - share)).astype(np.uint8)
        owner[rows, columns][share[..., 0] > 0.5] = person
    return box


def _share_seen(owner: NDArray[np.int16], person: int, box: Box) -> float:
    rows, columns = box.pixels(owner.shape[1], owner.shape[0])
    return min(1.0, float((owner[rows, columns] == person).sum()) / box.area)


@cache
def _head(person: int) -> tuple[Rgb, NDArray[np.float32]]:
    """A head, and how opaque each pixel of it is: all of the head, and nothing of what was behind it."""
    random = np.random.default_rng(person)
    head = photograph()[HEAD_ROWS, HEAD_COLUMNS]
    height, width = head.shape[:2]
    bent = (cv2.resize(field, (width, height), interpolation=cv2.INTER_CUBIC) for field in _bends(random))
    x, y = (grid + by for grid, by in zip(np.meshgrid(np.arange(width), np.arange(height)), bent, strict=True))
    head = cv2.remap(head, x.astype(np.float32), y.astype(np.float32), cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
    tone = random.uniform(0.7, 1.1) * random.uniform(0.95, 1.05, 3)
    head = np.clip(head * tone, 0, 255).astype(np.uint8)
    x, y = np.meshgrid(np.linspace(-1, 1, width), np.linspace(-1, 1, height))
    away = np.abs(x) ** 2.6 + np.abs(y) ** 2.6
    return head, np.clip((1 - away) / 0.2, 0, 1).astype(np.float32)


def _bends(random: np.random.Generator) -> NDArray[np.float32]:
    """What makes a face another one, and none that a network would not know for a face."""
    return random.normal(0, 3, (2, 5, 4)).astype(np.float32)


@cache
def _reduced(person: int, scale: float) -> tuple[Rgb, NDArray[np.float32], float]:
    """A head made smaller by halves, so that the rest needs no filter; and by how much."""
    head, opacity = _head(person)
    reduced = 1.0
    while reduced / 2 >= scale:
        reduced /= 2
    size = (round(head.shape[1] * reduced), round(head.shape[0] * reduced))
    shrink = {"dsize": size, "interpolation": cv2.INTER_AREA}
    return np.asarray(cv2.resize(head, **shrink), np.uint8), np.asarray(cv2.resize(opacity, **shrink)), reduced


@cache
def _world(seed: int, width: int, height: int) -> Rgb:
    """All that the camera gets to see in a shot without the people; the same in any size."""
    world = background(round((ASPECT + ROOM) * WORLD_PX) + 2, WORLD_PX, seed)
    if height == WORLD_PX:
        return world
    scale = height / WORLD_PX
    return np.asarray(cv2.resize(world, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC), np.uint8)


def face_frames(truth: Sequence[tuple[Seen, ...]]) -> int:
    """How many faces are to be seen in some frames, each counted in each."""
    return sum(len(faces) for faces in truth)
