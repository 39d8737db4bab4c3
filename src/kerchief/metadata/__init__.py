"""What picture files give away beside the picture: ``inspect`` for bytes, ``stamped`` for names."""

from __future__ import annotations

from kerchief.metadata.finding import Finding, Kind
from kerchief.metadata.inspect import Data, inspect
from kerchief.metadata.names import stamped

__all__ = ["Data", "Finding", "Kind", "inspect", "stamped"]
