"""A pass of a run from its sources to its report: opens the ledger, brings a cluster, and puts everything away."""

from __future__ import annotations

import os
import time
from collections.abc import Generator, Iterable, Iterator
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from kerchief.errors import KerchiefError, OutputError, UsageError, WeightsError
from kerchief.pages.plots import must_draw
from kerchief.scale.cluster.door import Cluster, cluster
from kerchief.scale.cluster.folders import held
from kerchief.scale.cluster.pool import Hand, Pool, WorkerLost
from kerchief.scale.keeper import Keeper
from kerchief.scale.ledger.ledger import Ledger, Run
from kerchief.scale.ledger.snapshots import Kept, here, restore, where
from kerchief.scale.lister import Lister
from kerchief.scale.listing import Listing
from kerchief.scale.notary import DistantNotary, LedgerNotary
from kerchief.scale.progress import RunProgress
from kerchief.scale.report.document import Pass, RunReport, is_report, report_of
from kerchief.scale.report.page import is_run_page, run_page
from kerchief.scale.run import Result, redact_at_scale
from kerchief.scale.storage import Place, sweep
from kerchief.scale.tasks import Failed
from kerchief.scale.worker import Worker
from kerchief.settings import Settings
from kerchief.store.publish import file_digest, replace_whole
from kerchief.version import __version__

REPORT_JSON, REPORT_PAGE = ".report.json", ".report.html"
#: So long the notary may take to start, in seconds: Ray starts a process in a few.
NOTARY_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a pass is to do.

    Attributes:
        sources: files and folders.
        output: folder of the copies.
        receipts: folder of the receipts; None: none are written.
        ledger: the ledger's file; in a store: where copies of it go, and it lies in the current folder; None: beside
            the output, or in the current folder where that is in a store.
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
    ledger: Place | None
    settings: Settings
    keep_names: bool = False
    resume: bool = False
    workers: int | None = None
    gpus: float = 0
    address: str | None = None

    @property
    def run(self) -> Run:
        """What must be the same in all passes.

        Raises:
            WeightsError: the user's own detector can't be read.
        """
        return Run(
            tuple(place.url for place in self.sources),
            self.output.url,
            self.receipts.url if self.receipts is not None else None,
            _digest(self.settings),
            __version__,
            self.keep_names,
        )


class RayEngine:
    """One pass.

    Args:
        wanted: what it is to do.

    Attributes:
        report: what came of it; None until it has ended, and where there was nothing to do.
        listing: what the search for files passed over.
        page: where the report lies as a page.
    """

    def __init__(self, wanted: Wanted) -> None:
        self._wanted = wanted
        self._workers = 0
        self._is_clean = False
        self.report: RunReport | None = None
        self.listing = Listing(is_whole=False)
        self.page = here(wanted.output, REPORT_PAGE)

    def results(self, progress: RunProgress | None = None) -> Generator[Result]:
        """Do it, and tell what came of each file, as it comes. Close the generator in any case: then all ends.

        Raises:
            UsageError: the ledger is of another run, Ray can't be had, a source does not exist, or something that is
                no report lies where the report goes.
            And what ``redact_at_scale`` raises.
        """
        wanted = self._wanted
        _must_exist(wanted.sources)
        must_draw()
        kept, run = where(wanted.output, wanted.ledger), wanted.run
        _must_make_way(wanted.output)
        with held(kept.path):
            restore(kept, run, resume=wanted.resume)
            ledger = _opened(kept.path)
            try:
                yield from self._passed(ledger, ledger.begin_run(run, resume=wanted.resume), kept, progress)
            finally:
                is_empty = not ledger.counts().found
                ledger.close()
                if is_empty:  # a slip in the command needs no clearing up
                    kept.path.unlink()

    def _passed(self, ledger: Ledger, of_pass: int, kept: Kept, progress: RunProgress | None) -> Generator[Result]:
        """With the ledger in hand: do the work, and report however it ends."""
        started = time.time()
        lister = Lister(ledger.path, self._wanted.sources, self._wanted.output, of_pass)
        keeper = Keeper(kept, lister, progress.tell if progress is not None else lambda _: None)
        try:
            yield from self._worked(ledger, of_pass, lister, keeper, progress)
            yield from _refused_by_name(ledger)
        except BaseException:
            with suppress(KerchiefError):  # what ended the pass is what matters
                self._conclude(ledger, lister, keeper, started)
            raise
        self._conclude(ledger, lister, keeper, started)

    def _conclude(self, ledger: Ledger, lister: Lister, keeper: Keeper, started: float) -> None:
        self.listing = lister.listing
        if not ledger.counts().found:
            return
        self.report = self._report(ledger, lister.listing, started)
        _write(self.report, self._wanted.output)
        keeper.save()

    def _worked(
        self, ledger: Ledger, of_pass: int, lister: Lister, keeper: Keeper, progress: RunProgress | None
    ) -> Generator[Result]:
        wanted = self._wanted
        with ExitStack() as stack:
            stack.callback(self._sweep)
            there = stack.enter_context(cluster(wanted.address, wanted.workers))
            self._workers = _workers(wanted, there)
            notary = there.hire_here(LedgerNotary, str(ledger.path), of_pass)
            stack.callback(notary.dismiss)
            _must_come(notary, ledger.path)
            stack.enter_context(lister)
            pool = Pool(
                lambda: there.hire(Worker, wanted.settings, DistantNotary(notary), wanted.gpus, gpus=wanted.gpus),
                self._workers,
            )
            stack.callback(pool.close)
            stack.enter_context(keeper)
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


def _must_come(notary: Hand, ledger: Path) -> None:
    """Without the notary no worker can begin with a file.

    Raises:
        OutputError: its process can't open the ledger, or there is none.
    """
    with suppress(WorkerLost):
        if notary.is_ready(NOTARY_SECONDS):
            return
    problem = "the process that writes the ledger did not start"
    raise OutputError(str(ledger), problem, "See how much memory and disk is free, and the cluster's logs.")


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


def _must_make_way(output: Place) -> None:
    """The reports of an earlier pass are replaced, and nothing else.

    Raises:
        UsageError: another file has the name of a report.
    """
    for ending, is_ours in ((REPORT_JSON, is_report), (REPORT_PAGE, is_run_page)):
        path = here(output, ending)
        try:
            is_free = not os.path.lexists(path) or (not path.is_symlink() and is_ours(path.read_bytes()))
        except OSError:
            is_free = False
        if not is_free:
            problem = "is in the way of the report, and no report of kerchief"
            raise UsageError(str(path), problem, "Move it away, or choose another folder with -o.")


def _digest(settings: Settings) -> str:
    """Of all that copies hang on besides their originals: the user's own detector counts by its bytes, too."""
    if settings.detector is None:
        return settings.digest()
    try:
        return sha256(f"{settings.digest()} {file_digest(settings.detector)}".encode()).hexdigest()
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        raise WeightsError(str(settings.detector), f"can't be read ({reason})", "Check the path.") from None


def _refused_by_name(ledger: Ledger) -> Iterator[Result]:
    """Files that the listing itself has refused."""
    for one in ledger.without():
        if one.is_by_listing:
            yield Result(one.source, Failed(0, one.exit_code, one.problem, one.next_step))


def _write(report: RunReport, output: Place) -> None:
    """The report beside the output, not in it, or here: it names originals."""
    as_json = report.model_dump_json(by_alias=True, indent=2) + "\n"
    replace_whole(here(output, REPORT_JSON), as_json.encode())
    replace_whole(here(output, REPORT_PAGE), run_page(report).encode())
