"""Where a run's ledger lies, and the copy of it in a store that a user may want: for when the driver's disk is lost.

Both name originals. So nothing of them goes to a store unless the user names a place there.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from kerchief.errors import KerchiefError, UsageError
from kerchief.scale.ledger.ledger import Ledger, Run
from kerchief.scale.storage import Place, fetch, send
from kerchief.store.publish import draft

ENDING = ".ledger.sqlite"


@dataclass(frozen=True, slots=True)
class Kept:
    """Where a ledger is.

    Attributes:
        path: the ledger itself, on this machine.
        snapshots: where copies of it are put; None: nowhere.
    """

    path: Path
    snapshots: Place | None = None


def where(output: Place, named: Place | None) -> Kept:
    """Where a ledger is.

    Args:
        output: folder of the copies. By default the ledger lies beside it, so that it is not published with it; that
            of a folder in a store lies in the current folder.
        named: another place for it; in a store: for its copies, and it lies in the current folder.

    Raises:
        UsageError: nothing can lie beside the output, which is a whole bucket or disk; or the URL names no file.
    """
    if named is not None and named.is_local:
        return Kept(named.path)
    if named is not None:
        if not named.name:
            raise UsageError("--worklog", f"{named} names no file", "Name one, as in s3://BUCKET/run.ledger.sqlite.")
        return Kept(Path.cwd() / named.name, named)
    return Kept(here(output, ENDING))


def here(output: Place, ending: str) -> Path:
    """A private file of a run on this machine: beside the output, or in the current folder if that is in a store.

    Raises:
        UsageError: nothing can lie beside the output.
    """
    beside = output.beside(ending)
    return beside.path if beside.is_local else Path.cwd() / beside.name


def save(ledger: Ledger, to: Place) -> None:
    """Put a copy of a ledger into a store.

    Raises:
        OutputError: it can't be written.
    """
    with draft(ledger.path.parent) as copy:
        ledger.snapshot(copy)
        send(copy, to, private=True)


def restore(kept: Kept, run: Run, *, resume: bool) -> None:
    """Look at the copy in the store, if there is one, and take it where the ledger itself is missing.

    Args:
        kept: where both are.
        run: what the next pass is of.
        resume: whether it may go on with an earlier one.

    Raises:
        UsageError: the copy is of another run, or of an earlier pass and ``resume`` is not given.
        InputRefused: it can't be fetched.
        OutputError: it is no ledger, or the disk is full or fails.
    """
    if kept.snapshots is None:
        return
    with draft(kept.path.parent) as copy:
        if not fetch(kept.snapshots, copy):
            return
        _must_fit(copy, kept.snapshots, run, resume=resume)
        if not kept.path.exists():
            for left in ("-wal", "-shm"):  # of a ledger that was moved away: SQLite would take them for this one's
                kept.path.with_name(kept.path.name + left).unlink(missing_ok=True)
            copy.replace(kept.path)


def _must_fit(copy: Path, place: Place, run: Run, *, resume: bool) -> None:
    """Try it: a pass begins with a copy of the copy."""
    with draft(copy.parent) as trial:
        shutil.copyfile(copy, trial)
        try:
            with Ledger(trial) as ledger:
                if not ledger.is_new and ledger.counts().found:
                    ledger.begin_run(run, resume=resume)
        except KerchiefError as error:
            raise error.about(str(place)) from None
