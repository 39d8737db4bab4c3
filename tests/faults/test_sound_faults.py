"""Sound that can't be read whole is refused when it is asked for, and plays no part when it is not."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import av
import numpy as np
import pytest
from pydantic import ValidationError
from sounds import Coding, film_with_sound, noise, streams

from kerchief import Settings, Tools, redact
from kerchief.cli.audio import audio_from
from kerchief.errors import InputRefused
from kerchief.plan.model import Cut
from kerchief.sandbox.decoder import Decoder
from kerchief.sandbox.wire import REPLY, Broken, Opened, SoundBlock, receive_samples

#: Codings with checksums, or in which most bits are not just as good as others.
CODINGS = [
    Coding("aac", 44_100, "stereo", "a.mp4"),
    Coding("flac", 48_000, "stereo", "a.mkv"),
    Coding("ac3", 48_000, "stereo", "a.mkv"),
]


def damaged(source: Path) -> Path:
    """Some bytes in the middle of two blocks of sound are wrong."""
    with av.open(str(source)) as container:
        packets = [(p.pos, p.size) for p in container.demux(container.streams.audio[0]) if p.size > 40]
    data, random = bytearray(source.read_bytes()), np.random.default_rng(1)
    for pos, size in (packets[len(packets) // 3], packets[len(packets) // 2]):
        for at in random.integers(8, size, 6):
            data[pos + at] ^= int(random.integers(1, 256))
    source.write_bytes(data)
    return source


@pytest.mark.parametrize("coding", CODINGS, ids=lambda coding: coding.codec)
def test_damaged_sound_is_refused_where_it_is_kept(coding: Coding, tmp_path: Path, tools: Tools) -> None:
    source = damaged(film_with_sound(tmp_path, coding, noise(coding)))
    for audio in ("keep", "mute:0:01-0:02"):
        settings = Settings(audio=audio_from(audio))
        with Tools(settings, beside=tools) as keeping, pytest.raises(InputRefused, match="damaged"):
            redact(source, tools=keeping)
    assert [p.name for p in tmp_path.iterdir()] == [source.name]
    assert streams(redact(source, tools=tools).output) == ["video"], "sound that is dropped is never decoded"


@pytest.mark.parametrize("audio", ["keep", "drop"])
def test_checksums_tell_of_damage_that_no_decoder_can(audio: str, tmp_path: Path, tools: Tools) -> None:
    """Any bits are samples of uncompressed sound; Matroska says what they were."""
    coding = Coding("pcm_s16le", 48_000, "stereo", "a.mkv")
    source = damaged(film_with_sound(tmp_path, coding, noise(coding), has_checksums=True))
    with Tools(Settings(audio=audio_from(audio)), beside=tools) as chosen, pytest.raises(InputRefused, match="damaged"):
        redact(source, tools=chosen)


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv"])
def test_a_film_that_is_cut_off_in_its_sound_is_refused(name: str, tmp_path: Path, tools: Tools) -> None:
    coding = Coding("aac", 44_100, "stereo", name)
    source = film_with_sound(tmp_path, coding, noise(coding))
    source.write_bytes(source.read_bytes()[:-2000])
    with Tools(Settings(audio=audio_from("keep")), beside=tools) as keeping, pytest.raises(InputRefused):
        redact(source, tools=keeping)


def test_a_coding_that_nobody_knows_is_refused(tmp_path: Path, tools: Tools) -> None:
    coding = Coding("flac", 48_000, "stereo", "a.mkv")
    source = film_with_sound(tmp_path, coding, noise(coding))
    source.write_bytes(source.read_bytes().replace(b"A_FLAC", b"A_FLOC"))
    with Tools(Settings(audio=audio_from("keep")), beside=tools) as keeping:
        with pytest.raises(InputRefused, match="not known") as caught:
            redact(source, tools=keeping)
        assert "--audio drop" in caught.value.next_step
    assert streams(redact(source, tools=tools).output) == ["video"]


def test_samples_that_are_no_numbers_are_refused(tmp_path: Path, tools: Tools) -> None:
    coding = Coding("pcm_f32le", 48_000, "mono", "a.mkv")
    waves = noise(coding)
    waves[70_000] = np.nan
    with Tools(Settings(audio=audio_from("keep")), beside=tools) as keeping, pytest.raises(InputRefused):
        redact(film_with_sound(tmp_path, coding, waves), tools=keeping)


def test_the_looks_never_ask_for_the_sound(tmp_path: Path, tools: Tools, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, bool]] = []
    original = Decoder.open

    def open_(self: Decoder, path: Path, cut: Cut | None = None, *, with_sound: bool = False):
        asked.append((path.name, with_sound))
        return original(self, path, cut, with_sound=with_sound)

    monkeypatch.setattr(Decoder, "open", open_)
    coding = CODINGS[0]
    redact(film_with_sound(tmp_path, coding, noise(coding)), tools=tools)
    assert len(asked) >= 4
    assert not any(with_sound for _, with_sound in asked)


@pytest.mark.parametrize("values", [[0, 0, 1.5, 0], [0, float("nan"), 0, 0], [0, 0, 0]], ids=["loud", "nan", "short"])
def test_a_decoder_that_sends_no_sound_is_not_believed(values: list[float]) -> None:
    header = SoundBlock(start=0, count=4, channels=1)
    with pytest.raises(Broken):
        receive_samples(BytesIO(np.array(values, np.float32).tobytes()), header)


@pytest.mark.parametrize("sound", [{"rate": 0, "channels": 1}, {"rate": 48_000, "channels": 9}])
def test_a_sound_that_can_not_be_is_not_believed(sound: dict[str, int], tmp_path: Path) -> None:
    with Decoder() as decoder:
        info, _, _ = decoder.open(film_with_sound(tmp_path, CODINGS[0], None))
    said = Opened(info=info, findings=()).model_dump(mode="json")
    REPLY.validate_python(said)
    with pytest.raises(ValidationError):
        REPLY.validate_python(said | {"info": said["info"] | {"sound": sound}})


@pytest.mark.parametrize("header", [{"start": 7, "count": 4, "channels": 2}, {"start": 0, "count": 4, "channels": 1}])
def test_blocks_that_do_not_follow_on_end_the_decoder(
    header: dict[str, int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = film_with_sound(tmp_path, CODINGS[0], noise(CODINGS[0]))
    with Decoder() as decoder:
        _, _, parts = decoder.open(source, with_sound=True)
        next(parts)
        monkeypatch.setattr(decoder, "_next", lambda *_: SoundBlock.model_validate(header))
        with pytest.raises(InputRefused, match="crashed"):
            next(parts)
