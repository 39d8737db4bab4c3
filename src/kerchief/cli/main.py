"""``kerchief``: the commands, and the one place where errors become exit codes."""

from __future__ import annotations

import os
import signal
import sys
from typing import Annotated, NoReturn

import typer

from kerchief.cli.attack import attack
from kerchief.cli.audit import audit
from kerchief.cli.check import check
from kerchief.cli.doctor import doctor
from kerchief.cli.live import live
from kerchief.cli.plan import plan
from kerchief.cli.redact import redact
from kerchief.cli.render import render
from kerchief.cli.report import data, say
from kerchief.cli.review import review
from kerchief.cli.watch import watch
from kerchief.errors import ExitCode, KerchiefError, Unexpected
from kerchief.version import __version__

app = typer.Typer(
    name="kerchief",
    help="Publish the march, not the marchers: copies of photos and films with every face covered, and proof of it.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
for command in (redact, plan, render, review, live, watch, check, attack, audit, doctor):
    app.command()(command)


def _print_version(value: bool) -> None:  # noqa: FBT001 - typer calls it so
    if value:
        data(f"kerchief {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    *,
    version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version."),
    ] = False,
) -> None:
    pass


def main() -> None:
    """Run the command line and end the process with its exit code."""
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        app(standalone_mode=True)
    except KerchiefError as error:
        say(f"kerchief: {error}")
        sys.exit(error.exit_code)
    except Exception as error:  # noqa: BLE001 - the outermost edge
        fault = Unexpected.of("", error)
        say(f"kerchief: {fault}")
        sys.exit(fault.exit_code)
    except (SystemExit, KeyboardInterrupt) as end:
        # Typer makes an exit code of an interrupt, but not of one that comes outside of a command.
        if isinstance(end, SystemExit) and end.code != ExitCode.INTERRUPTED:
            raise
        say("kerchief: interrupted; nothing half-written is left.")
        sys.exit(ExitCode.INTERRUPTED)


def _interrupt(signum: int, frame: object) -> NoReturn:
    """SIGTERM ends a run as Ctrl-C does: drafts are removed on the way out. The second one ends it at once."""
    signal.signal(signal.SIGTERM, lambda *_: os._exit(ExitCode.INTERRUPTED))
    raise KeyboardInterrupt
