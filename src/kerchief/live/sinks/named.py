"""What the user calls a sink → the sink."""

from __future__ import annotations

from pathlib import Path

from kerchief.errors import UsageError
from kerchief.live.address import CAMERA, scheme_of
from kerchief.live.events import Tell
from kerchief.live.sinks.camera import VirtualCamera
from kerchief.live.sinks.hls.hls import Hls
from kerchief.live.sinks.preview.sink import Preview
from kerchief.live.sinks.push.push import Push
from kerchief.live.sinks.segments.segments import Segments
from kerchief.live.sinks.sink import Sink
from kerchief.tools import Tools

HLS, PREVIEW = "hls", "preview"
MOST_PORT = 65_535


def sink_for(name: str, tools: Tools, length: float, tell: Tell) -> Sink:
    """The sink of that name.

    Args:
        name: a folder, hls:FOLDER, a URL, camera, or preview.
        tools: how frames are covered, and the networks that look at segments.
        length: of a segment, seconds.
        tell: for what sinks have to say.

    Raises:
        UsageError: there is no such sink.
    """
    quality = tools.settings.quality
    if scheme_of(name) is not None:
        return Push(name, quality)
    kind, _, which = name.partition(":")
    if kind == HLS and which:
        return Hls(Path(which), quality)
    if kind == CAMERA:
        return VirtualCamera(which or None)
    if kind == PREVIEW:
        return Preview(_port(name, which), tell)
    if not name:
        raise UsageError("--to", "names no sink", "Name a folder, hls:FOLDER, a URL, camera, or preview.")
    return Segments(Path(name), tools, tell, length)


def _port(name: str, which: str) -> int:
    if which and not (which.isdecimal() and 0 < int(which) <= MOST_PORT):
        raise UsageError(name, "names no port", "Give a number from 1 to 65535, or leave it out: preview.")
    return int(which or 0)
