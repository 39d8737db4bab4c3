"""Covers frames as rendering does, in any order: the same regions, the same mask, the same painting."""

from __future__ import annotations

from collections.abc import Callable
from heapq import heappop, heappush
from threading import Lock
from typing import TypeVar

from kerchief.cover.mosaic import Mosaics
from kerchief.cover.paint import paint
from kerchief.cover.planes import paint_planes
from kerchief.plan.model import Plan, Track
from kerchief.plan.query import Timeline, covered_at
from kerchief.ports import Colour, Frame, YuvFrame

Picture = TypeVar("Picture", Frame, YuvFrame)


class Painter:
    """Covers the frames of one file by one plan. Thread-safe.

    Args:
        plan: of the file.
        colour: how the numbers of a film's planes are meant.
    """

    def __init__(self, plan: Plan, colour: Colour) -> None:
        self._plan = plan
        self._colour = colour
        self._timeline = Timeline(plan)
        self._tracks = {track.id: track for track in plan.tracks}
        self._mosaics = Mosaics()
        self._lock = Lock()

    def paint(self, frame: Picture, frame_at: Callable[[int], Picture]) -> Picture:
        """The frame, covered: what rendering makes of it.

        Args:
            frame: of the file, with its time in the plan.
            frame_at: the frame that is shown at a time of the plan. A mosaic keeps the colours that its track had in
                its first frame; the other styles ask for no other frame.
        """
        if self._plan.style.name.erases:
            return self._painted(frame)
        with self._lock:
            self._begin(frame, frame_at)
            return self._painted(frame)

    def _painted(self, frame: Picture) -> Picture:
        plan = self._plan
        regions, grid = covered_at(self._timeline, frame.pts), plan.media.grid(frame.width, frame.height)
        if isinstance(frame, YuvFrame):
            return paint_planes(frame, regions, grid, plan.margin, plan.style, self._colour, self._mosaics)
        return paint(frame, regions, grid, plan.margin, plan.style, self._mosaics)[0]

    def _begin(self, last: Picture, frame_at: Callable[[int], Picture]) -> None:
        """Take the colours of all tracks of a frame as rendering would have by then.

        Those of a track hang on the tracks that were there when it began, and so on back. Frames are painted in the
        order of their times, and no others than those in which a track begins that matters.
        """
        times: list[int] = []
        noted: set[str] = set()
        self._note(last.pts, noted, times)
        done: set[int] = set()
        while times:
            time = times[0]
            frame = frame_at(time)
            if frame.pts < time:  # a track may begin while a frame is shown; then it is first in the next
                frame = frame_at(frame.pts + frame.duration)
            if not time <= frame.pts < last.pts or frame.pts in done:
                heappop(times)
            elif not self._note(frame.pts, noted, times):
                heappop(times)
                done.add(frame.pts)
                self._painted(frame)
                if self._unknown(frame.pts):  # not in the picture yet: their colours are taken in a later frame
                    heappush(times, frame.pts + frame.duration)

    def _note(self, pts: int, noted: set[str], times: list[int]) -> bool:
        """Note when the tracks of a time began; whether any of them has to be looked at before that time."""
        new = [track for track in self._unknown(pts) if track.id not in noted and track.keyframes[0].pts < pts]
        for track in new:
            noted.add(track.id)
            heappush(times, track.keyframes[0].pts)
        return bool(new)

    def _unknown(self, pts: int) -> list[Track]:
        regions = covered_at(self._timeline, pts)
        known = self._mosaics.known(regions)
        return [self._tracks[track] for track in regions if track not in known]
