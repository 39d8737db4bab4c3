"""The bars on standard error: how many files are done, and how far the long ones are that are being worked on."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TaskID, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bars

from kerchief.ports import Phase

if TYPE_CHECKING:
    from kerchief.ports import BatchProgress, Progress

#: Longer names of files are shortened, so that the bar stays on its line.
NAME_WIDTH = 28
#: Where each phase begins and ends in the work on a film: roughly, as seen on two small clips. A further round is not
#: foreseen. So the time left for all files goes on while a long one is worked on.
SHARES = {Phase.LOOKING: (0.0, 0.6), Phase.COVERING: (0.6, 0.7), Phase.CHECKING: (0.7, 1.0)}


@contextmanager
def progress_bars(label: str) -> Iterator[BatchProgress]:
    """Bars with time left, gone at the end; silent where standard error is no terminal."""
    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Bars(
        *columns,
        console=console,
        transient=True,
        disable=not console.is_terminal,
        # Rich would write what is printed meanwhile above the bars, and not to the file that it was sent to.
        redirect_stdout=sys.stdout.isatty(),
    ) as bars:
        yield _Batch(bars, label)


def shortened(name: str) -> str:
    """A file's name that leaves room on a line."""
    return name if len(name) <= NAME_WIDTH else f"{name[: NAME_WIDTH - 1]}…"


class _Batch:
    """One bar for the files; see ``ports.BatchProgress``."""

    def __init__(self, bars: Bars, label: str) -> None:
        self._bars = bars
        self._task = bars.add_task(label, total=None, visible=False)

    def files(self, total: int) -> None:
        """Shown where there are several."""
        self._bars.update(self._task, total=total, visible=total > 1)

    @contextmanager
    def file(self, name: str) -> Iterator[Progress]:
        """A bar of its own for a file of several frames; a photo is done before anybody has read its name."""
        bar = _FileBar(self._bars, name, self._task)
        try:
            yield bar
        finally:
            bar.close()
            self._bars.advance(self._task, 1 - bar.share)


class _FileBar:
    """The bar of one file: its phase, and the time that is left of that phase. See ``ports.Progress``."""

    def __init__(self, bars: Bars, name: str, files: TaskID) -> None:
        self.share = 0.0
        self._bars, self._files = bars, files
        self._name = shortened(name)
        self._shown: tuple[TaskID, Phase, bool] | None = None
        self._rounds = 0

    def __call__(self, phase: Phase, done: int, total: int) -> None:
        if total == 1:
            return
        is_new = done == 0 or self._shown is None or self._shown[1] is not phase
        self._rounds += is_new and phase is Phase.COVERING
        # Rich can't forget a total, nor a phase's speed: both need a new bar.
        if is_new or self._shown is None or self._shown[2] != (total > 0):
            self.close()
            again = f", round {self._rounds}" if self._rounds > 1 else ""
            task = self._bars.add_task(f"{self._name}: {phase}{again}", total=total or None)
            self._shown = (task, phase, total > 0)
        self._bars.update(self._shown[0], completed=done, total=total or None)
        self._advance(phase, done / total if total else 0.0)

    def _advance(self, phase: Phase, part: float) -> None:
        """The share of this file that is done, for the bar of all files; it never goes back."""
        begin, end = SHARES[phase]
        share = max(self.share, begin + (end - begin) * part)
        self._bars.advance(self._files, share - self.share)
        self.share = share

    def close(self) -> None:
        """Take the bar away."""
        if self._shown is not None:
            self._bars.remove_task(self._shown[0])
            self._shown = None
