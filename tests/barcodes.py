"""Covered frames that carry a number, which can be read again from whatever shows them."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from kerchief.live.covered import Covered, Form
from kerchief.ports import YuvFrame

#: A frame, and its number: bits from the lowest on, as squares of luma along the top edge.
WIDTH, HEIGHT, BITS, SQUARE_PX = 640, 360, 12, 48
DARK, BRIGHT = 32, 220
FORM = Form(WIDTH, HEIGHT, Fraction(15))
#: The number in the pixels of a page's canvas.
READ = f"""() => {{
  const canvas = document.querySelector("canvas");
  if (canvas.hidden || canvas.width < {BITS * SQUARE_PX}) return 0;
  const copy = new OffscreenCanvas(canvas.width, {SQUARE_PX});
  const pen = copy.getContext("2d", {{ willReadFrequently: true }});
  pen.drawImage(canvas, 0, 0);
  let number = 0;
  for (let bit = 0; bit < {BITS}; bit += 1) {{
    const [red] = pen.getImageData((bit + 0.5) * {SQUARE_PX}, {SQUARE_PX // 2}, 1, 1).data;
    if (red > 128) number |= 1 << bit;
  }}
  return number;
}}"""


def numbered(number: int, *, is_veiled: bool = False, size: tuple[int, int] = (WIDTH, HEIGHT)) -> Covered:
    """A frame with a number, on a slope of grey; a veiled one is of one grey below it."""
    width, height = size
    luma = np.full((height, width), 100, np.uint8)
    if not is_veiled:
        luma[:] = np.linspace(60, 180, width).astype(np.uint8)
    for bit in range(BITS):
        luma[:SQUARE_PX, bit * SQUARE_PX : (bit + 1) * SQUARE_PX] = BRIGHT if number >> bit & 1 else DARK
    colour = np.full((height // 2, width // 2), 128, np.uint8)
    return Covered(YuvFrame(6000 * number, 6000, (luma, colour, colour.copy())), {}, is_veiled)


def number_in(pixels: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]) -> int:
    """The number in a picture, (height, width, 3)."""
    bits: Sequence[int] = [int(pixels[SQUARE_PX // 2, round((bit + 0.5) * SQUARE_PX), 0]) for bit in range(BITS)]
    return sum(1 << bit for bit, value in enumerate(bits) if value > 128)
