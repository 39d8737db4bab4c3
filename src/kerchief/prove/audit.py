"""Does it fail some groups more than others? Exposed faces by labelled group, with all that can't be told.

A face is exposed when less than 90 % of the ellipse in its box lies under the mask of the final plan. The rates are
those of persons where it is known who is who (``stats.rate_of_persons``), of faces elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from kerchief.choices import Margin
from kerchief.plan.model import Document
from kerchief.prove.differential import Differential
from kerchief.prove.stats import Difference, Interval, Rate, difference, rate_of_persons, widest_gap

#: Between the names of two columns or groups that must both hold.
AND = ", "
#: Times that labels are shuffled among the faces.
SHUFFLES = 2000
#: So many of them are in memory at once.
BATCH = 100
#: Height of a face's box in pixels, from the lower limit on.
SIZES = ((0, "below 10 px"), (10, "10 to 20 px"), (20, "20 to 40 px"), (40, "40 to 80 px"), (80, "80 px and more"))
#: Mean luma (BT.601, 0 to 255) of a face's box, from the lower limit on.
LIGHTS = ((0, "dark"), (60, "medium"), (130, "bright"))


@dataclass(frozen=True, slots=True)
class Face:
    """A labelled face, and whether it is exposed.

    Attributes:
        is_exposed: whether it would show in what is published.
        person: an id, equal for faces of one person.
        labels: column → group, without those that are not known.
    """

    is_exposed: bool
    person: str
    labels: Mapping[str, str]


class Group(Document):
    """The faces of one label."""

    name: str
    faces: int
    persons: int
    exposed: int
    """Faces, not persons."""
    rate: Rate
    interval: Interval
    """The rate again as numbers, with its ends (Clopper and Pearson)."""
    rest: Difference | None
    """This rate less that of all other groups of the column together (Newcombe); None for the only group."""


class Gap(Document):
    """The two groups between which the largest gap can't be excluded."""

    worse: str
    better: str
    difference: Difference


class Column(Document):
    """The groups of one column of labels."""

    name: str
    unknown: int
    """Faces without this label; they are in none of the groups."""
    groups: tuple[Group, ...]
    ratio: float | None
    """The highest rate divided by the lowest; None where the lowest is 0."""
    gap: Gap | None
    chance: float | None
    """Share of shuffles of the labels in which the groups differ at least as much; None where persons have several."""

    @property
    def sentence(self) -> str:
        """What can't be excluded. Never that there is no gap."""
        if self.gap is None:
            return "only one group, so nothing can be compared"
        gap = self.gap.difference
        return (
            f"cannot exclude a gap of up to {100 * gap.high:.1f} points between {self.gap.worse} and {self.gap.better} "
            f"(seen: {100 * gap.value:.1f}; 95 %: {100 * gap.low:.1f} to {100 * gap.high:.1f})"
        )


class Slice(Document):
    """One column within the faces of one size or light."""

    by: str
    group: str
    column: Column


class AuditReport(Document):
    """Exposed faces by labelled group, at the settings with which files are published."""

    schema_version: Literal["kerchief.audit/1"] = Field(default="kerchief.audit/1", alias="schema")
    kerchief: str
    """Version of kerchief that was audited."""
    margin: Margin
    own_detector: bool
    """Whether the user's own network looked too."""
    pictures: int
    unreadable: int
    """Pictures that could not be audited; their faces are not counted."""
    refused: int
    """Pictures that would not be published, for a sure face still shows. Faces count as the last mask has them."""
    has_persons: bool
    """Whether the labels say who is who."""
    overall: Group
    columns: tuple[Column, ...]
    slices: tuple[Slice, ...]
    recogniser: Differential | None = None


def size_of(height: float) -> str:
    """The group of a face's height in pixels."""
    return _bin(height, SIZES)


def light_of(luma: float) -> str:
    """The group of a mean luma, 0 to 255."""
    return _bin(luma, LIGHTS)


def compared(faces: Sequence[Face], name: str, random: np.random.Generator) -> Column:
    """The groups of one column.

    Args:
        faces: all of them.
        name: the column.
        random: shuffles.
    """
    known = [face for face in faces if name in face.labels]
    by_group = {group: [face for face in known if face.labels[name] == group] for group in _ordered(known, name)}
    rates = {group: rate_of(members) for group, members in by_group.items()}
    groups = tuple(
        group_of(group, members, [face for face in known if face.labels[name] != group])
        for group, members in by_group.items()
    )
    shares = [rate.share for rate in rates.values()]
    widest = widest_gap(rates)
    return Column(
        name=name,
        unknown=len(faces) - len(known),
        groups=groups,
        ratio=max(shares) / min(shares) if len(shares) > 1 and min(shares) > 0 else None,
        gap=Gap(worse=widest[0], better=widest[1], difference=widest[2]) if widest else None,
        chance=by_chance(known, name, random),
    )


def sliced(
    faces: Sequence[Face], names: Sequence[str], across: Sequence[tuple[str, ...]], random: np.random.Generator
) -> tuple[Slice, ...]:
    """Each column within each group of others (size, light, or both at once), where anybody has the label.

    Args:
        faces: all of them.
        names: the columns.
        across: within the groups of what.
        random: shuffles.
    """
    found = []
    for name, by in product(names, across):
        for groups in product(*(_ordered(faces, one) for one in by)) if name not in by else ():
            wanted = dict(zip(by, groups, strict=True))
            members = [face for face in faces if name in face.labels and wanted.items() <= face.labels.items()]
            if members:
                found.append(Slice(by=AND.join(by), group=AND.join(groups), column=compared(members, name, random)))
    return tuple(found)


def group_of(name: str, faces: Sequence[Face], rest: Sequence[Face] = ()) -> Group:
    """The faces of one label, beside the rest of them."""
    rate = rate_of(faces)
    return Group(
        name=name,
        faces=len(faces),
        persons=len({face.person for face in faces}),
        exposed=sum(face.is_exposed for face in faces),
        rate=rate,
        interval=Interval(value=rate.share, low=rate.low, high=rate.high),
        rest=difference(rate, rate_of(rest)) if rest else None,
    )


def rate_of(faces: Sequence[Face]) -> Rate:
    """The share of the exposed ones; each person counts once."""
    _, persons = np.unique([face.person for face in faces], return_inverse=True)
    return rate_of_persons([face.is_exposed for face in faces], persons)


def by_chance(faces: Sequence[Face], name: str, random: np.random.Generator) -> float | None:
    """How often groups differ at least as much when their labels are dealt out to the persons at random.

    How much groups differ is the sum of squares between them. A permutation test (Fisher 1935), with the observed
    order counted as one of them; None where a person has several labels, or where there is but one group.
    """
    labels: dict[str, str] = {}
    tries: dict[str, list[bool]] = {}
    for face in faces:
        if labels.setdefault(face.person, face.labels[name]) != face.labels[name]:
            return None
        tries.setdefault(face.person, []).append(face.is_exposed)
    sizes = np.unique(list(labels.values()), return_counts=True)[1]
    if len(sizes) < 2:
        return None
    # In the order of their groups, so that each group is a run of persons.
    shares = np.array([np.mean(tries[person]) for person in sorted(labels, key=lambda person: labels[person])])
    seen = _between(shares[None], sizes)[0]
    dealt = (random.permuted(np.tile(shares, (BATCH, 1)), axis=1) for _ in range(SHUFFLES // BATCH))
    as_far = sum(np.count_nonzero(_between(batch, sizes) >= seen - 1e-12) for batch in dealt)
    return float(1 + as_far) / (1 + SHUFFLES)


def _between(shares: NDArray[np.float64], sizes: NDArray[np.int_]) -> NDArray[np.float64]:
    """(n,) sums of squares between groups of these sizes, which are runs of each row of (n, persons) shares."""
    sums = np.add.reduceat(shares - shares.mean(), np.cumsum(sizes) - sizes, axis=1)
    return np.asarray((sums**2 / sizes).sum(axis=1), np.float64)


def _bin(value: float, limits: Sequence[tuple[int, str]]) -> str:
    return next(name for limit, name in reversed(limits) if value >= limit)


def _ordered(faces: Sequence[Face], name: str) -> list[str]:
    """The groups of a column: sizes from the small on, lights from the dark on, all others by name."""
    groups = {face.labels[name] for face in faces if name in face.labels}
    for limits in (SIZES, LIGHTS):
        made = [group for _, group in limits]
        if groups <= set(made):
            return sorted(groups, key=made.index)
    return sorted(groups, key=_natural)


def _natural(name: str) -> list[str | int]:
    """Numbers in a name go by their value: 3-9 comes before 20-29."""
    return [int(part) if part.isdecimal() else part for part in re.split(r"(\d+)", name)]
