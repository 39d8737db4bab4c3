"""The door to dlib: the independent recogniser that kerchief's copies are tried against (extra ``attack``).

Its networks come as a package of files: the recogniser is in the public domain, and so is the finder of five landmarks
(davisking/dlib-models). Neither had a part in finding or covering.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kerchief.errors import WeightsError
from kerchief.geometry import Box
from kerchief.ports import Embeddings, Landmarks

PACKAGE = "face_recognition_models"
RECOGNISER = "dlib_face_recognition_resnet_model_v1.dat"
LANDMARKS = "shape_predictor_5_face_landmarks.dat"
#: Of face-recognition-models 0.3.0.
DIGESTS = {
    RECOGNISER: "55533b28a95800a551ba546ba62fe69625c7e95a7061c338adffead08719da30",
    LANDMARKS: "c4b1e9804792707d3a405c2c16a80a20269e6675021f64a41d30fffafbc41888",
}
INSTALL = "Install what attacks need: `pip install 'kerchief[attack]'`."


class Opponent:
    """dlib's ResNet-34 behind the Embedder port, its landmarks and its detector of frontal faces.

    Raises:
        WeightsError: the extra is not installed, or a file of it is missing or changed.
    """

    name = "dlib"
    #: As its author gives it: 99.38 % on pairs of LFW (dlib_face_recognition_resnet_model_v1).
    threshold = 0.6

    def __init__(self) -> None:
        try:
            import dlib
        except ImportError:
            raise WeightsError("dlib", "the recogniser is not installed", INSTALL) from None
        self._dlib: Any = dlib
        self._recogniser = dlib.face_recognition_model_v1(str(_file(RECOGNISER)))
        self._landmarks = dlib.shape_predictor(str(_file(LANDMARKS)))
        self._detector = dlib.get_frontal_face_detector()

    def landmarks(self, rgb: NDArray[np.uint8], box: Box) -> Landmarks:
        """Where eyes and nose of a face are.

        Args:
            rgb: (height, width, 3) uint8.
            box: the face, from brow to chin, display pixels.
        """
        shape = self._landmarks(np.ascontiguousarray(rgb), self._rectangle(box))
        return np.array([(shape.part(n).x, shape.part(n).y) for n in range(5)], np.float32)

    def embed(self, rgb: NDArray[np.uint8], faces: Sequence[Landmarks]) -> Embeddings:
        """See ``ports.Embedder``: (n, 128)."""
        if not faces:
            return np.zeros((0, 128), np.float32)
        shapes = self._dlib.full_object_detections()
        for points in faces:
            parts = self._dlib.points([self._dlib.point(*map(int, np.rint(point))) for point in points])
            shapes.append(self._dlib.full_object_detection(self._dlib.rectangle(0, 0, 1, 1), parts))
        rows = self._recogniser.compute_face_descriptor(np.ascontiguousarray(rgb), shapes)
        return np.array([list(row) for row in rows], np.float32)

    def detect(self, rgb: NDArray[np.uint8]) -> Iterator[Box]:
        """Frontal faces, as dlib's histograms of gradients find them: a detector unlike those that cover."""
        for found in self._detector(np.ascontiguousarray(rgb), 0):
            yield Box(found.left(), found.top(), found.right() + 1, found.bottom() + 1)

    def _rectangle(self, box: Box) -> Any:  # noqa: ANN401 - dlib has no types
        return self._dlib.rectangle(*(round(side) for side in (box.x0, box.y0, box.x1 - 1, box.y1 - 1)))


def _file(name: str) -> Path:
    """A file of the package. It is not imported: that would ask for a part of setuptools that is no more."""
    spec = find_spec(PACKAGE)
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        path = Path(folder) / "models" / name
        if path.is_file():
            if hashlib.sha256(path.read_bytes()).hexdigest() != DIGESTS[name]:
                raise WeightsError(str(path), "the recogniser's file was changed", INSTALL)
            return path
    raise WeightsError(name, "the recogniser's file is missing", INSTALL)
