"""Lists a run's files in a thread, while the first are worked on."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from threading import Event, Thread

from kerchief.errors import KerchiefError, Unexpected
from kerchief.scale.ledger.ledger import Ledger
from kerchief.scale.listing import Listing, list_into
from kerchief.scale.storage import Place


class Lister:
    """The thread. A context manager: at its end the listing is broken off if it has not ended.

    Args:
        path: of the ledger; a pass has begun.
        sources: files and folders.
        output: folder of the copies.
        of_pass: number of the pass.
    """

    def __init__(self, path: Path, sources: Sequence[Place], output: Place, of_pass: int) -> None:
        self._path, self._sources, self._output, self._of_pass = path, sources, output, of_pass
        self._stop, self._ended = Event(), Event()
        self._error: KerchiefError | None = None
        self.listing = Listing(is_whole=False)
        self._thread = Thread(target=self._run, daemon=True)

    def __enter__(self) -> Lister:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    @property
    def is_over(self) -> bool:
        """Whether it has ended, however."""
        return self._ended.is_set()

    @property
    def has_ended(self) -> bool:
        """Whether all files are in the ledger.

        Raises:
            KerchiefError: what ended the listing before its end.
        """
        if not self._ended.is_set():
            return False
        if self._error is not None:
            raise self._error
        return True

    def _run(self) -> None:
        try:
            # A connection of its own: the driver's must not wait for it.
            with Ledger(self._path, self._of_pass) as ledger:
                self.listing = list_into(ledger, self._sources, self._output, self._stop)
        except KerchiefError as error:
            self._error = error
        except Exception as error:  # noqa: BLE001 - a thread's outer edge
            self._error = Unexpected.of("", error)
        finally:
            self._ended.set()
