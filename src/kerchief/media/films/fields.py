"""Interlaced frames → whole ones: two half pictures of different times in one frame look like combs where things move.

One frame comes out for each that goes in, at its own time. It shows the earlier of its two half pictures; the lines
between come from both and from the frames beside it (FFmpeg's filter bwdif).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import islice

import av
import av.filter

from kerchief.errors import InputRefused

#: How many frames at the start of a film are asked for their flag.
ASKED = 12
THREADS = 2
#: FFmpeg's numbers of field orders: unknown and progressive; those in which the bottom lines are shown first.
NOT_INTERLACED, BOTTOM_FIRST = (0, 1), (3, 4)
#: FFmpeg's names of codings whose every frame says whether it is interlaced. Of the others the stream says it.
TELL_EACH = {"h264", "hevc", "mpeg2video", "mpeg1video", "vc1", "wmv3", "mpeg4"}


def is_interlaced(stream: av.VideoStream, first: Iterable[av.VideoFrame]) -> bool:
    """Whether a film has interlaced frames, as its stream or any of its first frames says.

    Args:
        stream: the film.
        first: its frames; no more than ``ASKED`` are taken.
    """
    order = stream.codec_context.field_order
    # All must be taken, for the stream may know its order only then.
    flags = [frame.interlaced_frame for frame in islice(first, ASKED)]
    return any(flags) or order not in NOT_INTERLACED


def deinterlaced(frames: Iterable[av.VideoFrame], stream: av.VideoStream) -> Iterator[av.VideoFrame]:
    """The frames of a film, none of them interlaced; a film without interlaced frames goes by untouched.

    Raises:
        InputRefused: the filter loses a frame.
    """
    order = stream.codec_context.field_order
    of_all = order not in NOT_INTERLACED and stream.codec_context.name not in TELL_EACH
    filter_: _Filter | None = None
    for frame in frames:
        if filter_ is None and (of_all or frame.interlaced_frame):
            filter_ = _Filter(stream, frame, "all" if of_all else "interlaced", order)
        if filter_ is None:
            yield frame
        else:
            yield from filter_.put(frame)
    if filter_ is not None:
        yield from filter_.end()


class _Filter:
    """One run of bwdif; times and lengths are taken off the frames before it and given back after."""

    def __init__(self, stream: av.VideoStream, first: av.VideoFrame, which: str, order: int) -> None:
        parity = "auto" if which == "interlaced" else "bff" if order in BOTTOM_FIRST else "tff"
        graph = av.filter.Graph()
        graph.threads = THREADS
        source = graph.add_buffer(
            width=first.width, height=first.height, format=first.format, time_base=stream.time_base
        )
        filter_ = graph.add("bwdif", mode="send_frame", parity=parity, deint=which)
        graph.link_nodes(source, filter_, graph.add("buffersink")).configure()
        self._graph = graph
        self._count = 0
        self._only: av.VideoFrame | None = None
        self._times: deque[tuple[int | None, int]] = deque()

    def put(self, frame: av.VideoFrame) -> Iterator[av.VideoFrame]:
        self._only = frame if self._count == 0 else None
        self._count += 1
        self._times.append((frame.pts, frame.duration))
        self._graph.vpush(frame)
        yield from self._out()

    def end(self) -> Iterator[av.VideoFrame]:
        if self._only is not None:  # the filter leaves a frame as it is that has none beside it
            self._only.pts = (self._only.pts or 0) + max(1, self._only.duration)
            self._graph.vpush(self._only)
        self._graph.vpush(None)
        yield from self._out()
        if self._times:
            raise InputRefused("", "the film can't be deinterlaced", "Convert it to MP4 without interlacing first.")

    def _out(self) -> Iterator[av.VideoFrame]:
        with suppress(BlockingIOError, EOFError):  # it wants another frame first, or has no more
            while self._times:
                frame = self._graph.vpull()
                frame.pts, frame.duration = self._times.popleft()
                yield frame
