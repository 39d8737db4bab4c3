"""What goes on in the background: looking for faces, following regions, exporting. A file's fault stops no other."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from threading import Lock, Thread

from kerchief.errors import KerchiefError, PlanMismatch, Unexpected
from kerchief.settings import Settings
from kerchief.studio import messages
from kerchief.studio.answers import Stale
from kerchief.studio.desk.consent import shown_in
from kerchief.studio.desk.copies import Copies
from kerchief.studio.desk.desk import Desk
from kerchief.studio.work.bench import Bench
from kerchief.studio.work.chores import Chores
from kerchief.studio.work.pace import Pace
from kerchief.studio.work.tasks import Export, Find, Follow, Queue, Task
from kerchief.tools import Tools

#: Files that are looked through at the same time. One more worker does only what somebody waits for.
AT_ONCE = 2
#: What any file takes, however small it is, in bytes that take as long.
OVERHEAD_BYTES = 500_000
#: So long the workers are waited for at the end, all together.
CLOSE_SECONDS = 10.0
LOOK_AT_SHOWN = "Look at everybody whom it shows now, and confirm it."


class Work:
    """The workers. A context manager: at its end all work is dropped, and nothing half-written is left.

    Args:
        desk: the files.
        copies: where exports go.
        settings: how files are looked through and rendered.
        tell: hears how far it is.
        beside: tools whose networks the workers share; they load their own if not given.
    """

    def __init__(
        self,
        desk: Desk,
        copies: Copies,
        settings: Settings,
        tell: Callable[[messages.WorkChanged], None] = lambda _: None,
        beside: Tools | None = None,
    ) -> None:
        self._desk, self._settings, self._tell = desk, settings, tell
        self._bench = Bench(desk, copies)
        self._chores = Chores(desk, self._bench, copies, self._advanced)
        self._sizes = [_size(desk.file(n).job.source) for n in range(len(desk))]
        # Files with a plan need no look: they are taken up first.
        self._queue = Queue(sorted(range(len(desk)), key=lambda n: not desk.file(n).saved.path.exists()))
        self._pace = Pace()
        self._beside = beside
        self._opened: list[Tools] = []
        self._opening = Lock()
        self._is_closed = False
        self._threads = [
            Thread(target=self._run, args=(n == AT_ONCE,), daemon=True, name=f"work-{n}") for n in range(AT_ONCE + 1)
        ]

    def __enter__(self) -> Work:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the workers; what is at work ends when it next asks its decoder, and leaves nothing.

        One that a disk keeps waiting is not waited for: it ends with the process.
        """
        self._is_closed = True
        self._queue.close()
        with self._opening:
            for tools in self._opened:
                tools.close()
        end = time.monotonic() + CLOSE_SECONDS
        for thread in self._threads:
            thread.join(max(0.0, end - time.monotonic()))

    @property
    def is_busy(self) -> bool:
        """Whether something goes on that somebody asked for: an export or a following waits or runs."""
        return bool(self._queue.exporting or self._queue.following)

    def status(self) -> messages.Work:
        """How far it is."""
        finding, exporting = self._queue.finding, self._queue.exporting
        waiting = sum(self._sizes[n] for n in (*finding, *exporting) if not self._pace.is_running(n))
        return messages.Work(
            waiting=len(finding),
            exporting=len(exporting),
            done=len(self._desk) - len(finding),
            total=len(self._desk),
            seconds_left=self._pace.seconds_left(waiting, AT_ONCE),
        )

    def want(self, n: int) -> None:
        """Somebody looks at this file."""
        self._queue.want(n)

    def look(self, n: int) -> None:
        """Look for faces in a refused file anew.

        Raises:
            NotThere: there is no such file.
            UsageError: it was not refused.
        """
        self._bench.must_be_refused(n)
        self._bench.waiting(n)
        self._queue.find(n)
        self._queue.want(n)
        self._told()

    def export(self, files: Iterable[int], seen: Mapping[int, str]) -> None:
        """Export files, those that show somebody only if somebody has looked at whom.

        Args:
            files: their numbers.
            seen: the revision of each whose shown faces were looked at.

        Raises:
            NotThere: there is no such file.
            PlanMismatch: what lies where its plan lay is none of it any more.
            Stale: one shows somebody, and nobody has looked at just that; then nothing is exported.
        """
        tasks = []
        for n in dict.fromkeys(files):
            self.refresh(n)
            file = self._desk.file(n)
            with file.lock:
                shows = shown_in(file.plan) if file.plan else ()
                revision = file.revision
            if shows and seen.get(n) != revision:
                raise Stale(file.name, "the copy will show somebody, and nobody has looked at whom", LOOK_AT_SHOWN)
            tasks.append(Export(n, shows))
        for task in tasks:
            self._bench.queued(task.file)
            self._queue.export(task)
        self._told()

    def renew(self, n: int) -> None:
        """Export a file again if its copy shows somebody whom its plan covers: consent was withdrawn."""
        file = self._desk.file(n)
        if file.is_withdrawn and file.copy is not None:
            self._bench.queued(n)
            self._queue.renew(Export(n, file.copy.shows))
            self._told()

    def refresh(self, n: int) -> None:
        """Read the plan if it was changed outside; consent may have been withdrawn there.

        Raises:
            NotThere: there is no such file.
            PlanMismatch: it is no plan of this file any more.
        """
        if self._desk.refresh(n):
            self.renew(n)

    def refresh_all(self) -> None:
        """The same for all files; what is no plan any more is told when its file is opened or exported."""
        for n in range(len(self._desk)):
            with suppress(PlanMismatch):
                self.refresh(n)

    def follow(self, n: int, revision: str, track: str, pts: int) -> None:
        """Let a track follow what is under it.

        Raises:
            Stale: the plan is another one by now.
            NotThere: there is no such file or track.
            UsageError: it is no film, or the track is not there at this time.
        """
        self._bench.must_be_at(n, revision, track, pts)
        self._queue.follow(Follow(n, track, pts))

    def _run(self, only_wanted: bool) -> None:  # noqa: FBT001 - a thread calls it
        tools: Tools | None = None
        if only_wanted and len(self._desk) > AT_ONCE:
            with suppress(KerchiefError):  # told with the first task
                tools = self._open()  # who waits should not wait for that too
        while (task := self._queue.take(only_wanted=only_wanted)) is not None:
            try:
                if not (isinstance(task, Find) and self._bench.load(task.file)):
                    tools = tools or self._open()
                    self._do(task, tools)
                self.renew(task.file)  # withdrawn while it was exported, or before a restart
            except KerchiefError as error:
                self._fail(task, error)
            except Exception as error:  # noqa: BLE001 - an outer edge: a fault with one file must not end the work
                self._fail(task, Unexpected.of(self._desk.file(task.file).name, error))
            finally:
                self._queue.done(task)
            if not self._is_closed:
                self._told()

    def _open(self) -> Tools:
        """Tools of this worker's own; the networks are shared."""
        with self._opening:
            tools = Tools(self._settings, beside=self._beside)
            self._beside = self._beside or tools
            self._opened.append(tools)
            tools.__enter__()
            if self._is_closed:
                tools.close()
        return tools

    def _do(self, task: Task, tools: Tools) -> None:
        n = task.file
        self._pace.begin(n, self._sizes[n])
        try:
            self._chores.do(task, tools)
        finally:
            self._pace.end(n)
            if not self._is_closed:
                self._bench.working(n, None)

    def _advanced(self, n: int, share: float) -> None:
        self._pace.advance(n, share)
        self._told()

    def _told(self) -> None:
        self._tell(messages.WorkChanged(work=self.status()))

    def _fail(self, task: Task, error: KerchiefError) -> None:
        """What fails because all is over is no fault of the file."""
        if self._is_closed:
            return
        if isinstance(task, Follow):
            self._bench.not_followed(task.file, task.track, error)
            self.renew(task.file)  # the plan may have been read anew
        else:
            self._bench.failed(task.file, error)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size + OVERHEAD_BYTES
    except OSError:
        return OVERHEAD_BYTES
