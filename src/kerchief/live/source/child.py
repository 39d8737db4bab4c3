"""The process that opens a stream: ``python -P -m kerchief.live.source.child``.

It gives up what it does not need before it reads anything, as the process does that opens files. It reads one stream
until that ends, is lost, or standard input closes.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from fractions import Fraction
from threading import Event, Thread
from time import monotonic, sleep
from typing import BinaryIO

from pydantic import TypeAdapter

from kerchief.errors import InputRefused
from kerchief.live.covered import TIME_BASE
from kerchief.live.source.wire import REDIRECTED, Began, Ended, Hidden, Open, Quality, Shown
from kerchief.media.limits import Limits
from kerchief.media.streams.fitting import Fitting, colour_of, shown_size
from kerchief.media.streams.reading import Shot, shots
from kerchief.ports import YuvFrame
from kerchief.sandbox.child import confine
from kerchief.sandbox.wire import Broken, receive, send, send_film_frame

#: Nothing larger is shown: more than a screen has.
MOST_PIXELS = 3840 * 2160
#: A stream that says no rate, or a silly one, is taken to have this many frames a second.
USUAL_RATE, MOST_RATE = 30.0, 240.0
#: What came in while the stream was opened is old: so long at most it is passed over, to come up to now.
CATCH_UP_SECONDS = 3.0
#: Frames that come nearer to the one before than this share of the wanted distance are left out.
NEAR = 0.75
#: A frame that took more than this share of its length to come was waited for; and frames are taken to be this long.
WAITED_SHARE, LEAST_SECONDS = 0.5, 0.01
#: So long a source may send nothing but what is damaged before it has begun.
BEGIN_SECONDS = 20.0
#: A clock that jumps by more than this is set anew.
BELIEVED_SECONDS = 2.0
UNITS = TIME_BASE[1]


def main() -> int:
    """Serve the one stream that is asked for."""
    requests, replies = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    # What a library prints must not get between the messages.
    os.dup2(2, 1)
    try:
        request = Open.model_validate_json(receive(requests))
    except Broken:
        return 0
    confine(Limits(memory_bytes=request.memory_bytes))
    wishes = Wishes(request.quality)
    Thread(target=_listen, args=(requests, wishes), daemon=True).start()
    end = Ended()
    try:
        _serve(request, wishes, replies)
    except InputRefused as error:
        end = Ended(problem=error.problem, next_step=error.next_step)
    except MemoryError:
        end = Ended(problem="its frames need more memory than allowed", next_step="Make the source's picture smaller.")
    except BrokenPipeError:
        return 0
    send(replies, end)
    return 0


@dataclass(slots=True)
class Wishes:
    """What the parent wants by now, and whether it has asked for anything since the stream began."""

    quality: Quality
    asked: Event = field(default_factory=Event)


def _listen(requests: BinaryIO, wishes: Wishes) -> None:
    """Hear what is wanted, until nobody wants anything any more: then this process ends, whatever it is at."""
    adapter: TypeAdapter[Quality] = TypeAdapter(Quality)
    try:
        while True:
            wishes.quality = adapter.validate_json(receive(requests))
            wishes.asked.set()
    except (Broken, ValueError):
        os._exit(0)


def _serve(request: Open, wishes: Wishes, replies: BinaryIO) -> None:
    incoming = shots(request.url, request.format, request.options, REDIRECTED)
    fitting, size, began = Fitting(), request.size, monotonic()
    last: float | None = None
    shape: tuple[float, float] | None = None
    follows = False  # what was amiss with a frame that is left out is told of the next one
    wanted = ((shot, True) for shot in incoming) if request.is_stored else _caught_up(incoming, began)
    for shot, is_wanted in _paced(wanted) if request.is_paced else wanted:
        if shot.picture is not None:
            # Another shape: another camera, or another view.
            before, shape = shape, shown_size(shot.picture, shot.aspect)
            follows = follows and before == shape
        follows = follows and shot.follows
        seconds = float(shot.seconds)
        is_too_near = last is not None and 0 <= seconds - last < NEAR / wishes.quality.rate
        if size is None and shot.picture is None and monotonic() - began > BEGIN_SECONDS:
            raise InputRefused("", "its pictures are damaged", "Restart the source.")
        if not is_wanted or is_too_near or (size is None and shot.picture is None):
            continue
        if size is None and shot.picture is not None:
            size = _begin(shot, shown_size(shot.picture, shot.aspect), replies)
            if request.is_stored:
                wishes.asked.wait()  # it does not run away, and is played from its first frame on
        if size is not None:
            last = seconds
            _send(replace(shot, follows=follows), fitting, _working(size, wishes.quality.pixels), replies)
            follows = True


def _begin(shot: Shot, shape: tuple[float, float], replies: BinaryIO) -> tuple[int, int]:
    """Tell what the stream is, and what it will be shown in."""
    assert shot.picture is not None
    width, height = shape
    shrink = min(1.0, (MOST_PIXELS / (width * height)) ** 0.5)
    size = _even(width * shrink), _even(height * shrink)
    rate = shot.rate if 1 <= shot.rate <= MOST_RATE else USUAL_RATE
    send(replies, Began(width=size[0], height=size[1], rate=rate, colour=colour_of(shot.picture)))
    return size


def _send(shot: Shot, fitting: Fitting, size: tuple[int, int], replies: BinaryIO) -> None:
    at = max(0, round(shot.seconds * UNITS))
    if shot.picture is None:
        send(replies, Hidden(at=at))
        return
    planes = fitting.planes(shot.picture, shot.aspect, *size)
    send(replies, Shown(at=at, follows=shot.follows))
    send_film_frame(replies, YuvFrame(at, 1, planes))


def _working(size: tuple[int, int], pixels: int) -> tuple[int, int]:
    """The size, made smaller to have no more than so many pixels."""
    shrink = min(1.0, (pixels / (size[0] * size[1])) ** 0.5)
    return (_even(size[0] * shrink), _even(size[1] * shrink)) if shrink < 1 else size


def _even(side: float) -> int:
    return max(2, 2 * int(side / 2))


def _paced(incoming: Iterator[tuple[Shot, bool]]) -> Iterator[tuple[Shot, bool]]:
    """Frames of something that could be read at once, each that is wanted when it is its time."""
    begin: tuple[float, Fraction] | None = None
    for shot, is_wanted in incoming:
        if begin is not None:
            ahead = float(shot.seconds - begin[1]) - (monotonic() - begin[0])
            if not -BELIEVED_SECONDS < ahead < BELIEVED_SECONDS:
                begin = None  # a time that jumps, or falls behind for long
            elif ahead > 0:
                sleep(ahead)
        yield shot, is_wanted
        if is_wanted:
            begin = begin or (monotonic(), shot.seconds)


def _caught_up(incoming: Iterator[Shot], started: float) -> Iterator[tuple[Shot, bool]]:
    """Frames, wanted from the first on that is of now: those before it were filmed while the stream was opened.

    Of now is what had to be waited for, and what lies as far behind the first as this process began ago.
    """
    first: Fraction | None = None
    began, last, is_now = started, Fraction(0), False
    asked = started
    for shot in incoming:
        now = monotonic()
        if first is None:
            first, began = shot.seconds, now
        elif not is_now:
            was_waited_for = now - asked > WAITED_SHARE * max(LEAST_SECONDS, float(shot.seconds - last))
            is_now = was_waited_for or float(shot.seconds - first) > now - started or now - began > CATCH_UP_SECONDS
        last = shot.seconds
        yield shot, is_now
        asked = monotonic()


if __name__ == "__main__":
    sys.exit(main())
