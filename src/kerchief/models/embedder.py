"""The user's own recogniser to attack with: any ONNX file that makes an embedding of an aligned face.

What the file can't say stands in a card of the same name beside it (``arc.onnx`` → ``arc.json``); see
``docs/own-embedder.md``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, ValidationError

from kerchief.errors import WeightsError
from kerchief.models.align import upright
from kerchief.models.session import Session
from kerchief.plan.model import Digest, Document
from kerchief.ports import Embeddings, Landmarks

SEE = "Write it as docs/own-embedder.md says."
Place = tuple[float, float]


class EmbedderCard(Document):
    """What a recogniser expects."""

    name: Annotated[str, Field(min_length=1, max_length=40)]
    licence: str
    sha256: Digest
    """Digest of the network."""
    left_eye: Place
    """Where the centre of the eye on the left lies in the network's input, pixels."""
    right_eye: Place
    threshold: Annotated[float, Field(gt=0, le=2)]
    """Euclidean distance of embeddings of unit length below which two faces are the same person."""
    order: Literal["rgb", "bgr"] = "rgb"
    mean: float = 127.5
    """Taken from every value 0 to 255 ..."""
    scale: Annotated[float, Field(gt=0)] = 1 / 127.5
    """... which is then multiplied by this."""


class OwnEmbedder:
    """A user's recogniser behind the Embedder port.

    Raises:
        WeightsError: unreadable file or card, digest unlike the card's, or no input and output as they must be.
    """

    def __init__(self, path: Path) -> None:
        data = _read(path, "the network")
        self._card_path = path.with_suffix(".json")
        try:
            self._card = EmbedderCard.model_validate_json(_read(self._card_path, "the network's card"))
        except ValidationError as error:
            fields = ", ".join(sorted({str(part["loc"][0]) if part["loc"] else "its form" for part in error.errors()}))
            raise WeightsError(str(self._card_path), f"the card is not as it must be ({fields})", SEE) from None
        if hashlib.sha256(data).hexdigest() != self._card.sha256:
            raise WeightsError(str(path), "the network has another digest than its card says", "Get both files again.")
        self.name = self._card.name
        self.threshold = self._card.threshold
        self._session = Session(str(path), data)
        shape, outputs = self._session.input_shape, self._session.outputs
        if len(shape) != 4 or shape[1] != 3 or not all(isinstance(side, int) for side in shape[2:]) or not outputs:
            raise WeightsError(str(path), "the network takes no 1 × 3 × height × width", SEE)
        self._size = (int(shape[3] or 0), int(shape[2] or 0))
        self._output = next(iter(outputs))

    def embed(self, rgb: NDArray[np.uint8], faces: Sequence[Landmarks]) -> Embeddings:
        """See ``ports.Embedder``; rows have unit length.

        Raises:
            WeightsError: what the network makes of a face is not finite, so that it would match nobody.
        """
        rows = [self._one(rgb, face) for face in faces]
        return np.stack(rows) if rows else np.zeros((0, 0), np.float32)

    def _one(self, rgb: NDArray[np.uint8], face: Landmarks) -> NDArray[np.float32]:
        crop = upright(rgb, face, self._size, (self._card.left_eye, self._card.right_eye))
        given = crop[..., ::-1] if self._card.order == "bgr" else crop
        values = (given.astype(np.float32) - self._card.mean) * self._card.scale
        (output,) = self._session.run(values.transpose(2, 0, 1)[None], [self._output])
        row = np.asarray(output, np.float64).reshape(-1)
        length = float(np.linalg.norm(row))
        if not np.isfinite(length):
            problem = f"the network {self.name} makes numbers of a face that are not finite, and would match nobody"
            raise WeightsError(str(self._card_path), problem, f"Check its mean and scale. {SEE}")
        return np.asarray(row / max(length, 1e-9), np.float32)


def _read(path: Path, what: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        reason = (error.strerror or "unreadable").lower()
        raise WeightsError(str(path), f"{what} can't be read ({reason})", "Check the path.") from None
