"""Law 2 for sound: what is said in a muted span takes no part in the output. Law 3: the rest is written anew."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sounds import Coding, Waves, film_with_sound, noise

from kerchief import Settings, Tools, make_plan, redact, render
from kerchief.cli.audio import audio_from
from kerchief.cover.silence import silenced
from kerchief.errors import OutputError
from kerchief.media.films import record
from kerchief.media.films.record import write_film
from kerchief.media.films.sound import SoundTrack
from kerchief.metadata import inspect
from kerchief.pipeline import covered
from kerchief.plan.audio import Span
from kerchief.ports import MediaInfo, MediaKind, Samples, SoundInfo, YuvFrame

PCM = Coding("pcm_s16le", 48_000, "stereo", "a.mkv")
SECONDS = 1.6


def info_of(sound: SoundInfo) -> MediaInfo:
    return MediaInfo(
        "film",
        MediaKind.VIDEO,
        64,
        48,
        40,
        (1, 25),
        1,
        None,
        "0" * 64,
        1,
        has_alpha=False,
        bits=8,
        rate=(25, 1),
        sound=sound,
    )


def written(path: Path, waves: Waves, sound: SoundInfo, spans: list[Span]) -> bytes:
    """A grey film with this sound, as the pipeline writes it."""
    y, u = np.full((48, 64), 90, np.uint8), np.full((24, 32), 128, np.uint8)
    parts: list[YuvFrame | Samples] = []
    for number in range(40):
        start, end = (number * sound.rate // 25, (number + 1) * sound.rate // 25)
        parts += [YuvFrame(number, 1, (y, u, u)), silenced(Samples(start, waves[start:end]), sound, spans)]
    write_film(path, parts, info_of(sound), 90)
    return path.read_bytes()


@settings(max_examples=25)
@given(
    rate=st.sampled_from([8_000, 22_050, 44_100, 48_000, 37_800, 192_000]),
    channels=st.sampled_from([1, 2]),
    spans=st.lists(st.tuples(st.floats(0, 1.5), st.floats(0.001, 0.6)), min_size=1, max_size=3),
    seed=st.integers(0, 99),
)
def test_what_is_said_in_a_muted_span_does_not_change_a_byte(rate, channels, spans, seed, tmp_path_factory) -> None:
    folder, sound = tmp_path_factory.mktemp("films"), SoundInfo(rate, channels)
    chosen = [Span(start=start, end=start + length) for start, length in spans]
    waves = noise(Coding("", rate, "mono" if channels == 1 else "stereo"), seed, SECONDS)
    other = waves.copy()
    for span in chosen:
        inside = slice(int(span.start * rate), int(span.end * rate) + 1)
        other[inside] = np.random.default_rng(seed + 1).uniform(-1, 1, other[inside].shape)
    assert not np.array_equal(waves, other), "the test would prove nothing"
    assert written(folder / "a.mp4", waves, sound, chosen) == written(folder / "b.mp4", other, sound, chosen)


def test_a_sample_outside_of_every_span_does_change_the_file(tmp_path: Path) -> None:
    """So the test above can fail."""
    sound, spans = SoundInfo(48_000, 1), [Span(start=0.5, end=0.7)]
    waves = noise(Coding("", 48_000, "mono"), 0, SECONDS)
    other = waves.copy()
    other[round(0.85 * 48_000)] = 0.9
    assert written(tmp_path / "a.mp4", waves, sound, spans) != written(tmp_path / "b.mp4", other, sound, spans)


@pytest.mark.parametrize("layout", ["mono", "5.1"])
def test_published_films_are_equal(layout: str, tmp_path: Path, tools: Tools) -> None:
    coding = Coding("pcm_s16le", 48_000, layout, "a.mkv")
    outputs = []
    with Tools(Settings(audio=audio_from("mute:1-1.5,2.5-9")), beside=tools) as muting:
        for seed in (1, 2):
            folder = tmp_path / str(seed)
            folder.mkdir()
            waves = noise(coding)
            for inside in (slice(48_000, 72_000), slice(120_000, None)):
                waves[inside] = np.random.default_rng(seed).uniform(-1, 1, waves[inside].shape)
            outputs.append(redact(film_with_sound(folder, coding, waves), tools=muting).output.read_bytes())
    assert outputs[0] == outputs[1]


def test_two_runs_write_the_same_bytes_and_nothing_but_picture_and_sound(tmp_path: Path, tools: Tools) -> None:
    coding = Coding("aac", 44_100, "stereo", "a.mp4")
    source = film_with_sound(tmp_path, coding, noise(coding))
    assert any(finding.where == "AAC message" for finding in inspect(source.read_bytes())), "the encoder's name"
    with Tools(Settings(audio=audio_from("keep")), beside=tools) as keeping:
        one, two = (redact(source, tmp_path / name, tools=keeping).output.read_bytes() for name in ("b.mp4", "c.mp4"))
    assert one == two
    assert inspect(one) == ()
    for secret in (b"x264", b"Lavf6", b"Lavc", b"LAVC"):
        assert secret not in one


def refused(source: Path, tools: Tools, audio: str) -> str:
    with Tools(Settings(audio=audio_from(audio)), beside=tools) as chosen:
        plan = make_plan(source, tools=tools)
        with pytest.raises(OutputError) as caught:
            render(source, plan, tools=chosen)
    assert [p.name for p in source.parent.iterdir()] == [source.name]
    return caught.value.problem


def test_a_span_that_is_not_silent_stops_publication(
    tmp_path: Path, tools: Tools, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kerchief.pipeline.silenced", lambda samples, *_: samples)
    source = film_with_sound(tmp_path, PCM, noise(PCM))
    assert "a muted span is not silent" in refused(source, tools, "mute:1-1.01")


def test_sound_that_is_lost_stops_publication(tmp_path: Path, tools: Tools, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(record, "SoundTrack", lambda *_: None)
    assert "the sound is missing" in refused(film_with_sound(tmp_path, PCM, noise(PCM)), tools, "keep")


def test_sound_that_is_cut_short_stops_publication(
    tmp_path: Path, tools: Tools, monkeypatch: pytest.MonkeyPatch
) -> None:
    def first_second(*args):
        return (part for part in covered(*args) if not isinstance(part, Samples) or part.start < 48_000)

    finish = SoundTrack.finish
    monkeypatch.setattr("kerchief.pipeline.covered", first_second)
    monkeypatch.setattr(SoundTrack, "finish", lambda self, _: finish(self, Fraction(1)))
    assert "not as long" in refused(film_with_sound(tmp_path, PCM, noise(PCM)), tools, "keep")


def test_sound_that_nobody_asked_for_stops_publication(
    tmp_path: Path, tools: Tools, monkeypatch: pytest.MonkeyPatch
) -> None:
    def with_sound(path, frames, info, quality, codec):
        write_film(path, frames, replace(info, sound=SoundInfo(48_000, 1)), quality, codec)

    monkeypatch.setattr(record, "write_film", with_sound)
    assert "sound is left" in refused(film_with_sound(tmp_path, PCM, noise(PCM)), tools, "drop")
