"""Sound of a clip: every sample where it is in the whole film; times to mute are the film's own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from sounds import FPS, LENGTH, Coding, clicks, film_with_sound, heard, lengths, noise, silence, streams
from test_film_sound import CODINGS, PCM

from kerchief import Settings, Tools, make_plan, redact, render
from kerchief.choices import Codec
from kerchief.cli.audio import audio_from
from kerchief.cli.options import clip_from
from kerchief.errors import UsageError
from kerchief.media.films.film import open_film
from kerchief.media.films.hear import heard as heard_in
from kerchief.media.limits import Limits
from kerchief.metadata import inspect
from kerchief.pipeline import Outcome
from kerchief.plan.codec import decode, encode
from kerchief.plan.model import Cut
from kerchief.ports import Phase, Samples, YuvFrame
from kerchief.prove.receipt import SoundRef
from kerchief.settings import Clip

#: Neither is the time of a frame.
FROM, TO = "0.613", "2.71"
WITHIN = (0.25, 1.0, 1.7771, 2.5)


@contextmanager
def choosing(
    tools: Tools, audio: str, start: str | None = FROM, end: str | None = TO, codec: Codec = Codec.H264
) -> Iterator[Tools]:
    settings = Settings(audio=audio_from(audio), clip=clip_from(start, end), codec=codec)
    with Tools(settings, beside=tools) as chosen:
        yield chosen


def done(source: Path, tools: Tools, audio: str, start: str | None = FROM, end: str | None = TO) -> Outcome:
    with choosing(tools, audio, start, end) as chosen:
        return redact(source, tools=chosen)


def samples_of(path: Path, cut: Cut) -> NDArray[np.float32]:
    """All sound of a part of a film, as the library reads it; blocks must follow on each other."""
    heard = heard_in(path, open_film(path, Limits()), cut)
    parts = list(heard.parts)
    sound = _followed(parts)
    frames = [part for part in parts if isinstance(part, YuvFrame)]
    alone = _followed(heard.alone(frames[-1].pts + frames[-1].duration))
    assert np.array_equal(alone, sound), "without the picture it is another one"
    return sound


def _followed(parts: Iterable[object]) -> NDArray[np.float32]:
    blocks = [part for part in parts if isinstance(part, Samples)]
    ends = [block.start + len(block.data) for block in blocks]
    assert [block.start for block in blocks] == [0, *ends[:-1]]
    return np.concatenate([block.data for block in blocks])


@pytest.mark.parametrize("name", CODINGS)
def test_a_clip_sounds_as_the_whole_film_does_then(name: str, tmp_path: Path) -> None:
    coding = CODINGS[name]
    source = film_with_sound(tmp_path, coding, noise(coding))
    info = open_film(source, Limits()).info
    whole = samples_of(source, Cut())
    for start, end in (("0", "0.76"), ("0.02", "1"), ("1.24", "2.48"), ("2.6", None)):
        clip = Clip(start=Decimal(start), end=None if end is None else Decimal(end))
        first, last = round(float(start) * coding.rate), round(float(end or LENGTH) * coding.rate)
        # Matroska tells the times of frames to a millisecond, so a film's end may be one sample off.
        assert abs(len(found := samples_of(source, clip.cut(info.time_base))) - (last - first)) <= 1
        assert np.array_equal(found, whole[first : first + len(found)]), start


@pytest.mark.parametrize("name", ["aac 44100", "mp3 mkv", "opus webm", "pcm mov", "pcm 192000", "ac3 5.1"])
def test_a_click_stays_where_it_was(name: str, tmp_path: Path, tools: Tools) -> None:
    coding = CODINGS[name]
    output = done(film_with_sound(tmp_path, coding, clicks(coding)), tools, "keep").output
    assert streams(output) == ["video", "audio"]
    sound = heard(output)
    # The time base of the film tells FROM, so it may be a unit earlier than was asked for.
    assert [abs(sound.click(t - float(FROM))) <= 0.0001 * sound.rate + 2 for t in WITHIN[1:]] == [True] * 3
    assert abs(sound.between(0, 0.35)).max() < 0.02
    assert lengths(output) == pytest.approx({"video": 2.097, "audio": 2.097}, abs=1.1e-3)


def test_sound_that_starts_late_or_before_the_picture(tmp_path: Path, tools: Tools) -> None:
    late = film_with_sound(tmp_path, PCM, clicks(PCM, (0.5, 1.0), 2.0), sound_at=1.0)
    sound = heard(done(late, tools, "keep").output)
    assert [abs(sound.click(t - float(FROM))) <= 2 for t in (1.5, 2.0)] == [True, True]
    assert not abs(sound.between(0, 0.8)).max()
    (tmp_path / "early").mkdir()
    early = film_with_sound(tmp_path / "early", PCM, clicks(PCM, (0.1, 1.0, 2.0)), picture_at=0.32)
    sound = heard(done(early, tools, "keep").output)
    assert [abs(sound.click(t - 0.32 - float(FROM))) <= 2 for t in (1.0, 2.0)] == [True, True]


def test_sound_that_ends_before_the_clip_is_silence(tmp_path: Path, tools: Tools) -> None:
    output = done(film_with_sound(tmp_path, PCM, noise(PCM, seconds=0.5)), tools, "keep").output
    assert not abs(heard(output).waves).max()
    assert lengths(output)["audio"] == pytest.approx(2.097, abs=1e-3)


def test_times_to_mute_are_those_of_the_film(tmp_path: Path, tools: Tools) -> None:
    coding = CODINGS["aac 44100"]
    waves = noise(coding)
    outcome = done(film_with_sound(tmp_path, coding, waves), tools, "mute:0.1-0.2,1.2-1.6,2.5-9")
    sound, start = heard(outcome.output), float(FROM)
    for first, last in ((1.2, 1.6), (2.5, 2.71)):
        assert not abs(sound.between(first - start, last - start)).max()
    for first, last in ((0.65, 1.0), (1.8, 2.3)):
        old = waves[round(first * 44_100) : round(last * 44_100)]
        new = sound.between(first - start, last - start)[: len(old)]
        assert np.corrcoef(old[: len(new), 0], new[:, 0])[0, 1] > 0.8
    assert outcome.receipt.applied.sound == SoundRef(result="muted", spans=2, seconds=0.6)
    assert "cut to a clip" in outcome.receipt.applied.changes


def test_a_span_over_the_start_of_the_clip_is_muted_in_it(tmp_path: Path, tools: Tools) -> None:
    sound = heard(done(film_with_sound(tmp_path, PCM, noise(PCM)), tools, "mute:0.2-1.0").output)
    assert not abs(sound.between(0, 1.0 - float(FROM))).max()
    assert abs(sound.between(0.6, 1.0)).max() > 0.1


def test_both_ways_to_count_a_time_are_muted(tmp_path: Path, tools: Tools) -> None:
    source = film_with_sound(tmp_path, PCM, noise(PCM), picture_at=0.4)
    sound = heard(done(source, tools, "mute:1.4-1.8", "0.5", "2.5").output)
    assert not abs(sound.between(0.5, 1.3)).max()
    assert abs(sound.between(0.1, 0.3)).max() > 0.1


@pytest.mark.parametrize(("audio", "end"), [("mute:0.1-0.2", TO), ("mute:2.8-2.9", TO), ("mute:8-9", TO)])
def test_where_no_span_reaches_into_the_clip_the_sound_is_said_to_be_kept(
    audio: str, end: str, tmp_path: Path, tools: Tools
) -> None:
    """Where the clip ends within the film, nobody knows whether the film has such a time."""
    outcome = done(film_with_sound(tmp_path, PCM, noise(PCM)), tools, audio, end=end)
    assert outcome.receipt.applied.sound == SoundRef(result="kept")
    assert abs(heard(outcome.output).between(0.2, 1.5)).max() > 0.1


@pytest.mark.parametrize("end", [None, "3.5"])
def test_a_span_after_the_films_end_is_a_slip(end: str | None, tmp_path: Path, tools: Tools) -> None:
    source = film_with_sound(tmp_path, PCM, noise(PCM))
    with pytest.raises(UsageError, match=r"3\.0 seconds"):
        done(source, tools, "mute:1-2,3-4", end=end)
    assert [p.name for p in tmp_path.iterdir()] == [source.name]


def test_nothing_of_the_sound_that_is_cut_away_or_muted_is_in_a_clip(tmp_path: Path, tools: Tools) -> None:
    """Law 2: other sound there, and not a byte is another."""
    outputs = []
    for seed in (1, 2):
        folder = tmp_path / str(seed)
        folder.mkdir()
        waves = noise(PCM)
        for first, last in ((0, 0.6), (1.2, 1.6), (2.72, 3)):
            inside = slice(round(first * PCM.rate), round(last * PCM.rate))
            waves[inside] = np.random.default_rng(seed).uniform(-1, 1, waves[inside].shape)
        outputs.append(done(film_with_sound(folder, PCM, waves), tools, "mute:1.2-1.6").output.read_bytes())
    assert outputs[0] == outputs[1]


@pytest.mark.parametrize("codec", Codec)
def test_every_coding_takes_sound_and_writes_the_same_bytes_again(codec: Codec, tmp_path: Path, tools: Tools) -> None:
    coding = CODINGS["aac 44100"]
    source = film_with_sound(tmp_path, coding, clicks(coding))
    with choosing(tools, "mute:1.4-2", codec=codec) as chosen:
        plan = decode(encode(make_plan(source, tools=chosen)))
        copies = [
            redact(source, tmp_path / "b.mp4", tools=chosen).output,
            render(source, plan, tmp_path / "c.mp4", tools=chosen).output,
        ]
    one, two = (path.read_bytes() for path in copies)
    assert one == two
    assert inspect(one) == ()
    for secret in (b"x264", b"SVT", b"libvpx", b"AOM", b"Lavf6", b"Lavc", b"LAVC"):
        assert secret not in one
    assert lengths(copies[0]) == pytest.approx({"video": 2.097, "audio": 2.097}, abs=1e-3)
    sound, start = heard(copies[0]), float(FROM)
    assert [abs(sound.click(t - start)) <= 0.0001 * 44_100 + 2 for t in (1.0, 2.5)] == [True, True]
    assert not abs(sound.between(1.4 - start, 2 - start)).max()


@pytest.mark.parametrize("codec", Codec)
def test_a_whole_film_keeps_its_sound_in_every_coding(codec: Codec, tmp_path: Path, tools: Tools) -> None:
    coding = CODINGS["opus webm"]
    source = film_with_sound(tmp_path, coding, clicks(coding))
    with choosing(tools, "keep", None, None, codec) as chosen:
        output = redact(source, tools=chosen).output
    assert [abs(heard(output).click(time)) <= 2 for time in WITHIN] == [True] * 4
    assert lengths(output) == pytest.approx({"video": LENGTH, "audio": LENGTH}, abs=1e-3)
    assert inspect(output.read_bytes()) == ()


def test_progress_counts_frames_and_no_sound(tmp_path: Path, tools: Tools) -> None:
    calls: list[tuple[Phase, int, int]] = []
    with choosing(tools, "keep", "1", "2") as chosen:
        source = film_with_sound(tmp_path, PCM, silence(PCM))
        redact(source, tools=chosen, progress=lambda *call: calls.append(call))
    for phase in (Phase.COVERING, Phase.CHECKING):
        assert [call for call in calls if call[0] is phase] == [(phase, n, FPS) for n in range(FPS + 1)]


def test_what_goes_by_is_said_and_not_kept(tmp_path: Path) -> None:
    """Each None is a sign of life; the sound that it stands for is in memory no longer."""
    coding = Coding("pcm_s16le", 48_000, "stereo", "a.mkv")
    source = film_with_sound(tmp_path, coding, noise(coding))
    film = open_film(source, Limits())
    found = list(heard_in(source, film, Clip(start=Decimal("2.52")).cut(film.info.time_base)).parts)
    assert sum(part is None for part in found) == 63 + 2, "63 frames and two whole seconds"
    blocks = [part for part in found if isinstance(part, Samples)]
    assert all(a.start < b.start for a, b in pairwise(blocks))
    assert sum(len(block.data) for block in blocks) == round(0.48 * 48_000)
