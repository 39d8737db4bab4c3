"""Writes what kerchief would cover in labelled pictures, one JSON line a picture, for a coverage script.

    python benchmarks/predictions.py LABELS.jsonl OUT.jsonl [--no-check] [--style solid]

LABELS.jsonl has {"image", "width", "height", …} lines, paths relative to its folder. A line of the output is
{"image", "regions": [{"shape": "box", "box": [x, y, width, height]}]}: the mask itself, cut into boxes, as it is after
the whole of ``redact`` (looks, cover, look again); with --no-check as it is after the first looks alone.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from pathlib import Path

import numpy as np

from kerchief.cover.mask import mask_of
from kerchief.errors import FaceShows
from kerchief.pipeline import plan_source, render_source
from kerchief.plan.model import Plan
from kerchief.plan.query import regions_at
from kerchief.ports import Mask
from kerchief.tools import Tools


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("labels", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--no-check", action="store_true")
    args = parser.parse_args()
    rows = [json.loads(line) for line in args.labels.read_text(encoding="utf-8").splitlines()]
    seconds, refused, rounds = [], 0, []
    with (
        Tools() as tools,
        tempfile.TemporaryDirectory() as folder,
        args.out.open("w", encoding="utf-8") as out,
    ):
        for number, row in enumerate(rows):
            start = time.perf_counter()
            source = tools.open(args.labels.parent / row["image"])
            plan = plan_source(source, tools)
            if not args.no_check:
                try:
                    outcome = render_source(source, plan, Path(folder) / f"{number}.jpg", tools)
                    plan = outcome.plan
                    rounds.append(outcome.receipt.checked.rounds)
                except FaceShows:
                    refused += 1
            seconds.append(time.perf_counter() - start)
            out.write(json.dumps({"image": row["image"], "regions": boxes(mask(plan))}) + "\n")
    print(f"{len(rows)} pictures, {refused} refused, median {1000 * statistics.median(seconds):.0f} ms", end="")
    print(f", rounds mean {statistics.mean(rounds):.2f}" if rounds else "")


def mask(plan: Plan) -> Mask:
    """The mask of a photo's plan."""
    width, height = plan.media.width, plan.media.height
    return mask_of(regions_at(plan, 0), width, height, plan.media.grid(width, height), plan.margin)


def boxes(covered: Mask) -> list[dict[str, object]]:
    """The mask as boxes: runs of covered pixels, equal runs of neighbouring rows joined."""
    done, open_runs = [], {}
    for y in range(covered.shape[0] + 1):
        row = covered[y] if y < covered.shape[0] else np.zeros(covered.shape[1], bool)
        edges = np.flatnonzero(np.diff(np.concatenate([[0], row.view(np.int8), [0]])))
        runs = {(int(a), int(b)) for a, b in edges.reshape(-1, 2)}
        for run in [r for r in open_runs if r not in runs]:
            top = open_runs.pop(run)
            done.append({"shape": "box", "box": [run[0], top, run[1] - run[0], y - top]})
        for run in runs:
            open_runs.setdefault(run, y)
    return done


if __name__ == "__main__":
    main()
