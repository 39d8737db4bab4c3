"""What a run is, and whether a pass goes on with it. A pass is one start of the command, until it ends or is killed."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import asdict, dataclass
from pathlib import Path

from kerchief.errors import OutputError, UsageError
from kerchief.scale.ledger.schema import CODES, HANDED
from kerchief.scale.storage import Place
from kerchief.scale.tasks import State


@dataclass(frozen=True, slots=True)
class Run:
    """What a run is: passes that have the same one go on with the same ledger.

    Attributes:
        sources: absolute paths or URLs, in the user's order.
        output: folder of the copies, likewise.
        receipts: folder of the receipts, likewise; None: none are written.
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


def read(db: sqlite3.Connection) -> tuple[Run, int] | None:
    """The ledger's run, and how many passes were begun; None: none was."""
    row = db.execute("SELECT facts, passes FROM run").fetchone()
    if row is None:
        return None
    facts = json.loads(row[0])
    return Run(**{**facts, "sources": tuple(facts["sources"])}), row[1]


def begin(db: sqlite3.Connection, path: Path, run: Run, *, resume: bool) -> int:
    """Begin a pass, and give its number: what an earlier one left undone is waiting again, refused files too.

    Args:
        db: the ledger, in a transaction.
        path: where it lies.
        run: the run.
        resume: whether it may be a later pass than the first.

    Raises:
        UsageError: there was a pass and ``resume`` is not given, or it was of another run; or the ledger's own path
            is not UTF-8, so that no report can name it.
    """
    Place.of(str(path))
    earlier = read(db)
    if earlier is None:
        db.execute("INSERT INTO run VALUES (?, 1, 0, 0)", (json.dumps(asdict(run)),))
        return 1
    _must_fit(path, earlier[0], run, resume=resume)
    db.execute("UPDATE run SET passes = passes + 1")
    broken_off = (HANDED, CODES[State.TAKEN], CODES[State.INTENDED])
    db.execute("UPDATE file SET state = 0 WHERE state IN (?, ?, ?)", broken_off)
    db.execute(
        "UPDATE file SET state = 0, attempts = 0, refusals = refusals + 1, finished_at = NULL"
        " WHERE state > 4 AND state = ? AND name IS NOT NULL",
        (CODES[State.REFUSED],),
    )
    return earlier[1] + 1


def must_be(db: sqlite3.Connection, path: Path, this: int) -> None:
    """A process that outlives its pass, on a node that was lost for a while, must not write into the next one.

    Raises:
        OutputError: another pass than this has begun.
    """
    if db.execute("SELECT passes FROM run WHERE passes = ?", (this,)).fetchone() is None:
        raise OutputError(str(path), "another pass has begun", "Leave the work to that one.")


def _must_fit(path: Path, earlier: Run, now: Run, *, resume: bool) -> None:
    if not resume:
        next_step = "Go on with --resume, or move it away, or choose another place with --worklog."
        raise UsageError(str(path), "is the ledger of an earlier run", next_step)
    differ = [name.replace("_", " ") for name, value in asdict(now).items() if getattr(earlier, name) != value]
    if differ:
        next_step = "Give the same as then, or begin a new run with another -o or another --worklog."
        raise UsageError(str(path), f"the earlier run was begun with other {', '.join(differ)}", next_step)
