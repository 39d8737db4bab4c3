"""What a run knows of its files, in one SQLite file: names, states, attempts, digests and reasons.

It names originals, so it is private. It outlives a kill of any process at any moment: what a method has returned from is
in it. An intent (``intend``) outlives a power cut too.
"""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from threading import RLock

from kerchief.errors import ExitCode, UsageError
from kerchief.scale.names import is_sayable, reserve
from kerchief.scale.schema import CODES, HANDED, STATES, faults, opened
from kerchief.scale.storage import Found, Place
from kerchief.scale.tasks import Failed, Made, State, Task

#: Files that are added in one transaction, and seconds after which fewer are: the first ones shall not wait for others.
ADDED_AT_ONCE, ADDED_WITHIN = 1000, 0.5
#: The time between two such transactions, as a part of the time that one takes: another process wants to write too.
GIVE_WAY = 0.5


@dataclass(frozen=True, slots=True)
class Run:
    """What a run is: two passes with the same one go on with the same ledger.

    Attributes:
        sources: absolute paths or URLs, in the user's order.
        output: folder of the copies, likewise.
        receipts: folder of the receipts; None: none are written.
        settings: digest of all that the copies hang on besides their originals.
        version: of kerchief.
        keep_names: whether names that a device gave are kept.
    """

    sources: tuple[str, ...]
    output: str
    receipts: str | None
    settings: str
    version: str
    keep_names: bool = False


@dataclass(frozen=True, slots=True)
class Begun:
    """What a worker is told when it begins with a file.

    Attributes:
        attempt: how often it was begun, this time included.
        intent: the copy that an earlier try was about to give its name.
        replaces: SHA-256 of the copy of an earlier state of the original: it makes way.
    """

    attempt: int
    intent: Made | None = None
    replaces: str | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """Where one file is."""

    state: State
    attempts: int


@dataclass(frozen=True, slots=True)
class Counts:
    """How many files are where, and their originals' bytes."""

    waiting: int = 0
    taken: int = 0
    intended: int = 0
    done: int = 0
    refused: int = 0
    set_aside: int = 0
    size: int = 0
    """Of all found."""
    size_finished: int = 0
    """Of those done, refused or set aside."""

    @property
    def found(self) -> int:
        """All."""
        return self.waiting + self.taken + self.intended + self.finished

    @property
    def failed(self) -> int:
        """Those that have no copy."""
        return self.refused + self.set_aside

    @property
    def finished(self) -> int:
        """Those that nothing more is done with in this pass."""
        return self.done + self.failed


class Ledger:
    """A run's ledger; any thread may use it, and several processes may have it open.

    Args:
        path: the file; made if it is missing.

    Raises:
        OutputError: it can't be made, is damaged, or is not a ledger of this version. So do all methods when the disk is
            full or fails.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = RLock()
        self._db = opened(path)
        self._read_run()

    def __enter__(self) -> Ledger:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; the last process to do so leaves a single file behind."""
        with self._lock, faults(self.path):
            self._db.close()

    # The run

    @property
    def is_new(self) -> bool:
        """Whether no pass was begun yet."""
        return self._run is None

    def begin_run(self, run: Run, *, resume: bool) -> None:
        """Begin a pass. What an earlier one left undone is waiting again, refused files too.

        Raises:
            UsageError: there was one and ``resume`` is not given, or it was of another run.
        """
        with self._writing() as db:
            self._read_run()
            if self._run is None:
                db.execute("INSERT INTO run VALUES (?, 1)", (json.dumps(asdict(run)),))
            else:
                _must_fit(self.path, self._run, run, resume=resume)
                db.execute("UPDATE run SET passes = passes + 1")
                undone = tuple(CODES[state] for state in (State.TAKEN, State.INTENDED, State.REFUSED))
                db.execute(
                    "UPDATE file SET state = 0, finished_at = NULL, attempts = CASE state WHEN ? THEN 0 ELSE attempts END"
                    " WHERE state IN (?, ?, ?, ?) AND name IS NOT NULL",
                    (CODES[State.REFUSED], HANDED, *undone),
                )
        self._read_run()

    # The listing

    def note_outputs(self, found: Iterable[Found]) -> None:
        """What the output folder holds before the work: names to keep clear of; finished files that are missing there, or
        of another size, are to be done again. To be called before ``add``, if the folder is there.
        """
        with self._lock, faults(self.path):
            self._db.execute("DELETE FROM there")
            rows = ((f.place.name if f.below == "." else f"{f.below}/{f.place.name}", f.size) for f in found)
            self._db.executemany("INSERT OR REPLACE INTO there VALUES (?, ?)", rows)
        with self._writing() as db:
            db.execute(
                "UPDATE file SET state = 0, attempts = 0, finished_at = NULL WHERE state = ? AND NOT EXISTS"
                " (SELECT 1 FROM there WHERE there.name = file.name || file.ending AND there.size = file.output_size)",
                (CODES[State.DONE],),
            )

    def add(self, found: Iterable[Found]) -> None:
        """Write down files of a listing as they come, and settle what their copies are called.

        A file that is known is left as it is, unless it has changed: then it is done again.
        """
        rest = iter(found)
        while batch := _batch(rest):
            began = time.monotonic()
            with self._writing() as db:
                for file in batch:
                    self._add(db, file)
            time.sleep(GIVE_WAY * (time.monotonic() - began))

    def end_listing(self) -> None:
        """All files have been added: those of an earlier pass that were not met again are refused."""
        problem, next_step = "is no longer there", "Run it again with --resume when it is back."
        with self._writing() as db:
            db.execute(
                "UPDATE file SET state = ?, exit_code = ?, problem = ?, next_step = ?, finished_at = ?"
                " WHERE state = 0 AND seen < ?",
                (CODES[State.REFUSED], ExitCode.INPUT_REFUSED, problem, next_step, time.time(), self._pass),
            )

    # The work

    def take(self, count: int) -> tuple[Task, ...]:
        """The next files that are waiting, in the listing's order; nobody else gets them in this pass."""
        run = self._known_run
        with self._writing() as db:
            rows = db.execute(
                "SELECT number, source, name, size FROM file WHERE state = 0 AND seen = ? ORDER BY number LIMIT ?",
                (self._pass, count),
            ).fetchall()
            db.executemany("UPDATE file SET state = ? WHERE number = ?", ((HANDED, row[0]) for row in rows))
        return tuple(_task(run, *row) for row in rows)

    def requeue(self, numbers: Iterable[int], *, is_counted: bool = True) -> None:
        """Let files wait again that were taken, but did not finish.

        Args:
            numbers: of their tasks.
            is_counted: False: the attempt was broken off by no fault of the file's.
        """
        with self._writing() as db:
            db.executemany(
                "UPDATE file SET state = 0, attempts = max(0, attempts - CASE WHEN state > ? THEN ? ELSE 0 END)"
                " WHERE number = ? AND state IN (?, ?, ?)",
                (
                    (HANDED, not is_counted, number, HANDED, CODES[State.TAKEN], CODES[State.INTENDED])
                    for number in numbers
                ),
            )

    def standing(self, numbers: Iterable[int]) -> dict[int, Standing]:
        """Where these files are; WAITING where a worker had not begun with one."""
        with self._reading() as db:
            rows = (db.execute("SELECT number, state, attempts FROM file WHERE number = ?", (n,)) for n in numbers)
            return {number: Standing(STATES[state], tries) for row in rows for number, state, tries in row}

    def begin(self, number: int) -> Begun:
        """A worker begins with a file: an attempt is counted."""
        with self._writing() as db:
            db.execute(
                "UPDATE file SET state = ?, attempts = attempts + 1 WHERE number = ?", (CODES[State.TAKEN], number)
            )
            attempts, replaces = db.execute(
                "SELECT attempts, replaces FROM file WHERE number = ?", (number,)
            ).fetchone()
            return Begun(attempts, self._made(db, number), replaces.hex() if replaces else None)

    def intend(self, made: Made) -> None:
        """A worker is about to publish: on the disk when this returns, whatever happens to the machine."""
        with self._writing(durable=True) as db:
            self._write_made(db, made, State.INTENDED, None)

    def done(self, made: Iterable[Made]) -> None:
        """Copies that have their names."""
        now = time.time()
        with self._writing() as db:
            for one in made:
                self._write_made(db, one, State.DONE, now)

    def failed(self, failed: Iterable[Failed]) -> None:
        """Files that are refused in this pass."""
        now = time.time()
        with self._writing() as db:
            for one in failed:
                _write_failed(db, one, State.REFUSED, now)

    def set_aside(self, failed: Failed) -> None:
        """A file whose every try ended badly; it is not tried again until it changes."""
        with self._writing() as db:
            _write_failed(db, failed, State.SET_ASIDE, time.time())

    # What it tells

    def counts(self) -> Counts:
        """How many files are where, at once."""
        with self._reading() as db:
            rows = db.execute("SELECT state, files, size FROM tally").fetchall()
        files = {state: sum(n for code, n, _ in rows if STATES[code] is state) for state in State}
        finished = (State.DONE, State.REFUSED, State.SET_ASIDE)
        return Counts(
            waiting=files[State.WAITING],
            taken=files[State.TAKEN],
            intended=files[State.INTENDED],
            done=files[State.DONE],
            refused=files[State.REFUSED],
            set_aside=files[State.SET_ASIDE],
            size=sum(size for _, _, size in rows),
            size_finished=sum(size for code, _, size in rows if STATES[code] in finished),
        )

    def snapshot(self, to: Path) -> None:
        """A copy of the ledger as it is now, in a file of its own; others go on writing."""
        with closing(opened(to)) as copy, faults(self.path), self._lock:
            self._db.backup(copy)

    # Within

    @property
    def _known_run(self) -> Run:
        if self._run is None:
            self._read_run()
        if self._run is None:
            raise ValueError("no run was begun")
        return self._run

    def _read_run(self) -> None:
        with self._reading() as db:
            db.execute("CREATE TEMP TABLE IF NOT EXISTS there (name TEXT PRIMARY KEY, size INTEGER) WITHOUT ROWID")
            row = db.execute("SELECT facts, passes FROM run").fetchone()
        self._run: Run | None = None
        self._pass = 0
        if row:
            facts = json.loads(row[0])
            self._run, self._pass = Run(**{**facts, "sources": tuple(facts["sources"])}), row[1]

    def _add(self, db: sqlite3.Connection, file: Found) -> None:
        name = file.place.name
        if not is_sayable(file.below, name):
            self._refuse(db, file)
            return
        row = db.execute("SELECT number, state, stamp, seen FROM file WHERE source = ?", (file.place.url,)).fetchone()
        if row is None:
            reserved = reserve(db, file.below, name, keep_names=self._known_run.keep_names)
            db.execute(
                "INSERT INTO file (source, name, key, size, stamp, seen) VALUES (?, ?, ?, ?, ?, ?)",
                (file.place.url, *reserved, file.size, file.stamp, self._pass),
            )
            return
        number, state, stamp, seen = row
        if seen == self._pass:
            return  # named twice
        if stamp != file.stamp:
            db.execute(
                "UPDATE file SET state = 0, attempts = 0, finished_at = NULL, seen = ?, size = ?, stamp = ?,"
                " replaces = coalesce(output_sha256, replaces), ending = NULL, output_sha256 = NULL WHERE number = ?",
                (self._pass, file.size, file.stamp, number),
            )
        elif state == CODES[State.WAITING]:
            db.execute("UPDATE file SET seen = ? WHERE number = ?", (self._pass, number))

    def _refuse(self, db: sqlite3.Connection, file: Found) -> None:
        problem = "its name, or its folder's, can't be written down or is no path"
        source = file.place.url.encode(errors="backslashreplace").decode().replace("\0", "\\0")
        db.execute(
            "INSERT OR IGNORE INTO file (source, size, stamp, seen, state, exit_code, problem, next_step, finished_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                source,
                file.size,
                file.stamp,
                self._pass,
                CODES[State.REFUSED],
                ExitCode.INPUT_REFUSED,
                problem,
                "Rename it.",
                time.time(),
            ),
        )

    def _write_made(self, db: sqlite3.Connection, made: Made, state: State, finished_at: float | None) -> None:
        task = self._task_of(db, made.number)
        db.execute(
            "UPDATE file SET state = ?, finished_at = ?, seconds = ?, ending = ?, output_size = ?, source_sha256 = ?,"
            " output_sha256 = ?, receipt_sha256 = ?, kind = ?, frames = ?, covered = ?, rounds = ?, added = ?,"
            " doubtful = ?, exit_code = NULL, problem = NULL, next_step = NULL WHERE number = ?",
            (
                CODES[state],
                finished_at,
                made.seconds,
                made.output.removeprefix(task.output),
                made.output_size,
                bytes.fromhex(made.source_sha256),
                bytes.fromhex(made.output_sha256),
                bytes.fromhex(made.receipt_sha256) if made.receipt_sha256 else None,
                made.kind,
                made.frames,
                made.covered,
                made.rounds,
                made.added,
                made.doubtful,
                made.number,
            ),
        )

    def _made(self, db: sqlite3.Connection, number: int) -> Made | None:
        row = db.execute(
            "SELECT ending, source_sha256, output_sha256, output_size, receipt_sha256, kind, frames, covered, rounds,"
            " added, doubtful, seconds FROM file WHERE number = ? AND ending IS NOT NULL",
            (number,),
        ).fetchone()
        if row is None:
            return None
        ending, source, output, size, receipt, *rest = row
        name = self._task_of(db, number).output + ending
        return Made(number, name, source.hex(), output.hex(), size, receipt.hex() if receipt else None, *rest)

    def _task_of(self, db: sqlite3.Connection, number: int) -> Task:
        row = db.execute("SELECT number, source, name, size FROM file WHERE number = ?", (number,)).fetchone()
        return _task(self._known_run, *row)

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        with self._lock, faults(self.path):
            yield self._db

    @contextmanager
    def _writing(self, *, durable: bool = False) -> Iterator[sqlite3.Connection]:
        with self._lock, faults(self.path):
            if durable:
                self._db.execute("PRAGMA synchronous = FULL")
            try:
                self._db.execute("BEGIN IMMEDIATE")
                try:
                    yield self._db
                    self._db.execute("COMMIT")
                except BaseException:
                    if self._db.in_transaction:
                        self._db.execute("ROLLBACK")
                    raise
            finally:
                if durable:
                    self._db.execute("PRAGMA synchronous = NORMAL")


def _batch(rest: Iterator[Found]) -> list[Found]:
    until = time.monotonic() + ADDED_WITHIN
    batch: list[Found] = []
    for file in islice(rest, ADDED_AT_ONCE):
        batch.append(file)
        if time.monotonic() > until:
            break
    return batch


def _task(run: Run, number: int, source: str, name: str, size: int) -> Task:
    receipt = Place(run.receipts).child(name).url if run.receipts is not None else None
    return Task(number, source, Place(run.output).child(name).url, receipt, size)


def _write_failed(db: sqlite3.Connection, failed: Failed, state: State, now: float) -> None:
    db.execute(
        "UPDATE file SET state = ?, exit_code = ?, problem = ?, next_step = ?, seconds = ?, finished_at = ?"
        " WHERE number = ?",
        (CODES[state], failed.exit_code, failed.problem, failed.next_step, failed.seconds, now, failed.number),
    )


def _must_fit(path: Path, earlier: Run, now: Run, *, resume: bool) -> None:
    if not resume:
        next_step = "Go on with --resume, or move it away, or choose another place with --worklog."
        raise UsageError(str(path), "is the ledger of an earlier run", next_step)
    differ = [name.replace("_", " ") for name, value in asdict(now).items() if getattr(earlier, name) != value]
    if differ:
        next_step = "Give the same as then, or begin a new run with another -o, or another --worklog."
        raise UsageError(str(path), f"the earlier run had other {', '.join(differ)}", next_step)
