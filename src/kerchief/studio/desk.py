"""The files under review. An edit is on the disk before it is answered; everybody else hears of it as an event."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

from kerchief.batch.walk import Job
from kerchief.errors import KerchiefError, PlanMismatch, UsageError
from kerchief.plan.edits import add_tracks, changed, next_id, rekeyed, track_of
from kerchief.plan.model import Keyframe, Plan, Track
from kerchief.plan.query import region_of
from kerchief.ports import MediaKind
from kerchief.studio.answers import NotReady, NotThere, Stale
from kerchief.studio.changes import applied
from kerchief.studio.copies import Copies, Copy
from kerchief.studio.file import Reviewed
from kerchief.studio.history import History
from kerchief.studio.messages import (
    ContactSheet,
    Edit,
    FileCard,
    FileChanged,
    FileView,
    Keyframes,
    Places,
    ShownFace,
    State,
)
from kerchief.studio.saved import PlanFile, must_be_about, plan_paths
from kerchief.studio.views import keyframes_of, places_at, shown_ids, track_view

RELOAD = "Look at it as it is now, and do it again if it is still wanted."
WAIT = "Wait until it was looked through."
CHANGED = "the plan was changed in another window"
LOOK_AT_ALL = "Go back to the overview."


class Desk:
    """The files under review, each with its plan and its copy. For any number of threads.

    Args:
        jobs: the files.
        copies: what was and will be exported.
        tell: hears of every change.
        plans: folder for plans; None: each lies beside its file.
    """

    def __init__(
        self,
        jobs: Sequence[Job],
        copies: Copies,
        tell: Callable[[FileChanged], None] = lambda _: None,
        plans: Path | None = None,
    ) -> None:
        paths = plan_paths([(job.source, job.below) for job in jobs], plans)
        names = _names(jobs)
        self._files = [
            Reviewed(n, job, name, PlanFile(path))
            for n, (job, name, path) in enumerate(zip(jobs, names, paths, strict=True))
        ]
        self._copies = copies
        self._tell = tell
        self._cards = [file.card(copies) for file in self._files]

    def __len__(self) -> int:
        return len(self._files)

    @property
    def cards(self) -> tuple[FileCard, ...]:
        """All files."""
        return tuple(self._cards)

    def file(self, n: int) -> Reviewed:
        """A file by its number.

        Raises:
            NotThere: there is none.
        """
        if not 0 <= n < len(self._files):
            raise NotThere("", f"there is no file {n}", LOOK_AT_ALL)
        return self._files[n]

    def card(self, n: int) -> FileCard:
        """A file in the overview."""
        self.file(n)
        return self._cards[n]

    def plan(self, n: int) -> tuple[Plan, str]:
        """A file's plan and its revision.

        Raises:
            NotReady: there is none yet.
            KerchiefError: why there will be none.
        """
        file = self.file(n)
        with file.lock:
            if file.plan is not None:
                return file.plan, file.revision
            if file.is_refused and file.problem is not None:
                raise file.problem
            raise NotReady(file.name, "nobody has looked for faces in it yet", WAIT)

    def view(self, n: int) -> FileView:
        """A file as it is reviewed; what was changed outside is read. Errors as ``plan``."""
        file = self.file(n)
        with file.lock:
            self.plan(n)
            self._read_if_changed(file)
            return self._view(file)

    def places(self, n: int, pts: int) -> Places:
        """Where every track is at a time. Errors as ``plan``."""
        plan, revision = self.plan(n)
        return places_at(plan, revision, pts)

    def keyframes(self, n: int, track: str) -> Keyframes:
        """When a track has keyframes. Errors as ``plan``; NotThere: it has no such track."""
        return keyframes_of(self.track(n, track))

    def track(self, n: int, track_id: str) -> Track:
        """A track of a file."""
        try:
            return track_of(self.plan(n)[0], track_id)
        except KeyError:
            raise _no_track(self.file(n)) from None

    def receipt(self, n: int) -> bytes:
        """The receipt of a file's last copy.

        Raises:
            NotThere: there is no copy, or the receipt is gone.
        """
        file = self.file(n)
        found = self._copies.receipt(file.copy) if file.copy else None
        if found is None:
            raise NotThere(file.name, "there is no receipt", "Export it.")
        return found

    def shown(self) -> ContactSheet:
        """Everyone whom the copies will show."""
        faces = []
        for file in self._files:
            with file.lock:
                plan = file.plan
            tracks = [track for track in plan.tracks if track.is_shown] if plan else []
            faces += [ShownFace(file=file.id, name=file.name, track=track_view(t, plan.media)) for t in tracks if plan]
        return ContactSheet(faces=tuple(faces))

    def edit(self, n: int, revision: str, edit: Edit) -> FileView:
        """Change a plan.

        Raises:
            Stale: the plan is another one by now.
            NotThere: it has no such track.
            UsageError: it can't be done; says why.
            OutputError: it could not be written down, and so it was not done.
            And what ``plan`` raises.
        """
        return self._step(n, revision, lambda history: history.edited(applied(history.plan, edit)))

    def undo(self, n: int, revision: str) -> FileView:
        """Take the last step back. Errors as ``edit``."""
        return self._step(n, revision, History.undone)

    def redo(self, n: int, revision: str) -> FileView:
        """Do again what was undone last. Errors as ``edit``."""
        return self._step(n, revision, History.redone)

    def load(self, n: int) -> bool:
        """Take up what an earlier review left: the plan and the copy; whether there was a plan.

        Raises:
            PlanMismatch: it can't be read, or is about another file.
            InputRefused: the file can't be read.
        """
        file = self.file(n)
        with file.lock:
            if file.history is not None:
                return True
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
        file = self.file(n)
        if self.load(n):
            return  # somebody else wrote one in the meantime
        with file.lock:
            self._take_up(file, plan, file.saved.save(plan))

    def must_be_at(self, n: int, revision: str, track_id: str, pts: int) -> None:
        """A region can only be followed from where it is, in a film.

        Raises:
            Stale: the plan is another one by now.
            NotThere: it has no such track.
            UsageError: it is no film, or the track is not there then.
        """
        plan, now = self.plan(n)
        name = self.file(n).name
        if revision != now:
            raise Stale(name, CHANGED, RELOAD)
        if plan.media.kind is not MediaKind.VIDEO:
            raise UsageError(name, "only in a film can a region follow", "Draw it where it is.")
        if region_of(self.track(n, track_id), pts) is None:
            raise UsageError(name, "the region is not there at this time", "Go to where it is, or extend it.")

    def follow(self, n: int, followed: Track, keyframes: Sequence[Keyframe]) -> None:
        """Put a track where it was followed to; not if it was moved away from where that began.

        Raises:
            Stale: it was, or it is gone.
            OutputError: the plan can't be written down.
        """
        file = self.file(n)
        with file.lock:
            plan, revision = self.plan(n)
            now = next((track for track in plan.tracks if track.id == followed.id), None)
            begin = keyframes[0].pts
            if now is None or region_of(now, begin) != region_of(followed, begin):
                raise Stale(file.name, "the region was changed while it was followed", "Let it follow again.")
            self._step(n, revision, lambda history: history.edited(rekeyed(history.plan, now.id, keyframes)))

    def exported(self, n: int, rendered: Plan, plan: Plan, copy: Callable[[str], Copy]) -> None:
        """A copy was published; what the check added to the plan becomes an edit of it.

        Args:
            n: the file.
            rendered: the plan that was asked for.
            plan: what it came to: the same, and what the check found.
            copy: makes the copy, given the revision that it follows.
        """
        file = self.file(n)
        with file.lock:
            file.copy = copy(file.saved.revision(plan))
            file.problem = None
            history = file.history
            added = plan.tracks[len(rendered.tracks) :]
            if history is not None and added:
                self._save(file, history.edited(_with(history.plan, added)))
            file.doing = file.progress = None
            self._changed(file)

    def working(self, n: int, doing: State | None, progress: float | None = None) -> None:
        """Something is being done with a file, so far; None: no more."""
        file = self.file(n)
        with file.lock:
            file.doing, file.progress = doing, progress
            if doing is not None:
                file.problem = None
            self._changed(file)

    def failed(self, n: int, error: KerchiefError) -> None:
        """What was being done with a file went wrong."""
        file = self.file(n)
        with file.lock:
            file.problem = error
            file.doing = file.progress = None
            self._changed(file)

    def _take_up(self, file: Reviewed, plan: Plan, revision: str) -> None:
        """There is a plan now, and perhaps a copy of an earlier review."""
        file.history, file.revision = History(plan), revision
        file.copy = self._copies.last(file.job, plan.media.sha256)
        file.problem = file.doing = file.progress = None
        self._changed(file)

    def _step(self, n: int, revision: str, step: Callable[[History], History]) -> FileView:
        file = self.file(n)
        with file.lock:
            self.plan(n)
            if self._read_if_changed(file):
                raise Stale(str(file.saved.path), "the plan was changed outside", RELOAD)
            if file.history is None or revision != file.revision:
                raise Stale(file.name, CHANGED, RELOAD)
            try:
                after = step(file.history)
            except KeyError:
                raise _no_track(file) from None
            except ValueError as error:
                raise UsageError(file.name, _sentence(error), "Do it in another way.") from None
            if after is not file.history:
                self._save(file, after)
                file.problem = None
                self._changed(file)
            return self._view(file)

    def _save(self, file: Reviewed, history: History) -> None:
        """First on the disk, then here: what is not written down was not done."""
        file.revision = file.saved.save(history.plan)
        file.history = history

    def _read_if_changed(self, file: Reviewed) -> bool:
        """Whether the plan was changed outside; it is read then, and can be undone."""
        if file.history is None or not file.saved.has_changed():
            return False
        found = file.saved.load()
        if found is None:
            return False
        plan, revision = found
        if plan.media != file.history.plan.media:
            raise PlanMismatch(str(file.saved.path), "the plan was changed outside, to that of another file", RELOAD)
        file.history, file.revision = file.history.edited(plan), revision
        self._changed(file)
        return True

    def _view(self, file: Reviewed) -> FileView:
        view = file.view(self._cards[file.id])
        assert view is not None
        return view

    def _changed(self, file: Reviewed) -> None:
        """The card anew, and everybody hears of it. Told under the lock, so that the last that is heard is the last."""
        card = self._cards[file.id] = file.card(self._copies)
        self._tell(FileChanged(card=card, revision=file.revision or None))


def as_exported(plan: Plan, shows: frozenset[str]) -> Plan:
    """The plan with everybody covered but those whom a person has seen to be shown."""
    hidden = shown_ids(plan) - shows
    if not hidden:
        return plan
    tracks = (_covered(track) if track.id in hidden else track for track in plan.tracks)
    return changed(plan, tracks=tuple(tracks))


def _covered(track: Track) -> Track:
    decision = changed(track.decision, action="cover", reason="", note="")
    return changed(track, decision=decision)


def _with(plan: Plan, added: Sequence[Track]) -> Plan:
    """The plan with tracks that another one got; with other ids where theirs are taken by now."""
    taken = {track.id for track in plan.tracks}
    for track in added:
        free = track if track.id not in taken else changed(track, id=f"{track.kind.value}-{next_id(plan)}")
        plan = add_tracks(plan, [free])
        taken.add(free.id)
    return plan


def _names(jobs: Sequence[Job]) -> list[str]:
    """Each file's folders below the one that was named, and its name; where that is not enough, all that was given."""
    short = [(job.below / job.source.name).as_posix() for job in jobs]
    count = Counter(short)
    return [name if count[name] == 1 else str(job.source) for name, job in zip(short, jobs, strict=True)]


def _no_track(file: Reviewed) -> NotThere:
    return NotThere(file.name, "it has no such track", RELOAD)


def _sentence(error: ValueError) -> str:
    """What the pure parts say to users, without its full stop."""
    from pydantic import ValidationError

    if isinstance(error, ValidationError):
        return "; ".join(fault["msg"] for fault in error.errors(include_input=False, include_url=False)[:3])
    return str(error).rstrip(".")
