"""A run over many files: one bad file does not stop the rest."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from kerchief.batch.naming import Namer
from kerchief.batch.walk import Job
from kerchief.batch.worklog import Entry, Worklog
from kerchief.errors import KerchiefError, Unexpected, WeightsError
from kerchief.pipeline import Outcome, plan_source, render_source
from kerchief.ports import Progress
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


def redact_all(jobs: Sequence[Job], places: Places, tools: Tools, progress: Progress | None = None) -> Iterator[Result]:
    """Redact every job and tell what came of each as it is done.

    Raises:
        WeightsError: no file can be done without the networks.
    """
    for number, job in enumerate(jobs):
        if progress:
            progress(number, len(jobs))
        try:
            yield _redact_one(job, places, tools)
        except WeightsError:
            raise
        except KerchiefError as error:
            yield Result(job, error=error)
        except Exception as error:  # noqa: BLE001 - an outer edge: a fault with one file must not end the batch
            yield Result(job, error=Unexpected.of(str(job.source), error))
    if progress:
        progress(len(jobs), len(jobs))


def _redact_one(job: Job, places: Places, tools: Tools) -> Result:
    source = tools.open(job.source)
    settings = tools.settings.digest()
    if places.worklog and places.is_resumed:
        earlier = places.worklog.done(job.source, source.info.sha256, settings)
        if earlier:
            return Result(job, earlier=earlier)
    target = places.namer.target(job, source.info)
    outcome = render_source(source, plan_source(source, tools), target, tools)
    if places.receipts is not None:
        # Named by the copy alone; the folder structure is that of the copies.
        place = places.receipts / job.below / f"{target.name}.receipt.json"
        write_whole(place, encode_receipt(outcome.receipt))
    if places.worklog:
        places.worklog.add(_entry(job, outcome, settings))
    return Result(job, outcome=outcome)


def _entry(job: Job, outcome: Outcome, settings: str) -> Entry:
    return Entry(
        source=str(job.source.absolute()),
        source_sha256=outcome.plan.media.sha256,
        settings=settings,
        output=str(outcome.output.absolute()),
        output_sha256=outcome.receipt.output.sha256,
        covered=outcome.receipt.applied.covered,
        shown=outcome.receipt.applied.shown,
        rounds=outcome.receipt.checked.rounds,
    )
