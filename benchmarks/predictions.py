"""Writes what kerchief would cover in labelled pictures, one JSON line a picture, for a coverage script.

    python benchmarks/predictions.py LABELS.jsonl OUT.jsonl [--no-check] [--megapixels 12] [--photos 20]

LABELS.jsonl has {"image", "faces": [{"box": [x, y, width, height], "ignore"?}]} lines, paths relative to its folder. A
line of the output is {"image", "regions": [{"shape": "box", "box": [x, y, width, height]}]}: the mask itself, cut into
boxes, as it is after the whole of ``redact`` (looks, cover, look again); with --no-check as it is after the first looks
alone. With --megapixels each photo is enlarged first, and the boxes are scaled back. Printed are times, and how many of
the faces of at least 5 % of the picture's height are covered (90 % of the ellipse in the box).
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from kerchief.cover.mask import mask_of
from kerchief.errors import FaceShows
from kerchief.geometry import Box
from kerchief.pipeline import plan_source, render_source
from kerchief.plan.model import Plan
from kerchief.plan.query import regions_at
from kerchief.ports import Detection, Mask
from kerchief.prove.verify import COVERED_SHARE, covered_share
from kerchief.tools import Tools

LARGE_FACE = 0.05


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("labels", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--no-check", action="store_true")
    parser.add_argument("--megapixels", type=float)
    parser.add_argument("--photos", type=int)
    args = parser.parse_args()
    rows = [json.loads(line) for line in args.labels.read_text(encoding="utf-8").splitlines()][: args.photos]
    seconds, rounds, large, refused = [], [], [], 0
    with Tools() as tools, tempfile.TemporaryDirectory() as folder, args.out.open("w", encoding="utf-8") as out:
        for number, row in enumerate(rows):
            photo, scale = args.labels.parent / row["image"], 1.0
            if args.megapixels:
                photo, scale = enlarged(photo, args.megapixels * 1e6, Path(folder) / f"{number}.large.jpg")
            start = time.perf_counter()
            source = tools.open(photo)
            plan = plan_source(source, tools)
            if not args.no_check:
                try:
                    outcome = render_source(source, plan, Path(folder) / f"{number}.jpg", tools)
                    plan = outcome.plan
                    rounds.append(outcome.receipt.checked.rounds)
                except FaceShows:
                    refused += 1
            seconds.append(time.perf_counter() - start)
            covered = mask(plan)
            large += [covered_share(face, covered) >= COVERED_SHARE for face in large_faces(row, scale, plan)]
            regions = [{"shape": "box", "box": [side / scale for side in box]} for box in boxes(covered)]
            out.write(json.dumps({"image": row["image"], "regions": regions}) + "\n")
    print(f"{len(rows)} pictures, {refused} refused, median {1000 * statistics.median(seconds):.0f} ms", end="")
    print(f", rounds mean {statistics.mean(rounds):.2f}" if rounds else "", end="")
    print(f"; of {len(large)} large faces {sum(large)} covered")


def enlarged(photo: Path, pixels: float, to: Path) -> tuple[Path, float]:
    """A copy of a photo scaled to so many pixels (JPEG 92), and the factor."""
    image = cv2.imread(str(photo))
    scale = (pixels / (image.shape[0] * image.shape[1])) ** 0.5
    large = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
    to.write_bytes(cv2.imencode(".jpg", large, [cv2.IMWRITE_JPEG_QUALITY, 92])[1].tobytes())
    return to, scale


def large_faces(row: dict[str, Any], scale: float, plan: Plan) -> Iterator[Detection]:
    """The labelled faces that take at least 5 % of the height."""
    for face in row["faces"]:
        x, y, width, height = (side * scale for side in face["box"])
        if not face.get("ignore") and height >= LARGE_FACE * plan.media.height:
            yield Detection(Box(x, y, x + width, y + height), 1.0)


def mask(plan: Plan) -> Mask:
    """The mask of a photo's plan."""
    width, height = plan.media.width, plan.media.height
    return mask_of(regions_at(plan, 0), width, height, plan.media.grid(width, height), plan.margin)


def boxes(covered: Mask) -> list[list[int]]:
    """The mask as boxes: runs of covered pixels, equal runs of neighbouring rows joined."""
    done, open_runs = [], {}
    for y in range(covered.shape[0] + 1):
        row = covered[y] if y < covered.shape[0] else np.zeros(covered.shape[1], bool)
        edges = np.flatnonzero(np.diff(np.concatenate([[0], row.view(np.int8), [0]])))
        runs = {(int(a), int(b)) for a, b in edges.reshape(-1, 2)}
        for run in [r for r in open_runs if r not in runs]:
            top = open_runs.pop(run)
            done.append([run[0], top, run[1] - run[0], y - top])
        for run in runs:
            open_runs.setdefault(run, y)
    return done


if __name__ == "__main__":
    main()
