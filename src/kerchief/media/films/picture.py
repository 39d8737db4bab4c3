"""The picture of a film or a stream that is being written with PyAV, frame by frame. Nothing comes from the input.

Frames are copied into one fresh frame of ours, which carries no side data; an encoder's own messages (x264's text
with its settings) are filtered out; times and the last frame's length are exact.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

import av
import numpy as np
from av.bitstream import BitStreamFilterContext
from av.codec.context import Flags
from av.video.frame import PictureType

from kerchief.media.films.codings import THREADS, Coding
from kerchief.media.films.planes import pixel_format, view
from kerchief.ports import Colour, YuvFrame

FULL_RANGE, LIMITED_RANGE = 2, 1


@dataclass(frozen=True, slots=True)
class Canvas:
    """What all frames have in common.

    Attributes:
        width: in pixels.
        height: in pixels.
        rate: frames a second, for the header.
        time_base: seconds for one unit of pts.
        colour: how the planes' numbers are meant.
        aspect: width over height of one pixel.
    """

    width: int
    height: int
    rate: Fraction
    time_base: Fraction
    colour: Colour
    aspect: Fraction = Fraction(1)


class PictureTrack:
    """The picture of a container that is being written, added to it before anything is encoded.

    Args:
        container: where it goes.
        coding: what it is coded with.
        options: what the encoder is told.
        canvas: what all frames have in common.
        flags: of the encoder (``av.codec.context.Flags``), besides those that every picture has.
    """

    def __init__(
        self,
        container: av.container.OutputContainer,
        coding: Coding,
        options: Mapping[str, str],
        canvas: Canvas,
        flags: int = 0,
    ) -> None:
        self._container, self._coding, self._canvas = container, coding, canvas
        stream = container.add_stream(coding.encoder, rate=canvas.rate, options=dict(options))
        assert isinstance(stream, av.VideoStream)
        self._stream = stream
        set_up(stream, canvas, flags)
        self._ours = av.VideoFrame(canvas.width, canvas.height, pixel_format(canvas.width, canvas.height))
        self._without: BitStreamFilterContext | None = None
        self._lengths: dict[int, int] = {}

    def write(self, frame: YuvFrame, *, is_key: bool = False) -> None:
        """Encode the next frame.

        Args:
            frame: of the canvas's size.
            is_key: whether decoding is to be able to start here. The encoder adds keyframes of its own.
        """
        ours = self._ours
        ours.make_writable()
        for source, plane in zip(frame.planes, ours.planes, strict=True):
            np.copyto(view(plane), source)
        ours.pts, ours.duration, ours.time_base = frame.pts, frame.duration, self._canvas.time_base
        ours.pict_type = PictureType.I if is_key else PictureType.NONE
        self._lengths[frame.pts] = frame.duration
        self._mux(self._stream.encode(ours))

    def finish(self) -> None:
        """Write what the encoder holds back."""
        self._mux(self._stream.encode(None))

    def _mux(self, packets: Iterable[av.Packet[av.VideoStream]]) -> None:
        for packet in packets:
            if packet.pts is not None:
                packet.duration = self._lengths.pop(packet.pts)  # an encoder may forget it
            for kept in self._filter().filter(packet):
                kept.stream = self._stream
                self._container.mux(kept)

    def _filter(self) -> BitStreamFilterContext:
        """Takes the encoder's messages out; it can be made only when the encoder is open."""
        if self._without is None:
            self._container.start_encoding()
            self._without = BitStreamFilterContext(self._coding.filters, in_stream=self._stream)
        return self._without


def set_up(stream: av.VideoStream, canvas: Canvas, flags: int = 0) -> None:
    """Tell an encoder everything that is not an option of its own; arguments as ``PictureTrack``."""
    context = stream.codec_context
    stream.time_base = context.time_base = canvas.time_base
    context.width, context.height = canvas.width, canvas.height
    context.pix_fmt = pixel_format(canvas.width, canvas.height)
    context.thread_count = THREADS
    context.flags |= Flags.bitexact | Flags.frame_duration | flags
    context.color_range = FULL_RANGE if canvas.colour.is_full_range else LIMITED_RANGE
    context.color_primaries = canvas.colour.primaries
    context.color_trc = canvas.colour.transfer
    context.colorspace = canvas.colour.matrix
    context.sample_aspect_ratio = canvas.aspect
