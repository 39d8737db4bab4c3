"""The routes that answer with pictures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from fastapi import FastAPI, Query, Response
from fastapi.params import Depends

from kerchief.errors import UsageError
from kerchief.media.zoom import Window
from kerchief.plan.query import region_of
from kerchief.studio.desk.desk import Desk
from kerchief.studio.desk.file import no_track
from kerchief.studio.pictures.pictures import Pictures, Shown

Pixels = Annotated[int, Query(ge=1, le=16_384)]
Side = Annotated[float | None, Query(allow_inf_nan=False)]
JPEG: dict[int | str, dict[str, Any]] = {200: {"content": {"image/jpeg": {}}}}


def add_pictures(app: FastAPI, desk: Desk, pictures: Pictures, key: Sequence[Depends]) -> None:
    """Add them to the application; arguments as ``api.make_api``."""

    @app.get("/api/files/{n}/thumbnail", dependencies=key, response_class=Response, responses=JPEG)
    def thumbnail(n: int, side: Pixels = 320) -> Response:
        """The whole first picture, covered if it was looked through."""
        file = desk.file(n)
        return _jpeg(pictures.thumbnail(file.job.source, file.plan, side))

    @app.get("/api/files/{n}/frame", dependencies=key, response_class=Response, responses=JPEG)
    def frame(
        n: int,
        pts: int = 0,
        view: Literal["original", "covered"] = "covered",
        left: Side = None,
        top: Side = None,
        width: Side = None,
        height: Side = None,
        across: Pixels = 1280,
        down: Pixels = 800,
    ) -> Response:
        """The frame that is shown at a time, or a window of it, at most so many pixels across and down.

        `X-Pts`, `X-Duration`: of that frame. The next one is shown at `X-Pts` + `X-Duration`, the one before it at
        `X-Pts` − 1.
        """
        file = desk.file(n)
        is_needed = view == "covered" or file.plan is not None
        plan, revision = desk.plan(n) if is_needed else (None, "")
        window = _window(left, top, width, height)
        path = file.job.source
        return _shown(pictures.frame(path, plan, revision, pts, view, window, (across, down)), revision)

    @app.get("/api/files/{n}/tracks/{track}/face", dependencies=key, response_class=Response, responses=JPEG)
    def face(n: int, track: str, side: Pixels = 160, pts: int | None = None) -> Response:
        """What a track hides, uncovered, at a time at which it is there; without one, where it is largest."""
        file, (plan, _) = desk.file(n), desk.plan(n)
        found = next((other for other in plan.tracks if other.id == track), None)
        if found is None or (pts is not None and region_of(found, pts) is None):
            raise no_track(file.name)
        return _jpeg(pictures.face(file.job.source, plan, track, side, pts))


def _window(left: float | None, top: float | None, width: float | None, height: float | None) -> Window | None:
    if left is None or top is None or width is None or height is None:
        if not left is top is width is height is None:
            raise UsageError("", "a window needs left, top, width and height", "Give all of them, or none.")
        return None
    if width <= 0 or height <= 0:
        raise UsageError("", "the window is empty", "Give a larger one.")
    return Window(left, top, width, height)


def _shown(shown: Shown, revision: str) -> Response:
    headers = {"X-Pts": str(shown.pts), "X-Duration": str(shown.duration), "X-Revision": revision}
    return Response(shown.jpeg, media_type="image/jpeg", headers=headers)


def _jpeg(data: bytes) -> Response:
    return Response(data, media_type="image/jpeg")
