"""How the whole picture moves from frame to frame, and where the film cuts to another shot."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from kerchief.ports import YuvFrame

#: Motion is measured on a luma thumbnail of this width.
THUMBNAIL_PX = 320
#: Phase correlation below this response says nothing about the motion.
LEAST_RESPONSE = 0.05
#: A cut: the thumbnail changes by more than this (levels of 255, mean) though its motion was taken out, ...
CUT_LEVELS = 22.0
#: ... and by this many times more than the frames before did.
CUT_TIMES = 3.0


#: A flash lasts so many frames at most, and leaves the picture as it was up to so many levels (mean).
FLASH_FRAMES, FLASH_LEVELS = 3, 12.0


@dataclass(frozen=True, slots=True, eq=False)
class _Cut:
    """The number of the first frame after a cut, and the thumbnail of the last one before it."""

    number: int
    last: NDArray[np.float32]


class Camera:
    """Follows the picture's own motion through a film.

    Attributes:
        at: (n, 2) where the picture's content has moved to since the first frame, x and y in pixels, for each frame.
        shot: (n,) number of the shot that each frame belongs to.
    """

    def __init__(self) -> None:
        self.at: list[tuple[float, float]] = []
        self.shot: list[int] = []
        self._last: NDArray[np.float32] | None = None
        self._window: NDArray[np.float32] | None = None
        self._usual = 0.0
        self._before: _Cut | None = None

    def moved(self, a: int, b: int) -> tuple[float, float]:
        """How far the picture's content moves from one frame to another, x and y in pixels."""
        (ax, ay), (bx, by) = self.at[a], self.at[b]
        return bx - ax, by - ay

    def see(self, frame: YuvFrame) -> None:
        """Take in the next frame."""
        scale = min(1.0, THUMBNAIL_PX / frame.width)
        size = (max(16, round(frame.width * scale)), max(16, round(frame.height * scale)))
        small = np.asarray(cv2.resize(frame.planes[0], size, interpolation=cv2.INTER_AREA), np.float32)
        if self._last is None or self._window is None:
            self._window = np.asarray(cv2.createHanningWindow(size, cv2.CV_32F), np.float32)
            self.at.append((0.0, 0.0))
            self.shot.append(0)
        else:
            # Copies: the window is multiplied into what is given.
            (dx, dy), response = cv2.phaseCorrelate(self._last.copy(), small.copy(), self._window)
            if response < LEAST_RESPONSE or max(abs(dx), abs(dy)) > max(size) / 4:
                dx = dy = 0.0
            change = self._change(small, dx, dy)
            is_cut = change > CUT_LEVELS and change > CUT_TIMES * self._usual
            if is_cut:
                dx = dy = 0.0
            else:
                self._usual = 0.7 * self._usual + 0.3 * change
            x, y = self.at[-1]
            self.at.append((x + dx * frame.width / size[0], y + dy * frame.height / size[1]))
            self.shot.append(self.shot[-1] + is_cut)
            self._undo_flash(small)
            if is_cut and (self._before is None or len(self.at) - self._before.number > FLASH_FRAMES):
                self._before = _Cut(len(self.at) - 1, self._last)
        self._last = small

    def _undo_flash(self, small: NDArray[np.float32]) -> None:
        """Where the picture is again as it was before a cut a few frames ago, it was a flash and no cut."""
        cut = self._before
        if cut is None or not 0 < len(self.at) - 1 - cut.number <= FLASH_FRAMES:
            return
        if float(cv2.absdiff(cut.last, small).mean()) <= FLASH_LEVELS:
            since = slice(cut.number, len(self.at))
            frames = len(self.at) - cut.number
            self.at[since] = [self.at[cut.number - 1]] * frames
            self.shot[since] = [self.shot[cut.number - 1]] * frames
            self._before = None

    def _change(self, small: NDArray[np.float32], dx: float, dy: float) -> float:
        """Mean change of brightness after the motion is taken out."""
        assert self._last is not None
        move = np.array([[1, 0, dx], [0, 1, dy]], np.float32)
        moved = cv2.warpAffine(self._last, move, small.shape[::-1], borderMode=cv2.BORDER_REPLICATE)
        return float(cv2.absdiff(moved, small).mean())
