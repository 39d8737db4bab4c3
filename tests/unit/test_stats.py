"""Intervals are those of the textbooks, and cover the truth as often as they say."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from kerchief.prove.stats import Rate, bootstrap, difference, rate_of_persons, widest_gap, wilson


@pytest.mark.parametrize(
    ("k", "n", "low", "high"),
    [(1, 100, 0.0003, 0.0545), (3, 1000, 0.0006, 0.0087), (10, 1000, 0.0048, 0.0183), (20, 400, 0.0308, 0.0762)],
)
def test_the_interval_is_clopper_and_pearsons(k: int, n: int, low: float, high: float) -> None:
    rate = Rate(k=k, n=n)
    assert (rate.low, rate.high) == (pytest.approx(low, abs=6e-5), pytest.approx(high, abs=6e-5))


@pytest.mark.parametrize(("n", "bound"), [(10, 0.2589), (37, 0.0778), (100, 0.0295), (1000, 0.0030)])
def test_nothing_in_n_bounds_the_rate_by_the_rule_of_three(n: int, bound: float) -> None:
    assert Rate(k=0, n=n).bound == pytest.approx(bound, abs=6e-5)


def test_newcombes_own_example() -> None:
    """Newcombe 1998, table II (a): 56/70 and 48/80 by method 10."""
    gap = difference(Rate(k=56, n=70), Rate(k=48, n=80))
    assert (gap.value, gap.low, gap.high) == tuple(pytest.approx(v, abs=6e-5) for v in (0.2, 0.0524, 0.3339))


def test_too_few_people_exclude_no_gap() -> None:
    gap = difference(Rate(k=15, n=300), Rate(k=9, n=300))
    assert (round(gap.low, 3), round(gap.high, 3)) == (-0.012, 0.054)
    assert gap.widest == gap.high


@given(st.integers(0, 60), st.integers(1, 60))
def test_intervals_hold_the_rate_and_stay_within_bounds(k: int, n: int) -> None:
    rate = Rate(k=min(k, n), n=n)
    for low, high in ((rate.low, rate.high), wilson(rate)):
        assert 0 <= low <= rate.share + 1e-9
        assert rate.share - 1e-9 <= high <= 1
    assert rate.bound <= rate.high


def test_the_interval_covers_the_truth_as_often_as_it_says() -> None:
    """Also where the tries of a person hang together, which makes binomial intervals of the tries far too narrow."""
    random = np.random.default_rng(3)
    persons, tries = np.repeat(np.arange(60), 4), 400
    held = narrow = 0
    for _ in range(tries):
        own_rate = np.repeat(random.beta(0.2, 0.8, 60), 4)
        happened = random.random(240) < own_rate
        rate = rate_of_persons(happened, persons)
        held += rate.low <= 0.2 <= rate.high
        every = Rate(k=int(happened.sum()), n=240)
        narrow += every.low <= 0.2 <= every.high
    assert held / tries >= 0.95
    assert narrow / tries < 0.9, "the example shows nothing"


def test_each_person_counts_once() -> None:
    rate = rate_of_persons([True, True, True, False], [7, 7, 7, 9])
    assert (rate.k, rate.n) == (1, 2)
    assert rate_of_persons([], []).n == 0


def test_the_widest_gap_names_the_worse_group_first() -> None:
    gap = widest_gap({"a": Rate(k=1, n=100), "b": Rate(k=20, n=100), "none": Rate(k=0, n=0)})
    assert gap is not None
    assert gap[:2] == ("b", "a")
    assert widest_gap({"a": Rate(k=1, n=100)}) is None


def test_drawing_persons_again_covers_the_truth_about_as_often_as_it_says() -> None:
    """A rate of pairs: people of a kind match each other, and the share of the kinds is the truth to be found."""
    random = np.random.default_rng(8)
    held, tries = 0, 300
    for _ in range(tries):
        kinds = random.random(80) < 0.3

        def matched(times: NDArray[np.float64], kinds: NDArray[np.bool_] = kinds) -> float:
            of_kind = times[kinds].sum()
            own = (times[kinds] ** 2).sum(), (times**2).sum()
            return float((of_kind**2 - own[0]) / (times.sum() ** 2 - own[1]))

        interval = bootstrap(matched, 80, random, draws=300)
        assert interval.low <= interval.value <= interval.high
        held += interval.low <= 0.09 <= interval.high
    assert held / tries >= 0.88


def test_the_same_seed_draws_the_same() -> None:
    first, second = (bootstrap(lambda times: float(times[0]), 5, np.random.default_rng(1)) for _ in range(2))
    assert first == second
    with pytest.raises(ValueError):
        bootstrap(lambda times: 0.0, 0, np.random.default_rng(1))
