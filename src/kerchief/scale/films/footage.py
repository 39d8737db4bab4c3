"""A worker's part in a film that is shared out: it opens the film, or the copy in the making, and works on a piece.

Every step takes and returns plain values. What is large (covered pieces, the joined copy) goes from worker to worker
as chunks that the cluster keeps, and lies in private folders meanwhile; nothing of it is where copies are published
before it has passed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex
from time import perf_counter
from typing import Any

from kerchief.errors import InputRefused
from kerchief.filming import film_plan, film_step
from kerchief.find.watch import Watched
from kerchief.pipeline import Rendered, must_fit
from kerchief.plan.model import Plan
from kerchief.ports import MediaInfo, MediaKind
from kerchief.prove.verify import Verification
from kerchief.scale.cluster.chunks import Stored, chunks_of, write_chunks
from kerchief.scale.films import piecework
from kerchief.scale.films.seams import Part, Piece, Survey, joined
from kerchief.scale.storage import Place, at_hand
from kerchief.tools import Source, Tools


@dataclass(frozen=True, slots=True)
class Film:
    """An original that several workers open, each by itself: it must be the same for all.

    Attributes:
        url: where it lies.
        sha256: of its bytes.
    """

    url: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Footage:
    """A film, as its driver knows it.

    Attributes:
        film: the original, or a copy by its name.
        info: what it is.
        survey: when the frames are shown of what is kept of it.
        step: frames from one look to the next.
    """

    film: Film
    info: MediaInfo
    survey: Survey
    step: int


@dataclass(frozen=True, slots=True, eq=False)
class Copy:
    """A copy in the making, joined.

    Attributes:
        name: that no other one has.
        stored: its bytes.
    """

    name: str
    stored: Stored


@dataclass(frozen=True, slots=True, eq=False)
class Draft:
    """The copy of a film that was shared out.

    Attributes:
        film: the original.
        rendered: the plan that it follows, and what the look at it found.
        copy: it.
        seconds: of work on it.
    """

    film: Film
    rendered: Rendered
    copy: Copy
    seconds: float


@dataclass(frozen=True, slots=True, eq=False)
class Timed:
    """What a step came to, and the seconds that it took."""

    value: Any
    seconds: float


class Cutter:
    """Works on pieces of films. Keeps the last film and the last copy at hand, for the next piece is often of them.

    Args:
        tools: opened.
        folder: a private folder, made when it is first needed.
    """

    def __init__(self, tools: Tools, folder: Callable[[], Path]) -> None:
        self._tools = tools
        self._folder = folder
        self._films = _AtHand()
        self._copies = _AtHand()

    def close(self) -> None:
        """Put away what is at hand."""
        self._films.close()
        self._copies.close()

    def timed(self, step: str, *args: object) -> Timed:
        """A step by its name."""
        start = perf_counter()
        value = getattr(self, step)(*args)
        return Timed(value, perf_counter() - start)

    def survey(self, url: str) -> Footage:
        """What a film is and when its frames are shown; what is no film has none."""
        source = self._opened(url)
        film = Film(url, source.info.sha256)
        if source.info.kind is not MediaKind.VIDEO:
            return Footage(film, source.info, Survey((), ()), 1)
        return Footage(film, source.info, piecework.survey(source, self._tools), film_step(source.info))

    def watch(self, film: Film, part: Part) -> Watched:
        """What is seen in a part of a film."""
        return piecework.watch_part(self.film(film), part, self._tools)

    def plan(self, film: Footage, seen: Sequence[tuple[Part, Watched]]) -> Plan:
        """The plan for a film whose parts were watched.

        Raises:
            Unlike: its frames are not those of the survey.
            UsageError: a span to mute lies beyond its end.
        """
        plan = film_plan(film.info, joined(film.survey.times, seen), self._tools)
        must_fit(plan, self.film(film.film), self._tools)
        return plan

    def cover(self, film: Film, plan: Plan, piece: Piece) -> Iterator[bytes]:
        """A covered piece of a film, in chunks."""
        draft = self._scratch()
        try:
            piecework.cover_piece(self.film(film), plan, piece, draft, self._tools)
            yield from chunks_of(draft)
        finally:
            draft.unlink(missing_ok=True)

    def join(self, film: Film, plan: Plan, pieces: Sequence[tuple[Piece, Stored]]) -> Iterator[bytes]:
        """The whole copy, in chunks."""
        with ExitStack() as stack:
            drafts = []
            for piece, stored in pieces:
                drafts.append((piece, self._scratch()))
                stack.callback(drafts[-1][1].unlink, missing_ok=True)
                write_chunks(drafts[-1][1], stored.chunks)
            whole = self._scratch()
            stack.callback(whole.unlink, missing_ok=True)
            piecework.join_pieces(self.film(film), plan, drafts, whole, self._tools)
            yield from chunks_of(whole)

    def survey_copy(self, copy: Copy) -> Footage:
        """When the frames of a copy are shown."""
        source = self._copy(copy)
        times, keyframes = self._tools.survey(source)
        return Footage(
            Film(copy.name, source.info.sha256), source.info, Survey(times, keyframes), film_step(source.info)
        )

    def look(self, copy: Copy, sha256: str, plan: Plan, part: Part) -> Watched:
        """What is bare in a part of a copy, which has this digest."""
        return piecework.watch_copy_part(_same(self._copy(copy), sha256), plan, part, self._tools)

    def verify(
        self, copy: Copy, sha256: str, plan: Plan, times: Sequence[int], seen: Sequence[tuple[Part, Watched]]
    ) -> Verification:
        """What is wrong with a copy whose parts were looked at.

        Raises:
            Unlike: its frames are not those of its survey.
        """
        return piecework.verification(_same(self._copy(copy), sha256), plan, joined(times, seen), self._tools)

    def film(self, film: Film) -> Source:
        """A film, opened; a remote one is fetched.

        Raises:
            InputRefused: it is another one by now.
        """
        return _same(self._opened(film.url), film.sha256)

    def put_away(self) -> None:
        """Keep nothing at hand any more."""
        self._films.close()
        self._copies.close()

    def _opened(self, url: str) -> Source:
        def begin(stack: ExitStack) -> Source:
            place = Place(url)
            return self._tools.open(stack.enter_context(at_hand(place, Path() if place.is_local else self._folder())))

        return self._films.of(url, begin)

    def write_copy(self, copy: Copy, path: Path) -> None:
        """Write a copy's bytes into a draft.

        Raises:
            OutputError: the disk is full or fails.
        """
        write_chunks(path, copy.stored.chunks)

    def _copy(self, copy: Copy) -> Source:
        def begin(stack: ExitStack) -> Source:
            path = self._scratch()
            stack.callback(path.unlink, missing_ok=True)
            write_chunks(path, copy.stored.chunks)
            return self._tools.open(path)

        return self._copies.of(copy.name, begin)

    def _scratch(self) -> Path:
        return self._folder() / token_hex(8)


def _same(source: Source, sha256: str) -> Source:
    """A file that must be the one that another worker has opened."""
    if source.info.sha256 != sha256:
        raise InputRefused(str(source.path), "the file changed while it was read", "Run it again.")
    return source


class _AtHand:
    """The file that was opened last, and what is to be put away when another one is wanted."""

    def __init__(self) -> None:
        self._name: str | None = None
        self._source: Source | None = None
        self._stack = ExitStack()

    def of(self, name: str, begin: Callable[[ExitStack], Source]) -> Source:
        """The file of this name; opened if it is another than before."""
        if self._source is None or self._name != name:
            self.close()
            with ExitStack() as stack:
                self._source, self._name = begin(stack), name
                self._stack = stack.pop_all()
        return self._source

    def close(self) -> None:
        """Put it away."""
        self._source = self._name = None
        self._stack.close()
