"""Who may talk to the server: the page that we served, and whoever has the key. Stands before everything else.

A page of another origin can make the browser send requests here; a name that an attacker resolves to 127.0.0.1 makes
the browser take this server for theirs. So Host, Origin and Sec-Fetch-Site are checked first, then the key.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.datastructures import Headers
from starlette.responses import Response

from kerchief.errors import ExitCode
from kerchief.loopback.keys import Secrets
from kerchief.loopback.messages import Failure, Problem

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

MOST_BODY_BYTES = 1_000_000
MOST_DIGITS = 9
SESSION = "/api/session"
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}


class Guard:
    """Lets through what may pass, and gives every answer the headers that keep other pages out.

    Args:
        app: what is guarded.
        secrets: who has which key.
        port: that the server listens on.
        command: that started it, for people: "kerchief review".
    """

    def __init__(self, app: ASGIApp, secrets: Secrets, port: int, command: str) -> None:
        self._app = app
        self._use_page = f"Use the page that `{command}` opened."
        self._open_again = open_again(command)
        self._secrets = secrets
        self._hosts = {f"127.0.0.1:{port}", f"localhost:{port}"}
        self._origins = {f"http://{host}" for host in self._hosts}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI. Nothing but HTTP is answered."""
        if scope["type"] != "http":
            return

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                ours = {name.lower().encode(): value.encode() for name, value in HEADERS.items()}
                others = [(name, value) for name, value in message["headers"] if name.lower() not in ours]
                message = {**message, "headers": [*others, *ours.items()]}
            await send(message)

        problem = self._refusal(scope)
        body = b""
        if problem is None and scope["method"] == "POST":
            read = await _body(receive)
            if read is None:
                problem = failure(413, "the request is too long", "Send less at a time.")
            else:
                body = read
        if problem is not None:
            await problem(scope, receive, send_guarded)
            return
        await self._app(scope, _again(body, receive) if scope["method"] == "POST" else receive, send_guarded)

    def _refusal(self, scope: Scope) -> Response | None:
        """Why a request is refused before its body is read; None if it is not."""
        headers = Headers(scope=scope)
        if len(headers.getlist("host")) != 1 or headers["host"] not in self._hosts:
            return failure(403, "this is not the address of this server", self._use_page)
        if not set(headers.getlist("origin")) <= self._origins:
            return failure(403, "a page of another origin asked", self._use_page)
        if not set(headers.getlist("sec-fetch-site")) <= {"same-origin", "none"} and not _opens_page(scope, headers):
            return failure(403, "a page of another site asked", self._use_page)
        if scope["method"] not in ("GET", "HEAD", "POST"):
            return failure(405, "this can't be done here", self._use_page)
        path = scope["path"]
        if path.startswith("/api/") and path != SESSION and not self._has_key(headers):
            return failure(401, "the key is missing or wrong", self._open_again)
        if scope["method"] == "POST":
            if headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
                return failure(415, "the request is not JSON", "Send it as application/json.")
            length = headers.get("content-length", "0")
            if not length.isdecimal() or len(length) > MOST_DIGITS or int(length) > MOST_BODY_BYTES:
                return failure(413, "the request is too long", "Send less at a time.")
        return None

    def _has_key(self, headers: Headers) -> bool:
        scheme, _, key = headers.get("authorization", "").partition(" ")
        return scheme.lower() == "bearer" and self._secrets.is_key(key.strip())


def _opens_page(scope: Scope, headers: Headers) -> bool:
    """Whether a tab goes to the page: from the link's own file that is cross-site, and nothing private is there."""
    is_navigation = (headers.get("sec-fetch-mode"), headers.get("sec-fetch-dest")) == ("navigate", "document")
    return scope["method"] == "GET" and scope["path"] == "/" and is_navigation


def open_again(command: str) -> str:
    """What to do without a key, or with a link that was used."""
    return f"Open the link that `{command}` printed, or start it again."


def failure(status: int, problem: str, next_step: str, subject: str = "", code: int = ExitCode.USAGE) -> Response:
    """An answer that says what is wrong and what to do."""
    told = Failure(error=Problem(exit_code=code, subject=subject, problem=problem, next_step=next_step))
    return Response(told.model_dump_json(), status, media_type="application/json")


async def _body(receive: Receive) -> bytes | None:
    """The whole body; None if it is over the limit."""
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return bytes(body)  # gone before it had said everything
        body += message.get("body", b"")
        if len(body) > MOST_BODY_BYTES:
            return None
        if not message.get("more_body", False):
            return bytes(body)


def _again(body: bytes, receive: Receive) -> Receive:
    """Says what was read already once more, then what comes after it."""
    is_said = False

    async def replay() -> Message:
        nonlocal is_said
        if is_said:
            return await receive()
        is_said = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replay
