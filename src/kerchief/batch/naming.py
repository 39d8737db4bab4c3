"""What an output is called. A name that a camera or messenger gave tells time or device, so it is replaced."""

from __future__ import annotations

from itertools import count
from pathlib import Path
from threading import Lock

from kerchief.batch.meant import OUTPUT_MARK
from kerchief.batch.walk import Job
from kerchief.media.photos.encode import suffix
from kerchief.metadata import stamped
from kerchief.ports import MediaInfo

NEUTRAL = "photo"


class Namer:
    """Gives every output of a run a name of its own.

    Args:
        folder: where outputs go; None: beside each original.
        keep_names: keep names that a device gave.
    """

    def __init__(self, folder: Path | None, *, keep_names: bool) -> None:
        self._folder = folder
        self._keep = keep_names
        self._taken: set[Path] = set()
        self._one_at_a_time = Lock()

    def reserve(self, path: Path) -> None:
        """Give nobody this name: it is that of an earlier copy."""
        with self._one_at_a_time:
            self._taken.add(path)

    def target(self, job: Job, info: MediaInfo) -> Path:
        """The path of an output; distinct from all others of this run, and free where the name is ours to choose."""
        with self._one_at_a_time:
            return self._choose(job, info)

    def _choose(self, job: Job, info: MediaInfo) -> Path:
        folder = job.source.parent if self._folder is None else self._folder / job.below
        ending = OUTPUT_MARK + suffix(info)
        stem = job.source.stem
        if not self._keep and stamped(job.source.name):
            names = (f"{NEUTRAL}-{number}" for number in count(1))
            target = next(p for n in names if (p := folder / (n + ending)) not in self._taken and not p.exists())
        else:
            # The same stem twice in one run: a phone's x.heic beside its x.jpg.
            names = (stem if number == 1 else f"{stem}-{number}" for number in count(1))
            target = next(p for n in names if (p := folder / (n + ending)) not in self._taken)
        self._taken.add(target)
        return target
