"""kerchief: publish the march, not the marchers.

Covers every face in photos and proves it. The flow is ``kerchief.pipeline``; names are loaded when they are used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from kerchief.version import __version__

if TYPE_CHECKING:
    from kerchief.errors import KerchiefError
    from kerchief.pipeline import Outcome, make_plan, redact, render, verify
    from kerchief.plan.audio import Audio, Span
    from kerchief.plan.model import Plan, Style
    from kerchief.prove.receipt import Receipt
    from kerchief.prove.verify import Verification
    from kerchief.settings import Settings
    from kerchief.tools import Tools

_HOMES = {
    "Audio": "kerchief.plan.audio",
    "KerchiefError": "kerchief.errors",
    "Outcome": "kerchief.pipeline",
    "Plan": "kerchief.plan.model",
    "Receipt": "kerchief.prove.receipt",
    "Settings": "kerchief.settings",
    "Span": "kerchief.plan.audio",
    "Style": "kerchief.plan.model",
    "Tools": "kerchief.tools",
    "Verification": "kerchief.prove.verify",
    "make_plan": "kerchief.pipeline",
    "redact": "kerchief.pipeline",
    "render": "kerchief.pipeline",
    "verify": "kerchief.pipeline",
}

__all__ = [
    "Audio",
    "KerchiefError",
    "Outcome",
    "Plan",
    "Receipt",
    "Settings",
    "Span",
    "Style",
    "Tools",
    "Verification",
    "__version__",
    "make_plan",
    "redact",
    "render",
    "verify",
]


def __getattr__(name: str) -> object:
    """Loads a public name from its home; numpy and the runtime load only when they are needed."""
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
