"""One file under review: its plan with all steps back and forth, its copy, and how far it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from threading import RLock

from pydantic import ValidationError

from kerchief.batch.walk import Job
from kerchief.errors import KerchiefError, PlanMismatch, UsageError
from kerchief.plan.model import Plan
from kerchief.studio.answers import NotThere, Stale, problem_of
from kerchief.studio.desk.consent import is_withdrawn, known
from kerchief.studio.desk.copies import Copies, Copy
from kerchief.studio.desk.history import History
from kerchief.studio.desk.saved import PlanFile
from kerchief.studio.desk.views import TrackViews
from kerchief.studio.messages import FileCard, FileView, State

RELOAD = "Look at it as it is now, and do it again if it is still wanted."


@dataclass(slots=True)
class Reviewed:
    """Whoever reads or changes it holds its lock.

    Attributes:
        id: number of the file.
        job: the original.
        name: as the page shows it.
        saved: its plan on the disk.
        history: None while nobody has looked for faces in it.
        revision: of the plan; empty while there is none.
        copy: what was exported last, if it lies there still.
        problem: why it was refused, or why the last export failed.
        doing: what is being done with it.
        progress: of that, 0 to 1.
    """

    id: int
    job: Job
    name: str
    saved: PlanFile
    lock: RLock = field(default_factory=RLock)
    history: History | None = None
    revision: str = ""
    copy: Copy | None = None
    problem: KerchiefError | None = None
    doing: State | None = None
    progress: float | None = None
    _views: TrackViews = field(default_factory=TrackViews)

    @property
    def plan(self) -> Plan | None:
        """The plan as it is now."""
        return self.history.plan if self.history else None

    @property
    def is_refused(self) -> bool:
        """Whether there is no plan and will be none."""
        return self.problem is not None and self.history is None and self.doing is None

    @property
    def is_withdrawn(self) -> bool:
        """Whether the copy shows somebody whom the plan covers."""
        return self.copy is not None and self.plan is not None and is_withdrawn(self.copy.shows, self.plan)

    def take_up(self, plan: Plan, revision: str, copy: Copy | None) -> None:
        """There is a plan now, and perhaps a copy of an earlier review."""
        self.history, self.revision = History(plan), revision
        self.copy = replace(copy, shows=known(copy.shows, plan)) if copy else None
        self.problem = self.doing = self.progress = None

    def step(self, revision: str, step: Callable[[History], History]) -> bool:
        """Change the plan, first on the disk; whether anything changed.

        Raises:
            Stale: the plan is another one by now.
            NotThere: it has no such track.
            UsageError: it can't be done; says why.
            OutputError: it could not be written down, and so it was not done.
        """
        if self.history is None or revision != self.revision:
            raise Stale(self.name, "the plan was changed in another window", RELOAD)
        try:
            after = step(self.history)
        except KeyError:
            raise no_track(self.name) from None
        except ValueError as error:
            raise UsageError(self.name, _sentence(error), "Do it in another way.") from None
        if after is self.history:
            return False
        self.save(after)
        return True

    def save(self, history: History) -> None:
        """First on the disk, then here: what is not written down was not done."""
        self.revision = self.saved.save(history.plan)
        self.history = history

    def read_if_changed(self) -> bool:
        """Whether the plan was changed outside; it is read then, and that can be undone.

        Raises:
            PlanMismatch: it is no plan of this file any more.
        """
        if self.history is None or not self.saved.has_changed():
            return False
        found = self.saved.load()
        if found is None:
            return False
        plan, revision = found
        if plan.media != self.history.plan.media:
            raise PlanMismatch(str(self.saved.path), "the plan was changed outside, to that of another file", RELOAD)
        self.history, self.revision = self.history.edited(plan), revision
        return True

    def card(self, copies: Copies) -> FileCard:
        """The file in the overview."""
        media = self.plan.media if self.plan else None
        tracks = self._views.of(self.plan) if self.plan else ()
        is_current = self.copy is not None and self.copy.content == copies.content(self.revision)
        to_look_at = sum(bool(track.doubts) for track in tracks)
        return FileCard(
            id=self.id,
            name=self.name,
            kind=media.kind if media else None,
            state=self._state(to_look_at, is_current=is_current),
            problem=problem_of(self.problem) if self.problem else None,
            width=media.width if media else 0,
            height=media.height if media else 0,
            tracks=len(tracks),
            to_look_at=to_look_at,
            shown=sum(track.action == "show" for track in tracks),
            progress=self.progress,
            copy_name=copies.name(self.copy) if self.copy else None,
            is_current=is_current,
            still_shows=self.is_withdrawn,
        )

    def view(self, card: FileCard) -> FileView | None:
        """The file as it is reviewed; None while there is no plan."""
        if self.history is None:
            return None
        plan = self.history.plan
        return FileView(
            card=card,
            revision=self.revision,
            time_base=plan.media.time_base,
            length=plan.media.length,
            frames=plan.media.frames,
            style=plan.style,
            margin=plan.margin,
            tracks=self._views.of(plan),
            can_undo=self.history.can_undo,
            can_redo=self.history.can_redo,
        )

    def _state(self, to_look_at: int, *, is_current: bool) -> State:
        if self.doing is not None:
            return self.doing
        if self.history is None:
            return State.REFUSED if self.problem else State.WAITING
        if is_current:
            return State.EXPORTED
        return State.LOOK if to_look_at else State.FOUND


def no_track(name: str) -> NotThere:
    """A file has no such track."""
    return NotThere(name, "it has no such track", RELOAD)


def _sentence(error: ValueError) -> str:
    """What the pure parts say to users, without its full stop."""
    if isinstance(error, ValidationError):
        return "; ".join(fault["msg"] for fault in error.errors(include_input=False, include_url=False)[:3])
    return str(error).rstrip(".")
