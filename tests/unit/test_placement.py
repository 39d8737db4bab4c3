"""Where blocks of sound go by their timestamps, without any file."""

from __future__ import annotations

import weakref
from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kerchief.errors import InputRefused
from kerchief.media.films.placement import MOST_SAMPLES, Block, mixed
from kerchief.ports import Samples, SoundInfo, Waves, YuvFrame

RATE = 1000  # jitter below 10 samples, back by up to 100
SOUND = SoundInfo(RATE, 1)


def frames(*ends: int) -> list[YuvFrame]:
    """Frames that end at these milliseconds."""
    empty = np.zeros((2, 2), np.uint8)
    starts = (0, *ends[:-1])
    return [YuvFrame(a, b - a, (empty, empty, empty)) for a, b in zip(starts, ends, strict=True)]


def block(at: int, values: range) -> Block:
    return at, np.array(values, np.float32)[:, None]


def line(blocks: list[Block], *ends: int) -> list[int]:
    """All samples; checks that blocks follow on each other, and come after their frames."""
    found: list[int] = []
    end = 0
    for part in mixed(frames(*ends), blocks, SOUND, (1, 1000)):
        if isinstance(part, Samples):
            assert part.start == len(found)
            assert 1 <= len(part.data) <= MOST_SAMPLES
            found += [int(value) for value in part.data[:, 0]]
            assert len(found) <= end
        elif part is not None:
            end = part.pts + part.duration
    return found


def test_what_follows_on_is_passed_on_and_cut_at_the_end() -> None:
    assert line([block(0, range(1, 6)), block(5, range(6, 30))], 4, 11) == list(range(1, 12))


def test_what_starts_late_has_silence_before_it() -> None:
    assert line([block(3, range(1, 4))], 2, 10) == [0, 0, 0, 1, 2, 3]


def test_what_lies_before_the_film_is_left_out() -> None:
    assert line([block(-7, range(5)), block(-2, range(1, 7))], 4) == [3, 4, 5, 6]
    assert line([block(-500, range(5)), block(0, range(1, 7))], 4) == [1, 2, 3, 4]


def test_what_goes_by_before_the_line_says_so_every_second_and_is_let_go() -> None:
    made: list[weakref.ref[Waves]] = []

    def blocks() -> Iterator[Block]:
        for start in range(-3500, 500, 50):
            data = np.full((50, 1), start, np.float32)
            made.append(weakref.ref(data))
            yield start, data
            del data
            assert sum(one() is not None for one in made) <= 3

    parts = list(mixed([None, None, *frames(40, 120)], blocks(), SOUND, (1, 1000)))
    kinds = "".join({type(None): "-", YuvFrame: "F", Samples: "s"}[type(part)] for part in parts)
    assert kinds == "--F----sFsss", "two frames, and the seconds that end at -3, -2, -1 and 0"
    assert sum(len(part.data) for part in parts if isinstance(part, Samples)) == 120


def test_a_gap_is_silence_and_a_small_one_is_none() -> None:
    assert line([block(0, range(1, 3)), block(30, range(3, 5))], 40) == [1, 2, *[0] * 28, 3, 4]
    assert line([block(0, range(1, 3)), block(10, range(3, 5))], 40) == [1, 2, 3, 4]
    assert line([block(0, range(1, 13)), block(3, range(13, 15))], 40) == list(range(1, 15))


def test_small_steps_do_not_add_up() -> None:
    """Every block is a little later than it should be: in the end the place is right to within the jitter."""
    blocks = [block(n * 104, range(1, 101)) for n in range(50)]
    found = line(blocks, 10_000)
    assert abs(len(found) - (49 * 104 + 100)) <= 10


def test_what_is_there_twice_is_left_out_once() -> None:
    assert line([block(0, range(1, 51)), block(30, range(31, 61))], 100) == list(range(1, 61))


def test_times_that_go_back_are_refused() -> None:
    with pytest.raises(InputRefused, match="go back"):
        line([block(0, range(1, 301)), block(100, range(1, 10))], 1000)


def test_a_time_in_the_far_future_is_no_work() -> None:
    assert line([block(0, range(1, 3)), block(1 << 62, range(3, 5))], 5) == [1, 2, 0, 0, 0]


@given(
    cuts=st.lists(st.integers(1, 400), max_size=8),
    ends=st.lists(st.integers(1, 2500), min_size=1, max_size=8, unique=True),
)
def test_blocks_and_frames_of_any_length_make_the_same_line(cuts: list[int], ends: list[int]) -> None:
    edges = [0, *np.cumsum(cuts).tolist()]
    blocks = [block(a, range(a + 1, b + 1)) for a, b in pairwise(edges)]
    assert line(blocks, *sorted(ends)) == list(range(1, min(edges[-1], max(ends)) + 1))
