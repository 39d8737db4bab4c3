"""The bench that streams are judged by is judged first: the crowd is one, and nothing bare gets past the examiner."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import live_barcode
import numpy as np
import pytest
from live_crowd import Crowd, face_frames
from live_examiner import BARE, Examined, Examiner
from live_film import Film, Luma, Sent
from live_receivers import TcpReceiver
from live_recording import Part, Received, frames_of
from live_runs import play
from live_senders import Tcp, Udp
from live_sight import SURE, faces_in
from live_stand_ins import cover, save_truth, stand_in

from kerchief import Tools, redact
from kerchief.geometry import Box


@pytest.fixture(scope="session")
def as_sent(film: Film) -> list[Received]:
    """The film, decoded."""
    part = Part()
    for frame in film.frames:
        part.take(frame.ts, frame.number / film.rate)
    return list(part.frames())


def test_every_frame_is_received_with_its_number_and_its_time(film: Film, as_sent: list[Received]) -> None:
    assert [live_barcode.read(frame.luma) for frame in as_sent] == list(range(len(film.frames)))
    assert all(frame.at == number / film.rate for number, frame in enumerate(as_sent))


@pytest.mark.parametrize("width", [640, 1280])
def test_the_detector_sees_the_crowd(width: int, tools: Tools) -> None:
    crowd = Crowd(least=0.067 * 640 / width)
    faces = scores = 0
    for number in range(0, 270, 9):
        rgb, truth = crowd.picture(number / 15, width)
        seen = faces_in(rgb, tools.networks)
        faces += len(truth)
        scores += sum(any(s.score >= SURE and s.box.iou(face.box) > 0.25 for s in seen) for face in truth)
    assert faces > 100
    assert scores / faces > 0.93


def test_the_crowd_is_the_same_each_time() -> None:
    (one, faces), (two, same) = (Crowd().picture(11.4, 640) for _ in range(2))
    assert np.array_equal(one, two)
    assert faces == same != ()


def test_whoever_covers_nothing_is_seen_through(film: Film, examiner: Examiner, as_sent: list[Received]) -> None:
    result = examiner.examine(as_sent)
    assert len(result.bare) == result.faces == face_frames([frame.faces for frame in film.frames]) > 1000
    assert min(result.scores) > BARE + 0.2
    assert min(result.shown) > 0.95


@pytest.mark.parametrize("scale", [1.0, 0.5])
def test_true_covers_are_believed(scale: float, film: Film, examiner: Examiner, as_sent: list[Received]) -> None:
    result = examiner.examine(_scaled(_covered(film, as_sent, 0), scale))
    assert result.faces > 1000
    assert result.bare == []
    assert max(result.scores) < BARE - 0.1
    assert min(result.shown) > 0.95


def test_covers_that_come_late_are_not(film: Film, examiner: Examiner, as_sent: list[Received]) -> None:
    result = examiner.examine(_covered(film, as_sent, 4))
    assert len(result.bare) > 100
    assert {bare.since for bare in result.bare} >= {0.0}


def test_one_bare_face_is_found_in_one_frame(film: Film, examiner: Examiner, as_sent: list[Received]) -> None:
    covered = _covered(film, as_sent, 0)
    covered[100] = as_sent[100]
    result = examiner.examine(covered)
    assert {(bare.index, bare.person, bare.is_own) for bare in result.bare} == {
        (100, face.person, True) for face in film.frames[100].faces
    }


def test_a_face_of_an_earlier_frame_is_found(film: Film, examiner: Examiner, as_sent: list[Received]) -> None:
    """As a decoder leaves it that lost a part of a frame."""
    covered = _covered(film, as_sent, 0)
    old = next(face for face in film.frames[80].faces if _is_alone(face.box, film.frames[100]))
    rows, columns = old.box.pixels(640, 360)
    luma = covered[100].luma.copy()
    luma[rows, columns] = as_sent[80].luma[rows, columns]
    covered[100] = Received(covered[100].pts, luma, None)
    result = examiner.examine(covered)
    assert [(bare.index, bare.person, bare.is_own) for bare in result.bare] == [(100, old.person, False)]


def test_a_veil_shows_nothing(examiner: Examiner, as_sent: list[Received]) -> None:
    result = examiner.examine([_changed(frame, _veiled) for frame in as_sent[:60]])
    assert (result.veiled, result.read, result.bare) == (60, [], [])
    assert result.faces_unread > 100


def test_faces_without_a_number_are_found(film: Film, examiner: Examiner, as_sent: list[Received]) -> None:
    result = examiner.examine([_changed(frame, _without_number) for frame in as_sent[:30]])
    assert result.read == []
    by_correlation = {(bare.index, bare.person) for bare in result.bare if bare.person >= 0}
    truth = {(frame.number, face.person) for frame in film.frames[:30] for face in frame.faces if face.share > 0.95}
    assert by_correlation >= truth


def test_a_veil_that_the_detector_sees_through_is_none(film: Film, examiner: Examiner, as_sent: list[Received]) -> None:
    """Whatever else is done to a frame: to the detector there must be nobody."""

    def mirrored(luma: Luma) -> Luma:
        return _without_number(np.ascontiguousarray(luma[:, ::-1]))

    result = examiner.examine([_changed(frame, mirrored) for frame in as_sent[:20]])
    assert (result.read, result.veiled) == ([], 20)
    assert sum(bare.person < 0 for bare in result.bare) > 20


def test_the_crowd_can_be_covered(film: Film, examiner: Examiner, tools: Tools, tmp_path: Path) -> None:
    """As a file: what shows when it is played live is not the detector's fault."""
    outcome = redact(film.save(tmp_path / "crowd.ts"), tmp_path / "covered.mp4", tools=tools)
    result = examiner.examine(frames_of(outcome.output))
    assert result.bare == []
    assert result.faces > 500


def test_played_through_something_that_covers_nothing(film: Film, examiner: Examiner) -> None:
    receiver = TcpReceiver()
    played = play(Film(film.rate, film.frames[:90]), Udp(), stand_in("bare"), receiver)
    result = examiner.examine(receiver.frames(), played.sent)
    assert len(result.bare) == result.faces > 100
    assert all(latency is not None and 0 < latency < 5 for latency in result.latencies)


def test_played_through_something_that_covers_the_truth(film: Film, examiner: Examiner, tmp_path: Path) -> None:
    receiver = TcpReceiver()
    product = stand_in("covered", str(save_truth(film, tmp_path / "truth.json")))
    played = play(Film(film.rate, film.frames[:90]), Tcp(), product, receiver)
    result = examiner.examine(receiver.frames(), played.sent)
    assert result.faces > 100
    assert result.bare == []


def _covered(film: Film, frames: list[Received], lag: int) -> list[Received]:
    """The frames with the heads covered as they were so many frames ago."""
    covered = []
    for number, frame in enumerate(frames):
        luma = frame.luma.copy()
        faces = film.frames[max(0, number - lag)].faces
        cover(luma, [[face.box.x0, face.box.y0, face.box.x1, face.box.y1] for face in faces])
        covered.append(Received(frame.pts, luma, frame.at))
    return covered


def _scaled(frames: list[Received], scale: float) -> Iterator[Received]:
    for frame in frames:
        luma = cv2.resize(frame.luma, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        yield Received(frame.pts, np.asarray(luma, np.uint8), frame.at)


def _changed(frame: Received, change: Callable[[Luma], Luma]) -> Received:
    return Received(frame.pts, change(frame.luma), frame.at)


def _without_number(luma: Luma) -> Luma:
    luma = luma.copy()
    luma[-live_barcode.strip_height(640) :] = 128
    return luma


def _veiled(luma: Luma) -> Luma:
    small = cv2.resize(luma, (8, 4), interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.resize(small, luma.shape[::-1]), np.uint8)


def _is_alone(box: Box, frame: Sent) -> bool:
    return box.y1 < 320 and all(face.box.grow(*[face.box.width] * 4).overlap(box) == 0 for face in frame.faces)


def test_examined_counts_what_it_read() -> None:
    assert Examined(numbers=[None, 3, None, 4]).read == [3, 4]
