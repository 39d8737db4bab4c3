"""The process that pushes a stream: ``python -P -m kerchief.live.sinks.push.child``.

It talks to a stranger, so it gives up what it does not need before, as the process does that opens files. It ends when
standard input closes, and whatever happens it does not stay at one thing for ever.
"""

from __future__ import annotations

import os
import signal
import socket
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from fractions import Fraction
from typing import BinaryIO

from kerchief.live.covered import TIME_BASE
from kerchief.live.sinks.push.peer import Peer
from kerchief.live.sinks.push.wire import Begin, Failed, Taken
from kerchief.media.films.picture import Canvas
from kerchief.media.limits import Limits
from kerchief.media.streams import srt
from kerchief.media.streams.writing import MPEG_TS, LiveWriter, most_bits
from kerchief.sandbox.child import confine
from kerchief.sandbox.wire import Broken, FilmFrame, receive, receive_film_frame, send

#: Nobody waits so long for any answer of this process; its parent is gone if it is still at it then.
MOST_SECONDS = 30
#: A peer of SRT answers within this, or not at all; the program itself waits for 3 seconds.
ANSWER_SECONDS = 5.0
LAST_SECONDS = 1.0
#: So much of a stream may wait in the system for a peer over TCP, which would let megabytes wait: a peer that stopped
#: reading is noticed by that.
WAITING_SECONDS = 0.5
#: Where FFmpeg's sockets are looked for: this process has few files open.
HANDLES = range(3, 64)


def main() -> int:
    """Push frames until no more come."""
    requests, replies = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    # What a library prints must not get between the messages.
    os.dup2(2, 1)
    try:
        begin = Begin.model_validate_json(receive(requests))
        confine(Limits(memory_bytes=begin.memory_bytes))
        _push(begin, requests, replies)
    except (Broken, BrokenPipeError):
        return 0
    return 0


def _push(begin: Begin, requests: BinaryIO, replies: BinaryIO) -> None:
    _limit_time()
    try:
        with _writer(begin) as writer:
            send(replies, Taken())
            for header in _headers(requests):
                frame = receive_film_frame(requests, header)
                writer.write(frame)
                send(replies, Taken())
    except OSError as error:
        send(replies, Failed(problem=(error.strerror or "input/output error").lower()[:200]))


def _headers(requests: BinaryIO) -> Iterator[FilmFrame]:
    """Every frame that is announced, until the pipe ends. Waiting for one takes as long as it takes."""
    while True:
        _limit_time(0)
        try:
            header = FilmFrame.model_validate_json(receive(requests))
        except Broken:
            _limit_time()
            return
        _limit_time()
        yield header


@contextmanager
def _writer(begin: Begin) -> Iterator[LiveWriter]:
    """Writes to the peer; ended whole."""
    peer = Peer.of(begin.url)
    canvas = Canvas(begin.width, begin.height, Fraction(*begin.rate), Fraction(*TIME_BASE), begin.colour)
    if peer.scheme != "srt":
        writer = LiveWriter(peer.target, peer.container, canvas, begin.quality)
        _let_little_wait(round(WAITING_SECONDS * most_bits(canvas) / 8))
        yield writer
        writer.close()
        return
    relay = srt.sending(peer.url)
    try:
        if not relay.is_open(ANSWER_SECONDS):
            raise OSError(0, "no answer, or refused")
        writer = LiveWriter(relay.pipe, MPEG_TS, canvas, begin.quality)
        yield writer
        writer.close()
    finally:
        relay.close(LAST_SECONDS)


def _let_little_wait(length: int) -> None:
    """Bound what waits in the system for the peer, in bytes: FFmpeg has no such setting for RTSP."""
    for handle in HANDLES:
        with suppress(OSError):
            if stat.S_ISSOCK(os.fstat(handle).st_mode):
                with socket.socket(fileno=os.dup(handle)) as same:
                    same.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, length)


def _limit_time(seconds: int = MOST_SECONDS) -> None:
    """End this process if it does nothing else within so many seconds; 0: never."""
    if hasattr(signal, "alarm"):  # Windows has none
        signal.alarm(seconds)


if __name__ == "__main__":
    sys.exit(main())
