"""Reads films with PyAV: what a film is, and its frames as planes. Runs inside the sandbox's child process.

Edit lists are applied (hidden frames never come out), the display matrix too. What can't be read whole is refused.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import chain
from pathlib import Path

import av

from kerchief.errors import SEND_WHOLE, InputRefused
from kerchief.media.containers.matroska import MAGIC, count_frames
from kerchief.media.containers.whole import is_cut_off
from kerchief.media.films.fields import is_interlaced
from kerchief.media.films.orientation import orientation_of
from kerchief.media.films.reading import DEINTERLACED, Reading, fraction, opened, stream_of
from kerchief.media.films.survey import surveyed
from kerchief.media.films.times import CONVERT
from kerchief.media.films.visits import Visits
from kerchief.media.limits import Limits
from kerchief.plan.model import Cut
from kerchief.ports import Colour, MediaInfo, MediaKind, YuvFrame

PLAIN = {"yuv420p": False, "yuvj420p": True, "yuv444p": False, "yuvj444p": True}
FULL_RANGE = 2
HDR_TRANSFERS = (16, 18)  # PQ and HLG, ITU-T H.273 table 3
CHUNK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Film:
    """A film that was opened: what it is, and a way to its frames."""

    info: MediaInfo
    start: Fraction
    """When its first frame is shown, in the file's time, seconds."""
    frames: Callable[[Cut], Iterator[YuvFrame | None]]
    """The frames of a part of it; None for one that goes by before the part begins."""
    visits: Visits
    """Its frames in any order."""
    survey: Callable[[], Iterator[tuple[int, bool] | None]]
    """When its frames are shown; see ``media.films.survey``."""


def open_film(path: Path, limits: Limits) -> Film:
    """The film in this file.

    Raises:
        InputRefused: no film that is read here, damaged, cut off, or over a limit.
    """
    av.logging.set_level(None)
    size = path.stat().st_size
    with path.open("rb") as file:
        if is_cut_off(file, size):
            raise InputRefused("", "the film is cut off", SEND_WHOLE)
        file.seek(0)
        blocks = count_frames(file, size) if file.read(len(MAGIC)) == MAGIC else None
        file.seek(0)
        sha256 = hashlib.sha256()
        while chunk := file.read(CHUNK_BYTES):
            sha256.update(chunk)
    with opened(path) as container:
        stream = stream_of(container)
        if any(e.pos + e.size > size for s in container.streams for e in s.index_entries):
            raise InputRefused("", "the film is cut off", SEND_WHOLE)
        frames = container.decode(stream)
        first = next(frames, None)
        if first is None or stream.time_base is None:
            raise InputRefused("", "the film has no frames", SEND_WHOLE)
        if first.pts is None:
            raise InputRefused("", "a frame has no time", CONVERT)
        info, origin = _describe(container, stream, first, limits), first.pts
        start = origin * stream.time_base
        if is_interlaced(stream, chain([first], frames)):
            info = replace(info, changes=(*info.changes, DEINTERLACED))
    info = replace(info, sha256=sha256.hexdigest(), size_bytes=size)
    reading = Reading(path, info, origin, blocks)
    return Film(info, start, lambda cut: _frames(reading, cut), Visits(reading), lambda: surveyed(reading))


def _describe(
    container: av.container.InputContainer, stream: av.VideoStream, first: av.VideoFrame, limits: Limits
) -> MediaInfo:
    orientation = orientation_of(first)
    width, height = (first.width, first.height) if orientation < 5 else (first.height, first.width)
    if width * height > limits.frame_pixels:
        raise InputRefused("", f"{width} × {height} is over the limit", "Scale it down first.")
    aspect = stream.sample_aspect_ratio or Fraction(1)
    time_base, rate = fraction(stream.time_base), fraction(stream.average_rate)
    return MediaInfo(
        format="film",
        kind=MediaKind.VIDEO,
        width=width,
        height=height,
        frames=_count(container, stream),
        time_base=(time_base.numerator, time_base.denominator),
        orientation=orientation,
        loops=None,
        sha256="",
        size_bytes=0,
        has_alpha=False,
        bits=8,
        dropped=_dropped(container, stream),
        changes=_changes(first),
        aspect=_turned_aspect(aspect, orientation),
        rate=(rate.numerator, rate.denominator),
        colour=Colour(
            primaries=int(first.color_primaries),
            transfer=int(first.color_trc),
            matrix=int(first.colorspace),
            is_full_range=_is_full_range(first),
        ),
        sound_tracks=len(container.streams.audio),
    )


def _count(container: av.container.InputContainer, stream: av.VideoStream) -> int:
    """How many frames the header says there are, or as many as its length comes to; 0 where it says neither."""
    seconds = Fraction(max(0, container.duration or 0), av.time_base)
    return max(0, stream.frames) or round(seconds * (stream.average_rate or 0))


def _turned_aspect(aspect: Fraction, orientation: int) -> tuple[int, int]:
    return (aspect.numerator, aspect.denominator) if orientation < 5 else (aspect.denominator, aspect.numerator)


def _is_full_range(frame: av.VideoFrame) -> bool:
    return PLAIN.get(frame.format.name, False) or int(frame.color_range) == FULL_RANGE


def _dropped(container: av.container.InputContainer, chosen: av.VideoStream) -> tuple[str, ...]:
    """Phrases for what the file holds besides the film itself."""
    names = {
        "audio": "sound",
        "subtitle": "subtitles",
        "data": "timed data",
        "attachment": "attachments",
        "video": "further pictures in the file",
    }
    others = dict.fromkeys(names.get(stream.type, "other tracks") for stream in container.streams if stream != chosen)
    tags = any(container.metadata) or any(s.metadata.keys() - {"language"} for s in container.streams)
    extra = ("tags",) * tags + ("chapters",) * bool(container.chapters())
    return (*others, *extra)


def _changes(first: av.VideoFrame) -> tuple[str, ...]:
    """Phrases for what conversion to 8-bit planes changes in the picture."""
    changes = []
    if max(component.bits for component in first.format.components) > 8:
        changes.append("reduced to 8 bits a channel")
    if int(first.color_trc) in HDR_TRANSFERS:
        changes.append("high dynamic range kept with 8 bits only")
    return tuple(changes)


def _frames(reading: Reading, cut: Cut) -> Iterator[YuvFrame | None]:
    """Every frame that is shown in a part of the film, upright, from pts 0 on; None for one before it."""
    time_base = reading.info.time_base
    is_empty, end = True, 0
    for pts, end, frame in reading.frames(reading.landing(cut.start) if cut.start else None):
        if cut.end is not None and pts >= cut.end:
            break
        part = cut.part(pts, end)
        yield YuvFrame(*part, reading.planes(frame)) if part else None
        is_empty &= part is None
    if is_empty:
        seconds = end * time_base[0] / time_base[1]
        raise InputRefused("", f"the film is {seconds:.3f} seconds long, so nothing is left", "Give an earlier --from.")
