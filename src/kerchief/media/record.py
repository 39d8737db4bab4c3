"""Writes films with PyAV: H.264 in MP4, and the sound if there is to be any. Nothing comes from the input file.

Frames are copied into one fresh frame of ours, which carries no side data; the encoder's own messages (x264's text
with its settings) are filtered out; times and the last frame's length are exact.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.bitstream import BitStreamFilterContext
from av.codec.context import Flags

from kerchief.media.planes import pixel_format, view
from kerchief.media.sound import SoundTrack
from kerchief.ports import MediaInfo, Samples, YuvFrame

#: More threads would make other files (x264 cuts its slices by them), so their number is fixed.
THREADS = 2
OPTIONS = {"preset": "superfast", "bf": "0", "a53cc": "0", "udu_sei": "0"}
NO_MESSAGES = "filter_units=remove_types=6"  # supplemental enhancement information, ITU-T H.264 table 7-1
FULL_RANGE, LIMITED_RANGE = 2, 1


def write_film(path: Path, frames: Iterable[YuvFrame | Samples], info: MediaInfo, quality: int) -> None:
    """Write a film into a draft.

    Args:
        path: the draft; replaced.
        frames: upright frames in order, and between them the sound, if there is to be any.
        info: the input: size, time base, aspect and colour are kept; its sound is what will come.
        quality: 1 to 100.

    Raises:
        OSError: the disk is full or fails.
    """
    av.logging.set_level(None)
    time_base = Fraction(*info.time_base)
    scale = str(time_base.denominator)
    container_options = {
        "fflags": "+bitexact",
        "movflags": "+faststart",
        "video_track_timescale": scale,
        "movie_timescale": scale,
    }
    with av.open(str(path), "w", format="mp4", container_options=container_options) as container:
        stream = container.add_stream("libx264", rate=Fraction(*info.rate), options=OPTIONS | {"crf": _crf(quality)})
        _set_up(stream, info, time_base)
        ours = av.VideoFrame(info.width, info.height, pixel_format(info.width, info.height))
        sound = SoundTrack(container, info.sound) if info.sound else None
        container.start_encoding()
        without = BitStreamFilterContext(NO_MESSAGES, in_stream=stream)
        end = 0
        for frame in frames:
            if isinstance(frame, Samples):
                if sound is not None:
                    sound.write(frame)
                continue
            _copy(frame, ours)
            end = frame.pts + frame.duration
            ours.pts, ours.duration, ours.time_base = frame.pts, frame.duration, time_base
            _mux(container, stream, without, stream.encode(ours))
        _mux(container, stream, without, stream.encode(None))
        if sound is not None:
            sound.finish(end * time_base)


def _crf(quality: int) -> str:
    """x264's rate factor for a quality: 90 → 20, 100 → 15, 50 → 40."""
    return f"{15 + (100 - quality) / 2:g}"


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
