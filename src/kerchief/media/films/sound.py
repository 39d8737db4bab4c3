"""Writes a film's sound with PyAV: AAC, beside the picture. Nothing comes from the input file."""

from __future__ import annotations

from fractions import Fraction
from math import floor

import av
import numpy as np
from av.audio.resampler import AudioResampler
from av.codec.context import Flags

from kerchief.ports import Samples, SoundInfo, Waves

#: The sample rates that AAC has; others become OTHER_RATE.
AAC_RATES = frozenset(
    {96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000, 7_350}
)
OTHER_RATE = 48_000
BITS_A_CHANNEL = 80_000
#: Noise in place of sound (PNS) would make the copy differ from player to player.
OPTIONS = {"aac_coder": "twoloop", "aac_pns": "0"}
PAD_SAMPLES = 1 << 16


class SoundTrack:
    """The sound of a film that is being written, added to its container before anything is encoded.

    Args:
        container: the draft.
        sound: what will come.
    """

    def __init__(self, container: av.container.OutputContainer, sound: SoundInfo) -> None:
        self._container = container
        self._sound = sound
        self._count = 0
        rate = sound.rate if sound.rate in AAC_RATES else OTHER_RATE
        self._stream = container.add_stream("aac", rate=rate, layout=sound.layout, options=OPTIONS)
        context = self._stream.codec_context
        context.bit_rate = BITS_A_CHANNEL * sound.channels
        context.flags |= Flags.bitexact
        self._resampler = AudioResampler(format="fltp", layout=sound.layout, rate=rate)

    def write(self, samples: Samples) -> None:
        """Encode the next block."""
        self._encode(samples.data)

    def finish(self, seconds: Fraction) -> None:
        """Fill up to the film's end with silence, so that the track is as long as the film, and end it."""
        end = floor(seconds * self._sound.rate)
        while (missing := end - self._count) > 0:
            self._encode(np.zeros((min(missing, PAD_SAMPLES), self._sound.channels), np.float32))
        for frame in self._resampler.resample(None):
            self._container.mux(self._stream.encode(frame))
        self._container.mux(self._stream.encode(None))

    def _encode(self, data: Waves) -> None:
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(data.T), "fltp", self._sound.layout)
        frame.sample_rate, frame.pts, frame.time_base = self._sound.rate, self._count, Fraction(1, self._sound.rate)
        self._count += len(data)
        for resampled in self._resampler.resample(frame):
            self._container.mux(self._stream.encode(resampled))
