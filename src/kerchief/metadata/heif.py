"""The meta box of HEIF and AVIF: properties and items that are not needed to show the picture."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from kerchief.metadata import codestream, exif, xmp
from kerchief.metadata.bounded import Allowance, contained, part
from kerchief.metadata.boxes import Box, boxes, data_references, handler, unlisted
from kerchief.metadata.coverage import Coverage
from kerchief.metadata.finding import Finding, Kind
from kerchief.metadata.items import ALPHA, Entry, Items, read_items

_TABLES = frozenset({"pitm", "iinf", "iref", "iprp", "iloc", "idat"})
_REFERENCES = frozenset({"dimg", "auxl", "thmb", "cdsc", "prem"})
# Properties and boxes of a sample entry that say only how to show the picture (HEIF section 6.5, AVIF).
_GEOMETRY = frozenset({"ispe", "pixi", "pasp", "clap", "irot", "imir", "auxC", "clli", "mdcv"})
_CODING = frozenset({"hvcC", "avcC", "av1C", "vpcC", "ccst", "a1op", "a1lx", "lsel", "btrt"})
_PROPERTIES = _GEOMETRY | _CODING
_PICTURES = frozenset({"hvc1", "av01", "avc1", "jpeg", "grid", "iovl", "iden"})
_GRID_SIZE = 12  # HEIF section 6.6.2.3.2
_XMP = b"application/rdf+xml"
_ITEM_NAMES = (b"", b"Color", b"Alpha")  # as libavif writes them
_AUXILIARY = {
    "urn:mpeg:hevc:2015:auxid:2": "depth map",
    "urn:mpeg:mpegB:cicp:systems:auxiliary:depth": "depth map",
    "urn:com:apple:photo:2020:aux:hdrgainmap": "gain map",
    "urn:com:apple:photo:2018:aux:portraiteffectsmatte": "portrait matte",
}


@dataclass(frozen=True, slots=True)
class Media:
    """A file in memory, which of its bytes are owned, and how many may still be looked into."""

    data: memoryview
    owned: Coverage
    inside: Allowance


def findings(media: Media, meta: Box) -> Iterator[Finding]:
    """What in the meta box is not on the allow-list; marks the bytes that the box and its items own."""
    content = meta.content(media.data)
    start = meta.start
    for box in boxes(content, 4):
        if box.name == "idat":
            media.owned.add(start, meta.body + box.body - start)
            start = meta.body + box.end
        yield from contained(_table(content, box), f"HEIF {box.shown} box", box.size)
    media.owned.add(start, meta.end - start)
    items = read_items(content, meta.body)
    for extents in items.extents.values():
        for at, size in extents:
            media.owned.add(at, size)
    yield from _items(media, items)


def described(content: memoryview, box: Box) -> Iterator[Finding]:
    """One property of a picture, or one box of a sample entry."""
    inside = box.content(content)
    if box.name == "colr":
        # anything but four numbers is a whole profile (ISO/IEC 14496-12 section 12.1.5)
        if bytes(inside[:4]) not in (b"nclx", b"nclc") or box.size > 11:
            yield Finding(Kind.ICC, "HEIF colr box", box.size)
    elif box.name == "auxi":
        if bytes(inside[4:]).strip(b"\0").decode("latin-1") not in ALPHA:
            yield Finding(Kind.EXTRA_PICTURE, "auxiliary HEIF track", box.size)
    elif box.name in _PROPERTIES:
        yield from codestream.configuration(box.name, inside)
    else:
        yield from unlisted(content, box, "HEIF property")


def _table(meta: memoryview, box: Box) -> Iterator[Finding]:
    content = box.content(meta)
    if box.name == "hdlr":
        yield from handler(content, "HEIF", (b"pict",))
    elif box.name == "iprp":
        yield from _properties(content)
    elif box.name == "dinf":
        yield from data_references(content)
    elif box.name not in _TABLES:
        yield from unlisted(meta, box, "HEIF meta")


def _properties(iprp: memoryview) -> Iterator[Finding]:
    for box in boxes(iprp):
        content = box.content(iprp)
        if box.name == "ipco":
            for entry in boxes(content):
                yield from described(content, entry)
        elif box.name != "ipma":
            yield from unlisted(iprp, box, "HEIF properties")


def _items(media: Media, items: Items) -> Iterator[Finding]:
    for reference in items.references:
        if reference.kind not in _REFERENCES:
            yield Finding(Kind.APPLICATION, "unknown HEIF reference", 2 * len(reference.targets))
    picture, seen = items.picture(), set[tuple[tuple[int, int], ...]]()
    for number, entry in items.entries.items():
        extents = items.extents.get(number, ())
        size = sum(length for _, length in extents)
        if number not in picture or entry.kind not in _PICTURES:
            yield _beside(items, number, size)
        elif entry.rest.split(b"\0")[0] not in _ITEM_NAMES:
            yield Finding(Kind.TEXT, "name of a HEIF item", len(entry.rest))
        if entry.kind == "grid" and size > _GRID_SIZE:
            yield Finding(Kind.APPLICATION, "end of HEIF grid", size - _GRID_SIZE)
        if extents not in seen:  # libavif stores equal data once
            seen.add(extents)
            yield from contained(_inside(media, entry, extents), f"HEIF item {_shown(entry.kind)}", size)


def _beside(items: Items, number: int, size: int) -> Finding:
    """An item that is no part of the picture."""
    entry = items.entries[number]
    if entry.kind not in _PICTURES and entry.kind != "tmap":
        mime = Kind.XMP if _XMP in entry.rest else Kind.TEXT
        known = {"Exif": Kind.EXIF, "jumb": Kind.PROVENANCE, "mime": mime}
        return Finding(known.get(entry.kind, Kind.APPLICATION), f"HEIF item {_shown(entry.kind)}", size)
    if any(reference.kind == "thmb" and reference.source == number for reference in items.references):
        return Finding(Kind.THUMBNAIL, "HEIF thumbnail", size)
    what = _AUXILIARY.get(items.auxiliary.get(number, ""), "another picture")
    return Finding(Kind.EXTRA_PICTURE, f"HEIF item: {what}", size)


def _shown(kind: str) -> str:
    return kind.strip() if kind.strip().isalnum() and kind.isascii() else "unknown"


def _inside(media: Media, entry: Entry, extents: tuple[tuple[int, int], ...]) -> Iterator[Finding]:
    media.inside.spend(sum(size for _, size in extents))
    pieces = [part(media.data, at, size) for at, size in extents]
    content = pieces[0] if len(pieces) == 1 else memoryview(b"".join(pieces))
    if entry.kind == "Exif":
        # HEIF annex A.2.1: four bytes say how far behind them the TIFF header is
        yield from exif.inside(content[4 + int.from_bytes(content[:4]) :], "HEIF item Exif")
    elif _XMP in entry.rest:
        yield from xmp.inside(content, "HEIF item mime")
    else:
        yield from codestream.findings(entry.kind, content)
