"""The frames of a source for as long as a run goes on; when it was lost, its process is started again."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from fractions import Fraction
from threading import Event as Flag
from threading import Thread
from time import monotonic
from typing import BinaryIO, cast

from kerchief.errors import InputRefused, KerchiefError, Unexpected
from kerchief.live.address import STDIN, Origin
from kerchief.live.backoff import Backoff
from kerchief.live.covered import Form
from kerchief.live.source.clock import Clock
from kerchief.live.source.wire import REDIRECTED, REPLY, Began, Ended, Hidden, Open, Quality, Shown
from kerchief.media.limits import Limits
from kerchief.media.streams import srt
from kerchief.ports import YuvFrame
from kerchief.sandbox.spawn import end, spawn_module
from kerchief.sandbox.wire import Broken, FilmFrame, receive, receive_film_frame, send

NAME_IT = "Name that address yourself, if you trust it."
LOOK_AT_IT = "Look whether the source still runs."


@dataclass(frozen=True, slots=True, eq=False)
class Filmed:
    """A frame that came.

    Attributes:
        pts: in units of ``TIME_BASE`` since the run's first frame; rises.
        arrived: when it came, seconds of the monotonic clock.
        frame: of the form's size or smaller, its sides in proportion; None for one that must not be shown.
        follows: whether nothing was amiss between it and the one before.
    """

    pts: int
    arrived: float
    frame: YuvFrame | None
    follows: bool


@dataclass(frozen=True, slots=True)
class Lost:
    """The source is gone, and is opened again after a while.

    Attributes:
        problem: why, without a full stop.
        seconds: until it is tried again.
    """

    problem: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Over:
    """Nothing more will come.

    Attributes:
        error: what ended it; None at the source's own end.
    """

    error: KerchiefError | None = None


Arrival = Began | Filmed | Lost | Over


class Feed:
    """Reads a source in a thread of its own.

    Args:
        origin: the source.
        quality: what is wanted to begin with.
        limits: for its process.
        give: told of everything that comes, from that thread; must return soon.
    """

    def __init__(self, origin: Origin, quality: Quality, limits: Limits, give: Callable[[Arrival], None]) -> None:
        self._origin, self._quality, self._limits, self._give = origin, quality, limits, give
        self._clock = Clock()
        self._size: tuple[int, int] | None = None
        self._child: subprocess.Popen[bytes] | None = None
        self._backoff = Backoff()
        self._stopped = Flag()
        self._thread = Thread(target=self._run, name="source", daemon=True)

    def start(self) -> None:
        """Begin.

        Raises:
            UsageError: for SRT a program is missing.
        """
        if is_srt(self._origin):
            srt.program()
        self._thread.start()

    def want(self, quality: Quality) -> None:
        """Ask for frames of another size or number from now on."""
        self._quality = quality
        child = self._child
        if child is not None:
            with suppress(OSError, ValueError):  # it may be gone; the next one is told when it is started
                send(cast("BinaryIO", child.stdin), quality)

    def stop(self) -> None:
        """End the process and the thread."""
        self._stopped.set()
        child = self._child
        if child is not None:
            child.kill()
        if self._thread.ident is not None:
            self._thread.join()

    def _run(self) -> None:
        while not self._stopped.is_set():
            try:
                error = self._once()
            except Exception as fault:  # noqa: BLE001 - an outer edge: else the run would wait for ever
                self._give(Over(Unexpected.of(self._origin.name, fault)))
                return
            if self._stopped.is_set():
                return
            is_first = self._size is None
            if is_first or self._origin.can_end:
                self._give(Over(error or (_nothing(self._origin) if is_first else None)))
                return
            wait = self._backoff.failed()
            self._give(Lost(error.problem if error else "it ended", wait))
            self._stopped.wait(wait)

    def _once(self) -> KerchiefError | None:
        """Read the source until it ends; what ended it."""
        self._clock.anew()
        name = self._origin.name
        try:
            with _spawned(self._origin, self._quality, self._size, self._limits) as child:
                self._child = child
                try:
                    said = self._read(cast("BinaryIO", child.stdout)) if not self._stopped.is_set() else Ended()
                except (Broken, OSError, ValueError):
                    said = _broken(child)
                finally:
                    self._child = None
        except OSError as error:
            reason = (error.strerror or "failed").lower()
            return InputRefused(name, f"can't be read ({reason})", LOOK_AT_IT)
        return InputRefused(name, said.problem, said.next_step) if said.problem else None

    def _read(self, replies: BinaryIO) -> Ended:
        shown: Shown | None = None
        while True:
            said = REPLY.validate_json(receive(replies))
            if isinstance(said, Ended):
                return said
            if isinstance(said, Began):
                self._size = said.width, said.height
                self._give(said)
            elif isinstance(said, Shown):
                shown = said
            elif self._size is None:
                raise Broken("a frame before the beginning")
            elif isinstance(said, Hidden):
                self._tell(said.at, None, follows=False)
            elif shown is not None:
                self._tell(shown.at, self._frame(replies, said), follows=shown.follows)
                shown = None

    def _frame(self, replies: BinaryIO, header: FilmFrame) -> YuvFrame:
        assert self._size is not None
        if header.width > self._size[0] or header.height > self._size[1]:
            raise Broken("a frame is too large")
        return receive_film_frame(replies, header)

    def _tell(self, at: int, frame: YuvFrame | None, *, follows: bool) -> None:
        arrived = monotonic()
        if not self._backoff.is_begun:
            self._backoff.begun()
        self._give(Filmed(self._clock.time(at, arrived), arrived, frame, follows))


def form_of(began: Began) -> Form:
    """The form of a run whose source began so."""
    return Form(began.width, began.height, Fraction(began.rate).limit_denominator(1001), began.colour)


def _nothing(origin: Origin) -> InputRefused:
    return InputRefused(origin.name, "no frame came", LOOK_AT_IT)


def _broken(child: subprocess.Popen[bytes]) -> Ended:
    """Why a process ended that said nothing of it."""
    with suppress(subprocess.TimeoutExpired):
        if child.wait(1) == REDIRECTED:
            return Ended(problem="it wants to send kerchief to another address", next_step=NAME_IT)
    return Ended(problem="the process that reads it ended", next_step=LOOK_AT_IT)


@contextmanager
def _spawned(
    origin: Origin, quality: Quality, size: tuple[int, int] | None, limits: Limits
) -> Iterator[subprocess.Popen[bytes]]:
    """The process that reads a source; it is ended in any case."""
    with ExitStack() as stack:
        handle, form = None, origin.format
        if origin.url == STDIN:
            handle = os.dup(0)
            stack.callback(os.close, handle)
        elif is_srt(origin):
            relay = srt.receiving(origin.url)
            stack.callback(relay.close)
            handle, form = relay.pipe.fileno(), "mpegts"
        child = spawn_module("kerchief.live.source.child", handles=() if handle is None else (handle,))
        stack.callback(end, child)
        request = Open(
            url=origin.url if handle is None else f"pipe:{handle}",
            format=form,
            options=origin.options,
            is_paced=origin.is_paced,
            is_stored=origin.is_stored,
            memory_bytes=limits.memory_bytes,
            size=size,
            quality=quality,
        )
        # A password in a URL is told by the pipe: command lines can be read by everybody.
        send(cast("BinaryIO", child.stdin), request)
        yield child


def is_srt(origin: Origin) -> bool:
    """Whether a program of its own fetches it."""
    return origin.url.lower().startswith("srt://")
