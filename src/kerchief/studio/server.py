"""The server: on loopback only, until the last page was closed or Ctrl-C."""

from __future__ import annotations

import socket
import sys
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from kerchief.batch.walk import Job
from kerchief.loopback.guard import Guard
from kerchief.loopback.keys import Secrets, link_of
from kerchief.loopback.server import Silent, address_of, listening
from kerchief.settings import Settings
from kerchief.studio.desk.copies import Copies
from kerchief.studio.desk.desk import Desk
from kerchief.studio.messages import sayable
from kerchief.studio.pictures.pictures import Pictures
from kerchief.studio.web.api import COMMAND, make_api
from kerchief.studio.web.events import Events
from kerchief.studio.work.workers import Work

#: Nobody has looked on for so long, and no export runs: a reload of the page takes less.
LONELY_SECONDS = 5.0
#: How long a thread of the background may keep others from running, in seconds: an edit waits for it many times, once
#: for every time that it asks the disk.
SWITCH_SECONDS = 0.0005


@dataclass(frozen=True, slots=True)
class Review:
    """What is reviewed, and where everything goes.

    Attributes:
        jobs: the files.
        output: folder for the copies.
        plans: folder for plans; None: each lies beside its file.
        keep_names: keep names that a device gave.
        settings: how files are looked through and rendered.
    """

    jobs: Sequence[Job]
    output: Path
    plans: Path | None
    keep_names: bool
    settings: Settings


def serve(review: Review, port: int, ready: Callable[[str], None]) -> None:
    """Serve a review until nobody looks on any more.

    Args:
        review: what is reviewed.
        port: to listen on; 0: any that is free.
        ready: told the link, once it works.

    Raises:
        UsageError: the port is taken.
        OutputError: the log of earlier exports can't be read.
        KeyboardInterrupt: Ctrl-C; nothing half-written is left.
    """
    sys.setswitchinterval(SWITCH_SECONDS)
    events = Events()
    copies = Copies(review.output, review.settings, keep_names=review.keep_names)
    desk = Desk(review.jobs, copies, events.tell, review.plans)
    secrets = Secrets()
    with (
        closing(listening(port, "--port")) as listener,
        Pictures(review.settings.limits) as pictures,
        Work(desk, copies, review.settings, events.tell) as work,
    ):
        address, taken = address_of(listener), listener.getsockname()[1]
        api = make_api(desk, work, pictures, events, secrets, sayable(str(review.output)), address)
        server = Server(Guard(api, secrets, taken, COMMAND), events, lambda: work.is_busy)
        ready(link_of(address, secrets))
        server.run([listener])


class Server(Silent):
    """Stops by itself when nobody looks on and nothing is exported.

    Args:
        app: what is served.
        events: the streams to the pages.
        is_busy: whether something goes on that must not be dropped.
    """

    def __init__(self, app: Guard, events: Events, is_busy: Callable[[], bool]) -> None:
        super().__init__(app)
        self._events = events
        self._is_busy = is_busy

    async def on_tick(self, counter: int) -> bool:
        """Asked ten times a second whether to stop."""
        if self._events.lonely_seconds >= LONELY_SECONDS and not self._is_busy():
            return True
        return await super().on_tick(counter)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """The streams end first: no page would close them."""
        self._events.close()
        await super().shutdown(sockets)
