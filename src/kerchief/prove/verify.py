"""Is anything bare? What a second look at the output found, held against the mask.

A network may see a face in a veil with hair around it; what lies under the mask is no bare face.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from kerchief.cover.mask import touched
from kerchief.find.head import BOTTOM, SIDE, TOP, region_for
from kerchief.geometry import Box
from kerchief.plan.model import MediaRef, Region, Shape, Track
from kerchief.ports import Detection, Mask, MediaInfo, MediaKind

#: A face is covered when this share of its ellipse is under the mask, as in the field's measure of coverage.
COVERED_SHARE = 0.9
#: A detection can belong to a shown region when this share of it lies inside.
SHOWN_SHARE = 0.5
#: How many times larger a head is than its face: a shown region may have been drawn around either.
HEAD_TO_FACE = (1 + 2 * SIDE) * (1 + TOP + BOTTOM)
#: By so much the area of a shown region may differ from that of the head that it shows, in both directions (4.4 times):
#: down to the face alone, and up to what a film's tracks grow to where nobody looked (``find.follow``: 2.6 times); and
#: half as much again, for no two looks see a face as equally large. A region of half the picture shows nobody in it.
UNLIKE_AREA = 1.5 * HEAD_TO_FACE
#: Two detections whose heads overlap this much (intersection over union) are of one head.
SAME_HEAD_IOU = 0.5
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
    """Those detections that neither lie under the mask nor are what someone decided to show.

    Every shown region lets one head through: of those of about its size, that which fits it best.

    Args:
        detections: found in the output's frame.
        mask: (height, width) bool, True = covered.
        shown: regions that are shown at this time.
    """
    uncovered = [d for d in detections if covered_share(d, mask) < COVERED_SHARE]
    let_through = _let_through(uncovered, shown)
    return tuple(d for d in uncovered if not any(_head(d).iou(head) >= SAME_HEAD_IOU for head in let_through))


def covered_share(detection: Detection, mask: Mask) -> float:
    """Share of the ellipse in a detection's box that lies under the mask, as far as it lies in the picture."""
    rows, columns = detection.box.pixels(mask.shape[1], mask.shape[0])
    if rows.stop <= rows.start or columns.stop <= columns.start:
        return 1.0
    face = touched(detection.box, Shape.ELLIPSE, rows, columns)
    return int(np.count_nonzero(mask[rows, columns] & face)) / max(1, int(np.count_nonzero(face)))


def _let_through(detections: Sequence[Detection], shown: Sequence[Region]) -> list[Box]:
    """The heads that shown regions show, at most one for each: the best pair first, then the best of the others."""
    pairs = [(n, _head(d), region) for n, region in enumerate(shown) for d in detections if _can_show(region, d)]
    heads: dict[int, Box] = {}
    for n, head, _ in sorted(pairs, key=lambda pair: -pair[2].hull.iou(pair[1])):
        if n not in heads and head not in heads.values():
            heads[n] = head
    return list(heads.values())


def _can_show(region: Region, detection: Detection) -> bool:
    """Whether a region is where a detection is, and of about the size of its head."""
    hull, face = region.hull, detection.box
    times = hull.area / _head(detection).area
    return hull.overlap(face) >= SHOWN_SHARE * face.area and 1 / UNLIKE_AREA <= times <= UNLIKE_AREA


def _head(detection: Detection) -> Box:
    return region_for(detection).hull


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
