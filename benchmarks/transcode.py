"""Decodes a film and encodes it as kerchief does, and nothing else: the least that any copy of a film costs.

python benchmarks/transcode.py IN OUT.mp4
"""

from __future__ import annotations

import sys

import av
from av.video.frame import PictureType

from kerchief.choices import Codec
from kerchief.media.films.codings import CODINGS, THREADS
from kerchief.media.films.record import _set_up
from kerchief.ports import MediaInfo, MediaKind

QUALITY = 90  # what redact takes where nothing is said


def main() -> None:
    with av.open(sys.argv[1]) as source, av.open(sys.argv[2], "w", format="mp4") as copy:
        film = source.streams.video[0]
        film.thread_type, film.codec_context.thread_count = "AUTO", THREADS
        time_base, rate = film.time_base, film.average_rate
        assert time_base is not None
        assert rate is not None
        coding = CODINGS[Codec.H264]
        stream = copy.add_stream(coding.encoder, rate=rate, options=coding.all_options(QUALITY))
        assert isinstance(stream, av.VideoStream)
        _set_up(stream, info(film.width, film.height), time_base)
        for frame in source.decode(film):
            frame.pict_type = PictureType.NONE  # or the encoder would take over the source's choice of key frames
            copy.mux(stream.encode(frame))
        copy.mux(stream.encode(None))


def info(width: int, height: int) -> MediaInfo:
    """What kerchief's encoder is set up by: of all of this the size."""
    return MediaInfo(
        format="film",
        kind=MediaKind.VIDEO,
        width=width,
        height=height,
        frames=0,
        time_base=(1, 1),
        orientation=1,
        loops=None,
        sha256="",
        size_bytes=0,
        has_alpha=False,
        bits=8,
    )


if __name__ == "__main__":
    main()
