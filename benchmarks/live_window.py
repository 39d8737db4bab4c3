"""How many people of clips with known truth a stream would expose that has time for all its looks.

    python benchmarks/live_window.py FOLDER [--delay 0.5]

FOLDER holds CLIP.mp4 and CLIP.tracks.json, as for ``figures.py --clips``; they are taken at half their rate. No time
passes: looks are those that ``kerchief live`` would ask for by when a frame leaves, each done 0.1 s after its frame
came. Exposed: see ``exposure.py``. "Away": share of the picture that is covered outside of all boxes grown by their own
size on each side.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from exposure import is_exposed

from kerchief import Tools
from kerchief.choices import Margin
from kerchief.cover.mask import film_mask
from kerchief.filming import look_at_film
from kerchief.find.head import outermost
from kerchief.find.pyramid import FILM_THRESHOLD, film_looks
from kerchief.find.watch import step_for
from kerchief.geometry import Grid
from kerchief.live.covered import TIME_BASE
from kerchief.live.looking.window import Window
from kerchief.ports import GRID_STEP, Mask, YuvFrame
from kerchief.prove.stats import Rate

RATE, STRIDE, LOOK_SECONDS = 30, 2, 0.1
#: So often looks in between are asked for before a frame leaves.
ROUNDS = 6


class Stream:
    """One clip, frame by frame, with the looks that it has had."""

    def __init__(self, frames: list[YuvFrame], delay: float, tools: Tools) -> None:
        self.frames, self._tools = frames, tools
        rate = RATE / STRIDE
        self._step, self._ahead, self._late = step_for(rate), round(delay * rate), int(np.ceil(LOOK_SECONDS * rate))
        self.window = Window((frames[0].width, frames[0].height))
        self._looks = film_looks(frames[0].width, frames[0].height)
        self._looked: set[int] = set()

    def reach(self, number: int) -> None:
        """All that is known when a frame leaves."""
        while self.window.end < min(len(self.frames), number + self._ahead + 1):
            self.window.add(self.frames[self.window.end])
        last = max(0, min(self.window.end - 1, number + self._ahead - self._late))
        cuts = [n for n in range(1, last + 1) if self.window.is_cut(n)]
        end = [self.window.end - 1] if self.window.end == len(self.frames) else []
        for n in (*range(0, last + 1, self._step), *cuts, *(n - 1 for n in cuts), *end):
            self._look(n)
        for _ in range(ROUNDS):
            for a, b in self.window.doubtful():
                self._look((a + b) // 2)

    def _look(self, number: int) -> None:
        if number not in self._looked:
            self._looked.add(number)
            seen = look_at_film(self.frames[number], self._looks, FILM_THRESHOLD, self._tools)
            self.window.looked(number, outermost(seen))


@dataclass
class Tally:
    """What came of the clips."""

    people: int = 0
    exposed: int = 0
    veiled: int = 0
    away: int = 0
    pixels: int = 0

    def take(self, stream: Stream, tracks: list[dict[str, Any]]) -> None:
        """Let a clip's frames leave, one after the other."""
        grid = Grid.of_coded(GRID_STEP, stream.frames[0].width, stream.frames[0].height, 1)
        seen: set[int] = set()
        bare: set[int] = set()
        for number, frame in enumerate(stream.frames):
            stream.reach(number)
            if stream.window.is_known(number):
                regions = stream.window.regions(number).values()
                mask = film_mask(regions, frame.width, frame.height, grid, Margin.STANDARD)
                boxes = {n: box for n, t in enumerate(tracks) if (box := t["boxes"].get(str(number * STRIDE)))}
                sure = {n: box for n, box in boxes.items() if not tracks[n].get("doubtful")}
                seen |= sure.keys()
                bare |= {n for n, box in sure.items() if is_exposed(box, mask)}
                self.away += int((mask & ~around(boxes.values(), mask)).sum())
                self.pixels += mask.size
            else:
                self.veiled += 1
            stream.window.forget(number)
        self.people += len(seen)
        self.exposed += len(bare)


def around(boxes: Iterable[list[float]], mask: Mask) -> Mask:
    """The boxes, x, y, width and height, grown by their own size on each side."""
    near = np.zeros_like(mask)
    for x, y, width, height in boxes:
        near[max(0, int(y - height)) : int(y + 2 * height), max(0, int(x - width)) : int(x + 2 * width)] = True
    return near


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--delay", type=float, default=0.5)
    args = parser.parse_args()
    tally, unit = Tally(), TIME_BASE[1] // RATE
    with Tools() as tools:
        for truth in sorted(args.folder.glob("*.tracks.json")):
            film = tools.film(tools.open(truth.with_name(truth.name.replace(".tracks.json", ".mp4"))))
            frames = [replace(f, pts=n * unit) for n, f in enumerate(film) if n % STRIDE == 0]
            tally.take(Stream(frames, args.delay, tools), json.loads(truth.read_text(encoding="utf-8"))["tracks"])
    rate = Rate(k=tally.exposed, n=tally.people)
    print(f"exposed: {rate.k:.0f} of {rate.n:.0f} people (95 %: {100 * rate.low:.1f} to {100 * rate.high:.1f} %)")
    print(f"away: {100 * tally.away / tally.pixels:.1f} %; {tally.veiled} frames not known in time")


if __name__ == "__main__":
    main()
