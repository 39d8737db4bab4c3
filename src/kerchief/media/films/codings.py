"""What films are written with: one encoder for each coding, told the same for everyone.

Every setting here keeps the same plan to the same bytes: threads are fixed where their number makes another file, and
no encoder may choose its speed by the clock.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from kerchief.media.films.planes import pixel_format
from kerchief.ports import Codec

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
        least_side: smallest width and height.
        has_full_colour: whether it has 4:4:4; without it, odd sizes get colour planes of half the sides, rounded up.
    """

    encoder: str
    options: dict[str, str]
    rate_factor: Callable[[int], float]
    worst: int
    filters: str = "null"
    least_side: int = 1
    has_full_colour: bool = True

    def all_options(self, quality: int) -> dict[str, str]:
        """What the encoder is told for a quality of 1 to 100."""
        return self.options | {"crf": f"{min(self.worst, self.rate_factor(quality)):g}"}

    def pixel_format(self, width: int, height: int) -> str:
        """FFmpeg's name of the planes that the encoder gets for a film of this size."""
        return pixel_format(width, height) if self.has_full_colour else "yuv420p"


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
    Codec.AV1: Coding(
        "libsvtav1",
        {"preset": "10", "svtav1-params": f"lp={THREADS}:pred-struct=1"},
        lambda quality: 10 + 100 - quality,
        worst=63,
        filters="filter_units=remove_types=5",  # metadata, AV1 specification section 6.2.2
        least_side=4,
        has_full_colour=False,
    ),
}


def hush() -> None:
    """SVT-AV1 talks to standard error, past every log, unless the environment says otherwise."""
    os.environ.setdefault("SVT_LOG", "1")


def calm() -> None:
    """Give back the real-time priority that SVT-AV1 takes for the whole process where it may (as root on Linux).

    With it, decoding and everything else on the machine would have to wait for the encoder.
    """
    if not hasattr(os, "sched_setscheduler") or os.sched_getscheduler(0) not in (os.SCHED_FIFO, os.SCHED_RR):
        return
    for thread in Path("/proc/self/task").iterdir():
        with suppress(OSError):  # it has ended meanwhile
            os.sched_setscheduler(int(thread.name), os.SCHED_OTHER, os.sched_param(0))
