"""``kerchief plan PATH``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from kerchief.choices import Margin
from kerchief.cli.options import (
    DetectorPath,
    From,
    Json,
    MarginOption,
    OnePath,
    StyleText,
    To,
    clip_from,
    settings_from,
)


def plan(
    path: OnePath,
    *,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="Where the plan goes; by default PATH.plan.json.")
    ] = None,
    style: StyleText = "veil",
    margin: MarginOption = Margin.STANDARD,
    detector: DetectorPath = None,
    start: From = None,
    end: To = None,
    json: Json = False,
) -> None:
    """Write down what would be covered, without touching a pixel; edit it, then render. A plan is private."""
    from kerchief.cli.bar import progress_bars
    from kerchief.cli.report import data, json_line
    from kerchief.pipeline import make_plan
    from kerchief.plan.codec import encode
    from kerchief.store.publish import PRIVATE, write_whole

    target = output or path.with_name(f"{path.name}.plan.json")
    settings = settings_from(style, margin, detector=detector, clip=clip_from(start, end))
    with progress_bars("looking") as bars, bars.file(path.name) as progress:
        made = make_plan(path, settings, progress=progress)
    write_whole(target, encode(made), PRIVATE)
    if json:
        json_line(
            {
                "file": str(path),
                "status": "done",
                "exit_code": 0,
                "plan": str(target),
                "tracks": len(made.tracks),
            }
        )
    else:
        data(f"{path} → {target}: {len(made.tracks)} found. Edit it, then: kerchief render {path} --plan {target}")
