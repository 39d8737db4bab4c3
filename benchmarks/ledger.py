"""What a million files cost a run's ledger and its listing: time for each, and memory, which must not grow with them.

    python benchmarks/ledger.py [--entries 100000 1000000] [--sample 20000] [--tree 100000] [--folder DIR] [--json FILE]

Entries are made up (no file is there), go into a ledger in DIR (by default the system's folder for temporary files; its
disk decides what a durable intent costs), and through a run's whole way: listed, taken sixteen at a time, done. The two
steps that a worker takes for each file alone (begin; intend, which waits for the disk) are timed for a sample of the
files: blocks of 1,000, evenly spread; the others skip them. Then a later pass takes the ledger up: the copies are held
against a listing of the output, and all files are listed again. Each size runs in a process of its own, whose peak of
resident memory is what the system says of it. `--tree` makes so many empty files on the disk, 1,000 in a folder, and
lists them.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from ledgers import OUTPUT, RUN, made, many

from kerchief.scale.ledger.ledger import Ledger
from kerchief.scale.listing import list_into
from kerchief.scale.storage import Found, Place

BATCH, BLOCK = 16, 1000
MIB = 1 << 20
ALONE = "--alone"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--entries", type=int, nargs="+", default=[100_000, 1_000_000])
    parser.add_argument("--sample", type=int, default=20_000)
    parser.add_argument("--tree", type=int, default=100_000)
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()))
    parser.add_argument("--json", type=Path)
    parser.add_argument(ALONE, choices=["made-up", "tree"], help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.alone:
        measure = run if args.alone == "made-up" else tree
        print(json.dumps(measure(args.entries[0], args.sample, args.folder)))
        return
    with tempfile.TemporaryDirectory(dir=args.folder) as folder:
        disk = one_sync(Path(folder))
        rows = [alone("made-up", entries, args.sample, Path(folder)) for entries in args.entries]
        rows += [alone("tree", args.tree, 0, Path(folder))] if args.tree else []
    said = {"one_sync_ms": disk, "rows": rows}
    show(said)
    if args.json:
        args.json.write_text(json.dumps(said, indent=2) + "\n")


def alone(what: str, entries: int, sample: int, folder: Path) -> dict[str, Any]:
    """One measurement in a process of its own."""
    words = [sys.executable, __file__, ALONE, what, "--entries", str(entries), "--sample", str(sample)]
    done = subprocess.run([*words, "--folder", str(folder)], stdout=subprocess.PIPE, check=True)
    return json.loads(done.stdout)


def run(entries: int, sample: int, folder: Path) -> dict[str, Any]:
    """The whole way of made-up entries."""
    before, clock = peak_mib(), Clock()
    path = folder / f"{entries}.sqlite"
    with Ledger(path) as ledger, Ledger(path) as notary:
        ledger.begin_run(RUN, resume=False)
        ledger.redo_missing()
        ledger.add(clock.told("list", many(entries), entries))
        work(ledger, notary, clock, entries, sample)
        with clock.on("counts", 1):
            counts = ledger.counts()
        assert counts.done == entries
        with clock.on("statistics", entries):
            ledger.statistics(0, time.time())
        with clock.on("snapshot", entries):
            ledger.snapshot(path.with_suffix(".snapshot"))
    size = path.stat().st_size
    after_work = peak_mib()
    take_up(path, clock, entries)
    return {
        "what": "made up",
        "entries": entries,
        "sample": min(sample, entries),
        "seconds": clock.seconds,
        "each_us": clock.each_us(),
        "mib_before": before,
        "mib_peak": peak_mib(),
        "mib_peak_without_resume": after_work,
        "bytes_each": size / entries,
    }


def work(ledger: Ledger, notary: Ledger, clock: Clock, entries: int, sample: int) -> None:
    """Take, begin, intend, finish."""
    every = max(1, entries // sample)  # whole blocks: a sync takes along what was written since the last one
    while True:
        with clock.on("take", BATCH):
            tasks = ledger.take(BATCH)
        if not tasks:
            break
        for task in tasks:
            if task.number // BLOCK % every:
                continue
            with clock.on("begin", 1):
                notary.begin(task.number)
            copy = made(task)
            with clock.on("intend", 1):
                notary.intend(copy)
        copies = [made(task) for task in tasks]
        with clock.on("done", len(copies)):
            ledger.done(copies)


def take_up(path: Path, clock: Clock, entries: int) -> None:
    """A later pass, in which everything is done already but every hundredth copy, which is gone."""
    with Ledger(path) as ledger:
        ledger.begin_run(RUN, resume=True)
        with clock.on("resume: outputs", entries):
            ledger.note_outputs(published(path))
            ledger.redo_missing()
        ledger.add(clock.told("resume: list", many(entries), entries))
        with clock.on("resume: end", entries):
            ledger.end_listing()
        counts = ledger.counts()
    assert (counts.done, counts.waiting) == (entries - entries // 100, entries // 100)


def published(path: Path) -> Iterator[Found]:
    """What a listing of the output would say; every hundredth copy is not there."""
    db = sqlite3.connect(path)
    for number, name, size in db.execute("SELECT number, name || ending, output_size FROM file"):
        if number % 100:
            yield Found(Place(f"{OUTPUT}/{name}"), name.rpartition("/")[0] or ".", size, "1")
    db.close()


def tree(entries: int, _: int, folder: Path) -> dict[str, Any]:
    """Empty files on the disk, listed twice."""
    root, output = folder / "tree", Place.of(str(folder / "out"))
    for number in range(entries):
        if number % 1000 == 0:
            here = root / f"{number // 1000:04}"
            here.mkdir(parents=True)
        (here / f"IMG_{number:06}.jpg").touch()
    before, clock = peak_mib(), Clock()
    run = replace(RUN, sources=(str(root),), output=output.url)
    for name, resume in (("list", False), ("resume: list", True)):
        with Ledger(folder / "tree.sqlite") as ledger:
            ledger.begin_run(run, resume=resume)
            with clock.on(name, entries):
                list_into(ledger, [Place.of(str(root))], output)
            assert ledger.counts().waiting == entries
    return {
        "what": "on the disk",
        "entries": entries,
        "seconds": clock.seconds,
        "each_us": clock.each_us(),
        "mib_before": before,
        "mib_peak": peak_mib(),
    }


class Clock:
    """Adds up times by name, and how many entries they were for."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._entries: dict[str, int] = {}

    def on(self, name: str, entries: int) -> Clock:
        self._now = name, entries
        return self

    def __enter__(self) -> None:
        self._start = time.perf_counter()

    def __exit__(self, *_: object) -> None:
        name, entries = self._now
        self.seconds[name] = self.seconds.get(name, 0) + time.perf_counter() - self._start
        self._entries[name] = self._entries.get(name, 0) + entries

    def told(self, name: str, entries: Iterator[Found], count: int) -> Iterator[Found]:
        """As the entries are asked for one by one: their own making is in it."""
        start = time.perf_counter()
        yield from entries
        self.seconds[name], self._entries[name] = time.perf_counter() - start, count

    def each_us(self) -> dict[str, float]:
        return {name: seconds / self._entries[name] * 1e6 for name, seconds in self.seconds.items()}


def peak_mib() -> float:
    """The most resident memory that this process ever had."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (MIB if sys.platform == "darwin" else 1024)


def one_sync(folder: Path) -> float:
    """Milliseconds until a few bytes more are on this disk: the median of 200."""
    times = []
    with (folder / "sync").open("wb") as file:
        for _ in range(200):
            file.write(bytes(4096))
            file.flush()
            start = time.perf_counter()
            os.fsync(file.fileno())
            times.append(time.perf_counter() - start)
    return statistics.median(times) * 1e3


def show(said: dict[str, Any]) -> None:
    rows = said["rows"]
    names = list(dict.fromkeys(name for row in rows for name in row["each_us"]))
    print("| µs for each entry | " + " | ".join(f"{row['entries']:,} {row['what']}" for row in rows) + " |")
    print("|---|" + "--:|" * len(rows))
    for name in names:
        print(
            f"| {name} | "
            + " | ".join(f"{row['each_us'][name]:.1f}" if name in row["each_us"] else "" for row in rows)
            + " |"
        )
    per_file = ("list", "take", "begin", "intend", "done")
    print(
        "| **a file's whole way** | "
        + " | ".join(f"**{sum(row['each_us'].get(n, 0) for n in per_file):.0f}**" for row in rows)
        + " |"
    )
    for name in ("mib_before", "mib_peak_without_resume", "mib_peak", "bytes_each"):
        print(f"| {name} | " + " | ".join(f"{row[name]:.1f}" if name in row else "" for row in rows) + " |")
    print(
        f"One sync of this disk: {said['one_sync_ms']:.2f} ms. begin, intend: a sample of {rows[0]['sample']:,} files."
    )


if __name__ == "__main__":
    main()
