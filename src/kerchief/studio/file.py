"""One file under review: its plan with all steps back and forth, its copy, and how far it is."""

from __future__ import annotations

from dataclasses import dataclass, field
from threading import RLock

from kerchief.batch.walk import Job
from kerchief.errors import KerchiefError
from kerchief.plan.model import Plan
from kerchief.studio.answers import problem_of
from kerchief.studio.copies import Copies, Copy
from kerchief.studio.history import History
from kerchief.studio.messages import FileCard, FileView, State
from kerchief.studio.saved import PlanFile
from kerchief.studio.views import TrackViews, shown_ids


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
        return self.copy is not None and self.plan is not None and bool(self.copy.shows - shown_ids(self.plan))

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
