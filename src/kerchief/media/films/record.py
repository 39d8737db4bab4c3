"""Writes films with PyAV: MP4 with the picture, and the sound if there is to be any. Nothing comes from the input.

Frames are copied into one fresh frame of ours, which carries no side data; an encoder's own messages (x264's text
with its settings) are filtered out; times and the last frame's length are exact.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.bitstream import BitStreamFilterContext
from av.codec.context import Flags

from kerchief.choices import Codec
from kerchief.media.films.codings import CODINGS, THREADS
from kerchief.media.films.planes import pixel_format, view
from kerchief.media.films.sound import SoundTrack
from kerchief.ports import MediaInfo, Samples, YuvFrame

FULL_RANGE, LIMITED_RANGE = 2, 1


def write_film(
    path: Path, frames: Iterable[YuvFrame | Samples], info: MediaInfo, quality: int, codec: Codec = Codec.H264
) -> None:
    """Write a film into a draft.

    Args:
        path: the draft; replaced.
        frames: upright frames in order, and between them the sound, if there is to be any.
        info: the input: size, time base, aspect and colour are kept; its sound is what will come.
        quality: 1 to 100.
        codec: how they are coded.

    Raises:
        OSError: the disk is full or fails.
    """
    coding = CODINGS[codec]
    av.logging.set_level(None)
    time_base = Fraction(*info.time_base)
    with av.open(str(path), "w", format="mp4", container_options=container_options(time_base)) as container:
        options = coding.all_options(quality)
        stream = container.add_stream(coding.encoder, rate=Fraction(*info.rate), options=options)
        assert isinstance(stream, av.VideoStream)
        _set_up(stream, info, time_base)
        ours = av.VideoFrame(info.width, info.height, pixel_format(info.width, info.height))
        sound = SoundTrack(container, info.sound) if info.sound else None
        container.start_encoding()
        without = BitStreamFilterContext(coding.filters, in_stream=stream)
        lengths: dict[int, int] = {}
        end = 0
        for frame in frames:
            if isinstance(frame, Samples):
                if sound is not None:
                    sound.write(frame)
                continue
            _copy(frame, ours)
            end = frame.pts + frame.duration
            ours.pts, ours.duration, ours.time_base = frame.pts, frame.duration, time_base
            lengths[frame.pts] = frame.duration
            _mux(container, stream, without, _lasting(stream.encode(ours), lengths))
        _mux(container, stream, without, _lasting(stream.encode(None), lengths))
        if sound is not None:
            sound.finish(end * time_base)


def container_options(time_base: Fraction) -> dict[str, str]:
    """How the container is written: exact times, and nothing of the writer in it."""
    scale = str(time_base.denominator)
    return {
        "fflags": "+bitexact",
        "movflags": "+faststart",
        "video_track_timescale": scale,
        "movie_timescale": scale,
    }


def _set_up(stream: av.VideoStream, info: MediaInfo, time_base: Fraction) -> None:
    context = stream.codec_context
    stream.time_base = context.time_base = time_base
    context.width, context.height = info.width, info.height
    context.pix_fmt = pixel_format(info.width, info.height)
    context.thread_count = THREADS
    context.flags |= Flags.bitexact | Flags.frame_duration
    context.color_range = FULL_RANGE if info.colour.is_full_range else LIMITED_RANGE
    context.color_primaries = info.colour.primaries
    context.color_trc = info.colour.transfer
    context.colorspace = info.colour.matrix
    context.sample_aspect_ratio = Fraction(*info.aspect)


def _copy(frame: YuvFrame, to: av.VideoFrame) -> None:
    to.make_writable()
    for source, plane in zip(frame.planes, to.planes, strict=True):
        np.copyto(view(plane), source)


def _lasting(
    packets: Iterable[av.Packet[av.VideoStream]], lengths: dict[int, int]
) -> Iterator[av.Packet[av.VideoStream]]:
    """The packets with the lengths of their frames, by pts, which an encoder may forget."""
    for packet in packets:
        if packet.pts is not None:
            packet.duration = lengths.pop(packet.pts)
        yield packet


def _mux(
    container: av.container.OutputContainer,
    stream: av.VideoStream,
    without: BitStreamFilterContext,
    packets: Iterable[av.Packet[av.VideoStream]],
) -> None:
    for packet in packets:
        for kept in without.filter(packet):
            kept.stream = stream
            container.mux(kept)
