"""What waits to be done in the background, in the order in which somebody waits for it."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from threading import Condition

from kerchief.studio.desk.consent import Shown


@dataclass(frozen=True, slots=True)
class Find:
    """Look for faces in a file."""

    file: int


@dataclass(frozen=True, slots=True)
class Export:
    """Render, check and publish a copy that shows these tracks at most, where they are."""

    file: int
    shows: Shown


@dataclass(frozen=True, slots=True)
class Follow:
    """Let a track follow what is under it from a time on."""

    file: int
    track: str
    pts: int


Task = Find | Export | Follow


class Queue:
    """Tasks for several workers. No file is worked on twice at the same time.

    Args:
        finds: files that nobody has looked for faces in, in the order in which that is to be done.
    """

    def __init__(self, finds: Iterable[int]) -> None:
        self._finds: dict[int, None] = dict.fromkeys(finds)
        self._wanted: list[int] = []
        self._exports: dict[int, Export] = {}
        self._follows: deque[Follow] = deque()
        self._busy: dict[int, Task] = {}
        self._changed = Condition()
        self._is_closed = False

    def want(self, file: int) -> None:
        """Somebody looks at this file: before all others, if it waits."""
        with self._changed:
            if file in self._finds:
                self._wanted = [file, *(other for other in self._wanted if other != file)]
                self._changed.notify_all()

    def find(self, file: int) -> None:
        """Look for faces in a file (again)."""
        with self._changed:
            self._finds[file] = None
            self._changed.notify_all()

    def export(self, task: Export) -> None:
        """Export a file; what was asked for last is what counts."""
        with self._changed:
            self._exports[task.file] = task
            self._changed.notify_all()

    def renew(self, task: Export) -> None:
        """Export a file, if that does not wait already: then whoever waits for it is served."""
        with self._changed:
            self._exports.setdefault(task.file, task)
            self._changed.notify_all()

    def follow(self, task: Follow) -> None:
        """Follow a track; asked for twice, it is done once."""
        with self._changed:
            if task not in self._follows:
                self._follows.append(task)
                self._changed.notify_all()

    def take(self, *, only_wanted: bool) -> Task | None:
        """The next task, once there is one; None when all is over.

        Args:
            only_wanted: whether files that nobody looks at are left to others.
        """
        with self._changed:
            while not self._is_closed:
                task = self._next(only_wanted=only_wanted)
                if task is not None:
                    self._busy[task.file] = task
                    return task
                self._changed.wait()
            return None

    def done(self, task: Task) -> None:
        """A task that was taken is over."""
        with self._changed:
            del self._busy[task.file]
            self._changed.notify_all()

    def close(self) -> None:
        """Nothing is given out any more."""
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()

    @property
    def finding(self) -> tuple[int, ...]:
        """Files that wait for a look, or are being looked through."""
        with self._changed:
            return (*self._finds, *(n for n, task in self._busy.items() if isinstance(task, Find)))

    @property
    def exporting(self) -> tuple[int, ...]:
        """Files whose exports wait or run."""
        with self._changed:
            return (*self._exports, *(n for n, task in self._busy.items() if isinstance(task, Export)))

    @property
    def following(self) -> tuple[int, ...]:
        """Files in which a track waits to be followed, or is followed."""
        with self._changed:
            busy = (n for n, task in self._busy.items() if isinstance(task, Follow))
            return (*(follow.file for follow in self._follows), *busy)

    def _next(self, *, only_wanted: bool) -> Task | None:
        for file in self._exports:
            if file not in self._busy:
                self._finds.pop(file, None)
                return self._exports.pop(file)
        for follow in self._follows:
            if follow.file not in self._busy:
                self._follows.remove(follow)
                return follow
        self._wanted = [file for file in self._wanted if file in self._finds]
        for file in self._wanted if only_wanted else (*self._wanted, *self._finds):
            if file not in self._busy:
                del self._finds[file]
                return Find(file)
        return None
