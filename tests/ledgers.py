"""Made listings and results, for tests and benchmarks of ledgers; no file is there."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator

from kerchief.scale.ledger.ledger import Run
from kerchief.scale.storage import Found, Place
from kerchief.scale.tasks import Made, Task

SOURCE, OUTPUT = "/in", "/out"
RUN = Run(sources=(SOURCE,), output=OUTPUT, receipts=None, settings="5" * 64, version="1.0")


def found(path: str, stamp: str = "1", size: int = 1000) -> Found:
    """A file below SOURCE."""
    below, _, _ = path.rpartition("/")
    return Found(Place(f"{SOURCE}/{path}"), below or ".", size, stamp)


def many(count: int, a_folder: int = 1000) -> Iterator[Found]:
    """Files as a camera and people call them, so many in a folder."""
    for number in range(count):
        name = f"IMG_{number % 10_000:04}.jpg" if number % 2 else f"march {number:07}.jpg"
        yield found(f"{number // a_folder:05}/{name}", size=1000 + number)


def made(task: Task, ending: str = ".jpg", *, size: int = 500) -> Made:
    """A copy of a task's file; another number gives other digests."""
    return Made(
        number=task.number,
        output=f"{task.output}{ending}",
        source_sha256=digest("source", task.number),
        output_sha256=digest("output", task.number),
        output_size=size,
        receipt_sha256=None,
        kind="photo",
        frames=1,
        covered=task.number % 7,
        rounds=1,
        added=0,
        doubtful=0,
        seconds=0.5,
    )


def outputs(copies: Iterable[Made]) -> Iterator[Found]:
    """What a listing of OUTPUT says of copies."""
    for copy in copies:
        below = copy.output.removeprefix(f"{OUTPUT}/").rpartition("/")[0]
        yield Found(Place(copy.output), below or ".", copy.output_size, "1")


def digest(*facts: object) -> str:
    return hashlib.sha256(repr(facts).encode()).hexdigest()
