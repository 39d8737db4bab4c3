"""Looks at finished segments in a thread of its own while the next is filmed, and publishes them."""

from __future__ import annotations

import os
import sys
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from queue import Queue
from threading import Thread, get_native_id

from kerchief.errors import KerchiefError, OutputError, Unexpected
from kerchief.live.covered import TIME_BASE
from kerchief.live.events import Event, Tell
from kerchief.live.sinks.segments.footage import SUFFIX, Footage
from kerchief.live.sinks.segments.proving import Proof, proven
from kerchief.store.publish import publish
from kerchief.tools import Tools

#: So many segments may wait to be looked at; then no more is filmed until one is done.
MOST_WAITING = 8
#: How much the looks that frames wait for go before these: 0 not at all, 19 wholly. Of threads Linux alone knows it.
NICENESS = 5


class Prover:
    """The thread.

    Args:
        folder: where segments are published.
        tools: whose networks look; a decoder of its own is started for each segment.
        tell: told of each segment.
    """

    def __init__(self, folder: Path, tools: Tools, tell: Tell) -> None:
        self._folder, self._tools, self._tell = folder, tools, tell
        self._waiting: Queue[Footage | None] = Queue(MOST_WAITING)
        self._is_behind = False
        self._thread = Thread(target=self._run, name="prover", daemon=True)
        self._thread.start()

    def give(self, footage: Footage) -> None:
        """Hand over a segment; waits where many do, and tells of it when half as many do."""
        self._waiting.put(footage)
        waiting = self._waiting.qsize()
        if waiting < MOST_WAITING // 2:
            self._is_behind = False
        elif not self._is_behind:
            self._is_behind = True
            says = (
                f"{waiting} segments wait to be verified; when {MOST_WAITING} do, no more is filmed until one is done"
            )
            self._tell(Event("segments behind", says, {"waiting": waiting}))

    def finish(self) -> None:
        """Look at what waits, and end the thread."""
        self._waiting.put(None)
        self._thread.join()

    def _run(self) -> None:
        _make_way()
        while (footage := self._waiting.get()) is not None:
            try:
                self._prove(footage)
            except Exception as error:  # noqa: BLE001 - an outer edge: the next segment may be better
                known = error if isinstance(error, KerchiefError) else Unexpected.of(str(self._folder), error)
                says = f"a segment of {footage.began:%H:%M:%S} UTC is lost: {known.problem}"
                self._tell(Event("segment lost", says, {"problem": known.problem}))
            finally:
                footage.drop()

    def _prove(self, footage: Footage) -> None:
        seconds = footage.length * TIME_BASE[0] / TIME_BASE[1]
        with Tools(beside=self._tools) as tools, proven(footage, tools) as proof:
            target = _published(proof.path, self._folder, footage.began, seconds)
        self._tell_of(footage, proof, target, seconds)

    def _tell_of(self, footage: Footage, proof: Proof, target: Path, seconds: float) -> None:
        veiled = sum(moment.is_veiled for moment in footage.moments) + proof.veiled
        values: dict[str, str | int | float | bool] = {
            "file": target.name,
            "seconds": round(seconds, 3),
            "frames": len(footage.moments),
            "covered": proof.added,
            "veiled_frames": veiled,
            "rounds": proof.rounds,
        }
        self._tell(Event("segment", f"{target.name}: {seconds:.0f} s, verified", values))
        if proof.veiled:
            says = f"in {target.name} a face still showed after the last round, so {proof.veiled} frames are veiled"
            self._tell(Event("segment veiled", says, {"file": target.name, "frames": proof.veiled}))


def _published(path: Path, folder: Path, began: datetime, seconds: float) -> Path:
    """Give a segment the first free name that tells when it was filmed, and the time at which it ended."""
    stem = f"{began:%Y%m%d-%H%M%SZ}"
    ended = (began + timedelta(seconds=seconds)).timestamp()  # whoever removes what is old goes by it
    for number in count(1):
        target = folder / f"{stem if number == 1 else f'{stem}-{number}'}{SUFFIX}"
        try:
            publish(path, target, modified=ended)
        except OutputError:
            if not _is_of_another(target, path):
                raise
        else:
            return target
    raise AssertionError


def _is_of_another(target: Path, path: Path) -> bool:
    """Whether a name is somebody else's: where a failing disk kept the name, it is the draft's own."""
    try:
        return not target.samefile(path)
    except OSError:
        return False


def _make_way() -> None:
    """Let this thread, and whatever it starts, run behind all others."""
    if sys.platform == "linux":  # elsewhere a thread has no number of this kind
        os.setpriority(os.PRIO_PROCESS, get_native_id(), NICENESS)
