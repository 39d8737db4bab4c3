"""The audit: every labelled picture goes through the whole of ``redact``, and its faces are held against the mask."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from kerchief.adversary.labels import LIGHT, SIZE, Labels, Row
from kerchief.cover.mask import mask_of
from kerchief.errors import InputRefused, KerchiefError, Unexpected, UsageError, WeightsError
from kerchief.find.detect import as_rgb8
from kerchief.geometry import Box
from kerchief.pipeline import plan_source, rehearse
from kerchief.plan.model import Plan
from kerchief.plan.query import regions_at
from kerchief.ports import BatchProgress, Detection, Embeddings, Landmarks, Mask, MediaKind, Pixels, Progress
from kerchief.prove.audit import AuditReport, Face, compared, group_of, light_of, size_of, sliced
from kerchief.prove.differential import FEWEST_PERSONS, Differential, differential
from kerchief.prove.verify import COVERED_SHARE, covered_share
from kerchief.tools import Source, Tools
from kerchief.version import __version__

#: The same file gives the same report.
SEED = 20


class Recogniser(Protocol):
    """What the recogniser's own errors are measured with; see ``models.opponent.Opponent``."""

    name: str

    def landmarks(self, rgb: NDArray[np.uint8], box: Box) -> Landmarks:
        """Where eyes and nose of a face are."""

    def embed(self, rgb: NDArray[np.uint8], faces: Sequence[Landmarks]) -> Embeddings:
        """A row for each face."""


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """What came of one picture.

    Attributes:
        image: the picture.
        faces: its labelled faces.
        embeddings: a row for each of them; None where no recogniser was asked.
        is_refused: whether it would not be published.
        error: why there are no faces.
    """

    image: Path
    faces: tuple[Face, ...] = ()
    embeddings: Embeddings | None = None
    is_refused: bool = False
    error: KerchiefError | None = None


class Audit:
    """The measurements so far. Embeddings stay here, in memory.

    Args:
        labels: which faces to measure.
        tools: opened; their settings are those that are audited.
        recogniser: makes the one whose own errors are measured, too.

    Raises:
        UsageError: the labels don't say enough of persons to measure a recogniser with.
        WeightsError: the recogniser is missing.
    """

    def __init__(self, labels: Labels, tools: Tools, recogniser: Callable[[], Recogniser] | None = None) -> None:
        if recogniser is not None:
            _must_have_persons(labels)
        self.labels = labels
        self.tools = tools
        self.recogniser = recogniser() if recogniser is not None else None
        self.looks: list[Look] = []

    def run(self, progress: BatchProgress | None = None) -> Iterator[Look]:
        """Measure every picture and tell what came of it.

        Raises:
            WeightsError: no picture can be audited without the networks.
        """
        pictures = tuple(self.labels.by_picture())
        if progress:
            progress.files(len(pictures))
        with tempfile.TemporaryDirectory(prefix="kerchief-") as folder:
            for image, rows in pictures:
                with progress.file(image.name) if progress else nullcontext() as within:
                    look = self._look(image, rows, Path(folder), within)
                self.looks.append(look)
                yield look

    def report(self) -> AuditReport:
        """What all measurements say.

        Raises:
            InputRefused: no face could be measured.
        """
        random = np.random.default_rng(SEED)
        read = [look for look in self.looks if look.error is None]
        faces = [face for look in read for face in look.faces]
        if not faces:
            raise InputRefused(str(self.labels.path), "leads to no picture that can be read", "See the messages above.")
        settings, columns = self.tools.settings, self.labels.columns
        return AuditReport(
            kerchief=__version__,
            margin=settings.margin,
            own_detector=settings.detector is not None,
            pictures=len(self.looks),
            unreadable=len(self.looks) - len(read),
            refused=sum(look.is_refused for look in read),
            has_persons=self.labels.has_persons,
            overall=group_of("all", faces),
            columns=tuple(compared(faces, name, random) for name in columns),
            slices=sliced(faces, columns, ((SIZE,), (LIGHT,), (SIZE, LIGHT)), random),
            recogniser=self._differential(read, faces, random),
        )

    def _look(self, image: Path, rows: Sequence[Row], folder: Path, progress: Progress | None) -> Look:
        try:
            source = self.tools.open(image)
            pixels = _photo(source)
            _must_lie_within(rows, source)
            plan = plan_source(source, self.tools, progress)
            rendered = rehearse(source, plan, folder, self.tools, progress)
            faces = tuple(_faces(rows, pixels, _mask(rendered.plan), self.labels.made))
            embeddings = self._embeddings(rows, pixels) if self.recogniser else None
            return Look(image, faces, embeddings, bool(rendered.check.sure))
        except WeightsError:
            raise
        except KerchiefError as error:
            return Look(image, error=error)
        except Exception as error:  # noqa: BLE001 - an outer edge: a fault with one picture must not end the audit
            return Look(image, error=Unexpected.of(str(image), error))

    def _embeddings(self, rows: Sequence[Row], pixels: Pixels) -> Embeddings:
        assert self.recogniser is not None
        rgb = as_rgb8(pixels)
        found = [self.recogniser.landmarks(rgb, _box(row, pixels)) for row in rows]
        return self.recogniser.embed(rgb, found)

    def _differential(
        self, read: Sequence[Look], faces: Sequence[Face], random: np.random.Generator
    ) -> Differential | None:
        if self.recogniser is None or len({face.person for face in faces}) < FEWEST_PERSONS:
            return None
        rows = np.concatenate([look.embeddings for look in read if look.embeddings is not None])
        persons, labels = [face.person for face in faces], [face.labels for face in faces]
        return differential(self.recogniser.name, rows, persons, labels, self.labels.columns, random)


def _faces(rows: Sequence[Row], pixels: Pixels, mask: Mask, made: Sequence[str]) -> Iterator[Face]:
    grey = cv2.cvtColor(as_rgb8(pixels), cv2.COLOR_RGB2GRAY)
    for row in rows:
        box = _box(row, pixels)
        luma = float(grey[box.pixels(mask.shape[1], mask.shape[0])].mean())
        measured = {SIZE: size_of(box.height), LIGHT: light_of(luma)}
        is_exposed = covered_share(Detection(box, 1.0), mask) < COVERED_SHARE
        # Where nobody says who is who, each face is taken for somebody else.
        yield Face(is_exposed, row.person or f"line {row.line}", row.labels | {name: measured[name] for name in made})


def _box(row: Row, pixels: Pixels) -> Box:
    return row.box or Box(0, 0, pixels.shape[1], pixels.shape[0])


def _mask(plan: Plan) -> Mask:
    width, height = plan.media.width, plan.media.height
    return mask_of(regions_at(plan, 0), width, height, plan.media.grid(width, height), plan.margin)


def _photo(source: Source) -> Pixels:
    if source.info.kind is not MediaKind.PHOTO or source.photo is None:
        raise InputRefused(str(source.path), "is no photo", "Audit single pictures; take frames out of films.")
    return source.photo.pixels


def _must_lie_within(rows: Sequence[Row], source: Source) -> None:
    width, height = source.info.width, source.info.height
    for row in rows:
        if row.box is not None and row.box.clip(width, height) is None:
            problem = f"the face of line {row.line} lies outside the picture ({width} × {height} px)"
            raise InputRefused(str(source.path), problem, "Give boxes in display pixels, after any EXIF rotation.")


def _must_have_persons(labels: Labels) -> None:
    if not labels.has_persons:
        problem = "needs to know who is who, and the labels have no column `person`"
        raise UsageError("--recogniser", problem, "Add it (any id will do), or leave out --recogniser.")
    persons = len({row.person for row in labels.rows})
    if persons < FEWEST_PERSONS:
        problem = (
            f"needs {FEWEST_PERSONS} people for a threshold at which 1 in 1,000 pairs match, and there are {persons}"
        )
        raise UsageError("--recogniser", problem, "Label more people, or leave out --recogniser.")
