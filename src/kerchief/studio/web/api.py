"""The JSON API of the page, documented by OpenAPI; for scripts too. Routes only: what is done is done elsewhere."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Annotated, Any

from fastapi import FastAPI, Request, Response, Security
from fastapi.responses import StreamingResponse
from fastapi.security import HTTPBearer
from fastapi.telemetry import TelemetryConfig
from pydantic import BeforeValidator

from kerchief.loopback.guard import failure, open_again
from kerchief.loopback.keys import Secrets, link_of
from kerchief.loopback.messages import Failure, Link, Session, SessionRequest
from kerchief.loopback.pagefiles import page_file
from kerchief.studio.answers import Stale
from kerchief.studio.desk.desk import Desk
from kerchief.studio.messages import (
    ContactSheet,
    EditRequest,
    ExportRequest,
    FileChanged,
    FileView,
    Followed,
    FollowRequest,
    Keyframes,
    Overview,
    Places,
    StepRequest,
    WorkChanged,
)
from kerchief.studio.pictures.pictures import Pictures
from kerchief.studio.web.events import Events
from kerchief.studio.web.faults import answer_faults
from kerchief.studio.web.pictureapi import add_pictures
from kerchief.studio.work.workers import Work
from kerchief.version import __version__

COMMAND = "kerchief review"


def _as_json(value: Any) -> Any:  # noqa: ANN401 - whatever JSON holds
    """Read as JSON is: plans are strict, and in Python's own types a list is no tuple and a string no choice."""
    return EditRequest.model_validate_json(json.dumps(value)) if isinstance(value, dict) else value


EditBody = Annotated[EditRequest, BeforeValidator(_as_json)]
#: Nothing of the framework may open a connection (law 7), whatever the environment asks for.
SILENT: TelemetryConfig = {
    "tracing": False,
    "metrics": False,
    "logs": False,
    "operation_spans": False,
    "auto_configure": False,
}


def make_api(
    desk: Desk, work: Work, pictures: Pictures, events: Events, secrets: Secrets, output: str, address: str
) -> FastAPI:
    """The application; a ``Guard`` stands before it.

    Args:
        desk: the files.
        work: in the background.
        pictures: previews of the files.
        events: what streams are told.
        secrets: key and tokens.
        output: the folder that copies go to, for people.
        address: of the server, as "http://127.0.0.1:8000".
    """
    app = FastAPI(
        title="kerchief review",
        version=__version__,
        description="Coordinates are display pixels, times are pts of the file's own time base. Every request but "
        "`/api/session` carries the key that it gives.",
        openapi_url="/api/openapi.json",
        docs_url=None,
        redoc_url=None,
        telemetry=SILENT,
        responses={"4XX": {"model": Failure}, "5XX": {"model": Failure}},
    )
    answer_faults(app)
    key = [Security(HTTPBearer(auto_error=False))]  # documents it; the guard has asked for it already

    @app.get("/", include_in_schema=False)
    def index() -> Response:
        return page_file("kerchief.studio", "index.html")

    @app.get("/page/{name}", include_in_schema=False)
    def page(name: str) -> Response:
        return page_file("kerchief.studio", name)

    @app.post("/api/session")
    def session(body: SessionRequest) -> Session:
        """The key, for the token of a link that was not used yet."""
        if (given := secrets.key_for(body.token)) is None:
            return failure(401, "this link was used already, or is not one of this server", open_again(COMMAND))  # type: ignore[return-value]
        return Session(key=given)

    @app.post("/api/link", dependencies=key)
    def link() -> Link:
        """A link for another window; it can be used once."""
        return Link(url=link_of(address, secrets))

    @app.get("/api/files", dependencies=key)
    def files() -> Overview:
        """All files."""
        return Overview(files=desk.cards, output=output, work=work.status())

    @app.get("/api/files/{n}", dependencies=key)
    def view(n: int) -> FileView:
        """A file to review; it is looked through before others, if nobody has done so. 425 until then."""
        work.want(n)
        work.refresh(n)
        return desk.view(n)

    add_pictures(app, desk, pictures, key)

    @app.get("/api/files/{n}/regions", dependencies=key)
    def regions(n: int, pts: int = 0) -> Places:
        """Where every track is at a time, as rendering and checking see it."""
        return desk.places(n, pts)

    @app.get("/api/files/{n}/tracks/{track}/keyframes", dependencies=key)
    def keyframes(n: int, track: str) -> Keyframes:
        """When a track has keyframes."""
        return desk.keyframes(n, track)

    @app.post("/api/files/{n}/look", dependencies=key, status_code=202)
    def look(n: int) -> None:
        """Look for faces anew in a file that was refused, after what stood in the way was put away."""
        work.look(n)

    @app.post("/api/files/{n}/edits", dependencies=key)
    def edit(n: int, body: EditBody) -> FileView:
        """Change the plan. It is on the disk before this is answered. 409 where the revision is not the last one."""
        return _stepped(n, lambda: desk.edit(n, body.revision, body.edit))

    @app.post("/api/files/{n}/undo", dependencies=key)
    def undo(n: int, body: StepRequest) -> FileView:
        """Take the last step back."""
        return _stepped(n, lambda: desk.undo(n, body.revision))

    @app.post("/api/files/{n}/redo", dependencies=key)
    def redo(n: int, body: StepRequest) -> FileView:
        """Do again what was undone last."""
        return _stepped(n, lambda: desk.redo(n, body.revision))

    @app.post("/api/files/{n}/follow", dependencies=key, status_code=202)
    def follow(n: int, body: FollowRequest) -> None:
        """Let a track follow what is under it; an event tells when it has."""
        work.follow(n, body.revision, body.track, body.pts)

    @app.get("/api/files/{n}/receipt", dependencies=key, response_class=Response)
    def receipt(n: int) -> Response:
        """The receipt of the copy that was exported last."""
        return Response(desk.receipt(n), media_type="application/json")

    @app.get("/api/shown", dependencies=key)
    def shown() -> ContactSheet:
        """Everyone whom the copies will show."""
        work.refresh_all()
        return desk.shown()

    @app.post("/api/exports", dependencies=key, status_code=202)
    def exports(body: ExportRequest) -> Overview:
        """Render, check and publish copies; events tell how far it is. 409 where whom they show was not looked at."""
        work.export(body.files, body.shown_seen)
        return files()

    @app.get("/api/events", dependencies=key, response_class=StreamingResponse, responses=_stream())
    async def changes(request: Request) -> StreamingResponse:
        """What changes, one JSON object a line, as long as this is read; a blank line now and then."""
        lines = events.lines(WorkChanged(work=work.status()))
        return StreamingResponse(lines, media_type="application/x-ndjson")

    def _stepped(n: int, step: Callable[[], FileView]) -> FileView:
        """Where consent was withdrawn, here or outside, the copy is made anew."""
        try:
            view = step()
        except Stale:
            work.renew(n)
            raise
        work.renew(n)
        return view

    return app


def _stream() -> dict[int | str, dict[str, Any]]:
    """The kinds of lines, for the document."""
    return {200: {"model": FileChanged | Followed | WorkChanged, "content": {"application/x-ndjson": {}}}}
