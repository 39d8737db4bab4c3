"""``kerchief render PATH --plan P``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from kerchief.choices import Codec
from kerchief.cli.audio import AudioText, audio_from
from kerchief.cli.options import CodecOption, DetectorPath, Json, OnePath, Quality
from kerchief.cli.planfile import read_plan


def render(
    path: OnePath,
    *,
    plan: Annotated[Path, typer.Option("--plan", help="The plan, as written by `kerchief plan` and edited by you.")],
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="The copy; by default beside the original.")
    ] = None,
    quality: Quality = 90,
    codec: CodecOption = Codec.H264,
    audio: AudioText = "drop",
    detector: DetectorPath = None,
    receipt: Annotated[Path | None, typer.Option("--receipt", help="Where the receipt goes.")] = None,
    json: Json = False,
) -> None:
    """Cover a photo by a plan, and check it before it appears. Style and margin are the plan's."""
    from kerchief.batch.run import Result
    from kerchief.batch.walk import Job
    from kerchief.cli.bar import progress_bars
    from kerchief.cli.report import data, json_line, result_values, summary
    from kerchief.pipeline import render as render_by_plan
    from kerchief.prove.receipt import encode
    from kerchief.settings import Settings
    from kerchief.store.publish import write_whole

    document = read_plan(plan)
    settings = Settings(quality=quality, codec=codec, detector=detector, audio=audio_from(audio))
    with progress_bars("rendering") as bars, bars.file(path.name) as progress:
        outcome = render_by_plan(path, document, output, settings, progress=progress)
    if receipt is not None:
        write_whole(receipt, encode(outcome.receipt))
    if json:
        json_line(result_values(Result(Job(path, Path()), outcome)))
    else:
        data(f"{path} → {outcome.output}: {summary(outcome.receipt)}")
