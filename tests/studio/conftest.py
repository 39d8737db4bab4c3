"""What the tests of the review have."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from reviews import ADDRESS, PORT, FakePictures, Review, Running
from starlette.testclient import TestClient

from kerchief import Tools
from kerchief.batch.walk import walk
from kerchief.loopback.guard import Guard
from kerchief.loopback.keys import Secrets, link_of
from kerchief.settings import Settings
from kerchief.studio.desk.copies import Copies
from kerchief.studio.desk.desk import Desk
from kerchief.studio.web.api import COMMAND, make_api
from kerchief.studio.web.events import Events
from kerchief.studio.work.workers import Work


@pytest.fixture
def review(tools: Tools) -> Iterator[Review]:
    """Starts a review of paths; ends it after the test."""
    with ExitStack() as stack:

        def start(
            paths: Sequence[Path],
            output: Path,
            settings: Settings | None = None,
            plans: Path | None = None,
            *,
            is_working: bool = True,
            pictures: Any = None,
        ) -> Running:
            settings = settings or Settings()
            events, secrets = Events(), Secrets()
            copies = Copies(output, settings)
            desk = Desk(walk(paths, but_not=output).jobs, copies, events.tell, plans)
            work = Work(desk, copies, settings, events.tell, tools)
            if is_working:
                stack.enter_context(work)
            pictures = pictures or FakePictures()
            api = make_api(desk, work, pictures, events, secrets, str(output), ADDRESS)
            guard = Guard(api, secrets, PORT, COMMAND)
            guest = TestClient(guard, base_url=ADDRESS, raise_server_exceptions=False)
            token = link_of(ADDRESS, secrets).partition("#token=")[2]
            key = guest.post("/api/session", json={"token": token}).json()["key"]
            client = TestClient(
                guard, base_url=ADDRESS, headers={"Authorization": f"Bearer {key}"}, raise_server_exceptions=False
            )
            return Running(client, guest, desk, work, events, secrets, pictures, output)

        yield start
