"""Watches a folder and has every file done that lands in it, until it is interrupted."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue

from kerchief.batch.walk import Job
from kerchief.errors import OutputError
from kerchief.live.events import Event, Tell
from kerchief.live.folder.contents import Contents, Gone, contents_of
from kerchief.live.folder.finishing import Finished, Finisher
from kerchief.live.folder.landing import FILM_REST, Landing, pause_after
from kerchief.live.folder.log import Log
from kerchief.live.folder.stamps import Stamp, is_written_to
from kerchief.ports import BatchProgress
from kerchief.tools import Tools

#: Between two looks at the folder is at least so many times what a look takes, however large the folder is.
REST = 10
#: Where several files in a row can't be written, all others wait too, at most so many seconds.
LAST_REST = 300.0


@dataclass(frozen=True, slots=True)
class Watch:
    """What is watched, and how.

    Attributes:
        folder: whose files are done.
        but_not: a folder in it that is left out.
        every: seconds between two looks at it.
        settle: seconds for which a file must stay as it is to be whole.
        at_once: files that are worked on at the same time.
    """

    folder: Path
    but_not: Path | None
    every: float
    settle: float
    at_once: int


class Watcher:
    """A watched folder.

    Args:
        watch: what is watched.
        finisher: does a file.
        log: what was done.
        tools: opened; networks and settings are shared by all files.
        report: told what came of each file; of one that goes on failing in the same way, once.
        tell: told what else happens.
        progress: told how far the files are that are being worked on.
    """

    def __init__(
        self,
        watch: Watch,
        finisher: Finisher,
        log: Log,
        tools: Tools,
        report: Callable[[Finished], None],
        tell: Tell,
        progress: BatchProgress | None = None,
    ) -> None:
        self._watch, self._finisher, self._log, self._tools = watch, finisher, log, tools
        self._report, self._tell, self._progress = report, tell, progress
        self._landing = Landing(watch.settle, FILM_REST if finisher.deletes else 0.0)
        self._running: dict[Future[Finished], Path] = {}
        self._is_there = True
        self._unreadable: Mapping[str, str] = {}
        self._look_again = self._rest_until = 0.0
        self._failing: set[Path] = set()
        self._is_caught_up = False

    def run(self) -> None:
        """Go on until an exception comes: an interrupt, as a rule.

        What was begun is given up then, and leaves nothing; what was finished meanwhile is still reported.

        Raises:
            OutputError: the log is none, or can't be read.
            WeightsError: no file can be done without the networks.
        """
        self._look(is_first=True)
        with self._workers() as submit:
            self._tell(Event("watching", f"watching {self._watch.folder}"))
            while True:
                if time.monotonic() >= self._look_again:
                    self._look()
                self._hand_out(submit)
                self._say_when_caught_up()
                self._wait()

    def _look(self, *, is_first: bool = False) -> None:
        """See what is in the folder now."""
        began = time.monotonic()
        try:
            contents = contents_of(self._watch.folder, self._watch.but_not)
        except Gone as why:
            # What is known of its files is kept: it will be back.
            if self._is_there:
                says = f"{self._watch.folder}: the folder can't be read ({why}); it is waited for"
                self._tell(Event("folder lost", says))
            self._is_there = False
        else:
            if not self._is_there:
                self._tell(Event("folder back", f"{self._watch.folder}: the folder is there again"))
            self._is_there = True
            self._say_unreadable(contents)
            files = contents.files
            if is_first:
                # What an earlier run may have done takes reading, and gives nothing new: it comes last.
                known = self._log.recall(files)
                files = dict(sorted(files.items(), key=lambda item: item[0] in known))
            self._landing.see(files, time.monotonic())
        ended = time.monotonic()
        self._look_again = ended + max(self._watch.every, REST * (ended - began))

    def _say_unreadable(self, contents: Contents) -> None:
        for folder, why in contents.unreadable.items():
            if folder not in self._unreadable:
                self._tell(Event("folder unreadable", f"{folder}: the folder can't be read ({why}); it is left out"))
        self._unreadable = contents.unreadable

    def _hand_out(self, submit: Callable[[Path, Stamp], Future[Finished]]) -> None:
        """Give whole files to workers that are free."""
        now = time.monotonic()
        if not self._is_there or now < self._rest_until:
            return
        for path in self._landing.whole(now):
            if len(self._running) == self._watch.at_once:
                return
            if is_written_to(path):
                if self._landing.held(path, now):
                    says = f"{path}: is still open for writing in another program; it is done once that closes it"
                    self._tell(Event("file held", says))
                continue
            self._running[submit(path, self._landing.begin(path))] = path

    def _wait(self) -> None:
        """Until a file is done, or it is time to look again."""
        seconds = max(0.0, self._look_again - time.monotonic())
        if not self._running:
            time.sleep(seconds)
            return
        for future in wait(self._running, seconds, FIRST_COMPLETED).done:
            self._settle(self._running.pop(future), future.result())

    def _settle(self, path: Path, finished: Finished) -> None:
        """What came of a file: tell it, and when it is to be tried again."""
        error, is_news = finished.result.error, True
        if error is None:
            self._failing.clear()
        if finished.has_changed:
            self._landing.changed(path)
            is_news = error is None
        elif error is None:
            self._landing.done(path)
        elif isinstance(error, OutputError):
            is_news = self._landing.failed(path, str(error), time.monotonic())
            self._rest(path)
        else:
            is_news = self._landing.refused(path, str(error))
        if is_news:
            self._report(finished)

    def _rest(self, path: Path) -> None:
        """One file may be odd; where the next one can't be written either, it is the disk, and all wait."""
        self._failing.add(path)
        if len(self._failing) > 1:
            self._rest_until = time.monotonic() + pause_after(len(self._failing) - 1, LAST_REST)

    def _say_when_caught_up(self) -> None:
        if not (self._is_caught_up or self._running or self._landing.waiting) and self._is_there:
            self._is_caught_up = True
            self._tell(Event("caught up", "waiting for new files"))

    @contextmanager
    def _workers(self) -> Iterator[Callable[[Path, Stamp], Future[Finished]]]:
        """Threads that do files, each with a decoder process of its own."""
        with ExitStack() as stack:
            free: SimpleQueue[Tools] = SimpleQueue()
            beside = (stack.enter_context(Tools(beside=self._tools)) for _ in range(self._watch.at_once - 1))
            all_tools = (self._tools, *beside)
            for one in all_tools:
                free.put(one)

            def work(path: Path, stamp: Stamp) -> Finished:
                mine = free.get()
                try:
                    job = Job(path, path.parent.relative_to(self._watch.folder))
                    with self._progress.file(path.name) if self._progress else nullcontext() as within:
                        return self._finisher.finish(job, stamp, mine, within)
                finally:
                    free.put(mine)

            pool = ThreadPoolExecutor(self._watch.at_once)
            try:
                yield lambda path, stamp: pool.submit(work, path, stamp)
            finally:
                # What runs ends when it next asks its decoder.
                pool.shutdown(wait=False, cancel_futures=True)
                for one in all_tools:
                    one.close()
                pool.shutdown(wait=True)
                self._report_what_was_finished()

    def _report_what_was_finished(self) -> None:
        for future in self._running:
            if not future.cancelled() and future.exception() is None and future.result().result.error is None:
                self._report(future.result())
