"""What films are written with: one encoder for each coding, told the same for everyone.

Every setting here keeps the same plan to the same bytes: threads are fixed where their number makes another file, and
no encoder may choose its speed by the clock.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from kerchief.choices import Codec

#: x264 cuts its slices by them, so another number makes another file.
THREADS = 2


@dataclass(frozen=True, slots=True)
class Coding:
    """One way to write films.

    Attributes:
        encoder: FFmpeg's name of it.
        options: what it is told besides the quality.
        rate_factor: quality 1 to 100 → the encoder's own number, of which less is better.
        worst: greatest number that it knows.
        filters: FFmpeg's filter that takes the encoder's messages out of its packets.
    """

    encoder: str
    options: dict[str, str]
    rate_factor: Callable[[int], float]
    worst: int
    filters: str = "null"

    def all_options(self, quality: int) -> dict[str, str]:
        """What the encoder is told for a quality of 1 to 100."""
        return self.options | {"crf": f"{min(self.worst, self.rate_factor(quality)):g}"}


CODINGS = {
    Codec.H264: Coding(
        "libx264",
        {"preset": "superfast", "bf": "0", "a53cc": "0", "udu_sei": "0"},
        lambda quality: 15 + (100 - quality) / 2,
        worst=51,
        filters="filter_units=remove_types=6",  # supplemental enhancement information, ITU-T H.264 table 7-1
    ),
    Codec.VP9: Coding(
        "libvpx-vp9",
        {"deadline": "good", "cpu-used": "5", "b": "0", "lag-in-frames": "16", "row-mt": "0"},
        lambda quality: 12 + 100 - quality,
        worst=63,
    ),
}
