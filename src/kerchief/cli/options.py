"""Options that several commands share, and the way from a flag to a setting."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kerchief.choices import Codec, Margin
from kerchief.cli.audio import audio_from
from kerchief.cli.times import seconds_of
from kerchief.errors import UsageError

if TYPE_CHECKING:
    from kerchief.settings import Clip, Settings

Json = Annotated[bool, typer.Option("--json", help="One JSON object a file on standard output.")]
Paths = Annotated[list[Path], typer.Argument(help="Files and folders; folders are searched to the bottom.")]
OnePath = Annotated[Path, typer.Argument(help="The photo.")]
StyleText = Annotated[
    str,
    typer.Option(
        "--style",
        help="veil or solid or solid:#rrggbb erase; pixelate and blur are cosmetic and can be seen through.",
    ),
]
DetectorPath = Annotated[
    Path | None,
    typer.Option("--detector", help="Your own ONNX network; it looks too (docs/own-detector.md)."),
]
Quality = Annotated[int, typer.Option("--quality", min=1, max=100, help="Quality of JPEG, WebP, AVIF and films.")]


MarginOption = Annotated[
    Margin,
    typer.Option("--margin", help="strict: every head grows by 17 px and is snapped to the coding grid."),
]


CodecOption = Annotated[
    Codec,
    typer.Option("--codec", help="How films are coded, in MP4: h264 plays everywhere, vp9 is smaller."),
]
From = Annotated[
    str | None,
    typer.Option("--from", metavar="TIME", help="Keep a film from here on: seconds, m:ss or h:mm:ss, with decimals."),
]
To = Annotated[str | None, typer.Option("--to", metavar="TIME", help="Keep a film up to here; nothing beyond remains.")]

COLOUR = re.compile(r"#[0-9a-fA-F]{6}")


def settings_from(
    style: str,
    margin: Margin = Margin.STANDARD,
    quality: int = 90,
    detector: Path | None = None,
    clip: Clip | None = None,
    codec: Codec = Codec.H264,
    audio: str = "drop",
) -> Settings:
    """Flags → settings.

    Raises:
        UsageError: no such style or colour, or no such choice of sound.
    """
    from kerchief.plan.model import Style, StyleName
    from kerchief.settings import Settings

    name, _, colour = style.partition(":")
    if name not in set(StyleName) or (colour and (name != "solid" or not COLOUR.fullmatch(colour))):
        raise UsageError("--style", f"there is no style {style}", "Use veil, solid, solid:#rrggbb, pixelate or blur.")
    chosen = Style(name=StyleName(name), colour=colour.lower()) if colour else Style(name=StyleName(name))
    return Settings(
        style=chosen,
        margin=margin,
        detector=detector,
        quality=quality,
        clip=clip,
        codec=codec,
        audio=audio_from(audio),
    )


def clip_from(start: str | None, end: str | None) -> Clip | None:
    """--from and --to → what is kept; None where neither is given.

    Raises:
        UsageError: no times, or nothing in between.
    """
    from kerchief.settings import Clip

    if start is None and end is None:
        return None
    first = seconds_of("--from", start) if start is not None else Decimal(0)
    last = seconds_of("--to", end) if end is not None else None
    if last is not None and last <= first:
        raise UsageError("--to", "is not after --from, so nothing would be left", "Give a later --to.")
    return Clip(start=first, end=last)
