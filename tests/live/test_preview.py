"""The preview's server: who may see the stream, which picture they get, and what it costs."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPResponse
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from barcodes import FORM, number_in, numbered
from PIL import Image
from starlette.testclient import TestClient

from kerchief.errors import OutputError, UsageError
from kerchief.live.covered import Covered, Form
from kerchief.live.events import Event
from kerchief.live.sinks.preview import sink as sink_module
from kerchief.live.sinks.preview.messages import StreamStatus
from kerchief.live.sinks.preview.newest import WATCHED_SECONDS, Newest, Picture
from kerchief.live.sinks.preview.sink import MOST_SIZE, Preview
from kerchief.live.sinks.preview.web import COMMAND, make_app
from kerchief.live.sinks.sink import Sink
from kerchief.loopback.guard import HEADERS, Guard
from kerchief.loopback.keys import Secrets
from kerchief.loopback.server import listening
from kerchief.ports import Colour, YuvFrame

PORT = 8124
ADDRESS = f"http://127.0.0.1:{PORT}"
PATHS = ("/", "/page/main.js", "/page/style.css", "/api/picture", "/api/status", "/nowhere")
STATUS = StreamStatus(is_open=True, width=640, height=360, fresh_seconds=2, values={})


def picture(number: int, came: float) -> Picture:
    return Picture(number, b"JPEG", is_veiled=False, came=came)


@pytest.fixture
def newest() -> Newest:
    made = Newest()
    made.fresh_seconds = 60
    made.put(picture(7, made.now()))
    return made


@pytest.fixture
def secrets() -> Secrets:
    return Secrets()


@pytest.fixture
def guest(newest: Newest, secrets: Secrets) -> TestClient:
    """Asks without a key."""
    app = make_app(newest, lambda: STATUS, secrets, ADDRESS)
    return TestClient(Guard(app, secrets, PORT, COMMAND), base_url=ADDRESS)


@pytest.fixture
def client(guest: TestClient, secrets: Secrets) -> TestClient:
    """Asks with the key."""
    key = guest.post("/api/session", json={"token": secrets.new_token()}).json()["key"]
    return TestClient(guest.app, base_url=ADDRESS, headers={"Authorization": f"Bearer {key}"})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("host", "evil.example"),
        ("host", f"evil.example:{PORT}"),
        ("host", f"127.0.0.1:{PORT + 1}"),
        ("origin", "http://evil.example"),
        ("origin", f"http://127.0.0.1:{PORT + 1}"),
        ("origin", "null"),
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
    ],
)
@pytest.mark.parametrize("path", PATHS)
def test_others_are_refused_even_with_the_key(client: TestClient, path: str, name: str, value: str) -> None:
    assert client.get(path, headers={name: value}).status_code == 403


def test_without_the_key_there_is_a_page_and_no_picture(guest: TestClient) -> None:
    assert [guest.get(path).status_code for path in PATHS] == [200, 200, 200, 401, 401, 404]
    assert guest.get("/api/picture", headers={"Authorization": "Bearer wrong"}).status_code == 401
    assert guest.post("/api/link", json={}).status_code == 401
    assert "kerchief live" in guest.get("/api/picture").json()["error"]["next_step"]


def test_with_the_key_there_is_a_picture(client: TestClient) -> None:
    answer = client.get("/api/picture")
    assert (answer.status_code, answer.content, answer.headers["content-type"]) == (200, b"JPEG", "image/jpeg")
    assert (answer.headers["x-number"], answer.headers["x-veiled"]) == ("7", "0")
    assert 0 <= int(answer.headers["x-age"]) < 60_000
    assert client.get("/api/status").json() == STATUS.model_dump()
    for path in PATHS:
        for name, value in HEADERS.items():
            assert client.get(path).headers.get_list(name) == [value]


def test_a_link_works_once(guest: TestClient, client: TestClient) -> None:
    token = client.post("/api/link", json={}).json()["url"].removeprefix(f"{ADDRESS}/#token=")
    assert guest.post("/api/session", json={"token": token}).status_code == 200
    assert guest.post("/api/session", json={"token": token}).status_code == 401
    assert guest.post("/api/session", json={}).status_code == 422


@pytest.mark.parametrize("number", ["x", "-1", "1e3", "9" * 5000, "1.5", "²"])
def test_a_number_that_is_none(client: TestClient, number: str) -> None:
    assert client.get("/api/picture", params={"after": number}).status_code == 422


@pytest.mark.parametrize("name", ["..%2fweb.py", "%2e%2e%2fsink.py", "__init__.py", "nothing.js", "main.js%00.css"])
def test_no_other_file_is_read(guest: TestClient, name: str) -> None:
    assert guest.get(f"/page/{name}").status_code == 404


def test_every_file_of_the_page_is_served(guest: TestClient) -> None:
    index = guest.get("/").text
    named = [part.partition('"')[0] for part in index.split('"/page/')[1:]]
    assert "main.js" in named
    assert "style.css" in named
    for name in named:
        assert guest.get(f"/page/{name}").status_code == 200, name
    assert "style=" not in index, "the policy forbids it"


def test_who_has_the_newest_waits_for_another(client: TestClient, newest: Newest) -> None:
    threading.Timer(0.3, lambda: newest.put(picture(8, newest.now()))).start()
    assert client.get("/api/picture?after=7").headers["x-number"] == "8"
    began = time.monotonic()
    assert client.get("/api/picture?after=8").status_code == 204
    assert time.monotonic() - began > 0.5
    newest.end()
    assert client.get("/api/picture").status_code == 204


def test_what_is_too_old_is_given_to_nobody(client: TestClient, newest: Newest) -> None:
    newest.put(picture(8, newest.now() - 3))
    newest.fresh_seconds = 2
    assert client.get("/api/picture").status_code == 204
    newest.fresh_seconds = 30
    assert client.get("/api/picture").headers["x-number"] == "8"
    newest.clear()
    assert client.get("/api/picture").status_code == 204


# --- the sink, with its server --------------------------------------------------------------------------------------


class Viewer:
    """Somebody with a link, who asks as the page does."""

    def __init__(self, link: str) -> None:
        self.host = link.removeprefix("http://").partition("/")[0]
        self.connection = HTTPConnection(self.host, timeout=60)
        body = {"token": link.partition("#token=")[2]}
        answer, data = self.ask("POST", "/api/session", body)
        assert answer.status == 200
        self.key = json.loads(data)["key"]
        self.number = 0

    def ask(self, method: str, path: str, body: object = None) -> tuple[HTTPResponse, bytes]:
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {getattr(self, 'key', '')}"}
        self.connection.request(method, path, None if body is None else json.dumps(body), headers)
        answer = self.connection.getresponse()
        return answer, answer.read()

    def see(self) -> np.ndarray[Any, Any] | None:
        """The next picture, (height, width, 3); None if there is none."""
        answer, data = self.ask("GET", f"/api/picture?after={self.number}")
        if answer.status == 204:
            return None
        assert answer.status == 200
        self.number = int(answer.headers["X-Number"])
        with Image.open(BytesIO(data)) as image:
            return np.asarray(image.convert("RGB"))

    def status(self) -> Any:
        return json.loads(self.ask("GET", "/api/status")[1])


class Stage:
    """A preview, and what it told."""

    def __init__(self, port: int = 0) -> None:
        self.told: list[Event] = []
        self.preview = Preview(port, self.told.append)
        self.viewers: list[Viewer] = []

    def viewer(self) -> Viewer:
        self.viewers.append(Viewer(str(self.told[-1].values["link"])))
        return self.viewers[-1]

    def end(self) -> None:
        self.preview.finish()
        for viewer in self.viewers:
            viewer.connection.close()


@pytest.fixture
def stage(loopback: None) -> Iterator[Stage]:
    made = Stage()
    made.preview.open(FORM)
    yield made
    made.end()


def shown(stage: Stage, viewer: Viewer, covered: Covered) -> np.ndarray[Any, Any]:
    """What somebody who looks on sees of a frame."""
    viewer.number = stage.preview._number
    sent = threading.Event()

    def send() -> None:
        while not sent.wait(0.05):
            stage.preview.send(covered)

    sender = threading.Thread(target=send)
    sender.start()
    try:
        while (seen := viewer.see()) is None:
            pass
    finally:
        sent.set()
        sender.join()
    return seen


def test_it_is_a_sink(stage: Stage) -> None:
    sink: Sink = stage.preview
    assert sink.name == "preview"
    assert Preview(8000, stage.told.append).name == "preview:8000"


def test_the_link_is_told_once_and_shows_the_stream(stage: Stage) -> None:
    stage.preview.close()
    stage.preview.open(FORM)
    (event,) = stage.told
    link = str(event.values["link"])
    assert (event.name, event.says) == ("preview", f"preview at {link}")
    assert link.startswith("http://127.0.0.1:")
    viewer = stage.viewer()
    assert number_in(shown(stage, viewer, numbered(77))) == 77
    assert number_in(shown(stage, viewer, numbered(2078))) == 2078


@pytest.mark.parametrize(("matrix", "is_full"), [(1, False), (1, True), (6, False)])
def test_colours_are_those_of_the_form(loopback: None, matrix: int, is_full: bool) -> None:
    """A red that is made by the formula of each matrix."""
    kr, kb = {1: (0.2126, 0.0722), 6: (0.299, 0.114)}[matrix]
    red, green, blue = 200 / 255, 40 / 255, 60 / 255
    y = kr * red + (1 - kr - kb) * green + kb * blue
    u, v = (blue - y) / (2 - 2 * kb), (red - y) / (2 - 2 * kr)
    values = (255 * y, 128 + 255 * u, 128 + 255 * v) if is_full else (16 + 219 * y, 128 + 224 * u, 128 + 224 * v)
    sizes = ((90, 160), (45, 80), (45, 80))
    luma, *others = (np.full(size, round(value), np.uint8) for size, value in zip(sizes, values, strict=True))
    stage = Stage()
    stage.preview.open(Form(160, 90, FORM.rate, Colour(1, 1, matrix, is_full)))
    try:
        seen = shown(stage, stage.viewer(), Covered(YuvFrame(0, 1, (luma, others[0], others[1])), {}))
    finally:
        stage.end()
    assert seen.shape == (90, 160, 3)
    assert abs(seen.reshape(-1, 3).mean(0) - (200, 40, 60)).max() <= 4


def test_a_large_stream_is_shown_smaller(stage: Stage) -> None:
    seen = shown(stage, stage.viewer(), numbered(3, size=(2560, 1440)))
    assert (seen.shape[1], seen.shape[0]) == MOST_SIZE


def test_when_nobody_looks_on_nothing_is_encoded_or_kept(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    encoded: list[int] = []
    monkeypatch.setattr(sink_module, "jpeg", lambda *_: encoded.append(1) or b"JPEG")
    for number in range(50):
        stage.preview.send(numbered(number))
    assert encoded == []
    viewer = stage.viewer()
    assert viewer.see() is None
    stage.preview.send(numbered(51))
    assert encoded == [1]
    time.sleep(WATCHED_SECONDS + 0.2)
    stage.preview.send(numbered(52))
    assert encoded == [1]
    assert viewer.see() is None, "a picture of before was kept"


def test_a_stalled_page_holds_up_neither_the_stream_nor_other_pages(stage: Stage) -> None:
    quick = stage.viewer()
    slow = socket.create_connection(("127.0.0.1", int(quick.host.partition(":")[2])), timeout=60)
    request = (
        f"GET /api/picture?after=9999999 HTTP/1.1\r\nHost: {quick.host}\r\nAuthorization: Bearer {quick.key}\r\n\r\n"
    )
    with slow:
        slow.sendall(request.encode() * 2000)  # asks for a lot, and never reads
        assert quick.see() is None  # from now on, somebody looks on
        began, seen = time.monotonic(), []
        for number in range(1, 201):
            stage.preview.send(numbered(number))
            if number % 10 == 0:
                found = quick.see()
                assert found is not None
                seen.append(number_in(found))
        assert seen == list(range(10, 201, 10)), "not the newest"
        assert time.monotonic() - began < 30


def test_what_the_run_says_is_passed_on_until_it_is_old(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    viewer = stage.viewer()
    values = {"fps": 14.9, "people": 3, "is_lost": False, "note": "x"}
    stage.preview.status(values)
    told = viewer.status()
    assert told["values"] == values
    assert (told["is_open"], told["width"], told["height"]) == (True, 640, 360)
    assert told["values"]["is_lost"] is False
    monkeypatch.setattr(sink_module, "STATUS_SECONDS", -1)
    assert viewer.status()["values"] == {}


def test_nothing_is_shown_after_the_end_of_a_stream(stage: Stage) -> None:
    viewer = stage.viewer()
    assert number_in(shown(stage, viewer, numbered(5))) == 5
    stage.preview.close()
    stage.preview.close()
    viewer.number = 0
    assert viewer.see() is None
    assert viewer.status()["is_open"] is False
    stage.preview.open(FORM)
    assert number_in(shown(stage, viewer, numbered(6))) == 6


def test_nothing_is_served_after_the_end_of_the_run(stage: Stage) -> None:
    viewer = stage.viewer()
    port = int(viewer.host.partition(":")[2])
    stage.preview.send(numbered(5))
    stage.preview.finish()
    stage.preview.finish()
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.1", port), timeout=10)
    listening(port, "preview").close()
    assert not [thread for thread in threading.enumerate() if thread.name == "preview"]


def test_the_end_waits_for_no_page(stage: Stage) -> None:
    viewer = stage.viewer()
    waiting = threading.Thread(target=viewer.see)
    waiting.start()
    time.sleep(0.2)
    began = time.monotonic()
    stage.preview.finish()
    assert time.monotonic() - began < 10
    waiting.join()


def test_a_server_that_broke_is_started_again(stage: Stage) -> None:
    served = stage.preview._served
    assert served is not None
    served.stop()
    with pytest.raises(OutputError, match="has ended"):
        stage.preview.send(numbered(1))
    stage.preview.close()
    stage.preview.open(FORM)
    assert len(stage.told) == 2
    assert number_in(shown(stage, stage.viewer(), numbered(9))) == 9


def test_a_port_that_is_taken(stage: Stage) -> None:
    port = int(stage.viewer().host.partition(":")[2])
    second = Stage(port)
    with pytest.raises(UsageError, match=f"preview:{port}: port {port} can't be used"):
        second.preview.open(FORM)
    assert second.told == []


def test_it_listens_on_loopback_only(stage: Stage) -> None:
    port = int(stage.viewer().host.partition(":")[2])
    listened = [line.split()[1] for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    assert f"0100007F:{port:04X}" in listened
    assert f"00000000:{port:04X}" not in listened
