"""Everything that a stream can come from and go to, with real senders and receivers on this machine."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from live_examiner import Examiner
from live_film import Film
from live_receivers import Folder, Receiver, RelayedReceiver, TcpReceiver, UdpReceiver
from live_rtsp_server import Rtsp
from live_runs import Played, kerchief_live, play, play_file
from live_senders import Http, Pipe, Relayed, StandardInput, Tcp, Udp, Way

SECONDS = 8
#: Each run has a way in and a way out.
WAYS: dict[str, tuple[Callable[[Film, Path], Way], Callable[[Path], Receiver]]] = {
    "tcp to udp": (lambda film, folder: Tcp(), lambda folder: UdpReceiver()),
    "udp to srt": (lambda film, folder: Udp(), lambda folder: RelayedReceiver.srt()),
    "srt to rtmp": (lambda film, folder: Relayed.srt(), lambda folder: RelayedReceiver.rtmp()),
    "rtmp to rtsp": (lambda film, folder: Relayed.rtmp(), lambda folder: RelayedReceiver.rtsp()),
    "rtsp to segments": (lambda film, folder: Rtsp(film), Folder),
    "http to hls": (lambda film, folder: Http(), lambda folder: Folder(folder, "hls:", "*.m3u8")),
    "pipe to tcp": (lambda film, folder: Pipe(folder.with_name("pipe")), lambda folder: TcpReceiver()),
    "standard input to tcp": (lambda film, folder: StandardInput(), lambda folder: TcpReceiver()),
}


@pytest.fixture(scope="session")
def short(film: Film) -> Film:
    """The first seconds."""
    return Film(film.rate, film.frames[: SECONDS * film.rate])


@pytest.mark.parametrize("name", WAYS)
def test_from_and_to(name: str, short: Film, examiner: Examiner, tmp_path: Path) -> None:
    if any(word in name for word in ("srt", "rtmp", "rtsp")) and shutil.which("ffmpeg") is None:
        pytest.skip("there is no ffmpeg to listen with")
    (out := tmp_path / "out").mkdir()
    way, receiver = WAYS[name]
    received = receiver(out)
    played = play(short, way(short, out), kerchief_live("--segment", "3s"), received)
    _is_good(played, received, examiner)


def test_from_a_file_to_its_end(short: Film, examiner: Examiner, tmp_path: Path) -> None:
    receiver = TcpReceiver()
    played = play_file(short.save(tmp_path / "crowd.ts"), kerchief_live(), receiver, patience=60)
    _is_good(played, receiver, examiner)
    assert any(abs(number - len(short.frames)) < short.rate for number in examiner.examine(receiver.frames()).read)


def _is_good(played: Played, receiver: Receiver, examiner: Examiner) -> None:
    result = examiner.examine(receiver.frames(), played.sent or None)
    assert played.exit_code == 0, played.said
    assert result.bare == [], (played.events, result.bare)
    assert result.faces > 50, (played.events, played.said)
