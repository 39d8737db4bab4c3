"""The picture's own motion through a stream without an end: ``find.motion`` in bounded memory."""

from __future__ import annotations

from collections import deque

from kerchief.find.motion import Camera
from kerchief.ports import YuvFrame

#: A camera that has seen so many frames makes way for a new one; it remembers all of them.
RENEWED = 512


class EndlessCamera:
    """Where the picture's content has moved to, and the shot, of the newest frames of a stream.

    Args:
        kept: of so many frames.
    """

    def __init__(self, kept: int) -> None:
        self._kept = kept
        self._before: deque[tuple[tuple[float, float], int]] = deque(maxlen=kept)
        self._camera = Camera()
        self._from = ((0.0, 0.0), 0)
        self._last: YuvFrame | None = None

    def see(self, frame: YuvFrame) -> None:
        """Take in the next frame."""
        if len(self._camera.at) >= RENEWED and self._last is not None:
            last = self._entry(len(self._camera.at) - 1)
            # The last frame is the new camera's first one.
            self._before.extend(self._entry(n) for n in range(len(self._camera.at) - 1))
            self._camera, self._from = Camera(), last
            self._camera.see(self._last)
        self._camera.see(frame)
        self._last = frame

    def newest(self, count: int) -> Camera:
        """The same for so many of the newest frames alone: they are numbered from 0 on."""
        at = [self._entry(n) for n in range(max(0, len(self._camera.at) - count), len(self._camera.at))]
        missing = count - len(at)
        entries = list(self._before)[-missing:] + at if missing else at
        view = Camera()
        view.at = [place for place, _ in entries]
        view.shot = [shot for _, shot in entries]
        return view

    @property
    def is_cut(self) -> bool:
        """Whether the newest frame begins a shot."""
        shots = self._camera.shot
        return len(shots) > 1 and shots[-1] != shots[-2]

    def _entry(self, number: int) -> tuple[tuple[float, float], int]:
        (x, y), (from_x, from_y) = self._camera.at[number], self._from[0]
        return (x + from_x, y + from_y), self._camera.shot[number] + self._from[1]
