"""What came of a run, ``kerchief.run/1``: counts, what the checks saw, what was refused and why, and how fast it went.

It names originals, so it is as private as they are. Its size does not hang on the number of files.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import Literal, Protocol

from pydantic import AwareDatetime, Field

from kerchief.errors import ExitCode
from kerchief.plan.model import Document
from kerchief.ports import MediaKind
from kerchief.prove.figures import Figures
from kerchief.prove.stats import Interval, Rate
from kerchief.scale.ledger import statistics
from kerchief.scale.ledger.statistics import EDGES, PARTS, OfKind, OfPass, Statistics, Without
from kerchief.scale.tasks import State
from kerchief.settings import Settings
from kerchief.store.figures import shipped_figures
from kerchief.version import __version__

#: So many files without a copy are listed; the ledger has them all.
LISTED = 10_000
SCHEMA: Literal["kerchief.run/1"] = "kerchief.run/1"
MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True)
class Pass:
    """One go at a run, as the driver knows it.

    Attributes:
        sources: what was named to be redacted.
        output: where the copies are.
        ledger: where the ledger is.
        settings: of the run.
        workers: that worked at the same time.
        started: Unix seconds.
        ended: the same; after the last file of the pass was recorded.
        left_out: files in folders that are neither pictures nor films.
        outputs: files in folders that are kerchief's own outputs.
        is_listed: whether the listing had ended; else there may be more files than are counted.
    """

    sources: tuple[str, ...]
    output: str
    ledger: str
    settings: Settings
    workers: int
    started: float
    ended: float
    left_out: int = 0
    outputs: int = 0
    is_listed: bool = True


class Counted(Protocol):
    """What a report asks of a ledger."""

    def statistics(self, since: float, until: float) -> Statistics:
        """Of all passes, and of the one between these Unix seconds."""
        ...

    def without(self) -> Iterator[Without]:
        """Files that have no copy, in the order of the listing."""
        ...


class Files(Document):
    """How many files are where."""

    total: int
    done: int
    """Have a copy that passed the check."""
    earlier: int
    """Of these, copies that earlier passes made."""
    refused: int
    set_aside: int
    left: int
    """Not done yet."""
    left_out: int
    """Beside the total: in folders, but neither pictures nor films."""
    outputs: int
    """Beside the total: kerchief's own outputs."""
    is_listed: bool
    """Whether the listing had ended; else there may be more files than the total."""


class Share(Document):
    """So many of so many files, and the interval that holds the true rate 95 times in 100, if each stood for itself."""

    rate: Rate
    interval: Interval
    """The rate again as numbers, with its ends (Clopper and Pearson)."""

    @classmethod
    def of(cls, happened: int, files: int) -> Share:
        """The share of the files to which something happened."""
        rate = Rate(k=happened, n=files)
        return cls(rate=rate, interval=Interval(value=rate.share, low=rate.low, high=rate.high))


class Missed(Document):
    """What was measured of this version, not in this run: faces that are found neither at first nor by the check."""

    kind: Literal["photos", "films"]
    of: str
    """What it was measured on."""
    exposed: Rate
    """Of labelled faces in photos; of people in films, of whom any frame exposes the face."""


class Checked(Document):
    """What the looks at the finished copies saw."""

    exposed: Rate
    """Copies that were published with a face showing that the check is sure of: 0, for such a copy is refused."""
    exposed_below: float
    """What that rate lies below with 95 % confidence (one-sided)."""
    again: Share
    """Copies for which one round was not enough: the check found what the first looks had not, at whatever score."""
    added: int
    """Tracks that the check added, and that are covered since."""
    doubtful: Share
    """Copies in which something shows that might be a face; look at them."""
    doubtful_faces: int
    """How many in all of them together."""
    still_shows: Share
    """Files refused since a sure face showed after the last round (exit code 10), of these and the copies."""
    missed: tuple[Missed, ...]


class Histogram(Document):
    """Files by seconds of work."""

    edges: tuple[float, ...]
    """Where bins begin and end; one more than bins. The bin that begins at 0.01 s also holds what took less."""
    files: tuple[int, ...]


class Kind(Document):
    """The copies of one kind, of all passes."""

    kind: MediaKind
    files: int
    frames: int
    size_bytes: int
    """Of their originals."""
    covered: int
    seconds: float
    """Of work on them, summed over the workers."""
    median: float
    """Seconds of work on a file that half of them took at most."""
    slow: float
    """The same for 95 of 100."""
    longest: float
    histogram: Histogram


class Reason(Document):
    """Why some files have no copy."""

    state: State
    exit_code: ExitCode
    problem: str
    next_step: str
    files: int


class Refused(Document):
    """A file that has no copy, and why."""

    file: str
    state: State
    exit_code: ExitCode
    problem: str
    next_step: str
    attempts: int


class Speed(Document):
    """How fast this pass was. Rates are of copies that it made, by the time from its start to its end."""

    wall_seconds: float
    workers: int
    files: int
    frames: int
    size_bytes: int
    """Of the originals of these copies."""
    failed: int
    work_seconds: float
    """Summed over the workers; work on files that failed counts too."""
    files_per_second: float
    frames_per_second: float
    megabytes_per_second: float
    """Of 1,000,000 bytes of originals."""
    efficiency: float
    """Work divided by wall time and workers: 1 where all worked all the time."""
    part_seconds: float
    """Length of each of the equal parts below."""
    made: tuple[int, ...]
    """Copies made in each part of the time."""
    lost: tuple[int, ...]
    """Files refused or set aside in each part."""


class RunReport(Document):
    """What came of a run, at the end of one pass over it."""

    schema_version: Literal["kerchief.run/1"] = Field(default=SCHEMA, alias="schema")
    kerchief: str
    sources: tuple[str, ...]
    output: str
    ledger: str
    settings: Settings
    started: AwareDatetime
    ended: AwareDatetime
    files: Files
    checked: Checked
    kinds: tuple[Kind, ...]
    reasons: tuple[Reason, ...]
    """Those for the most files, from the most on."""
    reasons_unlisted: int
    """Files without a copy for other reasons."""
    refused: tuple[Refused, ...]
    """The first in the order of the listing."""
    refused_unlisted: int
    """Files without a copy that are not listed here; the ledger has them all."""
    speed: Speed


def is_report(data: bytes) -> bool:
    """Whether a file is a report of a run, and not something else of that name."""
    try:
        return bool(json.loads(data)["schema"] == SCHEMA)
    except (ValueError, LookupError, TypeError, RecursionError):
        return False


def report_of(ledger: Counted, this: Pass) -> RunReport:
    """The report of a run whose results are all recorded.

    Args:
        ledger: open; it is only read.
        this: the pass that has just ended.
    """
    counted = ledger.statistics(this.started, this.ended)
    files = _files(counted, this)
    without = files.refused + files.set_aside
    refused = tuple(_refused(one) for one in islice(ledger.without(), LISTED))
    return RunReport(
        kerchief=__version__,
        sources=tuple(map(_sayable, this.sources)),
        output=_sayable(this.output),
        ledger=_sayable(this.ledger),
        settings=this.settings,
        started=datetime.fromtimestamp(this.started, UTC),
        ended=datetime.fromtimestamp(this.ended, UTC),
        files=files,
        checked=_checked(counted, files.done),
        kinds=tuple(map(_kind, counted.kinds)),
        reasons=tuple(map(_reason, counted.reasons)),
        reasons_unlisted=without - sum(one.files for one in counted.reasons),
        refused=refused,
        refused_unlisted=without - len(refused),
        speed=_speed(counted.this_pass, this),
    )


def summary(report: RunReport) -> str:
    """What came of it, in a line."""
    files = report.files
    said = [f"{files.done:,} of {_count(files.total, 'file')} {_have(files.done)} a copy that passed the check"]
    failed = [f"{files.refused:,} refused"] if files.refused else []
    failed += [f"{files.set_aside:,} set aside"] if files.set_aside else []
    said += [", ".join(failed)] if failed else []
    if files.left:
        said.append(f"{files.left:,} not done yet: --resume goes on")
    if not files.is_listed:
        said.append("the listing had not ended: there may be more files")
    return "; ".join(said)


def _files(counted: Statistics, this: Pass) -> Files:
    at = counted.files
    done = at.get(State.DONE, 0)
    return Files(
        total=sum(at.values()),
        done=done,
        earlier=done - counted.this_pass.files,
        refused=at.get(State.REFUSED, 0),
        set_aside=at.get(State.SET_ASIDE, 0),
        left=sum(at.get(state, 0) for state in (State.WAITING, State.TAKEN, State.INTENDED)),
        left_out=this.left_out,
        outputs=this.outputs,
        is_listed=this.is_listed,
    )


def _checked(counted: Statistics, done: int) -> Checked:
    exposed = Rate(k=0, n=done)
    shows = counted.codes.get(ExitCode.FACE_SHOWS, 0)
    return Checked(
        exposed=exposed,
        exposed_below=exposed.bound,
        again=Share.of(sum(one.again for one in counted.kinds), done),
        added=sum(one.added for one in counted.kinds),
        doubtful=Share.of(sum(one.with_doubtful for one in counted.kinds), done),
        doubtful_faces=sum(one.doubtful for one in counted.kinds),
        still_shows=Share.of(shows, done + shows),
        missed=tuple(_missed(shipped_figures()[0], {MediaKind(one.kind) for one in counted.kinds})),
    )


def _missed(figures: Figures, kinds: Iterable[MediaKind]) -> Iterator[Missed]:
    """What was measured of the kinds that the run had, at the defaults."""
    are_films = {kind is MediaKind.VIDEO for kind in kinds}
    if False in are_films and figures.missed:
        yield Missed(kind="photos", of=figures.missed.of, exposed=figures.missed.exposed)
    if True in are_films and figures.films:
        yield Missed(kind="films", of=figures.films.of, exposed=figures.films.exposed)


def _kind(one: OfKind) -> Kind:
    return Kind(
        kind=MediaKind(one.kind),
        files=one.files,
        frames=one.frames,
        size_bytes=one.size,
        covered=one.covered,
        seconds=one.seconds,
        median=one.median,
        slow=one.slow,
        longest=one.longest,
        histogram=_histogram(one.histogram),
    )


def _histogram(files: tuple[int, ...]) -> Histogram:
    """Without the empty bins at either end."""
    held = [n for n, count in enumerate(files) if count]
    first, last = (held[0], held[-1] + 1) if held else (0, 0)
    return Histogram(edges=EDGES[first : last + 1], files=files[first:last])


def _reason(one: statistics.Reason) -> Reason:
    return Reason(
        state=one.state,
        exit_code=one.exit_code,
        problem=_sayable(one.problem),
        next_step=_sayable(one.next_step),
        files=one.files,
    )


def _refused(one: Without) -> Refused:
    return Refused(
        file=_sayable(one.source),
        state=one.state,
        exit_code=one.exit_code,
        problem=_sayable(one.problem),
        next_step=_sayable(one.next_step),
        attempts=one.attempts,
    )


def _speed(done: OfPass, this: Pass) -> Speed:
    wall = max(0.0, this.ended - this.started)
    return Speed(
        wall_seconds=wall,
        workers=this.workers,
        files=done.files,
        frames=done.frames,
        size_bytes=done.size,
        failed=done.failed,
        work_seconds=done.seconds,
        files_per_second=_by(done.files, wall),
        frames_per_second=_by(done.frames, wall),
        megabytes_per_second=_by(done.size / MEGABYTE, wall),
        efficiency=_by(done.seconds, wall * this.workers),
        part_seconds=wall / PARTS,
        made=done.made,
        lost=done.lost,
    )


def _by(value: float, seconds: float) -> float:
    """A rate; 0 where no time went by."""
    return value / seconds if seconds > 0 else 0.0


def _sayable(name: str) -> str:
    """A name as UTF-8 can hold it: bytes that a file system gave in another coding are question marks."""
    return name.encode(errors="replace").decode()


def _have(files: int) -> str:
    return "has" if files == 1 else "have"


def _count(number: int, thing: str) -> str:
    return f"{number:,} {thing}" if number == 1 else f"{number:,} {thing}s"
