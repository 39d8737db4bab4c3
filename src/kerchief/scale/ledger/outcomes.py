"""What came of a file, as a row of the ledger."""

from __future__ import annotations

import sqlite3

from kerchief.scale.ledger.passes import Run
from kerchief.scale.ledger.schema import CODES
from kerchief.scale.storage import Place
from kerchief.scale.tasks import Failed, Made, State, Task

#: What every try of a file is told besides its number.
TASK = "number, source, name, size"


def task_of(run: Run, number: int, source: str, name: str, size: int) -> Task:
    """A task, from its columns."""
    receipt = Place(run.receipts).child(name).url if run.receipts is not None else None
    return Task(number, source, Place(run.output).child(name).url, receipt, size)


#: Digests of all copies that may have a file's name, and of all receipts, one after the other; "||" makes text of them.
COPIES = "CAST(coalesce(replaces, x'') || coalesce(output_sha256, x'') AS BLOB)"
RECEIPTS = "CAST(coalesce(replaces_receipt, x'') || coalesce(receipt_sha256, x'') AS BLOB)"
#: A copy that was written down is no longer the last one, but what lies under its name may be it still: ``replaces``.
SUPERSEDED = f" replaces = nullif({COPIES}, x''), replaces_receipt = nullif({RECEIPTS}, x'')"


def write_intent(db: sqlite3.Connection, run: Run, made: Made) -> None:
    """Write down a copy that is about to get its name; what may have that name by now is not forgotten for it."""
    db.execute(
        f"UPDATE file SET {SUPERSEDED} WHERE number = ? AND output_sha256 IS NOT NULL"  # noqa: S608 - ours
        " AND (output_sha256 IS NOT ? OR receipt_sha256 IS NOT ?)",
        (made.number, bytes.fromhex(made.output_sha256), _bytes(made.receipt_sha256)),
    )
    _write_made(db, run, made, State.INTENDED, None)


def write_done(db: sqlite3.Connection, run: Run, made: Made, finished_at: float) -> None:
    """Write down a copy that has its name: no other has."""
    _write_made(db, run, made, State.DONE, finished_at)
    db.execute("UPDATE file SET replaces = NULL, replaces_receipt = NULL WHERE number = ?", (made.number,))


def read_replaced(db: sqlite3.Connection, number: int) -> tuple[frozenset[str], frozenset[str]]:
    """Digests of the copies of ours that may have the name, and of the receipts; the last intent's are among them."""
    row = db.execute(
        f"SELECT {COPIES}, {RECEIPTS} FROM file WHERE number = ?",  # noqa: S608 - ours
        (number,),
    ).fetchone()
    copies, receipts = (frozenset(one[k : k + 32].hex() for k in range(0, len(one), 32)) for one in row)
    return copies, receipts


def _write_made(db: sqlite3.Connection, run: Run, made: Made, state: State, finished_at: float | None) -> None:
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
            _bytes(made.receipt_sha256),
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


def _bytes(digest: str | None) -> bytes | None:
    return None if digest is None else bytes.fromhex(digest)


def _ending(db: sqlite3.Connection, run: Run, made: Made) -> str:
    name = db.execute("SELECT name FROM file WHERE number = ?", (made.number,)).fetchone()[0]
    reserved = Place(run.output).child(name).url
    if not made.output.startswith(reserved):
        raise ValueError(f"{made.output} is not the copy that {reserved} was reserved for")
    return made.output.removeprefix(reserved)
