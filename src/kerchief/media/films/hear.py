"""Reads the sound of films with PyAV. Runs inside the sandbox's child process, and only where sound is asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.audio.resampler import AudioResampler

from kerchief.errors import SEND_WHOLE, InputRefused
from kerchief.media.films.film import Film
from kerchief.media.films.placement import Block, alone, mixed
from kerchief.media.films.reading import opened
from kerchief.media.films.sound import AAC_RATES, OTHER_RATE
from kerchief.media.films.times import CONVERT
from kerchief.plan.model import Cut
from kerchief.ports import MAX_RATE, MediaInfo, Samples, SoundInfo, Waves, YuvFrame

LEAVE_OUT = "Leave the sound out (--audio drop), or convert the film first."


@dataclass(frozen=True, slots=True)
class Heard:
    """A film with its first track of sound."""

    info: MediaInfo
    parts: Iterator[YuvFrame | Samples | None]
    """The frames of a part of it with the sound between them; None for what goes by before it begins."""
    alone: Callable[[int], Iterator[Samples | None]]
    """The sound of that part alone, which lasts until a time in the film's time base."""


def heard(path: Path, film: Film, cut: Cut) -> Heard:
    """What an opened film is with its sound, and a part of it.

    Args:
        path: the film.
        film: the same, opened.
        cut: the part.

    Raises:
        InputRefused: the sound can't be read, or is damaged; also while frames are read.
    """
    silent = Heard(film.info, film.frames(cut), lambda until: iter(()))
    if not film.info.sound_tracks:
        return silent
    with opened(path) as container:
        stream = _track(container)
        first = next(container.decode(stream), None)
        if first is None:
            return silent
        length = float(stream.duration * stream.time_base) if stream.duration and stream.time_base else 0.0
        channels = first.layout.nb_channels
    if not 1 <= first.sample_rate <= MAX_RATE:
        raise InputRefused("", "the sound has no usable sample rate", LEAVE_OUT)
    early = max(0, -_place(first, film.start))
    sound = SoundInfo(first.sample_rate, min(2, channels), early, length)
    dropped = ("further sound tracks",) if film.info.sound_tracks > 1 else ()
    info = replace(
        film.info,
        sound=sound,
        dropped=(*(phrase for phrase in film.info.dropped if phrase != "sound"), *dropped),
        changes=(*film.info.changes, *_changes(first.sample_rate, channels)),
    )
    start = film.start + cut.start * Fraction(*info.time_base)
    return Heard(
        info,
        mixed(film.frames(cut), _blocks(path, start, sound, channels), sound, info.time_base),
        lambda until: alone(_blocks(path, start, sound, channels), sound, info.time_base, until),
    )


def _changes(rate: int, channels: int) -> tuple[str, ...]:
    """Phrases for what is changed in the sound besides its coding."""
    mixed_down = ("sound mixed down to stereo",) if channels > 2 else ()
    resampled = () if rate in AAC_RATES else (f"sound resampled to {OTHER_RATE // 1000} kHz",)
    return mixed_down + resampled


def _blocks(path: Path, start: Fraction, sound: SoundInfo, channels: int) -> Iterator[Block]:
    """The decoded blocks and their places, counted from a time in the file.

    The sound is always decoded from its start: where a block lies hangs on those before it (``placement``).
    """
    # Mixed down so that what is loud in every channel is not cut off.
    mixing = {"rematrix_maxval": "1"}
    convert = AudioResampler(format="fltp", layout=sound.layout, rate=sound.rate, options=mixing)
    with opened(path) as container:
        for frame in container.decode(_track(container)):
            if frame.is_corrupt:
                raise InputRefused("", "the sound is damaged or cut off", SEND_WHOLE)
            if (frame.sample_rate, frame.layout.nb_channels) != (sound.rate, channels):
                raise InputRefused("", "the sound changes its form in the middle of the film", CONVERT)
            at = _place(frame, start)
            if at + frame.samples < -sound.rate:
                # Long before the part begins: nobody will hear it, but its length counts.
                yield at, np.broadcast_to(np.float32(0), (frame.samples, sound.channels))
                continue
            for block in convert.resample(frame):
                data = _waves(block)
                yield at, data
                at += len(data)


def _track(container: av.container.InputContainer) -> av.AudioStream:
    """The first track of sound; its decoder is told to check what it can, and not to make do."""
    stream = container.streams.audio[0]
    if stream.codec_context is None:
        raise InputRefused("", "the sound is coded in a way that is not known here", LEAVE_OUT)
    stream.codec_context.options = {"err_detect": "crccheck+explode"}
    return stream


def _place(frame: av.AudioFrame, start: Fraction) -> int:
    """Where a block's first sample lies, counted from a time in the file."""
    if frame.pts is None or frame.time_base is None:
        raise InputRefused("", "the sound has no times", LEAVE_OUT)
    return round((frame.pts * frame.time_base - start) * frame.sample_rate)


def _waves(block: av.AudioFrame) -> Waves:
    """The samples of a block; louder than full scale is what every player cuts off."""
    data = np.asarray(block.to_ndarray(), np.float32).T
    if not np.isfinite(data).all():
        raise InputRefused("", "the sound is damaged or cut off", SEND_WHOLE)
    return np.clip(data, -1, 1)
