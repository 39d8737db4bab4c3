"""What a push and its process say to each other, over the same kind of pipe as ``sandbox.wire``."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from kerchief.ports import Colour
from kerchief.sandbox.wire import Message

Count = Annotated[int, Field(ge=1)]


class Begin(Message):
    """Parent → process: push to this peer; sent once and first. Film frames follow, until the pipe ends."""

    url: str
    quality: Annotated[int, Field(ge=1, le=100)]
    width: Count
    height: Count
    rate: tuple[Count, Count]
    """Frames a second, as a fraction."""
    colour: Colour
    memory_bytes: Count


class Taken(Message):
    """Process → parent: the peer is there; or, the frame has left."""

    say: Literal["taken"] = "taken"


class Failed(Message):
    """Process → parent: that did not work, and nothing more will."""

    say: Literal["failed"] = "failed"
    problem: Annotated[str, Field(max_length=200)]


REPLY: TypeAdapter[Taken | Failed] = TypeAdapter(Annotated[Taken | Failed, Field(discriminator="say")])
