"""The files of the page, out of the package. Nothing else is ever read by a name from outside."""

from __future__ import annotations

import re
from importlib.resources import files

from starlette.responses import Response

from kerchief.studio.answers import NotThere

KINDS = {
    "html": "text/html; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
}
NAME = re.compile(rf"[a-z][a-z0-9-]*\.({'|'.join(KINDS)})")


def page_file(name: str) -> Response:
    """A file of the page.

    Raises:
        NotThere: it has no such file.
    """
    match = NAME.fullmatch(name)
    place = files("kerchief.studio").joinpath("page", name) if match else None
    if match is None or place is None or not place.is_file():
        raise NotThere("", "the page has no such file", "Reload the page.")
    return Response(place.read_bytes(), media_type=KINDS[match[1]])
