"""Where in a film decoding may start for a clip, so that it need not be decoded from its start.

A jump is only believed after a trial: it must land on a keyframe that comes out of the decoder itself, with nothing
damaged from there to the clip. Everything else is decoded from the start.
"""

from __future__ import annotations

from itertools import islice

import av
import av.error

#: FFmpeg's names of containers whose index can be trusted. In MPEG streams and AVI a jump may land anywhere.
CONTAINERS = {"mov,mp4,m4a,3gp,3g2,mj2", "matroska,webm"}
#: FFmpeg's names of decoders of codings whose keyframes need nothing before them, as the container marks them.
DECODERS = {"h264", "hevc", "vp8", "vp9", "av1", "libdav1d"}
#: Longest trial, in packets: nothing is heard of the decoder meanwhile, and its time is limited.
MOST_TRIED = 300


def landing(container: av.container.InputContainer, stream: av.VideoStream, at: int) -> int | None:
    """The pts of the keyframe to start from, or None where only the start of the film is safe.

    Args:
        container: freshly opened; its place is moved.
        stream: the film in it.
        at: the first pts that is needed, in the stream's time base.
    """
    if container.format.name not in CONTAINERS or stream.codec_context.name not in DECODERS:
        return None
    try:
        container.seek(at, stream=stream)
        return _tried(container, stream, at)
    except av.error.FFmpegError:
        return None


def keyframe_before(container: av.container.InputContainer, stream: av.VideoStream, at: int) -> int | None:
    """The pts of the keyframe that the container names for a time; nothing is proven of it. None: it names none.

    Arguments as ``landing``. Whoever decodes from there must see that the keyframe comes out first, and undamaged.
    """
    if container.format.name not in CONTAINERS or stream.codec_context.name not in DECODERS:
        return None
    try:
        container.seek(at, stream=stream)
        packet = next(container.demux(stream))
    except (av.error.FFmpegError, StopIteration):
        return None
    is_one = packet.is_keyframe and not packet.is_discard and packet.pts is not None and packet.pts <= at
    return packet.pts if is_one else None


def _tried(container: av.container.InputContainer, stream: av.VideoStream, at: int) -> int | None:
    """The pts of the packet that comes next, if it is a keyframe from which all frames up to a time come out whole."""
    keyframe: int | None = None
    is_out = False
    for packet in islice(container.demux(stream), MOST_TRIED):
        if keyframe is None:
            keyframe = packet.pts
            if keyframe is None or keyframe > at or not packet.is_keyframe or packet.is_discard:
                return None
        for frame in packet.decode():
            if frame.pts is None:
                return None
            if frame.pts < keyframe:
                continue  # shown before the keyframe and coded after it: may need what came before
            if frame.is_corrupt or not (is_out or frame.pts == keyframe):
                return None
            is_out = True
            if frame.pts > at:
                return keyframe
        if not packet.size and is_out:
            return keyframe  # the film ends here
    return None
