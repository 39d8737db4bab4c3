"""Rates with what is known of them: intervals at 95 %.

The unit is the person (or the track), not the picture: two pictures of one person say less than pictures of two.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import sqrt
from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import Field
from scipy.special import betainc, betaincinv  # scipy.stats has the same numbers and takes a third of a second to load

from kerchief.plan.model import Document

#: What the intervals hold with.
CONFIDENCE = 0.95
#: The standard normal's quantile for it, two-sided.
Z = 1.959964
#: How often persons are drawn again.
DRAWS = 1000


class Rate(Document):
    """How many of so many units had something happen to them, and what that says of the true rate.

    ``k`` need not be whole: where a unit was tried several times, it counts with the share of its tries.
    """

    k: Annotated[float, Field(ge=0)]
    n: Annotated[int, Field(ge=0)]

    @property
    def share(self) -> float:
        """The rate seen, 0 to 1; 0 where nothing was tried."""
        return self.k / self.n if self.n else 0.0

    @property
    def low(self) -> float:
        """Lower end of the interval (Clopper and Pearson 1934, two-sided)."""
        return float(betaincinv(self.k, self.n - self.k + 1, (1 - CONFIDENCE) / 2)) if self.k > 0 else 0.0

    @property
    def high(self) -> float:
        """Upper end of the interval."""
        return float(betaincinv(self.k + 1, self.n - self.k, (1 + CONFIDENCE) / 2)) if self.k < self.n else 1.0

    @property
    def bound(self) -> float:
        """What the true rate lies below with 95 % confidence (one-sided): 1 − 0.05^(1/n) where nothing happened."""
        return float(betaincinv(self.k + 1, self.n - self.k, CONFIDENCE)) if self.k < self.n else 1.0

    def excess(self, chance: float) -> float:
        """How likely as many as this are, or more, where the true rate is ``chance`` (one-sided binomial test)."""
        return float(betainc(self.k, self.n - self.k + 1, chance)) if self.k > 0 else 1.0

    def __str__(self) -> str:
        return f"{self.share * 100:.1f} % [{self.low * 100:.1f}, {self.high * 100:.1f}]"


class Interval(Document):
    """A measured value, and where the true one lies."""

    value: float
    low: float
    high: float


class Difference(Document):
    """The difference of two rates and its interval, each −1 to 1."""

    value: float
    low: float
    high: float

    @property
    def widest(self) -> float:
        """The largest gap, in either direction, that can't be excluded."""
        return max(abs(self.low), abs(self.high))


def rate_of_persons(happened: Sequence[bool] | NDArray[np.bool_], persons: Sequence[int] | NDArray[np.int_]) -> Rate:
    """The rate over persons of something that was tried once or several times for each.

    Each person counts with the share of their tries. The interval is that of as many independent tries as there are
    persons, which is what is left when the tries of one person always end alike: the effective sample size of Korn
    and Graubard (1998) at its smallest.

    Args:
        happened: (n,) for each try.
        persons: (n,) whose try it was.
    """
    if not len(happened):
        return Rate(k=0, n=0)
    _, index = np.unique(np.asarray(persons), return_inverse=True)
    tries = np.bincount(index)
    shares = np.bincount(index, weights=np.asarray(happened, float)) / tries
    return Rate(k=min(float(shares.sum()), float(len(tries))), n=len(tries))


def difference(a: Rate, b: Rate) -> Difference:
    """The first rate less the second (Newcombe 1998, method 10: hybrid of Wilson's intervals). Empty: anything goes."""
    if not (a.n and b.n):
        return Difference(value=0.0, low=-1.0, high=1.0)
    (low_a, high_a), (low_b, high_b) = wilson(a), wilson(b)
    value = a.share - b.share
    below = sqrt((a.share - low_a) ** 2 + (high_b - b.share) ** 2)
    above = sqrt((high_a - a.share) ** 2 + (b.share - low_b) ** 2)
    return Difference(value=value, low=max(-1.0, value - below), high=min(1.0, value + above))


def wilson(rate: Rate) -> tuple[float, float]:
    """Wilson's score interval (1927)."""
    n, p = rate.n, rate.share
    middle = (p + Z * Z / (2 * n)) / (1 + Z * Z / n)
    half = Z * sqrt(p * (1 - p) / n + Z * Z / (4 * n * n)) / (1 + Z * Z / n)
    return max(0.0, middle - half), min(1.0, middle + half)


def widest_gap(rates: Mapping[str, Rate]) -> tuple[str, str, Difference] | None:
    """The two groups between which the largest gap can't be excluded, worse one first; None for fewer than two."""
    pairs = [(a, b) for a in rates for b in rates if a != b and rates[a].n and rates[b].n]
    if not pairs:
        return None
    a, b = max(pairs, key=lambda pair: difference(rates[pair[0]], rates[pair[1]]).high)
    return a, b, difference(rates[a], rates[b])


def bootstrap(
    statistic: Callable[[NDArray[np.float64]], float], persons: int, random: np.random.Generator, draws: int = DRAWS
) -> Interval:
    """A value of a set of persons, and the interval that drawing as many of them again, with replacement, gives.

    Percentiles (Efron 1979), a little too narrow for few persons: for a rate of pairs among 80 people they held the
    truth 92 times of 100. Where nothing happened to anyone, every draw says so too: such an interval says nothing.

    Args:
        statistic: the value where each person counts so many times: (persons,) → a number, NaN where there is none.
        persons: how many there are.
        random: draws.
        draws: how often.

    Raises:
        ValueError: nobody to draw.
    """
    if persons < 1:
        raise ValueError("nobody to draw")
    counts = random.multinomial(persons, np.full(persons, 1 / persons), draws).astype(float)
    values = np.array([statistic(count) for count in counts])
    value = statistic(np.ones(persons))
    values = values[~np.isnan(values)] if not np.isnan(values).all() else np.array([value])
    low, high = np.quantile(values, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    return Interval(value=value, low=float(low), high=float(high))
