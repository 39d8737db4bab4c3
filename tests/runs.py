"""Made runs: what a ledger would count, without a ledger."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from kerchief.errors import ExitCode
from kerchief.scale.ledger.statistics import EDGES, PARTS, OfKind, OfPass, Reason, Statistics, Without
from kerchief.scale.report.document import Pass
from kerchief.scale.tasks import State
from kerchief.settings import Settings

STARTED = 1_700_000_000.0
BINS = len(EDGES) - 1


@dataclass
class Told:
    """Says what it was given, as a ledger does, and what it was asked for."""

    counted: Statistics
    refusals: tuple[Without, ...] = ()
    asked: tuple[float, float] | None = None
    taken: int = 0

    def statistics(self, since: float, until: float) -> Statistics:
        self.asked = since, until
        return self.counted

    def without(self) -> Iterator[Without]:
        for one in self.refusals:
            self.taken += 1
            yield one


def of_kind(kind: str, files: int, **more: object) -> OfKind:
    """Copies of one kind that took from 1 to 10 seconds."""
    values: dict[str, object] = {
        "frames": files,
        "size": 3_000_000 * files,
        "covered": 4 * files,
        "again": 0,
        "added": 0,
        "with_doubtful": 0,
        "doubtful": 0,
        "seconds": 2.0 * files,
        "median": 1.5,
        "slow": 6.0,
        "longest": 9.0,
        "histogram": tuple(files if n == 21 else 0 for n in range(BINS)),
    }
    return OfKind(kind=kind, files=files, **(values | more))  # type: ignore[arg-type]


def refused(number: int, code: ExitCode, problem: str, source: str | None = None, tries: int = 1) -> Without:
    state = State.SET_ASIDE if code is ExitCode.UNEXPECTED else State.REFUSED
    return Without(source or f"/in/{number}.jpg", state, code, problem, "Do this.", tries)


def a_pass(seconds: float = 7200.0, workers: int = 4, **more: object) -> Pass:
    values: dict[str, object] = {"sources": ("/in",), "output": "/out", "ledger": "/out.ledger.sqlite"}
    values |= {"settings": Settings(), "started": STARTED, "ended": STARTED + seconds, "workers": workers}
    return Pass(**(values | more))  # type: ignore[arg-type]


def with_failures() -> Told:
    """1,000 files: 980 copies, 10 of them by an earlier pass, 12 refused, 3 set aside, 5 left."""
    shows = [refused(n, ExitCode.FACE_SHOWS, "a face still shows") for n in range(5)]
    cut = [refused(n, ExitCode.INPUT_REFUSED, "the file is cut off") for n in range(5, 12)]
    deadly = [refused(n, ExitCode.UNEXPECTED, "the worker ended", tries=3) for n in range(12, 15)]
    photos = of_kind("photo", 970, again=60, added=72, with_doubtful=20, doubtful=23)
    films = of_kind("video", 10, frames=9_000, again=4, added=5, median=100.0, slow=400.0, longest=410.0)
    return Told(
        Statistics(
            files={State.DONE: 980, State.REFUSED: 12, State.SET_ASIDE: 3, State.WAITING: 4, State.TAKEN: 1},
            kinds=(photos, films),
            codes={ExitCode.FACE_SHOWS: 5, ExitCode.INPUT_REFUSED: 7, ExitCode.UNEXPECTED: 3},
            reasons=(
                Reason(State.REFUSED, ExitCode.INPUT_REFUSED, "the file is cut off", "Get it again.", 7),
                Reason(State.REFUSED, ExitCode.FACE_SHOWS, "a face still shows", "Try --margin strict.", 5),
                Reason(State.SET_ASIDE, ExitCode.UNEXPECTED, "the worker ended", "Look at it alone.", 3),
            ),
            this_pass=OfPass(
                files=970,
                frames=9_960,
                size=2_910_000_000,
                failed=15,
                seconds=21_600.0,
                made=(16,) * (PARTS - 1) + (26,),
                lost=(15,) + (0,) * (PARTS - 1),
            ),
        ),
        (*shows, *cut, *deadly),
    )
