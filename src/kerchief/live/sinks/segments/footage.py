"""A segment while it is filmed: a draft, and what is covered in each of its frames, for the look at it."""

from __future__ import annotations

from contextlib import ExitStack, suppress
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from pathlib import Path
from typing import BinaryIO

from kerchief.live.covered import TIME_BASE, Covered, Form
from kerchief.live.sinks.segments.moments import Moment
from kerchief.media.films.picture import Canvas
from kerchief.media.streams.writing import Container, LiveWriter
from kerchief.ports import YuvFrame
from kerchief.store.publish import draft

SUFFIX = ".mp4"
#: Exact times, and nothing of the writer. The index comes last: to put it first holds up the whole process.
MP4 = Container("mp4", {"video_track_timescale": str(TIME_BASE[1]), "movie_timescale": str(TIME_BASE[1])})


@dataclass(frozen=True, slots=True, eq=False)
class Footage:
    """A segment that is filmed, and not published yet.

    Attributes:
        path: the draft.
        began: when its first frame came.
        moments: of its frames.
        length: of all frames together, in units of ``TIME_BASE``.
    """

    path: Path
    began: datetime
    moments: tuple[Moment, ...]
    length: int
    _stack: ExitStack

    def drop(self) -> None:
        """Remove the draft."""
        with suppress(OSError):
            self._stack.close()


class Recorder:
    """Films one segment into a draft.

    Args:
        folder: where the draft lies.
        form: of all frames.
        quality: 1 to 100.
        began: when the first frame came.

    Raises:
        OutputError: the folder can't be made or written to.
        OSError: the disk is full or fails; of every method.
    """

    def __init__(self, folder: Path, form: Form, quality: int, began: datetime) -> None:
        self._began = began
        self._first: int | None = None
        self._moments: list[Moment] = []
        self._length = 0
        canvas = Canvas(form.width, form.height, form.rate, Fraction(*TIME_BASE), form.colour)
        with ExitStack() as stack:
            self._path = stack.enter_context(draft(folder, SUFFIX))
            self._file: BinaryIO = stack.enter_context(self._path.open("wb"))
            self._writer = LiveWriter(self._file, MP4, canvas, quality)
            self._stack = stack.pop_all()

    def is_full(self, covered: Covered, length: int) -> bool:
        """Whether a frame lies at least so far after the first, in units of ``TIME_BASE``."""
        return self._first is not None and covered.frame.pts - self._first >= length

    def film(self, covered: Covered) -> None:
        """Write the next frame."""
        frame = covered.frame
        if self._first is None:
            self._first = frame.pts
        pts = frame.pts - self._first
        self._writer.write(YuvFrame(pts, frame.duration, frame.planes))
        self._moments.append(Moment(pts, covered.regions, covered.is_veiled))
        self._length = pts + frame.duration

    def cut(self) -> Footage:
        """End the segment."""
        self._writer.close()
        self._file.close()
        return Footage(self._path, self._began, tuple(self._moments), self._length, self._stack)

    def drop(self) -> None:
        """Remove the draft."""
        with suppress(OSError):
            self._stack.close()
