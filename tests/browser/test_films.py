"""A film under review: its frames, a region that follows a head, and the copy."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from browsers import Serve, Visit
from desks import clip, inside, planned, read
from films import shown
from playwright.sync_api import expect

from kerchief import Tools


def test_a_drawn_region_follows_a_head_through_the_copy(
    serve: Serve, visit: Visit, tools: Tools, tmp_path: Path
) -> None:
    path, _, boxes = clip(tmp_path / "walk.mp4")
    planned(path, tools)
    assert read(path).tracks == (), "the networks find what they are to miss"
    desk = visit(serve(path)).enter().open(0, "film")
    keys, time = desk.page.keyboard, desk.page.locator(".film-time")
    end = f"{len(boxes) / 30:.2f}"
    for key, now in ((".", "0.03"), (".", "0.07"), (",", "0.03"), (",", "0.00")):
        keys.press(key)
        expect(time).to_contain_text(now)
    expect(time).to_contain_text(end)

    desk.settle()
    head = boxes[0].grow(8, 8, 8, 8)
    with desk.edited():
        keys.press("b")
        desk.drag(*(desk.place(x, y, 320, 240) for x, y in ((head.x0, head.y0), (head.x1, head.y1))))
    with desk.edited():
        desk.button("Follow", ".film-banner").click()
    expect(desk.page.locator(".film-banner")).to_contain_text("is followed until")
    keys.press("g")
    desk.export()

    before, after = shown(path), shown(tmp_path / "redacted" / "walk.redacted.mp4")
    assert len(after) == len(before) == len(boxes)
    for n, (old, new, box) in enumerate(zip(before, after, boxes, strict=True)):
        was, now = inside(old.rgb, box), inside(new.rgb, box)
        assert np.abs(was - now).mean() > 12, f"frame {n} shows the head"
        assert likeness(was, now) < 0.5, f"frame {n} shows the head"
        # Elsewhere, the copy is the film.
        assert np.abs(old.rgb[:40].astype(np.int16) - new.rgb[:40]).mean() < 4


def likeness(one: np.ndarray, other: np.ndarray) -> float:
    """Correlation of two patches, their slow changes taken out: 1 for the same, 0 for nothing in common."""
    sides = [patch.mean(axis=2).ravel() for patch in (one, other)]
    return float(np.corrcoef(*sides)[0, 1])
