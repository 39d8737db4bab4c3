"""How far a run over very many files is, on standard error: files done, found and failed, speed and time left.

In a terminal a bar; elsewhere, as in the log of a night, a line every minute.
"""

from __future__ import annotations

import sys
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, TextColumn
from rich.progress import Progress as Bars

from kerchief.cli.bar import shortened
from kerchief.cli.report import say
from kerchief.ports import Phase

if TYPE_CHECKING:
    from kerchief.ports import Progress
    from kerchief.scale.ledger.ledger import Counts
    from kerchief.scale.progress import RunProgress

#: The speed is that of the last so many seconds.
WINDOW = 60.0
#: So many of the long films are shown that are being worked on.
SHOWN = 2
#: From one line of a log to the next, in seconds.
EVERY = 60.0


@contextmanager
def counted(label: str) -> Iterator[RunProgress]:
    """A bar that is gone at the end, or lines that stay."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield Counted(label, _lines())
        return
    with Bars(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        console=console,
        transient=True,
        # Rich would write what is printed meanwhile above the bar, and not to the file that it was sent to.
        redirect_stdout=sys.stdout.isatty(),
    ) as bars:
        task = bars.add_task(label, total=None)

        def show(text: str, done: int, total: int | None) -> None:
            bars.update(task, description=text, completed=done, total=total)

        yield Counted(label, show)


class Counted:
    """See ``scale.run.RunProgress``.

    Args:
        label: what is being done.
        show: is given a text, the files that are finished, and how many there are, if that is known.
        clock: seconds that go by.
    """

    def __init__(
        self, label: str, show: Callable[[str, int, int | None], None], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._label, self._show, self._clock = label, show, clock
        self._seen: deque[tuple[float, int]] = deque()
        self._films: dict[str, str] = {}

    def tell(self, text: str) -> None:
        """See ``RunProgress``."""
        say(f"kerchief: {text}")

    @contextmanager
    def file(self, name: str) -> Iterator[Progress]:
        """See ``RunProgress``: shown with what is told next of the run."""

        def told(phase: Phase, done: int, total: int) -> None:
            self._films[name] = f"{shortened(name)}: {phase} {100 * done // max(1, total)} %"

        try:
            yield told
        finally:
            self._films.pop(name, None)

    def so_far(self, counts: Counts, *, is_listed: bool) -> None:
        """Show it."""
        now = self._clock()
        self._seen.append((now, counts.finished))
        while len(self._seen) > 2 and self._seen[1][0] <= now - WINDOW:
            self._seen.popleft()
        said = f"{self._label}: {counts.finished:,} of {counts.found:,} files{'' if is_listed else ' found so far'}"
        said += f", {counts.failed:,} failed" if counts.failed else ""
        rate = self._rate()
        if rate:
            said += f", {rate:.3g} a second"
            said += f", {_duration((counts.found - counts.finished) / rate)} left" if is_listed else ""
        said += "".join(f"; {film}" for film in list(self._films.values())[:SHOWN])
        self._show(said, counts.finished, counts.found if is_listed else None)

    def _rate(self) -> float:
        """Files a second of late; those that were finished before this pass are in every count."""
        (since, before), (now, done) = self._seen[0], self._seen[-1]
        return (done - before) / (now - since) if now > since else 0.0


def _lines() -> Callable[[str, int, int | None], None]:
    last = time.monotonic()

    def show(text: str, done: int, total: int | None) -> None:
        nonlocal last
        if time.monotonic() - last >= EVERY:
            last = time.monotonic()
            say(text)

    return show


def _duration(seconds: float) -> str:
    """In two units at most."""
    minutes = round(seconds / 60)
    if minutes < 1:
        return f"{seconds:.0f} s"
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    if days:
        return f"{days} d {hours} h"
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"
