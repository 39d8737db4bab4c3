"""A made stream whose every frame bears its number, and receivers that read the numbers back."""

from __future__ import annotations

import io
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from fractions import Fraction
from socket import SOCK_DGRAM, SOCK_STREAM, socket
from threading import Thread

import av
from scenes import Rgb, background

from kerchief.live.covered import Covered, Form
from kerchief.media.films.planes import view
from kerchief.plan.model import Region
from kerchief.ports import Colour, Pixels, YuvFrame

FORM = Form(192, 128, Fraction(15), Colour(1, 1, 1))
#: Of pts, for one frame.
STEP = 6000
#: A bit is a square of so many pixels, at the bottom of the picture.
BIT, BITS = 16, 12
SHADES = {"red": (200, 60, 60), "blue": (60, 60, 200)}


def numbered(number: int, picture: Rgb | None = None) -> YuvFrame:
    """The frame of this number: a picture, by default one of the form's size, with the number's bits at its bottom."""
    rgb = (background(FORM.width, FORM.height) if picture is None else picture).copy()
    for bit in range(BITS):
        rgb[-BIT:, bit * BIT : (bit + 1) * BIT] = 235 if number >> bit & 1 else 16
    frame = av.VideoFrame.from_ndarray(rgb, format="rgb24").reformat(format="yuv420p", dst_colorspace="ITU709")
    y, u, v = (view(plane).copy() for plane in frame.planes)
    return YuvFrame(number * STEP, STEP, (y, u, v))


def covered(number: int, regions: Mapping[str, Region] | None = None, picture: Rgb | None = None) -> Covered:
    """The same, to be sent. A run has been going on for a while when a sink gets its first frame."""
    frame = numbered(number, picture)
    return Covered(YuvFrame(frame.pts + 90 * STEP, frame.duration, frame.planes), regions or {})


def number_in(luma: Pixels) -> int:
    """The number that a frame bears."""
    row = luma[luma.shape[0] - BIT // 2, : BITS * BIT].reshape(BITS, BIT)[:, BIT // 4 : -BIT // 4].mean(axis=1)
    return sum(1 << bit for bit in range(BITS) if row[bit] > 128)


@dataclass
class Got:
    """What came of a stream: the numbers of its frames, and when each is shown in seconds (None: it does not say)."""

    numbers: list[int] = field(default_factory=list)
    times: list[float | None] = field(default_factory=list)


def read(data: bytes, form: str) -> Got:
    """The frames in the bytes of a stream."""
    got = Got()
    with av.open(io.BytesIO(data), format=form) as container:
        for frame in container.decode(video=0):
            got.numbers.append(number_in(frame.to_ndarray()[: FORM.height]))
            got.times.append(float(frame.time) if frame.pts is not None else None)
    return got


def free_port(kind: int = SOCK_STREAM) -> int:
    """A port of this machine that nobody listens at."""
    with socket(type=kind) as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@contextmanager
def listening(serve: Callable[[socket], None]) -> Iterator[tuple[int, list[int]]]:
    """A TCP server on loopback.

    Args:
        serve: what is done with each connection, in a thread.

    Yields:
        Its port, and a list that grows by each connection.
    """
    connections: list[int] = []
    with socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()

        def run() -> None:
            while True:
                try:
                    one, (_, port) = server.accept()
                except OSError:
                    return
                connections.append(port)
                Thread(target=_served, args=(one, serve), daemon=True).start()

        Thread(target=run, daemon=True).start()
        yield int(server.getsockname()[1]), connections
        server.shutdown(2)


def _served(one: socket, serve: Callable[[socket], None]) -> None:
    with one, suppress(OSError):
        serve(one)


@contextmanager
def datagrams() -> Iterator[tuple[int, list[bytes]]]:
    """A port that takes datagrams, and what came."""
    came: list[bytes] = []
    with socket(type=SOCK_DGRAM) as one:
        one.bind(("127.0.0.1", 0))
        one.settimeout(0.2)
        is_over = False

        def run() -> None:
            while not is_over:
                try:
                    came.append(one.recv(65536))
                except TimeoutError:
                    continue

        thread = Thread(target=run, daemon=True)
        thread.start()
        yield int(one.getsockname()[1]), came
        is_over = True
        thread.join()


#: Prints a line for each frame that comes.
RECEIVER = """
import sys, av
from numbered import FORM, number_in
av.logging.set_level(None)
options = dict(word.split("=", 1) for word in sys.argv[3:])
with av.open(sys.argv[1], format=sys.argv[2], options=options) as container:
    for frame in container.decode(video=0):
        number = number_in(frame.to_ndarray()[: FORM.height])
        print(number, "" if frame.pts is None else float(frame.time), flush=True)
"""


@contextmanager
def receiver(url: str, form: str, **options: str) -> Iterator[subprocess.Popen[str]]:
    """A process in which FFmpeg waits to be sent a stream, and says what comes."""
    words = [f"{name}={value}" for name, value in options.items()]
    path = ":".join(path for path in sys.path if path)
    with subprocess.Popen(
        [sys.executable, "-c", RECEIVER, url, form, *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={"PYTHONPATH": path},
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def heard(process: subprocess.Popen[str]) -> Got:
    """What a receiver said, once the stream has ended."""
    got = Got()
    assert process.stdout is not None
    for line in process.stdout:
        number, _, time = line.rstrip("\n").partition(" ")
        got.numbers.append(int(number))
        got.times.append(float(time) if time else None)
    return got
