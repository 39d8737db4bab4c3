"""Makes labelled pictures for `kerchief audit` out of labelled sets, and audits them.

    python benchmarks/bias.py scenes FOLDER [--people 980] [--to DIR] [-- --by race --json ...]
    python benchmarks/bias.py crops FOLDER [--to DIR] [-- --recogniser]
    python benchmarks/bias.py boxes LABELS.jsonl [--to DIR] [-- ...]
    python benchmarks/bias.py plots REPORT.json COLUMN... --to DIR

`scenes` takes tight crops of faces (FOLDER/labels.csv: image, and label columns; a person each) and places them into
made scenes, every person once at each of four sizes, and all of it again in a quarter of the light. `crops` takes the
same crops as they are: for the recogniser, which needs no scene. `boxes` takes {"image", "faces": [{"box": [x, y,
width, height], "tags": ["column:group", "word"], "ignore"?}]} lines. With --people so many are drawn. What follows `--`
goes to `kerchief audit`. Without --to, the scenes are gone at the end. `plots` draws columns of a report
(`kerchief audit --json`) within sizes, as SVG.
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from kerchief.cli.main import main as kerchief
from kerchief.geometry import Box
from kerchief.pages.audit import plot
from kerchief.prove.audit import AuditReport

Rgb = NDArray[np.uint8]
Row = dict[str, Any]

WIDTH, HEIGHT = 1280, 960
#: Heights of faces in pixels, and how many of each are in one scene.
FACE_HEIGHTS = (112, 56, 28, 14)
FACES_EACH = 6
CROP = 224
#: The face in a crop from forehead to chin, as it lies in the mean of all crops.
FACE = Box(38, 18, 186, 194)
#: Other faces stay so many sides of a crop away: no face must be covered by its neighbour's mask.
AWAY = 0.5
#: The dark scenes: a quarter of each value, and the noise of a sensor (standard deviation, of 255).
DIM, NOISE = 0.25, 3.0
#: Skin types are few, so pairs of them are joined.
JOINED = {"I": "I-II", "II": "I-II", "III": "III-IV", "IV": "III-IV", "V": "V-VI", "VI": "V-VI"}
NOT_KNOWN = "not-sure"
#: The column of a tag without a column.
WORD = "mask"


def main() -> None:
    words = sys.argv[1:]
    own, rest = (words[: words.index("--")], words[words.index("--") + 1 :]) if "--" in words else (words, [])
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["scenes", "crops", "boxes", "plots"])
    parser.add_argument("labels", type=Path)
    parser.add_argument("columns", nargs="*")
    parser.add_argument("--people", type=int)
    parser.add_argument("--to", type=Path)
    args = parser.parse_args(own)
    with tempfile.TemporaryDirectory() as folder:
        to = args.to or Path(folder)
        to.mkdir(parents=True, exist_ok=True)
        if args.what == "plots":
            plots(args.labels, args.columns, to)
            return
        if args.what == "boxes":
            rows = list(boxes(args.labels))
        else:
            everybody = list(csv.DictReader((args.labels / "labels.csv").open(encoding="utf-8")))
            people = [everybody[n] for n in np.random.default_rng(5).permutation(len(everybody))[: args.people]]
            rows = list(scenes(people, args.labels, to) if args.what == "scenes" else crops(people, args.labels))
        write(rows, to / "LABELS.csv")
        sys.argv = ["kerchief", "audit", str(to / "LABELS.csv"), *rest]
        kerchief()


def write(rows: list[Row], path: Path) -> None:
    columns = list(dict.fromkeys(name for row in rows for name in row))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, restval="")
        writer.writeheader()
        writer.writerows(rows)


def plots(path: Path, columns: list[str], to: Path) -> None:
    report = AuditReport.model_validate_json(path.read_text(encoding="utf-8"))
    for name in columns:
        parts = [(one.group, one.column) for one in report.slices if (one.column.name, one.by) == (name, "size")]
        drawn = plot(name, parts, is_inline=False)
        (to / f"bias-{path.stem}-{name}.svg").write_text(drawn, encoding="utf-8")


def crops(people: list[Row], folder: Path) -> Iterator[Row]:
    for number, person in enumerate(people):
        yield {"image": (folder / person["image"]).resolve(), **_sides(FACE), "person": number, **_labels(person)}


def scenes(people: list[Row], folder: Path, to: Path) -> Iterator[Row]:
    """Writes the scenes and tells where who is."""
    random = np.random.default_rng(11)
    # At each size the people come in another order, so that each scene holds different ones.
    orders = {height: random.permutation(len(people)) for height in FACE_HEIGHTS}
    for start in range(0, len(people), FACES_EACH):
        picture = background(random)
        rows, taken = [], []
        for height in FACE_HEIGHTS:
            side = round(height * CROP / FACE.height)
            for number in orders[height][start : start + FACES_EACH]:
                place = free_place(side, taken, random)
                taken.append(place)
                crop = cv2.imread(str(folder / people[number]["image"]))[:, :, ::-1]
                paste(picture, cv2.resize(crop, (side, side), interpolation=cv2.INTER_AREA), place)
                face = FACE.scaled(side / CROP).moved(place.x0, place.y0)
                rows.append({**_sides(face), "person": number, **_labels(people[number])})
        dim = np.clip(picture * DIM + random.normal(0, NOISE, picture.shape), 0, 255).astype(np.uint8)
        for light, scene in (("full", picture), ("quarter", dim)):
            name = f"{start:04}-{light}.jpg"
            (to / name).write_bytes(
                cv2.imencode(".jpg", scene[:, :, ::-1], [cv2.IMWRITE_JPEG_QUALITY, 90])[1].tobytes()
            )
            yield from ({"image": name, **row, "light": light} for row in rows)


def background(random: np.random.Generator) -> Rgb:
    """Smooth coloured noise: texture, and nothing that looks like a face."""
    grid = (HEIGHT // 64 + 2, WIDTH // 64 + 2)
    coarse = random.integers(50, 200, (*grid, 1)) + random.integers(-25, 26, (*grid, 3))
    smooth = cv2.resize(coarse.astype(np.float32), (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC)
    return np.clip(smooth + random.normal(0, NOISE, (HEIGHT, WIDTH, 1)), 0, 255).astype(np.uint8)


def free_place(side: int, taken: list[Box], random: np.random.Generator) -> Box:
    while True:
        x, y = int(random.integers(0, WIDTH - side)), int(random.integers(0, HEIGHT - side))
        place = Box(x, y, x + side, y + side)
        away = [other.grow(*4 * [AWAY * max(side, other.width)]) for other in taken]
        if not any(place.overlap(other) for other in away):
            return place


def paste(picture: Rgb, crop: Rgb, place: Box) -> None:
    """The crop, round at its corners and soft at its rim, so that no square edge gives it away."""
    from_middle = np.abs(np.linspace(-1, 1, CROP, dtype=np.float32)) ** 4
    alpha = np.clip((1 - from_middle[:, None] - from_middle[None, :]) / 0.35, 0, 1)
    soft = cv2.resize(alpha, crop.shape[1::-1], interpolation=cv2.INTER_AREA)[:, :, None]
    rows, columns = place.pixels(WIDTH, HEIGHT)
    picture[rows, columns] = np.rint(crop * soft + picture[rows, columns] * (1 - soft)).astype(np.uint8)


def boxes(path: Path) -> Iterator[Row]:
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        for face in row["faces"]:
            if not face.get("ignore"):
                x, y, width, height = face["box"]
                box = {"x": x, "y": y, "width": width, "height": height}
                yield {"image": (path.parent / row["image"]).resolve(), **box, **_tags(face["tags"])}


def _tags(tags: list[str]) -> dict[str, str]:
    pairs = (tag.split(":", 1) if ":" in tag else (WORD, tag) for tag in tags)
    return {column: JOINED.get(group, group) for column, group in pairs if group != NOT_KNOWN}


def _sides(box: Box) -> dict[str, float]:
    return {"x": round(box.x0, 2), "y": round(box.y0, 2), "width": round(box.width, 2), "height": round(box.height, 2)}


def _labels(person: Row) -> Row:
    return {name: value for name, value in person.items() if name != "image"}


if __name__ == "__main__":
    main()
