"""What the workers make of the files on the desk."""

from __future__ import annotations

from collections.abc import Sequence

from kerchief.batch.worklog import must_be_sayable
from kerchief.errors import KerchiefError, UsageError
from kerchief.pipeline import Outcome
from kerchief.plan.edits import rekeyed
from kerchief.plan.model import Keyframe, Plan, Track
from kerchief.plan.query import region_of
from kerchief.ports import MediaKind
from kerchief.studio.answers import Stale, problem_of
from kerchief.studio.desk.consent import Shown
from kerchief.studio.desk.copies import Copies, Copy
from kerchief.studio.desk.desk import Desk
from kerchief.studio.desk.file import RELOAD, Reviewed
from kerchief.studio.desk.saved import must_be_about
from kerchief.studio.messages import Followed, State
from kerchief.studio.work.additions import with_added


class Bench:
    """Where plans and copies come from. For any number of threads, each with files of its own.

    Args:
        desk: the files.
        copies: that were exported.
    """

    def __init__(self, desk: Desk, copies: Copies) -> None:
        self._desk = desk
        self._copies = copies

    def load(self, n: int) -> bool:
        """Take up what an earlier review left: the plan and the copy; whether there was a plan.

        Raises:
            PlanMismatch: it can't be read, or is about another file.
            InputRefused: the file can't be read, or its name can't be written down.
        """
        file = self._desk.file(n)
        if file.history is not None:
            return True
        must_be_sayable(file.job.source)
        found = file.saved.load()
        if found is None:
            return False
        plan, revision = found
        must_be_about(plan, file.job.source, file.saved.path)
        self._take_up(file, plan, revision)
        return True

    def found(self, n: int, plan: Plan) -> None:
        """Faces were looked for.

        Raises:
            OutputError: the plan can't be written down.
        """
        if not self.load(n):  # somebody else may have written one in the meantime
            file = self._desk.file(n)
            self._take_up(file, plan, file.saved.save(plan))

    def must_be_refused(self, n: int) -> None:
        """Only where nothing was found for a reason is it looked for again.

        Raises:
            NotThere: there is no such file.
            UsageError: the file has a plan, or waits for one.
        """
        file = self._desk.file(n)
        with file.lock:
            if not file.is_refused:
                raise UsageError(file.name, "it was not refused", "Open it.")

    def waiting(self, n: int) -> None:
        """It waits for a look, as in the beginning."""
        file = self._desk.file(n)
        with file.lock:
            file.problem = None
            self._desk.changed(file)

    def must_be_at(self, n: int, revision: str, track_id: str, pts: int) -> None:
        """A region can only be followed from where it is, in a film.

        Raises:
            Stale: the plan is another one by now.
            NotThere: it has no such track.
            UsageError: it is no film, or the track is not there then.
        """
        plan, now = self._desk.plan(n)
        name = self._desk.file(n).name
        if revision != now:
            raise Stale(name, "the plan was changed in another window", RELOAD)
        if plan.media.kind is not MediaKind.VIDEO:
            raise UsageError(name, "only in a film can a region follow", "Draw it where it is.")
        if region_of(self._desk.track(n, track_id), pts) is None:
            raise UsageError(name, "the region is not there at this time", "Go to where it is, or extend it.")

    def follow(self, n: int, followed: Track, keyframes: Sequence[Keyframe]) -> None:
        """Put a track where it was followed to; not if it was moved away from where that began.

        Args:
            n: the file.
            followed: the track as it was when that began.
            keyframes: where it went; fewer than two: it could not be told even in the next frame.

        Raises:
            Stale: it was, or it is gone.
            OutputError: the plan can't be written down.
        """
        if len(keyframes) < 2:
            self._desk.tell(Followed(file=n, track=followed.id, until=None, problem=None))
            return
        file, begin = self._desk.file(n), keyframes[0].pts
        with file.lock:
            plan, revision = self._desk.plan(n)
            now = next((track for track in plan.tracks if track.id == followed.id), None)
            if now is None or region_of(now, begin) != region_of(followed, begin):
                raise Stale(file.name, "the region was changed while it was followed", "Let it follow again.")
            self._desk.step(n, revision, lambda history: history.edited(rekeyed(history.plan, now.id, keyframes)))
        self._desk.tell(Followed(file=n, track=followed.id, until=keyframes[-1].pts, problem=None))

    def not_followed(self, n: int, track: str, error: KerchiefError) -> None:
        """Following failed: that is no fault of the file, and nothing of its copy."""
        self._desk.tell(Followed(file=n, track=track, until=None, problem=problem_of(error)))

    def announced(self, n: int, outcome: Outcome, shows: Shown) -> Copy:
        """A copy is about to be published.

        Args:
            n: the file.
            outcome: what the copy will be.
            shows: whom it shows.

        Raises:
            OutputError: that can't be written down; then it must not be published.
        """
        file = self._desk.file(n)
        with file.lock:
            revision = file.saved.revision(outcome.plan)
        return self._copies.announce(file.job, outcome, revision, shows)

    def settle(self, n: int) -> None:
        """Publishing went wrong somewhere: which copy there is, the disk says."""
        file = self._desk.file(n)
        with file.lock:
            if file.plan is not None:
                file.copy = self._copies.last(file.job, file.plan.media.sha256)
                self._desk.changed(file)

    def exported(self, n: int, rendered: Plan, outcome: Outcome, copy: Copy | None) -> None:
        """A copy was published; what the check added to the plan becomes an edit of it.

        Args:
            n: the file.
            rendered: the plan that was asked for.
            outcome: what it came to; its plan is the same, and what the check found.
            copy: as it was announced.

        Raises:
            PlanMismatch: the plan was changed outside, to what is none of it.
            OutputError: it, or the receipt, can't be written down.
        """
        file = self._desk.file(n)
        with file.lock:
            file.copy = copy
            file.problem = None
            self._copies.add_receipt(file.job, outcome)  # under the lock: who asks gets that of this copy
            self.add(n, rendered, outcome.plan)
            file.doing = file.progress = None
            self._desk.changed(file)

    def add(self, n: int, rendered: Plan, plan: Plan) -> None:
        """What the check of a copy found becomes an edit of the file's plan. Errors as ``exported``.

        Args:
            n: the file.
            rendered: the plan that was asked for.
            plan: the same, and what the check found.
        """
        file = self._desk.file(n)
        with file.lock:
            added = plan.tracks[len(rendered.tracks) :]
            file.read_if_changed()
            if file.history is not None and added:
                file.save(file.history.edited(with_added(file.history.plan, added)))
            self._desk.changed(file)

    def queued(self, n: int) -> None:
        """An export of it waits."""
        file = self._desk.file(n)
        with file.lock:
            if file.doing is None:
                file.doing = State.EXPORTING
                self._desk.changed(file)

    def working(self, n: int, doing: State | None, progress: float | None = None) -> None:
        """Something is being done with a file, so far; None: no more."""
        file = self._desk.file(n)
        with file.lock:
            file.doing, file.progress = doing, progress
            if doing is not None:
                file.problem = None
            self._desk.changed(file)

    def failed(self, n: int, error: KerchiefError) -> None:
        """What was being done with a file went wrong."""
        file = self._desk.file(n)
        with file.lock:
            file.problem = error
            file.doing = file.progress = None
            self._desk.changed(file)

    def _take_up(self, file: Reviewed, plan: Plan, revision: str) -> None:
        copy = self._copies.last(file.job, plan.media.sha256)  # reads it all: nobody should wait for that
        with file.lock:
            file.take_up(plan, revision, copy)
            self._desk.changed(file)
