"""What is put under a mask: every sample of it is another one, and none beside it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from planes import noise, on_plane

from kerchief.ports import Frame, Mask, YuvFrame
from kerchief.prove.interference import (
    Interference,
    Print,
    Rendering,
    Replacement,
    Trial,
    changed,
    print_of,
    replaced,
)


def mask_in(width: int, height: int, seed: int = 3) -> Mask:
    """A mask with odd edges and single pixels."""
    mask = np.zeros((height, width), bool)
    mask[5:18, 7:22] = True
    mask[np.random.default_rng(seed).integers(0, height, 9), np.random.default_rng(seed + 1).integers(0, width, 9)] = 1
    return mask


def photo(dtype: type, channels: int, *, with_alpha: bool) -> Frame:
    random = np.random.default_rng(1)
    most = np.iinfo(dtype).max
    pixels = random.integers(0, most, (31, 40, channels), dtype, endpoint=True)
    alpha = random.integers(0, most, (31, 40), dtype, endpoint=True) if with_alpha else None
    return Frame(4, 20, pixels, alpha)


@pytest.mark.parametrize("with_alpha", [False, True])
@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_noise_makes_every_sample_under_the_mask_another_one(dtype: type, channels: int, with_alpha: bool) -> None:
    frame, mask = photo(dtype, channels, with_alpha=with_alpha), mask_in(40, 31)
    other = replaced(frame, mask, Replacement.NOISE)
    assert isinstance(other, Frame)
    assert (other.pts, other.duration, other.pixels.dtype) == (4, 20, dtype)
    assert np.array_equal((frame.pixels != other.pixels).all(axis=2), mask)
    assert np.array_equal((frame.pixels != other.pixels).any(axis=2), mask)
    if frame.alpha is not None:
        assert np.array_equal(frame.alpha != other.alpha, mask)
    assert changed(frame, other) == mask.sum() * (channels + with_alpha)


@pytest.mark.parametrize(("by", "value"), [(Replacement.BLACK, 0), (Replacement.WHITE, 65535)])
def test_black_and_white_reach_transparency_too(by: Replacement, value: int) -> None:
    frame, mask = photo(np.uint16, 3, with_alpha=True), mask_in(40, 31)
    other = replaced(frame, mask, by)
    assert isinstance(other, Frame)
    assert other.alpha is not None
    assert (other.pixels[mask] == value).all()
    assert (other.alpha[mask] == value).all()
    assert np.array_equal(other.pixels[~mask], frame.pixels[~mask])


@given(size=st.sampled_from([(40, 30), (41, 31), (40, 31)]), seed=st.integers(0, 99), by=st.sampled_from(Replacement))
def test_in_a_film_every_colour_sample_that_shares_a_pixel_is_replaced(size, seed: int, by: Replacement) -> None:
    frame, mask = noise(*size, seed), mask_in(*size, seed)
    other = replaced(frame, mask, by)
    assert isinstance(other, YuvFrame)
    for number, (before, after) in enumerate(zip(frame.planes, other.planes, strict=True)):
        hidden = on_plane(mask, before.shape)
        assert np.array_equal(before[~hidden], after[~hidden])
        if by is Replacement.NOISE:
            assert (before != after)[hidden].all()
        else:
            assert set(after[hidden]) == {128 if number else (0 if by is Replacement.BLACK else 255)}


def test_black_over_black_proves_nothing() -> None:
    black = Frame(0, 0, np.zeros((31, 40, 3), np.uint8))
    assert changed(black, replaced(black, mask_in(40, 31), Replacement.BLACK)) == 0
    true, other = Rendering("a", ()), Rendering("a", (), changed=9)
    trials = (Trial.of(Replacement.BLACK, true, true), Trial.of(Replacement.WHITE, true, other))
    assert Interference(1, 1, 1, trials).counted == trials[1:]
    assert Interference(1, 1, 1, trials).is_independent
    assert not Interference(1, 1, 1, trials[:1]).is_independent, "nothing was replaced"
    different = Trial.of(Replacement.NOISE, true, Rendering("b", (), changed=9))
    assert not Interference(1, 1, 1, (*trials, different)).is_independent


def test_a_print_tells_under_the_mask_from_beside_it() -> None:
    frame, mask = noise(40, 30, 1), mask_in(40, 30)
    same = print_of(frame, mask)
    assert print_of(noise(40, 30, 1), mask) == same
    under = print_of(replaced(frame, mask, Replacement.NOISE), mask)
    assert (under.beside == same.beside, under.under == same.under) == (True, False)
    beside = print_of(replaced(frame, ~mask, Replacement.NOISE), mask)
    assert beside.beside != same.beside


def test_a_trial_says_where_frames_differ() -> None:
    prints = tuple(Print(40 * n, b"u", b"b") for n in range(4))
    others = (
        prints[0],
        replace(prints[1], beside=b"x"),
        replace(prints[2], under=b"x"),
        replace(prints[3], under=b"y"),
    )
    trial = Trial.of(Replacement.NOISE, Rendering("a", prints), Rendering("b", others, 5))
    assert (trial.under, trial.beside, trial.first, trial.is_same) == (2, 1, 40, False)
