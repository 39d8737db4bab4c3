"""What is covered in the frames of a segment → the plan that the look at it is held against."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from kerchief.plan.model import Keyframe, Looked, MediaRef, Plan, Region, Shape, Track
from kerchief.ports import MediaInfo, RegionKind
from kerchief.settings import Settings


@dataclass(frozen=True, slots=True, eq=False)
class Moment:
    """One frame of a segment.

    Attributes:
        pts: in units of ``TIME_BASE``; 0 for the first.
        regions: what is covered in it, by the ids of tracks.
        is_veiled: whether all of it is covered.
    """

    pts: int
    regions: Mapping[str, Region]
    is_veiled: bool


def plan_of(moments: Sequence[Moment], length: int, info: MediaInfo, settings: Settings) -> Plan:
    """The plan that a segment follows.

    Args:
        moments: of all its frames.
        length: of all of them together, in units of the time base.
        info: the segment, as it was read back.
        settings: style and margin.
    """
    return Plan(
        media=MediaRef.of(info, length, len(moments)),
        looked=Looked(frames=0, networks=()),  # nobody looked at this file yet
        style=settings.style,
        margin=settings.margin,
        tracks=tuple(tracks_of(moments, info)),
    )


def tracks_of(moments: Iterable[Moment], info: MediaInfo, first_id: int = 1) -> Iterator[Track]:
    """Tracks with a keyframe for each frame: at no other time do they cover anything.

    What pauses is two tracks, for between its keyframes a track is there.

    Args:
        moments: of frames, in their order.
        info: the segment; its size is what a veil covers.
        first_id: number of the first track's id.
    """
    all_of_it = Region(shape=Shape.BOX, x=0.0, y=0.0, width=float(info.width), height=float(info.height))
    for number, keyframes in enumerate(_stays(moments, all_of_it), first_id):
        yield Track(id=f"{RegionKind.HEAD.value}-{number}", kind=RegionKind.HEAD, keyframes=tuple(keyframes))


def _stays(moments: Iterable[Moment], all_of_it: Region) -> Iterable[list[Keyframe]]:
    """Where each thing is in one frame after the other, until it is not there in one."""
    done: list[list[Keyframe]] = []
    here: dict[str, list[Keyframe]] = {}
    for moment in moments:
        regions = {"": all_of_it} if moment.is_veiled else moment.regions
        done += [stay for name, stay in here.items() if name not in regions]
        here = {name: here.get(name, []) for name in regions}
        for name, region in regions.items():
            here[name].append(Keyframe(pts=moment.pts, region=region))
    return [*done, *here.values()]
