"""Who may talk to the server: nobody but its own page and whoever has the key."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from commands import photo
from reviews import ADDRESS, PORT, Review, Running, awaited
from starlette.responses import PlainTextResponse

from kerchief.loopback.guard import HEADERS, MOST_BODY_BYTES, Guard
from kerchief.loopback.keys import MOST_TOKENS, Secrets
from kerchief.studio.web.api import COMMAND

PATHS = ("/", "/page/main.js", "/api/files", "/api/files/0", "/api/files/0/frame", "/api/openapi.json", "/nowhere")


@pytest.fixture
def running(review: Review, tmp_path: Path) -> Running:
    """One file, and nobody who looks at it."""
    return review([photo(tmp_path / "a.jpg")], tmp_path / "out", is_working=False)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("host", "evil.example"),
        ("host", f"evil.example:{PORT}"),
        ("host", "127.0.0.1"),
        ("host", f"127.0.0.1:{PORT + 1}"),
        ("host", f"[::1]:{PORT}"),
        ("host", ""),
        ("origin", "http://evil.example"),
        ("origin", f"https://127.0.0.1:{PORT}"),
        ("origin", f"http://127.0.0.1:{PORT + 1}"),
        ("origin", "null"),
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
    ],
)
@pytest.mark.parametrize("path", PATHS)
def test_others_are_refused_even_with_the_key(running: Running, path: str, name: str, value: str) -> None:
    assert running.client.get(path, headers={name: value}).status_code == 403
    assert running.client.post(path, json={}, headers={name: value}).status_code == 403


def test_the_page_itself_is_let_in(running: Running) -> None:
    for headers in (
        {},
        {"host": f"localhost:{PORT}"},
        {"origin": ADDRESS, "sec-fetch-site": "same-origin"},
        {"sec-fetch-site": "none"},
    ):
        assert running.client.get("/api/files", headers=headers).status_code == 200


def test_a_file_may_lead_a_tab_to_the_page_and_to_nothing_else(running: Running) -> None:
    going = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}
    assert running.guest.get("/", headers=going).status_code == 200
    for path in ("/api/files", "/page/main.js", "/api/session"):
        assert running.client.get(path, headers=going).status_code == 403
    assert running.client.post("/", json={}, headers=going).status_code == 403
    for other in ({"sec-fetch-dest": "iframe"}, {"sec-fetch-mode": "no-cors"}, {"host": "evil.example"}):
        assert running.guest.get("/", headers=going | other).status_code == 403


def test_two_hosts_are_none() -> None:
    headers = [(b"host", f"127.0.0.1:{PORT}".encode()), (b"host", b"evil.example")]
    assert awaited(status(headers)) == 403
    assert awaited(status(headers[:1])) == 200
    assert awaited(status([])) == 403


def test_nothing_below_api_is_given_without_the_key(running: Running) -> None:
    for authorization in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": "Basic x"}, {"Authorization": ""}):
        for path in PATHS[2:-1]:
            assert running.guest.get(path, headers=authorization).status_code == 401
        answer = running.guest.post("/api/exports", json={"files": [0]}, headers=authorization)
        assert answer.status_code == 401
        assert answer.json()["error"]["next_step"]
    for path in ("//api/files", "/API/files", "/api%2Ffiles", "/page/../api/files", "/./api/files"):
        assert running.guest.get(path).status_code in (401, 404)


def test_a_link_works_once(running: Running) -> None:
    link = running.post("/link", {})["url"]
    token = link.removeprefix(f"{ADDRESS}/#token=")
    assert running.guest.post("/api/session", json={"token": token[:-1]}).status_code == 401
    assert running.guest.post("/api/session", json={"token": token}).status_code == 200
    assert running.guest.post("/api/session", json={"token": token}).status_code == 401
    assert running.guest.post("/api/session", json={"token": "é"}).status_code == 401


def test_links_that_nobody_uses_are_forgotten() -> None:
    secrets = Secrets()
    tokens = [secrets.new_token() for _ in range(MOST_TOKENS + 1)]
    assert secrets.key_for(tokens[0]) is None
    assert all(secrets.key_for(token) for token in tokens[1:])


def test_what_is_posted_is_json_of_a_bounded_size(running: Running) -> None:
    post = running.client.post
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""):
        assert post("/api/exports", content=b'{"files":[0]}', headers={"content-type": kind}).status_code == 415
    json = {"content-type": "application/json"}
    assert post("/api/exports", content=b" " * (MOST_BODY_BYTES + 1), headers=json).status_code == 413
    for length in ("9" * 5000, "-1", "x", "1" * 8):
        assert post("/api/exports", content=b"{}", headers={**json, "content-length": length}).status_code == 413
    # Not declared, but sent all the same.
    chunks = (b" " * 100_000 for _ in range(11))
    assert post("/api/exports", content=chunks, headers=json).status_code == 413
    assert post("/api/exports", content=b"{", headers=json).status_code == 422
    assert post("/api/exports", content=b"\xff", headers=json).status_code in (400, 422)


def test_there_are_no_other_methods_and_no_way_in_for_other_origins(running: Running) -> None:
    for method in ("PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"):
        assert running.client.request(method, "/api/files").status_code == 405
    for path in PATHS:
        names = {name.lower() for name in running.client.get(path).headers}
        assert not {name for name in names if name.startswith("access-control")}


def test_every_answer_has_the_headers(running: Running) -> None:
    answers = [running.client.get(path) for path in PATHS]
    answers += [running.guest.get("/api/files"), running.client.get("/", headers={"host": "evil.example"})]
    answers += [running.client.post("/api/exports", json={}), running.client.put("/")]
    running.pictures.frame = None  # a fault of ours
    answers.append(running.client.get("/api/files/0/frame?view=original"))
    assert {answer.status_code for answer in answers} >= {200, 401, 403, 404, 405, 422, 425, 500}
    for answer in answers:
        for name, value in HEADERS.items():
            assert answer.headers.get_list(name) == [value]
        if answer.status_code >= 400:
            assert set(answer.json()["error"]) == {"exit_code", "subject", "problem", "next_step"}
    assert "unsafe" not in HEADERS["Content-Security-Policy"]


@pytest.mark.parametrize(
    "name",
    [
        "..%2fapi.py",
        "%2e%2e%2fapi.py",
        "..%5capi.py",
        "%2fetc%2fpasswd",
        "....//api.py",
        "main.js%00.css",
        "main.js%0a",
        "__init__.py",
        ".hidden.js",
        "MAIN.JS",
        "",
        "nothing.js",
    ],
)
def test_no_other_file_is_read(running: Running, name: str) -> None:
    answer = running.guest.get(f"/page/{name}")
    assert answer.status_code == 404
    assert "kerchief" not in answer.json()["error"]["subject"]


def test_the_page_needs_no_key(running: Running) -> None:
    answer = running.guest.get("/")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert running.guest.get("/page/main.js").headers["content-type"] == "text/javascript; charset=utf-8"


def test_websockets_are_not_answered() -> None:
    sent: list[Any] = []

    async def ask() -> None:
        guard = Guard(PlainTextResponse("in"), Secrets(), PORT, COMMAND)
        await guard({"type": "websocket", "path": "/api/files"}, None, sent.append)  # type: ignore[arg-type]

    awaited(ask())
    assert sent == []


async def status(headers: list[tuple[bytes, bytes]]) -> int:
    """What the guard answers to a request for the page with these headers."""
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": b""}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "GET", "path": "/", "headers": headers}
    await Guard(PlainTextResponse("in"), Secrets(), PORT, COMMAND)(scope, receive, send)
    return int(sent[0]["status"])
