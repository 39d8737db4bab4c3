"""How many labelled faces stay exposed after the whole of ``redact``: in photos, and of people through clips.

A face is exposed where less than 90 % of the ellipse inscribed in its labelled box lies under the mask, in photos and
in films alike. Asked of the mask and not of the picture, so the answer is the same for every style. What was refused
was not published, so nobody is exposed by it and nobody of it is counted.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from predictions import mask as photo_mask

from kerchief.cover.mask import film_mask
from kerchief.errors import FaceShows
from kerchief.geometry import Box
from kerchief.pipeline import redact_source
from kerchief.plan.model import Plan
from kerchief.plan.query import Timeline, regions_at
from kerchief.ports import Detection, Mask
from kerchief.prove.verify import COVERED_SHARE, covered_share
from kerchief.tools import Source, Tools


class Face(NamedTuple):
    """A labelled face in a photo, or a person through a clip."""

    height: float
    """Of the box in pixels; of a person the greatest."""
    is_exposed: bool


def faces_in_photos(labels: Path, tools: Tools, scratch: Path) -> Iterator[Face]:
    """Every labelled face of a file as ``predictions.py`` describes it."""
    for number, line in enumerate(labels.read_text(encoding="utf-8").splitlines()):
        row = json.loads(line)
        source = tools.open(labels.parent / row["image"])
        plan = published(source, scratch / f"{number}.jpg", tools)
        if plan is not None:
            covered = photo_mask(plan)
            boxes = [face["box"] for face in row["faces"] if not face.get("ignore")]
            yield from (Face(box[3], is_exposed(box, covered)) for box in boxes)


def people_in_clips(folder: Path, tools: Tools, scratch: Path) -> Iterator[Face]:
    """Every person of the clips X.mp4 that have an X.tracks.json beside them.

    That holds {"frames": how many are labelled, "tracks": [{"doubtful"?, "boxes": {"frame": [x, y, width, height]}}]}.
    """
    for truth in sorted(folder.glob("*.tracks.json")):
        clip = truth.with_name(truth.name.removesuffix(".tracks.json") + ".mp4")
        source = tools.open(clip)
        plan = published(source, scratch / clip.name, tools)
        if plan is not None:
            tracks = json.loads(truth.read_text(encoding="utf-8"))["tracks"]
            yield from through(source, plan, [t["boxes"] for t in tracks if not t.get("doubtful")], tools)


def through(source: Source, plan: Plan, people: list[dict[str, Any]], tools: Tools) -> Iterator[Face]:
    """Each person of a film, exposed if any frame exposes them."""
    width, height = plan.media.width, plan.media.height
    grid, timeline = plan.media.grid(width, height), Timeline(plan)
    bare: set[int] = set()
    for number, frame in enumerate(tools.film(source)):
        covered = film_mask(regions_at(timeline, frame.pts), width, height, grid, plan.margin)
        there = [(who, boxes[str(number)]) for who, boxes in enumerate(people) if str(number) in boxes]
        bare |= {who for who, box in there if is_exposed(box, covered)}
    for who, boxes in enumerate(people):
        yield Face(max(box[3] for box in boxes.values()), who in bare)


def published(source: Source, target: Path, tools: Tools) -> Plan | None:
    """The plan that a copy was rendered by; None where none was published."""
    try:
        return redact_source(source, target, tools).plan
    except FaceShows as error:
        print(error, file=sys.stderr)
        return None


def is_exposed(box: list[float], covered: Mask) -> bool:
    x, y, width, height = box
    return covered_share(Detection(Box(x, y, x + width, y + height), 1.0), covered) < COVERED_SHARE
