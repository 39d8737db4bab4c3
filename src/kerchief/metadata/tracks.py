"""The moov box of an image sequence: times, names, tracks, samples (ISO/IEC 14496-12 section 8).

Boxes are allowed by the place where they stand, so depth is bounded by the table below.
"""

from __future__ import annotations

from collections.abc import Iterator

from kerchief.metadata import codestream
from kerchief.metadata.bounded import BrokenError, contained, part, uint
from kerchief.metadata.boxes import Box, boxes, data_references, handler, unlisted
from kerchief.metadata.finding import Finding, Kind
from kerchief.metadata.heif import Media, described

_SAMPLE_TABLES = frozenset(
    {"stsd", "stts", "stss", "ctts", "cslg", "stsc", "stsz", "stco", "co64", "sgpd", "sbgp", "sdtp"}
)
_CHILDREN = {
    "moov": frozenset({"mvhd", "trak"}),
    "trak": frozenset({"tkhd", "mdia", "edts", "tref"}),
    "edts": frozenset({"elst"}),
    "mdia": frozenset({"mdhd", "hdlr", "minf"}),
    "minf": frozenset({"vmhd", "dinf", "stbl"}),
    "stbl": _SAMPLE_TABLES,
}
_SHOWN = (b"pict", b"auxv", b"vide")
_TIMED = frozenset({"mvhd", "tkhd", "mdhd"})
_UNDETERMINED = 0x55C4  # "und", section 8.4.2.3
_ENTRY_SIZE = 78  # of a VisualSampleEntry before its boxes, section 12.1.3
_COMPRESSORS = (b"", b"AOM Coding")


def findings(media: Media, parent: Box) -> Iterator[Finding]:
    """What in a moov box is not on the allow-list; marks the bytes that samples own."""
    yield from _children(media, media.data, parent)


def _children(media: Media, data: memoryview, parent: Box) -> Iterator[Finding]:
    content = parent.content(data)
    for box in boxes(content):
        if box.name not in _CHILDREN[parent.name]:
            yield from unlisted(content, box, f"HEIF {parent.name}")
        elif box.name == "trak" and not _is_shown(box.content(content)):
            for _ in _children(media, content, box):  # its samples are owned, and more is not said of it
                pass
            yield Finding(Kind.APPLICATION, "track that is no picture", box.size)
        elif box.name in _CHILDREN:
            yield from contained(_children(media, content, box), f"HEIF {box.name} box", box.size)
        else:
            yield from contained(_leaf(box.name, box.content(content)), f"HEIF {box.name} box", box.size)
    if parent.name == "stbl":
        yield from _samples(media, content)


def _is_shown(trak: memoryview) -> bool:
    """Whether a track's handler is one of pictures."""
    for box in boxes(trak):
        if box.name == "mdia":
            media = box.content(trak)
            return all(bytes(part(media, b.body + 8, 4)) in _SHOWN for b in boxes(media) if b.name == "hdlr")
    return True


def _leaf(name: str, content: memoryview) -> Iterator[Finding]:
    if name in _TIMED:
        yield from _times(name, content)
    elif name == "hdlr":
        yield from handler(content, "HEIF track", _SHOWN)
    elif name == "dinf":
        yield from data_references(content)
    elif name == "stsd":
        yield from _descriptions(content)
    elif name == "tref":
        for box in boxes(content):
            if box.name != "auxl":
                kind = Kind.THUMBNAIL if box.name == "thmb" else Kind.APPLICATION
                yield Finding(kind, "HEIF track reference", box.size)


def _times(name: str, content: memoryview) -> Iterator[Finding]:
    wide = 8 if uint(content, 0, 1) else 4
    if any(part(content, 4, 2 * wide)):
        yield Finding(Kind.TIMESTAMP, f"HEIF {name} box", 2 * wide)
    if name == "mdhd" and uint(content, 8 + 3 * wide, 2) not in (0, _UNDETERMINED):
        yield Finding(Kind.TEXT, "HEIF track language", 2)


def _descriptions(content: memoryview) -> Iterator[Finding]:
    for entry in boxes(content, 8):
        sample = entry.content(content)
        name = bytes(part(sample, 43, uint(sample, 42, 1)))
        if name not in _COMPRESSORS:
            yield Finding(Kind.TEXT, "HEIF compressor name", len(name))
        for box in boxes(sample, _ENTRY_SIZE):
            yield from described(sample, box)


def _samples(media: Media, stbl: memoryview) -> Iterator[Finding]:
    tables = {box.name: box.content(stbl) for box in boxes(stbl) if box.name in _SAMPLE_TABLES}
    codec = bytes(tables.get("stsd", memoryview(b""))[12:16]).decode("latin-1")
    for at, size in _chunks(tables):
        media.owned.add(at, size)
        media.inside.spend(size)
        sample = part(media.data, at, size)
        yield from contained(codestream.findings(codec, sample), "HEIF sample", size)


def _chunks(tables: dict[str, memoryview]) -> Iterator[tuple[int, int]]:
    """Where each chunk of samples lies, and its length (sections 8.7.3 to 8.7.5)."""
    offsets, wide = (tables["co64"], 8) if "co64" in tables else (tables.get("stco"), 4)
    runs, sizes = tables.get("stsc"), tables.get("stsz")
    if offsets is None or runs is None or sizes is None:
        raise BrokenError
    fixed, left = uint(sizes, 4, 4), uint(sizes, 8, 4)
    run, sample, each = 0, 0, 0
    for chunk in range(uint(offsets, 4, 4)):
        while run < uint(runs, 4, 4) and uint(runs, 8 + 12 * run, 4) <= chunk + 1:
            each, run = uint(runs, 12 + 12 * run, 4), run + 1
        count = min(each, left - sample)
        if fixed:
            size = fixed * count
        else:
            size = sum(uint(sizes, at, 4) for at in range(12 + 4 * sample, 12 + 4 * (sample + count), 4))
        sample += count
        yield uint(offsets, 8 + wide * chunk, wide), size
