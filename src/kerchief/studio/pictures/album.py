"""The frames of a photo, an animation or pages, as many of them as may be in memory at once."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, replace

from kerchief.ports import Frame, MediaInfo, MediaKind

#: Of one file. Those of nearly all animations are far fewer.
MOST_BYTES = 256 << 20


@dataclass(frozen=True, slots=True, eq=False)
class Album:
    """Frames that follow one another.

    Attributes:
        info: what the file is.
        frames: at least one.
        is_first: whether the first of them is the file's first.
        is_last: whether the last of them is the file's last.
    """

    info: MediaInfo
    frames: tuple[Frame, ...]
    is_first: bool
    is_last: bool

    @property
    def size_bytes(self) -> int:
        """Bytes of all frames together."""
        return sum(map(_bytes, self.frames))

    def at(self, pts: int) -> Frame | None:
        """The frame that is shown at a time; None where that is none of these. Times outside of the file: its ends."""
        place = bisect_right(self.frames, pts, key=lambda frame: frame.pts) - 1
        if place < 0:
            return self.frames[0] if self.is_first else None
        frame = self.frames[place]
        is_known = place + 1 < len(self.frames) or self.is_last or pts < frame.pts + frame.duration
        return frame if is_known else None


def album(info: MediaInfo, frames: Iterable[Frame], pts: int) -> Album:
    """An album that begins with the frame that is shown at a time, or with the last one where that is after the end.

    Args:
        info: what the file is.
        frames: all that the file holds, in order; no more are taken than there is room for.
        pts: the time.
    """
    kept: list[Frame] = []
    size, is_first = 0, True
    for frame in frames:
        # Two frames never share a time, and whoever asks for the end of one gets the next.
        lasting = frame if info.kind is MediaKind.PHOTO else replace(frame, duration=max(1, frame.duration))
        if size + _bytes(frame) > (MOST_BYTES // 2 if frame.pts <= pts else MOST_BYTES) and kept:
            if frame.pts > pts:
                return Album(info, tuple(kept), is_first, is_last=False)
            kept, size, is_first = [], 0, False
        kept.append(lasting)
        size += _bytes(frame)
    return Album(info, tuple(kept), is_first, is_last=True)


def _bytes(frame: Frame) -> int:
    return frame.pixels.nbytes + (0 if frame.alpha is None else frame.alpha.nbytes)
