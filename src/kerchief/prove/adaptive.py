"""The attacker who learns: from covered photos of other people, what still tells people apart under a cover.

Linear discriminants (Fisher 1936), each weighed by how much of it is between people rather than between photos of one:
no deep network, but what it finds needs no luck and no week of training.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from kerchief.ports import Embeddings
from kerchief.prove.attack import Faces, Search, search

#: Parts that people are split into: each is searched among its own people with what was learned from the others.
FOLDS = 2
#: Directions that are kept before learning; more would be learned by heart from a few hundred photos.
DIRECTIONS = 48
#: Share of the mean spread that is added in every direction, so that none looks like no spread at all.
SHRINK = 0.05


def learned_search(gallery: Faces, probes: Faces, random: np.random.Generator) -> Search:
    """As ``attack.search``, each probe among the people of its part alone.

    Nobody is searched with, or among, people who were learned from: what is learned by heart sets these apart, and
    would leave the others to find each other. Of fewer than four people nothing is learned.

    Args:
        gallery: covered faces, each person's.
        probes: other covered faces of people in the gallery.
        random: splits the people into parts of one size; one person may be left out.
    """
    people = random.permutation(np.unique(gallery.persons))
    size = len(people) // FOLDS
    if size < 2:
        return search(gallery, probes)
    parts = []
    for fold in range(FOLDS):
        mine = people[fold * size : (fold + 1) * size]
        others = people[~np.isin(people, mine)]
        learned = _directions(_of(gallery, others), _of(probes, others))
        parts.append(search(*(_turned(faces, mine, learned) for faces in (gallery, probes))))
    return Search(
        *(np.concatenate(rows) for rows in zip(*((p.distances, p.own, p.persons) for p in parts), strict=True))
    )


def _turned(faces: Faces, people: NDArray[np.int_], learned: Embeddings | None) -> Faces:
    """The faces of some people, seen along what was learned."""
    among = np.isin(faces.persons, people)
    rows = faces.embeddings[among]
    return Faces(rows if learned is None else rows @ learned, faces.persons[among])


def _of(faces: Faces, people: NDArray[np.int_]) -> Faces:
    """The faces of some people that were found."""
    among = np.isin(faces.persons, people) & ~np.isnan(faces.embeddings).any(axis=1)
    return Faces(faces.embeddings[among], faces.persons[among])


def _directions(gallery: Faces, probes: Faces) -> Embeddings | None:
    """(d, k) float32: what embeddings are multiplied with before they are compared. None: nothing was learned."""
    rows = np.concatenate([gallery.embeddings, probes.embeddings]).astype(np.float64)
    persons = np.unique(np.concatenate([gallery.persons, probes.persons]), return_inverse=True)[1]
    if len(rows) < 8:
        return None
    _, sizes, turned = np.linalg.svd(rows - rows.mean(axis=0), full_matrices=False)
    kept = turned[: min(DIRECTIONS, len(rows) // 4, int((sizes > 1e-6 * max(float(sizes[0]), 1e-12)).sum()))]
    if not len(kept):
        return None
    photos = np.bincount(persons)
    means = np.stack([np.bincount(persons, row) / photos for row in kept @ rows.T], axis=1)
    apart = rows @ kept.T - means[persons]
    within = apart.T @ apart / max(1, len(rows) - len(photos))
    if np.trace(within) <= 0:
        return None
    even = _whitening(within + SHRINK * np.trace(within) / len(within) * np.eye(len(within)))
    # Photos of one person now differ by 1 in every direction, and means of several photos by less.
    values, vectors = np.linalg.eigh(np.atleast_2d(np.cov((means @ even).T)))
    between = np.maximum(values - (1 / photos).mean(), 0)
    return np.asarray(kept.T @ even @ (vectors * np.sqrt(between / (between + 1))), np.float32)


def _whitening(spread: NDArray[np.float64]) -> NDArray[np.float64]:
    """(k, k): makes of this covariance that of a ball."""
    values, vectors = np.linalg.eigh(spread)
    return np.asarray(vectors / np.sqrt(values), np.float64)
