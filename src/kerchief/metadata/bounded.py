"""Reads that cannot leave the data, and limits on work: the files are hostile.

Every walker reads through these functions. What points outside the data raises BrokenError, which
``contained`` turns into a finding, so that nothing else ever leaves the package.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from kerchief.metadata.finding import Finding, Kind

Order = Literal["big", "little"]
_NOT_ZERO = re.compile(rb"[^\0]")


class BrokenError(Exception):
    """The structure contradicts itself or points outside the data."""


def part(data: memoryview, at: int, size: int) -> memoryview:
    """The ``size`` bytes at ``at``, without a copy."""
    if at < 0 or size < 0 or at + size > len(data):
        raise BrokenError
    return data[at : at + size]


def uint(data: memoryview, at: int, size: int, order: Order = "big") -> int:
    """The unsigned integer of ``size`` bytes at ``at``."""
    return int.from_bytes(part(data, at, size), order)


def blank(data: memoryview, start: int, end: int) -> bool:
    """Whether there is nothing but zeros from ``start`` to ``end``, ends exclusive."""
    return _NOT_ZERO.search(data, start, end) is None


def contained(findings: Iterator[Finding], where: str, size: int, kind: Kind = Kind.DAMAGED) -> Iterator[Finding]:
    """The findings of one part; if it turns out broken, that is the last of them and the file goes on."""
    try:
        yield from findings
    except BrokenError:
        yield Finding(kind, where, size)


@dataclass(slots=True)
class Allowance:
    """How many bytes may still be looked at.

    Structures that point at each other's bytes can make a small file endless; an honest file has no need
    to have any byte read more than once by the same walker.
    """

    left: int

    def spend(self, size: int) -> None:
        """Take ``size`` bytes off, or raise BrokenError: the caller then leaves the work undone."""
        if size > self.left:
            raise BrokenError
        self.left -= size
