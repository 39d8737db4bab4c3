"""``kerchief watch FOLDER -o OUT``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kerchief.choices import Codec, Margin
from kerchief.cli.audio import AudioText
from kerchief.cli.options import CodecOption, DetectorPath, Json, MarginOption, Quality, StyleText, settings_from
from kerchief.errors import UsageError

if TYPE_CHECKING:
    from kerchief.live.events import Event
    from kerchief.live.folder.finishing import Finished

#: Files at a time, by default and at most.
JOBS, MOST_JOBS = 2, 64
FOR_GOOD = "Originals will be deleted, and nothing brings them back: each once its copy was checked and is on the disk."


def watch(
    folder: Annotated[str, typer.Argument(help="Folder in which files land; it is searched to the bottom.")],
    *,
    output: Annotated[str, typer.Option("-o", "--output", help="Folder for the copies.")],
    style: StyleText = "veil",
    margin: MarginOption = Margin.STANDARD,
    quality: Quality = 90,
    detector: DetectorPath = None,
    codec: CodecOption = Codec.H264,
    audio: AudioText = "drop",
    receipts: Annotated[Path | None, typer.Option("--receipts", help="Folder for receipts.")] = None,
    worklog: Annotated[
        Path | None,
        typer.Option("--worklog", help="Private log of what was done; by default OUTPUT.worklog.jsonl."),
    ] = None,
    keep_names: Annotated[
        bool, typer.Option("--keep-names", help="Keep names that a camera or messenger gave.")
    ] = False,
    jobs: Annotated[
        int,
        typer.Option("--jobs", min=1, max=MOST_JOBS, help="Files at a time; each takes some 500 MB at 12 megapixels."),
    ] = JOBS,
    every: Annotated[
        float, typer.Option("--every", min=0.1, metavar="SECONDS", help="How often the folder is looked at.")
    ] = 1.0,
    settle: Annotated[
        float,
        typer.Option("--settle", min=0.1, metavar="SECONDS", help="A file is whole when it stayed as it is so long."),
    ] = 2.0,
    delete_original: Annotated[
        bool,
        typer.Option("--delete-original", help="Delete each original, for good, once its copy is on the disk. Asks."),
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Answer what --delete-original asks with yes.")] = False,
    json: Json = False,
) -> None:
    """Cover every photo and film that lands in a folder, as `redact` does, until Ctrl-C."""
    from kerchief.batch.worklog import beside
    from kerchief.cli.bar import progress_bars
    from kerchief.cli.report import say
    from kerchief.live.folder.run import Copying, watch_folder
    from kerchief.live.folder.watching import Watch

    place, out = _folders(folder, output)
    settings = settings_from(style, margin, quality, detector, None, codec, audio)
    if yes and not delete_original:
        raise UsageError("--yes", "answers a question that is not asked", "Add --delete-original, or leave --yes out.")
    if delete_original:
        _must_be_meant(place, is_answered=yes)
    watching = Watch(place, _within(place, out), every, settle, jobs)
    copying = Copying(out, worklog or beside(out), receipts, keep_names, delete_original)
    telling = _Telling(out, in_json=json)
    try:
        with progress_bars("watching") as progress:
            watch_folder(watching, copying, settings, telling.report, telling.tell, progress)
    except KeyboardInterrupt:
        say(f"stopped: {telling.counts}; nothing half-written is left")


class _Telling:
    """Says what came of each file, and counts."""

    def __init__(self, output: Path, *, in_json: bool) -> None:
        self._output, self._in_json = output, in_json
        self._done = self._earlier = self._failed = self._deleted = 0

    def report(self, finished: Finished) -> None:
        """A file: its line of data, or what is wrong with it."""
        from kerchief.cli.report import data, json_line, result_values, say, summary

        result = finished.result
        self._done += result.outcome is not None
        self._earlier += result.earlier is not None
        self._failed += result.error is not None
        self._deleted += finished.is_deleted
        deleted = "; original deleted" if finished.is_deleted else ""
        if self._in_json:
            json_line(result_values(result) | {"original_deleted": finished.is_deleted})
        elif result.outcome:
            data(f"{result.job.source} → {result.outcome.output}: {summary(result.outcome.receipt)}{deleted}")
        elif result.earlier and finished.is_deleted:
            data(f"{result.job.source}: done before, as {result.earlier.output}{deleted}")
        if result.error:
            which = "" if result.error.subject == str(result.job.source) else f"{result.job.source}: "
            say(f"kerchief: {which}{result.error}")
        if finished.kept:
            say(f"kerchief: {result.job.source}: the original was not deleted ({finished.kept})")

    def tell(self, event: Event) -> None:
        """Anything else."""
        from kerchief.cli.report import say

        match event.name:
            case "watching":
                say(f"{event.says}, copies go to {self._output}; Ctrl-C stops")
            case "caught up":
                say(f"{self.counts}; {event.says}")
            case _:
                say(f"kerchief: {event.says}")

    @property
    def counts(self) -> str:
        """What came of all files so far."""
        said = f"{_files(self._done)} done"
        said += f", {self._earlier} done before" if self._earlier else ""
        said += f", {self._failed} failed" if self._failed else ""
        return said + (f", {_files(self._deleted, 'original')} deleted" if self._deleted else "")


def _files(number: int, thing: str = "file") -> str:
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def _folders(folder: str, output: str) -> tuple[Path, Path]:
    """The two folders, which must not be one in the other in the wrong way.

    Raises:
        UsageError.
    """
    for path in (folder, output):
        if "://" in path:
            raise UsageError(path, "is a URL, and only folders are watched", "Name a folder, such as a mounted share.")
    place, out = Path(folder), Path(output)
    if not place.is_dir():
        what = "is no folder" if place.exists() else "does not exist"
        raise UsageError(folder, what, "Name the folder in which files land.")
    if out.exists() and not out.is_dir():
        raise UsageError(output, "is no folder", "Choose another one with -o.")
    if place.resolve().is_relative_to(out.resolve()):
        problem = "is the watched folder" if place.resolve() == out.resolve() else "holds the watched folder"
        raise UsageError(output, problem, "Choose another folder for the copies; it may lie in the watched one.")
    return place, out


def _within(folder: Path, output: Path) -> Path | None:
    """The output folder, said from the watched one on, if it lies in it."""
    inner, outer = output.resolve(), folder.resolve()
    return folder / inner.relative_to(outer) if inner.is_relative_to(outer) else None


def _must_be_meant(folder: Path, *, is_answered: bool) -> None:
    """Deleting is asked about once, at the start.

    Raises:
        UsageError: it is not wanted, or there is nobody to ask.
    """
    from kerchief.cli.report import say

    say(f"{folder}: {FOR_GOOD}")
    if is_answered:
        return
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise UsageError("--delete-original", "asks first, and there is nobody to ask", "Add --yes if it is meant.")
    if not typer.confirm("Delete them?", err=True):
        raise UsageError("--delete-original", "was answered with no", "Leave it out to keep the originals.")
