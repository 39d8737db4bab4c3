"""The copies that were exported: what each is called, which plan it follows, and whether it is still ours."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from kerchief.batch.naming import Namer
from kerchief.batch.walk import Job
from kerchief.batch.worklog import Entry, Worklog, beside, entry_of, lying_there, must_be_sayable
from kerchief.errors import OutputError
from kerchief.pipeline import Outcome
from kerchief.plan.edits import changed
from kerchief.ports import MediaInfo
from kerchief.prove.receipt import encode as encode_receipt
from kerchief.settings import Settings
from kerchief.store.publish import draft, fill, holds, publish
from kerchief.studio.desk.consent import Shown
from kerchief.studio.messages import sayable

#: What a copy hangs on besides its plan, which has style and margin.
RENDERING = {"quality", "codec", "audio", "rounds", "detector"}

MOVE_AWAY = "Move it away, or choose another folder with -o. kerchief overwrites nothing."


@dataclass(frozen=True, slots=True)
class Copy:
    """A copy that lies there as it was exported.

    Attributes:
        path: where.
        content: what it follows, as ``Copies.content`` says it.
        shows: what it leaves uncovered.
        receipt: SHA-256 of its receipt.
    """

    path: Path
    content: str
    shows: Shown
    receipt: str | None


class Copies:
    """The output folder, its receipts, and the private log beside it that remembers both after a restart.

    Args:
        folder: where copies go.
        settings: how they are written.
        keep_names: keep names that a device gave.

    Raises:
        OutputError: the log can't be read.
        InputRefused: the folder's name can't be written down.
    """

    def __init__(self, folder: Path, settings: Settings, *, keep_names: bool = False) -> None:
        self.folder = folder
        self._rendering = settings.model_dump_json(include=RENDERING)
        self._worklog = Worklog(beside(folder))
        must_be_sayable(self.folder)
        self._chosen: dict[Path, Path] = {}
        self._namer = Namer(folder, keep_names=keep_names)
        for output in self._worklog.outputs:
            self._namer.reserve(_below(folder, Path(output)))

    def content(self, revision: str) -> str:
        """A digest of all that a copy hangs on besides its original."""
        return hashlib.sha256(f"{revision} {self._rendering}".encode()).hexdigest()

    def last(self, job: Job, source_sha256: str) -> Copy | None:
        """The copy that was exported last, if it lies there unchanged."""
        entry = lying_there(self._worklog.entries(job.source, source_sha256))
        return None if entry is None else self._copy(entry)

    def target(self, job: Job, info: MediaInfo) -> tuple[Path, str | None]:
        """Where a copy goes, and the digest of the one that it replaces, None where there is none.

        A file goes where it went before; what lies there now and is not ours is never replaced.

        Raises:
            OutputError: a receipt that is not ours lies where the copy's would.
        """
        entries = self._worklog.entries(job.source, info.sha256)
        if not entries:
            target = self._chosen.get(job.source) or self._namer.target(job, info)
            self._chosen[job.source] = target  # the next try has the same name
            self._earlier_receipt(target, ())
            return target, None
        target = _below(self.folder, Path(entries[0].output))
        self._earlier_receipt(target, entries)
        there = lying_there(entry for entry in entries if entry.output == entries[0].output)
        return target, there.output_sha256 if there else None

    def announce(self, job: Job, outcome: Outcome, revision: str, shows: Shown) -> Copy:
        """Write down what a copy will be, before it is one: none is ever there that the log does not know.

        Raises:
            OutputError: the disk is full or fails.
        """
        receipt = hashlib.sha256(encode_receipt(outcome.receipt)).hexdigest()
        entry = entry_of(job.source, outcome, self.content(revision))
        entry = changed(entry, receipt_sha256=receipt, shows=shows)
        self._worklog.add(entry)
        return self._copy(entry)

    def add_receipt(self, job: Job, outcome: Outcome) -> None:
        """Write the receipt of a copy, in the place of that of the copy before it.

        Raises:
            OutputError: one that is not ours lies there, or the disk is full or fails.
        """
        target = self._receipt(outcome.output)
        earlier = self._earlier_receipt(outcome.output, self._worklog.entries(job.source, outcome.plan.media.sha256))
        with draft(target.parent) as path:
            fill(path, encode_receipt(outcome.receipt))
            publish(path, target, replaces=earlier)

    def receipt(self, copy: Copy) -> bytes | None:
        """The receipt of a copy, as it was written; None if it is gone, or is another one's."""
        try:
            data = self._receipt(copy.path).read_bytes()
        except OSError:
            return None
        return data if hashlib.sha256(data).hexdigest() == copy.receipt else None

    def name(self, copy: Copy) -> str:
        """The name of a copy, below the output folder."""
        is_below = copy.path.is_relative_to(self.folder)
        return sayable(copy.path.relative_to(self.folder).as_posix() if is_below else str(copy.path))

    def _copy(self, entry: Entry) -> Copy:
        return Copy(_below(self.folder, Path(entry.output)), entry.settings, entry.shows, entry.receipt_sha256)

    def _earlier_receipt(self, output: Path, entries: Iterable[Entry]) -> str | None:
        """The digest of our own receipt that lies where a copy's goes; None: nothing does."""
        path = self._receipt(output)
        if not (path.exists() or path.is_symlink()):
            return None
        digests = {entry.receipt_sha256 for entry in entries if entry.output == str(output.absolute())}
        found = next((digest for digest in digests if digest is not None and holds(path, digest)), None)
        if found is None:
            raise OutputError(str(path), "exists already, and is no receipt of this copy", MOVE_AWAY)
        return found

    def _receipt(self, output: Path) -> Path:
        """Named by the copy alone; the folder structure is that of the copies."""
        below = output.parent.relative_to(self.folder) if output.is_relative_to(self.folder) else Path()
        return self.folder / "receipts" / below / f"{output.name}.receipt.json"


def _below(folder: Path, output: Path) -> Path:
    """The same path, said from the folder on as the user named it."""
    absolute = folder.absolute()
    return folder / output.relative_to(absolute) if output.is_relative_to(absolute) else output
