"""The parent's side: opens files through the child, starts a new child when one dies."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self, cast

from kerchief.errors import InputRefused
from kerchief.media.limits import Limits
from kerchief.metadata import Finding
from kerchief.plan.model import Cut
from kerchief.ports import Frame, MediaInfo, MediaKind, Samples, YuvFrame
from kerchief.sandbox.spawn import end, spawn
from kerchief.sandbox.watchdog import Watchdog
from kerchief.sandbox.wire import (
    REPLY,
    Broken,
    Done,
    FilmFrame,
    Listen,
    Marks,
    Open,
    Opened,
    Passed,
    Picture,
    Read,
    Ready,
    Refused,
    Reply,
    SoundBlock,
    Survey,
    Visit,
    receive,
    receive_film_frame,
    receive_frame,
    receive_samples,
    send,
)

DOCTOR = "Run `kerchief doctor`."
#: A disk that is slower than this is given up on.
SLOW_BYTES_A_SECOND = 10e6
LEAVE_OUT = "Leave this file out, or open it in an image editor and save it anew."


class Decoder:
    """Opens image files in a child process that is kept for the next file.

    Use it as a context manager. It serves one file at a time; whatever is left of the file before is dropped.

    Args:
        limits: bounds for each file.
        child: a child that was started with these limits already.
    """

    def __init__(self, limits: Limits | None = None, child: subprocess.Popen[bytes] | None = None) -> None:
        self.limits = limits or Limits()
        self._child = child
        self._busy = self._ready = self._closed = False
        self._waiting: Opened | None = None
        self._film: Opened | None = None
        self._path: Path | None = None
        self._watchdog = Watchdog(self.limits.seconds)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def start(self) -> None:
        """Start the child now, so that it loads while other things do.

        Raises:
            InputRefused: it can't be started, or the decoder was closed (so that an interrupted run ends).
        """
        if self._closed:
            raise InputRefused("", "the run was interrupted", "Run it again.")
        if self._child is None or self._child.poll() is not None:
            self._drop()
            try:
                self._child = spawn(self.limits)
            except OSError:
                raise InputRefused("", "the decoder process does not start", DOCTOR) from None
            self._busy = self._ready = False

    def close(self) -> None:
        """End the child for good; a thread that waits for it gets an error, and no new one is started."""
        self._closed = True
        self._drop()
        self._watchdog.stop()

    def _drop(self) -> None:
        """End the child; the next file gets a new one."""
        if self._child is not None:
            end(self._child)
            self._child = self._waiting = self._film = None

    def open(
        self, path: Path, cut: Cut | None = None, *, with_sound: bool = False
    ) -> tuple[MediaInfo, tuple[Finding, ...], Iterator[Frame | YuvFrame | Samples]]:
        """What a file is, what it holds besides its picture, and its frames one by one.

        Args:
            path: the file.
            cut: the part of a film that is wanted; all if not given.
            with_sound: whether a film's sound is read, and comes between its frames.

        Raises:
            InputRefused: unreadable, unsupported, damaged or over a limit; also while the frames are read, which is
                when most cut-off files are noticed.
        """
        opened = self._open(path, cut, with_sound=with_sound)
        if opened.info.kind is MediaKind.VIDEO:
            self._busy, self._waiting, self._film, self._path = False, opened, opened, path
            return opened.info, opened.findings, self._all(path, opened)
        return opened.info, opened.findings, self._frames(path, opened.info, self._living)

    @property
    def can_visit(self) -> bool:
        """Whether the file that was opened last is a film, and its process lives."""
        is_alive = self._child is not None and self._child.poll() is None
        return self._film is not None and is_alive and not self._busy

    def visit(self, path: Path, at: int, since: int = 0, before: int = 0, after: int = 0) -> Iterator[YuvFrame]:
        """The frame of the film that was opened last that is on screen at a time, and some beside it, in order.

        May be asked as often as wanted. Read all frames before anything else is asked.

        Args:
            path: the film.
            at: the time, in the film's time base. After the film's end its last frame is on screen.
            since: a time from which on frames before it are wanted.
            before: how many of them at most, those nearest to it.
            after: how many frames after it are wanted at most.

        Raises:
            InputRefused: as ``open``; also where no film is open.
        """
        info = self._ask_of_film(path, Visit(at=at, since=min(at, since), before=before, after=after))
        last, count = -1, 0
        for frame in self._frames(path, info, self._living):
            count += 1
            is_next = isinstance(frame, YuvFrame) and frame.pts > last and count <= before + 1 + after
            if not (
                is_next and isinstance(frame, YuvFrame) and (frame.width, frame.height) == (info.width, info.height)
            ):
                raise self._out_of_form(path)
            last = frame.pts
            yield frame
        if not count:
            raise self._out_of_form(path)

    def survey(self, path: Path) -> tuple[list[int], list[int]]:
        """When the frames of the film that was opened last are shown, and from which of them decoding can start.

        Both rise from 0 on; both are empty where a jump into the film can't be trusted. Errors as ``visit``.
        """
        info = self._ask_of_film(path, Survey())
        times: list[int] = []
        keyframes: list[int] = []
        while isinstance(reply := self._next(path, self._living), Marks | Passed):
            if isinstance(reply, Passed):
                continue
            is_rising = all(a < b for a, b in pairwise((*times[-1:], *reply.times)))
            are_of_them = set(reply.keyframes) <= set(reply.times) and sorted(reply.keyframes) == list(reply.keyframes)
            if not (is_rising and are_of_them and len(times) <= info.size_bytes):  # a packet has a byte at least
                raise self._out_of_form(path)
            times += reply.times
            keyframes += reply.keyframes
        self._busy = False
        if not isinstance(reply, Done):
            raise self._out_of_form(path)
        return times, keyframes

    def part(self, path: Path, cut: Cut) -> Iterator[YuvFrame]:
        """The frames of a part of the film that was opened last, without its sound. May be asked again and again.

        Errors as ``visit``.
        """
        info = self._ask_of_film(path, Read(cut=cut))
        yield from (frame for frame in self._frames(path, info, self._living) if isinstance(frame, YuvFrame))

    def has_open(self, path: Path, sha256: str) -> bool:
        """Whether this file, with these bytes, is the film that was opened last, and can be asked for more of it."""
        return self.can_visit and self._path == path and self._film is not None and self._film.info.sha256 == sha256

    def listen(self, path: Path, until: int) -> Iterator[Samples]:
        """The sound alone of the part that was opened last, as long as a film that lasts until a time.

        Errors as ``visit``.
        """
        info = self._ask_of_film(path, Listen(until=until))
        yield from (part for part in self._frames(path, info, self._living) if isinstance(part, Samples))

    def _ask_of_film(self, path: Path, request: Read | Visit | Survey | Listen) -> MediaInfo:
        """Ask something of the film that is open, and what it is."""
        if self._film is None or not self.can_visit:
            raise InputRefused(str(path), "the film is not open", "Open it again.")
        info = self._film.info
        self._ask(path, request)
        return info

    def _all(self, path: Path, opened: Opened) -> Iterator[Frame | YuvFrame | Samples]:
        """The frames of a film; they are asked for when the first is wanted, so that opening one costs little."""
        if self._waiting is not opened:
            raise InputRefused(str(path), "another file was opened in between", "Open it again.")
        self._ask(path, Read())
        yield from self._frames(path, opened.info, self._living)

    def _open(self, path: Path, cut: Cut | None, *, with_sound: bool) -> Opened:
        if self._busy or (self._child is not None and self._watchdog.has_killed(self._child)):
            self._drop()
        self.start()
        self._wait_until_ready(path)
        self._film = None
        self._ask(path, Open(path=str(path.absolute()), cut=cut, with_sound=with_sound))
        reply = self._next(path, self._living, _seconds_to_read(path))
        if not isinstance(reply, Opened):
            raise self._out_of_form(path)
        return reply

    @property
    def _living(self) -> subprocess.Popen[bytes]:
        if self._child is None:
            raise InputRefused("", "the run was interrupted", "Run it again.")
        return self._child

    def _ask(self, path: Path, request: Open | Read | Visit | Survey | Listen) -> None:
        self._busy, self._waiting = True, None
        try:
            send(cast("BinaryIO", self._living.stdin), request)
        except (OSError, ValueError):  # it died, or its pipe was closed
            self._drop()
            raise InputRefused(str(path), "the decoder went away", DOCTOR) from None

    def _wait_until_ready(self, path: Path) -> None:
        """A child that can't even start is no fault of the file."""
        if self._ready:
            return
        try:
            self._ready = isinstance(self._next(path, self._living), Ready)
        except InputRefused:
            self._ready = False
        if not self._ready:
            self._drop()
            raise InputRefused(str(path), "the decoder process does not start", DOCTOR)

    def _frames(
        self, path: Path, info: MediaInfo, child: subprocess.Popen[bytes]
    ) -> Iterator[Frame | YuvFrame | Samples]:
        count = heard = 0
        while isinstance(reply := self._next(path, child), Picture | FilmFrame | SoundBlock | Passed):
            if isinstance(reply, Passed):
                continue
            if isinstance(reply, SoundBlock):
                yield self._samples(path, info, reply, heard, child)
                heard += reply.count
                continue
            if reply.width * reply.height > self.limits.frame_pixels:
                raise self._out_of_form(path)
            with self._in_time(path, child) as replies:
                frame: Frame | YuvFrame
                if isinstance(reply, FilmFrame):
                    frame = receive_film_frame(replies, reply)
                else:
                    frame = receive_frame(replies, reply)
            count += 1
            yield frame
        self._busy = False
        # The header of a film may know no number, or count frames that its edit list hides.
        if not isinstance(reply, Done) or (count != info.frames and info.kind is not MediaKind.VIDEO):
            raise InputRefused(str(path), f"{info.frames} frames are declared, {count} are there", LEAVE_OUT)

    def _samples(
        self, path: Path, info: MediaInfo, header: SoundBlock, heard: int, child: subprocess.Popen[bytes]
    ) -> Samples:
        """A block of sound, which must follow on what was heard so far."""
        if info.sound is None or (header.start, header.channels) != (heard, info.sound.channels):
            raise self._out_of_form(path)
        with self._in_time(path, child) as replies:
            return receive_samples(replies, header)

    def _next(self, path: Path, child: subprocess.Popen[bytes], extra_seconds: float = 0.0) -> Reply:
        """A child's next message."""
        with self._in_time(path, child, extra_seconds) as replies:
            reply = REPLY.validate_json(receive(replies))
        if isinstance(reply, Refused):
            self._busy = False
            raise InputRefused(str(path), reply.problem, reply.next_step)
        return reply

    @contextmanager
    def _in_time(self, path: Path, child: subprocess.Popen[bytes], extra_seconds: float = 0.0) -> Iterator[BinaryIO]:
        """What a child says, within the time limit; a dead or confused child is a refusal.

        It is the child that the frames began with: by now another one may be at work on another file.
        """
        if child is not self._child:
            raise InputRefused(str(path), "another file was opened in between", "Open it again.")
        try:
            with self._watchdog.waiting_for(child, extra_seconds):
                yield cast("BinaryIO", child.stdout)
        except (Broken, ValueError):  # ValueError: out of form, or the pipe was closed
            if not self._watchdog.has_killed(child):
                raise self._out_of_form(path) from None
            self._drop()
            problem = f"decoding takes longer than {self.limits.seconds:g} seconds"
            raise InputRefused(str(path), problem, LEAVE_OUT) from None

    def _out_of_form(self, path: Path) -> InputRefused:
        """The child died or talks nonsense: end it."""
        self._drop()
        return InputRefused(str(path), "the decoder crashed on this file", LEAVE_OUT)


def _seconds_to_read(path: Path) -> float:
    """What a slow disk takes to read a file once, for its digest."""
    try:
        return path.stat().st_size / SLOW_BYTES_A_SECOND
    except OSError:
        return 0.0  # the child will say so
