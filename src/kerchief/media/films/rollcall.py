"""Did every packet become a frame? A decoder may take a damaged packet for one that is not to be shown."""

from __future__ import annotations

from collections import deque
from fractions import Fraction

#: Codings in which a packet is one frame that is shown, in order; the names are FFmpeg's decoders.
ONE_TO_ONE = {"vp8", "libvpx", "vp9", "libvpx-vp9", "av1", "libdav1d", "libaom-av1"}
#: VP8 may have packets that only serve others. They take no time, so they stand this near to a neighbour, in seconds.
NO_TIME = Fraction(1, 500)


class RollCall:
    """Sets the packets that went into a decoder against the frames that came out.

    Args:
        decoder: FFmpeg's name of it; where packets and frames don't go one to one, all is taken for complete.
        time_base: seconds for one unit of pts.
    """

    def __init__(self, decoder: str, time_base: Fraction) -> None:
        self.packets = 0
        self._is_kept = decoder in ONE_TO_ONE
        self._no_time = NO_TIME // time_base
        self._is_complete = True
        self._waiting: deque[int] = deque()
        self._last: int | None = None

    def sent(self, pts: int | None, *, is_hidden: bool) -> None:
        """A packet went in.

        Args:
            pts: of the packet.
            is_hidden: whether the container says that its frame is not shown.
        """
        self.packets += 1
        if self._is_kept and pts is not None and not is_hidden:
            self._waiting.append(pts)

    def came(self, pts: int | None) -> None:
        """A frame came out."""
        if not self._is_kept or pts is None:
            return
        while self._waiting and self._waiting[0] < pts:
            missing = self._waiting.popleft()
            after_last = self._last is not None and missing - self._last <= self._no_time
            self._is_complete &= after_last or pts - missing <= self._no_time
        if self._waiting and self._waiting[0] == pts:
            self._waiting.popleft()
        self._last = pts

    @property
    def is_complete(self) -> bool:
        """Whether every packet so far became a frame, or takes no time. To be asked at the end."""
        return self._is_complete and not self._waiting
