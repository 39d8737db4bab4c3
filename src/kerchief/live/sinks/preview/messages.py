"""What the page asks for once a second."""

from __future__ import annotations

from kerchief.loopback.messages import Message


class StreamStatus(Message):
    """How the stream is."""

    is_open: bool
    """Whether frames are being sent here."""
    width: int
    """Of the stream's frames, pixels; 0 before the first stream. Pictures may be smaller."""
    height: int
    fresh_seconds: float
    """A picture that came longer ago says nothing about now."""
    values: dict[str, str | int | float | bool]
    """Of the run's last status event; empty where that is too long ago."""
