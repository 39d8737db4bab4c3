"""What each file is called on the page, and where its plan lies."""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from kerchief.batch.walk import Job
from kerchief.studio.messages import sayable


def names_of(jobs: Sequence[Job]) -> list[str]:
    """Each file's folders below the one that was named, and its name; where that is not enough, all that was given."""
    short = [(job.below / job.source.name).as_posix() for job in jobs]
    count = Counter(short)
    return [sayable(name if count[name] == 1 else str(job.source)) for name, job in zip(short, jobs, strict=True)]


def plan_paths(jobs: Sequence[Job], folder: Path | None) -> list[Path]:
    """Where the plan of each file lies.

    Args:
        jobs: the files.
        folder: for all plans; None: each beside its file. In a folder, files of one name get a name of their own each,
            which is the same in every run.
    """
    if folder is None:
        return [job.source.with_name(f"{job.source.name}.plan.json") for job in jobs]
    places = [folder / job.below / job.source.name for job in jobs]
    count = Counter(places)
    marks = (f".{_mark(job.source)}" if count[place] > 1 else "" for place, job in zip(places, jobs, strict=True))
    return [place.with_name(f"{place.name}{mark}.plan.json") for place, mark in zip(places, marks, strict=True)]


def _mark(source: Path) -> str:
    return hashlib.sha256(os.fsencode(source.absolute())).hexdigest()[:8]
