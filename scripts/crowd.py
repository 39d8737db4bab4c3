"""Composes a crowd scene from the public-domain portrait of an astronaut that scikit-image brings (NASA).

python scripts/crowd.py OUT.jpg
"""

from __future__ import annotations

import sys
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image
from skimage import data

WIDTH, HEIGHT = 1280, 800
HORIZON = 250
ROWS = (5, 4, 3)


def main() -> None:
    """Write the scene."""
    target = Path(sys.argv[1])
    target.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(crowd()).save(target, quality=92)
    print(target)


def crowd() -> NDArray[np.uint8]:
    """(800, 1280, 3) uint8: a square with three rows of people, all of them the same one."""
    portrait = np.asarray(data.astronaut())
    person, outline = cut_out(portrait)
    scene = square()
    for row, count in enumerate(ROWS):
        side = 170 + 90 * row
        for place in range(count):
            x = round((place + 0.5 + 0.12 * (-1) ** row) * WIDTH / count - side / 2)
            y = HORIZON - side // 3 + 150 * row
            light = 0.82 + 0.06 * ((place * 3 + row * 2) % 5)
            flip = (place + row) % 2 == 1
            paste(
                scene,
                person[:, ::-1] if flip else person,
                outline[:, ::-1] if flip else outline,
                x,
                y,
                side,
                light,
            )
    return scene


def cut_out(portrait: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """The person, and a soft outline that leaves the background of the studio behind."""
    mask = np.full(portrait.shape[:2], cv2.GC_BGD, np.uint8)
    mask[20:, 40:400] = cv2.GC_PR_FGD
    mask[40:210, 160:295] = cv2.GC_FGD
    mask[300:, 90:290] = cv2.GC_FGD
    bgr = np.ascontiguousarray(portrait[..., ::-1])
    cv2.setRNGSeed(1)
    cv2.grabCut(bgr, mask, None, np.zeros((1, 65)), np.zeros((1, 65)), 4, cv2.GC_INIT_WITH_MASK)
    inside = np.isin(mask, (cv2.GC_FGD, cv2.GC_PR_FGD)).astype(np.float32)
    inside[:, 400:] = 0
    return portrait, np.asarray(cv2.GaussianBlur(inside, (0, 0), 1.5), np.float32)


def square() -> NDArray[np.uint8]:
    """A sky over a paved ground, with some texture and no faces."""
    noise = np.random.default_rng(7).normal(0, 1, (HEIGHT, WIDTH)).astype(np.float32)
    texture = cv2.GaussianBlur(noise, (0, 0), 3) * 18 + cv2.GaussianBlur(noise, (0, 0), 25) * 260
    down = np.linspace(0, 1, HEIGHT, dtype=np.float32)[:, None, None]
    sky = np.array([150, 185, 220], np.float32) + 45 * down
    ground = np.array([128, 122, 114], np.float32) - 20 * down
    scene = np.where((np.arange(HEIGHT) < HORIZON)[:, None, None], sky, ground)
    return np.clip(scene + texture[..., None], 0, 255).astype(np.uint8)


def paste(
    scene: NDArray[np.uint8],
    person: NDArray[np.uint8],
    outline: NDArray[np.float32],
    x: int,
    y: int,
    side: int,
    light: float,
) -> None:
    """Put a person of a size into the scene, in place."""
    size = (side, side)
    figure = cv2.resize(person, size, interpolation=cv2.INTER_AREA).astype(np.float32) * light
    alpha = cv2.resize(outline, size, interpolation=cv2.INTER_AREA)[..., None]
    x0, y0, x1, y1 = max(0, x), max(0, y), min(WIDTH, x + side), min(HEIGHT, y + side)
    window = scene[y0:y1, x0:x1]
    part = (slice(y0 - y, y1 - y), slice(x0 - x, x1 - x))
    window[:] = np.clip(figure[part] * alpha[part] + window * (1 - alpha[part]), 0, 255).astype(np.uint8)


if __name__ == "__main__":
    main()
