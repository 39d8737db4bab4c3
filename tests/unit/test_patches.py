"""Patches of a mask: together they are the mask, and none of it is in two of them."""

from __future__ import annotations

from itertools import pairwise

import cv2
import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kerchief.cover.patches import CELL_PX, patches, put


@st.composite
def masks(draw: st.DrawFn) -> np.ndarray:
    """Boxes, ellipses and diagonals of single pixels, some cut by the border, some taken out again."""
    height, width = draw(st.integers(1, 140)), draw(st.integers(1, 140))
    mask = np.zeros((height, width), np.uint8)
    for _ in range(draw(st.integers(0, 6))):
        x, y = draw(st.integers(-10, width + 10)), draw(st.integers(-10, height + 10))
        across, down = draw(st.integers(0, 60)), draw(st.integers(0, 60))
        value = draw(st.sampled_from([1, 1, 1, 0]))
        match draw(st.sampled_from(["box", "ellipse", "line"])):
            case "box":
                cv2.rectangle(mask, (x, y), (x + across, y + down), value, cv2.FILLED)
            case "ellipse":
                cv2.ellipse(mask, (x, y), (across, down), 0, 0, 360, value, cv2.FILLED)
            case _:
                cv2.line(mask, (x, y), (x + across, y + draw(st.sampled_from([across, -across]))), value)
    return mask.astype(bool)


@settings(max_examples=200)
@given(masks(), st.floats(0, 2))
def test_patches_are_the_mask_cut_up(mask: np.ndarray, room: float) -> None:
    times = np.zeros(mask.shape, int)
    for patch in patches(mask, room):
        window = times[patch.rows, patch.columns]
        assert window.shape == patch.inside.shape, "the window reaches out of the picture"
        assert patch.inside.any()
        window += patch.inside
    assert np.array_equal(times, mask.astype(int))


@settings(max_examples=100)
@given(masks(), st.floats(0, 2))
def test_a_window_has_the_room_that_was_asked_for(mask: np.ndarray, room: float) -> None:
    height, width = mask.shape
    for patch in patches(mask, room):
        ys, xs = np.nonzero(patch.inside)
        longer = max(np.ptp(ys), np.ptp(xs)) + 1
        least = max(CELL_PX, room * longer - CELL_PX)
        top, left = patch.rows.start, patch.columns.start
        assert top == 0 or ys.min() >= least
        assert left == 0 or xs.min() >= least
        assert patch.rows.stop == height or patch.rows.stop - top - 1 - ys.max() >= least
        assert patch.columns.stop == width or patch.columns.stop - left - 1 - xs.max() >= least


@settings(max_examples=100)
@given(masks())
@example(np.eye(40, dtype=bool))
def test_pixels_that_touch_are_in_one_patch(mask: np.ndarray) -> None:
    """So that no seam runs through a covered head."""
    number = np.zeros(mask.shape, int)
    for count, patch in enumerate(patches(mask, 0.2), start=1):
        number[patch.rows, patch.columns][patch.inside] = count
    _, labels = cv2.connectedComponents(mask.view(np.uint8), connectivity=8)
    for label in range(1, labels.max() + 1):
        assert len(np.unique(number[labels == label])) == 1


def test_two_heads_that_are_far_apart_are_two_patches() -> None:
    mask = np.zeros((100, 300), bool)
    for left in (10, 120, 240):
        mask[20:70, left : left + 40] = True
    found = sorted((patch.columns.start, patch.columns.stop) for patch in patches(mask, 0.1))
    assert len(found) == 3
    assert all(a[1] <= b[0] for a, b in pairwise(found))


@settings(max_examples=50)
@given(masks(), st.sampled_from([1, 3]), st.sampled_from([np.uint8, np.uint16]), st.booleans())
def test_put_changes_what_is_chosen_and_nothing_else(mask: np.ndarray, channels: int, kind: type, part: bool) -> None:
    random = np.random.default_rng(3)
    height, width = mask.shape
    source, under = (random.integers(0, 256, (height, width, channels)).astype(kind) for _ in range(2))
    # As painting has it: often a window of a larger picture.
    whole = np.zeros((height + 3, width + 5, channels), kind) if part else under.copy()
    target = whole[1 : height + 1, 2 : width + 2] if part else whole
    target[...] = under
    put(source, mask, target)
    assert np.array_equal(target, np.where(mask[..., None], source, under))
    if part:
        whole[1 : height + 1, 2 : width + 2] = 0
        assert not whole.any(), "something outside the window was changed"
