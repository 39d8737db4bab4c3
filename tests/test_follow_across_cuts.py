"""Drawn, let follow, exported: what was covered where following ended stays covered. And shown people in films."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from films import film, shown, walk
from scenes import scene

from kerchief import Settings, Tools, make_plan, render
from kerchief.cover.mask import film_mask
from kerchief.find.carry import carry
from kerchief.geometry import Box
from kerchief.pipeline import StillShows
from kerchief.plan.edits import add_region, changed, rekeyed, show, track_of
from kerchief.plan.model import Keyframe, Plan, Region
from kerchief.plan.query import region_of, regions_at
from kerchief.ports import Detection
from kerchief.prove.verify import covered_share

WIDTH, HEIGHT, SIDE = 320, 240, 60
FRAMES = 16


def share_covered(plan: Plan, pts: int, face: Box) -> float:
    media = plan.media
    mask = film_mask(regions_at(plan, pts), WIDTH, HEIGHT, media.grid(WIDTH, HEIGHT), plan.margin)
    return covered_share(Detection(face, 1.0), mask)


def test_what_is_covered_after_a_cut_stays_covered_when_the_region_has_followed_up_to_it(
    tmp_path: Path, tools: Tools
) -> None:
    """Somebody walks off in the first shot; in the second, somebody is where the region was drawn, and held to the end.

    The plan alone is asked first: the look at the copy would find a bare face here, and hide that it was.
    """
    pictures, faces = walk(WIDTH, HEIGHT, [(60 + 6 * n, 90) for n in range(FRAMES)], SIDE)
    second, (there,) = scene(WIDTH, HEIGHT, [(60, 90, SIDE)], seed=11)
    second = np.clip(second.astype(np.int16) + 40, 0, 255).astype(np.uint8)
    source = film(tmp_path / "cut.mp4", pictures + [second] * FRAMES)
    found = changed(make_plan(source, tools=tools), tracks=())
    frame = found.media.length // (2 * FRAMES)
    head = Region.from_box(faces[0].grow(20, 25, 20, 15))
    plan, name = add_region(found, 0, head, until=found.media.length - 1)

    base = plan.media.time_base
    followed = carry(tools.film(tools.open(source)), head, base[0] / base[1])
    assert followed[-1][0] == (FRAMES - 1) * frame, "it follows up to the cut"
    after = rekeyed(plan, name, [Keyframe(pts=pts, region=region) for pts, region in followed])
    assert all(region_of(track_of(after, name), n * frame) == head for n in range(FRAMES, 2 * FRAMES))

    outcome = render(source, after, tools=tools)
    before, copy = shown(source), shown(outcome.output)
    for n, (old, new) in enumerate(zip(before, copy, strict=True)):
        face = faces[n] if n < FRAMES else there
        assert share_covered(after, n * frame, face) >= 0.97, f"bare by the plan in frame {n}"
        rows, columns = face.grow(-9, -12, -9, -12).pixels(WIDTH, HEIGHT)
        changes = abs(old.rgb[rows, columns].astype(int) - new.rgb[rows, columns]).max(axis=2)
        assert (changes > 12).mean() > 0.5, f"hardly changed in frame {n}"


def test_one_who_agreed_is_shown_in_a_film_and_what_is_missed_beside_is_covered(tmp_path: Path, tools: Tools) -> None:
    made = [scene(WIDTH, HEIGHT, [(30 + 2 * n, 70, 50), (215, 90, 60)]) for n in range(FRAMES)]
    source = film(tmp_path / "two.mp4", [picture for picture, _ in made])
    plan = make_plan(source, tools=tools)
    (walker,) = (track for track in plan.tracks if is_around(region_of(track, 0), made[0][1][0]))
    alone = show(changed(plan, tracks=(walker,)), walker.id, "asked her")
    with pytest.raises(StillShows) as caught:
        render(source, alone, settings=Settings(rounds=1))
    outcome = render(source, alone, tools=tools)
    frame = plan.media.length // FRAMES
    for after in (caught.value.plan, outcome.plan):
        for n, (_, (one, other)) in enumerate(made):
            assert share_covered(after, n * frame, other) >= 0.9, f"bare in frame {n}"
            assert share_covered(after, n * frame, one) < 0.1, f"not shown in frame {n}"


def is_around(region: Region | None, face: Box) -> bool:
    return region is not None and region.hull.overlap(face) > 0.5 * face.area
