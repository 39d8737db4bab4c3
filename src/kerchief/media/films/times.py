"""When each frame of a film is shown: from its pts to that of the next, from 0 on.

FFmpeg's times are taken as they are, but for two things that it makes up itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import av

from kerchief.errors import InputRefused

CONVERT = "Convert it to MP4 first."
#: FFmpeg's names of containers that need not give every frame a time.
MPEG_STREAMS = ("mpeg", "mpegts", "mpegvideo")


def timed(
    frames: Iterable[av.VideoFrame], container: av.container.InputContainer, stream: av.VideoStream, origin: int
) -> Iterator[tuple[int, int, av.VideoFrame]]:
    """Frames with their start and end in the stream's time base.

    Args:
        frames: as they come out of the decoder.
        container: where they come from.
        stream: the film in it.
        origin: pts of the first frame of the whole film.

    Raises:
        InputRefused: a frame has no time, or the times do not rise.
    """
    if container.format.name in MPEG_STREAMS:
        frames = _risen(frames)
    last_end = _last_end(container, stream)
    waiting: tuple[int, int, av.VideoFrame] | None = None
    for frame in frames:
        if frame.pts is None:
            raise InputRefused("", "a frame has no time", CONVERT)
        pts = frame.pts - origin
        if waiting is not None:
            if pts <= waiting[0]:
                raise InputRefused("", "the frames' times do not rise", CONVERT)
            yield waiting[0], pts, waiting[2]
        waiting = pts, pts + max(1, frame.duration or 1), frame
    if waiting is not None:
        pts, end, frame = waiting
        yield pts, max(pts + 1, last_end - origin) if last_end else end, frame


def _last_end(container: av.container.InputContainer, stream: av.VideoStream) -> int | None:
    """Where the last frame ends, where it does not say so itself: FFmpeg forgets the lengths of VP9 frames in MP4."""
    if not container.format.name.startswith("mov") or stream.codec_context.name not in ("vp9", "libvpx-vp9"):
        return None
    return (stream.start_time or 0) + stream.duration if stream.duration else None


def _risen(frames: Iterable[av.VideoFrame]) -> Iterator[av.VideoFrame]:
    """The frames of an MPEG stream, whose packs have times and not its frames; FFmpeg makes up the others.

    It is one frame early or late at times. A frame without a time, or with that of the frame before, comes when that
    one ends; times that go further back are left to be refused.
    """
    last: tuple[int, int] | None = None
    for frame in frames:
        if last is not None and frame.duration:
            pts, length = last
            if frame.pts is None or pts - length < frame.pts <= pts:
                frame.pts = pts + length
        if frame.pts is not None:
            last = frame.pts, max(1, frame.duration or 1)
        yield frame
