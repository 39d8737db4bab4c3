"""The sink: covered frames become pictures for whoever looks on."""

from __future__ import annotations

import time
from collections.abc import Mapping

from kerchief.errors import OutputError
from kerchief.live.covered import Covered, Form
from kerchief.live.events import Event, Tell
from kerchief.live.sinks.preview.messages import StreamStatus
from kerchief.live.sinks.preview.newest import Newest, Picture
from kerchief.live.sinks.preview.served import Served
from kerchief.media.photos.preview import jpeg
from kerchief.media.zoom import show_planes

#: Most width and height of a picture, pixels: what a page shows of a larger one would not be seen, and cost as much.
MOST_SIZE = (1280, 720)
#: Of the JPEGs: some 110 kB for a picture of that size.
QUALITY = 80
#: So long a picture may be shown as live, and so many frames of a slow stream.
FRESH_SECONDS, FRESH_FRAMES = 2.0, 3
#: From one status to the next, at most.
STATUS_SECONDS = 3.0

Values = Mapping[str, str | int | float | bool]


class Preview:
    """A page on 127.0.0.1. Its server lives from the first ``open`` to ``finish``: the page stays while a stream ends.

    Args:
        port: to listen on; 0: any that is free.
        tell: told the link once it works.
    """

    def __init__(self, port: int, tell: Tell) -> None:
        self._port, self._tell = port, tell
        self._newest = Newest()
        self._served: Served | None = None
        self._form: Form | None = None
        self._number = 0
        self._is_open = False
        self._told: tuple[float, Values] = (0.0, {})

    @property
    def name(self) -> str:
        """As the user called it."""
        return f"preview:{self._port}" if self._port else "preview"

    def open(self, form: Form) -> None:
        """Begin to show; the first time, and after the server broke, tell the link.

        Raises:
            UsageError: the port is taken.
        """
        self._form = form
        if self._served is None or not self._served.is_alive:
            self._newest = Newest()
            self._served = Served(self._port, self.name, self._newest, self._status)
            link = self._served.link()
            self._tell(Event("preview", f"preview at {link}", {"link": link}))
        self._newest.fresh_seconds = self._fresh_seconds
        self._is_open = True

    def send(self, covered: Covered) -> None:
        """Show a frame to whoever looks on; without them, it costs nothing.

        Raises:
            OutputError: the server broke.
        """
        if self._form is None or self._served is None or not self._served.is_alive:
            raise OutputError(self.name, "the page's server has ended", "It is started again.")
        self._number += 1
        came = self._newest.now()
        if not self._newest.is_watched:
            self._newest.clear()
            return
        rgb = show_planes(covered.frame, self._form.colour, None, MOST_SIZE)
        self._newest.put(Picture(self._number, jpeg(rgb, QUALITY), covered.is_veiled, came))

    def status(self, values: Values) -> None:
        """Take what the page says about the stream; from any thread, about once a second."""
        self._told = (time.monotonic(), dict(values))

    def idle(self) -> None:
        """Nothing to do: a picture that is too old is shown to nobody, whether another comes or not."""

    def close(self) -> None:
        """Show nothing any more; the page says so."""
        self._is_open = False
        self._newest.clear()

    def finish(self) -> None:
        """End the server."""
        self.close()
        if self._served is not None:
            self._served.stop()

    @property
    def _fresh_seconds(self) -> float:
        return max(FRESH_SECONDS, FRESH_FRAMES / float(self._form.rate)) if self._form else FRESH_SECONDS

    def _status(self) -> StreamStatus:
        """From the server's thread."""
        told, values = self._told
        form = self._form
        return StreamStatus(
            is_open=self._is_open,
            width=form.width if form else 0,
            height=form.height if form else 0,
            fresh_seconds=self._fresh_seconds,
            values=dict(values) if time.monotonic() - told <= STATUS_SECONDS else {},
        )
