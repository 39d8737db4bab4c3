"""What a ledger tells of its run: numbers counted in SQL, and files a page at a time."""

from __future__ import annotations

import sqlite3
from bisect import bisect_right
from dataclasses import dataclass
from math import ceil

from kerchief.errors import ExitCode
from kerchief.scale.ledger.names import shown
from kerchief.scale.ledger.schema import CODES, STATES
from kerchief.scale.ledger.statistics import EDGES, PARTS, REASONS, OfKind, OfPass, Reason, Statistics, Without
from kerchief.scale.tasks import State

DONE = CODES[State.DONE]
PAGE = 1000


@dataclass(frozen=True, slots=True)
class Counts:
    """How many files are where.

    Attributes:
        size: of all their originals, in bytes.
        size_finished: of those that nothing more is done with in this pass.
    """

    waiting: int = 0
    taken: int = 0
    intended: int = 0
    done: int = 0
    refused: int = 0
    set_aside: int = 0
    size: int = 0
    size_finished: int = 0

    @property
    def found(self) -> int:
        """All files."""
        return self.waiting + self.taken + self.intended + self.finished

    @property
    def failed(self) -> int:
        """Those that have no copy."""
        return self.refused + self.set_aside

    @property
    def finished(self) -> int:
        """Those that nothing more is done with in this pass."""
        return self.done + self.failed


def counts(db: sqlite3.Connection) -> Counts:
    """At once, however many files there are: the tables keep count."""
    rows = db.execute("SELECT state, files, size FROM tally").fetchall()
    files = {state: sum(n for code, n, _ in rows if STATES[code] is state) for state in State}
    return Counts(
        waiting=files[State.WAITING],
        taken=files[State.TAKEN],
        intended=files[State.INTENDED],
        done=files[State.DONE],
        refused=files[State.REFUSED],
        set_aside=files[State.SET_ASIDE],
        size=sum(size for _, _, size in rows),
        size_finished=sum(size for code, _, size in rows if code >= DONE),
    )


def statistics(db: sqlite3.Connection, since: float, until: float) -> Statistics:
    """Everything that a report counts; all rows are gone through.

    Args:
        db: the ledger.
        since: Unix time at which this pass began.
        until: and ended.
    """
    files: dict[State, int] = {}
    for code, n in db.execute("SELECT state, files FROM tally WHERE files > 0"):
        files[STATES[code]] = files.get(STATES[code], 0) + n
    codes = db.execute("SELECT exit_code, count(*) FROM file WHERE state > 4 GROUP BY exit_code ORDER BY exit_code")
    return Statistics(
        files=files,
        kinds=_kinds(db),
        codes={ExitCode(code): n for code, n in codes},
        reasons=_reasons(db),
        this_pass=_this_pass(db, since, until),
    )


def without(db: sqlite3.Connection, after: int) -> list[tuple[int, Without]]:
    """The next files after a number that have no copy, with their numbers; in the listing's order, a page at a time."""
    rows = db.execute(
        "SELECT number, source, state, exit_code, problem, next_step, attempts, seconds IS NULL FROM file"
        " WHERE state > 4 AND number > ? ORDER BY number LIMIT ?",
        (after, PAGE),
    )
    return [
        (
            number,
            Without(shown(source), STATES[state], ExitCode(code), problem, next_step, attempts, bool(is_by_listing)),
        )
        for number, source, state, code, problem, next_step, attempts, is_by_listing in rows
    ]


def _kinds(db: sqlite3.Connection) -> tuple[OfKind, ...]:
    rows = db.execute(
        "SELECT kind, count(*), sum(frames), sum(size), sum(covered), sum(rounds > 1), sum(added), sum(doubtful > 0),"
        " sum(doubtful), sum(seconds) FROM file WHERE state = ? GROUP BY kind ORDER BY kind",
        (DONE,),
    ).fetchall()
    kinds = []
    for kind, files, frames, size, covered, again, added, with_doubtful, doubtful, seconds in rows:
        median, slow, longest, histogram = _spread(db, kind, files)
        kinds.append(
            OfKind(
                kind=kind,
                files=files,
                frames=frames,
                size=size,
                covered=covered,
                again=again,
                added=added,
                with_doubtful=with_doubtful,
                doubtful=doubtful,
                seconds=seconds,
                median=median,
                slow=slow,
                longest=longest,
                histogram=histogram,
            )
        )
    return tuple(kinds)


def _spread(db: sqlite3.Connection, kind: str, files: int) -> tuple[float, float, float, tuple[int, ...]]:
    """Seconds that half of a kind's files, 95 of 100 and all of them took at most; and how many took how long."""
    places = [ceil(q * files) for q in (0.5, 0.95, 1)]
    at: dict[int, float] = {}
    histogram = [0] * (len(EDGES) - 1)
    rows = db.execute("SELECT seconds FROM file WHERE state = ? AND kind = ? ORDER BY seconds", (DONE, kind))
    for place, (seconds,) in enumerate(rows, 1):
        histogram[min(max(bisect_right(EDGES, seconds) - 1, 0), len(histogram) - 1)] += 1
        if place in places:
            at[place] = seconds
    median, slow, longest = (at[place] for place in places)
    return median, slow, longest, tuple(histogram)


def _reasons(db: sqlite3.Connection) -> tuple[Reason, ...]:
    rows = db.execute(
        "SELECT state, exit_code, problem, min(next_step), count(*) AS files FROM file WHERE state > 4"
        " GROUP BY state, exit_code, problem ORDER BY files DESC, exit_code, problem LIMIT ?",
        (REASONS,),
    )
    return tuple(Reason(STATES[state], ExitCode(code), *rest) for state, code, *rest in rows)


def _this_pass(db: sqlite3.Connection, since: float, until: float) -> OfPass:
    made, lost = [0] * PARTS, [0] * PARTS
    rows = db.execute(
        "SELECT state, min(?, cast((finished_at - ?) * ? / ? AS INTEGER)) AS part, count(*), coalesce(sum(seconds), 0)"
        " FROM file WHERE state >= ? AND finished_at >= ? GROUP BY state, part",
        (PARTS - 1, since, PARTS, max(until - since, 1e-6), DONE, since),
    ).fetchall()
    for state, part, files, _ in rows:
        (made if state == DONE else lost)[part] += files
    frames, size = db.execute(
        "SELECT coalesce(sum(frames), 0), coalesce(sum(size), 0) FROM file WHERE state = ? AND finished_at >= ?",
        (DONE, since),
    ).fetchone()
    return OfPass(sum(made), frames, size, sum(lost), sum(row[3] for row in rows), tuple(made), tuple(lost))
