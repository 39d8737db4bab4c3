"""The option ``--page`` of the commands that report."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from kerchief.errors import OutputError

PagePath = Annotated[
    Path | None,
    typer.Option("--page", metavar="FILE.html", help="Write the result as a page with plots, which opens offline."),
]


def must_be_writable(page: Path) -> None:
    """Said before the work, not after it.

    Raises:
        UsageError: matplotlib is not installed.
        OutputError: the page exists.
    """
    from kerchief.pages.plots import must_draw

    must_draw()
    if page.exists() or page.is_symlink():
        raise OutputError(str(page), "exists already", "Move it away, or give --page another name.")
