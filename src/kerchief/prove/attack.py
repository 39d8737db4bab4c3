"""What an adversary gets out of covered faces: 1:1 (same person or not?) and 1:N (which of these people?).

Distances are Euclidean, between embeddings of a gallery (one face of each person, whose name is known) and of probes
(other photos of the same people, whose names are wanted). A face that could not be found has a row of NaN: it is as far
from everyone, so a guess. Equal distances are ordered at random: many a recogniser makes the same of any two black
squares, and whoever stands first in the gallery would be "found".
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from kerchief.plan.model import Document
from kerchief.ports import Embeddings
from kerchief.prove.stats import CONFIDENCE, Rate, rate_of_persons

#: Share of impostors that a threshold lets through.
FMR = 1e-3
#: Ranks that are drawn, and the false match rates of the curve.
MOST_RANKS = 50
CURVE_FMRS = tuple(float(f"{10**exponent:.3g}") for exponent in np.linspace(-4, 0, 25))
#: Bins of the drawn distributions of distances.
BINS = 60
#: Times that names are shuffled for the control.
SHUFFLES = 20

Distances = NDArray[np.float32]


class Attacker(StrEnum):
    """Who attacks, by what they know."""

    CLEAR = "clear"
    """Nobody: the photos as they are. The attack must work here, or it says nothing."""
    EMPTY = "empty"
    """Nobody: the originals under a cover that holds nothing. What matches here matches by what is around it."""
    NAIVE = "naive"
    """Looks for a face in the copy and compares it with clear photos."""
    INFORMED = "informed"
    """Is told where the face was and how it lay, and compares with clear photos."""
    PARROT = "parrot"
    """As informed, and compares with photos that are covered in the same way."""
    ADAPTIVE = "adaptive"
    """As parrot, and has learned from covered photos of others what tells people apart; see ``prove.adaptive``."""
    CONTEXT = "context"
    """As parrot, and looks at all that is around the head too: hair, clothes, background. No cover hides these."""
    TEMPORAL = "temporal"
    """As informed, with 30 frames of a film or more at once."""


#: Those who do not look at what is covered.
CONTROLS = frozenset((Attacker.CLEAR, Attacker.EMPTY, Attacker.CONTEXT))


@dataclass(frozen=True, slots=True, eq=False)
class Faces:
    """Faces of known people.

    Attributes:
        embeddings: (n, d) float32; NaN where no face was found.
        persons: (n,) whose each is.
    """

    embeddings: Embeddings
    persons: NDArray[np.int_]


class Histogram(Document):
    """How distances are distributed: shares of them in bins of equal width from 0 to ``end``."""

    end: float
    genuine: tuple[float, ...]
    impostor: tuple[float, ...]


class Attack(Document):
    """What one attacker got out of one set of copies with one recogniser."""

    attacker: Attacker
    recogniser: str
    gallery: int
    """People in the gallery; the chance of a guess is 1 in so many."""
    probes: int
    rank1: Rate
    """People whose probe has its own person first."""
    rank10: Rate
    """... among the first ten."""
    shuffled: Rate
    """Rank 1 with the probes' names shuffled: what chance gives."""
    threshold: float
    """Distance below which two faces match; FMR is 1e-3 for clear impostors."""
    tar: Rate
    """Probes that match their own person there."""
    fmr: float
    """Share of other people that match there too: covered faces are not as far apart as clear ones."""
    tar_calibrated: Rate
    """As ``tar`` for an attacker who set the threshold on covered impostors, for FMR 1e-3."""
    cmc: tuple[float, ...]
    """Share found within the first 1, 2, 3 … people."""
    roc: tuple[float, ...]
    """True accept rates where the threshold lets ``CURVE_FMRS`` of this attack's impostors through."""
    distances: Histogram

    @property
    def chance(self) -> float:
        """Rank 1 of a guess."""
        return 1 / self.gallery

    @property
    def luck(self) -> float:
        """How likely a guess does as well, in 1:N or in 1:1 with a calibrated threshold (three tests, Bonferroni).

        With fewer impostors than a threshold at FMR 1e-3 needs, 1:1 is left out.
        """
        tests = [self.rank1.excess(self.chance), self.rank10.excess(min(1.0, 10 * self.chance))]
        if self.probes * (self.gallery - 1) >= 1 / FMR:
            tests.append(self.tar_calibrated.excess(FMR))
        return min(1.0, 3 * min(tests))

    @property
    def is_above_chance(self) -> bool:
        """Whether a guess is excluded as an explanation, with 95 % confidence."""
        return self.luck < 1 - CONFIDENCE


class Detected(Document):
    """Of how many people a detector finds a face, as they are and in the copies."""

    detector: str
    clear: Rate
    copies: Rate


class PeopleReport(Document):
    """What attackers got out of the copies of several photos of each of many people."""

    schema_version: Literal["kerchief.attack.people/1"] = Field(default="kerchief.attack.people/1", alias="schema")
    kerchief: str
    """Version of kerchief that attacked."""
    persons: int
    pictures: int
    detected: tuple[Detected, ...]
    attacks: tuple[Attack, ...]

    @property
    def above_chance(self) -> tuple[Attack, ...]:
        """Attacks on faces in the copies that did better than a guess, with 95 % confidence in all together."""
        tried = [one for one in self.attacks if one.attacker not in CONTROLS]
        return tuple(one for one in tried if one.luck * len(tried) < 1 - CONFIDENCE)

    @property
    def is_seen(self) -> bool:
        """Whether any detector still finds a face in any copy, where it was: one bare face among many is no excess."""
        return any(one.copies.k > 0 for one in self.detected)

    @property
    def leaks(self) -> bool:
        """Whether anybody did better than a guess, or a face is still seen."""
        return bool(self.above_chance) or self.is_seen


@dataclass(frozen=True, slots=True, eq=False)
class Search:
    """Every probe held against everyone in the gallery.

    Attributes:
        distances: (probes, people) to the nearest face of each person; a probe may have other people in its columns
            than another has.
        own: (probes,) column of each probe's person.
        persons: (probes,) whose each probe is.
    """

    distances: Distances
    own: NDArray[np.int_]
    persons: NDArray[np.int_]


def search(gallery: Faces, probes: Faces) -> Search:
    """Distances of all probes.

    Args:
        gallery: one face of each person or more; people who have no probe are strangers to hide among.
        probes: faces of people in the gallery.
    """
    people = np.unique(gallery.persons)
    each = distances_of(probes.embeddings, gallery.embeddings)
    nearest = [each[:, gallery.persons == person].min(axis=1) for person in people]
    return Search(np.stack(nearest, axis=1), np.searchsorted(people, probes.persons), probes.persons)


def attack(
    attacker: Attacker, recogniser: str, searched: Search, threshold: float, random: np.random.Generator
) -> Attack:
    """What a search says.

    Args:
        attacker: who searched.
        recogniser: name of the one that made the embeddings.
        searched: of ``search``.
        threshold: of ``clear_threshold``.
        random: orders what is equally far.
    """
    distances, own, persons = searched.distances, searched.own, searched.persons
    ranks = ranked(distances, own, random)
    genuine, impostor = _split(distances, own)
    shuffled = [ranked(distances, _derange(own, random), random) == 0 for _ in range(SHUFFLES)]
    return Attack(
        attacker=attacker,
        recogniser=recogniser,
        gallery=distances.shape[1],
        probes=len(own),
        rank1=rate_of_persons(ranks < 1, persons),
        rank10=rate_of_persons(ranks < 10, persons),
        shuffled=rate_of_persons(np.concatenate(shuffled), np.tile(persons, SHUFFLES)),
        threshold=threshold,
        tar=rate_of_persons(genuine < threshold, persons),
        fmr=float((impostor < threshold).mean()),
        tar_calibrated=rate_of_persons(genuine < threshold_for(impostor, FMR), persons),
        cmc=tuple(float((ranks < k).mean()) for k in range(1, min(MOST_RANKS, distances.shape[1]) + 1)),
        roc=tuple(float((genuine < threshold_for(impostor, fmr)).mean()) for fmr in CURVE_FMRS),
        distances=_histogram(genuine, impostor),
    )


def clear_threshold(clear: Search, fmr: float = FMR) -> float:
    """The distance below which this share of clear faces of other people lies."""
    return threshold_for(_split(clear.distances, clear.own)[1], fmr)


def threshold_for(impostor: Distances, fmr: float) -> float:
    """The greatest distance below which no more than this share of the impostors lies; 0 matches nobody."""
    ordered = np.sort(impostor)
    return float(ordered[min(len(ordered) - 1, int(fmr * len(ordered)))]) if len(ordered) else 0.0


def ranked(distances: Distances, own: NDArray[np.int_], random: np.random.Generator) -> NDArray[np.int_]:
    """How many people come before the right one: (probes,), 0 = found.

    Args:
        distances: (probes, people).
        own: (probes,) column of each probe's person.
        random: orders what is equally far.
    """
    mine = np.take_along_axis(distances, own[:, None], axis=1)
    nearer = (distances < mine).sum(axis=1)
    as_near = (distances == mine).sum(axis=1)  # with the right one itself
    return np.asarray(nearer + random.integers(0, as_near), np.int_)


def distances_of(a: Embeddings, b: Embeddings) -> Distances:
    """(n, m) Euclidean distances of (n, d) and (m, d); infinite where a row is NaN."""
    rows = [np.linalg.norm(b - row, axis=1) for row in a]
    found = np.array(rows, np.float32).reshape(len(a), len(b))
    return np.where(np.isnan(found), np.float32(np.inf), found)


def _split(distances: Distances, own: NDArray[np.int_]) -> tuple[Distances, Distances]:
    """Distances to the right person (probes,), and to all others (probes × (people − 1),)."""
    is_own = np.arange(distances.shape[1])[None, :] == own[:, None]
    return distances[is_own], distances[~is_own]


def _derange(own: NDArray[np.int_], random: np.random.Generator) -> NDArray[np.int_]:
    """Names handed on in a circle of random order, so that nobody keeps their own."""
    people = random.permutation(np.unique(own))
    order = np.argsort(people)
    place = order[np.searchsorted(people, own, sorter=order)]
    return np.asarray(people[(place + 1) % len(people)], np.int_)


def _histogram(genuine: Distances, impostor: Distances) -> Histogram:
    """Shares of the finite distances in bins."""
    finite = [part[np.isfinite(part)] for part in (genuine, impostor)]
    end = max((float(part.max()) for part in finite if len(part)), default=0.0) or 1.0
    shares = [_shares(part, end) for part in finite]
    return Histogram(end=end, genuine=shares[0], impostor=shares[1])


def _shares(distances: Distances, end: float) -> tuple[float, ...]:
    counts = np.histogram(distances, bins=BINS, range=(0.0, end))[0]
    return tuple(float(count) for count in np.round(counts / max(1, len(distances)), 5))
