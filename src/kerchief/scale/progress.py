"""How far a run is: what the driver tells, and whoever shows it is told."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Protocol

from kerchief.ports import Progress
from kerchief.scale.ledger.ledger import Counts


class RunProgress(Protocol):
    """Told how far a run is."""

    def so_far(self, counts: Counts, *, is_listed: bool) -> None:
        """Called about every second, and after each batch.

        Args:
            counts: files found so far, and where they are.
            is_listed: whether these are all.
        """

    def tell(self, text: str) -> None:
        """Something that the user should know now; the work goes on. From any thread."""

    def file(self, name: str) -> AbstractContextManager[Progress]:
        """A long film is being worked on until the context ends. What is told within is about it. From any thread."""
