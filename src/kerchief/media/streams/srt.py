"""SRT, by way of the program ``ffmpeg``: PyAV's own FFmpeg has none.

The program only carries bytes between a pipe and the peer (its format "data"): it neither reads nor changes what is in
them, so it adds no delay and nothing of itself. Its command line holds the URL, as that of kerchief does.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from functools import cache
from threading import Event, Thread
from typing import BinaryIO, cast

from kerchief.errors import UsageError

#: Seconds without a byte, or without a peer, after which a relay gives up. So none is left for long when the process
#: that started it was killed; a closed pipe ends it at once, as soon as there is a byte.
SILENT_SECONDS = 10
#: Seven packets of an MPEG stream, the most that SRT carries at once.
PACKET_BYTES = 7 * 188
#: Such packets say nothing (ISO/IEC 13818-1 section 2.4.3.3): they bring the program to open its output.
NOTHING = (b"\x47\x1f\xff\x10" + b"\xff" * 184) * 7
#: What the program says when its output is open.
OUTPUT_IS_OPEN = b"Output #0"
INSTALL = "Install a program ffmpeg that has SRT (apt install ffmpeg; brew install ffmpeg), and run it again."


class Relay:
    """The running program.

    Args:
        arguments: of the program.
        sends: whether bytes go to the peer; else they come from it.
    """

    def __init__(self, arguments: Sequence[str], *, sends: bool) -> None:
        quiet = ["-hide_banner", "-nostats", "-loglevel", "info"]
        self._process = subprocess.Popen(
            [program(), *quiet, *arguments],
            stdin=subprocess.PIPE if sends else subprocess.DEVNULL,
            stdout=subprocess.DEVNULL if sends else subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,  # bytes must not wait for others
            start_new_session=True,  # Ctrl-C is ours to handle
        )
        self.pipe = cast("BinaryIO", self._process.stdin if sends else self._process.stdout)
        self._said = Event()
        self._is_open = False
        Thread(target=self._listen, daemon=True).start()

    def is_open(self, seconds: float) -> bool:
        """Whether the peer of a relay that sends answered within so many seconds."""
        with suppress(OSError):
            self.pipe.write(NOTHING)
        self._said.wait(seconds)
        return self._is_open

    def close(self, seconds: float = 0.0) -> None:
        """End the program; one that sends may take so many seconds to send what it holds."""
        with suppress(OSError):  # what can't be sent any more
            self.pipe.close()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(seconds)
        self._process.kill()
        self._process.wait()

    def _listen(self) -> None:
        """Hear the program out: a full pipe would stop it. What it says is not passed on, for it names the URL."""
        with cast("BinaryIO", self._process.stderr) as says:
            for line in says:
                if OUTPUT_IS_OPEN in line:
                    self._is_open = True
                    self._said.set()
        self._said.set()


def sending(url: str) -> Relay:
    """A relay whose pipe takes an MPEG transport stream.

    Raises:
        UsageError: there is no such program, or it has no SRT.
    """
    takes = ["-raw_packet_size", str(PACKET_BYTES), "-f", "data", "-i", "pipe:0"]
    return Relay([*takes, "-map", "0", "-c", "copy", "-flush_packets", "1", "-f", "data", *_waits(), url], sends=True)


def receiving(url: str) -> Relay:
    """A relay whose pipe gives what the peer sends, as it came. It ends where the peer does, or is silent for long.

    Raises:
        UsageError: as ``sending``.
    """
    takes = ["-nostdin", "-raw_packet_size", str(PACKET_BYTES), "-f", "data", *_waits(), "-i", url]
    return Relay([*takes, "-map", "0", "-c", "copy", "-flush_packets", "1", "-f", "data", "pipe:1"], sends=False)


def program() -> str:
    """Where the program is.

    Raises:
        UsageError: nowhere, or it has no SRT.
    """
    path = shutil.which("ffmpeg")
    if path is None:
        raise UsageError("srt://", "SRT needs the program ffmpeg, and it is not installed", INSTALL)
    if not _has_srt(path):
        raise UsageError("srt://", "SRT needs the program ffmpeg, and the one that is installed has none", INSTALL)
    return path


@cache
def _has_srt(path: str) -> bool:
    try:
        asked = subprocess.run([path, "-hide_banner", "-protocols"], capture_output=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return b"srt" in asked.stdout.split()


def _waits() -> list[str]:
    """How long the peer may be silent; what a URL says itself goes first."""
    units = str(SILENT_SECONDS * 1_000_000)
    return ["-timeout", units, "-listen_timeout", units]
