"""What parent and child say to each other: a JSON header, then the raw bytes that it announces.

The child has read a hostile file, so the parent takes nothing on trust: headers are validated and bounded, and sizes
are checked against the limits before memory is set aside.
"""

from __future__ import annotations

import struct
from typing import Annotated, BinaryIO, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from kerchief.metadata import Finding
from kerchief.plan.model import Cut
from kerchief.ports import Frame, MediaInfo, Pixels, Samples, Waves, YuvFrame, is_subsampled

LENGTH = struct.Struct(">I")
HEADER_BYTES = 1 << 20
#: Beyond this no film has a time, in any time base.
LAST_TIME = 1 << 61
Time = Annotated[int, Field(ge=0, le=LAST_TIME)]
Count = Annotated[int, Field(ge=0, le=1000)]
SAMPLES_AT_ONCE = 1 << 20
MARKS_AT_ONCE = 10_000


class Message(BaseModel):
    """Base of every header."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Open(Message):
    """Parent → child: open this file and send its frames; those of a film when they are asked for."""

    ask: Literal["open"] = "open"
    path: str
    cut: Cut | None = None
    """The part of a film that is wanted; none: all."""
    with_sound: bool = False


class Read(Message):
    """Parent → child: send the frames of the film that was opened, and the sound between them if it is wanted."""

    ask: Literal["read"] = "read"
    cut: Cut | None = None
    """Another part than the one that was opened, without sound; may be asked again and again. None: that part, once."""


class Visit(Message):
    """Parent → child: send the frame of the film that was opened that is on screen at a time, and some beside it.

    After the film's end its last frame is on screen. Unlike ``Read`` this may be asked again and again, in any order.
    """

    ask: Literal["visit"] = "visit"
    at: Time
    since: Time
    """Frames that are gone by then are not sent, however many are wanted before."""
    before: Count = 0
    """How many frames before it are wanted at most."""
    after: Count = 0
    """How many frames after it."""


class Survey(Message):
    """Parent → child: say when the frames of the film that was opened are shown; nothing is decoded for it."""

    ask: Literal["survey"] = "survey"


class Listen(Message):
    """Parent → child: send the sound of the part that was opened alone, for as long as the film lasts until a time."""

    ask: Literal["listen"] = "listen"
    until: Time


Request = Annotated[Open | Read | Visit | Survey | Listen, Field(discriminator="ask")]
REQUEST: TypeAdapter[Request] = TypeAdapter(Request)


class Ready(Message):
    """Child → parent: it has started and waits for files."""

    say: Literal["ready"] = "ready"


class Opened(Message):
    """Child → parent: what the file is and what else is in it."""

    say: Literal["opened"] = "opened"
    info: MediaInfo
    findings: tuple[Finding, ...]


class Picture(Message):
    """Child → parent: a frame; its pixels follow, then its alpha if it has one."""

    say: Literal["picture"] = "picture"
    pts: int
    duration: Annotated[int, Field(ge=0)]
    width: Annotated[int, Field(ge=1)]
    height: Annotated[int, Field(ge=1)]
    channels: Literal[1, 3]
    bits: Literal[8, 16]
    has_alpha: bool


class FilmFrame(Message):
    """Child → parent: a frame of a film; its three planes follow."""

    say: Literal["film frame"] = "film frame"
    pts: Annotated[int, Field(ge=0)]
    duration: Annotated[int, Field(ge=1)]
    width: Annotated[int, Field(ge=1)]
    height: Annotated[int, Field(ge=1)]

    @property
    def plane_shapes(self) -> tuple[tuple[int, int], ...]:
        """Rows and columns of Y, U and V; see ``ports.YuvFrame``."""
        whole = (self.height, self.width)
        part = (self.height // 2, self.width // 2) if is_subsampled(self.width, self.height) else whole
        return whole, part, part


class SoundBlock(Message):
    """Child → parent: a block of a film's sound; its samples follow."""

    say: Literal["sound"] = "sound"
    start: Annotated[int, Field(ge=0)]
    count: Annotated[int, Field(ge=1, le=SAMPLES_AT_ONCE)]
    channels: Literal[1, 2]


class Marks(Message):
    """Child → parent: the times of the next frames of a film."""

    say: Literal["marks"] = "marks"
    times: Annotated[tuple[Time, ...], Field(min_length=1, max_length=MARKS_AT_ONCE)]
    keyframes: Annotated[tuple[Time, ...], Field(max_length=MARKS_AT_ONCE)]
    """Those of them from which decoding can start."""


class Passed(Message):
    """Child → parent: a frame of a film, or a while of its sound, went by that is not wanted."""

    say: Literal["passed"] = "passed"


class Done(Message):
    """Child → parent: nothing more comes for this file."""

    say: Literal["done"] = "done"


class Refused(Message):
    """Child → parent: the file is refused."""

    say: Literal["refused"] = "refused"
    problem: Annotated[str, Field(max_length=300)]
    next_step: Annotated[str, Field(max_length=300)]


Reply = Annotated[
    Ready | Opened | Picture | FilmFrame | SoundBlock | Marks | Passed | Done | Refused, Field(discriminator="say")
]
REPLY: TypeAdapter[Reply] = TypeAdapter(Reply)


class Broken(Exception):
    """The other side went away or does not keep to the form."""


def send(pipe: BinaryIO, message: Message) -> None:
    """Write one header."""
    data = message.model_dump_json().encode()
    pipe.write(LENGTH.pack(len(data)) + data)
    pipe.flush()


def receive(pipe: BinaryIO) -> bytes:
    """Read one header's JSON.

    Raises:
        Broken: end of the stream, or a header that is too long.
    """
    (length,) = LENGTH.unpack(_exactly(pipe, LENGTH.size))
    if length > HEADER_BYTES:
        raise Broken("a header is too long")
    return _exactly(pipe, length)


def send_frame(pipe: BinaryIO, frame: Frame) -> None:
    """Write a frame's header and its arrays."""
    height, width, channels = frame.pixels.shape
    header = Picture.model_validate(
        {
            "pts": frame.pts,
            "duration": frame.duration,
            "width": width,
            "height": height,
            "channels": channels,
            "bits": frame.pixels.dtype.itemsize * 8,
            "has_alpha": frame.alpha is not None,
        }
    )
    send(pipe, header)
    for array in (frame.pixels, frame.alpha):
        if array is not None:
            pipe.write(np.ascontiguousarray(array).data.cast("B"))
    pipe.flush()


def send_film_frame(pipe: BinaryIO, frame: YuvFrame) -> None:
    """Write a film frame's header and its planes."""
    send(pipe, FilmFrame(pts=frame.pts, duration=frame.duration, width=frame.width, height=frame.height))
    for plane in frame.planes:
        pipe.write(np.ascontiguousarray(plane).data.cast("B"))
    pipe.flush()


def send_samples(pipe: BinaryIO, samples: Samples) -> None:
    """Write a block's header and its samples."""
    count, channels = samples.data.shape
    send(pipe, SoundBlock.model_validate({"start": samples.start, "count": count, "channels": channels}))
    pipe.write(np.ascontiguousarray(samples.data).data.cast("B"))
    pipe.flush()


def receive_samples(pipe: BinaryIO, header: SoundBlock) -> Samples:
    """Read the samples that a header announced.

    Raises:
        Broken: they are not whole, or no sound.
    """
    data: Waves = np.empty((header.count, header.channels), np.float32)
    _fill(pipe, data)
    if not (abs(data) <= 1).all():
        raise Broken("samples beyond full scale")
    return Samples(header.start, data)


def receive_film_frame(pipe: BinaryIO, header: FilmFrame) -> YuvFrame:
    """Read the planes that a header announced; the caller has checked its size."""
    y, u, v = (_array(pipe, shape, 8) for shape in header.plane_shapes)
    return YuvFrame(header.pts, header.duration, (y, u, v))


def receive_frame(pipe: BinaryIO, header: Picture) -> Frame:
    """Read the arrays that a header announced; the caller has checked its size."""
    shape = (header.height, header.width, header.channels)
    pixels = _array(pipe, shape, header.bits)
    alpha = _array(pipe, shape[:2], header.bits) if header.has_alpha else None
    return Frame(header.pts, header.duration, pixels, alpha)


def _array(pipe: BinaryIO, shape: tuple[int, ...], bits: int) -> Pixels:
    array: Pixels = np.empty(shape, np.uint8 if bits == 8 else np.uint16)
    _fill(pipe, array)
    return array


def _fill(pipe: BinaryIO, array: Pixels) -> None:
    view = array.data.cast("B")
    while len(view):
        count = pipe.readinto(view)  # type: ignore[attr-defined]
        if not count:
            raise Broken("a frame is not whole")
        view = view[count:]


def _exactly(pipe: BinaryIO, length: int) -> bytes:
    data = pipe.read(length)
    if len(data) < length:
        raise Broken("the other side went away")
    return data
