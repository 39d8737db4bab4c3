"""The receipt, ``kerchief.receipt/1``: what may be shown to others.

It holds nothing that points back: no input name or digest, no times, no boxes, no pictures. Field by field:
``docs/receipt-format.md``.
"""

from __future__ import annotations

import json
from typing import Annotated, Literal

from pydantic import Field

from kerchief.choices import Margin
from kerchief.cover.mask import CHROMA_PX, FILM_SPREAD_PX, FILM_STEP, SNAP_FROM_PX, SPREAD_PX, SPREAD_SHARE
from kerchief.plan.audio import Audio
from kerchief.plan.model import Digest, Document, MediaRef, NetworkRef, Style
from kerchief.ports import GRID_STEP, MediaInfo, MediaKind

NOT_CLAIMED = (
    "that every face was found: missed faces are the main risk",
    "anonymity: body, clothes, gait, text, place, time and other pictures of the scene can identify",
    "that sensor noise, encoder traces or invisible watermarks are gone",
    "anything about the original, its copies, or the machine it lay on",
)


class OutputRef(Document):
    """The file that the receipt is about."""

    sha256: Digest
    size_bytes: Annotated[int, Field(ge=1)]
    format: str
    kind: MediaKind
    width: int
    height: int
    frames: int


class SoundRef(Document):
    """What was done with a film's sound."""

    result: Literal["none", "dropped", "kept", "muted"]
    """none: the original has no sound; muted: kept, but for some spans in it."""
    spans: int = 0
    """How many spans were asked to be silent; of a clip, those that reach into it."""
    seconds: float = 0.0
    """How long they are together, as far as they lie in the copy, to a tenth."""


class Applied(Document):
    """What was done."""

    style: Style
    erases: bool
    """Whether the output is independent of the covered pixels; false for the cosmetic styles."""
    margin: Margin
    mask_rule: str
    covered: int
    shown: int
    removed: tuple[str, ...]
    """Kinds of what the input held besides its picture; nothing of it is in the output."""
    changes: tuple[str, ...]
    """What was changed in the visible picture, and in the sound."""
    sound: SoundRef | None = None
    """Of a film; null for all else."""


class Checked(Document):
    """What the look at the finished output found."""

    result: Literal["PASSED"] = "PASSED"
    """A file that did not pass has no receipt, for it was not published."""
    rounds: int
    """Times the file was rendered and looked at."""
    added: int
    """Faces that only the look at the output found, and that were then covered."""
    frames: int
    """Frames of the output that were looked at."""
    sure_faces: Literal[0] = 0
    doubtful: int
    """What still shows and that the networks are not sure to be a face."""
    metadata_left: Literal[0] = 0
    networks: tuple[NetworkRef, ...]


class Receipt(Document):
    """A statement about one output file."""

    schema_version: Literal["kerchief.receipt/1"] = Field(default="kerchief.receipt/1", alias="schema")
    kerchief: str
    """Version of kerchief."""
    output: OutputRef
    applied: Applied
    checked: Checked
    claims: tuple[str, ...]
    """What was measured of this version and style, and what was done to this file; of ``prove.claims``."""
    figures: Digest
    """Of the file of figures, within the package, that the sentences quote."""
    not_claimed: tuple[str, ...] = NOT_CLAIMED


def encode(receipt: Receipt) -> bytes:
    """The receipt as UTF-8 JSON, sorted keys."""
    document = receipt.model_dump(mode="json", by_alias=True)
    return (json.dumps(document, indent=1, sort_keys=True, ensure_ascii=False) + "\n").encode()


def sound_ref(info: MediaInfo, audio: Audio, media: MediaRef) -> SoundRef | None:
    """What was done with the sound of an input, or of the part that a plan is about; None where it is no film."""
    if info.kind is not MediaKind.VIDEO:
        return None
    if info.sound is None:
        return SoundRef(result="dropped" if info.sound_tracks and not audio.is_kept else "none")
    start = float(media.skipped)
    spans, seconds = audio.within(start, start + media.seconds)
    return SoundRef(result="muted" if spans else "kept", spans=spans, seconds=round(seconds, 1))


def mask_rule(margin: Margin, kind: MediaKind) -> str:
    """How far the mask reaches beyond each head, in words; the rule itself is ``cover.mask``."""
    is_film = kind is MediaKind.VIDEO
    grid = f"{FILM_STEP} px grid of the codec" if is_film else f"{GRID_STEP} px coding grid plus {CHROMA_PX} px"
    if margin is Margin.STRICT:
        return f"every head grown by {SPREAD_PX} px and snapped outward to the {grid}"
    share = f"{SPREAD_SHARE * 100:g} % of their width, {SPREAD_PX} px at most"
    grown = f"{FILM_SPREAD_PX} px" if is_film else share
    return f"heads grown by {grown}; heads of {SNAP_FROM_PX} px and more snapped outward to the {grid}"
