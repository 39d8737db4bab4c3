"""Plays a moving crowd whose truth is known live through ``kerchief live``, while things go wrong (Linux).

    python benchmarks/live.py [--width 1280] [--rate 15] [--seconds 40] [--least 0.05] [--delay 0.5s 0s]
        [--late veil drop] [--faults NAME...] [--faces 2000] [--clips CLIP.mp4...] [--json FILE] [--bare FOLDER]
    python benchmarks/live.py --memory MINUTES [--width 640] [--rate 60] [--json FILE] [--plot FILE.svg]

Every frame that comes out is held against the truth of the crowd (tests/live_examiner.py): a face is bare where the
detail in its ellipse correlates with the original above 0.6. "faces" are face-frames in frames that can be told by the
number in them; those in veiled frames are held against the faces of all frames around, and counted apart, about. Runs
of a fault are repeated until there are --faces of the first kind, or three were made. The interval is exact, 95 %;
frames of one run are not independent.

Four rows come first. In kerchief's place there is a plain relay of bytes ("relay"), then something that decodes frames
and codes them again ("bare"), of MPEG-TS and of RTSP; neither covers anybody. Then `kerchief redact` has the same film
as a file. Who is bare there too is not seen by the detector, however long it looks; with the made crowd's smallest
faces at --least (of the picture's height) nobody should be.

"fps" are frames a second that came out, "kept" the share of the frames sent that came out and can be told, "shown" the
median share of the background that they show as it was. Latency is from when the first byte of a frame is sent to when
its last one is received, both through sockets on this machine; "added" is that less the median of what only decodes and
codes again.

With --clips, clips with CLIP.tracks.json beside them are played instead of the made crowd. With --bare the frames with
bare faces are saved. With --memory the film is played over and over into a stream and a folder of segments, and the
resident memory of kerchief and its processes is sampled (shared pages count for each).
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
import live_memory
from live_clips import Clips
from live_crowd import Crowd
from live_examiner import Examined, Examiner
from live_film import Film, Scene, filmed
from live_pictures import save_bare
from live_receivers import TcpReceiver
from live_recording import Received, frames_of
from live_runs import Played, play
from live_scenarios import SCENARIOS, Scenario, sizes
from live_sight import sure_faces
from live_stand_ins import stand_in

from kerchief import Tools, redact
from kerchief.prove.stats import Rate

MOST_RUNS = 3
RTSP = "nothing, over RTSP"
COLUMNS = ["fault", "delay", "late", "faces", "in veiled", "bare", "95 % below", "came out", "veiled", "kept", "shown"]
COLUMNS += ["fps", "latency ms", "p95", "added ms", "p95 ", "exit"]


@dataclass
class Row:
    """What came of one fault with one choice of options, all runs together."""

    fault: str
    delay: str
    late: str
    sent: int = 0
    seconds: float = 0.0
    exit_codes: list[int] = field(default_factory=list)
    examined: list[Examined] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)

    def take(self, played: Played, result: Examined) -> None:
        """One more run."""
        self.sent += len(played.sent)
        self.seconds += max(played.sent.values(), default=0.0) - min(played.sent.values(), default=0.0)
        self.exit_codes.append(played.exit_code)
        self.examined.append(result)
        self.events += [event for event in played.events if event.get("event") != "status"]

    @property
    def faces(self) -> int:
        return sum(result.faces for result in self.examined)

    def values(self, control: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """The figures; what is added is so beyond the control's median latency."""
        unread = sum(result.faces_unread for result in self.examined)
        bare = [seen for result in self.examined for seen in result.bare]
        rate = Rate(k=len(bare), n=max(self.faces + unread, len(bare)))
        received = sum(result.received for result in self.examined)
        latencies = [s for result in self.examined for s in result.latencies if s is not None]
        median, late = np.percentile(latencies, [50, 95]) if latencies else (np.nan, np.nan)
        return {
            "fault": self.fault,
            "delay": self.delay,
            "late": self.late,
            "faces": self.faces,
            "faces_in_veiled": unread,
            "bare": len(bare),
            "bare_low": rate.low,
            "bare_high": rate.high,
            "bare_since": sorted(seen.since for seen in bare),
            "received": received,
            "veiled": sum(result.veiled for result in self.examined) / max(1, received),
            "kept": sum(len(set(result.read)) for result in self.examined) / max(1, self.sent),
            "shown": float(np.median([s for result in self.examined for s in result.shown] or [0.0])),
            "fps": received / self.seconds if self.seconds else 0.0,
            "latency_ms": 1000 * float(median),
            "latency_p95_ms": 1000 * float(late),
            "added_ms": 1000 * float(median) - (control["latency_ms"] if control else 0.0),
            "added_p95_ms": 1000 * float(late) - (control["latency_ms"] if control else 0.0),
            "exit_codes": self.exit_codes,
            "events": self.events,
        }


def main() -> None:
    args = arguments()
    if args.memory:
        live_memory.measure(args.memory, args.width, args.rate, args.json, args.plot)
        return
    print("|", " | ".join(COLUMNS), "|\n" + "|---" * len(COLUMNS) + "|", flush=True)
    rows: list[dict[str, Any]] = []
    with Tools() as tools:
        for values in measured(args, tools):
            rows.append(values)
            print("|", " | ".join(cells(values)), "|", flush=True)
            if args.json:  # as soon as there is something: a run takes long, and may be interrupted
                args.json.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--width", type=int, default=1280)
    parser.add_argument("--rate", type=int, default=15)
    parser.add_argument("--seconds", type=float, default=40)
    parser.add_argument("--least", type=float, default=0.05)
    parser.add_argument("--delay", nargs="+", default=["0.5s"])
    parser.add_argument("--late", nargs="+", choices=["veil", "drop"], default=["veil"])
    parser.add_argument("--faults", nargs="+", choices=list(SCENARIOS), default=list(SCENARIOS), metavar="NAME")
    parser.add_argument("--faces", type=int, default=2000)
    parser.add_argument("--clips", type=Path, nargs="+")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--bare", type=Path)
    parser.add_argument("--memory", type=float)
    parser.add_argument("--plot", type=Path)
    return parser.parse_args()


@dataclass(frozen=True)
class Stage:
    """A film, and who judges what came of it.

    Attributes:
        film: to be played.
        examiner: knows it.
        pictures: where frames with bare faces are saved; None: nowhere.
    """

    film: Film
    examiner: Examiner
    pictures: Path | None

    def examined(self, frames: list[Received], name: str, sent: dict[int, float] | None = None) -> Examined:
        """What is to be seen in what was received."""
        result = self.examiner.examine(frames, sent)
        if self.pictures is not None:
            save_bare(self.pictures / name, self.film, frames, result.bare)
        return result


def measured(args: argparse.Namespace, tools: Tools) -> Iterator[dict[str, Any]]:
    """The figures of the two controls, then of each fault with each choice."""
    scene = Clips(args.clips) if args.clips else Crowd(args.least, most=0.167)
    still, changing = (
        Stage(film, Examiner(film, lambda luma: sure_faces(luma, tools.networks)), args.bare)
        for film in films_of(scene, args)
    )
    controls = (through(still, *names) for names in (("relay", "nothing"), ("bare", "nothing"), ("bare", RTSP)))
    relay, plain, plain_rtsp = controls
    yield from (relay, plain, plain_rtsp)
    yield as_a_file(still, tools)
    for delay in args.delay:
        for late in args.late:
            for fault in args.faults:
                scenario = SCENARIOS[fault]
                row = Row(fault, delay, late)
                stage = changing if scenario.changes else still
                while row.faces < args.faces and len(row.examined) < MOST_RUNS:
                    run(row, scenario, stage)
                yield row.values(plain_rtsp if fault == RTSP else plain)


def films_of(scene: Scene, args: argparse.Namespace) -> Iterator[Film]:
    """The film, and the same with a picture whose size changes."""
    for widths in ([(0, args.width)], sizes(round(args.seconds * args.rate), args.width)):
        yield filmed(scene, args.seconds, args.rate, widths)


def through(stage: Stage, kind: str, fault: str) -> dict[str, Any]:
    """The film through something in kerchief's place that covers nobody."""
    row, receiver = Row(f"{kind} ({fault})", "-", "-"), TcpReceiver()
    played = play(stage.film, SCENARIOS[fault].way(stage.film), stand_in(kind), receiver)
    row.take(played, replace(stage, pictures=None).examined(list(receiver.frames()), row.fault, played.sent))
    return row.values()


def as_a_file(stage: Stage, tools: Tools) -> dict[str, Any]:
    """The film, redacted at leisure."""
    row = Row("as a file", "-", "-")
    with tempfile.TemporaryDirectory() as folder:
        outcome = redact(stage.film.save(Path(folder, "crowd.ts")), Path(folder, "covered.mp4"), tools=tools)
        frames = list(frames_of(outcome.output))
    row.take(Played(sent={frame.number: 0.0 for frame in stage.film.frames}), stage.examined(frames, row.fault))
    return row.values()


def run(row: Row, scenario: Scenario, stage: Stage) -> None:
    """Once more."""
    receiver = TcpReceiver()
    played = scenario.play(stage.film, receiver, "--delay", row.delay, "--late", row.late)
    name = f"{row.fault} {row.delay} {row.late} {len(row.examined)}"
    row.take(played, stage.examined(list(receiver.frames()), name, played.sent))


def cells(values: dict[str, Any]) -> list[str]:
    """A row of the table."""
    times = [f"{values[name]:.0f}" for name in ("latency_ms", "latency_p95_ms", "added_ms", "added_p95_ms")]
    shares = [f"{100 * values[name]:.1f} %" for name in ("veiled", "kept", "shown")]
    counts = [str(values[name]) for name in ("faces", "faces_in_veiled", "bare")]
    below = f"{1000 * values['bare_high']:.2f} ‰"
    words = [values["fault"], values["delay"], values["late"], *counts, below, str(values["received"]), *shares]
    return [*words, f"{values['fps']:.1f}", *times, "/".join(map(str, dict.fromkeys(values["exit_codes"])))]


if __name__ == "__main__":
    main()
