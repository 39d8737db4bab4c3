"""A film that is cut off is not a shorter film, and what is no film is refused; nothing is left behind."""

from __future__ import annotations

from pathlib import Path

import pytest
from films import Extras, film
from scenes import background

from kerchief import Tools, redact
from kerchief.errors import InputRefused, OutputError
from kerchief.media.films.picture import PictureTrack

LAYOUTS = {
    "index first": ("a.mp4", "libx264", "faststart"),
    "index last": ("a.mp4", "libx264", ""),
    "fragments": ("a.mp4", "libx264", "frag_keyframe+empty_moov"),
    "mkv": ("a.mkv", "libx264", ""),
    "webm": ("a.webm", "libvpx", ""),
    "avi": ("a.avi", "mpeg4", ""),
    "live": ("a.mkv", "libx264", "live"),
}


def made(folder: Path, layout: str) -> Path:
    name, codec, movflags = LAYOUTS[layout]
    pictures = [background(160, 120, seed) for seed in range(20)]
    extras = Extras(live=True) if movflags == "live" else Extras(movflags=movflags)
    return film(folder / name, pictures, codec=codec, extras=extras, g="5")


def refused(source: Path, tools: Tools) -> InputRefused:
    with pytest.raises(InputRefused) as caught:
        redact(source, tools=tools)
    assert [p.name for p in source.parent.iterdir()] == [source.name], "something was left behind"
    assert caught.value.exit_code == 13
    assert caught.value.next_step
    return caught.value


@pytest.mark.parametrize("share", [0.5, 0.9])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_film_that_is_cut_off_is_refused(layout: str, share: float, tmp_path: Path, tools: Tools) -> None:
    source = made(tmp_path, layout)
    data = source.read_bytes()
    source.write_bytes(data[: int(share * len(data))])
    refused(source, tools)


def fragmented(folder: Path, movflags: str) -> tuple[Path, list[int]]:
    """A film in fragments, and where each begins and the last ends."""
    pictures = [background(160, 120, seed) for seed in range(20)]
    flags = f"frag_keyframe+empty_moov+default_base_moof{movflags}"
    source = film(folder / "a.mp4", pictures, extras=Extras(movflags=flags), g="5", bf="0")
    data = source.read_bytes()
    starts = [place - 4 for place in range(len(data)) if data.startswith(b"moof", place)]
    return source, [*starts, data.index(b"mfra") - 4]


def with_length(data: bytes, units: int) -> bytes:
    """The file with a box that says how long all fragments last; 1000 units a second."""
    box = (20).to_bytes(4, "big") + b"mehd\1\0\0\0" + units.to_bytes(8, "big")
    for parent in (b"mvex", b"moov"):
        at = data.index(parent)
        data = data[: at - 4] + (int.from_bytes(data[at - 4 : at], "big") + len(box)).to_bytes(4, "big") + data[at:]
    at = data.index(b"mvex") + 4
    return data[:at] + box + data[at:]


@pytest.mark.parametrize("last", [1, 2, 3])
def test_a_cut_between_fragments_is_noticed_by_the_index(last: int, tmp_path: Path, tools: Tools) -> None:
    source, places = fragmented(tmp_path, "+global_sidx")
    assert redact(source, tmp_path / "whole.mp4", tools=tools).plan.media.frames == 20
    (tmp_path / "whole.mp4").unlink()
    source.write_bytes(source.read_bytes()[: places[last]])
    assert "cut off" in refused(source, tools).problem


@pytest.mark.parametrize("last", [1, 2, 3])
def test_a_cut_between_fragments_is_noticed_by_the_declared_length(last: int, tmp_path: Path, tools: Tools) -> None:
    source, places = fragmented(tmp_path, "")
    data, box = source.read_bytes(), 20
    source.write_bytes(with_length(data, 667))  # 20 frames at 30 a second
    assert redact(source, tmp_path / "whole.mp4", tools=tools).plan.media.frames == 20
    (tmp_path / "whole.mp4").unlink()
    source.write_bytes(source.read_bytes()[: places[last] + box])
    assert "cut off" in refused(source, tools).problem


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_same_film_whole_is_done(layout: str, tmp_path: Path, tools: Tools) -> None:
    assert redact(made(tmp_path, layout), tools=tools).plan.media.frames == 20


@pytest.mark.parametrize(
    "words",
    [b"just words, no film\n", b"ffconcat version 1.0\nfile 'b.mp4'\n", b"#EXTM3U\n#EXTINF:1,\nb.mp4\n"],
    ids=["words", "concat", "playlist"],
)
def test_a_text_that_is_named_like_a_film_opens_nothing(words: bytes, tmp_path: Path, tools: Tools) -> None:
    other = tmp_path / "elsewhere"
    other.mkdir()
    film(other / "b.mp4", [background(64, 64)] * 3)
    folder = tmp_path / "here"
    folder.mkdir()
    (folder / "a.mp4").write_bytes(words.replace(b"b.mp4", str(other / "b.mp4").encode()))
    refused(folder / "a.mp4", tools)


def test_a_full_disk_leaves_nothing(tmp_path: Path, tools: Tools, monkeypatch: pytest.MonkeyPatch) -> None:
    source = made(tmp_path, "index last")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(PictureTrack, "write", full)
    with pytest.raises(OutputError, match="no space"):
        redact(source, tools=tools)
    assert [p.name for p in tmp_path.iterdir()] == ["a.mp4"]
