"""Plays a film live through a command, and keeps what came out."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryFile
from threading import Thread
from typing import Any

from live_film import Film
from live_receivers import Receiver
from live_senders import Gap, Pipe, Sender, StandardInput, Take, Way

import kerchief

SOURCE = Path(kerchief.__file__).parents[1]
#: After the last frame was sent, so long until all that is to come has come, and the run is told to stop. At the end of
#: a pipe it ends by itself.
AFTER = 2.0
#: A run that was told to stop has so long for it.
PATIENCE = 20.0

#: The words of a command that plays a source to a sink.
Product = Callable[[str, str], list[str]]


@dataclass
class Played:
    """What a run was.

    Attributes:
        sent: when each frame was sent, by its number, monotonic; empty where a file was played.
        events: what the command said on standard output, a line each.
        said: on standard error.
        exit_code: 0, or what went wrong.
        memory: (seconds since the start, MiB of all its processes), if it was asked for.
    """

    sent: dict[int, float] = field(default_factory=dict)
    events: list[dict[str, Any]] = field(default_factory=list)
    said: str = ""
    exit_code: int = 0
    memory: list[tuple[float, float]] = field(default_factory=list)

    def named(self, name: str) -> list[dict[str, Any]]:
        """The events of one name."""
        return [event for event in self.events if event.get("event") == name]


def kerchief_live(*options: str, before: str = "") -> Product:
    """``kerchief live`` with some options.

    Args:
        options: words.
        before: Python that is run first.
    """
    code = f"{before}\nfrom kerchief.cli.main import main\nmain()"
    return lambda source, sink: [sys.executable, "-c", code, "live", source, "--to", sink, "--json", *options]


def play(
    film: Film,
    way: Way,
    product: Product,
    receiver: Receiver,
    script: Sequence[Take | Gap] = (),
    meanwhile: Callable[[], None] = lambda: None,
    watch: Callable[[int], None] = lambda _: None,
) -> Played:
    """Play a film; returns when all that came out of it is with the receiver.

    Args:
        film: to be played.
        way: to the command.
        product: the command.
        receiver: where it goes.
        script: what of the film; all of it by default.
        meanwhile: run in a thread of its own while the film plays; what it does should not take longer.
        watch: told the number of the command's process.
    """
    sender = Sender(film, way, script or [Take(0, len(film.frames))])
    receiver.start()
    sender.start()
    end = time.monotonic() + PATIENCE
    while not way.is_there() and time.monotonic() < end:
        time.sleep(0.02)
    with _running(product(way.url, receiver.url), way) as (process, played):
        watch(process.pid)
        beside = Thread(target=meanwhile, daemon=True)
        beside.start()
        while sender.is_alive() and process.poll() is None:
            time.sleep(0.02)
        sender.stop()
        beside.join(PATIENCE)
        if not _wait(process, PATIENCE if isinstance(way, Pipe | StandardInput) else AFTER):
            process.send_signal(signal.SIGTERM)
        if not _wait(process, PATIENCE):
            process.kill()
    receiver.stop()
    played.sent = sender.sent
    return played


def play_file(path: Path, product: Product, receiver: Receiver, patience: float) -> Played:
    """The same for a file, which ends by itself."""
    receiver.start()
    with _running(product(str(path), receiver.url), None) as (process, played):
        if not _wait(process, patience):
            process.kill()
    receiver.stop()
    return played


@contextmanager
def _running(words: list[str], way: Way | None) -> Iterator[tuple[subprocess.Popen[bytes], Played]]:
    """A command, and what it said once it has ended; it does not outlive this."""
    played = Played()
    given = way.end if isinstance(way, StandardInput) else subprocess.DEVNULL
    environment = {**os.environ, "PYTHONPATH": str(SOURCE), "PYTHONUNBUFFERED": "1"}
    with TemporaryFile() as out, TemporaryFile() as error:
        process = subprocess.Popen(words, stdin=given, stdout=out, stderr=error, env=environment)
        try:
            yield process, played
        finally:
            process.kill()
            played.exit_code = process.wait()
            for file in (out, error):
                file.seek(0)
            played.events = [json.loads(line) for line in out.read().splitlines() if line.startswith(b"{")]
            played.said = error.read().decode(errors="replace")


def _wait(process: subprocess.Popen[bytes], seconds: float) -> bool:
    """Whether it has ended within a time."""
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        return False
    return True
