"""The moov box of an image sequence or a film: times, names, tracks, samples (ISO/IEC 14496-12 section 8).

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
    "minf": frozenset({"vmhd", "smhd", "dinf", "stbl"}),
    "stbl": _SAMPLE_TABLES,
}
_SHOWN = (b"pict", b"auxv", b"vide")
_HEARD = b"soun"
_TIMED = frozenset({"mvhd", "tkhd", "mdhd"})
_UNDETERMINED = 0x55C4  # "und", section 8.4.2.3
_ENTRY_SIZE = 78  # of a VisualSampleEntry before its boxes, section 12.1.3
_COMPRESSORS = (b"", b"AOM Coding")
_SOUND_ENTRY_SIZE = 28  # of an AudioSampleEntry before its boxes, section 12.2.3
_SOUND_BOXES = {"esds": 64, "btrt": 12}  # the decoder's numbers; more would be something else


def findings(media: Media, parent: Box, sounds: int = 0) -> Iterator[Finding]:
    """What in a moov box is not on the allow-list; marks the bytes that samples own.

    Args:
        media: the file.
        parent: the moov box.
        sounds: how many tracks of sound may be there: that of a film is no metadata.
    """
    yield from _children(media, media.data, parent, sounds)


def _children(media: Media, data: memoryview, parent: Box, sounds: int = 0) -> Iterator[Finding]:
    content = parent.content(data)
    for box in boxes(content):
        if box.name not in _CHILDREN[parent.name]:
            yield from unlisted(content, box, f"HEIF {parent.name}")
        elif box.name == "trak" and sounds and _is_aac(box.content(content)):
            sounds -= 1
            yield from contained(_children(media, content, box), "HEIF trak box", box.size)
        elif box.name == "trak" and not _is_of(box.content(content), _SHOWN):
            for _ in _children(media, content, box):  # its samples are owned, and more is not said of it
                pass
            yield Finding(Kind.APPLICATION, "track that is no picture", box.size)
        elif box.name in _CHILDREN:
            yield from contained(_children(media, content, box), f"HEIF {box.name} box", box.size)
        else:
            yield from contained(_leaf(box.name, box.content(content)), f"HEIF {box.name} box", box.size)
    if parent.name == "stbl":
        yield from _samples(media, content)


def _is_of(trak: memoryview, kinds: tuple[bytes, ...]) -> bool:
    """Whether a track's handler is one of these."""
    for box in boxes(trak):
        if box.name == "mdia":
            media = box.content(trak)
            return all(bytes(part(media, b.body + 8, 4)) in kinds for b in boxes(media) if b.name == "hdlr")
    return kinds == _SHOWN


def _is_aac(trak: memoryview) -> bool:
    """Whether a track is sound in the one coding that kerchief writes."""
    inside = trak
    for name in ("mdia", "minf", "stbl", "stsd"):
        found = next((box for box in boxes(inside) if box.name == name), None)
        if found is None:
            return False
        inside = found.content(inside)
    return _is_of(trak, (_HEARD,)) and bytes(inside[12:16]) == b"mp4a"


def _leaf(name: str, content: memoryview) -> Iterator[Finding]:
    if name in _TIMED:
        yield from _times(name, content)
    elif name == "hdlr":
        yield from handler(content, "HEIF track", (*_SHOWN, _HEARD))
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
        if entry.name == "mp4a":
            yield from _sound_description(sample)
            continue
        name = bytes(part(sample, 43, uint(sample, 42, 1)))
        if name not in _COMPRESSORS:
            yield Finding(Kind.TEXT, "HEIF compressor name", len(name))
        for box in boxes(sample, _ENTRY_SIZE):
            yield from described(sample, box)


def _sound_description(sample: memoryview) -> Iterator[Finding]:
    """AAC as kerchief writes it: numbers for the decoder and nothing more (ISO/IEC 14496-14 section 6.7)."""
    if uint(sample, 8, 2):  # of QuickTime, with other fields and boxes of its own
        yield Finding(Kind.APPLICATION, "sound of a QuickTime film", len(sample))
        return
    for box in boxes(sample, _SOUND_ENTRY_SIZE):
        if box.size > _SOUND_BOXES.get(box.name, -1):
            yield from unlisted(sample, box, "HEIF mp4a")


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
