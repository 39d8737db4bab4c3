"""How much an input may ask for before it is refused."""

from __future__ import annotations

from dataclasses import dataclass

MEBIBYTE = 1 << 20


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds for one file.

    Attributes:
        file_bytes: longest file that is read.
        frame_pixels: most pixels of one frame.
        total_pixels: most pixels of all frames together.
        memory_bytes: address space of the process that decodes.
        seconds: longest wait for the next frame.
    """

    file_bytes: int = 512 * MEBIBYTE
    frame_pixels: int = 110_000_000
    total_pixels: int = 400_000_000
    memory_bytes: int = 3072 * MEBIBYTE
    seconds: float = 60.0
