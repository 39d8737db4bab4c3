"""Does a film that was watched in pieces get other tracks than on one machine, and is anybody exposed by its seams?

    python benchmarks/seams.py --clips FOLDER [--times 6] [--seconds 4] [--json FILE]

The clips of FOLDER (as exposure.py describes them, all of one size and rate) are joined into one film, as often as
--times says. It is watched in one go and in pieces of at least --seconds, far shorter ones than kerchief makes, so that
there are many seams. A person counts as exposed whom any frame exposes by the plan of the first look. Where tracks
differ, it is said how many. The seams of the copy are looked at too: brightness that jumps there, beside other frames.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from dataclasses import asdict, dataclass
from fractions import Fraction
from pathlib import Path
from time import perf_counter
from typing import Any

import av
import numpy as np
from av.video.frame import PictureType
from exposure import through

from kerchief.filming import film_plan, film_step
from kerchief.pipeline import covered, decoded, plan_source, write
from kerchief.plan.model import Plan
from kerchief.prove.stats import Rate
from kerchief.scale import piecework, seams
from kerchief.tools import Source, Tools

RATE = 30
#: A clip's people are others each time that it is shown, so each time counts; within a film they are not independent.
WORKERS = 64


@dataclass(frozen=True)
class Seen:
    """One way of watching the film."""

    way: str
    pieces: int
    seconds: float
    tracks: int
    keyframes: int
    people: int
    exposed: int
    low: float
    high: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clips", type=Path, required=True)
    parser.add_argument("--times", type=int, default=6)
    parser.add_argument("--seconds", type=int, default=4)
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    seams.LEAST_SECONDS = args.seconds
    with tempfile.TemporaryDirectory() as scratch, Tools() as tools:
        path, people = joined(args.clips, args.times, Path(scratch) / "film.mp4")
        source = tools.open(path)
        start = perf_counter()
        one = plan_source(source, tools)
        alone = perf_counter() - start
        start = perf_counter()
        several, parts = in_pieces(source, tools)
        both = perf_counter() - start
        rows = [
            seen("one go", 1, alone, source, one, people, tools),
            seen("in pieces", len(parts), both, source, several, people, tools),
        ]
        differing = sum(a != b for a, b in zip(one.tracks, several.tracks, strict=False))
        differing += abs(len(one.tracks) - len(several.tracks))
        worst, usual = jumps(source, one, parts, Path(scratch), tools)
    print(f"{one.media.frames} frames of {one.media.width} × {one.media.height}, {len(people)} people")
    print(f"{'':10} {'pieces':>6} {'seconds':>8} {'tracks':>7} {'keyframes':>9}  exposed")
    for row in rows:
        exposed = f"{row.exposed} of {row.people} ({100 * row.low:.2f} to {100 * row.high:.2f} %)"
        print(f"{row.way:10} {row.pieces:>6} {row.seconds:>8.1f} {row.tracks:>7} {row.keyframes:>9}  {exposed}")
    print(f"tracks that differ: {differing}")
    print(
        f"copy in pieces less copy in one go, mean of a frame (levels): {worst:.2f} at most at a seam, {usual:.2f} else"
    )
    if args.json:
        values = {"rows": [asdict(row) for row in rows], "differing": differing, "at_seams": worst, "elsewhere": usual}
        args.json.write_text(json.dumps(values, indent=2), encoding="utf-8")


def joined(folder: Path, times: int, path: Path) -> tuple[Path, list[dict[str, Any]]]:
    """The clips one after the other, again and again, and the people in them."""
    truths = sorted(folder.glob("*.tracks.json"))
    people: list[dict[str, Any]] = []
    number = 0
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=RATE, options={"crf": "18", "preset": "veryfast", "g": "60"})
        for _ in range(times):
            for truth in truths:
                tracks = json.loads(truth.read_text(encoding="utf-8"))["tracks"]
                for track in tracks:
                    if not track.get("doubtful"):
                        people.append({str(int(n) + number): box for n, box in track["boxes"].items()})
                with av.open(str(truth.with_name(truth.name.removesuffix(".tracks.json") + ".mp4"))) as clip:
                    for frame in clip.decode(video=0):
                        if not number:
                            stream.width, stream.height, stream.pix_fmt = frame.width, frame.height, "yuv420p"
                        frame.pts, frame.time_base = number, Fraction(1, RATE)
                        frame.pict_type = PictureType.NONE
                        container.mux(stream.encode(frame))
                        number += 1
        container.mux(stream.encode(None))
    return path, people


def in_pieces(source: Source, tools: Tools) -> tuple[Plan, tuple[seams.Part, ...]]:
    survey = piecework.survey(source, tools)
    parts = seams.parts_of(survey, source.info.time_base, film_step(source.info), WORKERS)
    watched = [(part, piecework.watch_part(source, part, tools)) for part in parts]
    return film_plan(source.info, seams.joined(survey.times, watched), tools), parts


def seen(
    way: str, pieces: int, seconds: float, source: Source, plan: Plan, people: list[dict[str, Any]], tools: Tools
) -> Seen:
    faces = list(through(source, plan, people, tools))
    rate = Rate(k=sum(face.is_exposed for face in faces), n=len(faces))
    keyframes = sum(len(track.keyframes) for track in plan.tracks)
    return Seen(way, pieces, seconds, len(plan.tracks), keyframes, rate.n, int(rate.k), rate.low, rate.high)


def jumps(
    source: Source, plan: Plan, parts: tuple[seams.Part, ...], scratch: Path, tools: Tools
) -> tuple[float, float]:
    """How far the two copies lie apart: at worst in the first frame of a piece, and in the mean elsewhere."""
    whole, together = scratch / "whole.mp4", scratch / "together.mp4"
    write(whole, covered(decoded(source, plan, tools), source, plan, tools.settings), source.info, tools.settings)
    drafts = [(part.own, scratch / f"{part.own.first}.mp4") for part in parts]
    for piece, draft in drafts:
        piecework.cover_piece(source, plan, piece, draft, tools)
    piecework.join_pieces(source, plan, drafts, together, tools)
    firsts = {part.own.first for part in parts[1:]}
    at_seams, elsewhere = [], []
    with av.open(str(whole)) as one, av.open(str(together)) as other:
        for number, (a, b) in enumerate(zip(one.decode(video=0), other.decode(video=0), strict=True)):
            assert a.pts == b.pts
            apart = float(np.abs(a.to_ndarray(format="gray").astype(int) - b.to_ndarray(format="gray")).mean())
            (at_seams if number in firsts else elsewhere).append(apart)
    return max(at_seams), float(np.mean(elsewhere))


if __name__ == "__main__":
    main()
