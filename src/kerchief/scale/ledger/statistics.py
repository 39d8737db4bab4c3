"""What a ledger tells of its run in numbers, counted where the rows are: of a size that does not hang on the files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from kerchief.errors import ExitCode
from kerchief.scale.tasks import State

#: Where the bins of seconds for a file begin and end: ten to a power of ten, from 10 ms to 100,000 s. The first and the
#: last bin also hold what lies outside.
EDGES = tuple(10 ** (k / 10 - 2) for k in range(71))
#: Parts of equal length into which the time of a pass is divided.
PARTS = 60
#: Reasons that are told apart; those for the most files.
REASONS = 50


@dataclass(frozen=True, slots=True)
class OfKind:
    """The copies of one kind, of all passes.

    Attributes:
        kind: "photo", "animation", "pages" or "video".
        files: how many copies.
        frames: of all of them together.
        size: of their originals, in bytes.
        covered: tracks that are covered.
        again: copies that were rendered and looked at more than once.
        added: tracks that the looks at the output added.
        with_doubtful: copies in which a doubtful face shows.
        doubtful: doubtful faces that show in them.
        seconds: of work on them.
        median: seconds of work on a file; half of them took no longer.
        slow: the same for 95 of 100.
        longest: the same for all.
        histogram: files by seconds of work: a count for each bin between ``EDGES``.
    """

    kind: str
    files: int
    frames: int
    size: int
    covered: int
    again: int
    added: int
    with_doubtful: int
    doubtful: int
    seconds: float
    median: float
    slow: float
    longest: float
    histogram: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Reason:
    """Why some files have no copy; told apart by state, exit code and problem."""

    state: State
    exit_code: ExitCode
    problem: str
    next_step: str
    files: int


@dataclass(frozen=True, slots=True)
class Without:
    """A file that has no copy, and why.

    Attributes:
        source: path or URL of the original.
        state: REFUSED or SET_ASIDE.
        exit_code: of the last try.
        problem: what is wrong, without a full stop.
        next_step: what to do about it.
        attempts: how often it was begun.
        is_by_listing: whether no worker was asked: its name is the reason, or that it has gone.
    """

    source: str
    state: State
    exit_code: ExitCode
    problem: str
    next_step: str
    attempts: int
    is_by_listing: bool = False


@dataclass(frozen=True, slots=True)
class OfPass:
    """What one pass came to, from its start (or that of ``--resume``) until it ended.

    Attributes:
        files: copies that it made.
        frames: of these.
        size: of their originals, in bytes.
        failed: files that it refused or set aside.
        seconds: of work on all of them, failed ones too.
        made: copies in each of ``PARTS`` equal parts of its time.
        lost: refused or set aside files, likewise.
    """

    files: int = 0
    frames: int = 0
    size: int = 0
    failed: int = 0
    seconds: float = 0.0
    made: tuple[int, ...] = (0,) * PARTS
    lost: tuple[int, ...] = (0,) * PARTS


@dataclass(frozen=True, slots=True)
class Statistics:
    """Everything that a report counts.

    Attributes:
        files: in each state; a state without files may be missing.
        kinds: the copies by kind, kinds without copies left out.
        codes: files that have no copy, by exit code.
        reasons: the ``REASONS`` for the most files, from the most on.
        this_pass: of the copies above, and of the failures, those that this pass made.
    """

    files: Mapping[State, int] = field(default_factory=dict)
    kinds: tuple[OfKind, ...] = ()
    codes: Mapping[ExitCode, int] = field(default_factory=dict)
    reasons: tuple[Reason, ...] = ()
    this_pass: OfPass = OfPass()
