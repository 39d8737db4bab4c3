"""What was seen in the last few seconds of a stream: which frames are known, and what is covered in them.

The same looks, links and regions as for films (``find.watch``, ``find.follow``), over a window that moves on; but
everything that the looks see is believed. What would make a faint thing sure may come after it has left, or never:
between others a face is seen as a large faint thing. What that covers without need: docs/measurements.md.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from dataclasses import replace

from kerchief.find.follow import LEAST_SCORE as SURE_SCORE
from kerchief.find.follow import Thread, is_believed, linked, place, rate_of
from kerchief.find.head import region_for
from kerchief.find.motion import Camera
from kerchief.find.watch import Motion, Watched, agree
from kerchief.geometry import Box
from kerchief.live.covered import TIME_BASE
from kerchief.live.looking.camera import EndlessCamera
from kerchief.plan.model import Region
from kerchief.ports import Detection, YuvFrame

#: So much of what has left is remembered: tracks are told from it.
PAST_SECONDS = 1.0
#: So many frames are remembered at most, those that have not left among them.
MOST_FRAMES = 600
#: So many frames are forgotten at once: what was linked has to be linked again then.
AT_ONCE = 12
#: A thing is held for so long after it was last seen. Longer than in films, where what comes later is known too.
HOLD_SECONDS = 0.6
#: As in ``find.watch``, but less sure things ask for a look in between too: nobody looks at the result once more.
SURE, MAY_HAVE_GONE = 0.3, 0.2
UNITS = TIME_BASE[1]


class Window:
    """One stretch of a stream in which nothing was amiss.

    Frames are numbered from 0 on. Not for several threads.

    Args:
        size: width and height of the frames.
    """

    def __init__(self, size: tuple[int, int]) -> None:
        self._size = size
        self._camera = EndlessCamera(MOST_FRAMES)
        self._first = 0
        self._times: list[int] = []
        self._cuts: list[int] = [0]
        self._looks: dict[int, list[Detection]] = {}
        self._order: list[int] = []
        self._own_motion: dict[int, Motion] = {}
        self._agreed: dict[tuple[int, int], bool] = {}
        self._threads: list[Thread] | None = None

    @property
    def end(self) -> int:
        """The number that the next frame gets."""
        return self._first + len(self._times)

    def add(self, frame: YuvFrame) -> int:
        """Take in the next frame; its number."""
        self._camera.see(frame)
        self._times.append(frame.pts)
        number = self.end - 1
        if self._camera.is_cut:
            self._cuts.append(number)
        return number

    def time(self, number: int) -> int:
        """The pts of a frame that is remembered, or of the oldest that is."""
        return self._times[max(0, number - self._first)]

    def is_cut(self, number: int) -> bool:
        """Whether a shot begins with this frame."""
        return number in self._cuts

    def looked(self, number: int, found: list[Detection]) -> None:
        """Take in what was found in a frame, only what lies in nothing else (``find.head.outermost``)."""
        if number < self._first:
            return
        self._looks[number] = found
        insort(self._order, number)
        self._threads = None
        self._compare()

    def is_looked_at(self, number: int) -> bool:
        """Whether this very frame was looked at."""
        return number in self._looks

    def is_known(self, number: int) -> bool:
        """Whether a frame was looked at, or lies between two looks that agree (law 5)."""
        if number in self._looks:
            return True
        pair = self._around(number)
        return pair is not None and self._agreed.get(pair, False)

    def doubtful(self) -> list[tuple[int, int]]:
        """Pairs of looks that disagree and have frames between them, the oldest first."""
        return [pair for pair, same in self._agreed.items() if not same and pair[1] - pair[0] > 1]

    def last_look(self) -> int | None:
        """The newest frame that was looked at."""
        return self._order[-1] if self._order else None

    def regions(self, number: int) -> dict[str, Region]:
        """What is covered in a frame, display pixels, by names that hold for this answer alone."""
        view = self._view()
        hold = self._hold(view)
        threads = self._linked(view, hold)
        places = ((thread, self._place(thread, number - self._first, view, hold)) for thread in threads)
        kinds = ((thread.seen[0][1].kind, box) for thread, box in places if box is not None)
        return {f"{kind.value}-{n}": region_for(Detection(box, 1.0, kind)) for n, (kind, box) in enumerate(kinds, 1)}

    def _place(self, thread: Thread, at: int, view: Watched, hold: int) -> Box | None:
        """Where a thread is in a frame, by the picture's own motion; between two looks also on the straight way.

        That motion may be told wrongly in one frame, and then everything would be covered beside where it is. In a film
        the look at the copy finds that.
        """
        box = place(thread, at, view, hold)
        if box is None or not thread.seen[0][0] < at < thread.seen[-1][0]:
            return box
        straight = place(thread, at, replace(view, camera=_still(len(view.times))), hold)
        return box if straight is None else box.hull(straight)

    def people(self, number: int) -> int:
        """How many are surely there in a frame for which ``regions`` was asked: held and faint ones don't count."""
        at = number - self._first
        there = (t for t in self._threads or () if t.seen[0][0] <= at <= t.seen[-1][0])
        return sum(is_believed(thread, SURE_SCORE) for thread in there)

    def forget(self, number: int) -> None:
        """Frames before this one have left: drop what is too old to tell anything of those that come."""
        oldest = self._times[number - self._first] - PAST_SECONDS * UNITS
        keep = max(self.end - MOST_FRAMES, self._first + bisect_left(self._times, oldest))
        if keep - self._first < AT_ONCE:
            return
        # The look before the oldest frame stays, so that its neighbours know where they came from.
        before = bisect_right(self._order, keep) - 1
        keep = min(keep, self._order[before]) if before >= 0 else keep
        keep = max(keep, self.end - MOST_FRAMES)
        del self._times[: keep - self._first]
        self._first = keep
        self._order = [n for n in self._order if n >= keep]
        self._looks = {n: self._looks[n] for n in self._order}
        self._own_motion = {n: motion for n, motion in self._own_motion.items() if n >= keep}
        self._agreed = {pair: same for pair, same in self._agreed.items() if pair[0] >= keep}
        self._cuts = [n for n in self._cuts if n >= keep]
        self._threads = None

    def _hold(self, view: Watched) -> int:
        """Frames for which a thing is held."""
        return max(1, round(HOLD_SECONDS * rate_of(view, 1 / UNITS)))

    def _linked(self, view: Watched, hold: int) -> list[Thread]:
        """What is the same from look to look, linked anew where something was seen or forgotten since."""
        if self._threads is None:
            self._threads = linked(view, 2 * hold)
        return self._threads

    def _around(self, number: int) -> tuple[int, int] | None:
        """The looks before and after a frame that was not looked at itself."""
        after = bisect_left(self._order, number)
        return (self._order[after - 1], self._order[after]) if 0 < after < len(self._order) else None

    def _compare(self) -> None:
        """Hold each look against the one before it, where that was not done yet."""
        pairs = list(zip(self._order, self._order[1:], strict=False))
        new = [pair for pair in pairs if pair not in self._agreed]
        if new:
            view = self._view()
            view.own_motion = {n - self._first: motion for n, motion in self._own_motion.items()}
            for a, b in new:
                one, two = a - self._first, b - self._first
                same_shot = view.camera.shot[one] == view.camera.shot[two]
                # Farther apart nothing is held: somebody may come and go in between.
                is_near = view.times[two] - view.times[one] <= HOLD_SECONDS * UNITS
                self._agreed[a, b] = agree(view, one, two, self._size, SURE, MAY_HAVE_GONE) and same_shot and is_near
                if two in view.own_motion:
                    self._own_motion[b] = view.own_motion[two]
        self._agreed = {pair: self._agreed[pair] for pair in pairs}

    def _view(self) -> Watched:
        """What was seen, numbered from 0 on."""
        view = Watched(times=self._times, camera=self._camera.newest(len(self._times)))
        view.looks = {n - self._first: found for n, found in self._looks.items()}
        view.length = self._times[-1] + 1
        return view


def _still(frames: int) -> Camera:
    """A camera that does not move."""
    camera = Camera()
    camera.at, camera.shot = [(0.0, 0.0)] * frames, [0] * frames
    return camera
