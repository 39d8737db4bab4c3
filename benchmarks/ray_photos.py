"""What Ray costs and gives on photos: --engine ray against --engine local, and one worker against two (Linux).

    python benchmarks/ray_photos.py [--photos 2000] [--size 320x240] [--rounds 1] [--kerchief COMMAND] [--json]

Makes its own photos: faces on a textured background, no two alike. In each round the three commands run in turn, in an
order that changes from round to round; each writes into a new folder, and all copies are compared, to the byte.

    overhead    seconds of --engine ray (two workers) divided by those of --engine local (two files at a time), each the
                whole command with its start and its end
    speed-up    photos a second of two workers divided by those of one, each from the moment when a tenth of the copies
                were there until nine tenths were: what the start and the end cost is in the overhead

Two workers, since the machine that this is run on has two cores. Medians of the rounds; with one round there is no
spread, and on a machine that does other things meanwhile no figure holds.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shlex
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from scenes import saved, scene

COMMANDS = {
    "local": ("--engine", "local", "--jobs", "2"),
    "ray, 1 worker": ("--engine", "ray", "--jobs", "1"),
    "ray, 2 workers": ("--engine", "ray", "--jobs", "2"),
}


@dataclass(frozen=True)
class Timed:
    """One run of a command: whole seconds, and copies a second in its middle."""

    command: str
    seconds: float
    steady: float


@dataclass(frozen=True)
class Figures:
    """What came out."""

    photos: int
    size: str
    rounds: int
    cores: int
    overhead: float
    speed_up: float
    runs: tuple[Timed, ...]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", type=int, default=2000)
    parser.add_argument("--size", default="320x240")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--kerchief", default=shlex.quote(str(Path(sys.executable).with_name("kerchief"))))
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        make(Path(folder) / "in", args.photos, *map(int, args.size.split("x")))
        names = list(COMMANDS)
        runs: list[Timed] = []
        for number in range(args.rounds):
            for name in names[number % 3 :] + names[: number % 3]:
                runs.append(timed(shlex.split(args.kerchief), name, Path(folder), args.photos))
                print(f"{name}: {runs[-1].seconds:.1f} s, {runs[-1].steady:.2f} a second", file=sys.stderr, flush=True)
    figures = Figures(
        photos=args.photos,
        size=args.size,
        rounds=args.rounds,
        cores=len(os.sched_getaffinity(0)),
        overhead=middle(runs, "ray, 2 workers", "seconds") / middle(runs, "local", "seconds"),
        speed_up=middle(runs, "ray, 2 workers", "steady") / middle(runs, "ray, 1 worker", "steady"),
        runs=tuple(runs),
    )
    if args.json:
        print(json.dumps(asdict(figures)))
        return
    print(f"{figures.photos} photos of {figures.size}, {figures.rounds} rounds, {figures.cores} cores")
    print(f"--engine ray takes {figures.overhead:.3f} times as long as --engine local")
    print(f"two workers are {figures.speed_up:.2f} times as fast as one")


def make(folder: Path, count: int, width: int, height: int) -> None:
    """Photos with one face, in folders of a hundred."""
    for number in range(count):
        below = folder / f"{number // 100:03}"
        below.mkdir(parents=True, exist_ok=True)
        side = height * (0.2 + 0.02 * (number % 11))
        picture, _ = scene(width, height, [(width * 0.3, height * 0.3, side)], seed=number)
        (below / f"{number % 100:02}.jpg").write_bytes(saved(picture, "JPEG", quality=90))


def timed(kerchief: list[str], name: str, folder: Path, count: int) -> Timed:
    """Run a command; when each copy came is told by its line on standard output."""
    output = folder / name.replace(", ", "-").replace(" ", "-")
    words = [*kerchief, "redact", str(folder / "in"), "-o", str(output), *COMMANDS[name]]
    start, came = time.perf_counter(), []
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        for _ in process.stdout:
            came.append(time.perf_counter())
        said = process.stderr.read()
    seconds = time.perf_counter() - start
    if process.returncode or len(came) != count:
        sys.exit(f"{name}: exit code {process.returncode}, {len(came)} lines\n{said}")
    must_be_alike(output, folder / "digests.json")
    first, last = count // 10, count - count // 10 - 1
    return Timed(name, seconds, (last - first) / (came[last] - came[first]))


def must_be_alike(output: Path, digests: Path) -> None:
    """All commands make the same copies; then they make way."""
    copies = sorted(path for path in output.rglob("*") if path.is_file())
    made = {str(path.relative_to(output)): hashlib.sha256(path.read_bytes()).hexdigest() for path in copies}
    if digests.exists():
        assert json.loads(digests.read_text()) == made
    digests.write_text(json.dumps(made))
    for path in copies:
        path.unlink()
    for path in output.parent.glob(f"{output.name}.*"):
        path.unlink()


def middle(runs: list[Timed], command: str, what: str) -> float:
    """The median of one command's runs."""
    return statistics.median(getattr(run, what) for run in runs if run.command == command)


if __name__ == "__main__":
    main()
