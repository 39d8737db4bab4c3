"""The whole command in a process of its own: its link, its end, and what a kill leaves."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from typing import Any

import pytest
from commands import code, photo, run
from films import film, walk
from PIL import Image

from kerchief.loopback.server import listening
from kerchief.plan.codec import decode
from kerchief.studio import server as server_module

pytestmark = pytest.mark.usefixtures("loopback")
BOX = {"x": 10, "y": 10, "width": 40, "height": 50, "shape": "box"}


@dataclass
class Served:
    """A running ``kerchief review``."""

    process: subprocess.Popen[str]
    link: str
    key: str = ""

    @property
    def host(self) -> str:
        return self.link.removeprefix("http://").partition("/")[0]

    def ask(self, method: str, path: str, body: object = None) -> tuple[HTTPResponse, bytes]:
        connection = HTTPConnection(self.host, timeout=60)
        headers = {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"}
        connection.request(method, path, None if body is None else json.dumps(body), headers)
        answer = connection.getresponse()
        data = answer.read()
        connection.close()
        return answer, data

    def json(self, method: str, path: str, body: object = None) -> Any:
        answer, data = self.ask(method, f"/api{path}", body)
        assert answer.status < 300, data
        return json.loads(data)

    def enter(self) -> None:
        self.key = self.json("POST", "/session", {"token": self.link.partition("#token=")[2]})["key"]

    def view(self, n: int = 0) -> Any:
        return until(lambda: (got := self.ask("GET", f"/api/files/{n}"))[0].status == 200 and json.loads(got[1]))

    @contextmanager
    def looking_on(self) -> Iterator[HTTPResponse]:
        """The lines of a stream of events, as long as this is entered."""
        with closing(HTTPConnection(self.host, timeout=60)) as connection:
            connection.request("GET", "/api/events", headers={"Authorization": f"Bearer {self.key}"})
            with connection.getresponse() as lines:
                yield lines

    def wait(self, seconds: float = 30) -> int:
        return self.process.wait(seconds)


def until(is_so: Callable[[], Any], seconds: float = 90) -> Any:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := is_so():
            return found
        time.sleep(0.05)
    raise AssertionError("it never came to that")


Serve = Callable[..., Served]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Starts the command; kills it after the test."""
    started: list[subprocess.Popen[str]] = []

    def start(*words: object) -> Served:
        command = [sys.executable, "-c", "from kerchief.cli.main import main; main()", "review", "--no-browser"]
        process = subprocess.Popen(
            [*command, *map(str, words)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        started.append(process)
        assert process.stdout is not None
        served = Served(process, process.stdout.readline().strip())
        served.enter()
        return served

    yield start
    for process in started:
        process.kill()
        process.wait()
        for pipe in (process.stdout, process.stderr):
            if pipe is not None:
                pipe.close()


def test_a_review_from_its_link_to_ctrl_c(serve: Serve, tmp_path: Path) -> None:
    photo(tmp_path / "in" / "a.jpg")
    served = serve(tmp_path / "in")
    view = served.view()
    for kind in ("original", "covered"):
        answer, data = served.ask("GET", f"/api/files/0/frame?view={kind}")
        assert (answer.status, answer.headers["Content-Type"]) == (200, "image/jpeg")
        assert data.startswith(b"\xff\xd8")
        assert answer.headers["X-Revision"] == view["revision"]
    assert "Server" not in answer.headers
    with served.looking_on() as lines:
        assert json.loads(lines.readline())["type"] == "work"
        served.json("POST", "/exports", {"files": [0]})
        events = (json.loads(line) for line in iter(lines.readline, b"") if line.strip())
        assert any(event["type"] == "file" and event["card"]["state"] == "exported" for event in events)
    with Image.open(tmp_path / "redacted" / "a.redacted.jpg") as copy:
        assert copy.size == (320, 240)
    served.process.send_signal(signal.SIGINT)
    assert served.wait() == 130
    assert served.process.stdout is not None
    assert served.process.stderr is not None
    assert served.process.stdout.read() == ""
    assert "interrupted; nothing half-written is left" in served.process.stderr.read()


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_export_leaves_nothing(serve: Serve, tmp_path: Path, how: signal.Signals) -> None:
    pictures, _ = walk(320, 240, [(60 + n, 80) for n in range(120)], 80)
    path = film(tmp_path / "in" / "a.mp4", pictures) if (tmp_path / "in").mkdir() is None else None
    served = serve(path, "-o", tmp_path / "out")
    served.view()
    served.json("POST", "/exports", {"files": [0]})
    until(lambda: list((tmp_path / "out").glob(".kerchief-*")))
    served.process.send_signal(how)
    assert served.wait() == 130
    assert list((tmp_path / "out").iterdir()) == []


def test_it_stops_when_the_last_page_was_closed(serve: Serve, tmp_path: Path) -> None:
    served = serve(photo(tmp_path / "a.jpg"), "-o", tmp_path / "out")
    with served.looking_on() as one:
        with served.looking_on() as two:
            one.readline(), two.readline()
        time.sleep(6)
        assert served.process.poll() is None
    began = time.monotonic()
    assert served.wait() == 0
    assert time.monotonic() - began > 3


def test_what_was_answered_is_there_after_a_kill(serve: Serve, tmp_path: Path) -> None:
    path = photo(tmp_path / "a.jpg")
    served = serve(path, "-o", tmp_path / "out")
    view = served.view()
    revision, acknowledged = view["revision"], 0
    died = threading.Event()

    def edit() -> None:
        nonlocal revision, acknowledged
        while not died.is_set():
            body = {"revision": revision, "edit": {"type": "add", "pts": 0, "region": BOX}}
            try:
                revision = served.json("POST", "/files/0/edits", body)["revision"]
            except (OSError, AssertionError, ValueError, Exception):  # noqa: BLE001 - it was killed
                return
            acknowledged += 1

    editor = threading.Thread(target=edit)
    editor.start()
    until(lambda: acknowledged > 20)
    served.process.kill()
    died.set()
    editor.join()
    tracks = len(decode((tmp_path / "a.jpg.plan.json").read_bytes()).tracks) - len(view["tracks"])
    assert acknowledged <= tracks <= acknowledged + 1
    again = serve(path, "-o", tmp_path / "out")
    after = again.view()
    assert len(after["tracks"]) == len(view["tracks"]) + tracks
    again.json(
        "POST", "/files/0/edits", {"revision": after["revision"], "edit": {"type": "cover", "tracks": ["face-1"]}}
    )
    assert [entry.name for entry in tmp_path.iterdir() if entry.name.startswith(".")] == []


def test_requests_that_no_browser_sends(serve: Serve, tmp_path: Path) -> None:
    served = serve(photo(tmp_path / "a.jpg"), "-o", tmp_path / "out")
    host, key = served.host, f"Authorization: Bearer {served.key}"
    for status, request in (
        (200, f"GET /api/files HTTP/1.1\r\nHost: {host}\r\n{key}"),
        (401, f"GET /api/files HTTP/1.1\r\nHost: {host}"),
        (401, f"GET /%61pi/files HTTP/1.1\r\nHost: {host}"),
        (403, f"GET /api/files HTTP/1.1\r\nHost: evil.example\r\n{key}"),
        (403, f"GET http://evil.example/api/files HTTP/1.1\r\nHost: evil.example\r\n{key}"),
        (404, f"GET http://{host}/api/files HTTP/1.1\r\nHost: {host}"),
        (404, f"GET //api/files HTTP/1.1\r\nHost: {host}"),
        (404, f"GET /page/../api/files HTTP/1.1\r\nHost: {host}"),
        (404, f"GET /page/%2e%2e/guard.py HTTP/1.1\r\nHost: {host}"),
        (403, f"GET /api/files HTTP/1.0\r\n{key}"),
        (401, f"GET /api/events HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade"),
    ):
        assert raw(host, request) == status, request


def raw(host: str, request: str) -> int:
    """The status of the answer to just this."""
    address, _, port = host.partition(":")
    with socket.create_connection((address, int(port)), timeout=30) as connection:
        connection.sendall(request.encode() + b"\r\n\r\n")
        return int(connection.recv(64).split()[1])


def test_it_listens_on_loopback_only(serve: Serve, tmp_path: Path) -> None:
    served = serve(photo(tmp_path / "a.jpg"), "-o", tmp_path / "out")
    port = int(served.host.partition(":")[2])
    listened = [line.split()[1] for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    assert f"0100007F:{port:04X}" in listened
    assert f"00000000:{port:04X}" not in listened


def test_what_can_not_be_reviewed(tmp_path: Path) -> None:
    assert code(run("review", tmp_path / "nothing.jpg", "--no-browser")) == 2
    empty = run("review", tmp_path, "--no-browser")
    assert code(empty) == 2
    assert "nothing to review" in str(empty.exception)
    assert code(run("review", photo(tmp_path / "a.jpg"), "--style", "glitter", "--no-browser")) == 2
    with listening(0, "--port") as taken:
        port = taken.getsockname()[1]
        told = run("review", tmp_path / "a.jpg", "--no-browser", "--port", port)
    assert code(told) == 2
    assert str(port) in str(told.exception)


#: A browser in the foreground: reads the page it is given, follows it, and writes down what it saw.
BROWSER = """\
import os, re, sys, urllib.request
from pathlib import Path
page = Path(sys.argv[1].removeprefix("file://"))
link = re.search('url=([^"]*)"', page.read_text())[1]
status = urllib.request.urlopen(link.partition("#")[0], timeout=20).status
modes = [oct(path.stat().st_mode & 0o777) for path in (page, page.parent)]
Path(sys.argv[2]).write_text(" ".join([sys.argv[1], link, str(status), *modes]))
sys.stdin.read()
"""


def test_a_browser_is_led_to_the_page_by_a_file_that_only_its_user_reads(tmp_path: Path) -> None:
    script, seen, home = tmp_path / "browser.py", tmp_path / "seen", tmp_path / "home"
    script.write_text(BROWSER)
    home.mkdir()
    with subprocess.Popen(
        [sys.executable, "-c", "from kerchief.cli.main import main; main()", "review", photo(tmp_path / "a.jpg")],
        env={**os.environ, "HOME": str(home), "BROWSER": f"{sys.executable} {script} %s {seen}"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        printed = process.stdout.readline().strip()
        until(lambda: seen.exists() and seen.read_text())
        address, link, status, *modes = seen.read_text().split()
        assert (link, status, modes) == (printed, "200", ["0o600", "0o700"])
        assert "token" not in address  # nor, so, on any command line
        assert Path(address.removeprefix("file://")).is_relative_to(home)
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 130
    assert list(home.glob("kerchief*")) == []


def test_what_is_said_at_the_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_module.Server, "run", lambda *_: None)
    monkeypatch.setattr("webbrowser.open", lambda _: pytest.fail("opened"))
    path = photo(tmp_path / "a.jpg")
    told = run("review", path, "-o", tmp_path / "out", "--no-browser")
    assert code(told) == 0
    assert told.stdout.startswith("http://127.0.0.1:")
    assert "style" not in told.stderr
    path.with_name("a.jpg.plan.json").write_text("{}")
    told = run("review", path, "-o", tmp_path / "out", "--no-browser", "--style", "solid")
    assert "1 file has a plan already and keeps its own style and margin" in told.stderr
