"""Items of a HEIF or AVIF file: which exist, where their bytes lie, and which of them make up the picture.

ISO/IEC 14496-12 section 8.11 (meta boxes) and ISO/IEC 23008-12 (HEIF). The picture is the primary item, what
it is derived from (tiles of a grid) and its alpha plane; any other item is a finding.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from kerchief.metadata.bounded import BrokenError, part, uint
from kerchief.metadata.boxes import boxes

# A grid has at most 256 x 256 tiles (HEIF section 6.6.2.3.2); larger tables are an attack on memory.
MAX_ITEMS = (1 << 16) + 256
MAX_EXTENTS = MAX_REFERENCES = 4 * MAX_ITEMS
MAX_AUXILIARY = 256

# MIAF (ISO/IEC 23000-22) section 7.3.5 and the older names of HEVC and AVC
ALPHA = (
    "urn:mpeg:mpegB:cicp:systems:auxiliary:alpha",
    "urn:mpeg:hevc:2015:auxid:1",
    "urn:mpeg:avc:2015:auxid:1",
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One item as the table of items announces it; ``rest`` has its name and type of content."""

    kind: str
    rest: bytes


@dataclass(frozen=True, slots=True)
class Reference:
    """An item refers to others; ``dimg``: is made of them, ``auxl``: belongs to, ``thmb``: is a copy of."""

    kind: str
    source: int
    targets: tuple[int, ...]


@dataclass(slots=True)
class Items:
    """The tables of a meta box, by item number."""

    primary: int = 0
    entries: dict[int, Entry] = field(default_factory=dict)
    extents: dict[int, tuple[tuple[int, int], ...]] = field(default_factory=dict)
    """Where the data lie: places in the file and lengths."""
    references: list[Reference] = field(default_factory=list)
    auxiliary: dict[int, str] = field(default_factory=dict)
    """The type of an auxiliary picture, such as alpha or depth."""

    def picture(self) -> set[int]:
        """The numbers of the items that are needed to show the picture."""
        needed = self._with_sources({self.primary})
        alphas = {
            reference.source
            for reference in self.references
            if reference.kind == "auxl"
            and self.auxiliary.get(reference.source) in ALPHA
            and needed.intersection(reference.targets)
        }
        return needed | self._with_sources(alphas)

    def _with_sources(self, items: Iterable[int]) -> set[int]:
        sources: dict[int, list[int]] = {}
        for reference in self.references:
            if reference.kind == "dimg":
                sources.setdefault(reference.source, []).extend(reference.targets)
        found, pending = set(items), list(items)
        while pending:
            fresh = set(sources.get(pending.pop(), ())) - found
            found |= fresh
            pending.extend(fresh)
        return found


def read_items(meta: memoryview, meta_at: int) -> Items:
    """The tables of a meta box that starts at ``meta_at``; BrokenError if one is broken or absurdly large."""
    items, idat_at, location = Items(), 0, None
    tables = {"pitm": _read_primary, "iinf": _read_entries, "iref": _read_references, "iprp": _read_auxiliary}
    for box in boxes(meta, 4):
        if read := tables.get(box.name):
            read(box.content(meta), items)
        elif box.name == "idat":
            idat_at = meta_at + box.body
        elif box.name == "iloc":
            location = box.content(meta)
    if location is not None:
        _read_extents(location, items, idat_at)
    return items


def _read_primary(table: memoryview, items: Items) -> None:
    items.primary = uint(table, 4, 4 if uint(table, 0, 1) else 2)


def _read_entries(table: memoryview, items: Items) -> None:
    for box in boxes(table, 8 if uint(table, 0, 1) else 6):
        entry = box.content(table)
        version = uint(entry, 0, 1)
        if box.name != "infe" or version not in (2, 3) or len(items.entries) >= MAX_ITEMS:
            raise BrokenError
        wide = 4 if version == 3 else 2
        kind = bytes(part(entry, 6 + wide, 4)).decode("latin-1")
        items.entries[uint(entry, 4, wide)] = Entry(kind, bytes(entry[10 + wide : 266 + wide]))


def _read_references(table: memoryview, items: Items) -> None:
    wide, total = 4 if uint(table, 0, 1) else 2, 0
    for box in boxes(table, 4):
        entry = box.content(table)
        count = uint(entry, wide, 2)
        total += count + 1
        if total > MAX_REFERENCES:
            raise BrokenError
        targets = tuple(uint(entry, at, wide) for at in range(wide + 2, wide + 2 + wide * count, wide))
        items.references.append(Reference(box.name, uint(entry, 0, wide), targets))


def _read_extents(table: memoryview, items: Items, idat_at: int) -> None:
    """Section 8.11.3: construction method 1 counts from the idat box; 2, from other items, is not read."""
    version, sizes = uint(table, 0, 1), uint(table, 4, 2)
    offset_size, length_size, base_size, index_size = (sizes >> shift & 15 for shift in (12, 8, 4, 0))
    wide, method_size = 4 if version == 2 else 2, 2 if version else 0
    each = (index_size if version else 0) + offset_size + length_size
    at, total = 6 + wide, 0
    for _ in range(uint(table, 6, wide)):
        number, method = uint(table, at, wide), uint(table, at + wide, method_size) & 15
        at += wide + method_size + 2
        base, pieces = uint(table, at, base_size), uint(table, at + base_size, 2)
        at += base_size + 2
        total += pieces + 1
        if total > MAX_EXTENTS or method > 1:
            raise BrokenError
        start = base + (idat_at if method else 0)
        lengths = range(at + each - length_size, at + each * pieces, each or 1)
        items.extents[number] = tuple(
            (start + uint(table, place - offset_size, offset_size), uint(table, place, length_size))
            for place in lengths
        )
        at += each * pieces


def _read_auxiliary(table: memoryview, items: Items) -> None:
    types: dict[int, str] = {}
    for box in boxes(table):
        content = box.content(table)
        if box.name == "ipco":
            types = _auxiliary_types(content)
        elif box.name == "ipma":
            for number, index in _associations(content):
                if index in types:
                    items.auxiliary[number] = types[index]


def _auxiliary_types(ipco: memoryview) -> dict[int, str]:
    types: dict[int, str] = {}
    for index, box in enumerate(boxes(ipco), 1):
        if box.name == "auxC":
            types[index] = bytes(box.content(ipco)[4:104]).split(b"\0")[0].decode("latin-1")
        if len(types) > MAX_AUXILIARY:
            raise BrokenError
    return types


def _associations(table: memoryview) -> Iterator[tuple[int, int]]:
    """Item number and number of a property, counted from 1 (HEIF section 9.3.1)."""
    number_size, index_size = 4 if uint(table, 0, 1) else 2, 1 + (uint(table, 3, 1) & 1)
    at = 8
    for _ in range(uint(table, 4, 4)):
        number, count = uint(table, at, number_size), uint(table, at + number_size, 1)
        at += number_size + 1
        for _ in range(count):
            yield number, uint(table, at, index_size) & (0x7F if index_size == 1 else 0x7FFF)
            at += index_size
