"""The worklog of a watched folder, asked without being held in memory: it may be of years."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress
from pathlib import Path
from threading import Lock

from pydantic import ValidationError

from kerchief.batch.worklog import Entry, append, cannot_read, read


class Log:
    """The log on the disk.

    Args:
        path: where; made when the first entry is added.
        output: folder of the copies. What the log tells of others is of no account here: nobody looks after them.
    """

    def __init__(self, path: Path, output: Path) -> None:
        self._path, self._output = path, output
        self._one_at_a_time = Lock()
        self._places: dict[str, list[int]] = {}

    def recall(self, sources: Collection[Path]) -> set[Path]:
        """Read all of the log once, and remember where it speaks of these files, until they are asked for.

        Returns:
            Those that it speaks of.

        Raises:
            OutputError: it can't be read, or is no worklog.
        """
        names = {str(source.absolute()): source for source in sources}
        for start, entry in read(self._path):
            if entry.source in names:
                self._places.setdefault(entry.source, []).append(start)
        return {names[name] for name in self._places}

    def entries(self, source: Path, source_sha256: str, settings: str) -> tuple[Entry, ...]:
        """All entries of a file as it is now that were made with these settings and name a copy in the output folder.

        The last one comes first.

        Raises:
            OutputError: the log can't be read.
        """
        name, needle = str(source.absolute()), source_sha256.encode()
        with self._one_at_a_time:
            lines = self._lines(self._places.pop(name, None), needle)
        found = []
        for line in reversed(lines):
            try:
                entry = Entry.model_validate_json(line)
            except ValidationError:
                continue
            is_of_it = (entry.source, entry.source_sha256, entry.settings) == (name, source_sha256, settings)
            if is_of_it and _is_below(Path(entry.output), self._output):
                found.append(entry)
        return tuple(found)

    def add(self, entry: Entry) -> None:
        """Append an entry and wait until the disk has it.

        Raises:
            OutputError: the disk is full or fails.
        """
        with self._one_at_a_time:
            append(self._path, entry)

    def _lines(self, places: list[int] | None, needle: bytes) -> list[bytes]:
        """The lines at these places; where none are remembered, all lines are searched: some 50 ms for 100,000."""
        try:
            with self._path.open("rb") as file:
                if places is None:
                    return [line for line in file if needle in line]
                lines = []
                for place in places:
                    file.seek(place)
                    lines.append(file.readline())
                return lines
        except FileNotFoundError:
            return []
        except OSError as error:
            raise cannot_read(self._path, error) from None


def _is_below(path: Path, folder: Path) -> bool:
    """Whether a path leads through a folder, whichever way that is called, and then only down, links included."""
    for parent in path.parents:
        with suppress(OSError):
            if parent.samefile(folder):
                return True
        if parent.name == "..":
            return False
    return False
