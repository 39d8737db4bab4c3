"""Does a copy depend on what it covers?

Renders a file by its plan again and again, each time with something else under the mask, through the very painting and
the very writer that make copies. The mask is the plan's; nothing looks for faces.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from kerchief.cover.mask import film_mask, mask_of
from kerchief.errors import OutputError, UsageError
from kerchief.pipeline import covered, decoded, must_fit, write
from kerchief.plan.model import Plan
from kerchief.plan.query import Timeline, covered_at
from kerchief.ports import Frame, Mask, Part, Progress, Samples, YuvFrame
from kerchief.prove.interference import Interference, Print, Rendering, Replacement, Trial, changed, print_of, replaced
from kerchief.store.publish import draft, file_digest
from kerchief.tools import Source, Tools

COVERS_NOTHING = "the plan covers nothing in it, so there is nothing to replace and nothing is proven"
COVER_SOMETHING = "Make the plan again with `kerchief plan`, or cover something in it."
NEEDS_ROOM = "A copy lies beside the plan while it is made: put the plan where there is room, and run it again."


def interfere(source: Source, plan: Plan, folder: Path, tools: Tools, progress: Progress | None = None) -> Interference:
    """Put other things under the mask of a plan, and say whether the copy changes.

    Args:
        source: the original, opened.
        plan: decides mask and style.
        folder: where each copy lies while it is made, private, and gone afterwards.
        tools: for the decoder; their settings decide quality and coding.
        progress: told how far each rendering is.

    Raises:
        PlanMismatch: the plan was made for another file.
        UsageError: the plan covers nothing, so the test would prove nothing.
        InputRefused, OutputError: as when a copy is rendered.
    """
    must_fit(plan, source, tools)
    nothing = UsageError(str(source.path), COVERS_NOTHING, COVER_SOMETHING)
    if all(track.is_shown for track in plan.tracks):
        raise nothing
    true = _Run(source, plan, None)
    as_it_is = true.render(folder, tools, progress)
    if not true.pixels:
        raise nothing
    trials = tuple(Trial.of(by, as_it_is, _Run(source, plan, by).render(folder, tools, progress)) for by in Replacement)
    found = Interference(len(as_it_is.prints), true.pixels, len(true.heads), trials)
    if not found.counted:
        raise nothing
    return found


class _Run:
    """One rendering. Counts what lies under the mask, and takes a print of each painted frame as it goes by.

    Args:
        source: the original.
        plan: what is covered in it, and how.
        by: what is put under the mask; None: it is left as it is.
    """

    def __init__(self, source: Source, plan: Plan, by: Replacement | None) -> None:
        self.pixels, self.heads = 0, set[str]()
        self._source, self._plan, self._by = source, plan, by
        self._timeline = Timeline(plan)
        self._changed = 0
        self._prints: list[Print] = []

    def render(self, folder: Path, tools: Tools, progress: Progress | None) -> Rendering:
        """Decode, replace, cover and write; the file is gone when this returns."""
        source, plan, settings = self._source, self._plan, tools.settings
        parts = self._replaced(decoded(source, plan, tools, progress))
        painted = self._printed(covered(parts, source, plan, settings))
        try:
            with draft(folder) as path:
                write(path, painted, source.info, settings)
                sha256 = file_digest(path)
        except OutputError as error:
            raise OutputError(error.subject, error.problem, NEEDS_ROOM) from error
        return Rendering(sha256, tuple(self._prints), self._changed)

    def _replaced(self, parts: Iterable[Part]) -> Iterator[Part]:
        for part in parts:
            if isinstance(part, Samples):
                yield part
                continue
            mask = self._mask(part)
            self.pixels += int(mask.sum())
            self.heads.update(covered_at(self._timeline, part.pts))
            if self._by is None:
                yield part
                continue
            other = replaced(part, mask, self._by)
            self._changed += changed(part, other)
            yield other

    def _printed(self, parts: Iterable[Part]) -> Iterator[Part]:
        for part in parts:
            if not isinstance(part, Samples):
                self._prints.append(print_of(part, self._mask(part)))
            yield part

    def _mask(self, frame: Frame | YuvFrame) -> Mask:
        """What the plan covers in a frame."""
        regions = covered_at(self._timeline, frame.pts).values()
        grid = self._plan.media.grid(frame.width, frame.height)
        of = film_mask if isinstance(frame, YuvFrame) else mask_of
        return of(regions, frame.width, frame.height, grid, self._plan.margin)
