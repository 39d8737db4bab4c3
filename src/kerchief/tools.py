"""What the pipeline works with, opened once for many files: the decoder process and the networks."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from kerchief.errors import InputRefused
from kerchief.metadata import Finding
from kerchief.plan.model import Cut
from kerchief.ports import Frame, MediaInfo, MediaKind, Samples, YuvFrame
from kerchief.sandbox.decoder import Decoder
from kerchief.settings import Settings

if TYPE_CHECKING:
    from kerchief.models.load import Networks


@dataclass(frozen=True, slots=True)
class Source:
    """A file that is being worked on.

    Attributes:
        path: where it lies.
        info: what it is.
        findings: what it holds besides its picture.
        photo: its only frame; None where there are several, which are read again when they are needed.
    """

    path: Path
    info: MediaInfo
    findings: tuple[Finding, ...]
    photo: Frame | None

    @property
    def holds(self) -> tuple[str, ...]:
        """Phrases for the kinds of things that it holds besides its picture."""
        return tuple(dict.fromkeys(finding.kind.phrase for finding in self.findings))


class Tools:
    """The decoder process and the networks. A context manager; use one for a whole batch, in one thread.

    Args:
        settings: what the user chose.
        beside: tools whose networks these share, to work on another file at the same time.
        child: a decoder process that was started with the settings' limits already.
        threads: how many look at a picture at the same time; by default as many as this process has cores.
        gpu: whether the networks run on the GPU that this process was given.
        one_at_a_time: whether a network looks at one picture at a time, with all cores.

    Raises:
        WeightsError: when a network is first used: missing, changed, or blind on this machine.
    """

    def __init__(
        self,
        settings: Settings | None = None,
        beside: Tools | None = None,
        child: subprocess.Popen[bytes] | None = None,
        threads: int | None = None,
        *,
        gpu: bool = False,
        one_at_a_time: bool = False,
    ) -> None:
        self.settings: Settings = settings or (beside.settings if beside else Settings())
        self._decoder = Decoder(self.settings.limits, child)
        self._loader = ThreadPoolExecutor(1)
        self._beside = beside
        self._load = partial(_load, self.settings.detector, threads, gpu=gpu, one_at_a_time=one_at_a_time)

    def __enter__(self) -> Self:
        # The decoder starts and reads the first file while the networks load.
        self._decoder.start()
        if self._beside is None:
            self._networks = self._loader.submit(self._load)
        else:
            self._networks = self._beside._networks
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the decoder process; a thread that waits for it gets an error."""
        self._decoder.close()
        self._loader.shutdown()

    @property
    def networks(self) -> Networks:
        """The networks, loaded and tested."""
        return self._networks.result()

    def open(self, path: Path) -> Source:
        """A file, with its frame in memory if it is a photo.

        Raises:
            InputRefused: unreadable, unsupported, damaged, cut off or over a limit.
        """
        info, findings, frames = self._decoder.open(path, with_sound=self.settings.audio.is_kept)
        photo = None
        if info.kind is MediaKind.PHOTO:
            (photo,) = (frame for frame in frames if isinstance(frame, Frame))
        return Source(path, info, findings, photo)

    def frames(self, source: Source) -> Iterator[Frame]:
        """The frames of a photo, an animation or pages that were opened.

        Raises:
            InputRefused: as open; also when the file has changed since.
        """
        if source.photo is not None:
            yield source.photo
            return
        yield from (frame for frame in self._again(source) if isinstance(frame, Frame))

    def film(self, source: Source, cut: Cut | None = None) -> Iterator[YuvFrame]:
        """The frames of a film that was opened, or of a part of it, which must not be empty, without its sound.

        Errors as ``frames``.
        """
        yield from (frame for frame in self._again(source, cut) if isinstance(frame, YuvFrame))

    def part(self, source: Source, cut: Cut) -> Iterator[YuvFrame]:
        """As ``film``, for parts that are asked for again and again: the film is read for its digest only once."""
        if not self._decoder.has_open(source.path, source.info.sha256):
            self._reopened(source)
        yield from self._decoder.part(source.path, cut)

    def film_and_sound(self, source: Source, cut: Cut | None = None) -> Iterator[YuvFrame | Samples]:
        """As ``film``; where the settings keep the sound, it comes between the frames."""
        parts = self._again(source, cut, with_sound=source.info.sound is not None)
        yield from (part for part in parts if isinstance(part, YuvFrame | Samples))

    def survey(self, source: Source) -> tuple[list[int], list[int]]:
        """When the frames of a film are shown, and from which of them decoding can start; see ``Decoder.survey``.

        Errors as ``frames``.
        """
        if not self._decoder.has_open(source.path, source.info.sha256):
            self._reopened(source)
        return self._decoder.survey(source.path)

    def sound(self, source: Source, cut: Cut | None, until: int) -> Iterator[Samples]:
        """The sound alone that ``film_and_sound`` gives with frames that last until a time; none if none is kept.

        Errors as ``frames``.
        """
        if source.info.sound is not None:
            self._reopened(source, cut, with_sound=True)
            yield from self._decoder.listen(source.path, until)

    def _again(
        self, source: Source, cut: Cut | None = None, *, with_sound: bool = False
    ) -> Iterator[Frame | YuvFrame | Samples]:
        yield from self._reopened(source, cut, with_sound=with_sound)

    def _reopened(
        self, source: Source, cut: Cut | None = None, *, with_sound: bool = False
    ) -> Iterator[Frame | YuvFrame | Samples]:
        """The frames of the same file, which must not have changed."""
        info, _, frames = self._decoder.open(source.path, cut, with_sound=with_sound)
        if info.sha256 != source.info.sha256:
            raise InputRefused(str(source.path), "the file changed while it was read", "Run it again.")
        if with_sound and info.sound != source.info.sound:
            raise InputRefused(str(source.path), "the sound can't be read twice alike", "Leave the sound out.")
        return frames


def _load(detector: Path | None, threads: int | None, *, gpu: bool, one_at_a_time: bool) -> Networks:
    """The networks. The runtime is imported here, so that it loads while the decoder process starts."""
    from kerchief.models.load import load_networks

    return load_networks(detector, threads, gpu=gpu, one_at_a_time=one_at_a_time)
