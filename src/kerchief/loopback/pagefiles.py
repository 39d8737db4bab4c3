"""The files of a page, out of the package. Nothing else is ever read by a name from outside."""

from __future__ import annotations

import re
from importlib.resources import files

from starlette.responses import Response

from kerchief.loopback.guard import failure

KINDS = {
    "html": "text/html; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
}
NAME = re.compile(rf"[a-z][a-z0-9-]*\.({'|'.join(KINDS)})")
#: Files that every page uses: colours, type, buttons, icons, the way in.
SHARED = "kerchief.loopback"


def page_file(package: str, name: str) -> Response:
    """A file of a page, or 404.

    Args:
        package: whose folder ``page`` it lies in, unless it is one that all pages share.
        name: as the browser asked for it.
    """
    if match := NAME.fullmatch(name):
        for owner in (package, SHARED):
            place = files(owner).joinpath("page", name)
            if place.is_file():
                return Response(place.read_bytes(), media_type=KINDS[match[1]])
    return failure(404, "the page has no such file", "Reload the page.")
