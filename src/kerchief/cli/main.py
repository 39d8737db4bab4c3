"""``kerchief``: the commands, and the one place where errors become exit codes."""

from __future__ import annotations

import signal
import sys
from typing import NoReturn

import typer

from kerchief.cli.check import check
from kerchief.cli.doctor import doctor
from kerchief.cli.plan import plan
from kerchief.cli.redact import redact
from kerchief.cli.render import render
from kerchief.errors import ExitCode, KerchiefError
from kerchief.version import __version__

app = typer.Typer(
    name="kerchief",
    help="Publish the march, not the marchers: copies of photos in which every face is covered, and proof of it.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,
    rich_markup_mode=None,
)
for command in (redact, plan, render, check, doctor):
    app.command()(command)


def _print_version(value: bool) -> None:  # noqa: FBT001 - typer calls it so
    if value:
        print(f"kerchief {__version__}")  # noqa: T201
        raise typer.Exit


@app.callback()
def _options(
    *,
    version: bool = typer.Option(  # noqa: ARG001
        False, "--version", callback=_print_version, is_eager=True, help="Print the version."
    ),
) -> None:
    pass


def main() -> None:
    """Run the command line and end the process with its exit code."""
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        app(standalone_mode=True)
    except KerchiefError as error:
        print(f"kerchief: {error}", file=sys.stderr)  # noqa: T201
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        print("kerchief: interrupted; nothing half-written is left.", file=sys.stderr)  # noqa: T201
        sys.exit(ExitCode.INTERRUPTED)


def _interrupt(signum: int, frame: object) -> NoReturn:
    """SIGTERM ends a run as Ctrl-C does: drafts are removed on the way out."""
    raise KeyboardInterrupt
