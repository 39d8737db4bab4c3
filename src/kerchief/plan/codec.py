"""Plan ↔ bytes. The bytes are canonical (sorted keys, fixed separators), so a digest is a revision."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from pydantic import ValidationError

from kerchief.errors import PlanMismatch
from kerchief.plan.model import SCHEMA, Keyframe, Plan, Track

#: A keyframe's text as deep as it stands in a plan's.
KEYFRAME = """\
    {
     "pts": %d,
     "region": {
      "angle": %r,
      "height": %r,
      "shape": "%s",
      "width": %r,
      "x": %r,
      "y": %r
     }
    }"""
REMAKE = "Make it again with `kerchief plan`, or mend the place that is named."


def encode(plan: Plan) -> bytes:
    """The plan as UTF-8 JSON that a person can read and edit."""
    return _text(plan.model_dump(mode="json", by_alias=True)).encode() + b"\n"


class Encoder:
    """Encodes a plan again and again, byte for byte as ``encode`` does, at the cost of the tracks that changed.

    Tracks are told by identity, not by value: an edit keeps those that it leaves alone. Not for several threads.
    """

    def __init__(self) -> None:
        self._known: dict[int, tuple[Track, bytes]] = {}

    def encode(self, plan: Plan) -> bytes:
        """The plan as ``encode`` writes it."""
        # The track is kept beside its text, so that no other one can get its identity.
        self._known = {id(track): self._known.get(id(track)) or (track, _nested(track)) for track in plan.tracks}
        frame = _text(plan.model_dump(mode="json", by_alias=True, exclude={"tracks"}) | {"tracks": []}).encode() + b"\n"
        if not plan.tracks:
            return frame
        # In a text, quotation marks are escaped: this can only be the key.
        head, tail = frame.rsplit(b' "tracks": []', 1)
        return b"".join((head, b' "tracks": [\n', b",\n".join(text for _, text in self._known.values()), b"\n ]", tail))


def decode(data: bytes) -> Plan:
    """The plan in these bytes.

    Raises:
        PlanMismatch: no JSON, a key twice, a newer or unknown schema, an unknown field, a value out of its range.
            The message says where, never what stood there.
    """
    try:
        document = json.loads(data, object_pairs_hook=_no_key_twice)
    except (ValueError, RecursionError) as error:
        raise PlanMismatch("", f"the plan is not readable JSON ({_reason(error)})", REMAKE) from None
    schema = document.get("schema") if isinstance(document, dict) else None
    if schema != SCHEMA:
        raise PlanMismatch(
            "",
            f"the plan is not of version {SCHEMA}",
            "Use the version of kerchief that wrote it, or make it again.",
        )
    try:
        return Plan.model_validate_json(data)
    except ValidationError as error:
        raise PlanMismatch("", f"the plan does not hold together at {_places(error)}", REMAKE) from None


def digest(plan: Plan) -> str:
    """SHA-256 of the canonical bytes: the plan's revision."""
    return hashlib.sha256(encode(plan)).hexdigest()


def _text(document: dict[str, Any]) -> str:
    return json.dumps(document, indent=1, sort_keys=True, ensure_ascii=False)


def _nested(track: Track) -> bytes:
    """A track's text, as deep as it stands in a plan's; keyframes, which are many, are put together by hand."""
    text = _text(track.model_dump(mode="json", by_alias=True, exclude={"keyframes"}) | {"keyframes": []})
    # Line breaks within strings are escaped: all others indent.
    head, tail = ("  " + text.replace("\n", "\n  ")).rsplit(' "keyframes": []', 1)
    keyframes = ",\n".join(KEYFRAME % _values(keyframe) for keyframe in track.keyframes)
    return f'{head} "keyframes": [\n{keyframes}\n   ]{tail}'.encode()


def _values(keyframe: Keyframe) -> tuple[int, float, float, str, float, float, float]:
    region = keyframe.region
    return (keyframe.pts, region.angle, region.height, region.shape.value, region.width, region.x, region.y)


def _no_key_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    document = dict(pairs)
    if len(document) != len(pairs):
        raise ValueError("a key stands there twice")
    return document


def _reason(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"line {error.lineno}, column {error.colno}"
    return str(error) if type(error) is ValueError else type(error).__name__


def _places(error: ValidationError) -> str:
    """Where the first few faults are, without the values that stood there."""
    faults = error.errors(include_input=False, include_url=False, include_context=False)
    named = [".".join(str(part) for part in fault["loc"]) or "the top" for fault in faults[:3]]
    return "; ".join(f"{place} ({fault['msg']})" for place, fault in zip(named, faults, strict=False))
