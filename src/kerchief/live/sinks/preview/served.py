"""The page's server, in a thread of its own."""

from __future__ import annotations

from collections.abc import Callable
from threading import Thread

from kerchief.live.sinks.preview.messages import StreamStatus
from kerchief.live.sinks.preview.newest import Newest
from kerchief.live.sinks.preview.web import COMMAND, make_app
from kerchief.loopback.guard import Guard
from kerchief.loopback.keys import Secrets, link_of
from kerchief.loopback.server import GRACE_SECONDS, Silent, address_of, listening


class Served:
    """Serves from the start until it is stopped.

    Args:
        port: to listen on; 0: any that is free.
        subject: what the user named the port with.
        newest: the picture.
        status: how the stream is.

    Raises:
        UsageError: the port is taken.
    """

    def __init__(self, port: int, subject: str, newest: Newest, status: Callable[[], StreamStatus]) -> None:
        self._newest, self._secrets = newest, Secrets()
        self._listener = listening(port, subject)
        self._address = address_of(self._listener)
        app = make_app(newest, status, self._secrets, self._address)
        self._server = Silent(Guard(app, self._secrets, self._listener.getsockname()[1], COMMAND))
        # What is left of it does not keep a run from ending.
        self._thread = Thread(target=self._server.run, args=([self._listener],), name="preview", daemon=True)
        self._thread.start()

    @property
    def is_alive(self) -> bool:
        """Whether it serves."""
        return self._thread.is_alive()

    def link(self) -> str:
        """A link that works once."""
        return link_of(self._address, self._secrets)

    def stop(self) -> None:
        """End it, and give the port back."""
        self._newest.end()
        self._server.should_exit = True
        self._thread.join(GRACE_SECONDS + 1)
        self._listener.close()
