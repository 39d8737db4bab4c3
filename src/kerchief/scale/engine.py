"""A pass of a run from its sources to its report: opens the ledger, brings a cluster, and puts everything away."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterable, Iterator
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass
from pathlib import Path

from kerchief.errors import KerchiefError, UsageError
from kerchief.pages.plots import must_draw
from kerchief.scale.cluster import Cluster, cluster
from kerchief.scale.folders import held
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
        gpus: the share of a GPU for each worker; 0: none.
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
    gpus: float = 0
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
        must_draw()
        wanted.output.beside("")
        path = wanted.ledger or where(wanted.output)
        if wanted.resume and not path.exists():
            restore(wanted.output, path)
        with held(path):
            ledger = _opened(path)
            try:
                yield from self._passed(ledger, progress)
            finally:
                is_empty = not ledger.counts().found
                ledger.close()
                if is_empty:  # a slip in the command needs no clearing up
                    path.unlink()

    def _passed(self, ledger: Ledger, progress: RunProgress | None) -> Generator[Result]:
        """With the ledger in hand: do the work, and report however it ends."""
        started = time.time()
        ledger.begin_run(self._wanted.run, resume=self._wanted.resume)
        lister = Lister(ledger.path, self._wanted.sources, self._wanted.output)
        try:
            yield from self._worked(ledger, lister, progress)
            yield from _refused_by_name(ledger)
        except BaseException:
            with suppress(KerchiefError):  # what ended the pass is what matters
                self._conclude(ledger, lister.listing, started)
            raise
        self._conclude(ledger, lister.listing, started)

    def _conclude(self, ledger: Ledger, listing: Listing, started: float) -> None:
        if not ledger.counts().found:
            return
        self.report = self._report(ledger, listing, started)
        _write(self.report, self._wanted.output)
        if not self._wanted.output.is_local:
            save(ledger, self._wanted.output)

    def _worked(self, ledger: Ledger, lister: Lister, progress: RunProgress | None) -> Generator[Result]:
        wanted = self._wanted
        with ExitStack() as stack:
            stack.callback(self._sweep)
            there = stack.enter_context(cluster(wanted.address, wanted.workers))
            self._workers = _workers(wanted, there)
            notary = there.hire_here(LedgerNotary, str(ledger.path))
            stack.callback(notary.dismiss)
            stack.enter_context(lister)
            pool = Pool(
                lambda: there.hire(Worker, wanted.settings, DistantNotary(notary), wanted.gpus, gpus=wanted.gpus),
                self._workers,
            )
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


def _opened(path: Path) -> Ledger:
    """A ledger; one in which nothing was ever written down, since its process was killed, is made anew."""
    ledger = Ledger(path)
    if ledger.is_new or ledger.counts().found:
        return ledger
    ledger.close()
    path.unlink()
    return Ledger(path)


def _workers(wanted: Wanted, there: Cluster) -> int:
    """How many workers there will be.

    Raises:
        UsageError: the cluster has no GPU for any.
    """
    most = min(wanted.workers or there.cores, there.cores)
    if not wanted.gpus:
        return most
    with_gpu = int(there.gpus / wanted.gpus)
    if not with_gpu:
        problem = f"the cluster has {there.gpus:g} GPUs, and each worker is to get {wanted.gpus:g}"
        raise UsageError("--gpus", problem, "Leave --gpus out, or give a smaller share.")
    return min(most, with_gpu)


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


def _write(report: RunReport, output: Place) -> None:
    """The report beside the output, not in it: it names originals."""
    as_json = report.model_dump_json(by_alias=True, indent=2) + "\n"
    put(output.beside(".report.json"), as_json.encode(), private=True)
    put(output.beside(".report.html"), run_page(report).encode(), private=True)
