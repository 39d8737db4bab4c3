"""What every page and its server say to each other: how the page gets in, and what is wrong."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Message(BaseModel):
    """Base of all that goes over the wire."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Problem(Message):
    """What went wrong, in the words of the command line."""

    exit_code: int
    subject: str
    problem: str
    next_step: str


class Failure(Message):
    """The body of every answer that is not a success."""

    error: Problem


class SessionRequest(Message):
    """The one-time token of the link."""

    token: str


class Session(Message):
    """The key that every other request carries as ``Authorization: Bearer KEY``."""

    key: str


class Link(Message):
    """A new link with a new one-time token, for another window."""

    url: str
