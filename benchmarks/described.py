"""The digest of the code that a figure hangs on, so that a test can tell when the figure is older than the code.

It walks the syntax tree, so it stays the same when comments, docstrings, formatting or the version of Python (3.11 to
3.13) change. The networks go in by the digests that they were published with. Not in it: reading and writing files, and
`pipeline.py` and `settings.py`, which put the parts together; who changes those so that figures move must measure
again.
"""

from __future__ import annotations

import ast
import hashlib
from pathlib import Path
from typing import Any

from kerchief.models.cards import PACKED, card

PACKAGE = Path(__file__).parent.parent / "src" / "kerchief"
#: What finds faces and decides how far the mask reaches: what the figures of missed faces are about.
FINDS = (
    "find",
    "models/centerface.py",
    "models/yunet.py",
    "cover/mask.py",
    "plan/query.py",
    "geometry.py",
    "prove/verify.py",
)
#: What covers, and how much of the head: what the figures of attacks are about.
COVERS = ("cover", "find/head.py", "plan/query.py", "geometry.py")
#: Fields of the syntax tree that say nothing of what the code does.
SILENT = {"kind", "type_comment", "type_ignores", "ctx"}


def digest_of_finding() -> str:
    """SHA-256 of the code and of the networks that find faces."""
    return digest(FINDS, [card(name).source_sha256 for name in PACKED])


def digest_of_covering() -> str:
    """SHA-256 of the code that covers them."""
    return digest(COVERS)


def digest(places: tuple[str, ...], beside: list[str] | None = None) -> str:
    """SHA-256 of the files at these places of the package, folders with all modules in them."""
    paths = {path for place in places for path in modules(PACKAGE / place)}
    shapes = [f"{path.relative_to(PACKAGE).as_posix()}\n{shape_of(path.read_text('utf-8'))}" for path in sorted(paths)]
    return hashlib.sha256("\n".join([*shapes, *(beside or [])]).encode()).hexdigest()


def modules(place: Path) -> list[Path]:
    return sorted(place.rglob("*.py")) if place.is_dir() else [place]


def shape_of(source: str) -> str:
    """What a module does, written down so that its looks do not matter."""
    return _told(ast.parse(source))


def _told(value: Any) -> str:
    if isinstance(value, ast.Constant):
        return f"={value.value!a}"
    if isinstance(value, ast.AST):
        fields = [(name, field) for name, field in ast.iter_fields(value) if name not in SILENT]
        told = "".join(f" {name}:{_told(field)}" for name, field in fields if field is not None and field != [])
        return f"({type(value).__name__}{told})"
    if isinstance(value, list):
        return "[" + "".join(_told(item) for item in value if not _is_docstring(item)) + "]"
    return ascii(value)


def _is_docstring(node: Any) -> bool:
    """A string that stands alone: a docstring, of an attribute too."""
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
