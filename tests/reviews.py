"""A review under test: the application as it is served, asked without a network, and stand-ins for its pictures."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from starlette.testclient import TestClient

from kerchief.loopback.keys import Secrets
from kerchief.studio.desk.desk import Desk
from kerchief.studio.web.events import Events
from kerchief.studio.work.workers import Work

Result = TypeVar("Result")
PORT = 8123
ADDRESS = f"http://127.0.0.1:{PORT}"


@dataclass
class Running:
    """A review that runs; ``client`` carries the key."""

    client: TestClient
    guest: TestClient
    desk: Desk
    work: Work
    events: Events
    secrets: Secrets
    pictures: Any
    output: Path

    def get(self, path: str) -> Any:
        answer = self.client.get(f"/api{path}")
        assert answer.status_code == 200, answer.text
        return answer.json()

    def post(self, path: str, body: object, status: int = 200) -> Any:
        answer = self.client.post(f"/api{path}", json=body)
        assert answer.status_code == status, answer.text
        return answer.json()

    def edit(self, n: int, revision: str, **edit: object) -> Any:
        return self.post(f"/files/{n}/edits", {"revision": revision, "edit": edit})

    def until(self, is_so: Callable[[], Any], seconds: float = 60) -> Any:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if found := is_so():
                return found
            time.sleep(0.02)
        raise AssertionError(self.get("/files"))

    def view(self, n: int) -> Any:
        """A file, once it was looked through."""
        return self.until(lambda: (a := self.client.get(f"/api/files/{n}")).status_code != 425 and a).json()

    def card(self, n: int, state: str) -> Any:
        """A file's card, once it is so far."""
        return self.until(lambda: (card := self.get("/files")["files"][n])["state"] == state and card)


Review = Callable[..., Running]


@dataclass(frozen=True)
class FakeShown:
    """As ``pictures.Shown``."""

    jpeg: bytes
    pts: int
    duration: int
    width: int
    height: int


@dataclass
class FakePictures:
    """Takes the place of ``pictures.Pictures``: remembers what was asked for."""

    asked: list[tuple[Any, ...]] = field(default_factory=list)

    def frame(self, *what: Any) -> FakeShown:
        self.asked.append(what)
        return FakeShown(b"JPEG", what[3], 512, 8, 6)

    def thumbnail(self, *what: Any) -> bytes:
        self.asked.append(what)
        return b"JPEG"

    face = thumbnail


def awaited(asked: Coroutine[Any, Any, Result]) -> Result:
    """What comes of a coroutine, in a thread of its own: a browser's driver keeps a loop running in this one."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, asked).result()
