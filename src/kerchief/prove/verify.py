"""Is anything bare? What a second look at the output found, held against the mask.

A network may see a face in a veil with hair around it; what lies under the mask is no bare face.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from kerchief.cover.mask import touched
from kerchief.plan.model import MediaRef, Region, Shape, Track
from kerchief.ports import Detection, Mask, MediaInfo, MediaKind

#: A face is covered when this share of its ellipse is under the mask, as in the field's measure of coverage.
COVERED_SHARE = 0.9
#: A detection belongs to a shown region when this share of it lies inside.
SHOWN_SHARE = 0.5
#: From this score on, a face that still shows after the last round stops publication.
SURE = 0.5


@dataclass(frozen=True, slots=True)
class Verification:
    """What looking at an output again found.

    Attributes:
        frames: frames of the output that were looked at.
        bare: (pts, detections) of every frame in which something shows that nobody decided to show.
        metadata: phrases for what else is in the file; empty when it holds the picture alone.
        faults: phrases for what differs from the input and should not (size, frames, length).
        tracks: of a film: what shows, followed in time; empty for all else.
    """

    frames: int
    bare: tuple[tuple[int, tuple[Detection, ...]], ...]
    metadata: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()
    tracks: tuple[Track, ...] = ()

    @property
    def found(self) -> int:
        """Things that show."""
        return sum(len(detections) for _, detections in self.bare)

    @property
    def sure(self) -> int:
        """Things that show and that a network is sure of."""
        return sum(detection.score >= SURE for _, detections in self.bare for detection in detections)

    @property
    def is_clean(self) -> bool:
        """Whether nothing shows, nothing is left and nothing is wrong."""
        return not (self.found or self.metadata or self.faults)


def bare(detections: Sequence[Detection], mask: Mask, shown: Sequence[Region]) -> tuple[Detection, ...]:
    """Those detections that neither lie under the mask nor belong to a region that someone decided to show.

    Args:
        detections: found in the output's frame.
        mask: (height, width) bool, True = covered.
        shown: regions that are shown at this time.
    """
    return tuple(d for d in detections if covered_share(d, mask) < COVERED_SHARE and not _is_shown(d, shown))


def covered_share(detection: Detection, mask: Mask) -> float:
    """Share of the ellipse in a detection's box that lies under the mask, as far as it lies in the picture."""
    rows, columns = detection.box.pixels(mask.shape[1], mask.shape[0])
    if rows.stop <= rows.start or columns.stop <= columns.start:
        return 1.0
    face = touched(detection.box, Shape.ELLIPSE, rows, columns)
    return int(np.count_nonzero(mask[rows, columns] & face)) / max(1, int(np.count_nonzero(face)))


def _is_shown(detection: Detection, shown: Sequence[Region]) -> bool:
    return any(region.hull.overlap(detection.box) >= SHOWN_SHARE * detection.box.area for region in shown)


def faults(source: MediaRef, output: MediaInfo, length: int, frames: int) -> tuple[str, ...]:
    """What differs between input and output and should not.

    Args:
        source: the plan's input.
        output: the output as it was read back.
        length: sum of the durations of the output's frames, units of its time base.
        frames: frames of the output that were decoded.
    """
    found = []
    if (source.width, source.height) != (output.width, output.height):
        found.append("the size differs")
    if source.kind is MediaKind.ANIMATION:
        # Encoders join equal neighbours, so the length is compared and not the count.
        if source.length != length or output.frames > source.frames:
            found.append("the length differs")
    elif source.kind is MediaKind.VIDEO:
        if source.frames != frames:
            found.append("the number of frames differs")
        if (
            source.length * source.time_base[0] * output.time_base[1]
            != length * output.time_base[0] * source.time_base[1]
        ):
            found.append("the length differs")
    elif source.frames != output.frames:
        found.append("the number of pages differs")
    return tuple(found)
