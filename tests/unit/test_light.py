"""Dark parts are brought to a common light; the rest stays as it is."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from kerchief.find.light import MOST_GAIN, TARGET, brightened


def grey(luma: int, height: int = 90, width: int = 120) -> np.ndarray:
    return np.full((height, width, 3), luma, np.uint8)


@pytest.mark.parametrize("luma", [30, 60, 100, 139])
def test_dark_places_reach_the_target(luma: int) -> None:
    assert np.abs(brightened(grey(luma)).astype(float) - TARGET).max() <= 2


@pytest.mark.parametrize("luma", [140, 200, 255])
def test_what_is_light_stays_as_it_is(luma: int) -> None:
    assert_array_equal(brightened(grey(luma)), grey(luma))


def test_night_is_brightened_by_no_more_than_the_most() -> None:
    assert_array_equal(brightened(grey(5)), grey(round(5 * MOST_GAIN)))


def test_a_dark_place_beside_a_bright_one_is_brightened_and_the_bright_one_is_not() -> None:
    picture = np.concatenate([grey(20, 200, 200), grey(220, 200, 200)], axis=1)
    after = brightened(picture)
    assert after[:, :120].min() >= 100
    assert_array_equal(after[:, 280:], picture[:, 280:])


def test_colours_keep_their_ratios_and_nothing_overflows() -> None:
    picture = np.random.default_rng(1).integers(0, 60, (70, 50, 3), np.uint8)
    picture[:8, :8] = 255
    after = brightened(picture).astype(float)
    gain = after[30:, 30:].sum(axis=2) / np.maximum(picture[30:, 30:].sum(axis=2), 1)
    assert np.ptp(gain[picture[30:, 30:].sum(axis=2) > 60]) < 0.8
    assert (after >= picture).all()


@pytest.mark.parametrize(("width", "height"), [(1, 1), (3, 2), (1, 500), (33, 5)])
def test_pictures_of_any_size(width: int, height: int) -> None:
    assert brightened(grey(40, height, width)).shape == (height, width, 3)
