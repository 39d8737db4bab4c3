"""Receives what kerchief sends and keeps it, with the time at which it came. Looking at it comes later."""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from threading import Event, Thread
from typing import Protocol

from live_recording import Part, Received, frames_of
from live_senders import FFMPEG, HOST, Stopped, accepted, free_port

#: A socket's buffer: nothing is to be lost here.
BUFFER = 8 << 20
CHUNK = 1 << 16
#: When nothing came for so long, there is nothing to come.
QUIET = 0.1


class Receiver(Protocol):
    """Where kerchief sends to."""

    @property
    def url(self) -> str:
        """What kerchief is told to send to."""

    def start(self) -> None:
        """Begin to listen."""

    def stop(self) -> None:
        """All that was sent is there."""

    def frames(self) -> Iterator[Received]:
        """What was received."""


class _Listener:
    """A thread that fills parts, one for each connection, and may go away for a while.

    Attributes:
        parts: what came, connection by connection.
    """

    url: str

    def __init__(self) -> None:
        self.parts: list[Part] = []
        self._ends = Event()
        self._away = Event()
        self._thread = Thread(target=self._run, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._ends.set()
        self._thread.join(10)

    def leave(self) -> None:
        """Be gone, as if the machine had been switched off."""
        self._away.set()

    def come_back(self) -> None:
        """Listen again."""
        self._away.clear()

    def frames(self) -> Iterator[Received]:
        for part in self.parts:
            yield from part.frames()

    def bytes(self) -> int:
        """How much came so far."""
        return sum(len(part.data) for part in self.parts)

    def _run(self) -> None:
        while not self._ends.is_set():
            if self._away.is_set():
                self._ends.wait(0.02)
                continue
            with suppress(ConnectionError, Stopped):
                self._listen()

    def _listen(self) -> None:
        raise NotImplementedError

    def _drain(self, source: socket.socket) -> None:
        """Keep what comes until it ends."""
        part = Part()
        self.parts.append(part)
        source.settimeout(QUIET)
        while not self._away.is_set():
            try:
                data = source.recv(CHUNK)
            except TimeoutError:
                if self._ends.is_set():
                    return
                continue
            if not data and source.type == socket.SOCK_STREAM:
                return
            part.take(data, time.monotonic())


class TcpReceiver(_Listener):
    """MPEG-TS from whoever connects."""

    def __init__(self) -> None:
        super().__init__()
        self._port = free_port()
        self.url = f"tcp://{HOST}:{self._port}"

    def _listen(self) -> None:
        with socket.create_server((HOST, self._port)) as server:
            client = accepted(server, self._either())
        with client:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER)
            self._drain(client)

    def _either(self) -> Event:
        # ``accepted`` looks again and again at what it is given: the end, or that it is to be away.
        return _Either(self._ends, self._away)


class _Either(Event):
    def __init__(self, *events: Event) -> None:
        super().__init__()
        self._events = events

    def is_set(self) -> bool:
        return any(event.is_set() for event in self._events)


class UdpReceiver(_Listener):
    """MPEG-TS in datagrams."""

    def __init__(self) -> None:
        super().__init__()
        self._port = free_port(socket.SOCK_DGRAM)
        self.url = f"udp://{HOST}:{self._port}"

    def _listen(self) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
            server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER)
            server.bind((HOST, self._port))
            self._drain(server)


class RelayedReceiver(_Listener):
    """Through FFmpeg, for what only it speaks: it listens, and passes on what it gets as MPEG-TS."""

    def __init__(self, url: str, *words: str) -> None:
        super().__init__()
        self.url = url.partition("?")[0]
        self._command = [*FFMPEG, "-analyzeduration", "500000", *words, "-i", url, "-map", "0:v"]
        self._command += ["-c", "copy", "-f", "mpegts", "-muxdelay", "0", "-flush_packets", "1", "pipe:1"]
        self._relay: subprocess.Popen[bytes] | None = None

    @classmethod
    def srt(cls) -> RelayedReceiver:
        return cls(f"srt://{HOST}:{free_port(socket.SOCK_DGRAM)}?mode=listener&latency=20000", "-f", "mpegts")

    @classmethod
    def rtmp(cls) -> RelayedReceiver:
        return cls(f"rtmp://{HOST}:{free_port()}/live/covered", "-f", "flv", "-listen", "1")

    @classmethod
    def rtsp(cls) -> RelayedReceiver:
        return cls(f"rtsp://{HOST}:{free_port()}/covered", "-f", "rtsp", "-rtsp_flags", "listen")

    def stop(self) -> None:
        if self._relay is not None:
            with suppress(subprocess.TimeoutExpired):
                self._relay.wait(1)
            self._relay.terminate()
        super().stop()

    def leave(self) -> None:
        super().leave()
        if self._relay is not None:
            self._relay.kill()

    def _listen(self) -> None:
        with subprocess.Popen(self._command, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL) as relay:
            self._relay = relay
            assert relay.stdout is not None
            part = Part()
            self.parts.append(part)
            while data := relay.stdout.read1(CHUNK):
                part.take(data, time.monotonic())
        if self._ends.wait(0.05):
            return


class Folder:
    """A folder that kerchief fills with segments, or with an HLS stream."""

    def __init__(self, path: Path, prefix: str = "", pattern: str = "*.mp4") -> None:
        self._path, self._pattern = path, pattern
        self.url = f"{prefix}{path}"

    def start(self) -> None:
        """Nobody has to listen."""

    def stop(self) -> None:
        """Nor to stop."""

    def frames(self) -> Iterator[Received]:
        for path in sorted(self._path.rglob(self._pattern)):
            yield from frames_of(path)
