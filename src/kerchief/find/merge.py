"""One face seen several times becomes one detection, and what several looks half see counts for more.

Scores are fused as independent witnesses: 1 − Π(1 − score) over the looks that saw something there and whose word
counts at its size. On two labelled sets this found more at the same over-cover than any single threshold.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from kerchief.find.pyramid import Look
from kerchief.ports import Boxes

#: Boxes of two looks that overlap by this much are about the same face.
AGREE_IOU = 0.3
#: Fused boxes that overlap less than this are kept side by side: where looks disagree, all of it is covered.
APART_IOU = 0.6
#: In films less than this: many frames say where a face is, and one track of it is enough.
FILM_SAME_IOU = 0.35


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """What one look saw.

    Attributes:
        boxes: (n, 5) x0, y0, x1, y1 in pixels of the picture, weighted score.
        look: which it was.
        least: (n,) fused score from which each box is believed.
    """

    boxes: Boxes
    look: Look
    least: NDArray[np.floating]


def fuse(seen: Sequence[Seen], same_iou: float = APART_IOU) -> Boxes:
    """Boxes with fused scores of at least what each needs (or a look that is sure alone), best first.

    Returns:
        (n, 6): x0, y0, x1, y1 in pixels of the picture, fused score, and how many looks saw it.
    """
    kept = [rows for one in seen if len(rows := _believed(one, seen))]
    if not kept:
        return np.zeros((0, 6), np.float32)
    boxes = np.concatenate(kept)
    return boxes[suppress(boxes[:, :4], boxes[:, 4], same_iou)]


def _believed(one: Seen, seen: Sequence[Seen]) -> Boxes:
    """Those boxes of one look that are believed, with their fused scores and how many looks saw them."""
    boxes, look = one.boxes, one.look
    own = boxes[:, 4]
    doubt, witnesses = np.ones(len(boxes)), np.zeros(len(boxes))
    for other in seen:
        score = _best_overlapping(boxes, other.boxes)
        doubt *= 1 - np.where(_counts(boxes, other.look), score, 0)
        witnesses += score > 0
    is_sure = own >= look.sure
    fused = np.where(is_sure, np.maximum(1 - doubt, own), 1 - doubt)
    believed = is_sure | ((fused >= one.least) & _counts(boxes, look))
    return np.concatenate([boxes[:, :4], fused[:, None], witnesses[:, None]], axis=1)[believed]


def _counts(boxes: Boxes, look: Look) -> NDArray[np.bool_]:
    """Whether a look's word counts for things of these sizes."""
    height = (boxes[:, 3] - boxes[:, 1]) * look.scale
    within: NDArray[np.bool_] = (height >= look.from_px) & (height <= look.to_px)
    return within


def _best_overlapping(boxes: Boxes, others: Boxes) -> NDArray[np.floating]:
    """The best score among the others that agree with each box; 0 where none does."""
    if not len(others):
        return np.zeros(len(boxes))
    agree = overlaps(boxes, others) >= AGREE_IOU
    return np.asarray(np.where(agree, others[:, 4], 0).max(axis=1))


def overlaps(a: NDArray[np.floating], b: NDArray[np.floating]) -> NDArray[np.floating]:
    """(n, m) intersection over union of (n, ≥ 4) and (m, ≥ 4) boxes x0, y0, x1, y1."""
    ax0, ay0, ax1, ay1 = (column[:, None] for column in a[:, :4].T)
    bx0, by0, bx1, by1 = b[:, :4].T
    width = np.minimum(ax1, bx1) - np.maximum(ax0, bx0)
    height = np.minimum(ay1, by1) - np.maximum(ay0, by0)
    shared = np.maximum(width, 0) * np.maximum(height, 0)
    both = (ax1 - ax0) * (ay1 - ay0) + (bx1 - bx0) * (by1 - by0)
    return np.asarray(shared / np.maximum(both - shared, 1e-9))


def suppress(boxes: NDArray[np.floating], scores: NDArray[np.floating], iou: float) -> list[int]:
    """Indices of the boxes that remain, best first (greedy non-maximum suppression).

    Args:
        boxes: (n, 4) x0, y0, x1, y1.
        scores: (n,), above 0.
        iou: boxes that overlap a better one by more than this are the same thing.
    """
    if not len(boxes):
        return []
    corner_and_size = np.concatenate([boxes[:, :2], boxes[:, 2:4] - boxes[:, :2]], axis=1, dtype=np.float64)
    return [int(k) for k in cv2.dnn.NMSBoxes(corner_and_size, scores.astype(np.float32), 0.0, iou)]  # type: ignore[arg-type]
