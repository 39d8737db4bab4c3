"""The files under review. An edit is on the disk before it is answered; everybody else hears of it as an event."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from kerchief.batch.walk import Job
from kerchief.plan.edits import track_of
from kerchief.plan.model import MediaRef, Plan, Track
from kerchief.studio.answers import NotReady, NotThere, Stale
from kerchief.studio.desk.changes import applied
from kerchief.studio.desk.copies import Copies
from kerchief.studio.desk.file import RELOAD, Reviewed, no_track
from kerchief.studio.desk.history import History
from kerchief.studio.desk.names import names_of, plan_paths
from kerchief.studio.desk.saved import PlanFile
from kerchief.studio.desk.views import keyframes_of, moments, places_at, track_view
from kerchief.studio.messages import (
    ContactSheet,
    Edit,
    Event,
    FileCard,
    FileChanged,
    FileView,
    Keyframes,
    Places,
    ShownFace,
)

WAIT = "Wait until it was looked through."
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
        tell: Callable[[Event], None] = lambda _: None,
        plans: Path | None = None,
    ) -> None:
        paths = plan_paths(jobs, plans)
        names = names_of(jobs)
        self._files = [
            Reviewed(n, job, name, PlanFile(path))
            for n, (job, name, path) in enumerate(zip(jobs, names, paths, strict=True))
        ]
        self._copies = copies
        self.tell = tell
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
        """A file as it is reviewed. Errors as ``plan``."""
        file = self.file(n)
        with file.lock:
            self.plan(n)
            return self._view(file)

    def refresh(self, n: int) -> bool:
        """Whether the plan was changed outside; it is read then.

        Raises:
            NotThere: there is no such file.
            PlanMismatch: it is no plan of this file any more.
        """
        file = self.file(n)
        with file.lock:
            has_changed = file.read_if_changed()
            if has_changed:
                self.changed(file)
            return has_changed

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
            raise no_track(self.file(n).name) from None

    def receipt(self, n: int) -> bytes:
        """The receipt of a file's last copy.

        Raises:
            NotThere: there is no copy, or the receipt is gone.
        """
        file = self.file(n)
        with file.lock:
            found = self._copies.receipt(file.copy) if file.copy else None
        if found is None:
            raise NotThere(file.name, "there is no receipt", "Export it.")
        return found

    def shown(self) -> ContactSheet:
        """Everyone whom the copies will show."""
        faces = []
        for file in self._files:
            with file.lock:
                plan, revision = file.plan, file.revision
            if plan is not None:
                faces += [_shown(file, revision, track, plan.media) for track in plan.tracks if track.is_shown]
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
        return self.step(n, revision, lambda history: history.edited(applied(history.plan, edit)))

    def undo(self, n: int, revision: str) -> FileView:
        """Take the last step back. Errors as ``edit``."""
        return self.step(n, revision, History.undone)

    def redo(self, n: int, revision: str) -> FileView:
        """Do again what was undone last. Errors as ``edit``."""
        return self.step(n, revision, History.redone)

    def step(self, n: int, revision: str, step: Callable[[History], History]) -> FileView:
        """One step of a plan's history. Errors as ``edit``."""
        file = self.file(n)
        with file.lock:
            self.plan(n)
            if self.refresh(n):
                raise Stale(str(file.saved.path), "the plan was changed outside", RELOAD)
            if file.step(revision, step):
                self.changed(file)
            return self._view(file)

    def _view(self, file: Reviewed) -> FileView:
        view = file.view(self._cards[file.id])
        assert view is not None
        return view

    def changed(self, file: Reviewed) -> None:
        """The card anew, and everybody hears of it. Told under the lock, so that the last that is heard is the last."""
        card = self._cards[file.id] = file.card(self._copies)
        self.tell(FileChanged(card=card, revision=file.revision or None))


def _shown(file: Reviewed, revision: str, track: Track, media: MediaRef) -> ShownFace:
    view = track_view(track, media)
    return ShownFace(file=file.id, name=file.name, revision=revision, track=view, times=moments(track))
