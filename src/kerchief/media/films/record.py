"""Writes films with PyAV: MP4 with the picture, and the sound if there is to be any. Nothing comes from the input."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path

import av

from kerchief.choices import Codec
from kerchief.media.films.codings import CODINGS
from kerchief.media.films.picture import Canvas, PictureTrack
from kerchief.media.films.sound import SoundTrack
from kerchief.ports import MediaInfo, Samples, YuvFrame


def write_film(
    path: Path, frames: Iterable[YuvFrame | Samples], info: MediaInfo, quality: int, codec: Codec = Codec.H264
) -> None:
    """Write a film into a draft.

    Args:
        path: the draft; replaced.
        frames: upright frames in order, and between them the sound, if there is to be any.
        info: the input: size, time base, aspect and colour are kept; its sound is what will come.
        quality: 1 to 100.
        codec: how they are coded.

    Raises:
        OSError: the disk is full or fails.
    """
    coding = CODINGS[codec]
    av.logging.set_level(None)
    canvas = _canvas(info)
    with av.open(str(path), "w", format="mp4", container_options=container_options(canvas.time_base)) as container:
        picture = PictureTrack(container, coding, coding.all_options(quality), canvas)
        sound = SoundTrack(container, info.sound) if info.sound else None
        container.start_encoding()
        end = 0
        for frame in frames:
            if isinstance(frame, Samples):
                if sound is not None:
                    sound.write(frame)
                continue
            end = frame.pts + frame.duration
            picture.write(frame)
        picture.finish()
        if sound is not None:
            sound.finish(end * canvas.time_base)


def container_options(time_base: Fraction) -> dict[str, str]:
    """How the container is written: exact times, and nothing of the writer in it."""
    scale = str(time_base.denominator)
    return {
        "fflags": "+bitexact",
        "movflags": "+faststart",
        "video_track_timescale": scale,
        "movie_timescale": scale,
    }


def _canvas(info: MediaInfo) -> Canvas:
    return Canvas(
        width=info.width,
        height=info.height,
        rate=Fraction(*info.rate),
        time_base=Fraction(*info.time_base),
        colour=info.colour,
        aspect=Fraction(*info.aspect),
    )
