"""What a worker does with one file: looks for faces, exports it, lets a region follow. The pipeline does it."""

from __future__ import annotations

import time
from collections.abc import Callable

from kerchief.errors import FaceShows, KerchiefError
from kerchief.find.carry import carry
from kerchief.pipeline import Outcome, StillShows, plan_source, render_source
from kerchief.plan.model import Cut, Keyframe, Plan
from kerchief.plan.query import region_of
from kerchief.ports import Phase, Progress
from kerchief.studio.answers import Stale
from kerchief.studio.desk.consent import as_exported, shown_in
from kerchief.studio.desk.copies import Copies, Copy
from kerchief.studio.desk.desk import Desk
from kerchief.studio.messages import State
from kerchief.studio.work.bench import Bench
from kerchief.studio.work.tasks import Export, Find, Follow, Task
from kerchief.tools import Tools

LOOK_AT_FOUND = "What showed is in the plan now: look at it there, enlarge it if need be, and export again."
#: Progress is told so often.
TELL_SECONDS = 0.25
#: Where the phases of an export begin and end.
SHARES = {Phase.LOOKING: (0.0, 1.0), Phase.COVERING: (0.0, 0.4), Phase.CHECKING: (0.4, 1.0)}


class Chores:
    """Tasks, done with the tools of the worker that does them.

    Args:
        desk: the files.
        bench: takes what comes of them.
        copies: where exports go.
        advanced: told how far a file is, 0 to 1.
    """

    def __init__(self, desk: Desk, bench: Bench, copies: Copies, advanced: Callable[[int, float], None]) -> None:
        self._desk, self._bench, self._copies, self._advanced = desk, bench, copies, advanced

    def do(self, task: Task, tools: Tools) -> None:
        """Do it; raises what the pipeline raises."""
        match task:
            case Follow():
                self._follow(task, tools)
            case Find(file=n):
                self._find(n, tools)
            case Export(file=n):
                if not self._bench.load(n):
                    self._find(n, tools)
                self._export(task, tools)

    def _find(self, n: int, tools: Tools) -> None:
        progress = self._progress(n, State.FINDING)
        self._bench.found(n, plan_source(tools.open(self._desk.file(n).job.source), tools, progress))

    def _export(self, task: Export, tools: Tools) -> None:
        n = task.file
        job = self._desk.file(n).job
        progress = self._progress(n, State.EXPORTING)
        self._desk.refresh(n)  # it may have been changed outside since this was asked for
        plan = as_exported(self._desk.plan(n)[0], task.shows)
        source = tools.open(job.source)
        target, replaces = self._copies.target(job, source.info)
        copy: Copy | None = None

        def publishing(outcome: Outcome) -> None:
            nonlocal copy
            copy = self._bench.announced(n, outcome, shown_in(plan))

        try:
            outcome = render_source(source, plan, target, tools, progress, replaces, publishing)
            self._bench.exported(n, plan, outcome, copy)
        except StillShows as error:
            self._bench.add(n, plan, error.plan)
            raise FaceShows(error.subject, error.problem, LOOK_AT_FOUND) from None
        except KerchiefError:
            if copy is not None:
                self._bench.settle(n)  # whether it came, the disk must say
            raise

    def _follow(self, task: Follow, tools: Tools) -> None:
        plan, _ = self._desk.plan(task.file)
        track = self._desk.track(task.file, task.track)
        region = region_of(track, task.pts)
        if region is None:
            raise Stale(self._desk.file(task.file).name, "the region is not there any more", "Let it follow again.")
        source = tools.open(self._desk.file(task.file).job.source)
        frames = tools.film(source, _since(plan, task.pts))
        base = plan.media.time_base
        found = carry(frames, region, base[0] / base[1])
        self._bench.follow(task.file, track, [Keyframe(pts=task.pts + pts, region=there) for pts, there in found])

    def _progress(self, n: int, state: State) -> Progress:
        self._bench.working(n, state, 0.0)
        self._advanced(n, 0.0)
        furthest, told_at = 0.0, time.monotonic()

        def progress(phase: Phase, done: int, total: int) -> None:
            nonlocal furthest, told_at
            begin, end = SHARES[phase]
            furthest = max(furthest, begin + (end - begin) * (done / total if total else 0.0))
            if time.monotonic() - told_at >= TELL_SECONDS:
                told_at = time.monotonic()
                self._bench.working(n, state, furthest)
                self._advanced(n, furthest)

        return progress


def _since(plan: Plan, pts: int) -> Cut:
    """The part of a film from a time of its plan on; the frame that is shown then is its first."""
    cut = plan.media.cut or Cut()
    return Cut(start=cut.start + pts, end=cut.end)
