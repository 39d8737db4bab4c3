"""What ``kerchief redact`` is told besides its settings, whichever engine does it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Orders:
    """What a run is told, besides its settings.

    Attributes:
        paths: files, folders, URLs.
        output: folder or URL for the copies.
        receipts: folder or URL for receipts.
        worklog: file or URL that tells what was done.
        resume: skip what was done.
        keep_names: keep names that a device gave.
        jobs: files at a time.
        gpus: the share of a GPU for each of them.
        json: print JSON lines.
    """

    paths: Sequence[str]
    output: str | None
    receipts: str | None
    worklog: str | None
    resume: bool
    keep_names: bool
    jobs: int | None
    gpus: float
    json: bool
