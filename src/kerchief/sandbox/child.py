"""The process that opens untrusted files: ``python -P -m kerchief.sandbox.child``.

It gives up what it does not need before it reads anything: writing files, core dumps, memory over the cap. It answers
requests on standard input until that closes.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import BinaryIO

from kerchief.errors import SEND_WHOLE, InputRefused
from kerchief.media.limits import Limits
from kerchief.media.photos.still import open_still
from kerchief.media.sniff import HEAD_BYTES, is_film
from kerchief.metadata import Finding, Kind, inspect
from kerchief.metadata.bmff import is_picture
from kerchief.plan.model import Cut
from kerchief.ports import Samples, YuvFrame
from kerchief.sandbox.wire import (
    MARKS_AT_ONCE,
    REQUEST,
    Broken,
    Done,
    Listen,
    Marks,
    Open,
    Opened,
    Passed,
    Read,
    Ready,
    Refused,
    Survey,
    Visit,
    receive,
    send,
    send_film_frame,
    send_frame,
    send_samples,
)

#: What a film is sent as: frames, None for one that goes by, sound, and the times of its frames.
Parts = Iterator[YuvFrame | Samples | Marks | None]


@dataclass(frozen=True, slots=True)
class Served:
    """What a file that was opened is asked for.

    Attributes:
        parts: all that is wanted of a film, once; nothing of a photo, which was sent when it was opened.
        other: the answer to any other question about a film; may be asked again and again.
    """

    parts: Parts
    other: Callable[[Read | Visit | Survey | Listen], Parts]


NOTHING = Served(iter(()), lambda request: iter(()))
GET_IT_AGAIN = "Check the path and whether you may read it."


def main() -> int:
    """Serve requests until standard input closes."""
    file_bytes, frame_pixels, total_pixels, memory_bytes = (int(word) for word in sys.argv[1:5])
    limits = Limits(file_bytes, frame_pixels, total_pixels, memory_bytes)
    requests, replies = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    # What a library prints must not get between the messages.
    os.dup2(2, 1)
    confine(limits)
    send(replies, Ready())
    served = NOTHING
    while True:
        try:
            request = REQUEST.validate_json(receive(requests))
            with refusals(replies):
                if isinstance(request, Open):
                    served = NOTHING
                    served = answer(request, replies, limits)
                elif isinstance(request, Read) and request.cut is None:
                    _send_parts(served.parts, replies)
                else:
                    _send_parts(served.other(request), replies)
        except (Broken, BrokenPipeError):
            return 0


def confine(limits: Limits) -> None:
    """Cap memory and forbid writing, where the system can (Windows can't)."""
    try:
        import resource
    except ImportError:
        return
    most = resource.getrlimit(resource.RLIMIT_AS)[1]
    cap = limits.memory_bytes if most == resource.RLIM_INFINITY else min(most, limits.memory_bytes)
    resource.setrlimit(resource.RLIMIT_AS, (cap, most))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


@contextmanager
def _room_for(path: Path) -> Iterator[None]:
    """A file that is mapped takes address space, but no memory: while it is, the cap is higher by its length."""
    try:
        import resource
    except ImportError:
        yield
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    if hard == resource.RLIM_INFINITY:
        resource.setrlimit(resource.RLIMIT_AS, (soft + path.stat().st_size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


@contextmanager
def refusals(replies: BinaryIO) -> Iterator[None]:
    """Whatever is wrong with a file is sent as a refusal."""
    try:
        yield
    except BrokenPipeError:
        raise  # the parent went away
    except InputRefused as error:
        send(replies, Refused(problem=error.problem, next_step=error.next_step))
    except OSError as error:
        problem = f"can't be read ({(error.strerror or 'unreadable').lower()})"
        send(replies, Refused(problem=problem, next_step=GET_IT_AGAIN))
    except MemoryError:
        send(
            replies,
            Refused(problem="decoding needs more memory than allowed", next_step="Scale it down first."),
        )


def answer(request: Open, replies: BinaryIO, limits: Limits) -> Served:
    """Open one file and send what it holds; of a film what it is, and give back what to send when it is asked for."""
    path = Path(request.path)
    head = read_head(path)
    if is_film(head, is_picture=is_picture(memoryview(head))):
        return _answer_film(path, request, replies, limits)
    _answer_still(path, replies, limits)
    return NOTHING


def _answer_still(path: Path, replies: BinaryIO, limits: Limits) -> None:
    data = read(path, limits)
    still = open_still(data, limits)
    findings = _inspected(data)
    send(replies, Opened(info=still.info, findings=findings))
    for frame in still.frames():
        send_frame(replies, frame)
    send(replies, Done())


def _answer_film(path: Path, request: Open, replies: BinaryIO, limits: Limits) -> Served:
    """A film is never in memory as a whole, and its sound is left alone unless it is asked for."""
    from kerchief.media.films.film import open_film  # FFmpeg takes a while to load, and photos never need it
    from kerchief.media.films.hear import heard

    stamp = _stamp(path)
    film = open_film(path, limits)
    with _room_for(path), path.open("rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as data:
        findings = _inspected(data)
    cut = request.cut or Cut()
    with_sound = heard(path, film, cut) if request.with_sound else None
    send(replies, Opened(info=with_sound.info if with_sound else film.info, findings=findings))

    def other(request: Read | Visit | Survey | Listen) -> Parts:
        if isinstance(request, Visit):
            parts: Parts = film.visits.visit(request.at, request.since, request.before, request.after)
        elif isinstance(request, Survey):
            parts = _marks(film.survey())
        elif isinstance(request, Read):
            parts = film.frames(request.cut or Cut())
        else:
            parts = with_sound.alone(request.until) if with_sound else iter(())
        return _unchanged(path, stamp, parts)

    return Served(_unchanged(path, stamp, with_sound.parts if with_sound else film.frames(cut)), other)


def _marks(survey: Iterator[tuple[int, bool] | None]) -> Parts:
    """Many times in one message."""
    marks: list[tuple[int, bool]] = []
    for mark in survey:
        if mark is None:
            yield None
        else:
            marks.append(mark)
    for start in range(0, len(marks), MARKS_AT_ONCE):
        some = marks[start : start + MARKS_AT_ONCE]
        yield Marks(times=tuple(time for time, _ in some), keyframes=tuple(time for time, is_key in some if is_key))


def _unchanged(path: Path, stamp: tuple[int, ...], parts: Parts) -> Parts:
    """The parts of a film that is, from its digest to its last frame, one and the same file."""
    _must_be(path, stamp)
    yield from parts
    _must_be(path, stamp)


def _must_be(path: Path, stamp: tuple[int, ...]) -> None:
    if _stamp(path) != stamp:
        raise InputRefused("", "the file changed while it was read", "Run it again.")


def _stamp(path: Path) -> tuple[int, ...]:
    """What changes when a file is written or replaced."""
    try:
        of = path.stat()
    except OSError as error:
        raise InputRefused("", f"can't be read ({(error.strerror or 'unreadable').lower()})", GET_IT_AGAIN) from None
    return of.st_dev, of.st_ino, of.st_size, of.st_mtime_ns, of.st_ctime_ns


def _send_parts(parts: Parts, replies: BinaryIO) -> None:
    for part in parts:
        if part is None:
            send(replies, Passed())
        elif isinstance(part, Marks):
            send(replies, part)
        elif isinstance(part, Samples):
            send_samples(replies, part)
        else:
            send_film_frame(replies, part)
    send(replies, Done())


def _inspected(data: bytes | mmap) -> tuple[Finding, ...]:
    findings = inspect(data)
    # A decoder may be content with what there is; a picture that is cut off is still not a whole one.
    if any(finding.kind is Kind.CUT_OFF for finding in findings):
        raise InputRefused("", "the file is cut off", SEND_WHOLE)
    return findings


def read_head(path: Path) -> bytes:
    """The first bytes of a regular file; raises as ``read``."""
    try:
        with path.open("rb") as file:
            return file.read(HEAD_BYTES)
    except OSError as error:
        raise InputRefused("", f"can't be read ({(error.strerror or 'unreadable').lower()})", GET_IT_AGAIN) from None


def read(path: Path, limits: Limits) -> bytes:
    """All bytes of a regular file.

    Raises:
        InputRefused: it can't be read, is empty, or is too long.
    """
    try:
        with path.open("rb") as file:
            data = file.read(limits.file_bytes + 1)
    except OSError as error:
        reason = (error.strerror or "unreadable").lower()
        raise InputRefused("", f"can't be read ({reason})", GET_IT_AGAIN) from None
    if not data:
        raise InputRefused("", "the file is empty", GET_IT_AGAIN)
    if len(data) > limits.file_bytes:
        raise InputRefused("", f"longer than {limits.file_bytes >> 20} MiB", "Split it or scale it down first.")
    return data


if __name__ == "__main__":
    sys.exit(main())
