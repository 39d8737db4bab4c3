"""A film's own sound is no metadata; whatever is written around it is."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from sounds import Coding, film_with_sound, noise

from kerchief.media.films.record import write_film
from kerchief.metadata import Kind, inspect
from kerchief.ports import MediaInfo, MediaKind, Samples, SoundInfo, YuvFrame


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A film with sound as kerchief writes it."""
    sound = SoundInfo(48_000, 2)
    info = MediaInfo(
        "film", MediaKind.VIDEO, 64, 48, 5, (1, 25), 1, None, "", 1, has_alpha=False, bits=8, rate=(25, 1), sound=sound
    )
    y, u = np.full((48, 64), 90, np.uint8), np.full((24, 32), 128, np.uint8)
    waves = noise(Coding("", 48_000), seconds=0.2)
    path = tmp_path_factory.mktemp("film") / "a.mp4"
    write_film(path, [*(YuvFrame(n, 1, (y, u, u)) for n in range(5)), Samples(0, waves)], info, 90)
    return path.read_bytes()


def test_a_film_with_its_sound_is_clean(clean: bytes) -> None:
    assert b"soun" in clean
    assert inspect(clean) == ()


@pytest.mark.parametrize(
    ("old", "new", "kind"),
    [
        (b"SoundHandler", b"Zaphod phone", Kind.TEXT),
        (b"btrt", b"zaph", Kind.APPLICATION),
        (b"mp4a", b"sowt", Kind.APPLICATION),
        (b"soun", b"tmcd", Kind.APPLICATION),
        (b"smhd", b"udta", Kind.TEXT),
        (b"mp4a" + bytes(6) + b"\0\1\0\0", b"mp4a" + bytes(6) + b"\0\1\0\1", Kind.APPLICATION),
    ],
)
def test_what_is_written_around_it_is_found(old: bytes, new: bytes, kind: Kind, clean: bytes) -> None:
    at = clean.rindex(old)
    changed = clean[:at] + new + clean[at + len(old) :]
    assert kind in {finding.kind for finding in inspect(changed)}


def test_a_second_track_of_sound_is_found(tmp_path: Path) -> None:
    coding = Coding("aac", 48_000, "stereo", "a.mp4")
    waves = noise(coding, seconds=0.5)
    places = {
        tracks: [f.where for f in inspect(film_with_sound(tmp_path, coding, waves, tracks=tracks).read_bytes())]
        for tracks in (1, 2)
    }
    assert "track that is no picture" not in places[1]
    assert "track that is no picture" in places[2]
