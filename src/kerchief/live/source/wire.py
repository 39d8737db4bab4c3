"""What a stream's process and its parent say to each other, over the same kind of pipe as ``sandbox.wire``.

The process has read what a stranger sends, so the parent checks what it says.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from kerchief.ports import Colour
from kerchief.sandbox.wire import FilmFrame, Message, Time

#: Exit code of a process whose source wanted to send it elsewhere.
REDIRECTED = 7

Side = Annotated[int, Field(ge=2, le=16_384, multiple_of=2)]
Hertz = Annotated[float, Field(ge=1, le=1000)]


class Quality(Message):
    """Parent → process: how large frames are wanted, and how many; may be asked again at any time.

    What is stored waits, once it is open, until it is asked.
    """

    ask: Literal["quality"] = "quality"
    pixels: Annotated[int, Field(ge=4)]
    """At most so many in a frame."""
    rate: Hertz
    """At most so many frames a second."""


class Open(Message):
    """Parent → process: open this stream and send its frames; the first request, and asked once."""

    ask: Literal["open"] = "open"
    url: str
    format: str | None = None
    options: dict[str, str]
    is_paced: bool
    is_stored: bool
    """See ``live.address.Origin``."""
    memory_bytes: Annotated[int, Field(ge=1)]
    size: tuple[Side, Side] | None = None
    """Width and height that the stream is shown in; none: its own."""
    quality: Quality


class Began(Message):
    """Process → parent: the stream is open, and this is what it is shown in."""

    say: Literal["began"] = "began"
    width: Side
    height: Side
    rate: Hertz
    """Frames a second as the stream says, or a usual number."""
    colour: Colour


class Shown(Message):
    """Process → parent: the next frame; a ``FilmFrame`` and its planes follow."""

    say: Literal["shown"] = "shown"
    at: Time
    """When it was filmed, in units of ``live.covered.TIME_BASE``, by the stream's own clock."""
    follows: bool
    """Whether nothing was amiss between it and the one before."""


class Hidden(Message):
    """Process → parent: a frame that must not be shown, for it is damaged or may be."""

    say: Literal["hidden"] = "hidden"
    at: Time


class Ended(Message):
    """Process → parent: nothing more comes. Without a problem the stream is at its end."""

    say: Literal["ended"] = "ended"
    problem: Annotated[str, Field(max_length=300)] = ""
    next_step: Annotated[str, Field(max_length=300)] = ""


Reply = Annotated[Began | Shown | Hidden | FilmFrame | Ended, Field(discriminator="say")]
REPLY: TypeAdapter[Reply] = TypeAdapter(Reply)
