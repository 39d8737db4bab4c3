"""A film's frames in any order, for someone who looks at it: to and fro, frame by frame, or playing.

Every frame is the one that reading from the start would give. Decoding starts at the keyframe that the container names
before the wanted time; where it does not begin with that keyframe, or comes upon damage before that time, it starts at
the start of the film.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from fractions import Fraction

from kerchief.errors import InputRefused
from kerchief.media.films.reading import Reading, Timed
from kerchief.ports import YuvFrame

#: Where no keyframe is named for a time, one before a time that is so many seconds earlier is asked for.
EARLIER = (Fraction(0), Fraction(2), Fraction(20))
#: What is less than so many seconds ahead is read up to, without a look for a nearer keyframe.
NEAR = Fraction(1)


class Visits:
    """The frames of one film, in any order. Reading goes on where it stopped if that is nearest.

    Args:
        reading: the film.
    """

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._frames: Iterator[Timed] = iter(())
        self._last: Timed | None = None

    def visit(self, at: int, since: int, before: int, after: int) -> Iterator[YuvFrame | None]:
        """The frame that is on screen at a time, with some before and after it; None for each that goes by.

        Args:
            at: the time, from 0 on. After the film's end its last frame is on screen.
            since: frames that are gone by then are left out.
            before: at most so many are given before the frame.
            after: at most so many are given after it.

        Raises:
            InputRefused: the film is damaged there.
        """
        ways = self._ways(min(since, at))
        for number, way in enumerate(ways):
            is_begun = False
            try:
                way()
                for frame in self._read(at, since, before, after):
                    is_begun |= frame is not None
                    yield frame
            except InputRefused:
                self._frames, self._last = iter(()), None
                if is_begun or number + 1 == len(ways):
                    raise
            else:
                return

    def _ways(self, at: int) -> list[Callable[[], None]]:
        """Ways to come to a time, the best first. The last one always leads there."""
        unit = Fraction(*self._reading.info.time_base)
        if self._last is not None and self._last[0] <= at <= self._last[1] + NEAR // unit:
            return [lambda: None, lambda: self._begin(None)]
        keyframe = self._keyframe(at)
        if self._last is not None and self._last[0] <= at and (keyframe is None or keyframe <= self._place(self._last)):
            return [lambda: None, lambda: self._begin(None)]
        jump = [] if keyframe is None else [lambda: self._begin(keyframe)]
        return [*jump, lambda: self._begin(None)]

    def _keyframe(self, at: int) -> int | None:
        """A keyframe before a time."""
        unit = Fraction(*self._reading.info.time_base)
        for earlier in EARLIER:
            keyframe = self._reading.keyframe_before(at - earlier // unit) if at > earlier // unit else None
            if keyframe is not None:
                return keyframe
        return None

    def _place(self, frame: Timed) -> int:
        """The time of a frame as its container counts it."""
        return frame[0] + self._reading.origin

    def _begin(self, keyframe: int | None) -> None:
        self._frames, self._last = self._reading.frames(keyframe), None

    def _read(self, at: int, since: int, before: int, after: int) -> Iterator[YuvFrame | None]:
        waiting: deque[Timed] = deque(maxlen=before)
        frame = self._last or self._next()
        while frame is not None and frame[1] <= at:
            following = self._next()
            if following is None:
                break
            if frame[1] > since:
                waiting.append(frame)
            yield None
            frame = following
        while waiting:
            yield self._converted(waiting.popleft())
        if frame is not None:
            yield self._converted(frame)
        for _ in range(after):
            following = self._next()
            if following is None:
                return
            yield self._converted(following)

    def _next(self) -> Timed | None:
        """The next frame; where the film ends, the last one stays the one that was read last."""
        frame = next(self._frames, None)
        if frame is not None:
            self._last = frame
        return frame

    def _converted(self, frame: Timed) -> YuvFrame:
        pts, end, picture = frame
        return YuvFrame(pts, end - pts, self._reading.planes(picture))
