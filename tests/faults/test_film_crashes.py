"""In the middle of a film: bytes that are wrong, a decoder that dies, a run that is interrupted."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
import pytest
from films import film, shown
from scenes import background, scene

from kerchief import Tools, make_plan, redact, render
from kerchief.errors import InputRefused, OutputError, PlanMismatch, UsageError
from kerchief.plan.codec import encode
from kerchief.ports import YuvFrame
from kerchief.sandbox.decoder import Decoder

COUNT = 24


def street(
    folder: Path, name: str = "a.mp4", codec: str = "libx264", first_seed: int = 0, size: tuple[int, int] = (160, 120)
) -> Path:
    """A film without anybody in it."""
    pictures = [background(*size, first_seed + number) for number in range(COUNT)]
    return film(folder / name, pictures, codec=codec, g="10")


def damaged(source: Path, seed: int) -> Path:
    """The film with some bytes of its samples changed."""
    data = bytearray(source.read_bytes())
    random = np.random.default_rng(seed)
    for at in random.integers(len(data) // 4, len(data) * 3 // 4, 30):
        data[at] ^= int(random.integers(1, 256))
    source.write_bytes(data)
    return source


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(("name", "codec"), [("a.mp4", "libx264"), ("a.mkv", "libx264"), ("a.avi", "mpeg4")])
def test_wrong_bytes_in_the_middle_are_refused(name: str, codec: str, seed: int, tmp_path: Path, tools: Tools) -> None:
    """The decoder conceals what it can't read, and says so."""
    with pytest.raises(InputRefused, match="damaged"):
        redact(damaged(street(tmp_path, name, codec), seed), tools=tools)
    assert [p.name for p in tmp_path.iterdir()] == [name]


def frames_of(source: Path, tools: Tools) -> int:
    """How many frames the library reads; 0 where it refuses the film."""
    try:
        return len(list(tools.film(tools.open(source))))
    except InputRefused:
        return 0


@pytest.mark.parametrize(("name", "codec"), [("a.webm", "libvpx"), ("a.webm", "libvpx-vp9"), ("a.mkv", "libvpx")])
def test_where_a_decoder_does_not_notice_every_frame_is_there(
    name: str, codec: str, tmp_path: Path, tools: Tools
) -> None:
    """VP8 and VP9 take nearly any bits for a picture. No frame may be missing for that."""
    source = street(tmp_path, name, codec)
    whole = source.read_bytes()
    read = set()
    for seed in range(40):
        source.write_bytes(whole)
        read.add(frames_of(damaged(source, seed), tools))
    assert read <= {0, COUNT}
    assert 0 in read


def test_a_frame_that_damage_hides_is_missed(tmp_path: Path, tools: Tools) -> None:
    """One bit says whether a frame of VP8 is shown."""
    source = street(tmp_path, "a.webm", "libvpx")
    with av.open(str(source)) as container:
        packets = [bytes(packet) for packet in container.demux(video=0) if packet.size]
    for packet in (packets[5], packets[-1]):
        hidden = bytes([packet[0] & ~0x10]) + packet[1:]
        source.write_bytes(street(tmp_path, "a.webm", "libvpx").read_bytes().replace(packet, hidden))
        assert len(shown(source)) == COUNT - 1, "the test would prove nothing"
        with pytest.raises(InputRefused, match="damaged"):
            redact(source, tools=tools)


def test_a_decoder_that_dies_in_a_film_is_a_refusal_and_the_next_film_works(tmp_path: Path) -> None:
    # Frames that do not all fit into the pipe: the decoder is in the middle of its work.
    source = film(tmp_path / "a.mp4", [background(320, 240, seed) for seed in range(COUNT)])
    with Decoder() as decoder:
        _, _, frames = decoder.open(source)
        first = next(frames)
        assert isinstance(first, YuvFrame)
        child = decoder._child
        assert child is not None
        child.kill()
        child.wait()
        with pytest.raises(InputRefused, match="crashed"):
            list(frames)
        again = list(decoder.open(source)[2])
        assert len(again) == COUNT
        assert isinstance(again[0], YuvFrame)
        assert np.array_equal(again[0].planes[0], first.planes[0])


def test_a_film_that_is_left_in_the_middle_does_not_hold_up_the_next(tmp_path: Path) -> None:
    source = street(tmp_path)
    with Decoder() as decoder:
        next(decoder.open(source)[2])
        assert len(list(decoder.open(source)[2])) == COUNT


def test_a_film_that_changes_while_it_is_worked_on_is_refused(tmp_path: Path, tools: Tools) -> None:
    source = street(tmp_path)
    plan, opened = make_plan(source, tools=tools), tools.open(source)
    street(tmp_path, first_seed=50)
    with pytest.raises(PlanMismatch):
        render(source, plan, tools=tools)
    with pytest.raises(InputRefused, match="changed"):
        list(tools.film(opened))


@pytest.mark.parametrize("when", ["before the first frame", "after it"])
def test_a_film_that_is_replaced_after_its_digest_was_taken_is_refused(when: str, tmp_path: Path) -> None:
    # Larger than any pipe: the child can't have sent it whole before it is replaced.
    large = (640, 480)
    source, other = street(tmp_path, size=large), street(tmp_path, "b.mp4", first_seed=50, size=large)
    with Decoder() as decoder:
        _, _, frames = decoder.open(source)
        if when == "after it":
            next(frames)
        other.replace(source)
        with pytest.raises(InputRefused, match="changed"):
            list(frames)


def test_after_a_film_that_could_not_be_written_the_next_one_is_done(
    tmp_path: Path, tools: Tools, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its frames were being painted by a thread, which must not read what is said of the next film."""
    from kerchief.media.films import record

    def full(path: Path, frames: Iterator[YuvFrame], *_: object) -> None:
        next(iter(frames))
        raise OSError(28, "No space left on device")

    source, other = street(tmp_path), street(tmp_path, "b.mp4", first_seed=50)
    with monkeypatch.context() as patch:
        patch.setattr(record, "write_film", full)
        with pytest.raises(OutputError) as failed:
            redact(source, tools=tools)
    # While the error is kept, as a batch does.
    assert len(shown(redact(other, tools=tools).output)) == COUNT
    assert failed.value.exit_code == 15
    assert not any(thread.name.startswith("Thread") and "_make" in thread.name for thread in threading.enumerate())


def test_frames_of_a_file_that_was_left_for_another_are_refused(tmp_path: Path) -> None:
    one, two = street(tmp_path), street(tmp_path, "b.mp4", first_seed=50)
    with Decoder() as decoder:
        frames = decoder.open(one)[2]
        next(frames)
        _, _, others = decoder.open(two)
        with pytest.raises(InputRefused, match="another file"):
            list(frames)
        assert len(list(others)) == COUNT


def test_nothing_that_exists_is_overwritten_by_a_film(tmp_path: Path, tools: Tools) -> None:
    source, target = street(tmp_path), tmp_path / "a.redacted.mp4"
    target.write_bytes(b"dear to somebody")
    for output in (None, source):
        with pytest.raises(OutputError, match="exists"):
            redact(source, output, tools=tools)
    assert target.read_bytes() == b"dear to somebody"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.mp4", "a.redacted.mp4"]


def test_a_name_of_another_container_is_refused(tmp_path: Path, tools: Tools) -> None:
    with pytest.raises(UsageError, match=r"\.mp4"):
        redact(street(tmp_path), tmp_path / "b.mkv", tools=tools)


#: The command line as it is, but for a word as soon as a film is being written, and slower from then on.
TELLING = (
    "import signal, time\n"
    "signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs ignore it\n"
    "import kerchief.pipeline as pipeline\n"
    "covered = pipeline.covered\n"
    "def slowly(*args):\n"
    "    for number, frame in enumerate(covered(*args)):\n"
    "        yield frame\n"
    "        if number == 5:\n"
    "            print('now', flush=True)\n"
    "        time.sleep(0.1 if number < 5 else 1)\n"
    "pipeline.covered = slowly\n"
    "from kerchief.cli.main import main\n"
    "main()"
)


COMMANDS = {"redact": ("redact", "a.mp4"), "check": ("check", "--interference", "a.mp4", "a.json")}


@pytest.mark.skipif(os.name != "posix", reason="signals")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["ctrl-c", "sigterm"])
@pytest.mark.parametrize("name", COMMANDS)
def test_an_interrupt_while_a_film_is_written_leaves_nothing(
    name: str, number: int, tmp_path: Path, tools: Tools
) -> None:
    source = film(tmp_path / "a.mp4", [scene(320, 240, [(100, 80, 60)])[0]] * COUNT)
    (tmp_path / "a.json").write_bytes(encode(make_plan(source, tools=tools)))
    command = [sys.executable, "-c", TELLING, *COMMANDS[name]]
    with subprocess.Popen(
        command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8"
    ) as run:
        try:
            assert run.stdout is not None
            assert run.stdout.readline() == "now\n"
            assert len(list(tmp_path.iterdir())) == 3, "no draft is there, so the test would prove nothing"
            run.send_signal(number)
            _, said = run.communicate(timeout=15)
        finally:
            run.kill()
    assert run.returncode == 130, said
    assert "Traceback" not in said
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.json", "a.mp4"]
