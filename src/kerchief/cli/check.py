"""``kerchief check PATH...``: the linter; and the way to the test of law 2."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from kerchief.cli.interference import OPTION, check_interference
from kerchief.cli.options import DetectorPath, Json, Paths
from kerchief.errors import ExitCode, KerchiefError

if TYPE_CHECKING:
    from kerchief.batch.lint import Exposure


def check(
    paths: Paths,
    *,
    interference: Annotated[
        bool,
        typer.Option(
            OPTION,
            help="Instead, for the paths ORIGINAL PLAN: put other things under the mask of the plan, and exit 1 if the "
            "copy changes with them. Copies are written as render does by default, films without sound.",
        ),
    ] = False,
    detector: DetectorPath = None,
    json: Json = False,
) -> None:
    """Say what photos and films expose: faces, metadata, camera-given names. Exit 1 when anything is found."""
    if interference:
        raise typer.Exit(check_interference(paths, detector, json=json))
    from kerchief.batch.lint import lint_all
    from kerchief.batch.walk import walk
    from kerchief.cli.bar import progress_bars
    from kerchief.cli.report import data, error_values, exit_code_for, json_line, say
    from kerchief.settings import Settings
    from kerchief.tools import Tools

    found = walk(paths, with_outputs=True)
    errors: list[KerchiefError] = []
    exposed = 0
    with Tools(Settings(detector=detector)) as tools, progress_bars("checking") as progress:
        for lint in lint_all(found.jobs, tools, progress):
            exposed += bool(lint.findings)
            if lint.error:
                errors.append(lint.error)
                say(f"kerchief: {lint.error}")
            if json:
                findings = [_values(exposure) for exposure in lint.findings]
                status = "exposed" if findings else "clean"
                path = str(lint.path)
                json_line(
                    error_values(path, lint.error)
                    if lint.error
                    else {
                        "file": path,
                        "status": status,
                        "exit_code": int(bool(findings)),
                        "findings": findings,
                    }
                )
            else:
                for finding in lint.findings:
                    data(f"{lint.path}: {finding.what}")
    total = len(found.jobs)
    say(f"{total} files looked at, {exposed} expose something, {len(errors)} could not be read")
    code = exit_code_for(errors, total)
    raise typer.Exit(ExitCode.FOUND if code is ExitCode.DONE and exposed else code)


def _values(exposure: Exposure) -> dict[str, Any]:
    values: dict[str, Any] = {"kind": exposure.kind, "what": exposure.what}
    if exposure.seconds:
        values["seconds"] = [[round(first, 3), round(last, 3)] for first, last in exposure.seconds]
    return values
