"""What came of a file, as a row of the ledger."""

from __future__ import annotations

import sqlite3

from kerchief.scale.passes import Run
from kerchief.scale.schema import CODES
from kerchief.scale.storage import Place
from kerchief.scale.tasks import Failed, Made, State, Task

#: What every try of a file is told besides its number.
TASK = "number, source, name, size"


def task_of(run: Run, number: int, source: str, name: str, size: int) -> Task:
    """A task, from its columns."""
    receipt = Place(run.receipts).child(name).url if run.receipts is not None else None
    return Task(number, source, Place(run.output).child(name).url, receipt, size)


def write_made(db: sqlite3.Connection, run: Run, made: Made, state: State, finished_at: float | None) -> None:
    """Write down a copy: one that is about to get its name, or has it."""
    db.execute(
        "UPDATE file SET state = ?, finished_at = ?, seconds = ?, exit_code = NULL, problem = NULL, next_step = NULL,"
        " ending = ?, source_sha256 = ?, output_sha256 = ?, output_size = ?, receipt_sha256 = ?,"
        " kind = ?, frames = ?, covered = ?, rounds = ?, added = ?, doubtful = ? WHERE number = ?",
        (
            CODES[state],
            finished_at,
            made.seconds,
            _ending(db, run, made),
            bytes.fromhex(made.source_sha256),
            bytes.fromhex(made.output_sha256),
            made.output_size,
            None if made.receipt_sha256 is None else bytes.fromhex(made.receipt_sha256),
            made.kind,
            made.frames,
            made.covered,
            made.rounds,
            made.added,
            made.doubtful,
            made.number,
        ),
    )


def read_made(db: sqlite3.Connection, run: Run, number: int) -> Made | None:
    """The copy that was written down last; None: none was since the original is as it is."""
    row = db.execute(
        "SELECT name, ending, source_sha256, output_sha256, output_size, receipt_sha256, kind, frames, covered, rounds,"
        " added, doubtful, seconds FROM file WHERE number = ? AND ending IS NOT NULL",
        (number,),
    ).fetchone()
    if row is None:
        return None
    name, ending, source, output, size, receipt, kind, frames, covered, rounds, added, doubtful, seconds = row
    return Made(
        number=number,
        output=Place(run.output).child(name + ending).url,
        source_sha256=source.hex(),
        output_sha256=output.hex(),
        output_size=size,
        receipt_sha256=None if receipt is None else receipt.hex(),
        kind=kind,
        frames=frames,
        covered=covered,
        rounds=rounds,
        added=added,
        doubtful=doubtful,
        seconds=seconds,
    )


def write_failed(db: sqlite3.Connection, failed: Failed, state: State, finished_at: float) -> None:
    """Write down why there is no copy."""
    db.execute(
        "UPDATE file SET state = ?, finished_at = ?, seconds = ?, exit_code = ?, problem = ?, next_step = ?"
        " WHERE number = ?",
        (
            CODES[state],
            finished_at,
            failed.seconds,
            failed.exit_code,
            failed.problem,
            failed.next_step,
            failed.number,
        ),
    )


def _ending(db: sqlite3.Connection, run: Run, made: Made) -> str:
    name = db.execute("SELECT name FROM file WHERE number = ?", (made.number,)).fetchone()[0]
    reserved = Place(run.output).child(name).url
    if not made.output.startswith(reserved):
        raise ValueError(f"{made.output} is not the copy that {reserved} was reserved for")
    return made.output.removeprefix(reserved)
