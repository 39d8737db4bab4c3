"""Frames of films as planes: noise, and the same frame with other samples under a mask."""

from __future__ import annotations

import numpy as np

from kerchief.ports import Mask, Pixels, YuvFrame, is_subsampled


def noise(width: int, height: int, seed: int, pts: int = 0) -> YuvFrame:
    """A frame in which every sample is another."""
    random = np.random.default_rng(seed)
    part = (height // 2, width // 2) if is_subsampled(width, height) else (height, width)
    y, u, v = (random.integers(0, 256, shape, np.uint8) for shape in ((height, width), part, part))
    return YuvFrame(pts, 20, (y, u, v))


def on_plane(mask: Mask, shape: tuple[int, ...]) -> Mask:
    """(h, w) of a plane's shape: every sample that shares a pixel with a mask of the picture."""
    step = mask.shape[0] // shape[0]
    return np.asarray(np.logical_or.reduce([mask[y::step, x::step] for y in range(step) for x in range(step)]))


def under(frame: YuvFrame, number: int, mask: Mask) -> Pixels:
    """(n,) samples of a plane that share a pixel with a mask."""
    plane = frame.planes[number]
    return np.asarray(plane[on_plane(mask, plane.shape)])


def other_under(frame: YuvFrame, mask: Mask, seed: int) -> YuvFrame:
    """The frame with every sample that shares a pixel with a mask replaced by another."""
    random = np.random.default_rng(seed)
    changed = []
    for plane in frame.planes:
        other = plane ^ random.integers(1, 256, plane.shape, np.uint8)
        changed.append(np.where(on_plane(mask, plane.shape), other, plane))
    return YuvFrame(frame.pts, frame.duration, (changed[0], changed[1], changed[2]))


def same(one: YuvFrame, two: YuvFrame) -> list[bool]:
    """For each plane, whether it is the same in both."""
    return [np.array_equal(a, b) for a, b in zip(one.planes, two.planes, strict=True)]
