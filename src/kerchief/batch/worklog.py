"""The private worklog: what was done with which file. It names originals, so it is private (mode 0600) and opt-in.

One JSON object a line, appended and synced after every file, so that a run that was killed can be taken up again.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from threading import Lock
from typing import Literal

from pydantic import ValidationError

from kerchief.errors import InputRefused, OutputError
from kerchief.pipeline import Outcome
from kerchief.plan.model import Digest, Document, Track
from kerchief.store.publish import PRIVATE, file_digest, sync_folder

CHOOSE = "Choose another place with --worklog."
#: How every line begins.
BEGINNING = b'{"schema_version":"kerchief.worklog/'


class Entry(Document):
    """One finished file; in the log of a review or a watched folder one that was about to be finished.

    Its output may never have come; which of a file's entries holds is then told by what lies there.
    """

    schema_version: Literal["kerchief.worklog/1"] = "kerchief.worklog/1"
    source: str
    """Absolute path of the original."""
    source_sha256: Digest
    settings: Digest
    """Digest of the settings; a run with others does the file again."""
    output: str
    """Absolute path of the copy."""
    output_sha256: Digest
    covered: int
    shown: int
    rounds: int
    receipt_sha256: Digest | None = None
    """Of the receipt that the output got; a run over files does not write it down."""
    shows: tuple[Track, ...] = ()
    """The plan's tracks that the copy leaves uncovered, and where; only a review writes them down."""


class Worklog:
    """Entries of earlier runs, and a way to add to them.

    Args:
        path: the log; made when the first entry is added.

    Raises:
        OutputError: it exists and can't be read, or holds a line that is not ours (a half-written last line of a
            killed run is ignored).
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._one_at_a_time = Lock()
        self._done: dict[tuple[str, str, str], Entry] = {}
        self._of: dict[tuple[str, str], list[Entry]] = {}
        for _, entry in read(path):
            self._remember(entry)

    @property
    def outputs(self) -> tuple[str, ...]:
        """The copies that the log names, in its order."""
        return tuple(dict.fromkeys(entry.output for entries in self._of.values() for entry in entries))

    def entries(self, source: Path, source_sha256: str) -> tuple[Entry, ...]:
        """All entries of a file, the last one first, whatever the settings were."""
        return tuple(reversed(self._of.get((str(source.absolute()), source_sha256), ())))

    def done(self, source: Path, source_sha256: str, settings: str) -> Entry | None:
        """The entry of a file that was finished with these settings and whose output is still there, unchanged."""
        entry = self._done.get((str(source.absolute()), source_sha256, settings))
        if entry is None:
            return None
        try:
            same = file_digest(Path(entry.output)) == entry.output_sha256
        except OSError:
            return None
        return entry if same else None

    def add(self, entry: Entry) -> None:
        """Append an entry and wait until the disk has it.

        Raises:
            OutputError: the disk is full or fails.
        """
        with self._one_at_a_time:
            append(self._path, entry)
        self._remember(entry)

    def _remember(self, entry: Entry) -> None:
        self._done[entry.source, entry.source_sha256, entry.settings] = entry
        self._of.setdefault((entry.source, entry.source_sha256), []).append(entry)


def append(path: Path, entry: Entry) -> None:
    """Append an entry to a log, which is made if there is none, and wait until the disk has it.

    Raises:
        OutputError: the disk is full or fails.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, PRIVATE)
        with os.fdopen(handle, "r+b") as file:
            # A killed run may have left half a line: end it, so that this entry stands on its own.
            size = file.seek(0, os.SEEK_END)
            ends_well = size == 0 or (file.seek(-1, os.SEEK_END), file.read(1))[1] == b"\n"
            file.write((b"" if ends_well else b"\n") + entry.model_dump_json().encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
        if size == 0:
            sync_folder(path.parent)  # the log itself is new
    except OSError as error:
        reason = (error.strerror or "failed").lower()
        raise OutputError(str(path), f"the worklog can't be written ({reason})", CHOOSE) from None


def lying_there(entries: Iterable[Entry]) -> Entry | None:
    """The first of these entries whose output lies there, to the byte; each place is read once."""
    digests: dict[str, str] = {}
    for entry in entries:
        if entry.output not in digests:
            digests[entry.output] = _digest(Path(entry.output))
        if digests[entry.output] == entry.output_sha256:
            return entry
    return None


def entry_of(source: Path, outcome: Outcome, settings: str) -> Entry:
    """The entry of a copy.

    Args:
        source: the original.
        outcome: what came of it.
        settings: digest of all that the copy hangs on besides it.
    """
    return Entry(
        source=str(source.absolute()),
        source_sha256=outcome.plan.media.sha256,
        settings=settings,
        output=str(outcome.output.absolute()),
        output_sha256=outcome.receipt.output.sha256,
        covered=outcome.receipt.applied.covered,
        shown=outcome.receipt.applied.shown,
        rounds=outcome.receipt.checked.rounds,
    )


def beside(folder: Path) -> Path:
    """A log's default place: beside the output folder, so that it is not published with it."""
    whole = folder.absolute()  # "." has no name
    if whole.name == "..":
        whole = whole.resolve()  # only here: a link is called what the user calls it
    return whole.parent / f"{whole.name}.worklog.jsonl"


def must_be_sayable(path: Path) -> None:
    """A log is UTF-8, and so must be the names in it: said before the work, not after it.

    Raises:
        InputRefused: this one, or that of a folder that it lies in, is not.
    """
    name = os.fsencode(path.absolute())
    if name.decode(errors="replace").encode() != name:
        raise InputRefused(str(path), "its name, or its folder's, is not UTF-8 and can't be written down", "Rename it.")


def read(path: Path) -> Iterator[tuple[int, Entry]]:
    """The entries of a log and where in it their lines begin, one by one; none if there is no log.

    Half a line of a killed run is passed over: its file is simply done again.

    Raises:
        OutputError: it can't be read, or holds no line that is ours.
    """
    is_ours, is_other, start = False, False, 0
    try:
        with path.open("rb") as file:
            for line in file:
                try:
                    entry = Entry.model_validate_json(line)
                except ValidationError:
                    is_other = is_other or not _is_half(line)
                else:
                    is_ours = True
                    yield start, entry
                start += len(line)
    except FileNotFoundError:
        return
    except OSError as error:
        raise cannot_read(path, error) from None
    if is_other and not is_ours:
        raise OutputError(str(path), "is not a worklog of kerchief", CHOOSE)


def _is_half(line: bytes) -> bool:
    """Whether a line is what a killed run leaves of its first entry."""
    return not line.endswith(b"\n") and BEGINNING.startswith(line[: len(BEGINNING)])


def cannot_read(path: Path, error: OSError) -> OutputError:
    """The error for a log that can't be read."""
    return OutputError(str(path), f"the worklog can't be read ({(error.strerror or 'failed').lower()})", CHOOSE)


def _digest(path: Path) -> str:
    """SHA-256 of a file; empty where none can be read."""
    try:
        return file_digest(path) if path.is_file() else ""
    except OSError:
        return ""
