"""What is small and in the dark is believed sooner; the rest as before."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kerchief.find.dark import DARK, LARGE_PX, LIT, SMALL_PX, least_scores

USUAL, IN_DARK = 0.18, 0.13


def least(luma: float, height: float) -> float:
    picture = np.full((200, 300, 3), round(luma), np.uint8)
    (one,) = least_scores(picture, np.array([(20, 30, 20 + 0.8 * height, 30 + height, 0.1)]), USUAL, IN_DARK)
    return float(one)


@pytest.mark.parametrize("luma", [0, 10, DARK])
@pytest.mark.parametrize("height", [8, SMALL_PX])
def test_small_things_in_the_dark_need_least(luma: float, height: float) -> None:
    assert least(luma, height) == pytest.approx(IN_DARK)


@pytest.mark.parametrize(
    ("luma", "height"), [(LIT, 8), (120, 8), (255, 8), (0, LARGE_PX), (DARK, 150), (LIT, SMALL_PX)]
)
def test_in_plain_light_and_of_large_things_nothing_changes(luma: float, height: float) -> None:
    assert least(luma, height) == USUAL


def test_in_between_it_rises() -> None:
    assert least((DARK + LIT) / 2, SMALL_PX) == pytest.approx((USUAL + IN_DARK) / 2)
    assert least(DARK, (SMALL_PX + LARGE_PX) / 2) == pytest.approx((USUAL + IN_DARK) / 2)


def test_each_box_is_judged_by_its_own_place_and_by_luma() -> None:
    picture = np.full((100, 200, 3), 10, np.uint8)
    picture[:, 100:] = (0, 200, 0)  # a luma of 117, a mean of 67
    picture[:50, :50] = (0, 0, 200)  # a luma of 23
    boxes = np.array([(60, 60, 80, 80, 0.1), (120, 60, 140, 80, 0.1), (10, 10, 30, 30, 0.1)])
    assert least_scores(picture, boxes, USUAL, IN_DARK) == pytest.approx([IN_DARK, USUAL, IN_DARK])


@given(st.lists(st.tuples(*[st.floats(-500, 500)] * 2, *[st.floats(0, 200)] * 2), max_size=5))
def test_boxes_anywhere(places: list) -> None:
    boxes = np.array([(x, y, x + width, y + height, 0.1) for x, y, width, height in places]).reshape(-1, 5)
    found = least_scores(np.zeros((60, 80, 3), np.uint8), boxes, USUAL, IN_DARK)
    assert found.shape == (len(places),)
    assert ((found >= IN_DARK - 1e-9) & (found <= USUAL)).all()
