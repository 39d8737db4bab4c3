"""``kerchief redact PATH...``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kerchief.choices import Codec, Engine, Margin
from kerchief.cli.audio import AudioText
from kerchief.cli.options import (
    CodecOption,
    DetectorPath,
    From,
    Json,
    MarginOption,
    Quality,
    StyleText,
    To,
    clip_from,
    settings_from,
)
from kerchief.cli.orders import Orders
from kerchief.errors import ExitCode, KerchiefError, UsageError

if TYPE_CHECKING:
    from kerchief.settings import Settings

#: Files at a time in this process, where nothing else is said, and at most.
JOBS, MOST_JOBS = 2, 64


def redact(
    paths: Annotated[
        list[str], typer.Argument(help="Files and folders; folders are searched to the bottom. With Ray also URLs.")
    ],
    *,
    output: Annotated[
        str | None,
        typer.Option("-o", "--output", help="Folder for the copies; by default beside each original."),
    ] = None,
    style: StyleText = "veil",
    margin: MarginOption = Margin.STANDARD,
    quality: Quality = 90,
    detector: DetectorPath = None,
    codec: CodecOption = Codec.H264,
    audio: AudioText = "drop",
    start: From = None,
    end: To = None,
    receipts: Annotated[str | None, typer.Option("--receipts", help="Folder for receipts.")] = None,
    worklog: Annotated[
        str | None,
        typer.Option("--worklog", help="Private log of what was done (with Ray its ledger); --resume goes by it."),
    ] = None,
    resume: Annotated[
        bool,
        typer.Option(
            "--resume",
            help="Skip what the worklog (by default OUTPUT.worklog.jsonl, with Ray OUTPUT.ledger.sqlite) calls done.",
        ),
    ] = False,
    keep_names: Annotated[
        bool, typer.Option("--keep-names", help="Keep names that a camera or messenger gave.")
    ] = False,
    jobs: Annotated[
        int | None,
        typer.Option(
            "--jobs",
            min=1,
            help="Files at a time; each takes some 500 MB at 12 megapixels (Ray: 800). By default 2 (Ray: one a CPU).",
        ),
    ] = None,
    engine: Annotated[
        Engine, typer.Option("--engine", help="ray: on all CPUs, or all nodes of a cluster (docs/scale.md).")
    ] = Engine.LOCAL,
    address: Annotated[
        str | None,
        typer.Option(
            "--address", metavar="HOST:PORT", help="A Ray cluster's head, or auto; by default Ray starts here."
        ),
    ] = None,
    gpus: Annotated[
        float, typer.Option("--gpus", min=0.0, max=1.0, help="With Ray: the share of a GPU for each file at a time.")
    ] = 0.0,
    json: Json = False,
) -> None:
    """Write a copy of every photo and film in which all faces are covered, and check it before it appears."""
    orders = Orders(paths, output, receipts, worklog, resume, keep_names, jobs, gpus, json)

    def settings() -> Settings:
        return settings_from(style, margin, quality, detector, clip_from(start, end), codec, audio)

    if engine is Engine.RAY:
        from kerchief.cli.at_scale import redact_at_scale

        raise typer.Exit(redact_at_scale(orders, settings(), address))
    _must_be_local(orders, address)
    raise typer.Exit(_redact_here(orders, settings))


def _redact_here(orders: Orders, settings: Callable[[], Settings]) -> ExitCode:
    """In this process."""
    from kerchief.media.limits import Limits
    from kerchief.sandbox.spawn import spawned

    with spawned(Limits()) as child:  # it loads while the rest of kerchief does
        from kerchief.batch.naming import Namer
        from kerchief.batch.run import Places, redact_all
        from kerchief.batch.walk import walk
        from kerchief.batch.worklog import Worklog
        from kerchief.cli.bar import progress_bars
        from kerchief.cli.report import data, exit_code_for, json_line, result_values, say, summary
        from kerchief.tools import Tools

        chosen = settings()
        output = Path(orders.output) if orders.output is not None else None
        receipts = Path(orders.receipts) if orders.receipts is not None else None
        worklog = Path(orders.worklog) if orders.worklog else _beside(output) if orders.resume else None
        found = walk([Path(path) for path in orders.paths], but_not=output)
        namer = Namer(output, keep_names=orders.keep_names)
        places = Places(namer, receipts, Worklog(worklog) if worklog else None, orders.resume)
        at_once = min(orders.jobs or JOBS, len(found.jobs)) or 1
        errors: list[KerchiefError] = []
        with Tools(chosen, child=child) as tools, progress_bars("redacting") as progress:
            for result in redact_all(found.jobs, places, tools, progress, at_once):
                if orders.json:
                    json_line(result_values(result))
                elif result.outcome:
                    data(f"{result.job.source} → {result.outcome.output}: {summary(result.outcome.receipt)}")
                elif result.earlier:
                    data(f"{result.job.source}: done before, as {result.earlier.output}")
                if result.error:
                    errors.append(result.error)
                    say(f"kerchief: {result.error}")
    if len(found.jobs) != 1 or found.left_out:
        done = len(found.jobs) - len(errors)
        said = f"{done} of {len(found.jobs)} files done"
        said += f", {len(errors)} failed" if errors else ""
        said += f", {found.left_out} other files left alone" if found.left_out else ""
        said += f", {found.outputs} earlier outputs left alone" if found.outputs else ""
        say(said)
    return exit_code_for(errors, len(found.jobs))


def _must_be_local(orders: Orders, address: str | None) -> None:
    if address is not None:
        raise UsageError("--address", "is for --engine ray", "Add --engine ray, or leave --address out.")
    if orders.gpus:
        raise UsageError("--gpus", "is for --engine ray", "Add --engine ray, or leave --gpus out.")
    if orders.jobs is not None and orders.jobs > MOST_JOBS:
        raise UsageError("--jobs", f"more than {MOST_JOBS} are too many for one process", "Use --engine ray.")
    for path in (*orders.paths, orders.output or "", orders.receipts or "", orders.worklog or ""):
        if "://" in path:
            raise UsageError(path, "is a URL, which one process does not open", "Use --engine ray, or name a path.")


def _beside(output: Path | None) -> Path:
    """The worklog's default place."""
    from kerchief.batch.worklog import beside

    if output is None:
        raise UsageError("--resume", "needs a worklog to go by", "Give -o DIR or --worklog FILE.")
    return beside(output)
