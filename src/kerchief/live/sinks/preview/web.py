"""What the page asks the server for: itself, the next picture, how the stream is."""

from __future__ import annotations

from collections.abc import Callable

from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from kerchief.live.sinks.preview.messages import StreamStatus
from kerchief.live.sinks.preview.newest import Newest
from kerchief.loopback.guard import failure, open_again
from kerchief.loopback.keys import Secrets, link_of
from kerchief.loopback.messages import Link, Message, Session, SessionRequest
from kerchief.loopback.pagefiles import page_file

COMMAND = "kerchief live"
PACKAGE = "kerchief.live.sinks.preview"
#: How long a page waits for a picture before it is told that there is none. It asks again.
PATIENCE_SECONDS = 1.0
#: More than any run has frames.
MOST_DIGITS = 15


def make_app(newest: Newest, status: Callable[[], StreamStatus], secrets: Secrets, address: str) -> Starlette:
    """The application; a ``Guard`` stands before it.

    Args:
        newest: the picture.
        status: how the stream is.
        secrets: key and tokens.
        address: of the server, as "http://127.0.0.1:8000".
    """

    async def index(_: Request) -> Response:
        return page_file(PACKAGE, "index.html")

    async def page(request: Request) -> Response:
        return page_file(PACKAGE, request.path_params["name"])

    async def session(request: Request) -> Response:
        """The key, for the token of a link that was not used yet."""
        try:
            asked = SessionRequest.model_validate_json(await request.body())
        except ValidationError:
            return failure(422, "the request does not hold together", "Reload the page.")
        if (given := secrets.key_for(asked.token)) is None:
            return failure(401, "this link was used already, or is not one of this server", open_again(COMMAND))
        return _json(Session(key=given))

    async def link(_: Request) -> Response:
        """A link for another window; it can be used once."""
        return _json(Link(url=link_of(address, secrets)))

    async def picture(request: Request) -> Response:
        """The newest picture, once it is another than the page has; 204 if none comes for a while.

        `X-Number`: of the frame. `X-Veiled`: 1 where all of it is covered. `X-Age`: ms since it was handed over.
        """
        number = request.query_params.get("after", "0")
        if not number.isdecimal() or len(number) > MOST_DIGITS:
            return failure(422, "the request does not hold together at after", "Reload the page.")
        found = await newest.after(int(number), PATIENCE_SECONDS)
        if found is None:
            return Response(status_code=204)
        told = {
            "X-Number": str(found.number),
            "X-Veiled": "1" if found.is_veiled else "0",
            "X-Age": str(round(1000 * (newest.now() - found.came))),
        }
        return Response(found.jpeg, media_type="image/jpeg", headers=told)

    async def state(_: Request) -> Response:
        return _json(status())

    routes = [
        Route("/", index),
        Route("/page/{name}", page),
        Route("/api/session", session, methods=["POST"]),
        Route("/api/link", link, methods=["POST"]),
        Route("/api/picture", picture),
        Route("/api/status", state),
    ]
    return Starlette(routes=routes, exception_handlers={HTTPException: _elsewhere})


def _json(message: Message) -> Response:
    return Response(message.model_dump_json(), media_type="application/json")


async def _elsewhere(_: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    return failure(status, "there is nothing here", "Reload the page.")
