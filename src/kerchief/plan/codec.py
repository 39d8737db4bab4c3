"""Plan ↔ bytes. The bytes are canonical (sorted keys, fixed separators), so a digest is a revision."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from pydantic import ValidationError

from kerchief.errors import PlanMismatch
from kerchief.plan.model import SCHEMA, Plan

REMAKE = "Make it again with `kerchief plan`, or mend the place that is named."


def encode(plan: Plan) -> bytes:
    """The plan as UTF-8 JSON that a person can read and edit."""
    document = plan.model_dump(mode="json", by_alias=True)
    return (json.dumps(document, indent=1, sort_keys=True, ensure_ascii=False) + "\n").encode()


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
