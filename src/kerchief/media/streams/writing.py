"""Writes a stream with PyAV as it is filmed: the picture alone, and each frame leaves as soon as it is coded.

It is the picture of ``media.films.picture``, so nothing comes from the input here either.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Protocol

import av
import av.error
from av.codec.context import Flags

from kerchief.choices import Codec
from kerchief.media.films.codings import CODINGS
from kerchief.media.films.picture import Canvas, PictureTrack
from kerchief.ports import YuvFrame

#: Seconds from one keyframe to the next: as long waits at most who joins. They are set by the frames' times, since
#: frames may be dropped; the encoder's own count is never reached.
KEY_SECONDS = 2
CODING = CODINGS[Codec.H264]
LIVE = {"tune": "zerolatency", "sc_threshold": "0", "forced-idr": "1", "g": "1000"}
#: The most that goes over a network: bits for each pixel of a second's frames (1280 × 720 at 15: 2.8 Mbit/s). A dark
#: and noisy picture would take many times as much at the same quality.
BITS_A_PIXEL = 0.2


class Writable(Protocol):
    """A file, as far as it is needed."""

    def write(self, data: bytes, /) -> object:
        """Take some bytes."""


@dataclass(frozen=True, slots=True)
class Container:
    """How a stream is packed.

    Attributes:
        format: FFmpeg's name.
        options: for it, and for the protocol below it.
        tags: what it would otherwise say of itself.
        has_header: whether the encoder's parameters go into a header alone, and not before every keyframe too.
        is_capped: whether it must fit a network.
    """

    format: str
    options: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    has_header: bool = False
    is_capped: bool = False


#: For whoever joins at any time. Without the tags it says FFmpeg's name.
MPEG_TS = Container("mpegts", {"flush_packets": "1"}, {"service_provider": "", "service_name": ""}, is_capped=True)


class LiveWriter:
    """One H.264 stream. Opening it opens the target, which may take as long as a network takes.

    Args:
        target: a URL for FFmpeg, or an open file, which stays open.
        container: how it is packed.
        canvas: what all frames have in common.
        quality: 1 to 100.

    Raises:
        OSError: the target can't be opened or written to; of every method. It names no URL.
    """

    def __init__(self, target: str | Writable, container: Container, canvas: Canvas, quality: int) -> None:
        av.logging.set_level(None)
        self._key_units = KEY_SECONDS // canvas.time_base
        self._next_key = 0
        options = CODING.all_options(quality) | LIVE | (_cap(canvas) if container.is_capped else {})
        flags = int(Flags.global_header) if container.has_header else 0
        with _plain_errors():
            self._output = av.open(
                target, "w", format=container.format, container_options={"fflags": "+bitexact", **container.options}
            )
            self._picture = PictureTrack(self._output, CODING, options, canvas, flags)
            self._output.metadata.update(container.tags)
            self._output.start_encoding()

    def write(self, frame: YuvFrame) -> bool:
        """Code the next frame and send it off.

        Args:
            frame: of the canvas's size. Its pts is after that of the one before.

        Returns:
            Whether decoding can start with it.
        """
        is_key = frame.pts >= self._next_key
        if is_key:
            self._next_key = frame.pts + self._key_units
        with _plain_errors():
            self._picture.write(frame, is_key=is_key)
        return is_key

    def close(self) -> None:
        """End the stream whole."""
        with _plain_errors():
            try:
                self._picture.finish()
            finally:
                self._output.close()


def most_bits(canvas: Canvas) -> int:
    """The most that a second of a stream takes over a network."""
    return round(BITS_A_PIXEL * canvas.width * canvas.height * canvas.rate)


def _cap(canvas: Canvas) -> dict[str, str]:
    bits = str(most_bits(canvas))
    return {"maxrate": bits, "bufsize": bits}


@contextmanager
def _plain_errors() -> Iterator[None]:
    """Whatever FFmpeg raises is an OSError, without the URL that it may hold."""
    try:
        yield
    except av.error.FFmpegError as error:
        raise OSError(error.errno, error.strerror) from None
