"""Decodes a film and encodes it as kerchief does, and nothing else: the least that any copy of a film costs.

python benchmarks/transcode.py IN OUT.mp4
"""

from __future__ import annotations

import sys

import av
from av.video.frame import PictureType

from kerchief.choices import Codec
from kerchief.media.films.codings import CODINGS, THREADS
from kerchief.media.films.picture import Canvas, set_up
from kerchief.ports import Colour

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
        set_up(stream, Canvas(film.width, film.height, rate, time_base, Colour()))
        for frame in source.decode(film):
            frame.pict_type = PictureType.NONE  # or the encoder would take over the source's choice of key frames
            copy.mux(stream.encode(frame))
        copy.mux(stream.encode(None))


if __name__ == "__main__":
    main()
