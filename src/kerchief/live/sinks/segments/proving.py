"""Looks at a segment as at any copy, and covers in it what still shows.

The segment itself is the original of every further round, for the uncovered frames were never stored. Where a sure face
shows after the last round, the frames in which it may be are covered whole: no footage is lost, and nobody is shown.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from kerchief.choices import Codec
from kerchief.errors import OutputError
from kerchief.live.sinks.segments.footage import SUFFIX, Footage
from kerchief.live.sinks.segments.moments import Moment, plan_of, tracks_of
from kerchief.pipeline import Rendered, covered, in_rounds, verify_source, write
from kerchief.plan.edits import add_tracks, changed, next_id
from kerchief.plan.model import Plan
from kerchief.ports import MediaInfo
from kerchief.prove.verify import SURE, Verification
from kerchief.store.publish import draft
from kerchief.tools import Tools

#: After so often all of a segment is covered whole.
MOST_VEILINGS = 3
REPORT_IT = "Please report it."


@dataclass(frozen=True, slots=True, eq=False)
class Proof:
    """A segment in which nothing shows.

    Attributes:
        path: the draft to publish: the segment's own, or another one.
        rounds: how often it was looked at.
        added: things that showed in it and are covered now.
        veiled: frames that are covered whole because a face showed after the last round.
    """

    path: Path
    rounds: int
    added: int
    veiled: int


@contextmanager
def proven(footage: Footage, tools: Tools) -> Iterator[Proof]:
    """The segment, looked at until nothing shows. Another draft, if it takes one, is removed at the end.

    Raises:
        OutputError: the disk is full or fails, or the segment is not as it must be.
        InputRefused: it can't be read back.
    """
    with draft(footage.path.parent, SUFFIX) as other:
        yield _Look(footage, other, tools).proof()


class _Look:
    """The rounds of one segment."""

    def __init__(self, footage: Footage, other: Path, tools: Tools) -> None:
        self._footage, self._other, self._tools = footage, other, tools
        self._settings = changed(tools.settings, codec=Codec.H264)
        self._source = tools.open(footage.path)
        self._first = plan_of(footage.moments, footage.length, self._source.info, tools.settings)
        self._rounds = 0

    def proof(self) -> Proof:
        """Look, cover, look again."""
        done = self._in_rounds(self._first)
        added = len(done.plan.tracks) - len(self._first.tracks)
        veiled: set[int] = set()
        for number in count(1):
            if not done.check.sure:
                break
            all_of_them = {moment.pts for moment in self._footage.moments}
            unsafe = all_of_them if number == MOST_VEILINGS else _unsafe(done.check, all_of_them)
            done = self._in_rounds(self._veiled(done.plan, unsafe - veiled))
            veiled |= unsafe
        self._must_pass(done.check)
        is_as_filmed = len(done.plan.tracks) == len(self._first.tracks)
        return Proof(self._footage.path if is_as_filmed else self._other, self._rounds, added, len(veiled))

    def _in_rounds(self, plan: Plan) -> Rendered:
        done = in_rounds(self._source.info, plan, self._once, self._settings.rounds)
        self._rounds += done.rounds
        return done

    def _once(self, plan: Plan) -> tuple[MediaInfo, Verification]:
        """Look at the segment, covered by what a plan has more than that which it was filmed by."""
        more = plan.tracks[len(self._first.tracks) :]
        path = self._footage.path
        if more:
            path = self._other
            parts = covered(self._tools.film(self._source), self._source, changed(plan, tracks=more), self._settings)
            write(path, parts, self._source.info, self._settings)
        written = self._tools.open(path)
        return written.info, verify_source(written, plan, self._tools)

    def _veiled(self, plan: Plan, times: set[int]) -> Plan:
        """The plan with some frames covered whole."""
        moments = (Moment(m.pts, {}, is_veiled=m.pts in times) for m in self._footage.moments)
        return add_tracks(plan, tracks_of(moments, self._source.info, next_id(plan)))

    def _must_pass(self, check: Verification) -> None:
        wrong = check.metadata + check.faults
        if wrong:
            problem = f"a segment is not as it must be ({', '.join(wrong)})"
            raise OutputError(str(self._footage.path.parent), problem, REPORT_IT)


def _unsafe(check: Verification, times: set[int]) -> set[int]:
    """The frames in which a sure face may show: those where it was seen, and where it was followed to."""
    spans = [(track.keyframes[0].pts, track.keyframes[-1].pts) for track in check.tracks if (track.score or 0) >= SURE]
    seen = {pts for pts, detections in check.bare if any(detection.score >= SURE for detection in detections)}
    return seen | {pts for pts in times if any(start <= pts <= end for start, end in spans)}
