"""What TIFF and EXIF tags give away.

Sources: TIFF 6.0; EXIF 2.32 (CIPA DC-008) section 4.6; DNG 1.7; GeoTIFF 1.1; C2PA 2.1 (TIFF embedding).
"""

from __future__ import annotations

from kerchief.metadata.finding import Kind

EXIF_IFD, GPS_IFD, INTEROP_IFD, SUB_IFDS = 34665, 34853, 40965, 330
MAKERNOTE, XMP, PHOTOSHOP, JPEG_TABLES = 37500, 700, 34377, 347
SUBFILE_TYPE, OLD_SUBFILE_TYPE, ORIENTATION, COMPRESSION = 254, 255, 274, 259
STRIP_OFFSETS, STRIP_SIZES, TILE_OFFSETS, TILE_SIZES = 273, 279, 324, 325
JPEG_OFFSET, JPEG_SIZE = 513, 514

_KINDS = {
    Kind.EXIF: (EXIF_IFD, INTEROP_IFD),
    # the others are GeoTIFF: pixel scale, tie points, transformation, keys and their values
    Kind.GPS: (GPS_IFD, 33550, 33922, 34264, 34735, 34736, 34737),
    Kind.TIMESTAMP: (306, 29, 36867, 36868, 36880, 36881, 36882, 37520, 37521, 37522, 50971),
    Kind.CAMERA: (11, 271, 272, 305, 316, 42034, 42035, 42036, 50708, 50709),
    Kind.SERIAL_NUMBER: (42016, 42033, 42037, 50735, 50781),
    Kind.PERSON: (315, 33432, 40093, 42032),
    Kind.MAKERNOTE: (MAKERNOTE, 50740),
    Kind.THUMBNAIL: (20507, 20515),
    Kind.XMP: (XMP,),
    Kind.IPTC: (33723,),
    Kind.ICC: (34675, 50831, 50833),
    Kind.TEXT: (269, 270, 285, 37510, 40091, 40092, 40094, 40095),
    Kind.EXTRA_PICTURE: (SUB_IFDS, 37724),
    Kind.PROVENANCE: (52545,),
}
PRIVATE = {tag: kind for kind, tags in _KINDS.items() for tag in tags}
"""What a tag gives away, wherever in a TIFF or EXIF structure it stands."""

_ANY = 1 << 62
STRUCTURE = {
    **dict.fromkeys((SUBFILE_TYPE, OLD_SUBFILE_TYPE, 256, 257, COMPRESSION, 262, 263, 264, 265, 266, 277), 8),
    **dict.fromkeys((ORIENTATION, 278, 282, 283, 284, 292, 293, 296, 297, 317, 322, 323, 332, 512, 515), 8),
    **dict.fromkeys((JPEG_OFFSET, JPEG_SIZE, 530, 531), 8),
    # one value for each sample of a pixel, or six of them
    **dict.fromkeys((258, 280, 281, 338, 339, 340, 341, 529, 532), 48),
    320: 3 * 2 * 65536,
    # these own other bytes of the file, which are looked at
    **dict.fromkeys((STRIP_OFFSETS, STRIP_SIZES, TILE_OFFSETS, TILE_SIZES, JPEG_TABLES, 519, 520, 521), _ANY),
}
"""The tags that a TIFF needs to show its picture, with the most bytes that their value may take."""
