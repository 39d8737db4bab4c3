"""The user's own network: any ONNX file in one of the layouts that are in use for faces, plates and persons.

The layout is told from the outputs. A card of the same name beside it (``plates.onnx`` → ``plates.json``) may say what
the file can't: the kind of thing that is found, the threshold, how pixels are given. See ``docs/own-detector.md``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from kerchief.errors import WeightsError
from kerchief.models.centerface import CenterFace, boxes_of, tensor
from kerchief.models.session import Session
from kerchief.models.yunet import OUTPUTS as YUNET_OUTPUTS
from kerchief.models.yunet import YuNet
from kerchief.plan.model import Digest, Document, Score
from kerchief.ports import Boxes, RegionKind

LAYOUTS = (
    "Known layouts are CenterFace, YuNet, YOLOv8 (1 × 4+classes × n) and boxes (n × 5 or 6): docs/own-detector.md."
)
STRIDE = 32


class OwnCard(Document):
    """What a user's card may say."""

    kind: RegionKind = RegionKind.FACE
    """What the network finds."""
    threshold: Score = 0.3
    """Least score that counts."""
    pixels: Literal["0-255", "0-1"] | None = None
    """Range of the input; by default 0-1 for YOLO, else 0-255."""
    order: Literal["rgb", "bgr"] = "rgb"
    """Order of the channels."""
    sha256: Digest | None = None
    """Digest of the network; checked if it is given."""
    coordinates: Literal["pixels", "shares"] = "pixels"
    """Whether boxes are in input pixels or in shares of the input's sides."""


class Own:
    """A user's network behind the Network port.

    Raises:
        WeightsError: unreadable file or card, digest unlike the card's, or a layout that is not known.
    """

    def __init__(self, path: Path) -> None:
        data = _read(path)
        self.card = _card(path.with_suffix(".json"))
        self.sha256 = hashlib.sha256(data).hexdigest()
        if self.card.sha256 not in (None, self.sha256):
            raise WeightsError(str(path), "the network has another digest than its card says", "Get both files again.")
        self.name = path.stem
        self._detect = self._by_layout(path, data)

    @property
    def kind(self) -> RegionKind:
        """What it finds, by its card."""
        return self.card.kind

    def detect(self, rgb: NDArray[np.uint8], threshold: float) -> Boxes:
        """See ``ports.Network``."""
        return self._detect(rgb, threshold)

    def _by_layout(self, path: Path, data: bytes) -> Callable[[NDArray[np.uint8], float], Boxes]:
        session = Session(str(path), data)
        shapes = list(session.outputs.values())
        if set(YUNET_OUTPUTS) <= set(session.outputs):
            return YuNet(data).detect
        if len(shapes) == 4 and [shape[1] for shape in shapes if len(shape) == 4] == [1, 2, 2, 10]:
            return CenterFace(data).detect
        self._session, self._output = session, next(iter(session.outputs))
        shape = list(shapes[0])
        if len(shapes) == 1 and len(shape) == 3 and _looks_like_yolo(shape):
            return self._yolo
        if len(shapes) == 1 and shape[-1] in (5, 6):
            return self._boxes
        raise WeightsError(str(path), "the network's outputs are of no known layout", LAYOUTS)

    def _yolo(self, rgb: NDArray[np.uint8], threshold: float) -> Boxes:
        """(1, 4 + classes, n): centre x, centre y, width, height, then scores."""
        output, (unit_x, unit_y) = self._run(rgb, 1 / 255)
        scores = output[0, 4:].max(axis=0)
        x, y, width, height = output[0, :4, scores >= threshold].T
        left, right = (x - width / 2) * unit_x, (x + width / 2) * unit_x
        top, bottom = (y - height / 2) * unit_y, (y + height / 2) * unit_y
        return boxes_of(left, top, right, bottom, scores[scores >= threshold])

    def _boxes(self, rgb: NDArray[np.uint8], threshold: float) -> Boxes:
        """(…, n, 5 or 6): x0, y0, x1, y1, score."""
        output, (unit_x, unit_y) = self._run(rgb, 1.0)
        rows = output.reshape(-1, output.shape[-1])
        x0, y0, x1, y1, scores = rows[rows[:, 4] >= threshold, :5].T
        return boxes_of(x0 * unit_x, y0 * unit_y, x1 * unit_x, y1 * unit_y, scores)

    def _run(self, rgb: NDArray[np.uint8], factor: float) -> tuple[NDArray[np.float32], tuple[float, float]]:
        """The output for a picture, and picture pixels for one unit of its coordinates (x, y)."""
        factor = {"0-255": 1.0, "0-1": 1 / 255, None: factor}[self.card.pixels]
        height, width = rgb.shape[:2]
        fixed_height, fixed_width = self._session.input_shape[2:4]
        if isinstance(fixed_height, int) and isinstance(fixed_width, int):
            given = cv2.resize(rgb, (fixed_width, fixed_height), interpolation=cv2.INTER_AREA)
        else:
            given = rgb
        image = tensor(np.asarray(given[..., ::-1] if self.card.order == "bgr" else given, np.uint8), STRIDE)
        (output,) = self._session.run(image * np.float32(factor), [self._output])
        unit_x, unit_y = width / given.shape[1], height / given.shape[0]
        if self.card.coordinates == "shares":
            unit_x, unit_y = unit_x * image.shape[3], unit_y * image.shape[2]
        return output, (unit_x, unit_y)


def _looks_like_yolo(shape: list[int | str | None]) -> bool:
    rows, columns = shape[1:]
    return isinstance(rows, int) and rows >= 5 and not (isinstance(columns, int) and columns <= rows)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        reason = (error.strerror or "unreadable").lower()
        raise WeightsError(str(path), f"the network can't be read ({reason})", "Check the path.") from None


def _card(path: Path) -> OwnCard:
    if not path.is_file():
        return OwnCard()
    try:
        return OwnCard.model_validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        fields = (
            ", ".join(str(f["loc"][0]) for f in error.errors() if f["loc"])
            if isinstance(error, ValidationError)
            else ""
        )
        problem = f"the network's card is not readable{f' at {fields}' if fields else ''}"
        raise WeightsError(str(path), problem, "See docs/own-detector.md for what a card may say.") from None
