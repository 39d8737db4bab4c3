"""Opens files for looking at: a film stays open, of anything else there are the frames about a time."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from threading import BoundedSemaphore, Lock

from kerchief.errors import InputRefused
from kerchief.media.limits import Limits
from kerchief.ports import Frame, MediaInfo, MediaKind, YuvFrame
from kerchief.sandbox.decoder import Decoder
from kerchief.studio.pictures.album import Album, album
from kerchief.studio.pictures.reel import Reel

#: Files that are being opened at the same time.
AT_ONCE = 2


class Opener:
    """Decoder processes for files that are opened one after the other. Thread-safe.

    Args:
        limits: bounds for one file.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._lock = Lock()
        self._slots = BoundedSemaphore(AT_ONCE)
        self._glances = BoundedSemaphore(AT_ONCE - 1)
        self._decoders: set[Decoder] = set()
        self._idle: list[Decoder] = []
        self._is_closed = False

    def warm_up(self) -> None:
        """Start a process now, so that it loads before the first file is asked for.

        Raises:
            InputRefused: it can't be started.
        """
        decoder = self._take()
        try:
            decoder.start()
        finally:
            self._give(decoder)

    def open(self, path: Path, pts: int = 0) -> Album | Reel:
        """A film, or the frames of anything else from the one on that is shown at a time.

        Raises:
            InputRefused: unreadable, unsupported, damaged or over a limit; or everything was closed.
        """
        with self._slots:
            decoder = self._take()
            try:
                info, _, frames = decoder.open(path)
                if info.kind is MediaKind.VIDEO:
                    with self._lock:
                        self._decoders.discard(decoder)
                    return Reel(path, info, decoder)
                return album(info, (frame for frame in frames if isinstance(frame, Frame)), pts)
            finally:
                self._give(decoder)

    def first(self, path: Path, pts: int = 0) -> tuple[MediaInfo, Frame | YuvFrame]:
        """What a file is, and the first frame of a photo, an animation or pages, or a film's frame at a time.

        Errors as ``open``.
        """
        # However many thumbnails are waited for, whoever opens a file to look at it need not queue up behind them.
        with self._glances, self._slots:
            decoder = self._take()
            try:
                info, _, frames = decoder.open(path)
                seen: Iterator[object] = decoder.visit(path, pts) if info.kind is MediaKind.VIDEO else frames
                (first, *_) = seen if info.kind in (MediaKind.VIDEO, MediaKind.PHOTO) else (next(seen),)
                if not isinstance(first, Frame | YuvFrame):
                    raise InputRefused(str(path), "the file has no picture", "Leave this file out.")
                return info, first
            finally:
                self._give(decoder)

    def close(self) -> None:
        """End all processes; whoever waits for one gets an error."""
        with self._lock:
            self._is_closed = True
            decoders = list(self._decoders)
        for decoder in decoders:
            decoder.close()

    def _take(self) -> Decoder:
        with self._lock:
            if self._is_closed:
                raise InputRefused("", "the run was interrupted", "Run it again.")
            decoder = self._idle.pop() if self._idle else Decoder(self._limits)
            self._decoders.add(decoder)
            return decoder

    def _give(self, decoder: Decoder) -> None:
        """Keep a decoder for the next file, unless a film has it now."""
        with self._lock:
            if decoder in self._decoders:
                self._idle.append(decoder)
