"""Looks as witnesses: who counts at which size, and what remains."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kerchief.find.merge import Seen, fuse, overlaps, suppress
from kerchief.find.pyramid import Look
from kerchief.geometry import Box

FULL, HALF = Look("a", 1.0), Look("a", 0.5)
LEAST = 0.2
boxes = st.builds(
    lambda x, y, w, h: (x, y, x + w, y + h),
    *(st.floats(0, 100),) * 2,
    *(st.floats(1, 80),) * 2,
)


def seen(look: Look, *rows: tuple[float, ...]) -> Seen:
    return Seen(np.array(rows, np.float64).reshape(-1, 5), look, np.full(len(rows), LEAST))


@settings(max_examples=50)
@given(st.lists(boxes, min_size=1, max_size=6), st.lists(boxes, min_size=1, max_size=6))
def test_overlaps_are_those_of_the_geometry(a: list, b: list) -> None:
    table = overlaps(np.array(a), np.array(b))
    for i, one in enumerate(a):
        for j, two in enumerate(b):
            assert table[i, j] == pytest.approx(Box(*one).iou(Box(*two)), abs=1e-6)


@settings(max_examples=50)
@given(st.lists(boxes, max_size=12), st.floats(0.1, 0.9), st.randoms(use_true_random=False))
def test_suppression_keeps_the_best_and_loses_no_place(rows: list, iou: float, random) -> None:
    array = np.array(rows).reshape(-1, 4)
    scores = np.array([1 - random.random() for _ in rows], np.float32)
    kept = suppress(array, scores, iou)
    assert list(scores[kept]) == sorted(scores[kept], reverse=True)
    table = overlaps(array, array)
    for index in range(len(rows)):
        assert index in kept or any(table[index, k] > iou - 1e-6 and scores[k] >= scores[index] for k in kept)
    assert all(table[a, b] < iou + 1e-6 for a in kept for b in kept if a != b)


def test_nothing_seen_is_nothing_found() -> None:
    assert fuse([]).shape == (0, 6)
    assert fuse([seen(FULL), seen(HALF)]).shape == (0, 6)


def test_faint_witnesses_that_agree_are_believed() -> None:
    faint = (10, 10, 60, 70, 0.12)
    assert len(fuse([seen(FULL, faint)])) == 0
    (row,) = fuse([seen(FULL, faint), seen(HALF, (11, 10, 61, 70, 0.12))])
    assert row[4] == pytest.approx(1 - 0.88 * 0.88)
    assert row[5] == 2


def test_who_did_not_see_it_is_no_witness() -> None:
    (row,) = fuse([seen(FULL, (10, 10, 60, 70, 0.9)), seen(HALF, (90, 90, 140, 150, 0.1))])
    assert row[5] == 1


def test_each_box_has_a_least_score_of_its_own() -> None:
    rows = np.array([(10, 10, 60, 70, 0.15), (90, 10, 140, 70, 0.15)])
    (row,) = fuse([Seen(rows, FULL, np.array([0.2, 0.12]))])
    assert row[0] == 90


def test_witnesses_of_other_places_do_not_add_up() -> None:
    assert len(fuse([seen(FULL, (10, 10, 60, 70, 0.12)), seen(HALF, (90, 90, 140, 150, 0.12))])) == 0


def test_a_sure_look_is_believed_alone_whatever_the_size() -> None:
    coarse = Look("a", 0.25, from_px=32, sure=0.35)
    tiny = (10, 10, 40, 50)  # 10 px at the look's scale
    assert len(fuse([seen(coarse, (*tiny, 0.34))])) == 0
    assert len(fuse([seen(coarse, (*tiny, 0.36))])) == 1


def test_a_fine_look_is_no_witness_for_large_things() -> None:
    fine = Look("a", 1.0, to_px=300)
    large = (0, 0, 400, 500)
    assert len(fuse([seen(fine, (*large, 0.3))])) == 0
    other = seen(HALF, (*large, 0.15))
    assert len(fuse([seen(fine, (*large, 0.3)), other])) == 0


def test_where_looks_disagree_all_is_covered() -> None:
    rows = fuse([seen(FULL, (0, 0, 40, 40, 0.9)), seen(HALF, (15, 0, 55, 40, 0.8))])
    assert len(rows) == 2
    assert rows[:, 0].min() == 0
    assert rows[:, 2].max() == 55
