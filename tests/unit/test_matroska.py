"""Every element of a Matroska file must be known in its place and fit into its parent."""

from __future__ import annotations

import zlib
from io import BytesIO
from pathlib import Path

import pytest
from films import Extras, film
from scenes import background

from kerchief.errors import InputRefused
from kerchief.media.containers.matroska import count_frames

COUNT = 6
UNKNOWN = b"\x01" + b"\xff" * 7


def element(name: str, content: bytes, size: bytes | None = None) -> bytes:
    return bytes.fromhex(name) + (size or (1 << 56 | len(content)).to_bytes(8, "big")) + content


TRACKS = element("1654ae6b", element("ae", element("d7", b"\x01") + element("83", b"\x01")))
EBML = element("1a45dfa3", b"")
BLOCK = element("a3", b"\x81\x00\x00\x80picture")
CLUSTER = element("1f43b675", element("e7", b"\x00") + BLOCK * 2)


def frames(data: bytes) -> int:
    return count_frames(BytesIO(data), len(data))


def refused(data: bytes) -> str:
    with pytest.raises(InputRefused) as caught:
        frames(data)
    return caught.value.problem


def test_blocks_in_clusters_and_groups_are_counted() -> None:
    group = element("a0", element("a1", b"\x81\x00\x00\x00picture") + element("9b", b"\x21"))
    assert frames(EBML + element("18538067", TRACKS + CLUSTER + element("1f43b675", group))) == 3


@pytest.mark.parametrize("live", [False, True])
@pytest.mark.parametrize("name", ["a.mkv", "a.webm"])
def test_films_as_muxers_write_them(name: str, live: bool, tmp_path: Path) -> None:
    codec = "libx264" if name.endswith("mkv") else "libvpx"
    pictures = [background(64, 48, n) for n in range(COUNT)]
    extras = Extras(live=live, sound=name.endswith("mkv"), chapters=("one",), tags=(("title", "x"),))
    assert frames(film(tmp_path / name, pictures, codec=codec, extras=extras, g="2").read_bytes()) == COUNT


@pytest.mark.parametrize("cluster_size", [None, UNKNOWN], ids=["sized", "unsized"])
def test_a_file_that_ends_within_an_element_is_cut_off(cluster_size: bytes | None) -> None:
    """Even where neither segment nor cluster say how long they are."""
    cluster = element("1f43b675", element("e7", b"\x00") + BLOCK * 2, cluster_size)
    whole = EBML + element("18538067", TRACKS + cluster * 2, UNKNOWN)
    assert frames(whole) == 4
    for cut in (1, 5, len(BLOCK) - 1, len(BLOCK) + 1):
        assert "cut off" in refused(whole[:-cut])


@pytest.mark.parametrize(
    "wrong",
    [
        element("1f43b675", element("e7", b"\x00") + element("ff", b"what?")),
        element("1f43b675", BLOCK, (1 << 56 | len(BLOCK) - 1).to_bytes(8, "big")),  # its block reaches beyond it
        element("1f43b675", element("a3", b"\x82\x00\x00\x80picture")),  # of a track that there is not
        element("1f43b675", element("a3", b"\x81\x00\x00\x86picture")),  # several frames in a block
        element("1f43b675", element("bf", b"\x00\x00\x00\x00", b"\x84") + BLOCK),  # a wrong checksum
        element("1f43b674", BLOCK),
    ],
    ids=["unknown", "too long", "no such track", "laced", "checksum", "no cluster"],
)
def test_what_does_not_fit_is_damage(wrong: bytes) -> None:
    assert "damaged" in refused(EBML + element("18538067", TRACKS + wrong + CLUSTER))


def test_a_right_checksum_is_right() -> None:
    summed = element("bf", zlib.crc32(BLOCK).to_bytes(4, "little"), b"\x84") + BLOCK
    assert frames(EBML + element("18538067", TRACKS + element("1f43b675", summed))) == 1


def test_zeros_after_the_film_are_not_judged() -> None:
    assert frames(EBML + element("18538067", TRACKS + CLUSTER) + bytes(100)) == 2
