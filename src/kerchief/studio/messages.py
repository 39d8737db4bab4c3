"""What the page and the server say to each other: the JSON of every request and answer.

Coordinates are display pixels, times are pts of the file's own time base, as in the plan. The page computes neither
regions nor masks: it asks.
"""

from __future__ import annotations

import os
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from kerchief.choices import Margin
from kerchief.loopback.messages import Message, Problem
from kerchief.plan.doubt import Doubt
from kerchief.plan.model import DecidedBy, Region, Style
from kerchief.ports import MediaKind, RegionKind

#: What people write: so long, and nothing that a terminal or a page would obey.
MOST_CHARACTERS = 500
Line = Annotated[str, StringConstraints(max_length=MOST_CHARACTERS, pattern=r"^[^\x00-\x1f\x7f-\x9f]*$")]
Text = Annotated[str, StringConstraints(max_length=MOST_CHARACTERS, pattern=r"^[^\x00-\x08\x0b-\x1f\x7f-\x9f]*$")]


class State(StrEnum):
    """How far a file is."""

    WAITING = "waiting"
    """Nobody has looked for faces in it yet."""
    FINDING = "finding"
    FOUND = "found"
    """Looked through, and nothing in it asks for a look."""
    LOOK = "look"
    """Something in it is doubtful, and nobody has said yet that it is right."""
    EXPORTING = "exporting"
    EXPORTED = "exported"
    """The copy is what the plan says now."""
    REFUSED = "refused"


class FileCard(Message):
    """A file in the overview."""

    id: int
    name: str
    """As the user gave it, with the folders below the folder that was named."""
    kind: MediaKind | None
    """None before it was opened."""
    state: State
    problem: Problem | None
    """Why it was refused, or why the last export failed; stays until the next try."""
    width: int
    height: int
    tracks: int
    to_look_at: int
    """Doubtful tracks that nobody has confirmed."""
    shown: int
    """Tracks that someone decided to show."""
    progress: float | None
    """0 to 1 while it is worked on, if that is known."""
    copy_name: str | None
    """The copy that was exported last, below the output folder."""
    is_current: bool
    """Whether that copy is what the plan says now."""
    still_shows: bool
    """Whether that copy shows somebody whom the plan covers now: it is to be made anew, or that failed."""


class Work(Message):
    """What goes on in the background."""

    waiting: int
    """Files that nobody has looked for faces in yet."""
    exporting: int
    """Exports that wait or run."""
    done: int
    total: int
    seconds_left: float | None


class Overview(Message):
    """All files."""

    files: tuple[FileCard, ...]
    output: str
    """The folder that copies go to."""
    work: Work


class TrackView(Message):
    """A track, without its keyframes."""

    id: str
    kind: RegionKind
    score: float | None
    seen: int | None
    first: int
    """pts of its first keyframe."""
    last: int
    at: int
    """When to look at it: where it is largest."""
    action: Literal["cover", "show"]
    by: DecidedBy
    reason: str
    note: str
    doubts: tuple[Doubt, ...]
    doubt: float
    """0 (sure) to 1: what to look at first."""


class FileView(Message):
    """A file that is being reviewed."""

    card: FileCard
    revision: str
    """Changes with every edit; an edit says which revision it is about."""
    time_base: tuple[int, int]
    length: int
    """Sum of the frames' durations; 0 for photos and pages."""
    frames: int
    style: Style
    margin: Margin
    tracks: tuple[TrackView, ...]
    can_undo: bool
    can_redo: bool


class Place(Message):
    """Where a track is at a time."""

    track: str
    region: Region
    is_shown: bool


class Places(Message):
    """All regions at one time, as rendering and checking see them."""

    revision: str
    pts: int
    places: tuple[Place, ...]


class Keyframes(Message):
    """When a track has keyframes."""

    times: tuple[int, ...]


class Add(Message):
    """Draw a region. In a film it stands still from ``pts`` to ``until``; follow it after that."""

    type: Literal["add"] = "add"
    pts: int
    region: Region
    kind: RegionKind = RegionKind.MANUAL
    until: int | None = None


class Move(Message):
    """Put a track elsewhere at a time: sets or adds a keyframe."""

    type: Literal["move"] = "move"
    track: str
    pts: int
    region: Region


class Remove(Message):
    """Delete a track: nothing was there."""

    type: Literal["remove"] = "remove"
    track: str


class Split(Message):
    """Make two of a track; the second begins at ``pts``."""

    type: Literal["split"] = "split"
    track: str
    pts: int


class Merge(Message):
    """Make one of several tracks that are one person at different times."""

    type: Literal["merge"] = "merge"
    tracks: Annotated[tuple[str, ...], Field(min_length=2)]


class Extend(Message):
    """Hold a track's end, standing still, up to a time before its first or after its last keyframe."""

    type: Literal["extend"] = "extend"
    track: str
    pts: int


class Show(Message):
    """Leave a track uncovered, by consent."""

    type: Literal["show"] = "show"
    track: str
    reason: Line
    note: Text = ""


class Cover(Message):
    """Cover tracks: withdraws consent, and confirms what was doubtful."""

    type: Literal["cover"] = "cover"
    tracks: Annotated[tuple[str, ...], Field(min_length=1)]


class Restyle(Message):
    """Another style or margin for the whole file."""

    type: Literal["restyle"] = "restyle"
    style: Style
    margin: Margin


Edit = Annotated[Add | Move | Remove | Split | Merge | Extend | Show | Cover | Restyle, Field(discriminator="type")]


class EditRequest(Message):
    """One edit of a plan, about the revision that the page shows."""

    revision: str
    edit: Edit


class StepRequest(Message):
    """Undo or redo, about the revision that the page shows."""

    revision: str


class FollowRequest(Message):
    """Let a track follow what is under it from ``pts`` on, as long as it can be told."""

    revision: str
    track: str
    pts: int


class ExportRequest(Message):
    """Render, check and publish copies. Those that show somebody must be named in ``shown_seen``."""

    files: Annotated[tuple[int, ...], Field(min_length=1)]
    shown_seen: dict[int, str] = Field(default_factory=dict)
    """Files whose shown faces the user has looked at on the contact sheet, and the revision that it was made of."""


class ShownFace(Message):
    """An entry of the contact sheet: someone whom the copies will show."""

    file: int
    name: str
    revision: str
    """Of the file's plan when the sheet was made."""
    track: TrackView
    times: tuple[int, ...]
    """When to look at it, so that nobody is shown unseen: one pts for a photo, up to four in a film."""


class ContactSheet(Message):
    """Everyone whom the copies will show."""

    faces: tuple[ShownFace, ...]


class FileChanged(Message):
    """A file's card changed; its plan did too where the revision did."""

    type: Literal["file"] = "file"
    card: FileCard
    revision: str | None


class Followed(Message):
    """A track was followed, or could not be."""

    type: Literal["followed"] = "followed"
    file: int
    track: str
    until: int | None
    """The last pts that it was followed to; None: it could not be told even in the next frame."""
    problem: Problem | None
    """Why it could not be."""


class WorkChanged(Message):
    """The background's progress."""

    type: Literal["work"] = "work"
    work: Work


Event = FileChanged | Followed | WorkChanged


def sayable(name: str) -> str:
    """A name of a file as JSON can hold it: what is no UTF-8 in it is replaced."""
    return os.fsencode(name).decode(errors="replace")
