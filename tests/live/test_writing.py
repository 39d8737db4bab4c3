"""A live stream is coded so that each frame leaves at once, and anybody can join."""

from __future__ import annotations

import io
from fractions import Fraction

import av
import numpy as np
import pytest
from numbered import FORM, STEP, number_in, numbered
from planes import noise

from kerchief.media.films.picture import Canvas
from kerchief.media.streams.writing import MPEG_TS, Container, LiveWriter, most_bits
from kerchief.ports import Colour, YuvFrame

CANVAS = Canvas(FORM.width, FORM.height, FORM.rate, Fraction(1, 90_000), FORM.colour)


class Pipe:
    """What goes through, and how much of it so far."""

    def __init__(self) -> None:
        self.data = b""

    def write(self, data: bytes) -> None:
        self.data += data


def test_each_frame_leaves_before_the_next_comes() -> None:
    pipe = Pipe()
    writer = LiveWriter(pipe, MPEG_TS, CANVAS, 85)
    for number in range(40):
        before = len(pipe.data)
        writer.write(numbered(number))
        assert len(pipe.data) > before
    before = len(pipe.data)
    writer.close()
    assert len(pipe.data) == before


def test_whoever_joins_sees_something_after_two_seconds() -> None:
    pipe = Pipe()
    writer = LiveWriter(pipe, MPEG_TS, CANVAS, 85)
    keys = [number for number in range(0, 120, 2) if writer.write(numbered(number))]
    writer.close()
    assert keys == [0, 30, 60, 90]
    # From any of them on, with nothing of what came before.
    with av.open(io.BytesIO(pipe.data), format="mpegts") as container:
        places = [packet.pos for packet in container.demux(video=0) if packet.is_keyframe and packet.size]
    assert len(places) == 4
    with av.open(io.BytesIO(pipe.data[places[2] :]), format="mpegts") as container:
        frames = [number_in(frame.to_ndarray()[: FORM.height]) for frame in container.decode(video=0)]
    assert frames == list(range(60, 120, 2))


def test_colours_are_said_and_nothing_else() -> None:
    pipe = Pipe()
    canvas = Canvas(FORM.width, FORM.height, FORM.rate, Fraction(1, 90_000), Colour(9, 16, 9, is_full_range=True))
    writer = LiveWriter(pipe, MPEG_TS, canvas, 85)
    for number in range(3):
        writer.write(numbered(number))
    writer.close()
    with av.open(io.BytesIO(pipe.data), format="mpegts") as container:
        context = container.streams.video[0].codec_context
        assert (context.color_primaries, context.color_trc, context.colorspace) == (9, 16, 9)
        assert int(context.color_range) == 2
        assert dict(container.metadata) == {}


@pytest.mark.parametrize("is_capped", [True, False])
def test_noise_takes_no_more_than_a_network_may_have(is_capped: bool) -> None:
    pipe = Pipe()
    writer = LiveWriter(pipe, Container("mpegts", is_capped=is_capped), CANVAS, 85)
    for number in range(60):
        frame = noise(FORM.width, FORM.height, number)
        writer.write(YuvFrame(number * STEP, STEP, frame.planes))
    writer.close()
    bits = 8 * len(pipe.data) / 4
    assert (bits < 2 * most_bits(CANVAS)) == is_capped


def test_an_error_is_an_os_error_without_the_url() -> None:
    with pytest.raises(OSError) as caught:
        LiveWriter("tcp://user:secret@127.0.0.1:1/x", MPEG_TS, CANVAS, 85)
    assert "secret" not in repr(caught.value)
    assert caught.value.filename is None


def test_what_the_file_raises_is_raised() -> None:
    class Full:
        def write(self, data: bytes) -> None:
            raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):  # noqa: PT012
        writer = LiveWriter(Full(), MPEG_TS, CANVAS, 85)
        for number in range(10):
            writer.write(numbered(number))


def test_the_planes_are_left_alone() -> None:
    frame = numbered(5)
    before = [plane.copy() for plane in frame.planes]
    writer = LiveWriter(Pipe(), MPEG_TS, CANVAS, 85)
    writer.write(frame)
    writer.close()
    assert all(np.array_equal(a, b) for a, b in zip(before, frame.planes, strict=True))
