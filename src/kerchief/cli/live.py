"""``kerchief live SOURCE --to SINK``."""

from __future__ import annotations

from typing import Annotated

import typer

from kerchief.choices import Late, Margin
from kerchief.cli.options import DetectorPath, MarginOption, Quality, settings_from
from kerchief.errors import UsageError

#: A longer delay would need much memory for what waits, and help nobody.
MOST_DELAY = 5.0
#: A segment is verified when it is over, and until then it is a draft: what is longer is lost longer.
MOST_SEGMENT = 300.0


def live(
    source: Annotated[
        str,
        typer.Argument(help="A camera (camera, /dev/video0), a URL (rtsp, rtmp, srt, http, udp, tcp), a file, or -."),
    ],
    *,
    to: Annotated[
        list[str],
        typer.Option(
            "--to",
            metavar="SINK",
            help="A folder for segments, hls:FOLDER, a URL (rtsp, rtmp, srt, udp, tcp), camera, preview; repeatable.",
        ),
    ],
    delay: Annotated[
        str, typer.Option("--delay", metavar="TIME", help="Look so far ahead; 0s: none, and faces are seen later.")
    ] = "0.5s",
    late: Annotated[
        Late, typer.Option("--late", help="What becomes of a frame that was not looked at in time.")
    ] = Late.VEIL,
    segment: Annotated[str, typer.Option("--segment", metavar="TIME", help="Length of a segment.")] = "60s",
    style: Annotated[str, typer.Option("--style", help="veil, solid, or solid:#rrggbb.")] = "veil",
    margin: MarginOption = Margin.STANDARD,
    quality: Quality = 80,
    detector: DetectorPath = None,
    json: Annotated[bool, typer.Option("--json", help="One JSON object an event on standard output.")] = False,
) -> None:
    """Cover a camera or a stream as it is filmed; no frame leaves that was not looked at in time."""
    from contextlib import ExitStack

    from kerchief.cli.live_talk import Talk
    from kerchief.cli.signals import stopping
    from kerchief.cli.spans import span_of
    from kerchief.live.address import origin
    from kerchief.live.conductor import Timing
    from kerchief.live.engine import Live, Run
    from kerchief.live.sinks.named import sink_for
    from kerchief.live.sinks.preview.sink import Preview
    from kerchief.tools import Tools

    settings = settings_from(style, margin, quality, detector)
    if not settings.style.name.erases:
        raise UsageError("--style", f"{style} is not for streams: it can be seen through", "Use veil or solid.")
    timing = Timing(span_of("--delay", delay, least=0, most=MOST_DELAY), late)
    length = span_of("--segment", segment, least=2, most=MOST_SEGMENT)
    begin = origin(source)
    with ExitStack() as stack:
        talk = stack.enter_context(Talk(is_json=json))
        # Without a delay a look that is done sooner is worth more than two at the same time.
        tools = stack.enter_context(Tools(settings, one_at_a_time=not timing.delay))
        sinks = [sink_for(name, tools, length, talk.tell) for name in to]
        for sink in sinks:
            if isinstance(sink, Preview):
                talk.show(sink.status)
        run = Live(Run(begin, sinks, timing), tools, talk.tell)
        stack.enter_context(stopping(run.stop))
        run.go()
