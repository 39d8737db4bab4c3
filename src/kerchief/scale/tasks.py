"""What driver, ledger and workers say to each other about one file: plain frozen values, no open files."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from kerchief.errors import ExitCode, KerchiefError
from kerchief.prove.receipt import Receipt


class State(StrEnum):
    """Where a file of a run is."""

    WAITING = "waiting"
    TAKEN = "taken"
    """A worker has begun."""
    INTENDED = "intended"
    """Its copy has passed and is about to get its name; the ledger holds its digest."""
    DONE = "done"
    REFUSED = "refused"
    """The file's own fault, or the output's; another try is not made in this run."""
    SET_ASIDE = "set aside"
    """Every try ended the worker, or in a fault of kerchief's own."""


@dataclass(frozen=True, slots=True)
class Task:
    """One file to be done.

    Attributes:
        number: its place in the listing, from 1 on; its key in the ledger.
        source: absolute path or URL of the original.
        output: absolute path or URL of the copy, without the ending that the content decides on.
        receipt: the same for its receipt; None: none is written.
        size: of the original, in bytes.
    """

    number: int
    source: str
    output: str
    receipt: str | None
    size: int


@dataclass(frozen=True, slots=True)
class Made:
    """A copy that passed.

    Attributes:
        number: of its task.
        output: absolute path or URL, with its ending.
        source_sha256: of the original's bytes.
        output_sha256: of the copy's bytes.
        output_size: of the copy, in bytes.
        receipt_sha256: of the receipt's bytes; None where none is written.
        kind: "photo", "animation", "pages" or "video".
        frames: how many it has.
        covered: tracks that are covered.
        rounds: how often it was rendered and looked at.
        added: tracks that the looks at the output added.
        doubtful: doubtful faces that showed in the last look; no sure one did.
        seconds: of work on it, the waiting left out; of a film in pieces the sum over its workers.
        is_earlier: whether an earlier try had published it already.
    """

    number: int
    output: str
    source_sha256: str
    output_sha256: str
    output_size: int
    receipt_sha256: str | None
    kind: str
    frames: int
    covered: int
    rounds: int
    added: int
    doubtful: int
    seconds: float
    is_earlier: bool = False


@dataclass(frozen=True, slots=True)
class Failed:
    """Why there is no copy.

    Attributes:
        number: of its task.
        exit_code: the error's.
        problem: what is wrong, without a full stop.
        next_step: what to do about it.
        seconds: of work on it.
    """

    number: int
    exit_code: ExitCode
    problem: str
    next_step: str
    seconds: float = 0.0

    @classmethod
    def of(cls, number: int, error: KerchiefError, seconds: float = 0.0) -> Failed:
        """An error, as it is written down."""
        return cls(number, error.exit_code, error.problem, error.next_step, seconds)


@dataclass(frozen=True, slots=True)
class Finished:
    """A copy that has its name.

    Attributes:
        made: what the ledger keeps of it.
        receipt: what may be shown of it; None where an earlier try had published it.
    """

    made: Made
    receipt: Receipt | None
