"""``kerchief redact PATH...``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from kerchief.choices import Codec, Margin
from kerchief.cli.audio import AudioText
from kerchief.cli.options import (
    CodecOption,
    DetectorPath,
    From,
    Json,
    MarginOption,
    Paths,
    Quality,
    StyleText,
    To,
    clip_from,
    settings_from,
)
from kerchief.errors import KerchiefError, UsageError


def redact(
    paths: Paths,
    *,
    output: Annotated[
        Path | None,
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
    receipts: Annotated[Path | None, typer.Option("--receipts", help="Folder for receipts.")] = None,
    worklog: Annotated[
        Path | None, typer.Option("--worklog", help="Private log of what was done; --resume goes by it.")
    ] = None,
    resume: Annotated[
        bool,
        typer.Option("--resume", help="Skip what the worklog (by default OUTPUT.worklog.jsonl) calls done."),
    ] = False,
    keep_names: Annotated[
        bool, typer.Option("--keep-names", help="Keep names that a camera or messenger gave.")
    ] = False,
    jobs: Annotated[
        int, typer.Option("--jobs", min=1, max=64, help="Files at a time; each takes some 500 MB at 12 megapixels.")
    ] = 2,
    json: Json = False,
) -> None:
    """Write a copy of every photo and film in which all faces are covered, and check it before it appears."""
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

        settings = settings_from(style, margin, quality, detector, clip_from(start, end), codec, audio)
        if resume and worklog is None:
            worklog = _beside(output)
        found = walk(paths, but_not=output)
        places = Places(Namer(output, keep_names=keep_names), receipts, Worklog(worklog) if worklog else None, resume)
        at_once = min(jobs, len(found.jobs)) or 1
        errors: list[KerchiefError] = []
        with Tools(settings, child=child) as tools, progress_bars("redacting") as progress:
            for result in redact_all(found.jobs, places, tools, progress, at_once):
                if json:
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
    raise typer.Exit(exit_code_for(errors, len(found.jobs)))


def _beside(output: Path | None) -> Path:
    """The worklog's default place."""
    from kerchief.batch.worklog import beside

    if output is None:
        raise UsageError("--resume", "needs a worklog to go by", "Give -o DIR or --worklog FILE.")
    return beside(output)
