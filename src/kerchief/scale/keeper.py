"""Puts a snapshot of the ledger beside a remote output now and then: for the day when the driver's disk is lost.

The first one as soon as all names are in it, so that a run that goes on from it gives no copy another name.
"""

from __future__ import annotations

import time
from contextlib import suppress
from threading import Event, Thread

from kerchief.errors import KerchiefError
from kerchief.scale.ledger import Ledger
from kerchief.scale.lister import Lister
from kerchief.scale.snapshots import save
from kerchief.scale.storage import Place

#: From one snapshot to the next, and from one look at the listing to the next, in seconds.
EVERY, LOOK = 600.0, 1.0


class Keeper:
    """A thread that does so while work goes on. A context manager.

    Args:
        ledger: of the run.
        output: folder of the copies; beside a local one the ledger lies itself, and nothing is done.
        lister: lists files into the ledger.
    """

    def __init__(self, ledger: Ledger, output: Place, lister: Lister) -> None:
        self._ledger, self._output, self._lister = ledger, output, lister
        self._stop = Event()
        self._thread = Thread(target=self._keep, daemon=True)

    def __enter__(self) -> Keeper:
        if not self._output.is_local:
            self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()

    def _keep(self) -> None:
        was_listed, last = False, time.monotonic()
        while not self._stop.wait(LOOK):
            is_listed, now = self._lister.is_over, time.monotonic()
            if is_listed != was_listed or now - last > EVERY:
                with suppress(KerchiefError):  # the last one, at the end, tells
                    save(self._ledger, self._output)
                was_listed, last = is_listed, time.monotonic()
