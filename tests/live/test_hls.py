"""An HLS folder: whoever reads it finds whole pieces at any time, also after a kill, and only our files are removed."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator
from itertools import groupby, pairwise
from pathlib import Path
from shutil import rmtree

import av
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numbered import FORM, STEP, Got, covered, number_in, read

from kerchief.errors import OutputError, UsageError
from kerchief.live.covered import Covered
from kerchief.live.sinks.hls import hls as hls_module
from kerchief.live.sinks.hls import hold as hold_module
from kerchief.live.sinks.hls.hls import Hls
from kerchief.live.sinks.hls.playlist import LISTED, Piece, Playlist, parsed
from kerchief.metadata import inspect
from kerchief.ports import YuvFrame

#: Frames of a piece.
PIECE = 30


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "out"


@pytest.fixture
def streaming(folder: Path) -> Iterator[Callable[[], Hls]]:
    made: list[Hls] = []

    def stream() -> Hls:
        made.append(Hls(folder, 85))
        made[-1].open(FORM)
        return made[-1]

    yield stream
    for one in made:
        one.finish()


def send(hls: Hls, numbers: range) -> None:
    for number in numbers:
        hls.send(covered(number))


def seen(folder: Path) -> list[int]:
    """The frames of all pieces that are listed now, run by run, as browsers read them."""
    pieces = parsed((folder / "index.m3u8").read_text()).pieces
    found = []
    for run, of_it in groupby(pieces, key=lambda piece: piece.head):
        data = (folder / run).read_bytes() + b"".join((folder / piece.name).read_bytes() for piece in of_it)
        found += read(data, "mp4").numbers
    return found


def played(folder: Path) -> Got:
    """What FFmpeg's own player gets that opens the playlist now and reads to its end."""
    got = Got()
    text = (folder / "index.m3u8").read_text()
    now = folder / "now.m3u8"
    now.write_text(text if "ENDLIST" in text else text + "#EXT-X-ENDLIST\n")
    with av.open(str(now)) as container:
        for frame in container.decode(video=0):
            got.numbers.append(number_in(frame.to_ndarray()[: FORM.height]))
            got.times.append(float(frame.time))
    now.unlink()
    return got


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.name != hold_module.MARK)


def test_the_last_pieces_can_be_read_while_it_goes_on(streaming: Callable[[], Hls], folder: Path) -> None:
    hls = streaming()
    for number in range(20 * PIECE + 1):
        hls.send(covered(number))
        if number and number % PIECE == 0:
            listed = parsed((folder / "index.m3u8").read_text()).pieces
            assert len(listed) == min(LISTED, number // PIECE)
            assert all((folder / name).exists() for piece in listed for name in (piece.name, piece.head))
    got = played(folder)
    assert got.numbers == list(range(14 * PIECE, 20 * PIECE))
    assert [b - a for a, b in pairwise(got.times)] == pytest.approx([1 / 15] * (6 * PIECE - 1))
    assert len(names(folder)) == 2 * LISTED + 2  # as many again for players that are behind, a head, the playlist
    hls.finish()
    text = (folder / "index.m3u8").read_text()
    assert text.endswith("#EXT-X-ENDLIST\n")
    assert seen(folder) == list(range(15 * PIECE, 20 * PIECE + 1))
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o644}


def test_nothing_of_the_writer_is_in_it(streaming: Callable[[], Hls], folder: Path) -> None:
    hls = streaming()
    send(hls, range(PIECE + 1))
    hls.finish()
    data = (folder / "kerchief-live-000000.mp4").read_bytes() + (folder / "kerchief-live-000000.m4s").read_bytes()
    # The parts of a fragmented file, which the linter does not know.
    parts = ["MP4 moov mvex box", "MP4 moof box", "bytes that no MP4 item or sample owns"]
    assert [finding.where for finding in inspect(data)] == parts
    for word in (b"Lav", b"FFmpeg", b"x264", b"kerchief"):
        assert word not in data


def test_keyframes_come_by_the_time(streaming: Callable[[], Hls], folder: Path) -> None:
    """Where half of the frames are left out a piece has half as many, and lasts as long."""
    hls = streaming()
    send(hls, range(0, 4 * PIECE + 1, 2))
    assert [piece.seconds for piece in parsed((folder / "index.m3u8").read_text()).pieces] == [2.0] * 4


@pytest.mark.parametrize("is_killed", [False, True])
def test_the_next_run_goes_on(is_killed: bool, streaming: Callable[[], Hls], folder: Path) -> None:
    hls = streaming()
    send(hls, range(3 * PIECE + 1))
    if is_killed:
        hls._hold.let_go()
    else:
        hls.finish()
    again = streaming()
    send(again, range(1000, 1000 + 2 * PIECE + 1))
    text = (folder / "index.m3u8").read_text()
    assert text.count("#EXT-X-DISCONTINUITY\n") == 1
    assert "ENDLIST" not in text
    pieces = parsed(text).pieces
    last = 2 if is_killed else 3  # a kill costs what was not yet a piece
    assert [piece.number for piece in pieces] == list(range(last + 3))
    assert {piece.run for piece in pieces} == {0, last + 1}
    before = list(range(3 * PIECE + (not is_killed)))
    assert seen(folder) == before + list(range(1000, 1000 + 2 * PIECE))
    # A whole playlist later there is nothing of the first run any more.
    send(again, range(1000 + 2 * PIECE + 1, 1000 + 14 * PIECE + 1))
    assert "kerchief-live-000000.mp4" not in names(folder)
    playlist = parsed((folder / "index.m3u8").read_text())
    assert playlist.breaks == 1
    assert len(names(folder)) == 2 * LISTED + 2


def test_pieces_that_are_not_there_any_more_are_not_listed(streaming: Callable[[], Hls], folder: Path) -> None:
    hls = streaming()
    send(hls, range(4 * PIECE + 1))
    hls.finish()
    (folder / "kerchief-live-000001.m4s").unlink()
    again = streaming()
    send(again, range(PIECE + 1))
    playlist = parsed((folder / "index.m3u8").read_text())
    assert [piece.number for piece in playlist.pieces] == [2, 3, 4, 5]
    assert all((folder / name).exists() for name in playlist.names)


def test_what_is_not_ours_stays(streaming: Callable[[], Hls], folder: Path) -> None:
    folder.mkdir()
    others = {"index.html": b"a page", "live-20260101.mp4": b"somebody else's", "live-000003.m4s": b"x"}
    # It has our name, but there is no playlist of ours that tells of it.
    first = others | {"kerchief-live-000003.m4s": b"somebody else's"}
    for name, data in first.items():
        (folder / name).write_bytes(data)
    for those in (first, others):
        hls = streaming()
        send(hls, range(14 * PIECE + 1))
        hls.finish()
        for name, data in those.items():
            assert (folder / name).read_bytes() == data
        assert min(piece.number for piece in parsed((folder / "index.m3u8").read_text()).pieces) > 4


@pytest.mark.parametrize(
    "text",
    [
        "",
        "#EXTM3U\n#EXTINF:2.0,\nkerchief-live-000000.m4s\n#EXTINF:2.0,\nhttps://elsewhere/x.ts\n",
        '#EXTM3U\n#EXT-X-MAP:URI="../../etc/passwd"\n',
    ],
)
def test_a_playlist_of_somebody_else_is_not_replaced(text: str, folder: Path) -> None:
    folder.mkdir()
    (folder / "index.m3u8").write_text(text)
    with pytest.raises(UsageError, match="did not write"):
        Hls(folder, 85).open(FORM)
    assert (folder / "index.m3u8").read_text() == text


def test_a_full_disk_costs_what_comes_until_there_is_room(
    streaming: Callable[[], Hls], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hls = streaming()
    send(hls, range(2 * PIECE + 1))

    def full(*_: object) -> None:
        raise OutputError(str(folder), f"can't be written to ({os.strerror(errno.ENOSPC).lower()})", "")

    with monkeypatch.context() as patch:
        patch.setattr(hls_module, "replace_whole", full)
        with pytest.raises(OutputError, match="no space"):
            send(hls, range(2 * PIECE + 1, 3 * PIECE + 1))
        hls.close()
    # Whoever watches waits: it is not over.
    assert "ENDLIST" not in (folder / "index.m3u8").read_text()
    hls.open(FORM)
    send(hls, range(4 * PIECE, 5 * PIECE + 1))
    assert seen(folder) == [*range(2 * PIECE), *range(4 * PIECE, 5 * PIECE)]


def at(seconds: float, number: int) -> Covered:
    """A frame so long after the first."""
    frame = covered(0).frame
    return Covered(YuvFrame(frame.pts + round(seconds * 90_000), STEP, covered(number).frame.planes), {})


def test_an_outage_is_in_no_piece(streaming: Callable[[], Hls], folder: Path) -> None:
    hls = streaming()
    send(hls, range(PIECE + 10))
    hls.send(at(3600, 100))
    text = (folder / "index.m3u8").read_text()
    pieces = parsed(text).pieces
    assert [piece.seconds for piece in pieces] == pytest.approx([2.0, 10 / 15], abs=1e-5)
    hls.send(at(3602.9, 101))  # that is no outage
    hls.finish()
    text = (folder / "index.m3u8").read_text()
    assert "#EXT-X-TARGETDURATION:3\n" in text
    assert text.count("#EXT-X-DISCONTINUITY\n") == 1
    assert {piece.run for piece in parsed(text).pieces} == {0, 2}
    assert seen(folder) == [*range(PIECE + 10), 100, 101]


def test_what_came_before_an_outage_is_listed_while_it_lasts(
    streaming: Callable[[], Hls], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 1000.0
    monkeypatch.setattr(hls_module, "monotonic", lambda: now)
    hls = streaming()
    hls.idle()
    send(hls, range(10))
    now += 3
    hls.idle()
    assert not (folder / "index.m3u8").exists()
    for _ in range(3):
        now += 1
        hls.idle()
        assert seen(folder) == list(range(10))
        assert len(parsed((folder / "index.m3u8").read_text()).pieces) == 1
    assert "ENDLIST" not in (folder / "index.m3u8").read_text()
    hls.send(at(6, 100))
    hls.finish()
    assert seen(folder) == [*range(10), 100]


def test_two_runs_do_not_mix(streaming: Callable[[], Hls], folder: Path) -> None:
    hls, other = streaming(), Hls(folder, 85)
    with pytest.raises(OutputError, match="another run"):
        other.open(FORM)
    send(hls, range(PIECE + 1))
    hls.close()
    with pytest.raises(OutputError, match="another run"):
        other.open(FORM)
    other.finish()
    assert "ENDLIST" not in (folder / "index.m3u8").read_text()
    hls.finish()
    assert hold_module.MARK not in [path.name for path in folder.iterdir()]
    other.open(FORM)
    send(other, range(100, 101 + PIECE))
    other.finish()
    assert seen(folder) == [*range(PIECE), *range(100, 101 + PIECE)]


def test_a_folder_that_was_removed_is_made_and_held_anew(streaming: Callable[[], Hls], folder: Path) -> None:
    hls = streaming()
    rmtree(folder)
    hls.close()
    hls.open(FORM)
    with pytest.raises(OutputError, match="another run"):
        Hls(folder, 85).open(FORM)
    rmtree(folder)
    hls.finish()
    assert not folder.exists()


def test_where_it_failed_last_the_playlist_says_in_the_end_that_it_is_over(
    streaming: Callable[[], Hls], folder: Path
) -> None:
    hls = streaming()
    send(hls, range(PIECE + 1))
    hls.close()
    assert "ENDLIST" not in (folder / "index.m3u8").read_text()
    hls.finish()
    hls.finish()
    assert (folder / "index.m3u8").read_text().endswith("#EXT-X-ENDLIST\n")
    assert seen(folder) == list(range(PIECE))


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "a").touch()
    with pytest.raises(UsageError, match="no folder"):
        Hls(tmp_path / "a", 85).open(FORM)


@given(st.lists(st.tuples(st.floats(0.1, 99), st.booleans()), max_size=20))
def test_a_playlist_is_read_as_it_was_written(runs: list[tuple[float, bool]]) -> None:
    playlist, run = Playlist(), 0
    for number, (seconds, begins) in enumerate(runs):
        run = number if begins or not number else run
        playlist = playlist.with_next(Piece(number, round(seconds, 6), run))
    assert parsed(playlist.text(is_over=len(runs) % 2 == 0)) == playlist
    # As many runs are gone as began before that of the first piece.
    began = [number for number, (_, begins) in enumerate(runs) if begins or not number]
    if playlist.pieces:
        assert playlist.breaks == began.index(playlist.pieces[0].run)
