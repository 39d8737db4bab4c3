"""A run over many files: one bad file does not stop the rest."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, nullcontext
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue

from kerchief.batch.naming import Namer
from kerchief.batch.walk import Job
from kerchief.batch.worklog import Entry, Worklog, entry_of, must_be_sayable
from kerchief.errors import KerchiefError, Unexpected, WeightsError
from kerchief.pipeline import Outcome, redact_source
from kerchief.ports import BatchProgress, Progress
from kerchief.prove.receipt import encode as encode_receipt
from kerchief.store.publish import write_whole
from kerchief.tools import Tools


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one job: an outcome, an earlier entry, or an error."""

    job: Job
    outcome: Outcome | None = None
    earlier: Entry | None = None
    error: KerchiefError | None = None


@dataclass(frozen=True, slots=True)
class Places:
    """Where a run's files go.

    Attributes:
        namer: names the copies.
        receipts: folder for receipts; None: none are written.
        worklog: None: none is kept.
        is_resumed: whether what the worklog calls done is skipped.
    """

    namer: Namer
    receipts: Path | None = None
    worklog: Worklog | None = None
    is_resumed: bool = False


def redact_all(
    jobs: Sequence[Job], places: Places, tools: Tools, progress: BatchProgress | None = None, at_once: int = 1
) -> Iterator[Result]:
    """Redact every job and tell what came of each, in their order.

    Args:
        jobs: the files.
        places: where everything goes.
        tools: opened; networks and settings are shared by all files.
        progress: told how many files are done, and how far those are that are being worked on.
        at_once: files that are worked on at the same time.

    Raises:
        WeightsError: no file can be done without the networks.
    """
    if progress:
        progress.files(len(jobs))
    alone = (_result(job, places, tools, progress) for job in jobs)
    results = alone if at_once == 1 else _side_by_side(jobs, places, tools, progress, at_once)
    yield from results


def _side_by_side(
    jobs: Iterable[Job], places: Places, tools: Tools, progress: BatchProgress | None, at_once: int
) -> Iterator[Result]:
    """Results in order; each thread has a decoder process of its own, so that none waits for another's file."""
    with ExitStack() as stack:
        free: SimpleQueue[Tools] = SimpleQueue()
        all_tools = [tools, *(stack.enter_context(Tools(beside=tools)) for _ in range(at_once - 1))]
        for one in all_tools:
            free.put(one)

        def work(job: Job) -> Result:
            mine = free.get()
            try:
                return _result(job, places, mine, progress)
            finally:
                free.put(mine)

        pool = ThreadPoolExecutor(at_once)
        waiting: deque[Future[Result]] = deque()
        try:
            for job in jobs:
                waiting.append(pool.submit(work, job))
                if len(waiting) == 2 * at_once:
                    yield waiting[0].result()
                    waiting.popleft()
            while waiting:
                yield waiting[0].result()
                waiting.popleft()
        finally:
            # Interrupted, or no network: what waits is dropped, and what runs ends when it next asks its decoder.
            pool.shutdown(wait=False, cancel_futures=True)
            if waiting:
                for one in all_tools:
                    one.close()
            pool.shutdown(wait=True)


def _result(job: Job, places: Places, tools: Tools, progress: BatchProgress | None) -> Result:
    """What came of one job; only what would fail every job alike is raised."""
    try:
        with progress.file(job.source.name) if progress else nullcontext() as within:
            return _redact_one(job, places, tools, within)
    except WeightsError:
        raise
    except KerchiefError as error:
        return Result(job, error=error)
    except Exception as error:  # noqa: BLE001 - an outer edge: a fault with one file must not end the batch
        return Result(job, error=Unexpected.of(str(job.source), error))


def _redact_one(job: Job, places: Places, tools: Tools, progress: Progress | None) -> Result:
    if places.worklog:
        must_be_sayable(job.source)
    source = tools.open(job.source)
    settings = tools.settings.digest()
    if places.worklog and places.is_resumed:
        earlier = places.worklog.done(job.source, source.info.sha256, settings)
        if earlier:
            return Result(job, earlier=earlier)
    target = places.namer.target(job, source.info)
    outcome = redact_source(source, target, tools, progress)
    if places.receipts is not None:
        # Named by the copy alone; the folder structure is that of the copies.
        place = places.receipts / job.below / f"{target.name}.receipt.json"
        write_whole(place, encode_receipt(outcome.receipt))
    if places.worklog:
        places.worklog.add(entry_of(job.source, outcome, settings))
    return Result(job, outcome=outcome)
