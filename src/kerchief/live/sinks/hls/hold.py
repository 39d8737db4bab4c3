"""One run alone writes to a folder: two would take each other's pieces for their own."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from kerchief.errors import OutputError
from kerchief.store.locks import is_taken, is_there
from kerchief.store.publish import PRIVATE, cannot_write

#: An empty file that lies in the folder while it is written to.
MARK = ".kerchief-hls"
#: So often a mark is made anew when its owner removed it at once.
TRIES = 5


class Hold:
    """Holds a folder, from ``take`` to ``let_go``."""

    def __init__(self, folder: Path) -> None:
        self._mark = folder / MARK
        self._handle = -1

    @property
    def is_held(self) -> bool:
        """Whether the folder is held, and still the same one."""
        return self._handle >= 0 and is_there(self._handle, self._mark)

    def take(self) -> None:
        """Hold the folder, if it is not held yet.

        Raises:
            OutputError: another run holds it, or it can't be written to.
        """
        if self.is_held:
            return
        self.let_go()
        for _ in range(TRIES):
            try:
                handle = os.open(self._mark, os.O_RDWR | os.O_CREAT, PRIVATE)
            except OSError as error:
                raise cannot_write(self._mark.parent, error) from None
            if is_taken(handle):
                os.close(handle)
                break
            if is_there(handle, self._mark):
                self._handle = handle
                return
            os.close(handle)  # its owner removed it as it ended
        problem = "another run of `kerchief live` writes to this folder"
        raise OutputError(str(self._mark.parent), problem, "End that one, or give another folder.")

    def let_go(self) -> None:
        """Leave the folder to others. Twice does no harm."""
        handle, self._handle = self._handle, -1
        if handle < 0:
            return
        with suppress(OSError):
            if is_there(handle, self._mark):
                self._mark.unlink()
        os.close(handle)
