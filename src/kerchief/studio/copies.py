"""The copies that were exported: what each is called, which plan it follows, and whether it is still ours."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from kerchief.batch.naming import Namer
from kerchief.batch.walk import Job
from kerchief.batch.worklog import Entry, Worklog
from kerchief.pipeline import Outcome
from kerchief.ports import MediaInfo
from kerchief.prove.receipt import encode as encode_receipt
from kerchief.settings import Settings
from kerchief.store.publish import PUBLIC, replace_whole
from kerchief.studio.consent import Shown
from kerchief.studio.saved import file_digest

#: What a copy hangs on besides its plan, which has style and margin.
RENDERING = {"quality", "codec", "audio", "rounds", "detector"}


@dataclass(frozen=True, slots=True)
class Copy:
    """A copy that lies there as it was exported.

    Attributes:
        path: where.
        content: what it follows, as ``Copies.content`` says it.
        shows: what it leaves uncovered.
    """

    path: Path
    content: str
    shows: Shown


class Copies:
    """The output folder, its receipts, and the private log beside it that remembers both after a restart.

    Args:
        folder: where copies go.
        settings: how they are written.
        keep_names: keep names that a device gave.

    Raises:
        OutputError: the log can't be read.
    """

    def __init__(self, folder: Path, settings: Settings, *, keep_names: bool = False) -> None:
        self.folder = folder
        self._rendering = settings.model_dump_json(include=RENDERING)
        self._worklog = Worklog(folder.with_name(f"{folder.name}.worklog.jsonl"))
        self._namer = Namer(folder, keep_names=keep_names)
        for output in self._worklog.outputs:
            self._namer.reserve(_below(folder, Path(output)))

    def content(self, revision: str) -> str:
        """A digest of all that a copy hangs on besides its original."""
        return hashlib.sha256(f"{revision} {self._rendering}".encode()).hexdigest()

    def last(self, job: Job, source_sha256: str) -> Copy | None:
        """The copy that was exported last, if it lies there unchanged."""
        entry = self._worklog.last(job.source, source_sha256)
        if entry is None or not _is_ours(entry):
            return None
        return Copy(_below(self.folder, Path(entry.output)), entry.settings, entry.shows)

    def target(self, job: Job, info: MediaInfo) -> tuple[Path, str | None]:
        """Where a copy goes, and the digest of the one that it replaces, None where there is none.

        A file goes where it went before; what lies there now and is not ours is never replaced.
        """
        entry = self._worklog.last(job.source, info.sha256)
        if entry is None:
            return self._namer.target(job, info), None
        return _below(self.folder, Path(entry.output)), entry.output_sha256

    def add(self, job: Job, outcome: Outcome, revision: str, shows: Shown) -> Copy:
        """Write the receipt, and down what was exported.

        Raises:
            OutputError: the disk is full or fails.
        """
        replace_whole(self._receipt(outcome.output), encode_receipt(outcome.receipt), PUBLIC)
        content = self.content(revision)
        entry = Entry(
            source=str(job.source.absolute()),
            source_sha256=outcome.plan.media.sha256,
            settings=content,
            output=str(outcome.output.absolute()),
            output_sha256=outcome.receipt.output.sha256,
            covered=outcome.receipt.applied.covered,
            shown=outcome.receipt.applied.shown,
            rounds=outcome.receipt.checked.rounds,
            shows=shows,
        )
        self._worklog.add(entry)
        return Copy(outcome.output, content, shows)

    def receipt(self, copy: Copy) -> bytes | None:
        """The receipt of a copy, as it was written; None if it is gone."""
        try:
            return self._receipt(copy.path).read_bytes()
        except OSError:
            return None

    def name(self, copy: Copy) -> str:
        """The name of a copy, below the output folder."""
        return (
            copy.path.relative_to(self.folder).as_posix() if copy.path.is_relative_to(self.folder) else str(copy.path)
        )

    def _receipt(self, output: Path) -> Path:
        """Named by the copy alone; the folder structure is that of the copies."""
        below = output.parent.relative_to(self.folder) if output.is_relative_to(self.folder) else Path()
        return self.folder / "receipts" / below / f"{output.name}.receipt.json"


def _is_ours(entry: Entry) -> bool:
    try:
        return file_digest(Path(entry.output)) == entry.output_sha256
    except OSError:
        return False


def _below(folder: Path, output: Path) -> Path:
    """The same path, said from the folder on as the user named it."""
    absolute = folder.absolute()
    return folder / output.relative_to(absolute) if output.is_relative_to(absolute) else output
