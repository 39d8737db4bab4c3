"""What a run knows of its files, in one SQLite file: names, states, attempts, digests and reasons.

It names originals, so it is private. It outlives a kill of any process at any moment: what a method has returned from
is in it. An intent (``intend``) outlives a power cut too.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from pathlib import Path
from threading import RLock

from kerchief.scale.ledger import counting, passes
from kerchief.scale.ledger.counting import Counts
from kerchief.scale.ledger.finder import Finder
from kerchief.scale.ledger.names import neutral_key
from kerchief.scale.ledger.outcomes import (
    TASK,
    read_made,
    read_replaced,
    task_of,
    write_done,
    write_failed,
    write_intent,
)
from kerchief.scale.ledger.passes import Run
from kerchief.scale.ledger.schema import CODES, HANDED, STATES, copy, faults, opened
from kerchief.scale.ledger.statistics import Statistics, Without
from kerchief.scale.storage import Found
from kerchief.scale.tasks import Failed, Made, State, Task

__all__ = ["Begun", "Counts", "Ledger", "Run", "Standing"]

#: Files that are added in one transaction, and seconds after which fewer are: the first ones shall not wait for others.
ADDED_AT_ONCE, ADDED_WITHIN = 250, 0.5
#: The time between two such transactions, in times that one takes: another process wants to write too.
GIVE_WAY = 1.0


@dataclass(frozen=True, slots=True)
class Begun:
    """What a worker is told when it begins with a file.

    Attributes:
        attempt: how often it was begun, this time included.
        intent: the copy that an earlier try was about to give its name.
        replaces: SHA-256 of copies of ours that may have the name, published or about to be, of this state of the
            original or an earlier one: they make way. That of ``intent`` is among them.
        replaces_receipt: the same for receipts.
    """

    attempt: int
    intent: Made | None = None
    replaces: frozenset[str] = frozenset()
    replaces_receipt: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Standing:
    """Where one file is."""

    state: State
    attempts: int


class Ledger:
    """A run's ledger; any thread may use it, and several processes may have it open.

    Args:
        path: the file; made if it is missing.
        of_pass: the pass that it is opened for; None: the one that is on when it first matters.

    Raises:
        OutputError: it can't be made, is damaged, or is not a ledger of this version. So do all methods when the disk
            is full or fails, and those that write when another pass has begun meanwhile.
    """

    def __init__(self, path: Path, of_pass: int | None = None) -> None:
        self.path = path
        self._pass = of_pass
        self._lock = RLock()
        self._db = opened(path)

    def __enter__(self) -> Ledger:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; the last process to do so leaves a single file behind."""
        with self._lock, faults(self.path):
            self._db.close()

    @property
    def is_new(self) -> bool:
        """Whether no pass was begun yet."""
        with self._reading() as db:
            return passes.read(db) is None

    def begin_run(self, run: Run, *, resume: bool) -> int:
        """Begin a pass, and give its number: what an earlier one left undone is waiting again, refused files too.

        Raises:
            UsageError: there was a pass and ``resume`` is not given, or it was of another run.
        """
        with self._writing(is_fenced=False) as db:
            this_pass = passes.begin(db, self.path, run, resume=resume)
        self._pass = this_pass
        return this_pass

    # The listing

    def note_outputs(self, found: Iterable[Found]) -> None:
        """What the output folder holds before any work of this pass; to be called before ``add``.

        In the first pass, names of those that we choose ourselves are kept clear of. In a later one it is written down
        for ``redo_missing``, which is to be called when all have come, and for ``end_listing``.
        """
        paths = ((f.place.name if f.below == "." else f"{f.below}/{f.place.name}", f.size) for f in found)
        with self._reading() as db:
            is_noted = db.execute("SELECT is_noted FROM run").fetchone()[0]
        while batch := list(islice(paths, ADDED_AT_ONCE)):
            with self._writing() as db:
                if is_noted:
                    db.executemany("INSERT OR REPLACE INTO there VALUES (?, ?)", batch)
                    continue
                keys = [(key,) for path, _ in batch if (key := neutral_key(path)) is not None]
                db.executemany("INSERT OR IGNORE INTO reserved VALUES (?)", keys)

    def redo_missing(self) -> None:
        """Files that were done, but whose copies were not noted, or with another size, are waiting again."""
        with self._writing() as db:
            db.execute(
                "UPDATE file SET state = 0, attempts = 0, finished_at = NULL WHERE state = ? AND NOT EXISTS"
                " (SELECT 1 FROM there WHERE there.name = file.name || file.ending AND there.size = file.output_size)",
                (CODES[State.DONE],),
            )
            db.execute("UPDATE run SET is_noted = 1")

    def add(self, found: Iterable[Found | None]) -> None:
        """Write down files of a listing as they come, and settle what their copies are called.

        None stands for a file that is not meant: a listing may be long between two that are.

        A file that is known is left as it is, unless it has changed: then it is done again. One whose name can't be
        written down, or leads out of its folder, is refused.
        """
        run, this_pass = self._run
        for batch in _batches(found):
            began = time.monotonic()
            with self._writing() as db:
                finder = Finder(db, this_pass, run.keep_names)
                for file in batch:
                    finder.add(file)
            time.sleep(GIVE_WAY * (time.monotonic() - began))

    def end_listing(self) -> None:
        """All files have been added: those of an earlier pass that are gone, and have no copy, are forgotten."""
        run, this_pass = self._run
        with self._writing() as db:
            Finder(db, this_pass, run.keep_names).end()

    # The work

    def take(self, count: int) -> tuple[Task, ...]:
        """The next files that are waiting, in the listing's order; nobody else gets them in this pass.

        Those that a pass has refused come last, when all others have been listed, and after those that fewer passes
        have refused: where some end a pass, since a store fails at them, they don't keep it from the others for ever.
        """
        run, this_pass = self._run
        with self._writing() as db:
            rows = db.execute(
                f"SELECT {TASK} FROM file WHERE state = 0 AND seen = ?"  # noqa: S608 - ours
                " AND refusals <= iif((SELECT listed FROM run) = ?, ?, 0) ORDER BY refusals, number LIMIT ?",
                (this_pass, this_pass, this_pass, count),
            ).fetchall()
            db.executemany("UPDATE file SET state = ? WHERE number = ?", ((HANDED, number) for number, *_ in rows))
        return tuple(task_of(run, *row) for row in rows)

    def requeue(self, numbers: Iterable[int], *, is_counted: bool = True) -> None:
        """Let files wait again that were taken, but did not finish.

        Args:
            numbers: of their tasks.
            is_counted: False: the attempt was broken off by no fault of the file's.
        """
        forgiven = 0 if is_counted else 1
        begun = (CODES[State.TAKEN], CODES[State.INTENDED])
        with self._writing() as db:
            for number in numbers:
                db.execute("UPDATE file SET state = 0 WHERE number = ? AND state = ?", (number, HANDED))
                db.execute(
                    "UPDATE file SET state = 0, attempts = attempts - ? WHERE number = ? AND state IN (?, ?)",
                    (forgiven, number, *begun),
                )

    def standing(self, numbers: Iterable[int]) -> dict[int, Standing]:
        """Where these files are; WAITING where a worker had not begun with one."""
        with self._reading() as db:
            rows = [
                db.execute("SELECT number, state, attempts FROM file WHERE number = ?", (number,)).fetchone()
                for number in numbers
            ]
        return {number: Standing(STATES[state], attempts) for number, state, attempts in rows}

    def begin(self, number: int) -> Begun:
        """A worker begins with a file: an attempt is counted."""
        run, _ = self._run
        with self._writing() as db:
            db.execute(
                "UPDATE file SET state = ?, attempts = attempts + 1 WHERE number = ?", (CODES[State.TAKEN], number)
            )
            attempts = db.execute("SELECT attempts FROM file WHERE number = ?", (number,)).fetchone()[0]
            return Begun(attempts, read_made(db, run, number), *read_replaced(db, number))

    def intend(self, made: Made) -> None:
        """A worker is about to publish: on the disk when this returns, whatever happens to the machine."""
        run, _ = self._run
        with self._writing(durable=True) as db:
            write_intent(db, run, made)

    def done(self, made: Iterable[Made]) -> None:
        """Copies that have their names."""
        run, _ = self._run
        with self._writing() as db:
            for one in made:
                write_done(db, run, one, time.time())

    def failed(self, failed: Iterable[Failed]) -> None:
        """Files that are refused in this pass."""
        with self._writing() as db:
            for one in failed:
                write_failed(db, one, State.REFUSED, time.time())

    def set_aside(self, failed: Failed) -> None:
        """A file whose every try ended badly; it is not tried again until it changes."""
        with self._writing() as db:
            write_failed(db, failed, State.SET_ASIDE, time.time())

    # What it tells

    def counts(self) -> Counts:
        """How many files are where, at once."""
        with self._reading() as db:
            return counting.counts(db)

    def statistics(self, since: float, until: float) -> Statistics:
        """What a report of a pass counts that began and ended at these Unix times; all rows are gone through."""
        with self._reading() as db:
            return counting.statistics(db, since, until)

    def without(self) -> Iterator[Without]:
        """Files that have no copy, and why, in the listing's order; some are in memory at a time."""
        after = 0
        while True:
            with self._reading() as db:
                page = counting.without(db, after)
            if not page:
                return
            yield from (one for _, one in page)
            after = page[-1][0]

    def snapshot(self, to: Path) -> None:
        """A copy of the ledger as it is now, in a file of its own; others go on writing."""
        with self._reading() as db:
            copy(db, to)

    # Within

    @cached_property
    def _run(self) -> tuple[Run, int]:
        """The run and this pass; a ledger is opened for one pass."""
        with self._reading() as db:
            begun = passes.read(db)
        if begun is None:
            raise ValueError("no pass was begun")
        if self._pass is None:
            self._pass = begun[1]
        return begun[0], self._pass

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        with self._lock, faults(self.path):
            yield self._db

    @contextmanager
    def _writing(self, *, durable: bool = False, is_fenced: bool = True) -> Iterator[sqlite3.Connection]:
        """A transaction of this pass; on the disk at its end if it is durable, in the system's hands otherwise."""
        if is_fenced:
            _ = self._run
        with self._lock, faults(self.path):
            if durable:
                self._db.execute("PRAGMA synchronous = FULL")
            try:
                self._db.execute("BEGIN IMMEDIATE")
                if is_fenced and self._pass is not None:
                    passes.must_be(self._db, self.path, self._pass)
                yield self._db
                self._db.execute("COMMIT")
            finally:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                if durable:
                    self._db.execute("PRAGMA synchronous = NORMAL")


def _batches(found: Iterable[Found | None]) -> Iterator[list[Found]]:
    """Files in transactions' worths; one that is long in coming does not hold back those before it."""
    batch: list[Found] = []
    until = time.monotonic() + ADDED_WITHIN
    for file in found:
        if file is not None:
            batch.append(file)
        if batch and (len(batch) == ADDED_AT_ONCE or time.monotonic() > until):
            yield batch
            batch, until = [], time.monotonic() + ADDED_WITHIN
    if batch:
        yield batch
