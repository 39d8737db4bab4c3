"""The command line, called from tests: exit codes, data, and a photo to work on."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from scenes import saved, scene
from typer.testing import CliRunner, Result

from kerchief.cli.main import app
from kerchief.errors import KerchiefError


def run(*words: object) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words])


def code(result: Result) -> int:
    """The exit code that ``main`` gives: errors of its own become theirs."""
    if isinstance(result.exception, KerchiefError):
        return int(result.exception.exit_code)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code


def lines(result: Result) -> list[dict[str, Any]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


def photo(path: Path, **options: object) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(saved(scene(320, 240, [(110, 70, 80)])[0], "JPEG", quality=90, **options))
    return path
