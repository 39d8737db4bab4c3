"""Does the opponent itself tell some groups apart better than others? One threshold for all, error rates by group.

Two errors: it takes two people for one (false match), or one for two (false non-match). The threshold is the one at
which one in 1,000 pairs of different people match, over all pairs; within a group people are more alike, and more do.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kerchief.plan.model import Document
from kerchief.ports import Embeddings
from kerchief.prove.attack import FMR, distances_of, threshold_for
from kerchief.prove.stats import Interval, Rate, bootstrap

#: So many people make the 1,000 pairs without which there is no such threshold.
FEWEST_PERSONS = 46


class Errors(Document):
    """How often one group is mistaken."""

    name: str
    persons: int
    impostor_pairs: int
    false_match: Interval | None
    """Share of the pairs of different people of this group that match; None where there is but one person.

    The interval is of persons drawn again; where none matches, the upper end is that of one try a person.
    """
    genuine_pairs: int
    false_non_match: Interval | None
    """Share of the pairs of one person that don't match; None where nobody has two faces."""


class ErrorColumn(Document):
    """The groups of one column of labels."""

    name: str
    groups: tuple[Errors, ...]


class Differential(Document):
    """A recogniser's errors by labelled group, at one threshold."""

    recogniser: str
    threshold: float
    fmr: float
    """Share of all pairs of different people, across groups too, that match."""
    overall: Errors
    columns: tuple[ErrorColumn, ...]


def differential(
    recogniser: str,
    embeddings: Embeddings,
    persons: Sequence[str],
    labels: Sequence[Mapping[str, str]],
    columns: Sequence[str],
    random: np.random.Generator,
) -> Differential:
    """The errors of a recogniser by group.

    Args:
        recogniser: its name.
        embeddings: (n, d) of faces that are as they were photographed.
        persons: (n) whose each is; ``FEWEST_PERSONS`` or more.
        labels: (n) the groups of each.
        columns: which of the labels are compared.
        random: draws persons again.
    """
    _, index = np.unique(np.asarray(persons), return_inverse=True)
    distances = distances_of(embeddings, embeddings)
    is_impostor = np.triu(index[:, None] != index[None, :])
    threshold = threshold_for(distances[is_impostor], FMR)
    matches = distances < threshold
    overall = _errors("all", matches, index, random)

    def column(name: str) -> ErrorColumn:
        values = np.array([row.get(name, "") for row in labels])
        groups = [(group, np.flatnonzero(values == group)) for group in np.unique(values) if group]
        found = (_errors(str(group), matches[np.ix_(at, at)], index[at], random) for group, at in groups)
        return ErrorColumn(name=name, groups=tuple(found))

    return Differential(
        recogniser=recogniser,
        threshold=threshold,
        fmr=overall.false_match.value if overall.false_match else 0.0,
        overall=overall,
        columns=tuple(column(name) for name in columns),
    )


def _errors(name: str, matches: NDArray[np.bool_], persons: NDArray[np.int_], random: np.random.Generator) -> Errors:
    """The errors among faces: (n, n) which match, (n,) whose they are."""
    _, index = np.unique(persons, return_inverse=True)
    faces = np.bincount(index)
    between, pairs = _by_person(matches, index), np.outer(faces, faces).astype(float)
    # A face always matches itself, and each pair stands there twice.
    own_pairs = faces * (faces - 1.0)
    own_matches = np.diagonal(between) - faces
    for square in (between, pairs):
        np.fill_diagonal(square, 0.0)
    return Errors(
        name=name,
        persons=len(faces),
        impostor_pairs=int(pairs.sum() / 2),
        false_match=_interval(lambda times: (times @ between @ times, times @ pairs @ times), len(faces), random),
        genuine_pairs=int(own_pairs.sum() / 2),
        false_non_match=_interval(
            lambda times: (times @ (own_pairs - own_matches), times @ own_pairs), len(faces), random
        ),
    )


#: What happened and what was tried, numbers.
_Counts = tuple[Any, Any]


def _interval(
    counts: Callable[[NDArray[np.float64]], _Counts], persons: int, random: np.random.Generator
) -> Interval | None:
    """A share and its interval from (happened, tried) where each person counts so many times; None: nothing tried."""
    happened, tried = counts(np.ones(persons))
    if not tried:
        return None
    if happened in (0.0, tried):
        # Drawing persons again can't show what happened to none of them: as if each were one try.
        rate = Rate(k=persons * happened / tried, n=persons)
        return Interval(value=rate.share, low=rate.low, high=rate.high)

    def share(times: NDArray[np.float64]) -> float:
        some, of = counts(times)
        return float(some / of) if of else float("nan")

    return bootstrap(share, persons, random)


def _by_person(matches: NDArray[np.bool_], index: NDArray[np.int_]) -> NDArray[np.float64]:
    """(n, n) matches of faces → (persons, persons) counts."""
    order = np.argsort(index, kind="stable")
    starts = np.searchsorted(index[order], np.arange(index.max() + 1))
    rows = np.add.reduceat(matches[order].astype(float), starts, axis=0)
    return np.asarray(np.add.reduceat(rows[:, order], starts, axis=1), np.float64)
