"""``kerchief doctor``."""

from __future__ import annotations

import typer

from kerchief.cli.options import Json
from kerchief.errors import ExitCode, KerchiefError


def doctor(*, json: Json = False) -> None:
    """Versions, networks with digests and licences, the runtime, and a test that finds a known face right here."""
    from kerchief.cli.report import data, json_line, say
    from kerchief.doctor import examine

    report = examine()
    if json:
        json_line(report.values())
    else:
        for line in report.lines():
            data(line)
    for error in report.errors:
        say(f"kerchief: {error}")
    raise typer.Exit(_code(report.errors))


def _code(errors: tuple[KerchiefError, ...]) -> int:
    return int(errors[0].exit_code if errors else ExitCode.DONE)
