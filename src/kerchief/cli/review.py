"""``kerchief review PATH...``: the page on which people see and correct what will be covered."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from kerchief.choices import Codec, Margin
from kerchief.cli.audio import AudioText
from kerchief.cli.options import CodecOption, DetectorPath, MarginOption, Paths, Quality, StyleText, settings_from
from kerchief.errors import UsageError


def review(
    paths: Paths,
    *,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", help="Folder for the copies; by default `redacted` beside the first path."),
    ] = None,
    plans: Annotated[
        Path | None, typer.Option("--plans", help="Folder for the plans; by default each lies beside its file.")
    ] = None,
    style: StyleText = "veil",
    margin: MarginOption = Margin.STANDARD,
    quality: Quality = 90,
    codec: CodecOption = Codec.H264,
    audio: AudioText = "drop",
    detector: DetectorPath = None,
    keep_names: Annotated[
        bool, typer.Option("--keep-names", help="Keep names that a camera or messenger gave.")
    ] = False,
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open the page in the browser.")] = True,
    port: Annotated[int, typer.Option("--port", min=0, max=65_535, help="Port on 127.0.0.1; by default any.")] = 0,
) -> None:
    """Open a page in your browser: see what will be covered, correct it, record consent, export."""
    from contextlib import ExitStack

    from kerchief.batch.walk import walk
    from kerchief.cli.browser import opened
    from kerchief.cli.report import data, say
    from kerchief.studio.desk.names import plan_paths
    from kerchief.studio.server import Review, serve

    settings = settings_from(style, margin, quality, detector, None, codec, audio)
    folder = output or paths[0].absolute().parent / "redacted"
    jobs = walk(paths, but_not=folder).jobs
    if not jobs:
        raise UsageError(str(paths[0]), "holds nothing to review", "Name photos, films, or a folder with some.")
    planned = sum(path.exists() for path in plan_paths(jobs, plans))

    def ready(link: str) -> None:
        data(link)
        say("Close the page or press Ctrl-C to stop. The link works once, and only on this machine.")
        if planned:
            has = (
                "1 file has a plan already and keeps its"
                if planned == 1
                else f"{planned} files have plans already and keep their"
            )
            say(f"{has} own style and margin; both can be changed on the page.")
        if browser:
            page.enter_context(opened(link))

    with ExitStack() as page:
        serve(Review(jobs, folder, plans, keep_names, settings), port, ready)
