"""The way of one long film through the pool: finds in all parts at once, covers all pieces at once, proves the whole.

It is ``pipeline`` once more, with every step of it a call to some worker; what a step takes and gives is plain values.
A step whose worker dies is done again by another; a film of which too much is lost at once is begun anew.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial
from secrets import token_hex
from typing import Any, TypeVar

from kerchief.errors import InputRefused, OutputError
from kerchief.find.watch import Watched
from kerchief.pipeline import TRY_AGAIN, Rendered, in_rounds
from kerchief.plan.model import Plan, Track
from kerchief.ports import MediaInfo, Phase, Progress
from kerchief.prove.verify import Verification
from kerchief.scale.cluster.chunks import ChunkLost, Stored
from kerchief.scale.cluster.pool import Pool, WorkerLost
from kerchief.scale.films.footage import Copy, Draft, Footage, Timed
from kerchief.scale.films.seams import Part, Piece, Unlike, parts_of
from kerchief.scale.ledger.ledger import Begun
from kerchief.scale.tasks import Failed, Finished, Task
from kerchief.settings import Settings

K = TypeVar("K")
P = TypeVar("P", Part, Piece)

#: So often a step is done whose worker dies.
TRIES = 3


class WholeFilm(Exception):
    """A film that is not to be taken to pieces, or can't be: it is redacted like a photo."""


@dataclass(frozen=True, slots=True, eq=False)
class _Covered:
    """A piece as it was covered, and by what plan."""

    plan: Plan
    stored: Stored


class FilmInPieces:
    """One film.

    Args:
        task: what is to be done.
        pool: of workers.
        progress: told how far it is.
    """

    def __init__(self, task: Task, pool: Pool, progress: Progress | None = None) -> None:
        self._task, self._pool, self._progress = task, pool, progress
        self._seconds = 0.0

    def redact(self, begun: Begun, settings: Settings) -> Finished | Failed:
        """The way from the original to the published copy.

        Args:
            begun: what earlier tries have left.
            settings: what the user chose.

        Raises:
            WholeFilm: it has but one part, or its frames are not those that its container told.
            WorkerLost: too many workers died.
            KerchiefError: what ``pipeline.redact`` raises before there is a copy.
        """
        film = self._step(Footage, "survey", self._task.source)
        parts = self._parts(film) if self._pool.size > 1 else ()
        if len(parts) < 2:
            raise WholeFilm
        earlier = self._again(object, lambda: self._pool.submit("prepare", self._task, begun, film.film))
        if isinstance(earlier, Finished | Failed):
            return earlier
        try:
            plan = self._plan(film, parts)
            rendered, copy = self._render(film, parts, plan, settings.rounds)
        except Unlike:
            raise WholeFilm from None
        draft = Draft(film.film, rendered, copy, self._seconds)
        finished = self._again(object, lambda: self._pool.submit("finish", self._task, begun, plan, draft))
        assert isinstance(finished, Finished | Failed)
        return finished

    def _plan(self, film: Footage, parts: Sequence[Part]) -> Plan:
        seen = self._all(Watched, Phase.LOOKING, parts, lambda part: self._begin("watch", film.film, part))
        return self._step(Plan, "plan", film, list(zip(parts, seen, strict=True)))

    def _render(self, film: Footage, parts: Sequence[Part], plan: Plan, rounds: int) -> tuple[Rendered, Copy]:
        """Cover it and look at the copy, until nothing shows; and the copy."""
        pieces = _pieces(parts, plan)
        covered: dict[Piece, _Covered] = {}
        copies: list[Copy] = []

        def once(plan: Plan) -> tuple[MediaInfo, Verification]:
            copies[:] = [self._covered(film, plan, pieces, covered)]
            return self._checked(film, copies[0], plan)

        return in_rounds(film.info, plan, once, rounds), copies[0]

    def _covered(self, film: Footage, plan: Plan, pieces: Sequence[Piece], before: dict[Piece, _Covered]) -> Copy:
        """A copy; pieces in which the last round has added nothing are those of the round before."""
        plans = {piece: _within(plan, piece) for piece in pieces}
        anew = [piece for piece in pieces if piece not in before or before[piece].plan != plans[piece]]

        def cover(piece: Piece) -> Future[Stored]:
            return self._keep("cover", film.film, plans[piece], piece)

        came = self._all(Stored, Phase.COVERING, anew, cover)
        before |= {piece: _Covered(plans[piece], stored) for piece, stored in zip(anew, came, strict=True)}
        together = [(piece, before[piece].stored) for piece in pieces]
        joined = self._again(Stored, lambda: self._keep("join", film.film, _within(plan, None), together))
        return Copy(token_hex(8), joined)

    def _checked(self, original: Footage, copy: Copy, plan: Plan) -> tuple[MediaInfo, Verification]:
        """What was read back of a copy, and what the look at it found.

        Raises:
            OutputError: it can't be read back.
        """
        try:
            return self._looked_at(original, copy, plan)
        except InputRefused as error:
            problem = f"the output can't be read back ({error.problem})"
            raise OutputError(self._task.output, problem, TRY_AGAIN) from error

    def _looked_at(self, original: Footage, copy: Copy, plan: Plan) -> tuple[MediaInfo, Verification]:
        film = self._step(Footage, "survey_copy", copy)
        sha256, parts = film.film.sha256, self._parts(film)

        def look(part: Part) -> Future[Timed]:
            return self._begin("look", copy, sha256, _within(plan, part.read), part)

        seen = list(zip(parts, self._all(Watched, Phase.CHECKING, parts, look), strict=True))
        check = self._step(Verification, "verify", copy, sha256, plan, film.survey.times, seen)
        if not _are_at_the_same_times(original, film):
            check = replace(check, faults=(*check.faults, "frames are shown at other times"))
        return film.info, check

    def _parts(self, film: Footage) -> tuple[Part, ...]:
        return parts_of(film.survey, film.info.time_base, film.step, self._pool.size)

    def _begin(self, step: str, *args: object) -> Future[Timed]:
        return self._pool.submit("film", step, *args)

    def _keep(self, step: str, *args: object) -> Future[Stored]:
        return self._pool.keep("film_chunks", step, *args)

    def _step(self, kind: type[K], step: str, *args: object) -> K:
        """What a step comes to, which is of some kind."""
        return self._again(kind, lambda: self._begin(step, *args))

    def _all(self, kind: type[K], phase: Phase, of: Sequence[P], begin: Callable[[P], Future[Any]]) -> list[K]:
        """The same for each part or piece, side by side."""
        # Each step holds on to what it is for, also when it is begun again.
        steps = [partial(begin, one) for one in of]
        running = [step() for step in steps]
        came = []
        done, total = 0, sum(_frames(one) for one in of)
        for one, step, future in zip(of, steps, running, strict=True):
            if self._progress is not None:
                self._progress(phase, done, total)
            came.append(self._again(kind, step, future))
            done += _frames(one)
        return came

    def _again(self, kind: type[K], begin: Callable[[], Future[Any]], future: Future[Any] | None = None) -> K:
        """What a step comes to, though workers may die of it."""
        for left in reversed(range(TRIES)):
            try:
                came = (future or begin()).result()
            except ChunkLost:
                raise WorkerLost from None  # another try would miss it too: the film is begun anew
            except WorkerLost:
                if not left:
                    raise
                future = None
            else:
                self._seconds += came.seconds if isinstance(came, Timed | Stored) else 0.0
                value = came.value if isinstance(came, Timed) else came
                assert isinstance(value, kind)
                return value
        raise AssertionError


def _pieces(parts: Sequence[Part], plan: Plan) -> tuple[Piece, ...]:
    """What is covered by itself; a mosaic has the colours of its track's first frame, so it needs the whole film."""
    if plan.style.name.erases:
        return tuple(part.own for part in parts)
    return (Piece(0, parts[-1].own.last, 0, None),)


def _within(plan: Plan, piece: Piece | None) -> Plan:
    """The plan with what is covered in a piece alone, or with nothing: it may be long, and goes to every worker."""
    tracks = [track for track in plan.tracks if piece is not None and _reaches(track, piece)]
    return plan.model_copy(update={"tracks": tuple(tracks)})


def _reaches(track: Track, piece: Piece) -> bool:
    begins_before_its_end = piece.end is None or track.keyframes[0].pts < piece.end
    return begins_before_its_end and track.keyframes[-1].pts >= piece.start


def _are_at_the_same_times(original: Footage, copy: Footage) -> bool:
    """Whether frame after frame is shown when it was."""
    one, other = (Fraction(*film.info.time_base) for film in (original, copy))
    return [time * one for time in original.survey.times] == [time * other for time in copy.survey.times]


def _frames(of: Part | Piece) -> int:
    piece = of.own if isinstance(of, Part) else of
    return piece.last - piece.first
