"""What was received, as bytes that came at known times; and the frames in it."""

from __future__ import annotations

import bisect
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import av
import numpy as np
from av.error import FFmpegError
from live_film import PACKET, Luma

SYNC = 0x47


@dataclass(frozen=True, eq=False)
class Received:
    """A frame that was received.

    Attributes:
        pts: seconds, by the stream's own clock.
        luma: (height, width).
        at: when the last of its bytes came, by this machine's monotonic clock; None where nobody watched.
    """

    pts: float
    luma: Luma
    at: float | None


@dataclass
class Part:
    """The bytes of one connection.

    Attributes:
        data: all of them, in order.
        ends: how many there were, each time that some came, ...
        times: ... and when that was.
    """

    data: bytearray = field(default_factory=bytearray)
    ends: list[int] = field(default_factory=list)
    times: list[float] = field(default_factory=list)

    def take(self, data: bytes, at: float) -> None:
        self.data += data
        self.ends.append(len(self.data))
        self.times.append(at)

    def came(self, end: int) -> float:
        """When the byte before this place came."""
        return self.times[bisect.bisect_left(self.ends, end)]

    def frames(self) -> Iterator[Received]:
        """The frames in a part of MPEG-TS; what can't be decoded is left out."""
        ends = dict(_pictures(bytes(self.data)))
        for pts, luma in _decoded(io.BytesIO(bytes(self.data)), "mpegts"):
            end = ends.get(pts)
            yield Received(pts / 90_000, luma, None if end is None else self.came(end))


def frames_of(path: Path) -> Iterator[Received]:
    """The frames of a file or a playlist."""
    for pts, luma in _decoded(str(path), None):
        yield Received(pts / 90_000, luma, None)


def _decoded(source: io.BytesIO | str, form: str | None) -> Iterator[tuple[int, Luma]]:
    """(pts in 1/90000 s, luma) of what can be decoded."""
    try:
        with av.open(source, format=form) as container:
            stream = container.streams.video[0]
            stream.thread_type = "AUTO"
            for packet in container.demux(stream):
                try:
                    for frame in packet.decode():
                        yield round(frame.pts * frame.time_base * 90_000), _luma(frame)
                except FFmpegError:
                    continue
    except (FFmpegError, IndexError):
        return


def _luma(frame: av.VideoFrame) -> Luma:
    plane = frame.planes[0]
    rows = np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)
    return np.ascontiguousarray(rows[: frame.height, : frame.width])


def _pictures(data: bytes) -> Iterator[tuple[int, int]]:
    """(pts, end of its bytes) of each picture in a MPEG-TS; by the standard, ISO/IEC 13818-1, apart from FFmpeg.

    FFmpeg knows that a picture is whole when the next one begins; that wait is none of the stream's.
    """
    whole = len(data) // PACKET
    packets = np.frombuffer(data, np.uint8, whole * PACKET).reshape(whole, PACKET)
    pids = (packets[:, 1].astype(np.int32) & 0x1F) << 8 | packets[:, 2]
    starts_unit = (packets[:, 0] == SYNC) & (packets[:, 1] & 0x40 > 0)
    video: int | None = None
    pts: int | None = None
    end = 0
    for index in range(whole):
        if starts_unit[index]:
            payload = _payload(data[index * PACKET : (index + 1) * PACKET])
            if payload[:3] == b"\0\0\1" and 0xE0 <= payload[3] <= 0xEF and payload[7] & 0x80:
                if pts is not None:
                    yield pts, end
                video, pts = int(pids[index]), _pts(payload[9:14])
        if pids[index] == video:
            end = (index + 1) * PACKET
    if pts is not None:
        yield pts, end


def _payload(packet: bytes) -> bytes:
    return packet[5 + packet[4] :] if packet[3] & 0x20 else packet[4:]


def _pts(field: bytes) -> int:
    """A time of 33 bits in its five bytes."""
    return (field[0] >> 1 & 7) << 30 | field[1] << 22 | (field[2] >> 1) << 15 | field[3] << 7 | field[4] >> 1
