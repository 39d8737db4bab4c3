"""Files in a folder, a new one after a while; each is verified before it has its name."""

from __future__ import annotations

from datetime import UTC, datetime
from math import inf
from pathlib import Path
from time import monotonic

from kerchief.errors import KerchiefError, OutputError, UsageError
from kerchief.live.covered import TIME_BASE, Covered, Form
from kerchief.live.events import Event, Tell
from kerchief.live.sinks.segments.footage import SUFFIX, Recorder
from kerchief.live.sinks.segments.prover import Prover
from kerchief.store.publish import cannot_write, draft
from kerchief.tools import Tools

SECONDS = 60.0


class Segments:
    """Segments in a folder, named by the time (UTC) at which they begin: ``20261126-061530Z.mp4``.

    Until it is verified a segment is a draft (``.kerchief-*.part``); what a killed process leaves of these is swept
    when the folder is written to again.

    Args:
        folder: made if it is missing.
        tools: style, margin, quality and rounds are their settings'; their networks look at the segments.
        tell: told of each segment.
        seconds: how long one is.
    """

    def __init__(self, folder: Path, tools: Tools, tell: Tell, seconds: float = SECONDS) -> None:
        self._folder, self._tools, self._tell = folder, tools, tell
        self._length = round(seconds * TIME_BASE[1] / TIME_BASE[0])
        self._form: Form | None = None
        self._recorder: Recorder | None = None
        #: When the segment is long enough by the clock.
        self._until = inf
        self._prover: Prover | None = None

    @property
    def name(self) -> str:
        """The folder."""
        return str(self._folder)

    def open(self, form: Form) -> None:
        """Begin; nothing is written yet.

        Raises:
            OutputError: the folder can't be made or written to.
            UsageError: it is a file.
        """
        if self._folder.exists() and not self._folder.is_dir():
            raise UsageError(self.name, "is no folder", "Give a folder for the segments.")
        with draft(self._folder, SUFFIX):
            pass
        self.close()
        self._form = form
        if self._prover is None:
            self._prover = Prover(self._folder, self._tools, self._tell)

    def send(self, covered: Covered) -> None:
        """Film the next frame; with it a new segment begins where the last is long enough.

        Raises:
            OutputError: the disk is full or fails; the segment is lost.
        """
        if self._form is None:
            raise OutputError(self.name, "is not open", "Open it first.")
        came = datetime.now(UTC)  # to cut may take long where many segments wait
        if self._recorder is not None and self._recorder.is_full(covered, self._length):
            self._cut()
        try:
            if self._recorder is None:
                self._recorder = Recorder(self._folder, self._form, self._tools.settings.quality, came)
                self._until = monotonic() + self._length * TIME_BASE[0] / TIME_BASE[1]
            self._recorder.film(covered)
        except OSError as error:
            self._drop()
            raise cannot_write(self._folder, error) from None

    def idle(self) -> None:
        """End the segment where it is long enough by the clock: when the next frame comes, nobody knows.

        Raises:
            OutputError: the disk is full or fails; the segment is lost.
        """
        if monotonic() >= self._until:
            self._cut()

    def close(self) -> None:
        """End the segment. Those that wait go on being verified while the next is filmed."""
        try:
            self._cut()
        except KerchiefError as error:
            self._tell(Event("segment lost", f"the last segment is lost: {error.problem}", {"problem": error.problem}))
        self._form = None

    def finish(self) -> None:
        """End the segment, and verify and publish all that wait; that takes as long as it takes."""
        self.close()
        prover, self._prover = self._prover, None
        if prover is not None:
            prover.finish()

    def _cut(self) -> None:
        """Hand the segment over to be verified."""
        if self._recorder is None or self._prover is None:
            return
        try:
            footage = self._recorder.cut()
        except OSError as error:
            self._drop()
            raise cannot_write(self._folder, error) from None
        self._recorder = None
        self._prover.give(footage)

    def _drop(self) -> None:
        if self._recorder is not None:
            self._recorder.drop()
            self._recorder = None
