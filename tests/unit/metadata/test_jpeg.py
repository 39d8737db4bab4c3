"""JPEG: what is planted is found, what belongs to the picture is not."""

from __future__ import annotations

import struct

import pytest
from unit.metadata.building import (
    EXIF_BLOCK,
    EXIF_KINDS,
    SECRET_BYTES,
    VIDEO,
    XMP_KINDS,
    XMP_PACKET,
    exif,
    in_jpeg,
    kinds,
    saved,
    segment,
    text,
)

from kerchief.metadata import Finding, Kind, inspect

IPTC = b"8BIM\x04\x04\0\0\0\0\0\x06" + SECRET_BYTES
PREVIEW = b"8BIM\x04\x0c\0\0\0\0\0\x04\xff\xd8\xff\xd9"
JFIF = b"JFIF\0\1\1\0\0\1\0\1\0\0"


@pytest.mark.parametrize(
    ("mode", "options"),
    [
        ("RGB", {}),
        ("L", {}),
        ("CMYK", {}),  # with an Adobe segment
        ("RGB", {"progressive": True}),
        ("RGB", {"restart_marker_rows": 1}),
    ],
)
def test_a_clean_picture_has_no_findings(mode, options):
    assert inspect(saved("JPEG", mode, **options)) == ()


@pytest.mark.parametrize(
    ("marker", "body", "expected"),
    [
        (0xE1, b"Exif\0\0" + EXIF_BLOCK, EXIF_KINDS),
        (0xE1, b"Exif\0\0" + exif({271: text()}), {Kind.EXIF, Kind.CAMERA}),
        (0xE1, b"http://ns.adobe.com/xap/1.0/\0" + XMP_PACKET, XMP_KINDS),
        (0xE1, b"something else", {Kind.APPLICATION}),
        (0xED, b"Photoshop 3.0\0" + IPTC + PREVIEW, {Kind.APPLICATION, Kind.IPTC, Kind.THUMBNAIL}),
        (0xED, b"Photoshop 3.0\0" + IPTC + b"rubbish 12 bytes", {Kind.APPLICATION, Kind.IPTC, Kind.DAMAGED}),
        (0xE2, b"ICC_PROFILE\0\1\1" + SECRET_BYTES, {Kind.ICC}),
        (0xE2, b"MPF\0II*\0", {Kind.EXTRA_PICTURE}),
        (0xE2, b"FPXR\0\0", {Kind.APPLICATION}),
        (0xEB, b"JP\0\1\0\0\0\1", {Kind.PROVENANCE}),
        (0xE0, b"JFXX\0\x10", {Kind.THUMBNAIL}),
        (0xE0, JFIF[:12] + b"\1\1abc", {Kind.THUMBNAIL}),
        (0xE0, JFIF + b"abc", {Kind.THUMBNAIL}),
        (0xE0, b"AVI1\0", {Kind.APPLICATION}),
        (0xEE, b"Adobe" + b"\0" * 8, {Kind.APPLICATION}),
        (0xEE, b"other", {Kind.APPLICATION}),
        (0xEF, SECRET_BYTES, {Kind.APPLICATION}),
        (0xFE, SECRET_BYTES, {Kind.COMMENT}),
        (0xF7, SECRET_BYTES, {Kind.APPLICATION}),
        (0xDD, b"\0\0" + SECRET_BYTES, {Kind.APPLICATION}),
        (0xC0, b"\x08\0\1\0\1\1", {Kind.DAMAGED}),
    ],
)
def test_a_segment_is_found(marker, body, expected):
    assert kinds(in_jpeg(segment(marker, body))) == expected


def test_a_comment_between_progressive_scans_is_found():
    clean = saved("JPEG", progressive=True)
    second_scan = clean.index(b"\xff\xda", clean.index(b"\xff\xda") + 2)
    dirty = clean[:second_scan] + segment(0xFE, SECRET_BYTES) + clean[second_scan:]
    assert kinds(dirty) == {Kind.COMMENT}


@pytest.mark.parametrize(
    ("added", "expected"),
    [
        (saved("JPEG"), {Kind.EXTRA_PICTURE}),
        (b"\0" * 9 + saved("JPEG"), {Kind.EXTRA_PICTURE}),
        (saved("JPEG")[:-9], {Kind.EXTRA_PICTURE}),
        (saved("PNG"), {Kind.EXTRA_PICTURE}),
        (VIDEO, {Kind.MOTION_PHOTO}),
        (saved("JPEG") + VIDEO, {Kind.EXTRA_PICTURE, Kind.MOTION_PHOTO}),
        (b"SEFH" + VIDEO + b"SEFT", {Kind.TRAILING, Kind.MOTION_PHOTO}),
        (b"\0", {Kind.TRAILING}),
        (SECRET_BYTES, {Kind.TRAILING}),
    ],
)
def test_what_follows_the_end_is_found(added, expected):
    assert kinds(saved("JPEG") + added) == expected


def test_every_picture_behind_another_is_walked_over():
    assert kinds(saved("JPEG") * 3 + SECRET_BYTES) == {Kind.EXTRA_PICTURE, Kind.TRAILING}


def test_stray_bytes_between_segments_do_not_hide_the_next_segment():
    dirty = in_jpeg(segment(0xDD, b"\0\0") + SECRET_BYTES + segment(0xFE, b"x"))
    assert kinds(dirty) == {Kind.DAMAGED, Kind.COMMENT}


def test_fill_bytes_before_a_marker_are_no_finding():
    assert inspect(in_jpeg(b"\xff" * 5)) == ()


def test_a_gps_directory_that_points_outside_is_still_reported():
    block = exif({34853: (4, struct.pack("<I", 9999))})
    assert kinds(in_jpeg(segment(0xE1, b"Exif\0\0" + block))) == {Kind.EXIF, Kind.GPS, Kind.DAMAGED}


def test_the_size_of_a_gps_directory_counts():
    found = inspect(in_jpeg(segment(0xE1, b"Exif\0\0" + EXIF_BLOCK)))
    assert sum(finding.size_bytes for finding in found if finding.kind is Kind.GPS) > 30


def test_the_findings_of_one_place_are_added_up():
    dirty = in_jpeg(segment(0xFE, b"four") + segment(0xFE, b"sixsix"))
    assert inspect(dirty) == (Finding(Kind.COMMENT, "JPEG comment", 10),)
