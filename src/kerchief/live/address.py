"""What the user calls a source or a sink: a folder, a device, a URL."""

from __future__ import annotations

import re
import stat
import sys
from dataclasses import dataclass, field
from pathlib import Path

from kerchief.errors import InputRefused, UsageError

#: Read, and written to.
URLS = ("rtsp", "rtsps", "rtmp", "rtmps", "srt", "udp", "tcp")
#: Read only.
WEB = ("http", "https")
STDIN = "-"
CAMERA = "camera"
SCHEME = re.compile(r"([a-z][a-z0-9+.-]*)://", re.IGNORECASE)
NAME_ONE = "Name a camera (camera, /dev/video0), a URL, a file, or - for standard input."


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a stream comes from.

    Attributes:
        name: as the user called it, without a password.
        url: what FFmpeg is to open; "-" for standard input.
        format: FFmpeg's name of its format; None: it finds out.
        options: for FFmpeg.
        is_paced: whether it could be read faster than it was filmed, so that it has to be held back.
        is_stored: whether all of it is there already: then it is played from its first frame on.
        can_end: whether an end of it is the end; all else is opened again.
    """

    name: str
    url: str
    format: str | None = None
    options: dict[str, str] = field(default_factory=dict)
    is_paced: bool = False
    is_stored: bool = False
    can_end: bool = False


def origin(text: str) -> Origin:
    """What a source is.

    Raises:
        UsageError: there are no such sources.
        InputRefused: there is no such file.
    """
    scheme = scheme_of(text)
    if scheme is not None:
        if scheme not in URLS + WEB:
            raise UsageError(without_secrets(text), f"{scheme} is not read from", NAME_ONE)
        if scheme == "srt":
            _must_hand_on(text)
        return Origin(without_secrets(text), text)
    if text == STDIN:
        _must_hand_on(text)
        return Origin("standard input", STDIN, is_paced=True, can_end=True)
    if text == CAMERA or text.startswith(f"{CAMERA}:"):
        return _camera(text, text.partition(":")[2])
    return _on_disk(text)


def _must_hand_on(text: str) -> None:
    if sys.platform == "win32":
        raise UsageError(text, "is not read on Windows", "Use another way: RTSP, RTMP, HTTP, UDP or TCP.")


def scheme_of(text: str) -> str | None:
    """What stands before "://" in a URL; None where it is none."""
    match = SCHEME.match(text)
    return match[1].lower() if match else None


def without_secrets(url: str) -> str:
    """A URL that may be shown: its scheme and its host. Cameras take passwords in all that is besides them."""
    scheme, _, rest = url.partition("://")
    host = re.split(r"[/?#]", rest, maxsplit=1)[0]
    beyond = rest[len(host) :]
    if "@" in beyond:  # a password may hold a slash, and then this is no host
        host, beyond = "…", ""
    host = host.rpartition("@")[2]
    return f"{scheme.lower()}://{host}" + ("/…" if beyond.strip("/") else "")


def _camera(text: str, which: str) -> Origin:
    if sys.platform == "darwin":
        return Origin(text, f"{which or '0'}:none", "avfoundation", {"framerate": "30", "pixel_format": "nv12"})
    if sys.platform == "win32":
        if not which:
            raise UsageError(text, "says no name", "Give the camera's name: camera:NAME.")
        return Origin(text, f"video={which}", "dshow")
    return _device(text, which if which.startswith("/") else f"/dev/video{which or '0'}")


def _device(name: str, path: str) -> Origin:
    if not Path(path).exists():
        raise InputRefused(name, "there is no such camera", "Plug it in, or see which there are: ls /dev/video*")
    return Origin(name, path, "v4l2")


def _on_disk(text: str) -> Origin:
    try:
        mode = Path(text).stat().st_mode
    except OSError as error:
        reason = (error.strerror or "unreadable").lower()
        raise InputRefused(text, f"can't be read ({reason})", NAME_ONE) from None
    if stat.S_ISCHR(mode):
        return _device(text, text)
    if stat.S_ISDIR(mode):
        raise UsageError(text, "is a folder", "For files that land in a folder there is kerchief watch.")
    return Origin(text, f"file:{text}", is_paced=True, is_stored=not stat.S_ISFIFO(mode), can_end=True)
