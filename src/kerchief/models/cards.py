"""The networks in the package: where each came from, its licence, its digest."""

from __future__ import annotations

import hashlib
from pathlib import Path

from pydantic import ValidationError

from kerchief.errors import WeightsError
from kerchief.plan.model import Digest, Document

REINSTALL = "Install kerchief again: `pip install --force-reinstall .`"
PACKED = ("centerface", "yunet")


class Card(Document):
    """What is known of a packed network; written by the build beside the weights."""

    name: str
    sha256: Digest
    """Digest of the packed file."""
    source: str
    """The published wheel and the member in it."""
    source_sha256: Digest
    """Digest of the network as published, before folding."""
    licence: str


def card(name: str) -> Card:
    """The card of a packed network.

    Raises:
        WeightsError: it is missing or unreadable.
    """
    try:
        return Card.model_validate_json((_folder() / f"{name}.json").read_bytes())
    except (OSError, ValidationError):
        raise WeightsError(name, "the network's card is missing or damaged", REINSTALL) from None


def weights(name: str) -> bytes:
    """The bytes of a packed network, checked against its card.

    Raises:
        WeightsError: missing, or another digest than the card's.
    """
    expected = card(name).sha256
    try:
        data = (_folder() / f"{name}.onnx").read_bytes()
    except OSError:
        raise WeightsError(name, "the network is missing", REINSTALL) from None
    if hashlib.sha256(data).hexdigest() != expected:
        raise WeightsError(name, "the network was changed since it was packed", REINSTALL)
    return data


def licence(name: str) -> str:
    """The licence text of a packed network."""
    try:
        return (_folder() / f"{name}.LICENSE").read_text(encoding="utf-8")
    except OSError:
        raise WeightsError(name, "the network's licence is missing", REINSTALL) from None


def _folder() -> Path:
    # The weights lie beside this file; kerchief is never run from a zip.
    return Path(__file__).parent / "weights"
