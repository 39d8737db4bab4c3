"""Frames that came and have not left, in their order; and which of them is looked at next. Pure: time is told."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

from kerchief.find.watch import STEP_SECONDS as FILM_STEP_SECONDS
from kerchief.live.covered import TIME_BASE
from kerchief.live.looking.window import Window
from kerchief.ports import YuvFrame

UNITS = TIME_BASE[1]
#: Seconds from one look to the next, at least: whole frames that come to about the step of films.
STEP_SECONDS = 0.9 * FILM_STEP_SECONDS


@dataclass(slots=True, eq=False)
class Waiting:
    """A frame that waits to be looked at and to leave.

    Attributes:
        frame: as it will be shown, not covered yet; None for one that must not be shown.
        seen: what is looked at: the same picture, perhaps smaller.
        pts: when it was filmed.
        arrived: when it came, seconds of the monotonic clock.
        window: what it is a part of; None for one that must not be shown.
        number: its own in that window.
        is_running: whether it is being looked at.
        is_last: whether the window ends with it.
        has_failed: whether a look at it failed; it is not tried again.
    """

    frame: YuvFrame | None
    seen: YuvFrame | None
    pts: int
    arrived: float
    window: Window | None = None
    number: int = -1
    is_running: bool = False
    is_last: bool = False
    has_failed: bool = False

    @property
    def is_looked_at(self) -> bool:
        """Whether this very frame was looked at."""
        return self.window is not None and self.window.is_looked_at(self.number)

    @property
    def is_known(self) -> bool:
        """Whether it is known what has to be covered in it."""
        return self.window is not None and self.window.is_known(self.number)

    @property
    def can_be_looked_at(self) -> bool:
        """Whether a look at it would tell anything."""
        return self.window is not None and not (self.is_running or self.has_failed or self.is_looked_at)


class Queue:
    """Frames in the order in which they came."""

    def __init__(self) -> None:
        self._frames: deque[Waiting] = deque()

    def __len__(self) -> int:
        return len(self._frames)

    def __iter__(self) -> Iterator[Waiting]:
        return iter(self._frames)

    def add(self, frame: Waiting) -> None:
        """The next frame came."""
        if self._frames and self._frames[-1].window is not frame.window:
            self._frames[-1].is_last = True
        self._frames.append(frame)

    def end(self) -> None:
        """No frame comes any more."""
        if self._frames:
            self._frames[-1].is_last = True

    @property
    def head(self) -> Waiting | None:
        """The oldest."""
        return self._frames[0] if self._frames else None

    def leave(self) -> Waiting:
        """Take the oldest out."""
        left = self._frames.popleft()
        if left.window is not None:
            left.window.forget(left.number)
        return left


def newest(queue: Queue) -> Waiting | None:
    """The look that is wanted where only what was looked at itself may leave: the newest frame that can be."""
    frame = next((frame for frame in reversed(list(queue)) if frame.window is not None), None)
    return frame if frame is not None and frame.can_be_looked_at else None


def most_wanted(queue: Queue, latest: float) -> Waiting | None:
    """The look that is wanted most where what lies between two looks that agree may leave too.

    Args:
        queue: what waits.
        latest: frames that came before this will have left before a look at them is done.
    """
    frames = [frame for frame in queue if frame.window is not None]
    all_wanted = (*_beginnings(frames), *_between(frames, latest), *_next_steps(frames, latest))
    wanted = [(arrived, frame) for arrived, frame in all_wanted if frame.can_be_looked_at]
    return min(wanted, key=lambda each: each[0])[1] if wanted else None


#: When the oldest frame came that a look would help to let go, and the frame to look at.
Wanted = tuple[float, Waiting]


def _beginnings(frames: list[Waiting]) -> Iterator[Wanted]:
    """The first and last frames of windows and of shots: nothing lies on their other side."""
    for number, frame in enumerate(frames):
        after = frames[number + 1] if number + 1 < len(frames) else None
        assert frame.window is not None
        is_first = frame.number == 0 or frame.window.is_cut(frame.number)
        before_cut = after is not None and after.window is frame.window and frame.window.is_cut(after.number)
        if is_first or frame.is_last or before_cut:
            yield frame.arrived, frame


def _between(frames: list[Waiting], latest: float) -> Iterator[Wanted]:
    """The middle of each two looks that disagree, of what can still be saved there."""
    for window in {id(frame.window): frame.window for frame in frames}.values():
        assert window is not None
        pairs = window.doubtful()
        for a, b in pairs:
            inside = [f for f in frames if f.window is window and a < f.number < b]
            unsaved = [f for f in inside if f.arrived > latest]
            if unsaved and not any(f.is_running for f in inside):
                yield unsaved[0].arrived, unsaved[len(unsaved) // 2]


def _next_steps(frames: list[Waiting], latest: float) -> Iterator[Wanted]:
    """The next look after the newest one; later than that where it would come too late for what lies before it."""
    if not frames or any(frame.is_last for frame in frames[-1:]):
        return
    window = frames[-1].window
    assert window is not None
    ours = [frame for frame in frames if frame.window is window]
    begun = [frame for frame in ours if frame.is_running or frame.is_looked_at]
    last = window.last_look()
    since = begun[-1].number if begun else last if last is not None else -1
    after = [frame for frame in ours if frame.number > since and not frame.has_failed]
    start = window.time(since)
    due = after if since < 0 else [frame for frame in after if frame.pts - start >= STEP_SECONDS * UNITS]
    if due:
        saved = [frame for frame in due if frame.arrived > latest]
        yield after[0].arrived, (saved or due[-1:])[0]
