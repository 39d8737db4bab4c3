"""A film without networks: who is looked at when, who is who, and what is covered where nobody looked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scenes import background

from kerchief.cover.planes import solid_yuv
from kerchief.find.follow import LARGE, LEAST_SCORE, ONCE, TOLERANCE, follow, sparse
from kerchief.find.head import region_for
from kerchief.find.motion import Camera
from kerchief.find.watch import MOST_STEP, Watched, step_for, watch
from kerchief.geometry import Box
from kerchief.plan.model import Keyframe, Region, Track
from kerchief.plan.query import region_of
from kerchief.ports import Colour, Detection, YuvFrame

WIDTH, HEIGHT = 320, 240
#: One unit of pts is a frame of 1/25 s: a track is held for 7 frames, and a gap of 30 is bridged.
UNIT, HOLD, GAP = 1 / 30, 8, 36
STEP = step_for(1 / UNIT)
Script = Callable[[int], list[Detection]]


def face(x: float, y: float = 100, side: float = 40, score: float = 0.9) -> Detection:
    """A face whose centre is there."""
    return Detection(Box(x - side / 2, y - side / 2, x + side / 2, y + side / 2), score)


def frame(number: int, left: int = 0, *, elsewhere: bool = False) -> YuvFrame:
    """A frame of a world that is seen from somewhere, or of quite another world."""
    seed = 99 if elsewhere else 7
    luma = np.ascontiguousarray(background(WIDTH + 200, HEIGHT, seed)[:, left : left + WIDTH, 1])
    grey = np.full((HEIGHT // 2, WIDTH // 2), 128, np.uint8)
    return YuvFrame(number, 1, (luma, grey, grey))


def watched(script: Script, frames: Sequence[YuvFrame], **options: object) -> Watched:
    """What is seen of a film in which this is to be seen."""
    return watch(frames, lambda at: script(at.pts), STEP, **options)


def still(count: int) -> list[YuvFrame]:
    return [frame(number) for number in range(count)]


def covers(track: Track, number: int) -> Box | None:
    region = region_of(track, number)
    return region.box if region else None


def times(track: Track) -> tuple[int, int]:
    return track.keyframes[0].pts, track.keyframes[-1].pts


def test_where_all_agree_only_every_few_frames_are_looked_at() -> None:
    seen = watched(lambda _: [face(100)], still(21))
    assert sorted(seen.looks) == [0, 8, 16, 20]


def test_in_slow_films_more_of_the_frames_are_looked_at() -> None:
    assert [step_for(rate) for rate in (0, 1, 5, 10, 15, 25, 30, 60, 1000)] == [1, 1, 1, 3, 4, 7, 8, 12, MOST_STEP]


@pytest.mark.parametrize("rate", [4, 12, 24, 25, 30, 50, 120])
def test_who_was_seen_once_is_covered_up_to_the_looks_beside_that(rate: int) -> None:
    """However few frames a second has: they may be there until a look does not see them."""
    step, at = step_for(rate), 3 * step_for(rate)
    seen = watch(still(6 * step + 1), lambda f: [face(100, score=0.7)] * (f.pts == at), step)
    (track,) = follow(seen, 1 / rate)
    first, last = times(track)
    assert first <= at - step + 1
    assert last >= at + step - 1


def test_the_last_frame_is_looked_at_too() -> None:
    assert sorted(watched(lambda _: [face(100)], still(19)).looks) == [0, 8, 16, 18]


def test_where_somebody_appears_it_is_looked_at_in_between_and_nowhere_else() -> None:
    seen = watched(lambda n: [face(100)] + [face(200)] * (n >= 7), still(21))
    assert sorted(seen.looks) == [0, 4, 6, 7, 8, 16, 20]


def test_the_doubtful_ask_for_no_look_in_between() -> None:
    seen = watched(lambda n: [face(100)] + [face(200, score=0.4)] * (n >= 7), still(21))
    assert sorted(seen.looks) == [0, 8, 16, 20]


def test_who_may_have_gone_elsewhere_is_looked_for_in_between() -> None:
    """Not very sure, but too far from where it was to be the same; until its motion is known."""
    seen = watched(lambda n: [face(60 + 8 * n, score=0.5)], still(25))
    assert sorted(seen.looks) == [0, 2, 4, 8, 16, 24]
    (track,) = follow(seen, UNIT)
    for number in range(25):
        assert holds(covers(track, number), face(60 + 8 * number).box)


def test_who_comes_in_at_the_border_asks_for_no_look_in_between() -> None:
    seen = watched(lambda n: [face(100)] + [face(12)] * (n >= 7), still(21))
    assert sorted(seen.looks) == [0, 8, 16, 20]


def test_a_pan_is_no_disagreement() -> None:
    frames = [frame(n, left=8 * n) for n in range(17)]
    seen = watched(lambda n: [face(240 - 8 * n)], frames)
    assert sorted(seen.looks) == [0, 8, 16]
    (x, y) = seen.camera.at[-1]
    assert abs(x + 8 * 16) < 4
    assert abs(y) < 2


def test_both_sides_of_a_cut_are_looked_at() -> None:
    frames = [frame(n, elsewhere=n >= 6) for n in range(13)]
    seen = watched(lambda n: [face(100 if n < 6 else 220)], frames)
    assert seen.camera.shot == [0] * 6 + [1] * 7
    assert {5, 6} <= set(seen.looks)


@pytest.mark.parametrize("at", [1, 2, 3, 18])
def test_a_cut_is_seen_however_early_it_comes(at: int) -> None:
    frames = [frame(n, elsewhere=n >= at) for n in range(30)]
    assert watched(lambda _: [], frames).camera.shot == [0] * at + [1] * (30 - at)


def brighter(of: YuvFrame, by: int) -> YuvFrame:
    y, u, v = of.planes
    return replace(of, planes=(np.clip(y.astype(int) + by, 0, 255).astype(np.uint8), u, v))


@pytest.mark.parametrize("long", [1, 3])
def test_a_flash_is_no_cut_and_who_is_lost_in_it_stays_covered(long: int) -> None:
    flash = range(20, 20 + long)
    frames = [brighter(frame(n), 80 * (n in flash)) for n in range(48)]
    seen = watched(lambda n: [face(100)] * (n not in flash), frames)
    assert set(seen.camera.shot) == {0}
    (track,) = follow(seen, UNIT)
    assert times(track) == (0, 47)


@pytest.mark.parametrize("rate", [0.5, 1, 2, 4, 10])
@pytest.mark.parametrize("missed", [{17}, {0, 1}, {38, 39}])
def test_in_slow_films_too_who_is_missed_in_a_frame_or_two_is_covered(rate: float, missed: set[int]) -> None:
    seen = watch(still(40), lambda f: [face(100, score=0.95)] * (f.pts not in missed), step_for(rate))
    (track,) = follow(seen, 1 / rate)
    assert times(track) == (0, 39)


def test_a_frame_that_stays_for_long_does_not_make_the_others_slow() -> None:
    frames = [*still(40), replace(frame(40), duration=200 * 30)]
    seen = watched(lambda n: [face(100)] * (n not in range(18, 23)), frames)
    assert len(follow(seen, UNIT)) == 1


def test_a_pan_is_no_cut() -> None:
    camera = Camera()
    for n in range(12):
        camera.see(frame(n, left=12 * n))
    assert set(camera.shot) == {0}


def test_the_second_look_is_at_other_frames() -> None:
    first = watched(lambda _: [face(100)], still(30))
    second = watched(lambda _: [face(100)], still(30), first=STEP // 2, between=False)
    assert not set(first.looks) & set(second.looks) - {29}


def test_two_who_cross_stay_two() -> None:
    """Over and below each other by a part of a head, towards each other by 6 px a frame."""
    seen = watched(lambda n: [face(60 + 6 * n, 90), face(260 - 6 * n, 120)], still(33))
    one, two = follow(seen, UNIT)
    for number in range(33):
        boxes = [covers(one, number), covers(two, number)]
        assert None not in boxes
        for truth in (face(60 + 6 * number, 90), face(260 - 6 * number, 120)):
            assert any(holds(box, truth.box) for box in boxes if box), f"bare in frame {number}"
    assert {covers(t, 32).x0 < 200 for t in (one, two)} == {True, False}


def holds(outer: Box, inner: Box, room: float = 1.5) -> bool:
    return (
        outer.x0 <= inner.x0 + room
        and outer.y0 <= inner.y0 + room
        and outer.x1 >= inner.x1 - room
        and outer.y1 >= inner.y1 - room
    )


def test_a_track_is_held_before_and_after_it_was_seen() -> None:
    (track,) = follow(watched(lambda n: [face(100)] * (20 <= n <= 30), still(60)), UNIT)
    assert times(track) == (20 - HOLD, 30 + HOLD)
    for number in range(20 - HOLD, 31 + HOLD):
        assert holds(covers(track, number), region_for(face(100)).box)


def test_what_is_held_grows() -> None:
    (track,) = follow(watched(lambda n: [face(100)] * (20 <= n <= 30), still(60)), UNIT)
    assert covers(track, 30 + HOLD).width > 1.1 * covers(track, 30).width
    assert covers(track, 20 - HOLD).width > 1.1 * covers(track, 20).width


def test_what_moved_is_held_where_it_would_go_on_to() -> None:
    """And where it would stay: nobody knows."""
    (track,) = follow(watched(lambda n: [face(60 + 3 * n)] * (20 <= n <= 36), still(60)), UNIT)
    for end, way in ((20, -1), (36, 1)):
        for far in range(HOLD + 1):
            held = covers(track, end + way * far)
            assert holds(held, face(60 + 3 * (end + way * far)).box)
            assert holds(held, face(60 + 3 * end).box)


def test_holding_stops_at_a_cut() -> None:
    frames = [frame(n, elsewhere=18 <= n < 33) for n in range(50)]
    (track,) = follow(watched(lambda n: [face(100)] * (20 <= n <= 30), frames), UNIT)
    assert times(track) == (18, 32)


def test_what_is_held_goes_with_the_picture() -> None:
    frames = [frame(n, left=6 * n) for n in range(30)]
    (track,) = follow(watched(lambda n: [face(250 - 6 * n)] * (n <= 12), frames), UNIT)
    for number in range(13 + HOLD):
        assert holds(covers(track, number), face(250 - 6 * number).box), f"bare in frame {number}"


@pytest.mark.parametrize("gap", [8, 16])
def test_a_gap_is_bridged(gap: int) -> None:
    script: Script = lambda n: [face(100 + n)] * (n <= 12 or n >= 12 + gap)  # noqa: E731
    (track,) = follow(watched(script, still(48)), UNIT)
    for number in range(48):
        assert holds(covers(track, number), face(100 + number).box), f"bare in frame {number}"


def test_after_a_long_gap_it_is_another_track() -> None:
    tracks = follow(watched(lambda n: [face(100)] * (n <= 8 or n >= 9 + GAP), still(60)), UNIT)
    assert [times(track) for track in tracks] == [(0, 8 + HOLD), (9 + GAP - HOLD, 59)]


def test_what_moves_is_covered_between_two_looks() -> None:
    """Half a head from look to look."""
    (track,) = follow(watched(lambda n: [face(40 + 5 * n)], still(41)), UNIT)
    for number in range(41):
        assert holds(covers(track, number), face(40 + 5 * number).box)


def test_what_was_never_surely_seen_is_an_error_of_the_network() -> None:
    def found(side: float, score: float, until: int = 21) -> int:
        script: Script = lambda n: [face(100, side=side, score=score)] * (8 <= n <= until)  # noqa: E731
        return len(follow(watched(script, still(21)), UNIT))

    assert [found(20, LEAST_SCORE - 0.05), found(20, LEAST_SCORE + 0.05)] == [0, 1]
    assert [found(20, LEAST_SCORE + 0.05, until=8), found(20, LEAST_SCORE + ONCE + 0.05, until=8)] == [0, 1]
    assert [found(100, LEAST_SCORE + 0.05), found(100, LEAST_SCORE + LARGE + 0.05)] == [0, 1]


def test_what_shows_in_a_finished_film_is_believed_however_faint() -> None:
    seen = watched(lambda n: [face(100, side=100, score=0.05)] * (n == 8), still(21))
    assert len(follow(seen, UNIT, least_score=0)) == 1


def test_faint_looks_carry_on_what_was_surely_seen() -> None:
    seen = watched(lambda n: [face(60 + 3 * n, score=0.9 if n == 16 else 0.15)], still(41))
    (track,) = follow(seen, UNIT)
    assert track.score == 0.9
    for number in range(41):
        assert holds(covers(track, number), face(60 + 3 * number).box), f"bare in frame {number}"


def test_a_film_of_one_frame_has_its_track() -> None:
    (track,) = follow(watched(lambda _: [face(100)], still(1)), UNIT)
    assert covers(track, 0) == region_for(face(100)).box


def test_nobody_is_nobody() -> None:
    assert follow(watched(lambda _: [], still(9)), UNIT) == ()


def test_ids_go_on_from_the_first() -> None:
    seen = watched(lambda _: [face(60), face(200)], still(5))
    assert [track.id for track in follow(seen, UNIT, first_id=4)] == ["face-4", "face-5"]


@settings(max_examples=60)
@given(
    steps=st.lists(st.integers(1, 400), min_size=1, max_size=25),
    wild=st.sampled_from([1, 5, 200]),
    values=st.data(),
)
def test_no_region_is_missed_by_more_than_allowed(steps: list[int], wild: int, values: st.DataObject) -> None:
    """Whether it shivers by a pixel or jumps across the picture."""
    regions, pts, amount = [], 0, st.floats(-wild, wild)
    for step in steps:
        x, y, width, height = (values.draw(amount) for _ in range(4))
        regions.append((pts, Region(x=50 + x, y=50 + y, width=30 + abs(width), height=30 + abs(height))))
        pts += step
    kept = sparse(regions)
    assert kept[0] == regions[0]
    assert kept[-1] == regions[-1]
    track = Track(id="face-1", keyframes=tuple(Keyframe(pts=at, region=region) for at, region in kept))
    for (a, of), (b, _) in pairwise(kept):
        allowed = max(1.0, TOLERANCE * of.width) + 1e-6
        for at, region in regions:
            if a <= at < b:
                now = region_of(track, at).box
                missed = (now.x0 - region.x, now.y0 - region.y, now.x1 - region.box.x1, now.y1 - region.box.y1)
                assert max(map(abs, missed)) <= allowed


def test_even_motion_needs_two_keyframes() -> None:
    regions = [(10 * n, Region(x=3.0 * n, y=50, width=40, height=50)) for n in range(40)]
    assert sparse(regions) == [regions[0], regions[-1]]


@pytest.mark.parametrize("rgb", ["#000000", "#ffffff", "#ff0000", "#c04080", "#00ff00"])
def test_a_solid_colour_is_that_colour_when_it_is_shown(rgb: str) -> None:
    """OpenCV converts by BT.601: limited range for I420, full for YCrCb."""
    wanted = [int(rgb[at : at + 2], 16) for at in (1, 3, 5)]
    y, u, v = solid_yuv(rgb, Colour(matrix=6))
    limited = np.array([y] * 4 + [u] + [v], np.uint8).reshape(3, 2)
    shown = cv2.cvtColor(limited, cv2.COLOR_YUV2RGB_I420)[0, 0]
    assert abs(shown.astype(int) - wanted).max() <= 3
    y, u, v = np.clip(solid_yuv(rgb, Colour(matrix=6, is_full_range=True)), 0, 255)
    full = cv2.cvtColor(np.array([[[y, v, u]]], np.uint8), cv2.COLOR_YCrCb2RGB)[0, 0]
    assert abs(full.astype(int) - wanted).max() <= 3


@pytest.mark.parametrize("matrix", [1, 2, 5, 6, 9])
@pytest.mark.parametrize("rgb", ["#000000", "#ffffff", "#ff0000", "#00ff00", "#0000ff"])
def test_every_solid_colour_fits_into_a_byte(rgb: str, matrix: int) -> None:
    assert all(16 <= value <= 240 for value in solid_yuv(rgb, Colour(matrix=matrix)))


@pytest.mark.parametrize("matrix", [1, 2, 5, 6, 9])
@pytest.mark.parametrize("rgb", ["#ff0000", "#0000ff"])
def test_every_solid_colour_fits_into_a_byte_of_the_full_range_too(rgb: str, matrix: int) -> None:
    assert all(0 <= value <= 255 for value in solid_yuv(rgb, Colour(matrix=matrix, is_full_range=True)))
