"""What the page shows of a file: its frames as they are and as they will be covered, thumbnails, faces.

Nothing here is published. Files are opened in the decoder's process only; what is covered is painted by the very code
of rendering. A file that changes while it is looked at is refused: its plan would be about another one.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import Literal, Self

from kerchief.errors import InputRefused
from kerchief.media.limits import Limits
from kerchief.media.photos.preview import jpeg
from kerchief.media.zoom import Print, Rgb, Window, show_planes
from kerchief.plan.doubt import best_pts
from kerchief.plan.model import Cut, Plan
from kerchief.plan.query import covered_at, region_of
from kerchief.ports import Frame, MediaInfo, MediaKind, YuvFrame
from kerchief.studio.pictures.album import Album
from kerchief.studio.pictures.opener import Opener
from kerchief.studio.pictures.painter import Painter
from kerchief.studio.pictures.reel import Reel, Reels
from kerchief.studio.pictures.shelf import Shelf

View = Literal["original", "covered"]
Purpose = Literal["look", "faces"]
#: Decoded and covered photos in memory: one of 50 megapixels is there in both ways.
STILL_BYTES = 416 << 20
#: Covered frames of films; JPEGs of thumbnails and faces.
FILM_BYTES, SMALL_BYTES = 24 << 20, 48 << 20
#: Plans that are ready to be painted by.
PAINTERS = 4
#: How far around a head a face's picture reaches, as a share of its longer side.
ROOM = 0.25
CHANGED, OPEN_AGAIN = "the file changed while it was looked at", "Start the review again."
Stamp = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """A picture for the page.

    Attributes:
        jpeg: a window of the frame that is shown at the asked time.
        pts: when that frame is shown, in the plan's time.
        duration: how long; the next frame is shown at ``pts + duration``. 0 for a photo.
        width: of the JPEG, pixels.
        height: of the JPEG, pixels.
    """

    jpeg: bytes
    pts: int
    duration: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class _File:
    """A file as it was first opened."""

    stamp: Stamp
    info: MediaInfo


class Pictures:
    """The pictures of all files under review. Thread-safe; a context manager.

    Args:
        limits: bounds for one file.
    """

    def __init__(self, limits: Limits | None = None) -> None:
        self._lock = Lock()
        self._files: dict[Path, _File] = {}
        self._opening: dict[Hashable, Lock] = {}
        self._opener = Opener(limits or Limits())
        self._reels = Reels()
        self._stills: Shelf[Album | Print] = Shelf(STILL_BYTES, lambda held: held.size_bytes)
        self._planes: Shelf[YuvFrame] = Shelf(FILM_BYTES, lambda held: sum(plane.nbytes for plane in held.planes))
        self._small: Shelf[bytes] = Shelf(SMALL_BYTES, len)
        self._painters: Shelf[Painter] = Shelf(PAINTERS, lambda held: 1)

    def __enter__(self) -> Self:
        self._opener.warm_up()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End all decoder processes; whoever waits for one gets an error."""
        self._opener.close()
        self._reels.close()

    def frame(
        self,
        path: Path,
        plan: Plan | None,
        revision: str,
        pts: int,
        view: View,
        window: Window | None,
        size: tuple[int, int],
    ) -> Shown:
        """The frame that is shown at a time, as a JPEG; before the first frame that one, after the last the last.

        Args:
            path: the file.
            plan: of the file; its times are meant where it is about a part of a film. Needed for what is covered.
            revision: stands for the plan; another one for every edit.
            pts: the time.
            view: as it is, or covered.
            window: of the frame, display pixels; None, or one outside: the whole.
            size: most width and height of the answer, pixels; nothing is enlarged.

        Raises:
            InputRefused: the file is not readable, or has changed since it was first looked at or its plan was made.
        """
        info = self._info(path, plan)
        if info.kind is MediaKind.VIDEO:
            frame = self._film_frame(path, plan, pts)
            if view == "covered":
                frame = self._covered_film_frame(path, _needed(path, plan), revision, frame)
            return _shown(show_planes(frame, info.colour, window, size), frame.pts, frame.duration)
        still = self._still(path, plan, pts)
        if view == "covered":
            still = self._covered_still(path, _needed(path, plan), revision, still)
        return _shown(still.show(window, size), still.frame.pts, still.frame.duration)

    def thumbnail(self, path: Path, plan: Plan | None, side: int = 320) -> bytes:
        """The first picture as a JPEG, as it will be covered if there is a plan, at most so many pixels wide and high.

        Errors as ``frame``.
        """
        # Only what is covered in the first picture matters, so most edits leave a thumbnail as it is.
        looks = plan and (tuple(covered_at(plan, 0).items()), plan.style, plan.margin, plan.media.cut)
        self._check(path, plan)
        key = (path, "thumbnail", _stamp(path), side, looks)
        return self._small.get(key, lambda: jpeg(self._first(path, plan, (side, side))))

    def face(self, path: Path, plan: Plan, track_id: str, side: int = 160, pts: int | None = None) -> bytes:
        """What a track hides, from the original, as a JPEG, at most so many pixels wide and high.

        Args:
            path: of the file.
            plan: with the track.
            track_id: whom to show.
            side: most pixels.
            pts: when; None: where the track is largest.

        Raises:
            KeyError: the plan has no such track, or it is not there then.
            InputRefused: as ``frame``.
        """
        track = next((track for track in plan.tracks if track.id == track_id), None)
        at = 0 if track is None else best_pts(track) if pts is None else pts
        region = None if track is None else region_of(track, at)
        if region is None:
            raise KeyError(track_id)
        hull = region.hull
        room = ROOM * max(hull.width, hull.height)
        window = Window(hull.x0 - room, hull.y0 - room, hull.width + 2 * room, hull.height + 2 * room)
        self._check(path, plan)

        def make() -> bytes:
            info = self._info(path, plan)
            if info.kind is MediaKind.VIDEO:
                frame = self._film_frame(path, plan, at, "faces")
                return jpeg(show_planes(frame, info.colour, window, (side, side)))
            return jpeg(self._still(path, plan, at).show(window, (side, side)))

        return self._small.get((path, "face", _stamp(path), at, window, side, plan.media.cut), make)

    def forget(self, path: Path) -> None:
        """Let go of all that is known of a file."""
        with self._lock:
            self._files.pop(path, None)
        self._reels.drop(path)
        for shelf in (self._stills, self._planes, self._small, self._painters):
            shelf.drop(path)

    def _check(self, path: Path, plan: Plan | None) -> _File | None:
        """What is known of a file, which must still be the one that was first opened, and the plan's."""
        with self._lock:
            known = self._files.get(path)
        if known is None:
            return None
        if _stamp(path) != known.stamp or (plan is not None and plan.media.sha256 != known.info.sha256):
            self.forget(path)
            raise InputRefused(str(path), CHANGED, OPEN_AGAIN)
        return known

    def _info(self, path: Path, plan: Plan | None) -> MediaInfo:
        """What a file is; it is opened if it was not yet."""
        known = self._check(path, plan)
        if known is None:
            with self._at_door(path):
                if self._check(path, plan) is None:
                    self._open(path, 0)
            known = self._check(path, plan)
        if known is None:  # it was let go of in between
            raise InputRefused(str(path), CHANGED, OPEN_AGAIN)
        return known.info

    def _open(self, path: Path, pts: int, purpose: Purpose = "look") -> Album | Reel:
        """Open a file and keep what came of it."""
        stamp = _stamp(path)
        opened = self._opener.open(path, pts)
        if isinstance(opened, Reel):
            self._reels.put((path, purpose), opened)
        else:
            self._stills.put((path, "album"), opened)
        self._learn(path, stamp, opened.info)
        return opened

    def _learn(self, path: Path, stamp: Stamp, info: MediaInfo) -> None:
        """Note what a file is; it must be what it was before."""
        with self._lock:
            known = self._files.setdefault(path, _File(stamp, info))
        if _stamp(path) != known.stamp or info.sha256 != known.info.sha256:
            self.forget(path)
            raise InputRefused(str(path), CHANGED, OPEN_AGAIN)

    def _at_door(self, path: Path) -> Lock:
        """Held while a file is opened, so that it is opened once however many ask."""
        with self._lock:
            return self._opening.setdefault(path, Lock())

    def _film_frame(self, path: Path, plan: Plan | None, pts: int, purpose: Purpose = "look") -> YuvFrame:
        """A film's frame with its time in the plan."""
        cut = (plan and plan.media.cut) or Cut()
        at = max(0, pts) + cut.start
        if cut.end is not None:
            at = min(at, cut.end - 1)
        frame = self._reel_frame(path, at, purpose)
        part = cut.part(frame.pts, frame.pts + frame.duration)
        if part is None:
            raise InputRefused(str(path), "the film ends before the part that the plan is about", OPEN_AGAIN)
        return YuvFrame(*part, frame.planes)

    def _reel_frame(self, path: Path, at: int, purpose: Purpose) -> YuvFrame:
        while True:
            reel = self._reels.find((path, purpose))
            if reel is None:
                with self._at_door(path):
                    if self._reels.find((path, purpose)) is None:
                        self._open(path, 0, purpose)
                continue
            try:
                return reel.frame_at(at)
            except InputRefused:
                # It was put away for another one between these lines, unless everything was.
                if not reel.is_closed or self._reels.is_closed:
                    raise

    def _covered_film_frame(self, path: Path, plan: Plan, revision: str, frame: YuvFrame) -> YuvFrame:
        painter = self._painter(path, plan, revision, self._info(path, plan))
        return self._planes.get(
            (path, revision, frame.pts), lambda: painter.paint(frame, lambda at: self._film_frame(path, plan, at))
        )

    def _still(self, path: Path, plan: Plan | None, pts: int) -> Print:
        """A frame of anything but a film."""
        self._info(path, plan)
        frame = self._held(path, pts)
        if frame is None:
            with self._at_door(path):
                frame = self._held(path, pts) or self._read(path, pts)
        original = frame
        print_ = self._stills.get((path, "original", frame.pts), lambda: Print(original, is_shared=True))
        return _print(print_)

    def _held(self, path: Path, pts: int) -> Frame | None:
        """The frame of a file that is shown at a time, if it is in memory."""
        held = self._stills.find((path, "album"))
        return held.at(pts) if isinstance(held, Album) else None

    def _read(self, path: Path, pts: int) -> Frame:
        opened = self._open(path, pts)
        frame = opened.at(pts) if isinstance(opened, Album) else None
        if frame is None:
            raise InputRefused(str(path), CHANGED, OPEN_AGAIN)
        return frame

    def _covered_still(self, path: Path, plan: Plan, revision: str, original: Print) -> Print:
        painter = self._painter(path, plan, revision, self._info(path, plan))

        def make() -> Print:
            return Print(painter.paint(original.frame, lambda at: self._still(path, plan, at).frame))

        return _print(self._stills.get((path, revision, original.frame.pts), make))

    def _painter(self, path: Path, plan: Plan, revision: str, info: MediaInfo) -> Painter:
        return self._painters.get((path, revision), lambda: Painter(plan, info.colour))

    def _first(self, path: Path, plan: Plan | None, size: tuple[int, int]) -> Rgb:
        """The first picture of a file, covered if there is a plan."""
        stamp, start = _stamp(path), plan.media.cut.start if plan and plan.media.cut else 0
        held = self._held(path, 0)
        if held is None:
            info, first = self._opener.first(path, start)
            self._learn(path, stamp, info)
        else:
            info, first = self._info(path, plan), held
        self._check(path, plan)
        # Its time in the plan, whatever part of a film that is about.
        first = replace(first, pts=0)
        painter = plan and Painter(plan, info.colour)
        if isinstance(first, YuvFrame):
            planes = first
            return show_planes(painter.paint(planes, lambda at: planes) if painter else planes, info.colour, None, size)
        still = first
        return Print(painter.paint(still, lambda at: still) if painter else still).show(None, size)


def _shown(rgb: Rgb, pts: int, duration: int) -> Shown:
    return Shown(jpeg(rgb), pts, duration, rgb.shape[1], rgb.shape[0])


def _print(held: Album | Print) -> Print:
    assert isinstance(held, Print)
    return held


def _needed(path: Path, plan: Plan | None) -> Plan:
    if plan is None:
        raise InputRefused(str(path), "nobody has looked for faces in it yet", "Wait until it was looked through.")
    return plan


def _stamp(path: Path) -> Stamp:
    """What changes when a file is written or replaced.

    Raises:
        InputRefused: it is gone.
    """
    try:
        of = path.stat()
    except OSError as error:
        raise InputRefused(
            str(path), f"can't be read ({(error.strerror or 'unreadable').lower()})", OPEN_AGAIN
        ) from None
    return of.st_dev, of.st_ino, of.st_size, of.st_mtime_ns, of.st_ctime_ns
