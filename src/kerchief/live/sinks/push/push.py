"""A stream that is pushed to a peer: RTSP, RTMP, SRT, or an MPEG stream over UDP or TCP."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from contextlib import suppress
from typing import BinaryIO, cast

from kerchief.errors import OutputError
from kerchief.live.covered import Covered, Form
from kerchief.live.sinks.push.peer import Peer
from kerchief.live.sinks.push.wire import REPLY, Begin, Failed
from kerchief.media.limits import Limits
from kerchief.media.streams import srt
from kerchief.ports import YuvFrame
from kerchief.sandbox.spawn import end, spawn_module
from kerchief.sandbox.watchdog import Watchdog
from kerchief.sandbox.wire import Broken, receive, send, send_film_frame

#: A peer has so many seconds for a frame, and so many more to answer at first: names are looked up, keys exchanged.
FRAME_SECONDS, FIRST_SECONDS = 4.0, 6.0
#: What was begun is ended whole within this.
LAST_SECONDS = 2.0
LOOK_AT_IT = "Look whether the peer runs, and whether its address, user and password are right."


class Push:
    """Pushes to one peer, by a process that it starts anew each time it is opened.

    Args:
        url: of the peer.
        quality: 1 to 100.
        limits: for the process.

    Raises:
        UsageError: nothing is pushed to such a URL.
    """

    def __init__(self, url: str, quality: int, limits: Limits | None = None) -> None:
        self._peer = Peer.of(url)
        self._quality = quality
        self._limits = limits or Limits()
        self._child: subprocess.Popen[bytes] | None = None
        self._watchdog = Watchdog(FRAME_SECONDS)
        self._first: int | None = None

    @property
    def name(self) -> str:
        """The URL, without passwords and keys."""
        return self._peer.name

    def open(self, form: Form) -> None:
        """Connect.

        Raises:
            OutputError: the peer is not there, or refuses.
            UsageError: for SRT a program is missing.
        """
        if self._peer.scheme == "srt":
            srt.program()
        self.close()
        self._watchdog = Watchdog(FRAME_SECONDS)
        self._first = None
        self._child = child = spawn_module("kerchief.live.sinks.push.child")
        begin = Begin(
            url=self._peer.url,
            quality=self._quality,
            width=form.width,
            height=form.height,
            rate=form.rate.as_integer_ratio(),
            colour=form.colour,
            memory_bytes=self._limits.memory_bytes,
        )
        # A password in a URL is told by the pipe: command lines can be read by everybody.
        self._say(child, lambda pipe: send(pipe, begin), "does not answer", FIRST_SECONDS)

    def send(self, covered: Covered) -> None:
        """Push the next frame. The times that the peer gets begin at 0 with the first after ``open``.

        Raises:
            OutputError: the peer is gone, or takes nothing any more.
        """
        if self._child is None:
            raise OutputError(self.name, "is not open", LOOK_AT_IT)
        frame = covered.frame
        if self._first is None:
            self._first = frame.pts
        shown = YuvFrame(frame.pts - self._first, frame.duration, frame.planes)
        self._say(self._child, lambda pipe: send_film_frame(pipe, shown), "takes nothing any more")

    def idle(self) -> None:
        """Nothing to do: the next frame tells whether the peer is there."""

    def close(self) -> None:
        """End the stream, whole if the peer lets it; within two seconds in any case."""
        child, self._child = self._child, None
        if child is None:
            return
        self._watchdog.stop()
        with suppress(OSError):  # it is gone, with a part of a frame that it did not take
            cast("BinaryIO", child.stdin).close()
        with suppress(subprocess.TimeoutExpired):
            child.wait(LAST_SECONDS)
        end(child)

    def finish(self) -> None:
        """The same: nothing outlasts it."""
        self.close()

    def _say(
        self, child: subprocess.Popen[bytes], say: Callable[[BinaryIO], None], too_late: str, more: float = 0.0
    ) -> None:
        """Tell the process something, and wait until it is done."""
        try:
            with self._watchdog.waiting_for(child, more):
                say(cast("BinaryIO", child.stdin))
                said = REPLY.validate_json(receive(cast("BinaryIO", child.stdout)))
        except (Broken, OSError, ValueError):
            problem = too_late if self._watchdog.has_killed(child) else "the connection is lost"
        else:
            if not isinstance(said, Failed):
                return
            problem = f"can't be written to ({said.problem})"
        self.close()
        raise OutputError(self.name, problem, LOOK_AT_IT)
