"""Frames in any order: what is asked of the decoder's process is bounded, and what it says is not believed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from films import film
from pydantic import ValidationError
from scenes import background, saved

from kerchief.errors import InputRefused
from kerchief.ports import YuvFrame
from kerchief.sandbox.decoder import Decoder
from kerchief.sandbox.wire import REQUEST, Opened

#: A process that says the same of every film, and sends frames as its command line says: "pts width height".
LIAR = """
import sys
from kerchief.sandbox.wire import *
requests, replies = sys.stdin.buffer, sys.stdout.buffer
send(replies, Ready())
while True:
    request = REQUEST.validate_json(receive(requests))
    if isinstance(request, Open):
        send(replies, Opened.model_validate_json(sys.argv[1]))
        continue
    for said in sys.argv[2:]:
        pts, width, height = map(int, said.split())
        header = FilmFrame(pts=pts, duration=1, width=width, height=height)
        send(replies, header)
        for rows, columns in header.plane_shapes:
            replies.write(bytes(rows * columns))
    send(replies, Done())
"""


def made(folder: Path, name: str = "a.mp4") -> Path:
    return film(folder / name, [background(64, 48, n) for n in range(12)], g="4")


@pytest.mark.parametrize(
    ("frames", "is_believed"),
    [
        (["3 64 48", "4 64 48"], True),
        (["3 64 48", "3 64 48"], False),
        (["4 64 48", "3 64 48"], False),
        (["3 64 48", "4 64 48", "5 64 48"], False),
        (["3 6400 4800"], False),
        (["3 66 48"], False),
        ([], False),
    ],
    ids=["true", "twice", "backward", "too many", "large", "other size", "none"],
)
def test_a_process_that_sends_what_was_not_asked_for_is_ended(
    frames: list[str], is_believed: bool, tmp_path: Path
) -> None:
    path = made(tmp_path)
    with Decoder() as decoder:
        said = Opened(info=decoder.open(path)[0], findings=()).model_dump_json()
    command = [sys.executable, "-c", LIAR, said, *frames]
    liar = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    with Decoder(child=liar) as decoder:
        decoder.open(path)
        if is_believed:
            assert [frame.pts for frame in decoder.visit(path, 3, after=1)] == [3, 4]
            return
        with pytest.raises(InputRefused, match="crashed"):
            list(decoder.visit(path, 3, after=1))
        assert liar.poll() is not None
        decoder.open(path)
        assert [frame.pts for frame in decoder.visit(path, 0)] == [0], "the next process is an honest one"


@pytest.mark.parametrize(
    "asked",
    [{"at": -1}, {"since": -1}, {"at": 1 << 62}, {"before": 1001}, {"after": 1001}, {"after": -1}, {"path": "/"}],
    ids=str,
)
def test_what_can_not_be_asked(asked: dict[str, int]) -> None:
    visit = {"ask": "visit", "at": 5, "since": 5, "before": 1, "after": 1}
    REQUEST.validate_python(visit)
    with pytest.raises(ValidationError):
        REQUEST.validate_python(visit | asked)


def test_only_the_film_that_was_opened_last_is_visited(tmp_path: Path) -> None:
    path = made(tmp_path)
    photo = tmp_path / "a.png"
    photo.write_bytes(saved(background(64, 48), "PNG"))
    with Decoder() as decoder:
        assert not decoder.can_visit
        with pytest.raises(InputRefused, match="not open"):
            next(decoder.visit(path, 0))
        decoder.open(path)
        assert decoder.can_visit
        list(decoder.open(photo)[2])
        assert not decoder.can_visit
        with pytest.raises(InputRefused, match="not open"):
            next(decoder.visit(path, 0))
        with pytest.raises(InputRefused):
            decoder.open(tmp_path / "none.mp4")
        assert not decoder.can_visit


def test_a_visit_leaves_nothing_behind_and_a_read_is_whole_after_it(tmp_path: Path) -> None:
    path = made(tmp_path)
    with Decoder() as decoder:
        _, _, frames = decoder.open(path)
        whole = [frame.pts for frame in decoder.open(path)[2] if isinstance(frame, YuvFrame)]
        with pytest.raises(InputRefused, match="another file"):
            next(frames)
        child = decoder._child
        for at in (7, 2, 11, 0):
            (frame,) = decoder.visit(path, at)
            assert frame.pts == at
        assert decoder._child is child, "one process serves them all"
        next(decoder.visit(path, 3, after=5))
        assert not decoder.can_visit, "the rest was not read"
        assert [frame.pts for frame in decoder.open(path)[2] if isinstance(frame, YuvFrame)] == whole


def test_a_film_that_is_replaced_is_not_visited(tmp_path: Path) -> None:
    path, other = made(tmp_path), made(tmp_path, "b.mp4")
    with Decoder() as decoder:
        decoder.open(path)
        list(decoder.visit(path, 3))
        other.replace(path)
        for _ in range(2):
            with pytest.raises(InputRefused, match="changed"):
                list(decoder.visit(path, 4))
