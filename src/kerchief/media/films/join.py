"""Joins films that were written piece by piece into one, packet by packet: nothing is decoded or coded again.

The sound can't be joined so (a coder of sound starts with samples that are not heard), so it is coded here in one go.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path

import av

from kerchief.media.films.record import container_options
from kerchief.media.films.sound import SoundTrack
from kerchief.ports import MediaInfo, Samples


def join_films(
    path: Path, pieces: Sequence[tuple[int, Path]], sound: Iterable[Samples], info: MediaInfo, length: int
) -> None:
    """Write the pieces into a draft, one after the other.

    Args:
        path: the draft; replaced.
        pieces: where each begins in the film, in its time base, and the piece as ``write_film`` wrote it,
            without sound.
        sound: of the whole film, if there is to be any.
        info: the input, as for ``write_film``.
        length: of the film, in its time base.

    Raises:
        OSError: the disk is full or fails.
        ValueError: the pieces were not coded alike.
    """
    av.logging.set_level(None)
    time_base = Fraction(*info.time_base)
    options = container_options(time_base)
    with _opened(pieces[0][1]) as first, av.open(str(path), "w", format="mp4", container_options=options) as container:
        stream = container.add_stream_from_template(first.streams.video[0])
        stream.time_base = time_base
        track = SoundTrack(container, info.sound) if info.sound else None
        samples = iter(sound)
        container.start_encoding()
        coded = first.streams.video[0].codec_context.extradata
        heard = 0
        for packet in _packets(pieces, coded, time_base):
            assert packet.pts is not None and packet.time_base is not None  # noqa: PT018
            if track is not None and info.sound is not None:
                # Side by side, or the container would keep one of them in memory until the other comes.
                until = packet.pts * packet.time_base * info.sound.rate
                while heard < until and (block := next(samples, None)) is not None:
                    track.write(block)
                    heard += len(block.data)
            packet.stream = stream
            container.mux(packet)
        if track is not None:
            for block in samples:
                track.write(block)
            track.finish(length * time_base)


def _packets(
    pieces: Sequence[tuple[int, Path]], coded: bytes | None, time_base: Fraction
) -> Iterator[av.Packet[av.VideoStream]]:
    """The packets of all pieces, with their times in the film; in the pieces' own unit, of which the film's is n."""
    for start, piece in pieces:
        with _opened(piece) as container:
            stream = container.streams.video[0]
            if stream.codec_context.extradata != coded:
                raise ValueError("pieces of a film were coded differently")
            for packet in container.demux(stream):
                if packet.pts is None or packet.dts is None:
                    continue  # the last one is empty
                assert stream.time_base is not None
                place = start * time_base / stream.time_base
                if place.denominator != 1:
                    raise ValueError("a piece of a film does not begin at a time of its own unit")
                packet.pts += int(place)
                packet.dts += int(place)
                yield packet


@contextmanager
def _opened(path: Path) -> Iterator[av.container.InputContainer]:
    options = {"protocol_whitelist": "file", "format_whitelist": "mov,mp4,m4a,3gp,3g2,mj2"}
    with av.open(f"file:{path}", options=options) as container:
        yield container
