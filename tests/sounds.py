"""Made films with known sound, and an ear that is apart from the library's own reader."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from films import CONTAINERS, OPTIONS
from numpy.typing import NDArray

Waves = NDArray[np.float32]
LENGTH, FPS = 3, 25
CLICKS = (0.25, 1.0, 1.7771, 2.5)
CHANNELS = {"mono": 1, "stereo": 2, "5.1": 6}


@dataclass(frozen=True)
class Coding:
    """How sound is written: FFmpeg's encoder, its rate and layout, and the film's container and codec."""

    codec: str
    rate: int = 48_000
    layout: str = "stereo"
    name: str = "a.mkv"
    picture: str = "libx264"


def silence(coding: Coding, seconds: float = LENGTH) -> Waves:
    return np.zeros((round(seconds * coding.rate), CHANNELS[coding.layout]), np.float32)


def clicks(coding: Coding, times: Sequence[float] = CLICKS, seconds: float = LENGTH) -> Waves:
    """Half a millisecond of a step at each time, in every channel."""
    waves = silence(coding, seconds)
    for time in times:
        at = round(time * coding.rate)
        waves[at : at + coding.rate // 2000] = 0.8
    return waves


def noise(coding: Coding, seed: int = 0, seconds: float = LENGTH) -> Waves:
    """Dull noise, so that a lossy codec keeps its shape."""
    waves = silence(coding, seconds)
    white = np.random.default_rng(seed).standard_normal(waves.shape)
    dull = np.stack([np.convolve(channel, np.ones(32) / 32, "same") for channel in white.T], axis=1)
    return dull.clip(-1, 1).astype(np.float32)


def film_with_sound(
    folder: Path,
    coding: Coding,
    waves: Waves | None,
    sound_at: float = 0.0,
    picture_at: float = 0.0,
    tracks: int = 1,
    *,
    has_checksums: bool = False,
) -> Path:
    """Write a film of 3 grey seconds; frame n is brighter than the one before.

    Args:
        folder: where.
        coding: of the sound.
        waves: (samples, channels) float32; no sound if None.
        sound_at: when the sound starts, seconds.
        picture_at: when the picture starts, seconds.
        tracks: how many tracks hold it.
        has_checksums: whether a Matroska file has them.
    """
    path = folder / coding.name
    form = CONTAINERS[path.suffix]
    # Without Matroska's checksums, damaged sound is for its own decoder to find.
    checksums = {"write_crc32": "1" if has_checksums else "0"} if form in ("matroska", "webm") else {}
    with av.open(str(path), "w", format=form, container_options=checksums) as container:
        video = container.add_stream(coding.picture, rate=FPS, options=OPTIONS[coding.picture])
        video.width, video.height, video.pix_fmt = 64, 48, "yuv420p"
        options = {"strict": "experimental"}  # Vorbis
        sounds = [
            container.add_stream(coding.codec, rate=coding.rate, layout=coding.layout, options=options)
            for _ in range(tracks if waves is not None else 0)
        ]
        for number in range(LENGTH * FPS):
            picture = np.full((48, 64, 3), 20 + 3 * number, np.uint8)
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24").reformat(format="yuv420p")
            frame.pts, frame.time_base = number + round(picture_at * FPS), Fraction(1, FPS)
            container.mux(video.encode(frame))
        container.mux(video.encode(None))
        for sound in sounds:
            assert waves is not None
            _encode(container, sound, coding, waves, round(sound_at * coding.rate))
    return path


def _encode(
    container: av.container.OutputContainer, stream: av.AudioStream, coding: Coding, waves: Waves, start: int
) -> None:
    form = stream.codec_context.format.name
    convert = av.AudioResampler(format=form, layout=coding.layout, rate=coding.rate)
    for at in range(0, len(waves), 1024):
        block = np.ascontiguousarray(waves[at : at + 1024].T)
        frame = av.AudioFrame.from_ndarray(block, "fltp", coding.layout)
        frame.sample_rate, frame.pts, frame.time_base = coding.rate, start + at, Fraction(1, coding.rate)
        for part in convert.resample(frame):
            container.mux(stream.encode(part))
    container.mux(stream.encode(None))


@dataclass(frozen=True, eq=False)
class Heard:
    """A film's sound as a player has it: (samples, channels) from the file's time 0 on, and its rate."""

    waves: Waves
    rate: int
    layout: str

    def between(self, start: float, end: float) -> Waves:
        return self.waves[round(start * self.rate) : round(end * self.rate)]

    def click(self, time: float) -> int:
        """How many samples late the click is that belongs there; it must be loud."""
        at, reach = round(time * self.rate), self.rate // 20
        near = abs(self.waves[max(0, at - reach) : at + reach]).max(axis=1)
        assert near.max() > 0.4, f"no click near {time}"
        return int(np.argmax(near > near.max() / 2)) + max(0, at - reach) - at


def heard(path: Path) -> Heard:
    """The only track of sound."""
    with av.open(str(path)) as container:
        (stream,) = container.streams.audio
        blocks: list[tuple[int, NDArray[Any]]] = []
        for frame in container.decode(stream):
            assert frame.format.name == "fltp"
            blocks.append((round(frame.pts * frame.time_base * frame.sample_rate), frame.to_ndarray().T))
        waves = np.zeros((max(at + len(data) for at, data in blocks), blocks[0][1].shape[1]), np.float32)
        for at, data in blocks:
            first = max(0, -at)
            waves[at + first : at + len(data)] = data[first:]
        return Heard(waves, stream.codec_context.sample_rate, stream.codec_context.layout.name)


def streams(path: Path) -> list[str]:
    with av.open(str(path)) as container:
        return [stream.type for stream in container.streams]


def lengths(path: Path) -> dict[str, float]:
    """What the file says of the length of each kind of track, seconds."""
    with av.open(str(path)) as container:
        return {s.type: float(s.duration * s.time_base) for s in container.streams}
