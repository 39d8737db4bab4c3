"""Opens a link in the user's browser, and tells nobody else on the machine: command lines can be read by all."""

from __future__ import annotations

import os
import tempfile
import webbrowser
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from html import escape
from pathlib import Path
from threading import Thread

PAGE = """\
<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="referrer" content="no-referrer">
<meta http-equiv="refresh" content="0;url={link}">
<title>kerchief review</title>
<p><a href="{link}">Open the review</a></p>
</html>
"""


@contextmanager
def opened(link: str) -> Iterator[None]:
    """Opens a page of the user's own that leads to the link; it lies there as long as this is entered.

    Where there is no browser, nothing happens. One that runs in the foreground is not waited for.
    """
    with _private_folder() as folder:
        page = folder / "review.html"
        with os.fdopen(os.open(page, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            file.write(PAGE.format(link=escape(link)))
        Thread(target=_open, args=(page.as_uri(),), daemon=True).start()
        yield


@contextmanager
def _private_folder() -> Iterator[Path]:
    """In the home folder: a browser in a sandbox sees neither /tmp nor hidden folders."""
    with tempfile.TemporaryDirectory(prefix="kerchief-review-", dir=_home(), ignore_cleanup_errors=True) as name:
        yield Path(name)


def _home() -> Path | None:
    """None, for the system's place, where there is none that can be written to."""
    with suppress(RuntimeError):
        home = Path.home()
        return home if os.access(home, os.W_OK) else None
    return None


def _open(address: str) -> None:
    with suppress(webbrowser.Error, OSError):
        webbrowser.open(address)
