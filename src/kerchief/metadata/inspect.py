"""Everything in a picture or film that is not on the allow-list of its format.

Looks at the structure of the file and not at its pixels: marks in the pixels themselves (watermark, noise of
the sensor, tables of the encoder) are not seen. Pages of a TIFF and frames of an animation are pictures, not
findings.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from mmap import mmap

from kerchief.metadata import bmff, bmp, gif, jpeg, png, riff, tiff
from kerchief.metadata.bounded import contained
from kerchief.metadata.finding import Finding, Kind

Data = bytes | bytearray | memoryview | mmap
"""A whole file in memory, or mapped into it."""

_TIFF_MAGICS = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
# A hostile file can have a million different places; those beyond this many are added up by kind.
MAX_PLACES = 256
# Nor does anybody wait for the end of a file that is nothing but oddities.
MAX_FINDINGS = 1 << 17


def inspect(data: Data) -> tuple[Finding, ...]:
    """What the file gives away beside its picture, in the order of the file; empty when there is nothing.

    Findings of one kind in one place are one finding. A format without a walker gives one finding of kind
    ``UNKNOWN_FORMAT``, a broken structure one of kind ``DAMAGED``: both mean that the rest was not searched,
    so only an empty result is a clean file. Time and memory are bounded by the length of the data; nothing is
    raised.

    Args:
        data: The bytes of the file.
    """
    with memoryview(data).cast("B") as view:
        name, walk = _walker(view)
        # These formats have an end that a reader can see; a TIFF's directories may lie anywhere.
        whole = Kind.CUT_OFF if name in ("JPEG", "PNG", "GIF", "WebP") else Kind.DAMAGED
        return _merged(_called(name, contained(walk(view), f"{name} structure", len(view), whole)))


def _walker(data: memoryview) -> tuple[str, Callable[[memoryview], Iterator[Finding]]]:
    """The name of the format and its walker, by the first bytes; the file's name is never asked."""
    start = bytes(data[:12])
    if start[:3] == b"\xff\xd8\xff":
        return "JPEG", jpeg.walk
    if start[:8] == png.SIGNATURE:
        return "PNG", png.walk
    if start[:4] == b"GIF8":
        return "GIF", gif.walk
    if start[:4] == b"RIFF" and start[8:] == b"WEBP":
        return "WebP", riff.walk
    if start[:4] in _TIFF_MAGICS:
        return "TIFF", tiff.walk
    if start[:2] == b"BM":
        return "BMP", bmp.walk
    if start[4:8] == b"ftyp":
        return "HEIF" if bmff.is_picture(data) else "MP4", bmff.walk
    return "file", _unknown


def _called(name: str, findings: Iterator[Finding]) -> Iterator[Finding]:
    """Findings with places of the right name: films share the boxes of HEIF, and their walkers."""
    if name != "MP4":
        yield from findings
        return
    for finding in findings:
        yield replace(finding, where=finding.where.replace("HEIF", name))


def _unknown(data: memoryview) -> Iterator[Finding]:
    yield Finding(Kind.UNKNOWN_FORMAT, "file", len(data))


def _merged(findings: Iterator[Finding]) -> tuple[Finding, ...]:
    sizes: dict[tuple[Kind, str], int] = {}
    for count, finding in enumerate(findings):
        if count >= MAX_FINDINGS:
            sizes[Kind.DAMAGED, "more than can be listed"] = 0
            break
        place = (finding.kind, finding.where)
        if place not in sizes and len(sizes) >= MAX_PLACES:
            place = (finding.kind, "elsewhere")
        sizes[place] = sizes.get(place, 0) + finding.size_bytes
    return tuple(Finding(kind, where, size) for (kind, where), size in sizes.items())
