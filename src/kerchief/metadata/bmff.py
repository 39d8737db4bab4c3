"""HEIF, AVIF and MP4 files: the boxes at the top, and bytes that no item or sample owns."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kerchief.metadata import heif, tail, tracks
from kerchief.metadata.bounded import Allowance, BrokenError, contained, uint
from kerchief.metadata.boxes import Box, boxes, unlisted
from kerchief.metadata.coverage import Coverage
from kerchief.metadata.finding import Finding, Kind
from kerchief.metadata.heif import Media

# HEIF section 10 and its annexes, MIAF, AVIF section 8
_GENERAL = frozenset({"mif1", "mif2", "msf1", "miaf"})
_CODED = frozenset({"heic", "heix", "heim", "heis", "hevc", "hevx", "avif", "avis", "jpeg", "jpgs", "avci", "avcs"})
_BRANDS = _GENERAL | _CODED
_MAX_BRANDS = 32
_NAME = re.compile(rb"[A-Za-z0-9 ]{4}")


def is_picture(data: memoryview) -> bool:
    """Whether the file type box names a brand of pictures; a video has none."""
    if bytes(data[4:8]) != b"ftyp":
        return False
    end = min(int.from_bytes(data[:4]), len(data), 16 + 4 * _MAX_BRANDS)
    return any(bytes(data[at : at + 4]).decode("latin-1") in _BRANDS for at in (8, *range(16, end, 4)))


def walk(data: memoryview) -> Iterator[Finding]:
    """Everything in a HEIF or AVIF file that is not on the allow-list."""
    media = Media(data, Coverage(data), Allowance(2 * len(data)))
    end, seen = 0, set[str]()
    try:
        for box in boxes(data):
            end = box.end
            yield from contained(_top(media, box, seen), f"HEIF {box.shown} box", box.size)
    except BrokenError:
        yield from _after(data, end)
        media.owned.add(end, len(data) - end)
    if unowned := sum(b - a for a, b in media.owned.gaps()):
        yield Finding(Kind.TRAILING, "bytes that no HEIF item or sample owns", unowned)
    if media.owned.outside or seen.isdisjoint({"meta", "moov"}):
        yield Finding(Kind.CUT_OFF, "HEIF", len(data))


def _top(media: Media, box: Box, seen: set[str]) -> Iterator[Finding]:
    repeated = box.name in seen
    if box.name in ("meta", "moov", "ftyp"):
        seen.add(box.name)
    if box.name == "meta" and not repeated:
        yield from heif.findings(media, box)
        return
    media.owned.add(box.start, (box.body if box.name == "mdat" else box.end) - box.start)
    if box.name == "moov" and not repeated:
        yield from tracks.findings(media, box, sounds=0 if is_picture(media.data) else 1)
    elif box.name == "ftyp" and not repeated:
        if box.size > 8 + 4 * _MAX_BRANDS:
            yield Finding(Kind.APPLICATION, "HEIF ftyp box", box.size)
    elif box.name != "mdat":
        yield from unlisted(media.data, box, "HEIF")


def _after(data: memoryview, end: int) -> Iterator[Finding]:
    """The end of a file that is no box: a box that is cut, or something that has been added."""
    if len(data) - end >= 8 and _NAME.match(data, end + 4) and uint(data, end, 4) > len(data) - end:
        yield Finding(Kind.CUT_OFF, "HEIF", len(data) - end)
    else:
        yield from tail.findings(data, end, "HEIF")
