"""Which files of a folder are whole, told by what is seen of them from time to time. Pure: the time is handed in.

Nothing is remembered of files that are not in the folder any more.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from kerchief.batch.meant import FILMS
from kerchief.live.folder.stamps import Stamp

#: After each refusal a file must rest for twice as long before it is tried again, so many times: an upload that
#: pauses all the time is not read anew in every pause.
DOUBLINGS = 6
#: A film whose original will be deleted must rest for so many seconds. MPEG-TS and MPEG-PS declare no length, and
#: neither do Matroska and MP4 as cameras write them while they film: half of one that pauses looks whole.
FILM_REST = 60.0
#: A file that rests, but is open for writing, is told of after so many seconds.
HELD_SECONDS = 60.0
#: A copy that could not be written is tried again after so many seconds, then twice as many, and so on.
FIRST_PAUSE, LAST_PAUSE = 10.0, 3600.0


@dataclass(slots=True)
class _Resting:
    """A file that is waited for: what it was seen like, since when, and before when it is not tried."""

    stamp: Stamp
    since: float
    not_before: float = 0.0
    held_since: float | None = None
    is_told: bool = False


@dataclass(slots=True)
class _Trouble:
    """What went wrong with a file so far."""

    refusals: int = 0
    failures: int = 0
    said: set[str] = field(default_factory=set)


class Landing:
    """The files of a folder, and what becomes of them.

    Args:
        settle: a file is whole when it stayed as it is for so many seconds.
        settle_of_films: a film, when it did for so many, if that is more.
    """

    def __init__(self, settle: float, settle_of_films: float = 0.0) -> None:
        self._settle, self._settle_of_films = settle, settle_of_films
        self._resting: dict[Path, _Resting] = {}
        self._at_work: dict[Path, Stamp] = {}
        self._settled: dict[Path, Stamp] = {}
        self._trouble: dict[Path, _Trouble] = {}

    @property
    def waiting(self) -> int:
        """Files that are waited for, or wait."""
        return len(self._resting)

    def see(self, files: Mapping[Path, Stamp], now: float) -> None:
        """Take notice of what is in the folder.

        Args:
            files: all of them. An empty one has not landed yet.
            now: seconds.
        """
        for known in (self._resting, self._settled, self._trouble):
            for path in [path for path in known if path not in files]:
                del known[path]
        for path, stamp in files.items():
            if path in self._at_work or self._settled.get(path) == stamp:
                continue
            self._settled.pop(path, None)
            resting = self._resting.get(path)
            if stamp.size == 0:
                self._resting.pop(path, None)
            elif resting is None or resting.stamp != stamp:
                self._resting.pop(path, None)  # it goes to the end
                self._resting[path] = _Resting(stamp, now)

    def whole(self, now: float) -> Iterator[Path]:
        """The files that stayed as they are for long enough, in the order in which they came to be so."""
        for path, resting in list(self._resting.items()):
            if now - resting.since >= self._rest_of(path) and now >= resting.not_before:
                yield path

    def held(self, path: Path, now: float) -> bool:
        """Note that a whole file is open for writing; True, once, when that was so for long."""
        resting = self._resting[path]
        if resting.held_since is None:
            resting.held_since = now
        if resting.is_told or now - resting.held_since < HELD_SECONDS:
            return False
        resting.is_told = True
        return True

    def begin(self, path: Path) -> Stamp:
        """A whole file is worked on from now on; what it looks like."""
        stamp = self._at_work[path] = self._resting.pop(path).stamp
        return stamp

    def done(self, path: Path) -> None:
        """What was begun is done: it is left alone until it changes."""
        self._settled[path] = self._at_work.pop(path)
        self._trouble.pop(path, None)

    def changed(self, path: Path) -> None:
        """What was begun changed, or went, while it was worked on: it is waited for as if it were new."""
        del self._at_work[path]

    def refused(self, path: Path, why: str) -> bool:
        """What was begun can't be done as it is: it is left alone until it changes. Whether that is news."""
        self._settled[path] = self._at_work.pop(path)
        trouble = self._trouble.setdefault(path, _Trouble())
        trouble.refusals += 1
        return _is_news(trouble, why)

    def failed(self, path: Path, why: str, now: float) -> bool:
        """What was begun could not be written: it is tried again after a while. Whether that is news."""
        stamp = self._at_work.pop(path)
        trouble = self._trouble.setdefault(path, _Trouble())
        trouble.failures += 1
        self._resting[path] = _Resting(stamp, now, not_before=now + pause_after(trouble.failures, LAST_PAUSE))
        return _is_news(trouble, why)

    def _rest_of(self, path: Path) -> float:
        trouble = self._trouble.get(path)
        rest = self._settle * (1 << min(trouble.refusals if trouble else 0, DOUBLINGS))
        return max(rest, self._settle_of_films) if path.suffix.lower() in FILMS else rest


def pause_after(failures: int, most: float) -> float:
    """Seconds to wait after so many failures, one at least."""
    return min(FIRST_PAUSE * (1 << min(failures - 1, 20)), most)


def _is_news(trouble: _Trouble, why: str) -> bool:
    is_news = why not in trouble.said
    trouble.said.add(why)
    return is_news
