"""``kerchief redact --engine ray``: the same data on standard output and the same exit codes as in one process."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from kerchief.cli.counted import counted
from kerchief.cli.report import data, done_values, error_values, json_line, say, skipped_values, summary
from kerchief.errors import ExitCode, KerchiefError, UsageError
from kerchief.scale.engine import RayEngine, Wanted
from kerchief.scale.report.document import RunReport
from kerchief.scale.report.document import summary as summary_of_run
from kerchief.scale.run import Result
from kerchief.scale.storage import Place
from kerchief.scale.tasks import Failed

if TYPE_CHECKING:
    from kerchief.cli.orders import Orders
    from kerchief.scale.listing import Listing
    from kerchief.settings import Settings

#: Each has a thread of this process.
MOST_WORKERS = 10_000


def redact_at_scale(orders: Orders, settings: Settings, address: str | None) -> ExitCode:
    """Do a pass of a run on a Ray cluster, and say what came of it."""
    engine = RayEngine(_wanted(orders, settings, address))
    named = Named([*orders.paths, orders.output or ""])
    failed: list[ExitCode] = []
    try:
        with counted("redacting") as progress, closing(engine.results(progress)) as results:
            for result in results:
                _tell(result, named, as_json=orders.json)
                failed += [result.came.exit_code] if isinstance(result.came, Failed) and not failed else []
    finally:
        if engine.report is not None:
            say(f"{summary_of_run(engine.report)}. Report: {engine.page}")
    if engine.report is None:
        say(_nothing(engine.listing))
    return _exit_code(engine.report, failed)


class Named:
    """Gives files the names by which the user called the folders that they lie in.

    Args:
        texts: what the user wrote.
    """

    def __init__(self, texts: list[str]) -> None:
        self._texts = {Place.of(text).url: text.rstrip("/") or text for text in texts}

    def __call__(self, url: str) -> str:
        """A file's name, by its absolute path or URL."""
        end = len(url)
        while end > 0:
            if (text := self._texts.get(url[:end])) is not None:
                # As one process says it: what lies in "." or "./a" is called without the dot.
                return text + url[end:] if "://" in text else str(Path(text + url[end:]))
            end = url.rfind("/", 0, end)
        return url


def _wanted(orders: Orders, settings: Settings, address: str | None) -> Wanted:
    if orders.output is None:
        raise UsageError("--engine ray", "needs a folder for the copies", "Give -o DIR, or -o URL.")
    if orders.jobs is not None and orders.jobs > MOST_WORKERS:
        raise UsageError("--jobs", f"more than {MOST_WORKERS:,} are too many for one run", "Give a smaller number.")
    if settings.detector is not None:
        settings = settings.model_copy(update={"detector": settings.detector.absolute()})
    return Wanted(
        sources=tuple(Place.of(path) for path in orders.paths),
        output=Place.of(orders.output),
        receipts=Place.of(orders.receipts) if orders.receipts is not None else None,
        ledger=Place.of(orders.worklog) if orders.worklog is not None else None,
        settings=settings,
        keep_names=orders.keep_names,
        resume=orders.resume,
        workers=orders.jobs,
        gpus=orders.gpus,
        address=address,
    )


def _nothing(listing: Listing) -> str:
    """In the words of one process."""
    said = "0 of 0 files done"
    said += f", {listing.left_out} other files left alone" if listing.left_out else ""
    return said + (f", {listing.outputs} earlier outputs left alone" if listing.outputs else "")


def _tell(result: Result, named: Named, *, as_json: bool) -> None:
    source, came = named(result.source), result.came
    if isinstance(came, Failed):
        error = KerchiefError(source, came.problem, came.next_step)
        error.exit_code = came.exit_code
        if as_json:
            json_line(error_values(source, error))
        say(f"kerchief: {error}")
        return
    output, receipt = named(came.made.output), came.receipt
    if receipt is None:
        if as_json:
            json_line(skipped_values(source, output))
        else:
            data(f"{source}: done before, as {output}")
    elif as_json:
        json_line(done_values(source, output, receipt))
    else:
        data(f"{source} → {output}: {summary(receipt)}")


def _exit_code(report: RunReport | None, failed: list[ExitCode]) -> ExitCode:
    """A single file fails with its own code, as in one process; files that earlier passes set aside have failed too."""
    if report is None:
        return ExitCode.DONE
    without = report.files.refused + report.files.set_aside + report.files.left
    if not without:
        return ExitCode.DONE
    if report.files.total > 1 or report.files.left:
        return ExitCode.SOME_FAILED
    return failed[0] if failed else report.refused[0].exit_code
