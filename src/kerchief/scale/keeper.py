"""Puts a copy of the ledger into a store now and then: for the day when the driver's disk is lost.

The first one before the work, to see whether that is allowed; the second as soon as all names are in it, so that a run
that goes on from it gives no copy another name.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Event, Thread

from kerchief.errors import KerchiefError, Unexpected
from kerchief.scale.ledger.ledger import Ledger
from kerchief.scale.ledger.snapshots import Kept, save
from kerchief.scale.lister import Lister

#: From one snapshot to the next, and from one look at the listing to the next, in seconds.
EVERY, LOOK = 600.0, 1.0


class Keeper:
    """A thread that does so while work goes on. A context manager.

    Args:
        kept: where the ledger is, and where its copies go, if anywhere.
        lister: lists files into the ledger.
        tell: is told why a copy could not be put there; the work goes on. From another thread.
    """

    def __init__(self, kept: Kept, lister: Lister, tell: Callable[[str], None]) -> None:
        self._kept, self._lister, self._tell = kept, lister, tell
        self._stop = Event()
        self._thread = Thread(target=self._keep, daemon=True)

    def __enter__(self) -> Keeper:
        if self._kept.snapshots is not None:
            self.save()
            self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()

    def save(self) -> None:
        """Put one there now.

        Raises:
            OutputError: it can't be written.
        """
        if self._kept.snapshots is not None:
            # A connection of its own: a copy takes as long as the ledger is large, and the driver's must not wait.
            with Ledger(self._kept.path) as ledger:
                save(ledger, self._kept.snapshots)

    def _keep(self) -> None:
        was_listed, last = False, time.monotonic()
        while not self._stop.wait(LOOK):
            is_listed, now = self._lister.is_over, time.monotonic()
            if is_listed != was_listed or now - last > EVERY:
                self._try_to_save()
                was_listed, last = is_listed, time.monotonic()

    def _try_to_save(self) -> None:
        try:
            self.save()
        except KerchiefError as error:
            self._tell(str(error))
        except Exception as error:  # noqa: BLE001 - a thread's outer edge
            self._tell(str(Unexpected.of(str(self._kept.snapshots), error)))
