"""Random access to the frames of one film, for someone who looks at it: to and fro, frame by frame, or playing."""

from __future__ import annotations

from collections import OrderedDict
from pathlib import Path
from threading import Lock

from kerchief.errors import InputRefused
from kerchief.ports import MediaInfo, YuvFrame
from kerchief.sandbox.decoder import Decoder
from kerchief.sandbox.wire import LAST_TIME
from kerchief.studio.pictures.shelf import Key

#: Decoded frames that a reel keeps.
MOST_BYTES = 64 << 20
#: How many frames are read on while somebody goes forward, and how many before the asked one while going backward.
AHEAD, BEHIND = 4, 24
#: Of so many bytes at most: the frames of large films are read in smaller numbers.
WINDOW_BYTES = 48 << 20
#: How many films are held open, each with a process of its own.
MOST_OPEN = 3
LEFT = "another film was opened in between"


class Reel:
    """The frames of one film by their times. Thread-safe.

    Args:
        path: the film.
        info: what it is, as it was opened.
        decoder: in which it was opened last; the reel's own from now on.
    """

    def __init__(self, path: Path, info: MediaInfo, decoder: Decoder) -> None:
        self.info = info
        self.is_closed = False
        self._path = path
        self._decoder = decoder
        self._lock = Lock()
        self._frames: OrderedDict[int, YuvFrame] = OrderedDict()
        self._asked = 0
        self._end: int | None = None
        """When the film ends, once somebody went there."""
        self._length = 1
        """Of a frame: the last one that was read."""

    def frame_at(self, pts: int) -> YuvFrame:
        """The frame that is shown at a time; before the film its first, after the film its last.

        Raises:
            InputRefused: the film is damaged, or changed since it was opened; the decoder crashed on it or was ended.
        """
        with self._lock:
            pts = max(0, min(pts, LAST_TIME if self._end is None else self._end - 1))
            found = self._find(pts)
            if found is None:
                found = self._read(pts)
            self._asked = found.pts
            return found

    def close(self) -> None:
        """End its process, once nobody waits for it."""
        with self._lock:
            self.end()

    def end(self) -> None:
        """End its process at once; whoever waits for a frame gets an error."""
        self.is_closed = True
        self._decoder.close()

    def _find(self, pts: int) -> YuvFrame | None:
        """The frame if it is in memory."""
        frame = self._frames.get(pts)
        if frame is None:
            frame = next((f for f in reversed(self._frames.values()) if f.pts <= pts < f.pts + f.duration), None)
        if frame is not None:
            self._frames.move_to_end(frame.pts)
        return frame

    def _read(self, pts: int) -> YuvFrame:
        """Read the frame and some beside it, on the side to which somebody is going."""
        shown: YuvFrame | None = None
        last = 0
        for frame in self._visit(pts):
            self._keep(frame)
            self._length, last = frame.duration, frame.pts + frame.duration
            if shown is None or frame.pts <= pts:
                shown = frame
        if shown is None:
            raise InputRefused(str(self._path), "the film has no frame there", "Open it again.")
        if last <= pts:
            self._end = last
        return shown

    def _visit(self, pts: int) -> list[YuvFrame]:
        """The frames about a time; the film is opened again where its process was lost."""
        if self.is_closed:
            raise InputRefused(str(self._path), LEFT, "Open it again.")
        if not self._decoder.can_visit:
            info, _, _ = self._decoder.open(self._path)
            if info.sha256 != self.info.sha256:
                raise InputRefused(str(self._path), "the file changed while it was looked at", "Open it again.")
        try:
            return self._ask(pts)
        except InputRefused:
            if not self._decoder.can_visit:
                raise
            # Damage beside the frame is told to whoever wants to see that.
            return list(self._decoder.visit(self._path, pts, pts))

    def _ask(self, pts: int) -> list[YuvFrame]:
        most = max(1, WINDOW_BYTES // (self.info.width * self.info.height * 3 // 2))
        if 0 < self._asked - pts <= 2 * self._length:
            before = min(most, BEHIND)
            return list(self._decoder.visit(self._path, pts, max(0, pts - before * self._length), before))
        return list(self._decoder.visit(self._path, pts, pts, 0, min(most, AHEAD)))

    def _keep(self, frame: YuvFrame) -> None:
        self._frames[frame.pts] = frame
        self._frames.move_to_end(frame.pts)
        size = sum(plane.nbytes for plane in frame.planes)
        while len(self._frames) > 1 and len(self._frames) * size > MOST_BYTES:
            self._frames.popitem(last=False)


class Reels:
    """The films that are looked at; where there are too many, the one that nobody asked for longest is put away."""

    def __init__(self, most: int = MOST_OPEN) -> None:
        self.is_closed = False
        self._most = most
        self._lock = Lock()
        self._open: OrderedDict[Key, Reel] = OrderedDict()

    def find(self, key: Key) -> Reel | None:
        """The reel if it is open."""
        with self._lock:
            if key in self._open:
                self._open.move_to_end(key)
            return self._open.get(key)

    def put(self, key: Key, reel: Reel) -> None:
        """Hold a reel open."""
        with self._lock:
            gone = [self._open.pop(key)] if key in self._open else []
            self._open[key] = reel
            while len(self._open) > (0 if self.is_closed else self._most):
                gone.append(self._open.popitem(last=False)[1])
        for old in gone:
            old.close()

    def drop(self, path: Path) -> None:
        """Put away the reels of a film."""
        with self._lock:
            gone = [self._open.pop(key) for key in list(self._open) if key[0] == path]
        for old in gone:
            old.close()

    def close(self) -> None:
        """Put all away for good; whoever waits for a frame gets an error."""
        with self._lock:
            self.is_closed = True
            gone = list(self._open.values())
            self._open.clear()
        for old in gone:
            old.end()
