"""Where a run's ledger lies, and its copy beside a remote output: for the day when the driver's disk is lost."""

from __future__ import annotations

from pathlib import Path

from kerchief.scale.ledger import Ledger
from kerchief.scale.storage import Place, fetch, send
from kerchief.store.publish import draft

ENDING = ".ledger.sqlite"


def where(output: Place) -> Path:
    """A ledger's default place: beside the output folder, so that it is not published with it; of a remote one, here.

    Raises:
        UsageError: nothing can lie beside the output, which is a whole bucket or disk.
    """
    beside = output.beside(ENDING)
    return beside.path if beside.is_local else Path.cwd() / beside.name


def save(ledger: Ledger, output: Place) -> None:
    """Put a copy of the ledger beside a remote output.

    Raises:
        OutputError: it can't be written.
    """
    with draft(ledger.path.parent) as copy:
        ledger.snapshot(copy)
        send(copy, output.beside(ENDING), private=True)


def restore(output: Place, path: Path) -> bool:
    """Fetch the copy that lies beside a remote output, if there is one; whole or not at all.

    Args:
        output: folder of the copies.
        path: where the ledger goes; nothing is there.

    Raises:
        InputRefused: it can't be fetched.
        OutputError: the disk is full or fails.
    """
    with draft(path.parent) as here:
        if not fetch(output.beside(ENDING), here):
            return False
        for left in ("-wal", "-shm"):  # of a ledger that was moved away: SQLite would take them for this one's
            path.with_name(path.name + left).unlink(missing_ok=True)
        here.replace(path)
        return True
