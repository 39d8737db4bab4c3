"""A pass of a run from its sources to its report: opens the ledger, brings a cluster, and puts everything away."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path

from kerchief.errors import UsageError
from kerchief.pages.plots import must_draw
from kerchief.scale.cluster import cluster
from kerchief.scale.keeper import Keeper
from kerchief.scale.ledger import Ledger, Run
from kerchief.scale.lister import Lister
from kerchief.scale.listing import Listing
from kerchief.scale.notary import DistantNotary, LedgerNotary
from kerchief.scale.page import run_page
from kerchief.scale.pool import Pool
from kerchief.scale.progress import RunProgress
from kerchief.scale.report import Pass, RunReport, report_of
from kerchief.scale.run import Result, redact_at_scale
from kerchief.scale.snapshots import restore, save, where
from kerchief.scale.storage import Place, put, sweep
from kerchief.scale.tasks import Failed
from kerchief.scale.worker import Worker
from kerchief.settings import Settings
from kerchief.version import __version__


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a pass is to do.

    Attributes:
        sources: files and folders.
        output: folder of the copies.
        receipts: folder of the receipts; None: none are written.
        ledger: the ledger's file; None: beside the output.
        settings: what the user chose; a detector's path must be absolute.
        keep_names: keep names that a device gave.
        resume: go on with what an earlier pass has left.
        workers: how many at most; None: one for each CPU.
        address: of a cluster; None: Ray is started here.
    """

    sources: tuple[Place, ...]
    output: Place
    receipts: Place | None
    ledger: Path | None
    settings: Settings
    keep_names: bool = False
    resume: bool = False
    workers: int | None = None
    address: str | None = None

    @property
    def run(self) -> Run:
        """What must be the same in all passes."""
        return Run(
            tuple(place.url for place in self.sources),
            self.output.url,
            self.receipts.url if self.receipts is not None else None,
            self.settings.digest(),
            __version__,
            self.keep_names,
        )


class RayEngine:
    """One pass.

    Args:
        wanted: what it is to do.

    Attributes:
        report: what came of it; None until it has ended.
    """

    def __init__(self, wanted: Wanted) -> None:
        self._wanted = wanted
        self._workers = 0
        self._is_clean = False
        self.report: RunReport | None = None

    def results(self, progress: RunProgress | None = None) -> Generator[Result]:
        """Do it, and tell what came of each file, as it comes. Close the generator in any case: then all ends.

        Raises:
            UsageError: the ledger is of another run, Ray can't be had, or a source does not exist.
            And what ``redact_at_scale`` raises.
        """
        wanted = self._wanted
        _must_exist(wanted.sources)
        beside = _report_places(wanted.output)
        path = wanted.ledger or where(wanted.output)
        if wanted.resume and not path.exists():
            restore(wanted.output, path)
        with Ledger(path) as ledger:
            is_first = ledger.is_new
            ledger.begin_run(wanted.run, resume=wanted.resume)
            started = time.time()
            lister = Lister(path, wanted.sources, wanted.output)
            try:
                yield from self._worked(ledger, lister, progress)
                yield from _refused_by_name(ledger)
            finally:
                is_empty = is_first and not ledger.counts().found
                if not is_empty:
                    self.report = self._report(ledger, lister.listing, started)
                    _write(self.report, beside)
                    if not wanted.output.is_local:
                        save(ledger, wanted.output)
        if is_empty:
            # So that a slip in the command needs no clearing up.
            path.unlink()

    def _worked(self, ledger: Ledger, lister: Lister, progress: RunProgress | None) -> Generator[Result]:
        wanted = self._wanted
        with ExitStack() as stack:
            stack.callback(self._sweep)
            there = stack.enter_context(cluster(wanted.address, wanted.workers))
            self._workers = min(wanted.workers or there.cores, there.cores)
            notary = there.hire_here(LedgerNotary, str(ledger.path))
            stack.callback(notary.dismiss)
            stack.enter_context(lister)
            pool = Pool(lambda: there.hire(Worker, wanted.settings, DistantNotary(notary)), self._workers)
            stack.callback(pool.close)
            stack.enter_context(Keeper(ledger, wanted.output, lister))
            results = stack.enter_context(closing(redact_at_scale(ledger, pool, lister, wanted.settings, progress)))
            yield from results
            self._is_clean = not (wanted.resume or pool.deaths)

    def _sweep(self) -> None:
        """Remove what workers that were killed have left: in a folder without further copies nobody else does."""
        for place in (self._wanted.output, self._wanted.receipts):
            if not self._is_clean and place is not None and place.is_local:
                sweep(place.path)

    def _report(self, ledger: Ledger, listing: Listing, started: float) -> RunReport:
        wanted = self._wanted
        this = Pass(
            sources=tuple(str(place) for place in wanted.sources),
            output=str(wanted.output),
            ledger=str(ledger.path),
            settings=wanted.settings,
            workers=self._workers,
            started=started,
            ended=time.time(),
            left_out=listing.left_out,
            outputs=listing.outputs,
            is_listed=listing.is_whole,
        )
        return report_of(ledger, this)


def _must_exist(sources: Iterable[Place]) -> None:
    """Said before a cluster is brought, where that is cheap to know; the listing checks again."""
    for source in sources:
        if source.is_local and not source.path.exists():
            raise UsageError(str(source), "does not exist", "Check the path.")


def _refused_by_name(ledger: Ledger) -> Iterator[Result]:
    """Files that were never begun: the listing itself has refused them."""
    for one in ledger.without():
        if not one.attempts:
            yield Result(one.source, Failed(0, one.exit_code, one.problem, one.next_step))


def _report_places(output: Place) -> tuple[Place, Place]:
    """Where the report goes, as JSON and as a page; what makes it impossible is said before the work."""
    must_draw()
    return output.beside(".report.json"), output.beside(".report.html")


def _write(report: RunReport, places: tuple[Place, Place]) -> None:
    as_json, as_page = places
    put(as_json, report.model_dump_json(by_alias=True, indent=2).encode() + b"\n", private=True)
    put(as_page, run_page(report).encode(), private=True)
