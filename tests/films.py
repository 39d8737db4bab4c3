"""Made films: a real face that moves along a known way over a textured background without any, in any container."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.container import OutputContainer
from scenes import Rgb, scene

from kerchief.geometry import Box

#: FFmpeg's names of containers by a file's ending.
CONTAINERS = {
    ".mp4": "mp4",
    ".mov": "mov",
    ".mkv": "matroska",
    ".webm": "webm",
    ".avi": "avi",
    ".mpg": "mpeg",
    ".ts": "mpegts",
}
#: The encoder's settings: fast, and good enough that a face stays a face.
OPTIONS = {
    "libx264": {"preset": "ultrafast", "crf": "18"},
    "libvpx": {"deadline": "realtime", "cpu-used": "-8", "b": "2M"},  # above 0, its speed would hang on the clock
    "mpeg4": {"qscale": "3", "b": "4M"},
}
SAMPLE_RATE = 48_000


@dataclass(frozen=True)
class Extras:
    """What a film holds besides its picture.

    Attributes:
        sound: a track of sound.
        subtitles: a track of text.
        tags: of the file.
        chapters: their titles.
        degrees: how far a player turns the picture, counter-clockwise.
        movflags: how an MP4 is laid out.
        live: whether a Matroska file is written as if nobody knew when it ends.
    """

    sound: bool = False
    subtitles: bool = False
    tags: tuple[tuple[str, str], ...] = ()
    chapters: tuple[str, ...] = ()
    degrees: int = 0
    movflags: str = ""
    live: bool = False


def film(
    path: Path,
    pictures: Sequence[Rgb],
    pts: Sequence[int] | None = None,
    time_base: Fraction = Fraction(1, 30),
    last: int = 1,
    codec: str = "libx264",
    extras: Extras | None = None,
    **options: str,
) -> Path:
    """Write a film.

    Args:
        path: its ending names the container.
        pictures: (height, width, 3) uint8 RGB.
        pts: when each is shown, in units of the time base; one after the other if not given.
        time_base: seconds for one unit.
        last: how long the last one is shown, in units of the time base.
        codec: the encoder.
        extras: what else is in the file.
        options: for the encoder.
    """
    extras = extras or Extras()
    pts = range(len(pictures)) if pts is None else pts
    form = CONTAINERS[path.suffix]
    # Without bitexact, Matroska files get numbers of chance, and damage at the same place is other damage every time.
    container_options = {"fflags": "+bitexact"} | ({"movflags": extras.movflags} if extras.movflags else {})
    if extras.live:
        container_options["live"] = "1"
    if form in ("mp4", "mov"):
        container_options["video_track_timescale"] = str(time_base.denominator)
    with av.open(str(path), "w", format=form, container_options=container_options) as container:
        height, width = pictures[0].shape[:2]
        rate = Fraction(len(pictures), pts[-1] + last) / time_base
        video = container.add_stream(codec, rate=rate, options=OPTIONS.get(codec, {}) | options)
        context = video.codec_context
        context.width, context.height = width, height
        context.pix_fmt = "yuv420p" if width % 2 == 0 and height % 2 == 0 else "yuv444p"
        context.time_base = video.time_base = time_base
        if extras.degrees:
            video.set_display_rotation(extras.degrees)
        sound = container.add_stream("aac", rate=SAMPLE_RATE, layout="mono") if extras.sound else None
        words = container.add_mux_stream("mov_text") if extras.subtitles else None
        container.metadata.update(extras.tags)
        if extras.chapters:
            container.set_chapters(
                [
                    {"id": n, "start": n, "end": n + 1, "time_base": Fraction(1), "metadata": {"title": title}}
                    for n, title in enumerate(extras.chapters)
                ]
            )
        ends = [*pts[1:], pts[-1] + last]
        for picture, start, end in zip(pictures, pts, ends, strict=True):
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24")
            frame = frame.reformat(format=context.pix_fmt)
            frame.pts, frame.time_base, frame.duration = start, time_base, end - start
            container.mux(_lasting(video.encode(frame), pts, ends))
        container.mux(_lasting(video.encode(None), pts, ends))
        if sound is not None:
            _hum(container, sound)
        if words is not None:
            _say(container, words)
    return path


def _lasting(packets: list[av.Packet], pts: Sequence[int], ends: Sequence[int]) -> list[av.Packet]:
    """The packets with the length of their frames, which an encoder may forget."""
    lengths = {start: end - start for start, end in zip(pts, ends, strict=True)}
    for packet in packets:
        packet.duration = lengths.get(packet.pts, packet.duration)
    return packets


def _hum(container: OutputContainer, stream: av.AudioStream) -> None:
    samples = (8000 * np.sin(np.arange(SAMPLE_RATE // 2) / 20)).astype(np.float32)[None] / 32768
    frame = av.AudioFrame.from_ndarray(samples, format="fltp", layout="mono")
    frame.rate, frame.pts, frame.time_base = SAMPLE_RATE, 0, Fraction(1, SAMPLE_RATE)
    container.mux(stream.encode(frame))
    container.mux(stream.encode(None))


def _say(container: OutputContainer, stream: av.subtitles.stream.SubtitleStream) -> None:
    text = b"Jane Doe speaks"
    packet = av.Packet(len(text).to_bytes(2, "big") + text)
    packet.stream, packet.time_base = stream, Fraction(1, 1000)
    packet.pts = packet.dts = 0
    packet.duration = 400
    container.mux(packet)


def walk(
    width: int,
    height: int,
    at: Sequence[tuple[float, float]],
    side: float,
    view: Sequence[tuple[int, int]] | None = None,
    seed: int = 7,
) -> tuple[list[Rgb], list[Box]]:
    """The pictures of a film in which one face moves, the camera too, and where the face truly is in each.

    Args:
        width: of the film.
        height: of the film.
        at: where the face is in each frame, top left corner in the world.
        side: height of the face from brow to chin, pixels.
        view: where the camera looks in each frame: top left corner of the picture in the world; (0, 0) if not given.
        seed: of the world.
    """
    view = [(0, 0)] * len(at) if view is None else view
    world = (width + max(x for x, _ in view), height + max(y for _, y in view))
    pictures, boxes = [], []
    for (x, y), (left, top) in zip(at, view, strict=True):
        whole, (box,) = scene(*world, [(x, y, side)], seed)
        pictures.append(whole[top : top + height, left : left + width].copy())
        boxes.append(box.moved(-left, -top))
    return pictures, boxes


@dataclass(frozen=True, eq=False)
class Shown:
    """A frame as a player shows it: when, for how long, and its pixels, (height, width, 3) uint8 RGB."""

    pts: int
    duration: int
    rgb: Rgb


def shown(path: Path) -> list[Shown]:
    """All frames of a film, in the file's time base; read apart from the library's own reader."""
    frames = []
    with av.open(str(path)) as container:
        for frame in container.decode(video=0):
            frames.append(Shown(frame.pts, frame.duration, frame.to_ndarray(format="rgb24")))
    return frames
