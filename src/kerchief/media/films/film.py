"""Reads films with PyAV: what a film is, and its frames as planes. Runs inside the sandbox's child process.

Edit lists are applied (hidden frames never come out), the display matrix too. What can't be read whole is refused.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import chain
from pathlib import Path

import av
import av.error
from av.sidedata.sidedata import Type as SideDataType
from av.video.reformatter import VideoReformatter

from kerchief.errors import SEND_WHOLE, InputRefused
from kerchief.media.containers.matroska import MAGIC, count_frames
from kerchief.media.containers.whole import is_cut_off
from kerchief.media.films.fields import deinterlaced, is_interlaced
from kerchief.media.films.landing import landing
from kerchief.media.films.planes import pixel_format, view
from kerchief.media.films.rollcall import RollCall
from kerchief.media.films.times import CONVERT, timed
from kerchief.media.limits import Limits
from kerchief.media.photos.still import turned
from kerchief.plan.model import Cut
from kerchief.ports import Colour, MediaInfo, MediaKind, Pixels, YuvFrame

#: FFmpeg's names of the containers that are read. Playlists and the like, which open other files, are not.
CONTAINERS = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpeg,mpegvideo,mpegts,asf,flv"
PLAIN = {"yuv420p": False, "yuvj420p": True, "yuv444p": False, "yuvj444p": True}
FULL_RANGE = 2
HDR_TRANSFERS = (16, 18)  # PQ and HLG, ITU-T H.273 table 3
DEINTERLACED = "deinterlaced"
#: A frame is deinterlaced with those beside it, so decoding starts this much earlier, in seconds.
BESIDE = Fraction(1, 5)
CHUNK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Film:
    """A film that was opened: what it is, and a way to its frames."""

    info: MediaInfo
    start: Fraction
    """When its first frame is shown, in the file's time, seconds."""
    frames: Callable[[Cut], Iterator[YuvFrame | None]]
    """The frames of a part of it; None for one that goes by before the part begins."""


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
        stream = _stream(container)
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
    return Film(info, start, lambda cut: _frames(path, info, origin, cut, blocks))


def _describe(
    container: av.container.InputContainer, stream: av.VideoStream, first: av.VideoFrame, limits: Limits
) -> MediaInfo:
    orientation = _orientation(first)
    width, height = (first.width, first.height) if orientation < 5 else (first.height, first.width)
    if width * height > limits.frame_pixels:
        raise InputRefused("", f"{width} × {height} is over the limit", "Scale it down first.")
    aspect = stream.sample_aspect_ratio or Fraction(1)
    time_base, rate = _fraction(stream.time_base), _fraction(stream.average_rate)
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


def _fraction(value: Fraction | None) -> Fraction:
    return value if value else Fraction(25)


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


def _frames(path: Path, info: MediaInfo, origin: int, cut: Cut, blocks: int | None) -> Iterator[YuvFrame | None]:
    """Every frame that is shown in a part of the film, upright, from pts 0 on; None for one before it.

    Args:
        path: the film.
        info: what it is.
        origin: pts of its first frame in its container.
        cut: the part.
        blocks: how many packets its container counts; None where it does not.
    """
    beside = BESIDE // Fraction(*info.time_base) if DEINTERLACED in info.changes else 0
    since = _landing(path, origin + cut.start - beside) if cut.start else None
    is_empty, end = True, 0
    with opened(path) as container:
        convert = _Converter(info)
        stream = _stream(container)
        frames = deinterlaced(_decoded(container, stream, since, blocks), stream)
        for pts, end, frame in timed(frames, container, stream, origin):
            if cut.end is not None and pts >= cut.end:
                break
            part = cut.part(pts, end)
            yield YuvFrame(*part, convert(frame)) if part else None
            is_empty &= part is None
    if is_empty:
        seconds = end * info.time_base[0] / info.time_base[1]
        raise InputRefused("", f"the film is {seconds:.3f} seconds long, so nothing is left", "Give an earlier --from.")


def _landing(path: Path, at: int) -> int | None:
    with opened(path) as container:
        return landing(container, _stream(container), at)


def _decoded(
    container: av.container.InputContainer, stream: av.VideoStream, since: int | None, blocks: int | None
) -> Iterator[av.VideoFrame]:
    """The frames as they come out of the decoder; none may be damaged, and none missing where that can be told.

    Args:
        container: freshly opened.
        stream: the film in it.
        since: pts of a keyframe to begin with; None for the start of the film.
        blocks: see ``_frames``.
    """
    roll = RollCall(stream.codec_context.name, _fraction(stream.time_base))
    if since is not None:
        container.seek(since, stream=stream)
    for packet in container.demux(stream):
        if packet.size:  # the last one only asks for what is left
            roll.sent(packet.pts, is_hidden=packet.is_discard or _is_before(packet.pts, since))
        for frame in packet.decode():
            if _is_before(frame.pts, since):
                continue  # leads up to the keyframe and may need what was coded before it
            if frame.is_corrupt:
                raise InputRefused("", "the film is damaged or cut off", SEND_WHOLE)
            roll.came(frame.pts)
            yield frame
    if not roll.is_complete or (since is None and blocks not in (None, roll.packets)):
        raise InputRefused("", "the film is damaged or cut off", SEND_WHOLE)


def _is_before(pts: int | None, since: int | None) -> bool:
    return pts is not None and since is not None and pts < since


class _Converter:
    """Frames → upright 8-bit planes. Anything but plain 4:2:0 (4:4:4 where a side is odd) goes through swscale."""

    def __init__(self, info: MediaInfo) -> None:
        self._wanted = pixel_format(info.width, info.height)
        self._info = info
        self._reformatter = VideoReformatter()

    def __call__(self, frame: av.VideoFrame) -> tuple[Pixels, Pixels, Pixels]:
        turned_sides = (frame.height, frame.width) if self._info.orientation >= 5 else (frame.width, frame.height)
        if turned_sides != (self._info.width, self._info.height):
            raise InputRefused("", "the picture changes its size in the middle of the film", CONVERT)
        if frame.format.name.replace("yuvj", "yuv") != self._wanted:
            frame = self._reformatter.reformat(frame, format=self._wanted)
        y, u, v = (turned(view(plane), self._info.orientation) for plane in frame.planes)
        return y, u, v


def _orientation(frame: av.VideoFrame) -> int:
    """The EXIF orientation that means the same as the frame's display matrix (multiples of 90° and mirrors)."""
    matrix = None
    try:
        for side in frame.side_data:
            if getattr(side, "type", None) is SideDataType.DISPLAYMATRIX:
                matrix = struct.unpack("<9i", bytes(side))  # type: ignore[arg-type]
    except ValueError:  # a kind of side data that PyAV has no name for
        return 1
    if matrix is None:
        return 1
    a, b, _, c, d = matrix[:5]
    if abs(b) > abs(a):
        return {(False, False): 5, (True, False): 6, (True, True): 7, (False, True): 8}[c < 0, b < 0]
    return {(False, False): 1, (True, False): 2, (True, True): 3, (False, True): 4}[a < 0, d < 0]


def _stream(container: av.container.InputContainer) -> av.VideoStream:
    pictures = [s for s in container.streams.video if not s.disposition & av.stream.Disposition.attached_pic]
    if not pictures:
        raise InputRefused("", "the file holds no film", "Give a file with a picture.")
    stream = pictures[0]
    stream.thread_type = "AUTO"
    stream.codec_context.thread_count = 2
    return stream


@contextmanager
def opened(path: Path) -> Iterator[av.container.InputContainer]:
    """The container; whatever FFmpeg raises is one refusal."""
    options = {"protocol_whitelist": "file", "format_whitelist": CONTAINERS}
    try:
        with av.open(f"file:{path}", metadata_errors="replace", options=options) as container:
            yield container
    except (av.error.FFmpegError, EOFError, OSError, ValueError, IndexError) as error:
        raise InputRefused("", "the film is damaged, cut off, or of a kind that is not read", SEND_WHOLE) from error
