"""One run alone works on an output folder and a log, and it notices when the folder is not there any more."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import Self

from kerchief.errors import OutputError
from kerchief.store.locks import is_taken, is_there
from kerchief.store.publish import PRIVATE, cannot_write, sweep, sync_folder

#: An empty file that lies in the output folder while it is watched for. Where another folder lies without it, nothing
#: is written: a share that went away leaves an empty folder behind.
MARK = ".kerchief-watch"
#: So often a mark is taken anew when it was removed at once.
TRIES = 5


class Hold:
    """A context manager, within which nobody else has the folder or the log.

    Args:
        output: made if it is missing.
        worklog: the log.

    Raises:
        OutputError: another run has one of them, or the folder can't be written to.
    """

    def __init__(self, output: Path, worklog: Path) -> None:
        self._output = output
        self._mark = output / MARK
        self._locks = {self._mark: -1, worklog.with_name(f"{worklog.name}.lock"): -1}
        self._folder: tuple[int, int] | None = None
        self._one_at_a_time = Lock()

    def __enter__(self) -> Self:
        try:
            for path in self._locks:
                path.parent.mkdir(parents=True, exist_ok=True)
                self._locks[path] = _begun(path)
            self._folder = _number_of(self._output)
            for folder in self._output.absolute().parents:
                with suppress(OSError):  # one that may not be read was there before
                    sync_folder(folder)
            for name, _, _ in os.walk(self._output):
                sweep(Path(name))
        except BaseException:
            self._let_go()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._let_go()

    def check(self) -> None:
        """To be called before anything is written.

        Raises:
            OutputError: the output folder is not there, or another one is in its place.
        """
        with self._one_at_a_time:
            try:
                if is_there(self._locks[self._mark], self._mark):
                    return
                handle = self._taken_again()
            except OSError:
                problem = "the output folder is not there any more, or another one is in its place"
                raise OutputError(str(self._output), problem, "It is waited for.") from None
            os.close(self._locks[self._mark])
            self._locks[self._mark] = handle

    def _taken_again(self) -> int:
        """The mark of a share that came back, or a new one where somebody removed it from the folder.

        Raises:
            OSError: neither.
            OutputError: another run has it.
        """
        if _number_of(self._output) == self._folder:
            return _begun(self._mark)
        handle = os.open(self._mark, os.O_RDWR)
        try:
            if is_taken(handle):
                raise _is_watched(self._output)
            self._folder = _number_of(self._output)
        except BaseException:
            os.close(handle)
            raise
        return handle

    def _let_go(self) -> None:
        for path, handle in self._locks.items():
            if handle >= 0:
                with suppress(OSError):
                    if is_there(handle, path):
                        path.unlink()
                os.close(handle)
                self._locks[path] = -1


def _number_of(folder: Path) -> tuple[int, int]:
    """What tells a folder from another one in its place."""
    of = folder.stat()
    return of.st_dev, of.st_ino


def _begun(path: Path) -> int:
    """A lock file, open and locked."""
    for _ in range(TRIES):
        try:
            handle = os.open(path, os.O_RDWR | os.O_CREAT, PRIVATE)
        except OSError as error:
            raise cannot_write(path.parent, error) from None
        if is_taken(handle):
            os.close(handle)
            break
        if is_there(handle, path):
            return handle
        os.close(handle)  # its owner removed it as it ended
    raise _is_watched(path)


def _is_watched(path: Path) -> OutputError:
    return OutputError(str(path), "another run of `kerchief watch` is at work here", "End that one, or leave it to it.")
