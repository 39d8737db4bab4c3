"""The frames of an opened film as they come out of the decoder, from its start or from a keyframe on, and when."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import av
import av.error
from av.video.reformatter import VideoReformatter

from kerchief.errors import SEND_WHOLE, InputRefused
from kerchief.media.films.fields import deinterlaced
from kerchief.media.films.landing import keyframe_before, landing
from kerchief.media.films.planes import pixel_format, view
from kerchief.media.films.rollcall import RollCall
from kerchief.media.films.times import CONVERT, timed
from kerchief.media.photos.still import turned
from kerchief.ports import MediaInfo, Pixels

#: FFmpeg's names of the containers that are read. Playlists and the like, which open other files, are not.
CONTAINERS = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpeg,mpegvideo,mpegts,asf,flv"
DEINTERLACED = "deinterlaced"
#: A frame is deinterlaced with those beside it, so decoding starts this much earlier, in seconds.
BESIDE = Fraction(1, 5)

#: When a frame is shown from and up to, in the film's time base from its first frame on, and the frame.
Timed = tuple[int, int, av.VideoFrame]


@dataclass(frozen=True, slots=True)
class Reading:
    """A way to the frames of a film.

    Attributes:
        path: the film.
        info: what it is.
        origin: pts of its first frame in its container.
        blocks: how many packets its container counts; None where it does not.
    """

    path: Path
    info: MediaInfo
    origin: int
    blocks: int | None
    _reformatter: VideoReformatter = field(default_factory=VideoReformatter)

    def frames(self, since: int | None) -> Iterator[Timed]:
        """Every frame with its times, up to the end of the film.

        Args:
            since: pts, in the container, of the keyframe to begin with; None for the start of the film.

        Raises:
            InputRefused: damaged, cut off, or decoding does not begin with that keyframe.
        """
        with opened(self.path) as container:
            stream = stream_of(container)
            frames = deinterlaced(_decoded(container, stream, since, self.blocks), stream)
            yield from timed(frames, container, stream, self.origin)

    def landing(self, at: int) -> int | None:
        """The keyframe from which all frames from a time on come out, proven by a trial; None: the film's start."""
        with opened(self.path) as container:
            return landing(container, stream_of(container), self._needed(at))

    def keyframe_before(self, at: int) -> int | None:
        """The keyframe from which the frame at a time can be decoded, as the container says; None where it does not."""
        with opened(self.path) as container:
            return keyframe_before(container, stream_of(container), self._needed(at))

    def _needed(self, at: int) -> int:
        """The first pts in the container that matters to a frame."""
        beside = BESIDE // Fraction(*self.info.time_base) if DEINTERLACED in self.info.changes else 0
        return self.origin + at - beside

    def planes(self, frame: av.VideoFrame) -> tuple[Pixels, Pixels, Pixels]:
        """Upright 8-bit planes. Anything but plain 4:2:0 (4:4:4 where a side is odd) goes through swscale.

        Raises:
            InputRefused: the frame has another size.
        """
        info = self.info
        turned_sides = (frame.height, frame.width) if info.orientation >= 5 else (frame.width, frame.height)
        if turned_sides != (info.width, info.height):
            raise InputRefused("", "the picture changes its size in the middle of the film", CONVERT)
        wanted = pixel_format(info.width, info.height)
        if frame.format.name.replace("yuvj", "yuv") != wanted:
            frame = self._reformatter.reformat(frame, format=wanted)
        y, u, v = (turned(view(plane), info.orientation) for plane in frame.planes)
        return y, u, v


def _decoded(
    container: av.container.InputContainer, stream: av.VideoStream, since: int | None, blocks: int | None
) -> Iterator[av.VideoFrame]:
    """The frames as they come out of the decoder; none may be damaged, and none missing where that can be told.

    Args:
        container: freshly opened.
        stream: the film in it.
        since: pts of a keyframe to begin with; None for the start of the film.
        blocks: see ``Reading``.
    """
    roll = RollCall(stream.codec_context.name, fraction(stream.time_base))
    if since is not None:
        container.seek(since, stream=stream)
    is_out = since is None
    for packet in container.demux(stream):
        if packet.size:  # the last one only asks for what is left
            roll.sent(packet.pts, is_hidden=packet.is_discard or _is_before(packet.pts, since))
        for frame in packet.decode():
            if _is_before(frame.pts, since):
                continue  # leads up to the keyframe and may need what was coded before it
            if frame.is_corrupt or not (is_out or frame.pts == since):
                raise InputRefused("", "the film is damaged or cut off", SEND_WHOLE)
            is_out = True
            roll.came(frame.pts)
            yield frame
    if not roll.is_complete or (since is None and blocks not in (None, roll.packets)):
        raise InputRefused("", "the film is damaged or cut off", SEND_WHOLE)


def _is_before(pts: int | None, since: int | None) -> bool:
    return pts is not None and since is not None and pts < since


def stream_of(container: av.container.InputContainer) -> av.VideoStream:
    """The film in a container, set up to be decoded.

    Raises:
        InputRefused: it holds none.
    """
    pictures = [s for s in container.streams.video if not s.disposition & av.stream.Disposition.attached_pic]
    if not pictures:
        raise InputRefused("", "the file holds no film", "Give a file with a picture.")
    stream = pictures[0]
    stream.thread_type = "AUTO"
    stream.codec_context.thread_count = 2
    return stream


def fraction(value: Fraction | None) -> Fraction:
    """A rate or a time base, or a usual one where a file has none."""
    return value if value else Fraction(25)


@contextmanager
def opened(path: Path) -> Iterator[av.container.InputContainer]:
    """The container; whatever FFmpeg raises is one refusal."""
    options = {"protocol_whitelist": "file", "format_whitelist": CONTAINERS}
    try:
        with av.open(f"file:{path}", metadata_errors="replace", options=options) as container:
            yield container
    except (av.error.FFmpegError, EOFError, OSError, ValueError, IndexError) as error:
        raise InputRefused("", "the film is damaged, cut off, or of a kind that is not read", SEND_WHOLE) from error
