"""Sends a film as a camera would: a frame each frame time, from the moment that somebody watches."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread
from typing import Protocol

from live_film import DATAGRAM, Film, Sent

HOST = "127.0.0.1"
FFMPEG = ("ffmpeg", "-nostdin", "-loglevel", "error")
#: So long a sender that is to stop may be busy with something.
PATIENCE = 10.0
#: A frame in datagrams is not sent faster than so many at a time, for what comes at once overflows a socket.
AT_ONCE = 8
#: States of sockets in /proc/net that hear strangers.
LISTENING = {"tcp": ("0A",), "udp": ("07",)}

Send = Callable[[Sent], None]
#: What becomes of some bytes on their way.
Spoil = Callable[[bytes], Iterable[bytes]]


class Stopped(Exception):
    """Nobody is to be waited for any longer."""


class Way(Protocol):
    """How frames get to kerchief."""

    @property
    def url(self) -> str:
        """What kerchief is told to watch."""

    def is_there(self) -> bool:
        """Whether somebody who wants to watch would be heard."""

    def open(self, stop: Event) -> AbstractContextManager[Send]:
        """Waits for somebody who watches.

        Raises:
            Stopped: nobody came.
        """


@dataclass(frozen=True)
class Take:
    """The film's frames from one, on which decoding can begin, up to another, in one connection."""

    start: int
    stop: int


@dataclass(frozen=True)
class Gap:
    """Nobody is there for a while."""

    seconds: float


class Sender(Thread):
    """Sends parts of a film, with gaps between them.

    Attributes:
        sent: when each frame was sent, by its number, on the monotonic clock.
    """

    def __init__(self, film: Film, way: Way, script: Sequence[Take | Gap]) -> None:
        super().__init__(daemon=True)
        self.sent: dict[int, float] = {}
        self._film, self._way, self._script = film, way, script
        self._ends = Event()

    def run(self) -> None:
        with suppress(Stopped):
            for part in self._script:
                if isinstance(part, Gap):
                    self._ends.wait(part.seconds)
                else:
                    self._take(part)

    def stop(self) -> None:
        self._ends.set()
        self.join(PATIENCE)

    def _take(self, take: Take) -> None:
        number = take.start
        while number < take.stop:
            with suppress(ConnectionError), self._way.open(self._ends) as send:
                number = self._send(send, number, take.stop)
                return
            number = self._film.key_from(number) if any(f.is_key for f in self._film.frames[number:]) else take.stop

    def _send(self, send: Send, number: int, stop: int) -> int:
        due = time.monotonic()
        for frame in self._film.frames[number:stop]:
            now = time.monotonic()
            # A camera that was held up does not hurry afterwards.
            due = max(due, now - 1 / self._film.rate)
            if self._ends.wait(max(0.0, due - now)):
                raise Stopped
            self.sent[frame.number] = time.monotonic()
            send(frame)
            due += 1 / self._film.rate
        return stop


def free_port(kind: socket.SocketKind = socket.SOCK_STREAM) -> int:
    """A port on this machine that nobody has."""
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def as_it_is(data: bytes) -> Iterable[bytes]:
    """Nothing is spoilt."""
    yield data


class Tcp:
    """MPEG-TS to whoever connects."""

    scheme, path = "tcp", ""

    def __init__(self, spoil: Spoil = as_it_is) -> None:
        self._port = free_port()
        self._spoil = spoil
        self.url = f"{self.scheme}://{HOST}:{self._port}{self.path}"

    def is_there(self) -> bool:
        return is_taken(self._port, "tcp")

    @contextmanager
    def open(self, stop: Event) -> Iterator[Send]:
        with _client(self._port, stop) as client:
            self._greet(client)

            def send(frame: Sent) -> None:
                client.sendall(b"".join(self._spoil(frame.ts)))

            yield send

    def _greet(self, client: socket.socket) -> None:
        """Nothing has to be said first."""


class Http(Tcp):
    """The same as the answer to a request, which never ends."""

    scheme, path = "http", "/crowd.ts"

    def _greet(self, client: socket.socket) -> None:
        request = b""
        while b"\r\n\r\n" not in request:
            request += client.recv(4096)
        client.sendall(b"HTTP/1.0 200 OK\r\nContent-Type: video/mp2t\r\n\r\n")


class Udp:
    """MPEG-TS in datagrams, from the moment that somebody has the port."""

    def __init__(self, spoil: Spoil = as_it_is) -> None:
        self._port = free_port(socket.SOCK_DGRAM)
        self._spoil = spoil
        self.url = f"udp://{HOST}:{self._port}"

    def is_there(self) -> bool:
        return True

    @contextmanager
    def open(self, stop: Event) -> Iterator[Send]:
        while not is_taken(self._port, "udp"):
            if stop.wait(0.02):
                raise Stopped
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
            client.connect((HOST, self._port))

            def send(frame: Sent) -> None:
                for number, start in enumerate(range(0, len(frame.ts), DATAGRAM)):
                    for datagram in self._spoil(frame.ts[start : start + DATAGRAM]):
                        with suppress(ConnectionRefusedError):  # nobody listens just now: a camera doesn't mind
                            client.send(datagram)
                    if number % AT_ONCE == AT_ONCE - 1:
                        time.sleep(0.0005)

            yield send


class Relayed:
    """Through FFmpeg, for what only it speaks: it listens, and passes on what it gets."""

    def __init__(self, url: str, transport: str, *words: str) -> None:
        self.url = url.partition("?")[0]
        self._transport = transport
        self._command = [*FFMPEG, "-f", "mpegts", "-probesize", "64k", "-analyzeduration", "100k", "-i", "pipe:0"]
        self._command += ["-c", "copy", "-flush_packets", "1", *words, url]

    @classmethod
    def srt(cls) -> Relayed:
        """SRT with a short buffer: what is measured is not SRT."""
        url = f"srt://{HOST}:{free_port(socket.SOCK_DGRAM)}?mode=listener&latency=20000"
        return cls(url, "udp", "-muxdelay", "0", "-f", "mpegts")

    @classmethod
    def rtmp(cls) -> Relayed:
        """RTMP, to whoever plays."""
        return cls(f"rtmp://{HOST}:{free_port()}/live/crowd", "tcp", "-f", "flv", "-listen", "1")

    def is_there(self) -> bool:
        return is_taken(int(self.url.split(":")[2].partition("/")[0]), self._transport)

    @contextmanager
    def open(self, stop: Event) -> Iterator[Send]:
        # Without -nostdin's opposite FFmpeg would read keys, not the film.
        relay = subprocess.Popen([word for word in self._command if word != "-nostdin"], stdin=subprocess.PIPE)
        assert relay.stdin is not None
        pipe = relay.stdin

        def send(frame: Sent) -> None:
            pipe.write(frame.ts)
            pipe.flush()

        try:
            yield send
            with suppress(ConnectionError):
                pipe.close()
            relay.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            pass
        finally:
            relay.kill()
            relay.wait()
            with suppress(ConnectionError):
                pipe.close()


class Pipe:
    """A named pipe."""

    def __init__(self, path: Path) -> None:
        os.mkfifo(path)
        self.url = str(path)

    def is_there(self) -> bool:
        return True

    @contextmanager
    def open(self, stop: Event) -> Iterator[Send]:
        handle = None
        while handle is None:
            with suppress(OSError):  # nobody reads yet
                handle = os.open(self.url, os.O_WRONLY | os.O_NONBLOCK)
            if handle is None and stop.wait(0.02):
                raise Stopped
        os.set_blocking(handle, True)
        with os.fdopen(handle, "wb", buffering=0) as pipe:
            yield _writing(pipe.write)


class StandardInput:
    """What kerchief finds at its standard input."""

    url = "-"

    def __init__(self) -> None:
        self.end, self._writes = os.pipe()

    def is_there(self) -> bool:
        return True

    @contextmanager
    def open(self, stop: Event) -> Iterator[Send]:
        with os.fdopen(self._writes, "wb", buffering=0) as pipe:
            yield _writing(pipe.write)


def _writing(write: Callable[[bytes], int | None]) -> Send:
    def send(frame: Sent) -> None:
        rest = frame.ts
        while rest:
            rest = rest[write(rest) or 0 :]

    return send


@contextmanager
def _client(port: int, stop: Event) -> Iterator[socket.socket]:
    """Whoever connects first; nobody else can after that."""
    with socket.create_server((HOST, port)) as server:
        client = accepted(server, stop)
    with client:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        yield client


def accepted(server: socket.socket, stop: Event) -> socket.socket:
    """The next client.

    Raises:
        Stopped: none came.
    """
    server.settimeout(0.1)
    while not stop.is_set():
        with suppress(TimeoutError):
            client, _ = server.accept()
            client.settimeout(PATIENCE)
            return client
    raise Stopped


def is_taken(port: int, transport: str) -> bool:
    """Whether some process on this machine listens at a port."""
    tables = [Path(f"/proc/net/{name}").read_text().splitlines()[1:] for name in (transport, f"{transport}6")]
    sockets = [line.split() for table in tables for line in table]
    return any(int(s[1].rpartition(":")[2], 16) == port and s[3] in LISTENING[transport] for s in sockets)
