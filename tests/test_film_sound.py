"""Sound that is kept: every sample where it was, in every coding; and what is said of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from scenes import background, saved
from sounds import CLICKS, LENGTH, Coding, clicks, film_with_sound, heard, lengths, noise, silence, streams

from kerchief import Settings, Tools, redact, render
from kerchief.cli.audio import audio_from
from kerchief.errors import UsageError
from kerchief.prove.receipt import SoundRef

CODINGS = {
    "aac 44100": Coding("aac", 44_100, "stereo", "a.mp4"),
    "aac 48000 mono": Coding("aac", 48_000, "mono", "a.mp4"),
    "aac mov": Coding("aac", 44_100, "mono", "a.mov"),
    "mp3 mkv": Coding("libmp3lame", 44_100, "stereo", "a.mkv"),
    "mp3 mp4": Coding("libmp3lame", 48_000, "mono", "a.mp4"),
    "opus webm": Coding("libopus", 48_000, "stereo", "a.webm", "libvpx"),
    "opus mp4": Coding("libopus", 48_000, "mono", "a.mp4"),
    "vorbis": Coding("vorbis", 44_100, "stereo", "a.webm", "libvpx"),
    "flac 96000": Coding("flac", 96_000, "stereo", "a.mkv"),
    "pcm mov": Coding("pcm_s16le", 48_000, "mono", "a.mov"),
    "pcm 8000": Coding("pcm_s16le", 8_000, "mono", "a.mkv"),
    "pcm 24 bit": Coding("pcm_s24le", 44_100, "stereo", "a.mkv"),
    "ac3 5.1": Coding("ac3", 48_000, "5.1", "a.mkv"),
    "pcm 192000": Coding("pcm_s16le", 192_000, "stereo", "a.mkv"),
    "pcm 37800": Coding("pcm_s16le", 37_800, "mono", "a.mkv"),
}
PCM = Coding("pcm_s16le", 48_000, "stereo", "a.mkv")


@pytest.fixture(scope="module")
def keeping(tools: Tools) -> Iterator[Tools]:
    with Tools(Settings(audio=audio_from("keep")), beside=tools) as opened:
        yield opened


def done(source: Path, tools: Tools, audio: str) -> tuple[Path, SoundRef | None, tuple[str, ...]]:
    with Tools(Settings(audio=audio_from(audio)), beside=tools) as chosen:
        outcome = redact(source, tools=chosen)
    return outcome.output, outcome.receipt.applied.sound, outcome.receipt.applied.removed


@pytest.mark.parametrize("name", CODINGS)
def test_a_click_stays_where_it_was(name: str, tmp_path: Path, keeping: Tools) -> None:
    coding = CODINGS[name]
    output = redact(film_with_sound(tmp_path, coding, clicks(coding)), tools=keeping).output
    assert streams(output) == ["video", "audio"]
    sound = heard(output)
    assert sound.rate == (coding.rate if coding.rate not in (37_800, 192_000) else 48_000)
    assert sound.layout == ("mono" if coding.layout == "mono" else "stereo")
    assert [abs(sound.click(time)) <= 2 for time in CLICKS] == [True] * len(CLICKS)
    assert abs(sound.between(0.4, 0.9)).max() < 0.02
    assert lengths(output) == pytest.approx({"video": LENGTH, "audio": LENGTH}, abs=1e-3)


def test_sound_in_avi_is_where_a_player_has_it(tmp_path: Path, keeping: Tools) -> None:
    coding = Coding("pcm_s16le", 44_100, "stereo", "a.avi", "mpeg4")
    sound = heard(redact(film_with_sound(tmp_path, coding, clicks(coding)), tools=keeping).output)
    assert [abs(sound.click(time)) <= 2 for time in CLICKS] == [True] * len(CLICKS)


@pytest.mark.parametrize("name", ["aac 44100", "mp3 mkv", "opus webm", "vorbis", "pcm mov"])
def test_sound_that_starts_late_starts_late(name: str, tmp_path: Path, keeping: Tools) -> None:
    coding = CODINGS[name]
    source = film_with_sound(tmp_path, coding, clicks(coding, (1.0, 2.0), 2.4), sound_at=0.5)
    output = redact(source, tools=keeping).output
    sound = heard(output)
    # Matroska tells times to a millisecond, and some encoders lose their priming when they do not start at 0.
    assert [abs(sound.click(time)) <= 0.0015 * coding.rate for time in (1.5, 2.5)] == [True, True]
    assert not abs(sound.between(0, 0.4)).max()
    assert lengths(output)["audio"] == pytest.approx(LENGTH, abs=1e-3), "sound that ends early is filled up"


@pytest.mark.parametrize("name", ["aac 44100", "mp3 mkv", "opus webm", "vorbis", "pcm mov"])
def test_sound_before_the_picture_is_left_out(name: str, tmp_path: Path, keeping: Tools) -> None:
    coding = CODINGS[name]
    source = film_with_sound(tmp_path, coding, clicks(coding, (0.1, 1.0, 2.0)), picture_at=0.32)
    sound = heard(redact(source, tools=keeping).output)
    assert [abs(sound.click(time)) <= 2 for time in (0.68, 1.68)] == [True, True]
    assert abs(sound.between(0, 0.6)).max() < 0.02


def test_sound_past_the_films_end_is_left_out(tmp_path: Path, keeping: Tools) -> None:
    source = film_with_sound(tmp_path, PCM, clicks(PCM, (1.0, 3.5), seconds=5))
    output = redact(source, tools=keeping).output
    assert lengths(output) == pytest.approx({"video": LENGTH, "audio": LENGTH}, abs=1e-3)
    assert abs(heard(output).between(1.2, 4)).max() < 0.02


def test_plain_redact_drops_the_sound(tmp_path: Path, tools: Tools) -> None:
    coding = CODINGS["aac 44100"]
    outcome = redact(film_with_sound(tmp_path, coding, noise(coding)), tools=tools)
    assert streams(outcome.output) == ["video"]
    assert outcome.receipt.applied.sound == SoundRef(result="dropped")
    assert "sound" in outcome.receipt.applied.removed


@pytest.mark.parametrize("audio", ["drop", "keep", "mute:0-1"])
def test_a_film_without_sound_is_done_and_said_to_have_none(audio: str, tmp_path: Path, tools: Tools) -> None:
    output, said, _ = done(film_with_sound(tmp_path, PCM, None), tools, audio)
    assert streams(output) == ["video"]
    assert said == SoundRef(result="none")


def test_a_photo_ignores_the_choice(tmp_path: Path, tools: Tools) -> None:
    (tmp_path / "a.png").write_bytes(saved(background(64, 48), "PNG"))
    assert done(tmp_path / "a.png", tools, "mute:1:00:00-1:00:01")[1] is None


def test_spans_are_silent_and_the_rest_is_there(tmp_path: Path, tools: Tools) -> None:
    coding = CODINGS["aac 44100"]
    waves = noise(coding)
    output, said, removed = done(
        film_with_sound(tmp_path, coding, waves), tools, "mute:0:01-0:01.5,0:01.4-0:02,2.9-9:00"
    )
    sound = heard(output)
    assert not abs(sound.between(1, 2)).max()
    assert not abs(sound.between(2.9, 3)).max()
    for start, end in ((0.1, 0.8), (2.2, 2.7)):
        old, new = waves[round(start * 44_100) : round(end * 44_100)], sound.between(start, end)
        assert np.corrcoef(old[:, 0], new[:, 0])[0, 1] > 0.8
    assert said == SoundRef(result="muted", spans=3, seconds=1.1)
    assert "sound" not in removed


@pytest.mark.parametrize("name", ["opus webm", "pcm 8000", "pcm 37800", "pcm 192000", "ac3 5.1"])
def test_a_span_is_silent_at_every_rate(name: str, tmp_path: Path, tools: Tools) -> None:
    coding = CODINGS[name]
    output, _, _ = done(film_with_sound(tmp_path, coding, noise(coding)), tools, "mute:1-2")
    sound = heard(output)
    assert not abs(sound.between(1, 2)).max()
    assert min(abs(sound.between(*part)).max() for part in ((0.1, 0.7), (2.3, 2.9))) > 0.05


def test_surround_sound_is_mixed_without_cutting_it_off(tmp_path: Path, keeping: Tools) -> None:
    coding = Coding("flac", 48_000, "5.1", "a.mkv")
    waves = silence(coding)
    waves[:] = 0.9 * np.sin(2 * np.pi * 440 * np.arange(len(waves)) / 48_000)[:, None]
    tone = heard(redact(film_with_sound(tmp_path, coding, waves), tools=keeping).output).between(0.5, 2.5)[:, 0]
    spectrum = abs(np.fft.rfft(tone * np.hanning(len(tone))))
    overtones = spectrum[(3 * 440 * 2) - 20 : (3 * 440 * 2) + 20].max()
    assert overtones < spectrum.max() / 300


def test_both_ways_to_count_a_time_are_muted(tmp_path: Path, tools: Tools) -> None:
    """Sound starts before the picture: a player starts to count there, and the copy starts with the picture."""
    source = film_with_sound(tmp_path, PCM, noise(PCM), picture_at=0.4)
    sound = heard(done(source, tools, "mute:1-1.5")[0])
    assert not abs(sound.between(0.6, 1.5)).max()
    assert abs(sound.between(0.2, 0.4)).max() > 0.1


def test_a_span_that_starts_after_the_end_is_a_slip(tmp_path: Path, tools: Tools) -> None:
    source = film_with_sound(tmp_path, PCM, noise(PCM))
    with pytest.raises(UsageError, match=r"3\.0 seconds"):
        done(source, tools, "mute:0:01-0:02,0:03-0:04")
    assert [p.name for p in tmp_path.iterdir()] == [source.name]


def test_the_second_track_is_dropped_and_said_to_be(tmp_path: Path, tools: Tools) -> None:
    output, said, removed = done(film_with_sound(tmp_path, PCM, noise(PCM), tracks=2), tools, "keep")
    assert streams(output) == ["video", "audio"]
    assert said == SoundRef(result="kept")
    assert "further sound tracks" in removed


def test_changes_to_the_sound_are_said(tmp_path: Path, keeping: Tools) -> None:
    for name, phrase in (("ac3 5.1", "sound mixed down to stereo"), ("pcm 37800", "sound resampled to 48 kHz")):
        folder = tmp_path / name
        folder.mkdir()
        outcome = redact(film_with_sound(folder, CODINGS[name], silence(CODINGS[name])), tools=keeping)
        assert phrase in outcome.receipt.applied.changes


def test_a_plan_is_rendered_with_sound_too(tmp_path: Path, tools: Tools) -> None:
    source = film_with_sound(tmp_path, PCM, noise(PCM))
    plan = redact(source, tmp_path / "b.mp4", tools=tools).plan
    with Tools(Settings(audio=audio_from("keep")), beside=tools) as chosen:
        assert streams(render(source, plan, tools=chosen).output) == ["video", "audio"]


def test_the_choice_changes_the_settings_digest() -> None:
    digests = {Settings(audio=audio_from(text)).digest() for text in ("drop", "keep", "mute:1-2", "mute:1-3")}
    assert len(digests) == 4
