"""Frames come, are looked at against their deadline, and leave: covered where they are known, else not to be seen.

``_leave`` is the one place where a frame leaves, and there it is covered by what its window knows of it, or whole.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from queue import Empty, SimpleQueue
from time import monotonic

from kerchief.choices import Late
from kerchief.errors import Unexpected
from kerchief.geometry import Box
from kerchief.live.counts import Counts, Span
from kerchief.live.covered import Covered, Form
from kerchief.live.events import Event, Tell
from kerchief.live.looking.waiting import Queue, Waiting, most_wanted, newest
from kerchief.live.looking.window import Window
from kerchief.live.painter import Painter, enlarged
from kerchief.live.source.feed import Filmed
from kerchief.ports import Detection, YuvFrame
from kerchief.settings import Settings

#: How long a frame may be late before it counts as not looked at: with a delay, ...
GRACE_SECONDS = 0.1
#: ... and without, where it has to be looked at itself: at least so many seconds, and so many times what a look takes
#: (a slow machine shows it later), but no more than that.
BUDGET_SECONDS, BUDGET_LOOKS, MOST_BUDGET_SECONDS = 0.15, 1.5, 0.5
#: Without a delay heads grow by this share of their sides: nothing is known of where they go.
GROWN = 0.1
#: Without a delay a frame that nobody had time for is passed over, unless nothing left for so long.
SILENT_SECONDS = 0.3
#: So many frames wait to leave, at most; the oldest go out whole before their time.
MOST_QUEUED = 300
#: Shorter spans that were covered whole are told to machines alone.
LONG_SECONDS = 1.0
#: What a look is taken to last before the first was done, and what each says about the next.
FIRST_LOOK, LEARNT = 0.1, 0.2

Look = Callable[[YuvFrame], list[Detection]]


@dataclass(frozen=True, slots=True)
class Timing:
    """When frames leave.

    Attributes:
        delay: seconds after they came; 0: as soon as they were looked at.
        late: what becomes of those that were not looked at in time.
    """

    delay: float = 0.5
    late: Late = Late.VEIL

    def until(self, look_seconds: float) -> float:
        """Seconds after it came in which a frame must be known, where a look takes so many."""
        if self.delay:
            return self.delay + GRACE_SECONDS
        return min(MOST_BUDGET_SECONDS, max(BUDGET_SECONDS, BUDGET_LOOKS * look_seconds))


@dataclass(frozen=True, slots=True, eq=False)
class _Looked:
    """A look that is done, or failed."""

    frame: Waiting
    found: list[Detection] | Exception
    seconds: float


class _Stop:
    """Nothing comes any more."""


class Conductor:
    """Takes frames from one thread, has them looked at in others, and lets them go from the one that calls ``run``.

    Args:
        form: of all frames that leave.
        timing: when they leave.
        settings: how they are covered.
        look: finds things in a frame, only what lies in nothing else; called from several threads.
        lookers: how many looks go on at the same time.
        send: is given what leaves.
        tell: told of spans in which the picture was covered whole, and of looks that fail.
    """

    def __init__(
        self,
        form: Form,
        timing: Timing,
        settings: Settings,
        look: Look,
        lookers: int,
        send: Callable[[Covered], None],
        tell: Tell,
    ) -> None:
        self.counts = Counts()
        self._form, self._timing = form, timing
        self._look, self._lookers, self._send, self._tell = look, lookers, send, tell
        self._painter = Painter(form, settings, 0.0 if timing.delay else GROWN)
        self._heard: SimpleQueue[Filmed | _Looked | _Stop] = SimpleQueue()
        self._queue = Queue()
        self._window: Window | None = None
        self._running = 0
        self._look_seconds = FIRST_LOOK
        self._last_left = float("-inf")
        self._has_failed = False

    def give(self, frame: Filmed) -> None:
        """The next frame came. From any thread."""
        self._heard.put(frame)

    def stop(self) -> None:
        """Nothing more comes; ``run`` returns when all has left. From any thread."""
        self._heard.put(_Stop())

    def run(self) -> None:
        """Work until everything has left after ``stop``."""
        is_stopped = False
        with ThreadPoolExecutor(self._lookers, "look") as pool:
            while not is_stopped or len(self._queue):
                for heard in self._hear():
                    if isinstance(heard, Filmed):
                        self._take(heard)
                    elif isinstance(heard, _Looked):
                        self._learn(heard)
                    else:
                        is_stopped = True
                        self._queue.end()
                self._let_go()
                self._begin_looks(pool)
        self._tell_span(self.counts.end())

    def _hear(self) -> list[Filmed | _Looked | _Stop]:
        """All that happened; waits for something, but not longer than a frame may wait."""
        heard: list[Filmed | _Looked | _Stop] = []
        try:
            heard.append(self._heard.get(timeout=self._patience()))
            while True:
                heard.append(self._heard.get_nowait())
        except Empty:
            return heard

    def _patience(self) -> float | None:
        head = self._queue.head
        if head is None:
            return None
        now = monotonic()
        leaves = head.arrived + self._timing.delay
        return max(0.0, (leaves if leaves > now else head.arrived + self._timing.until(self._look_seconds)) - now)

    def _take(self, filmed: Filmed) -> None:
        self.counts.came += 1
        if filmed.frame is None:
            self._window = None
            self._queue.add(Waiting(None, None, filmed.pts, filmed.arrived))
            return
        if self._window is None or not filmed.follows:
            self._window = Window((self._form.width, self._form.height))
        frame = replace(enlarged(filmed.frame, self._form), pts=filmed.pts)
        number = self._window.add(frame)
        self._queue.add(Waiting(frame, filmed.frame, filmed.pts, filmed.arrived, self._window, number))
        while len(self._queue) > MOST_QUEUED and (head := self._queue.head) is not None:
            self._leave(head, is_known=False)
            self._queue.leave()

    def _begin_looks(self, pool: ThreadPoolExecutor) -> None:
        while self._running < self._lookers:
            latest = monotonic() + self._look_seconds - self._timing.until(self._look_seconds)
            frame = most_wanted(self._queue, latest) if self._timing.delay else newest(self._queue)
            if frame is None or frame.seen is None:
                return
            frame.is_running = True
            self._running += 1
            pool.submit(self._look_at, frame, frame.seen)

    def _look_at(self, frame: Waiting, seen: YuvFrame) -> None:
        """In a thread of the pool."""
        began = monotonic()
        found: list[Detection] | Exception
        try:
            found = [self._enlarged(detection, seen) for detection in self._look(seen)]
        except Exception as error:  # noqa: BLE001 - whatever it is, the frame was not looked at, and is not shown
            found = error
        self._heard.put(_Looked(frame, found, monotonic() - began))

    def _enlarged(self, found: Detection, seen: YuvFrame) -> Detection:
        """Where something is in the frame that is shown; its sides need not be in proportion to the pixel."""
        if (seen.width, seen.height) == (self._form.width, self._form.height):
            return found
        x, y = self._form.width / seen.width, self._form.height / seen.height
        box = Box(found.box.x0 * x, found.box.y0 * y, found.box.x1 * x, found.box.y1 * y)
        return replace(found, box=box)

    def _learn(self, looked: _Looked) -> None:
        """A look that failed is none."""
        self._running -= 1
        looked.frame.is_running = False
        self.counts.busy += looked.seconds
        self._look_seconds += LEARNT * (looked.seconds - self._look_seconds)
        if isinstance(looked.found, Exception):
            if not self._has_failed:
                fault = Unexpected.of("a look at a frame", looked.found)
                self._tell(Event("look failed", str(fault), {"problem": fault.problem}))
            self._has_failed = looked.frame.has_failed = True
        elif looked.frame.window is not None:
            self._has_failed = False
            looked.frame.window.looked(looked.frame.number, looked.found)

    def _let_go(self) -> None:
        """Everything that may leave, in order."""
        while (head := self._queue.head) is not None:
            now = monotonic()
            if now < head.arrived + self._timing.delay:
                return
            is_known = head.is_known if self._timing.delay else head.is_looked_at
            can_wait = head.frame is not None and now < head.arrived + self._timing.until(self._look_seconds)
            if not is_known and can_wait and not self._is_passed_over(head):
                return
            self._leave(head, is_known=is_known)
            self._queue.leave()

    def _is_passed_over(self, head: Waiting) -> bool:
        """Without a delay: whether nobody looks at this frame, but at one that came later."""
        if self._timing.delay or head.is_running:
            return False
        return any(frame.is_running or frame.is_looked_at for frame in self._queue if frame is not head)

    def _leave(self, frame: Waiting, *, is_known: bool) -> None:
        """The frame goes out covered; or veiled or not at all, for it is not known what is in it."""
        if is_known and frame.window is not None and frame.frame is not None:
            covered = self._painter.covered(frame.frame, frame.window.regions(frame.number))
            self._give_out(frame, covered, frame.window.people(frame.number))
            return
        is_passed_over = not self._timing.delay and monotonic() - self._last_left < SILENT_SECONDS
        if frame.frame is not None and is_passed_over:
            return
        self.counts.late += frame.frame is not None
        if self._timing.late is Late.VEIL:
            self._give_out(frame, self._painter.veiled(frame.pts), 0)

    def _give_out(self, frame: Waiting, covered: Covered, people: int) -> None:
        self._send(covered)
        now = self._last_left = monotonic()
        span = self.counts.left(frame.pts, now, now - frame.arrived, people, is_veiled=covered.is_veiled)
        self._tell_span(span)

    def _tell_span(self, span: Span | None) -> None:
        if span is not None:
            says = f"the picture was covered whole for {span.seconds:.1f} s" if span.seconds >= LONG_SECONDS else ""
            values = {"start_s": round(span.start, 2), "seconds": round(span.seconds, 2)}
            self._tell(Event("veiled", says, values))
