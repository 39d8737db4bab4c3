"""When a film's frames are shown, by the packets in its container: nothing is decoded, so it takes little time."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from kerchief.media.films.landing import CONTAINERS, DECODERS
from kerchief.media.films.reading import Reading, opened, stream_of

#: The parent hears of the child once for so many packets.
PACKETS_AT_ONCE = 1000


def surveyed(reading: Reading) -> Iterator[tuple[int, bool] | None]:
    """The pts of every frame from 0 on, rising, and whether decoding can start with it; None for many packets read.

    Nothing at all where a jump into the film can't be trusted (``media.films.landing``), or two packets share a time.
    Whoever decodes the film must see that the frames are these: some containers have packets that become no frame, or
    two for one.

    Raises:
        InputRefused: the film is damaged.
    """
    marks: list[tuple[int, bool]] = []
    with opened(reading.path) as container:
        stream = stream_of(container)
        if container.format.name not in CONTAINERS or stream.codec_context.name not in DECODERS:
            return
        for number, packet in enumerate(container.demux(stream)):
            if packet.size and packet.pts is not None and not packet.is_discard and packet.pts >= reading.origin:
                marks.append((packet.pts - reading.origin, packet.is_keyframe))
            if number % PACKETS_AT_ONCE == 0:
                yield None
    marks.sort()
    if all(a < b for (a, _), (b, _) in pairwise(marks)):  # VP8 has packets that are not shown, at a neighbour's time
        yield from marks
