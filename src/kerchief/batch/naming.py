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


def name_of(job: Job, info: MediaInfo, number: int, *, keep_names: bool) -> str:
    """The name of an output without its folder: the first that it may have, or a further one.

    Args:
        job: the original.
        info: what it is.
        number: 1 for the first.
        keep_names: keep a name that a device gave.
    """
    if is_replaced(job, keep_names=keep_names):
        stem = f"{NEUTRAL}-{number}"
    else:
        # The same stem twice in one run: a phone's x.heic beside its x.jpg.
        stem = job.source.stem if number == 1 else f"{job.source.stem}-{number}"
    return stem + OUTPUT_MARK + suffix(info)


def is_replaced(job: Job, *, keep_names: bool) -> bool:
    """Whether an output has a neutral name in place of its original's."""
    return not keep_names and stamped(job.source.name) is not None


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
        is_ours = is_replaced(job, keep_names=self._keep)
        names = (name_of(job, info, number, keep_names=self._keep) for number in count(1))
        paths = (folder / name for name in names)
        target = next(path for path in paths if path not in self._taken and not (is_ours and path.exists()))
        self._taken.add(target)
        return target
