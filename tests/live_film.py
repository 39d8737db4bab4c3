"""A crowd filmed: coded as a camera codes it, each frame by itself to be sent, with its truth beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from io import BytesIO
from pathlib import Path
from typing import Protocol

import av
import live_barcode
import numpy as np
from live_crowd import Seen
from numpy.typing import NDArray
from scenes import Rgb

Luma = NDArray[np.uint8]

#: A camera's: no frame waits for a later one, and somebody who comes in later waits a second at most.
OPTIONS = {"preset": "veryfast", "tune": "zerolatency", "crf": "20"}
GROUP_SECONDS = 1.0
#: MPEG-TS: bytes of a packet, and so many of them in a datagram.
PACKET, DATAGRAM = 188, 7 * 188
CLOCK = 90_000


@dataclass(frozen=True)
class Sent:
    """A frame of the film as it is sent, and what is known of it.

    Attributes:
        number: from 0 on; it is in the picture too.
        pts: when it was filmed, 1/90000 s.
        is_key: whether decoding can begin with it.
        nal: its H.264, as in a file (start codes).
        ts: its packets of MPEG-TS.
        luma: as it was filmed, (height, width).
        faces: to be seen in it.
    """

    number: int
    pts: int
    is_key: bool
    nal: bytes
    ts: bytes
    luma: Luma
    faces: tuple[Seen, ...]

    @property
    def width(self) -> int:
        return self.luma.shape[1]


@dataclass(frozen=True)
class Film:
    """All frames of a film, one a frame time."""

    rate: int
    frames: Sequence[Sent]

    def key_from(self, number: int) -> int:
        """The first frame from this one on that decoding can begin with."""
        return next(frame.number for frame in self.frames[number:] if frame.is_key)

    def save(self, path: Path) -> Path:
        """The film as a file of MPEG-TS."""
        path.write_bytes(b"".join(frame.ts for frame in self.frames))
        return path


class Scene(Protocol):
    """What is before the camera."""

    def picture(self, seconds: float, width: int) -> tuple[Rgb, tuple[Seen, ...]]:
        """The picture at a time, 16:9, (height, width, 3), and the faces to be seen in it."""


def filmed(scene: Scene, seconds: float, rate: int = 15, widths: Sequence[tuple[int, int]] = ((0, 640),)) -> Film:
    """Film a crowd, or what stands for one.

    Args:
        scene: what is before the camera.
        seconds: how long.
        rate: frames a second.
        widths: from which frame on the picture is how wide; the first from 0 on. It is 16:9.
    """
    count = round(seconds * rate)
    starts = dict(widths)
    target = BytesIO()
    container = av.open(
        target, "w", format="mpegts", options={"mpegts_flags": "pat_pmt_at_frames", "flush_packets": "1"}
    )
    # The stream only lends its form to packets that other encoders make: the picture's size may change within it.
    stream = container.add_stream("libx264", rate=rate)
    stream.width, stream.height, stream.pix_fmt = widths[0][1], widths[0][1] * 9 // 16, "yuv420p"
    frames: list[Sent] = []
    coder = None
    for number in range(count):
        if number in starts:
            width = starts[number]
            coder = _coder(width, rate)
        assert coder is not None
        rgb, faces = scene.picture(number / rate, width)
        live_barcode.draw(rgb, number)
        picture = av.VideoFrame.from_ndarray(rgb, format="rgb24").reformat(format="yuv420p")
        picture.pts, picture.time_base = number, Fraction(1, rate)
        (packet,) = coder.encode(picture)
        packet.stream = stream
        before = target.tell()
        container.mux(packet)
        luma = np.ascontiguousarray(picture.to_ndarray()[: rgb.shape[0]])
        times = (number, number * CLOCK // rate)
        frames.append(Sent(*times, packet.is_keyframe, bytes(packet), _since(target, before), luma, faces))
    container.close()
    return Film(rate, frames)


def _since(target: BytesIO, start: int) -> bytes:
    end = target.tell()
    target.seek(start)
    data = target.read()
    target.seek(end)
    return data


def _coder(width: int, rate: int) -> av.VideoCodecContext:
    coder = av.CodecContext.create("libx264", "w")
    assert isinstance(coder, av.VideoCodecContext)
    coder.width, coder.height, coder.pix_fmt = width, width * 9 // 16, "yuv420p"
    coder.time_base, coder.framerate = Fraction(1, rate), Fraction(rate)
    coder.gop_size = round(GROUP_SECONDS * rate)
    coder.options = OPTIONS
    coder.thread_count = 2
    return coder
