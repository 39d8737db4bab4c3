"""Looks and tiles: no pixel is left out, and the work is bounded."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kerchief.find.pyramid import (
    COARSE_SIDE_PX,
    OVERLAP_PX,
    STRIDE,
    TILE_PX,
    film_looks,
    first_looks,
    second_film_looks,
    second_looks,
    tiles,
)

MOST_PIXELS = 110_000_000
sides = st.integers(1, 20_000)


def test_tiles_cover_every_length() -> None:
    for length in range(1, 20_001):
        cut = tiles(length)
        assert cut[0][0] == 0
        start, size = cut[-1]
        assert length <= start + size < length + STRIDE
        assert {size % STRIDE for _, size in cut} == {0}
        assert max(size for _, size in cut) <= TILE_PX * 1.1 + STRIDE
        for (a, size_a), (b, _) in pairwise(cut):
            assert a < b
            assert a + size_a - b >= OVERLAP_PX - 1, f"a face may fall between two tiles at {length}"


@given(sides, sides)
def test_the_work_of_looking_is_bounded(width: int, height: int) -> None:
    if width * height > MOST_PIXELS:
        return
    pixels = [width * height * look.scale**2 for look in first_looks(width, height)]
    assert sum(pixels) <= 19e6
    assert sum(width * height * look.scale**2 for look in second_looks(width, height)) <= 1.1e6


@given(sides, sides)
def test_every_picture_is_looked_at_whole_and_fine(width: int, height: int) -> None:
    looks = first_looks(width, height)
    assert min(look.scale for look in looks) * max(width, height) <= COARSE_SIDE_PX + 0.5
    finest = max(look.scale for look in looks)
    assert finest >= (1.0 if width * height <= 12e6 else (12e6 / (width * height)) ** 0.5 * 0.999)
    assert all(look.from_px < look.to_px for look in looks)


def test_the_ladder_gets_finer_for_smaller_pictures() -> None:
    finest = [max(look.scale for look in first_looks(side, side)) for side in (400, 600, 900, 1200, 3000, 10_000)]
    assert finest == sorted(finest, reverse=True)
    assert finest[0] == 4


@pytest.mark.parametrize("size", [(500, 400), (1500, 1100), (4000, 3000), (12_000, 9000)])
def test_the_second_look_is_at_another_scale(size: tuple[int, int]) -> None:
    firsts = {(look.network, look.scale) for look in first_looks(*size)}
    assert not firsts & {(look.network, look.scale) for look in second_looks(*size)}


def test_the_users_own_network_looks_too() -> None:
    looks = [look for look in first_looks(4000, 3000, ("mine", 0.4)) if look.network == "mine"]
    assert len(looks) == 2
    assert {look.threshold for look in looks} == {look.sure for look in looks} == {0.4}
    assert any(look.network == "mine" for look in second_looks(4000, 3000, ("mine", 0.4)))


@given(sides, sides)
def test_the_second_look_is_on_a_scale_of_its_own(width: int, height: int) -> None:
    for second in second_looks(width, height):
        same = [first.scale for first in first_looks(width, height) if first.network == second.network]
        assert all(abs(second.scale - scale) > 0.05 * scale for scale in same)


def test_the_second_look_at_one_megapixel_is_not_the_first_again() -> None:
    first = {look.scale for look in first_looks(1000, 1000)}
    assert not first & {look.scale for look in second_looks(1000, 1000)}


@given(sides, sides)
def test_the_work_of_looking_at_films_is_bounded(width: int, height: int) -> None:
    if width * height > MOST_PIXELS:
        return
    for looks, most in ((film_looks, 2.4e6), (second_film_looks, 1.3e6)):
        assert sum(width * height * look.scale**2 for look in looks(width, height)) <= most


@pytest.mark.parametrize("size", [(640, 360), (1280, 720), (1920, 1080), (3840, 2160), (1080, 1920)])
def test_a_face_of_20_px_is_seen_in_films_of_every_size(size: tuple[int, int]) -> None:
    """A network sees faces from some 10 px on, at the scale of its look."""
    assert max(look.scale for look in film_looks(*size)) >= 0.5


@given(sides, sides)
def test_a_finished_film_is_looked_at_on_another_scale(width: int, height: int) -> None:
    first = [look.scale for look in film_looks(width, height)]
    for look in second_film_looks(width, height):
        assert all(abs(look.scale - scale) > 0.1 * scale for scale in first)


@given(sides, sides)
def test_one_look_of_a_photo_is_brightened_and_the_others_see_it_as_it_is(width: int, height: int) -> None:
    bright = [look for look in first_looks(width, height, own=("own", 0.3)) if look.is_brightened]
    assert [look.network for look in bright] == ["centerface"]
