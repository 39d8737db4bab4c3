"""What workers ask before they begin with a file and tell before they publish it; it runs beside the driver.

It alone writes down what may have got a name, before the name is there. So a repeated task finds what was finished.
"""

from __future__ import annotations

from pathlib import Path
from typing import Protocol, cast

from kerchief.scale.ledger.ledger import Begun, Ledger
from kerchief.scale.tasks import Made


class Notary(Protocol):
    """What a worker needs of it."""

    def begin(self, number: int) -> Begun:
        """An attempt at a file begins."""

    def intend(self, made: Made) -> None:
        """A copy that passed is about to get its name; it is on the disk when this returns."""


class LedgerNotary:
    """Writes into the ledger, in a process on the driver's machine.

    Args:
        path: of the ledger; a run has begun.
        of_pass: number of the pass: when another one has begun, what workers of this one say is not written down.
    """

    def __init__(self, path: str, of_pass: int) -> None:
        self._ledger = Ledger(Path(path), of_pass)

    def begin(self, number: int) -> Begun:
        """See ``Notary``."""
        return self._ledger.begin(number)

    def intend(self, made: Made) -> None:
        """See ``Notary``."""
        self._ledger.intend(made)

    def stop(self) -> None:
        """Nothing takes long."""

    def close(self) -> None:
        """Close the ledger."""
        self._ledger.close()


class Caller(Protocol):
    """A way to call an object in another process."""

    def call(self, method: str, *args: object) -> object:
        """What its method returns, or raises."""


class DistantNotary:
    """The notary, as a worker in another process sees it.

    Args:
        there: calls it.
    """

    def __init__(self, there: Caller) -> None:
        self._there = there

    def begin(self, number: int) -> Begun:
        """See ``Notary``."""
        return cast("Begun", self._there.call("begin", number))

    def intend(self, made: Made) -> None:
        """See ``Notary``."""
        self._there.call("intend", made)
