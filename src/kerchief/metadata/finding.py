"""What a metadata walk reports: which kind of thing is in a file, where, and how big.

A finding says that something is there and never what it says: values (names, places, numbers) are private,
and findings end up in receipts, logs and terminals.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What a finding is about. The text is a stable name for receipts and ``--json``."""

    EXIF = "exif"
    GPS = "gps"
    TIMESTAMP = "timestamp"
    CAMERA = "camera"
    SERIAL_NUMBER = "serial-number"
    PERSON = "person"
    MAKERNOTE = "makernote"
    THUMBNAIL = "thumbnail"
    XMP = "xmp"
    IPTC = "iptc"
    ICC = "icc"
    COMMENT = "comment"
    TEXT = "text"
    EXTRA_PICTURE = "extra-picture"
    MOTION_PHOTO = "motion-photo"
    PROVENANCE = "provenance"
    APPLICATION = "application"
    TRAILING = "trailing"
    DAMAGED = "damaged"
    CUT_OFF = "cut-off"
    UNKNOWN_FORMAT = "unknown-format"

    @property
    def phrase(self) -> str:
        """The kind in words that a user understands."""
        return _PHRASES[self]


_PHRASES = {
    Kind.EXIF: "camera settings (EXIF)",
    Kind.GPS: "the place where it was taken",
    Kind.TIMESTAMP: "the time when it was taken or changed",
    Kind.CAMERA: "the make of the camera, phone or program",
    Kind.SERIAL_NUMBER: "a serial number or other unique number",
    Kind.PERSON: "somebody's name or a marked face",
    Kind.MAKERNOTE: "the camera maker's private notes",
    Kind.THUMBNAIL: "a small copy of the original picture",
    Kind.XMP: "descriptions and editing history (XMP)",
    Kind.IPTC: "a press caption (IPTC)",
    Kind.ICC: "a colour profile, which can name the device",
    Kind.COMMENT: "a comment",
    Kind.TEXT: "text",
    Kind.EXTRA_PICTURE: "another picture: preview, depth map or gain map",
    Kind.MOTION_PHOTO: "a short video (motion photo)",
    Kind.PROVENANCE: "signed provenance (C2PA), with thumbnails and names",
    Kind.APPLICATION: "data that is not part of the picture",
    Kind.TRAILING: "bytes outside the picture",
    Kind.CUT_OFF: "an end that comes before the picture is whole",
    Kind.DAMAGED: "a structure that is broken, so that it can hide anything",
    Kind.UNKNOWN_FORMAT: "a format that kerchief cannot search",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing in a file that is not on the allow-list of its format.

    Attributes:
        kind: What it is.
        where: The place by its name in the format, such as "APP1 Exif"; never the value.
        size_bytes: How many bytes it takes in the file; several in one place are added up.
    """

    kind: Kind
    where: str
    size_bytes: int
