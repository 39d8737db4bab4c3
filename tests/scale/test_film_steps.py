"""A film in pieces is held to all that a whole one is, by workers in this process: what is refused, and when."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any, cast

import av
import pytest
from films import film, shown, walk

from kerchief.choices import Margin
from kerchief.cli.audio import audio_from
from kerchief.errors import ExitCode, InputRefused, OutputError, UsageError
from kerchief.plan.audio import Audio
from kerchief.scale.cluster.chunks import Stored
from kerchief.scale.cluster.pool import Pool
from kerchief.scale.films import seams
from kerchief.scale.films.in_pieces import FilmInPieces, WholeFilm
from kerchief.scale.ledger.ledger import Begun
from kerchief.scale.tasks import Failed, Finished, Made, Task
from kerchief.scale.worker import Worker
from kerchief.settings import Settings

Hook = Callable[[str, tuple[Any, ...]], None]


class Notary:
    """Nobody dies here."""

    def begin(self, number: int) -> Begun:
        return Begun(1)

    def intend(self, made: Made) -> None:
        pass


@dataclass(frozen=True)
class Chunk:
    data: bytes

    def read(self) -> bytes:
        return self.data


@dataclass(eq=False)
class Hand:
    """A worker in this process."""

    worker: Worker
    hook: Hook

    def is_ready(self, seconds: float) -> bool:
        return True

    def call(self, method: str, *args: object) -> Any:
        self.hook(str(args[0]) if method == "film" else method, args)
        return getattr(self.worker, method)(*args)

    def keep(self, method: str, *args: object) -> Any:
        self.hook(str(args[0]), args)
        return Stored(tuple(Chunk(data) for data in getattr(self.worker, method)(*args)), 0.0)

    def stop(self) -> None:
        pass

    def dismiss(self) -> None:
        self.worker.close()


@dataclass
class Steps:
    """What workers were asked for, and what happens at some of it."""

    names: list[str] = field(default_factory=list)
    at: dict[str, Callable[[], object]] = field(default_factory=dict)

    def __call__(self, step: str, args: tuple[Any, ...]) -> None:
        self.names.append(step)
        if step in self.at:
            self.at.pop(step)()


@pytest.fixture(autouse=True)
def _short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seams, "LEAST_SECONDS", 2)


@pytest.fixture(scope="module")
def march(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return walked(tmp_path_factory.mktemp("march") / "march.mp4")


def walked(path: Path, seed: int = 7, **options: Any) -> Path:
    pictures, _ = walk(320, 240, [(40 + abs(n % 200 - 100), 60) for n in range(240)], 70, seed=seed)
    return film(path, pictures, g="30", **options)


def redacted(source: Path, folder: Path, settings: Settings | None = None, steps: Steps | None = None) -> Any:
    settings = settings or Settings()
    task = Task(1, str(source), str(folder / "copy"), None, source.stat().st_size)
    with Pool(lambda: cast("Any", Hand(Worker(settings, Notary()), steps or Steps())), 2) as pool:
        return FilmInPieces(task, pool).redact(Begun(1), settings)


def left(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.name.startswith(("copy", ".kerchief")))


def test_a_time_to_mute_after_the_end_is_a_slip(march: Path, tmp_path: Path) -> None:
    steps = Steps()
    with pytest.raises(UsageError, match="starts after the film's end"):
        redacted(march, tmp_path, Settings(audio=audio_from("mute:500-600")), steps)
    assert "cover" not in steps.names, "said before the work"
    assert left(tmp_path) == []


@pytest.mark.parametrize("step", ["watch", "plan", "cover"])
def test_an_original_that_changes_meanwhile_is_refused(step: str, march: Path, tmp_path: Path) -> None:
    source = Path(shutil.copy(march, tmp_path / "march.mp4"))
    other = walked(tmp_path / "other.mp4", seed=8)
    with pytest.raises(InputRefused, match="changed"):
        redacted(source, tmp_path, steps=Steps(at={step: lambda: shutil.copy(other, source)}))
    assert left(tmp_path) == []


def test_a_copy_that_cannot_be_read_back_is_no_fault_of_the_original(march: Path, tmp_path: Path) -> None:
    def damaged() -> None:
        raise InputRefused("", "the film is damaged or cut off", "Get the whole file again.")

    with pytest.raises(OutputError, match="can't be read back"):
        redacted(march, tmp_path, steps=Steps(at={"survey_copy": damaged}))


def test_a_name_that_is_taken_is_told_before_the_work(march: Path, tmp_path: Path) -> None:
    (tmp_path / "copy.mp4").write_bytes(b"mine")
    steps = Steps()
    came = redacted(march, tmp_path, steps=steps)
    assert isinstance(came, Failed)
    assert came.exit_code is ExitCode.OUTPUT
    assert steps.names == ["survey", "prepare"]
    assert (tmp_path / "copy.mp4").read_bytes() == b"mine"


def test_an_uneven_time_base_is_kept(march: Path, tmp_path: Path) -> None:
    """Matroska with another unit than a millisecond, as some recorders write it."""
    path = rescaled(walked(tmp_path / "a.mkv", time_base=Fraction(1, 1000), pts=[33 * n for n in range(240)], last=33))
    came = redacted(path, tmp_path)
    assert isinstance(came, Finished)
    one, other = shown(path), shown(tmp_path / "copy.mp4")
    assert len(one) == len(other)
    assert abs(seconds(path) - seconds(tmp_path / "copy.mp4")) < 1e-6


def test_packets_that_share_a_time_are_no_damage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """VP8 has packets that are not shown. The film is done in one go then."""
    path = walked(tmp_path / "a.mkv", codec="libvpx", time_base=Fraction(1, 1000), pts=[33 * n for n in range(240)])
    twice(path)
    with pytest.raises(WholeFilm):
        redacted(path, tmp_path)


def test_everything_that_is_found_is_covered_in_pieces_too(march: Path, tmp_path: Path) -> None:
    steps = Steps()
    came = redacted(march, tmp_path, Settings(margin=Margin.STRICT, audio=Audio()), steps)
    assert isinstance(came, Finished)
    assert came.receipt is not None
    assert came.receipt.applied.covered >= 1
    assert steps.names.count("watch") == steps.names.count("cover") == steps.names.count("look") >= 3


def seconds(path: Path) -> float:
    with av.open(str(path)) as container:
        *_, last = container.decode(video=0)
        return float(last.pts * last.time_base)


def rescaled(path: Path) -> Path:
    """The film with a TimestampScale of 1,000,004 ns."""
    plain = path.with_name("plain.mkv")
    with (
        av.open(str(path)) as container,
        av.open(str(plain), "w", container_options={"write_crc32": "0", "fflags": "+bitexact"}) as output,
    ):
        to = output.add_stream_from_template(container.streams.video[0])
        for packet in container.demux(video=0):
            if packet.dts is not None:
                packet.stream = to
                output.mux(packet)
    data = plain.read_bytes()
    usual = b"\x2a\xd7\xb1\x83" + (1_000_000).to_bytes(3, "big")
    assert data.count(usual) == 1
    path.write_bytes(data.replace(usual, b"\x2a\xd7\xb1\x83" + (1_000_004).to_bytes(3, "big")))
    return path


def twice(path: Path) -> None:
    """Give one packet the time of the one before it."""
    packets = []
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        with av.open(str(path.with_name("twice.mkv")), "w") as output:
            to = output.add_stream_from_template(stream)
            for packet in container.demux(stream):
                if packet.dts is None:
                    continue
                packets.append(packet.pts)
                if len(packets) == 100:
                    packet.pts = packet.dts = packets[-2]
                packet.stream = to
                output.mux(packet)
    path.with_name("twice.mkv").replace(path)
