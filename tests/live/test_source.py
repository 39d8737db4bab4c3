"""What comes from a source: in time, in order, fitted; nothing damaged; and again when it was lost."""

from __future__ import annotations

import http.server
import os
import re
import signal
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from queue import SimpleQueue
from time import monotonic, sleep
from typing import Any

import av
import numpy as np
import pytest
from films import film
from scenes import Rgb, background

from kerchief.errors import InputRefused, Unexpected
from kerchief.live.address import Origin, origin, without_secrets
from kerchief.live.covered import TIME_BASE
from kerchief.live.source.feed import Arrival, Feed, Filmed, Lost, Over
from kerchief.live.source.wire import Began, Quality
from kerchief.media.limits import Limits
from kerchief.sandbox import spawn

RATE, UNITS = 15, TIME_BASE[1]
ALL = Quality(pixels=1 << 30, rate=1000)


def pictures(count: int, width: int = 320, height: int = 240, first: int = 0) -> list[Rgb]:
    """A bright bar over a background tells the number of each."""
    made = []
    for number in range(first, first + count):
        picture = background(width, height) // 2
        left = number * 7 % (width - 16)
        picture[:, left : left + 16] = 220
        made.append(picture)
    return made


def stream(path: Path, shown: list[Rgb], **options: str) -> Path:
    options = {"g": "10", "bf": "0", "keyint_min": "10", "sc_threshold": "0"} | options
    return film(path, shown, time_base=Fraction(1, RATE), **options)


class Heard:
    """What a feed gives."""

    def __init__(self, source: str | Origin, quality: Quality = ALL) -> None:
        self._queue: SimpleQueue[Arrival] = SimpleQueue()
        self.all: list[Arrival] = []
        self.feed = Feed(origin(source) if isinstance(source, str) else source, quality, Limits(), self._queue.put)

    def __enter__(self) -> Heard:
        self.feed.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.feed.stop()

    def until(self, wanted: Callable[[Arrival], bool], seconds: float = 30) -> Arrival:
        end = monotonic() + seconds
        while True:
            heard = self._queue.get(timeout=max(0.01, end - monotonic()))
            self.all.append(heard)
            if isinstance(heard, Began):
                self.feed.want(self.feed._quality)
            if wanted(heard):
                return heard

    def to_the_end(self) -> list[Filmed]:
        over = self.until(lambda heard: isinstance(heard, Over))
        assert isinstance(over, Over)
        assert over.error is None
        return self.filmed

    @property
    def filmed(self) -> list[Filmed]:
        return [heard for heard in self.all if isinstance(heard, Filmed)]


def bar(frame: Filmed) -> int:
    """Where the bright bar begins."""
    assert frame.frame is not None
    return int(frame.frame.planes[0].mean(axis=0).argmax())


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


@contextmanager
def sender(port: int, path: Path) -> Iterator[None]:
    """Sends a film in real time to the first who connects. A process: PyAV would stop all threads while it waits."""
    url = f"tcp://127.0.0.1:{port}?listen=1"
    command = ["ffmpeg", "-v", "error", "-re", "-i", str(path), "-c", "copy", "-f", "mpegts", url]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            sleep(0.3)
            yield
        finally:
            process.kill()


def test_a_file_is_played_in_real_time(tmp_path: Path) -> None:
    path = stream(tmp_path / "a.mp4", pictures(20))
    with Heard(str(path)) as heard:
        frames = heard.to_the_end()
    assert [type(item) for item in heard.all[:2]] == [Began, Filmed]
    assert [frame.pts for frame in frames] == [n * UNITS // RATE for n in range(20)]
    assert [frame.follows for frame in frames] == [False] + [True] * 19
    took = frames[-1].arrived - frames[0].arrived
    assert 19 / RATE - 0.05 <= took <= 19 / RATE + 1


def test_frames_are_made_smaller_and_fewer_when_that_is_wanted(tmp_path: Path) -> None:
    path = stream(tmp_path / "a.mp4", pictures(45))
    with Heard(str(path)) as heard:
        heard.until(lambda item: len(heard.filmed) == 10)
        heard.feed.want(Quality(pixels=160 * 120, rate=5))
        frames = heard.to_the_end()
    sizes = [(f.frame.width, f.frame.height) for f in frames if f.frame is not None]
    assert sizes[0] == (320, 240)
    assert sizes[-1] == (160, 120)
    steps = np.diff([frame.pts for frame in frames])[-4:]
    assert set(steps) == {3 * UNITS // RATE}
    assert all(frame.follows for frame in frames[1:])


def test_a_picture_of_another_shape_is_shown_whole_and_nothing_is_linked_to_it(tmp_path: Path) -> None:
    one, two = stream(tmp_path / "a.ts", pictures(10)), stream(tmp_path / "b.ts", pictures(10, 200, 300))
    both = tmp_path / "both.ts"
    both.write_bytes(one.read_bytes() + two.read_bytes())
    with Heard(str(both)) as heard:
        frames = heard.to_the_end()
    shown = [frame.frame for frame in frames if frame.frame is not None]
    assert {(frame.width, frame.height) for frame in shown} == {(320, 240)}
    last = shown[-1].planes[0]
    assert (last[:, :70] == 16).all()  # 200 x 300 becomes 160 x 240
    assert last[:, 90:230].mean() > 40
    breaks = [n for n, frame in enumerate(frames) if not frame.follows and frame.frame is not None]
    assert len(breaks) == 2
    assert breaks[0] == 0


def flipped(data: bytes, random: np.random.Generator) -> bytes:
    """Bytes replaced by noise at four places."""
    changed = bytearray(data)
    for at in random.integers(len(data) // 6, 5 * len(data) // 6, 4):
        changed[at : at + 60] = random.integers(0, 256, 60, np.uint8).tobytes()
    return bytes(changed)


def thinned(data: bytes, random: np.random.Generator) -> bytes:
    """Packets of the transport stream left out, at four places."""
    packets = [data[at : at + 188] for at in range(0, len(data), 188)]
    lost = set(random.integers(len(packets) // 6, 5 * len(packets) // 6, 4).tolist())
    return b"".join(packet for number, packet in enumerate(packets) if number not in lost)


@pytest.mark.parametrize(
    ("damage", "codec", "seed"),
    [
        (flipped, "libx264", 0),
        (flipped, "libx264", 1),
        *((thinned, codec, seed) for codec in ("libx264", "libx264 bf=2", "mpeg2video") for seed in (0, 1)),
    ],
)
def test_what_is_damaged_or_may_be_is_not_given_out(
    damage: Callable[[bytes, np.random.Generator], bytes], codec: str, seed: int, tmp_path: Path
) -> None:
    """Every frame that is shown is one that was sent, to the rounding of its levels."""
    name, _, b_frames = codec.partition(" bf=")
    options = {"g": "10", "bf": b_frames or "0"} | ({"b": "2M"} if name == "mpeg2video" else {})
    rate = Fraction(1, 25 if name == "mpeg2video" else RATE)
    clean = film(tmp_path / "a.ts", pictures(60), time_base=rate, codec=name, **options)
    damaged = tmp_path / "b.ts"
    damaged.write_bytes(damage(clean.read_bytes(), np.random.default_rng(seed)))
    with av.open(str(clean)) as container:
        true = [f.to_ndarray(format="yuv420p")[:240].astype(int) for f in container.decode(video=0)]
    with Heard(str(damaged)) as heard:
        frames = heard.to_the_end()
    shown = [frame.frame.planes[0].astype(int) for frame in frames if frame.frame is not None]
    assert all(min(int(np.abs(seen - other).max()) for other in true) <= 1 for seen in shown)
    assert 15 <= len(shown) < 60
    after_hidden = [b for a, b in pairwise(frames) if a.frame is None and b.frame is not None]
    assert not any(frame.follows for frame in after_hidden)


def test_a_source_that_can_not_be_begun_ends_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> None:
        raise RuntimeError("no more processes")

    monkeypatch.setattr("kerchief.live.source.feed.spawn_module", fails)
    with Heard("tcp://127.0.0.1:1") as heard:
        over = heard.until(lambda item: isinstance(item, Over))
    assert isinstance(over, Over)
    assert isinstance(over.error, Unexpected)


def test_a_feed_is_stopped_while_its_process_is_being_started(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    real = spawn.spawn_module

    def slow(*words: str, **options: Any) -> Any:
        child = real(*words, **options)
        sleep(0.5)
        return child

    monkeypatch.setattr("kerchief.live.source.feed.spawn_module", slow)
    path = stream(tmp_path / "a.mp4", pictures(60))
    with Heard(str(path)):
        sleep(0.2)
    # Coming here is the test: stop() waits for its thread.


def test_a_server_that_sends_us_on_is_not_followed() -> None:
    """RTSP (law 7). HTTP is below."""
    asked: list[bytes] = []
    with socket.socket() as other, socket.socket() as named:
        for server in (other, named):
            server.bind(("127.0.0.1", 0))
            server.listen()

        def answer() -> None:
            while True:
                with suppress(OSError):
                    connection, _ = named.accept()
                    with connection:
                        said = connection.recv(4096)
                        number = re.search(rb"CSeq: (\d+)", said)
                        if number is None:
                            return
                        to = f"rtsp://127.0.0.1:{other.getsockname()[1]}/x".encode()
                        connection.sendall(
                            b"RTSP/1.0 302 Moved\r\nCSeq: " + number[1] + b"\r\nLocation: " + to + b"\r\n\r\n"
                        )
                        connection.recv(4096)
                    return

        def note() -> None:
            with suppress(OSError):
                connection, _ = other.accept()
                with connection:
                    asked.append(connection.recv(4096))

        for work in (answer, note):
            threading.Thread(target=work, daemon=True).start()
        with Heard(f"rtsp://127.0.0.1:{named.getsockname()[1]}/x") as heard:
            over = heard.until(lambda item: isinstance(item, Over))
        other.shutdown(socket.SHUT_RDWR)
    assert isinstance(over, Over)
    assert "another address" in str(over.error)
    assert asked == []


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("rtsp://user:hush@cam:554/stream?token=hush", "rtsp://cam:554/…"),
        ("rtsp://cam/user=admin&password=hush&channel=1", "rtsp://cam/…"),
        ("rtsp://user:hu/sh@cam/stream", "rtsp://…"),
        ("rtmp://live.example/hush", "rtmp://live.example/…"),
        ("RTMP://live.example", "rtmp://live.example"),
        ("udp://127.0.0.1:5000", "udp://127.0.0.1:5000"),
    ],
)
def test_of_a_url_its_host_is_shown_alone(url: str, shown: str) -> None:
    assert without_secrets(url) == shown


def test_a_source_that_was_lost_is_opened_again_and_times_go_on(tmp_path: Path) -> None:
    port, path = free_port(), stream(tmp_path / "a.ts", pictures(60))
    with sender(port, path), Heard(f"tcp://127.0.0.1:{port}") as heard:
        lost = heard.until(lambda item: isinstance(item, Lost))
        before = len(heard.filmed)
        with sender(port, path):
            heard.until(lambda item: len(heard.filmed) >= before + 5)
    assert isinstance(lost, Lost)
    assert before >= 5
    times = [frame.pts for frame in heard.filmed]
    assert times == sorted(set(times))
    assert not heard.filmed[before].follows
    assert times[before] - times[before - 1] > 0.4 * UNITS


def test_a_reader_that_was_killed_is_started_again(tmp_path: Path) -> None:
    port, path = free_port(), stream(tmp_path / "a.ts", pictures(60))
    with sender(port, path), Heard(f"tcp://127.0.0.1:{port}") as heard:
        heard.until(lambda item: isinstance(item, Filmed))
        assert heard.feed._child is not None
        os.kill(heard.feed._child.pid, signal.SIGKILL)
        lost = heard.until(lambda item: isinstance(item, Lost))
    assert isinstance(lost, Lost)


def test_a_source_that_can_not_be_opened_at_first_is_an_error() -> None:
    with Heard(f"tcp://127.0.0.1:{free_port()}") as heard:
        over = heard.until(lambda item: isinstance(item, Over))
    assert isinstance(over, Over)
    assert isinstance(over.error, InputRefused)
    assert "127.0.0.1" in str(over.error)


def test_nobody_else_is_asked_for_a_picture(tmp_path: Path) -> None:
    """A server that sends us on, and a playlist that names another one: neither is followed (law 7)."""
    asked: list[str] = []

    class Other(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(404)

        def log_message(self, *_: object) -> None:
            pass

    other = http.server.HTTPServer(("127.0.0.1", 0), Other)
    elsewhere = f"http://127.0.0.1:{other.server_address[1]}"

    class Named(Other):
        def do_GET(self) -> None:
            if self.path == "/moved":
                self.send_response(302)
                self.send_header("Location", f"{elsewhere}/moved-here")
                self.end_headers()
                return
            self.send_response(200)
            self.send_header("Content-Type", "application/vnd.apple.mpegurl")
            self.end_headers()
            self.wfile.write(f"#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\n{elsewhere}/part.ts\n".encode())

    named = http.server.HTTPServer(("127.0.0.1", 0), Named)
    for server in (other, named):
        threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        for path in ("/moved", "/list.m3u8"):
            with Heard(f"http://127.0.0.1:{named.server_address[1]}{path}") as heard:
                over = heard.until(lambda item: isinstance(item, Over))
            assert isinstance(over, Over)
            assert over.error is not None
    finally:
        for server in (other, named):
            server.shutdown()
            server.server_close()
    assert asked == []


def test_a_password_is_told_to_nobody() -> None:
    secret = f"rtsp://user:hush@127.0.0.1:{free_port()}/a?token=hush"
    assert "hush" not in origin(secret).name
    with Heard(secret) as heard:
        over = heard.until(lambda item: isinstance(item, Over))
    assert isinstance(over, Over)
    assert over.error is not None
    assert "hush" not in str(over.error)
