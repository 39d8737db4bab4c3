"""The driver: hands out the files of a ledger to a pool of workers, and writes down what came of each.

Nothing here grows with the number of files: some tasks for each worker are in memory, everything else is in the ledger.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Generator, Iterator
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Any

from kerchief.errors import ExitCode, InputRefused, KerchiefError, OutputError, Unexpected
from kerchief.ports import MediaKind
from kerchief.scale.batches import Batches, is_film
from kerchief.scale.cluster.pool import WAITING, Pool, WorkerLost
from kerchief.scale.films.in_pieces import WholeFilm
from kerchief.scale.films.lead import Films
from kerchief.scale.ledger.ledger import Ledger
from kerchief.scale.lister import Lister
from kerchief.scale.progress import RunProgress
from kerchief.scale.tasks import Failed, Finished, State, Task
from kerchief.settings import Settings

#: So often a file is begun whose worker dies, or that meets a fault of kerchief's own.
TRIES = 3
#: With no result in between: so many files whose workers died, or workers that died before they began with one, for
#: each worker, and at least so many, are no longer about single files.
DEATHS_EACH, DEATHS = 5, 10
#: So many failures of a disk or store one after the other, with no copy in between, are no longer about single files.
STORE_FAILURES = 8
#: How such a failure begins; others with the same exit codes are about one file.
CANT_WRITE, CANT_FETCH = ("can't be written", "the ledger can't"), "can't be fetched"
THEN_GO_ON = "--resume goes on."
GO_ON = "See what is wrong there, and go on with --resume."
#: How often the driver looks up when nothing happens, while files are still being found and afterwards, in seconds.
SOON, LATER = 0.1, 1.0


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one file in this pass."""

    source: str
    """Absolute path or URL of the original."""
    came: Finished | Failed


def redact_at_scale(
    ledger: Ledger, pool: Pool, lister: Lister, settings: Settings, progress: RunProgress | None = None
) -> Generator[Result]:
    """Redact every file of a ledger and tell what came of each, as it comes. The pool is closed at the end.

    Args:
        ledger: a pass has begun.
        pool: of ``Worker``; their notary writes into the same ledger.
        lister: lists files into it meanwhile.
        settings: what the user chose.
        progress: told how far everything is.

    Raises:
        WeightsError: no file can be done without the networks.
        OutputError: the disk or store of the output fails for one file after the other, or the ledger's does.
        InputRefused: the store of the originals fails so, or a folder can't be listed.
        UsageError: a source does not exist.
        UsageError, Unexpected: no workers can be had.
    """
    driver = _Driver(ledger, pool, lister, Films(ledger, pool, settings, progress))
    try:
        for results in driver.results():
            if progress is not None:
                progress.so_far(ledger.counts(), is_listed=driver.is_listed)
            yield from results
    finally:
        driver.end()


class _Driver:
    def __init__(self, ledger: Ledger, pool: Pool, lister: Lister, films: Films) -> None:
        self.is_listed = False
        self._ledger, self._pool, self._lister, self._films = ledger, pool, lister, films
        self._batches = Batches(pool.size)
        self._came: SimpleQueue[Future[Any]] = SimpleQueue()
        self._running: dict[Future[Any], tuple[Task, ...]] = {}
        #: Taken from the ledger and to be handed out next; and those among them that may be what killed a worker.
        self._next: deque[Task] = deque()
        self._suspects: deque[Task] = deque()
        #: Handed out when there is nothing else: nobody had begun with them, so it may be no fault of theirs.
        self._unlikely: deque[Task] = deque()
        self._store_failures = 0
        #: How often a file ended its worker or met a fault in this pass, and how much had come when it first did.
        self._bad_ends: Counter[int] = Counter()
        self._came_before: dict[int, int] = {}
        self._came_so_far = 0
        #: Since the last result: files whose workers died, and workers that died before they began with one.
        self._victims: set[int] = set()
        self._early_deaths = 0
        self._failure: KerchiefError | None = None

    def results(self) -> Iterator[list[Result]]:
        """What came, batch by batch; an empty list every now and then when nothing came."""
        while True:
            # Before the ledger is asked: then what it does not have is not to come.
            self.is_listed = self._lister.has_ended
            self._hand_out()
            if self.is_listed and not self._running:
                return
            try:
                future = self._came.get(timeout=LATER if self.is_listed else SOON)
            except Empty:
                yield []
                continue
            yield self._settle(self._running.pop(future), future)
            if self._failure is not None:
                raise self._failure

    def end(self) -> None:
        """Close the pool. What is done is written down; what was broken off counts for no attempt."""
        self._pool.close()
        self._films.close()
        with suppress(KerchiefError):  # whatever ended the run is what matters; --resume finds out about these files
            for future, tasks in self._running.items():
                came = future.result() if future.done() and not future.cancelled() and not future.exception() else ()
                made = [one.made for one in came if isinstance(one, Finished)]
                self._ledger.done(made)
                done = {one.number for one in made}
                self._ledger.requeue([t.number for t in tasks if t.number not in done], is_counted=False)

    def _hand_out(self) -> None:
        """Keep every worker busy, and some calls waiting."""
        while len(self._running) < WAITING * self._pool.size:
            tasks = self._batch()
            if not tasks:
                return
            if self._films.are_for(tasks[0]):
                future = self._films.submit(tasks[0])
            else:
                future = self._pool.submit("redact", tasks)
            self._running[future] = tasks
            future.add_done_callback(self._came.put)

    def _batch(self) -> tuple[Task, ...]:
        """The next files that go to one worker; a film, and what may kill a worker, goes alone."""
        if self._suspects:
            return (self._suspects.popleft(),)
        size = self._batches.size(self._left if self.is_listed else None)
        if len(self._next) < size:
            self._next.extend(self._ledger.take(size * WAITING * self._pool.size - len(self._running)))
        batch: list[Task] = []
        while self._next and len(batch) < size and not (batch and is_film(self._next[0])):
            batch.append(self._next.popleft())
            if is_film(batch[-1]):
                break
        if not batch and self._unlikely:
            return (self._unlikely.popleft(),)
        return tuple(batch)

    @property
    def _left(self) -> int:
        counts = self._ledger.counts()
        return counts.found - counts.finished

    def _settle(self, tasks: tuple[Task, ...], future: Future[Any]) -> list[Result]:
        """Write down what came of a batch."""
        try:
            came: tuple[Finished | Failed, ...] = future.result()
        except WorkerLost:
            return list(self._after_a_death(tasks))
        except WholeFilm:
            # It comes again, and goes to one worker; what was begun was no attempt.
            self._ledger.requeue((task.number for task in tasks), is_counted=False)
            return []
        except KerchiefError:
            raise
        except Exception as error:  # what a worker does not catch would befall every file
            raise Unexpected.of("", error) from error
        return self._write_down(tasks, came)

    def _write_down(self, tasks: tuple[Task, ...], came: tuple[Finished | Failed, ...]) -> list[Result]:
        of = {task.number: task for task in tasks}
        finished = [one for one in came if isinstance(one, Finished)]
        failed = [one for one in came if isinstance(one, Failed) and one.exit_code is not ExitCode.UNEXPECTED]
        faults = [one for one in came if isinstance(one, Failed) and one.exit_code is ExitCode.UNEXPECTED]
        self._ledger.done(one.made for one in finished)
        self._ledger.failed(failed)
        for number in (*(one.made.number for one in finished), *(one.number for one in failed)):
            self._forget(number)
        self._came_so_far += len(came)
        self._victims.clear()
        self._early_deaths = 0
        if photos := [one.made.seconds for one in finished if one.made.kind != MediaKind.VIDEO]:
            self._batches.note(len(photos), sum(photos))
        results = [Result(of[one.made.number].source, one) for one in finished]
        results += [Result(of[one.number].source, one) for one in failed]
        for fault in faults:
            results += self._try_again(of[fault.number], fault)
        self._mind_the_stores(came)
        return results

    def _after_a_death(self, tasks: tuple[Task, ...]) -> Iterator[Result]:
        """A worker does one file after the other: the last that was begun may be what killed it, no other one."""
        standing = self._ledger.standing(task.number for task in tasks)
        begun = [task for task in tasks if standing[task.number].state is not State.WAITING]
        suspect = begun[-1] if begun else tasks[0]
        self._next.extendleft(task for task in reversed(tasks) if task is not suspect)
        if begun:
            self._victims.add(suspect.number)
        else:
            self._early_deaths += 1
        self._mind_the_deaths()
        problem = f"the worker process died while it worked on it, {TRIES} times in a row"
        next_step = "No copy was published. Redact it alone with --engine local, and see how much memory is free."
        why = Failed(suspect.number, ExitCode.UNEXPECTED, problem, next_step)
        yield from self._try_again(suspect, why, is_its_own=bool(begun))

    def _try_again(self, task: Task, why: Failed, *, is_its_own: bool = True) -> list[Result]:
        """Once more, alone; or never again. One that nobody began with is blamed if others got somewhere meanwhile."""
        self._bad_ends[task.number] += 1
        before = self._came_before.setdefault(task.number, self._came_so_far)
        is_blamed = is_its_own or self._came_so_far > before
        if self._bad_ends[task.number] < TRIES or not is_blamed:
            (self._suspects if is_its_own else self._unlikely).append(task)
            return []
        self._forget(task.number)
        self._ledger.set_aside(why)
        return [Result(task.source, why)]

    def _forget(self, number: int) -> None:
        """Nothing is held against a file any more."""
        self._bad_ends.pop(number, None)
        self._came_before.pop(number, None)

    def _mind_the_deaths(self) -> None:
        """Where one worker after the other dies and none gets anywhere, the run ends."""
        deaths = len(self._victims) + self._early_deaths
        if deaths < max(DEATHS, DEATHS_EACH * self._pool.size):
            return
        problem = "one worker process after the other died, and none had a result"
        if self._early_deaths == deaths:
            problem += " or began with a file"
        self._failure = Unexpected("", problem, f"See how much memory is free, and the cluster's logs. {THEN_GO_ON}")

    def _mind_the_stores(self, came: tuple[Finished | Failed, ...]) -> None:
        """Where one file after the other fails for the same reason, the run ends."""
        for one in came:
            kind = _failure_of_a_store(one)
            self._store_failures = self._store_failures + 1 if kind is not None else 0
            if kind is not None and self._store_failures >= STORE_FAILURES:
                assert isinstance(one, Failed)
                problem = f"{STORE_FAILURES} files in a row failed: the last one {one.problem}"
                self._failure = kind("", problem, GO_ON)


def _failure_of_a_store(came: Finished | Failed) -> type[KerchiefError] | None:
    if isinstance(came, Failed) and came.exit_code is ExitCode.OUTPUT and came.problem.startswith(CANT_WRITE):
        return OutputError
    if isinstance(came, Failed) and came.exit_code is ExitCode.INPUT_REFUSED and came.problem.startswith(CANT_FETCH):
        return InputRefused
    return None
