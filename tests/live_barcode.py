"""A frame's number in its picture, as dark and light blocks along the bottom edge: it says which frame was received.

Blocks grow with the picture, so a frame that was scaled is read as well.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

#: Blocks across the picture: 16 px in 640, 32 px in 1280.
ACROSS = 40
BITS = 16
DARK, LIGHT = 50, 200
#: What a reader finds before and after the number; it also says how dark and light look by now.
BEFORE, AFTER = (1, 0), (0, 1)
#: Dark and light are at least so far apart, and every block this near to one of them (share of that distance).
LEAST_APART, NEAR = 60.0, 0.35


def strip_height(width: int) -> int:
    """How much of the picture's bottom the blocks take, in pixels."""
    return width // ACROSS


def draw(rgb: NDArray[np.uint8], number: int) -> None:
    """Draw a number, 0 to 65,535, over the bottom of a picture, (height, width, 3)."""
    side = strip_height(rgb.shape[1])
    for place, bit in enumerate(_blocks(number)):
        rgb[-side:, place * side : (place + 1) * side] = LIGHT if bit else DARK


def read(luma: NDArray[np.uint8]) -> int | None:
    """The number in a picture's luma, (height, width); None where there is none, or not surely."""
    side = luma.shape[1] / ACROSS
    rows = luma[luma.shape[0] - round(side * 0.75) : luma.shape[0] - round(side * 0.25)]
    count = len(BEFORE) + 2 * BITS + len(AFTER)
    edges = [(round((place + 0.3) * side), round((place + 0.7) * side)) for place in range(count)]
    means = np.array([rows[:, a:b].mean() for a, b in edges])
    light, dark = (means[0] + means[-1]) / 2, (means[1] + means[-2]) / 2
    if light - dark < LEAST_APART:
        return None
    share = (means - dark) / (light - dark)
    if np.minimum(abs(share), abs(share - 1)).max() > NEAR:
        return None
    bits = [int(value > 0.5) for value in share]
    number = int("".join(map(str, bits[len(BEFORE) : len(BEFORE) + BITS])), 2)
    return number if bits == _blocks(number) else None


def _blocks(number: int) -> list[int]:
    """The number's bits, and their opposites in reverse: no other blocks are a number."""
    bits = [int(bit) for bit in f"{number:0{BITS}b}"]
    return [*BEFORE, *bits, *(1 - bit for bit in reversed(bits)), *AFTER]
