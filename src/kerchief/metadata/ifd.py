"""Directories of tags: the structure that TIFF files and EXIF blocks share (TIFF 6.0 section 2; BigTIFF).

Follows the chain of directories and the pointers to EXIF, GPS, interoperability and sub-directories.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from kerchief.metadata import tags
from kerchief.metadata.bounded import Allowance, BrokenError, Order, part, uint

# Generous against what is seen (under 300 tags, under 1,000 pages), small against memory.
MAX_ENTRIES = 4096
MAX_DIRECTORIES = 1 << 14

# TIFF 6.0 section 2, BigTIFF: bytes of one value by type; the others, known or not, have one
_WIDTHS = {
    **dict.fromkeys((3, 8), 2),
    **dict.fromkeys((4, 9, 11, 13), 4),
    **dict.fromkeys((5, 10, 12, 16, 17, 18), 8),
}
_ORDERS: dict[bytes, Order] = {b"II": "little", b"MM": "big"}
_POINTERS = {tags.EXIF_IFD: "Exif", tags.GPS_IFD: "GPS", tags.INTEROP_IFD: "Interop", tags.SUB_IFDS: "SubIFD"}


@dataclass(frozen=True, slots=True)
class Entry:
    """One tag and where its value lies; ``at`` may point outside the data."""

    tag: int
    width: int
    count: int
    at: int
    inline: bool

    @property
    def size(self) -> int:
        """The length of the value in bytes."""
        return self.width * self.count


@dataclass(frozen=True, slots=True)
class Directory:
    """One directory. ``name`` is IFD0, IFD1…, Exif, GPS, Interop or SubIFD."""

    name: str
    at: int
    size: int
    entries: tuple[Entry, ...]
    following: int

    @property
    def in_chain(self) -> bool:
        """Whether it is one of the pages, or of the chain below one."""
        return self.name.startswith("IFD") or self.name == "SubIFD"

    def entry(self, tag: int) -> Entry | None:
        """The first entry with that tag."""
        return next((entry for entry in self.entries if entry.tag == tag), None)


@dataclass(frozen=True, slots=True)
class Tiff:
    """A TIFF structure in memory: byte order, width of offsets, and the place of the first directory."""

    data: memoryview
    order: Order
    wide: bool
    first: int

    @classmethod
    def parse(cls, data: memoryview) -> Tiff:
        """Read the header; BrokenError if it is none."""
        order = _ORDERS.get(bytes(data[:2]))
        if order is None or (magic := uint(data, 2, 2, order)) not in (42, 43):
            raise BrokenError
        wide = magic == 43
        return cls(data, order, wide, uint(data, 8, 8, order) if wide else uint(data, 4, 4, order))

    @property
    def header_size(self) -> int:
        """The bytes before anything else may come."""
        return 16 if self.wide else 8

    def directory(self, name: str, at: int, allowance: Allowance) -> Directory:
        """The directory at ``at``; BrokenError if it does not lie within the data or is absurdly large."""
        head, each, link = (8, 20, 8) if self.wide else (2, 12, 4)
        count = uint(self.data, at, head, self.order)
        if count > MAX_ENTRIES:
            raise BrokenError
        allowance.spend(head + each * count)
        start, end = at + head, at + head + each * count
        entries = tuple(self._entry(place) for place in range(start, end, each))
        # EXIF writers leave the last link out; without it there is simply no next directory
        following = uint(self.data, end, link, self.order) if end + link <= len(self.data) else 0
        return Directory(name, at, end + link - at, entries, following)

    def _entry(self, at: int) -> Entry:
        slot = 8 if self.wide else 4
        tag, kind = uint(self.data, at, 2, self.order), uint(self.data, at + 2, 2, self.order)
        count, width = uint(self.data, at + 4, slot, self.order), _WIDTHS.get(kind, 1)
        inline = width * count <= slot
        place = at + 4 + slot
        return Entry(tag, width, count, place if inline else uint(self.data, place, slot, self.order), inline)

    def numbers(self, entry: Entry | None) -> Iterator[int]:
        """The values of an integer entry, one by one; none without an entry."""
        if entry is None:
            return
        part(self.data, entry.at, entry.size)
        for at in range(entry.at, entry.at + entry.size, entry.width):
            yield uint(self.data, at, entry.width, self.order)

    def number(self, entry: Entry | None) -> int | None:
        """The first value of an integer entry."""
        return next(self.numbers(entry), None)

    def value(self, entry: Entry) -> memoryview:
        """The bytes of the value."""
        return part(self.data, entry.at, entry.size)


def directories(tiff: Tiff) -> Iterator[Directory]:
    """Every directory once, the nearest first. BrokenError at the very end if one was broken."""
    allowance = Allowance(len(tiff.data))
    pending = deque([("IFD0", tiff.first)])
    seen: set[int] = set()
    damaged = False
    while pending:
        name, at = pending.popleft()
        if at in seen:
            continue
        seen.add(at)
        try:
            directory = tiff.directory(name, at, allowance)
            yield directory
            allowance.spend(sum(entry.size for entry in directory.entries if entry.tag == tags.SUB_IFDS))
            room = MAX_DIRECTORIES - len(seen) - len(pending)  # never negative: pending is filled up to it
            pending.extend(islice(_children(tiff, directory), room))
            damaged |= room <= 1
        except BrokenError:
            damaged = True
    if damaged:
        raise BrokenError


def _children(tiff: Tiff, directory: Directory) -> Iterator[tuple[str, int]]:
    # cameras leave rubbish in the link of EXIF and GPS directories, which have no next one
    if directory.in_chain and directory.following:
        name = directory.name
        yield name if name == "SubIFD" else f"IFD{int(name[3:]) + 1}", directory.following
    for entry in directory.entries:
        if (name := _POINTERS.get(entry.tag, "")) and entry.width in (4, 8):
            yield from ((name, at) for at in tiff.numbers(entry) if at)
