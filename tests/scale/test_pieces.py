"""A film that was done in pieces is the film that one machine makes: the same plan, the same sound, nobody bare."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from films import film, shown, walk
from scenes import Rgb
from sounds import Coding, film_with_sound, heard, noise

from kerchief import Tools
from kerchief.cli.audio import audio_from
from kerchief.cli.options import clip_from
from kerchief.filming import film_plan, film_step
from kerchief.find.watch import Watched
from kerchief.pipeline import covered, decoded, plan_source, verify_source, write
from kerchief.plan.model import Plan
from kerchief.scale.films import piecework, seams
from kerchief.scale.films.seams import Part, Piece, Survey
from kerchief.settings import Settings
from kerchief.tools import Source

WIDTH, HEIGHT, FPS, SECONDS = 480, 320, 30, 13


def pictures() -> list[Rgb]:
    """Faces that stand, walk, come in and leave while the camera pans; a cut, and a flash."""
    count = SECONDS * FPS
    at = [(60 + n % 200, 90) if n < 200 else (700 - 2 * (n - 200), 140) for n in range(count)]
    view = [(min(n, 120), 0) if n < 200 else (300 - n // 2, 10) for n in range(count)]
    made, _ = walk(WIDTH, HEIGHT, at, 70, view)
    made[150] = np.full_like(made[150], 255)
    return made


@dataclass(frozen=True)
class Case:
    """A film, how it is to be redacted, and what one machine makes of it."""

    source: Source
    tools: Tools
    plan: Plan
    survey: Survey
    parts: tuple[Part, ...]


@pytest.fixture(scope="module", params=["mp4", "uneven clip in Matroska"])
def case(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Case]:
    folder = tmp_path_factory.mktemp("pieces")
    if request.param == "mp4":
        path = film(folder / "a.mp4", pictures(), g="30", bf="2")
        settings = Settings()
    else:
        made = pictures()
        pts = [33 * n + 11 * (n % 3 == 1) for n in range(len(made))]
        path = film(folder / "a.mkv", made, pts, Fraction(1, 1000), 33, g="30", bf="2")
        settings = Settings(clip=clip_from("0.777", "12.4"))
    with pytest.MonkeyPatch.context() as patch, Tools(settings) as tools:
        patch.setattr(seams, "LEAST_SECONDS", Fraction(5, 2))
        source = tools.open(path)
        survey = piecework.survey(source, tools)
        parts = seams.parts_of(survey, source.info.time_base, film_step(source.info), 3)
        yield Case(source, tools, plan_source(source, tools), survey, parts)


def test_the_plan_is_that_of_one_machine(case: Case) -> None:
    assert len(case.parts) >= 3
    assert case.parts[-1].read.first > 0, "otherwise nothing is left out"
    seen = [(part, piecework.watch_part(case.source, part, case.tools)) for part in case.parts]
    plan = film_plan(case.source.info, seams.joined(case.survey.times, seen), case.tools)
    assert case.plan.tracks
    assert plan == case.plan


def test_the_copy_is_that_of_one_machine(case: Case, tmp_path: Path) -> None:
    joined = copy_in_pieces(case, tmp_path)
    whole = tmp_path / "whole.mp4"
    settings = case.tools.settings
    write(
        whole,
        covered(decoded(case.source, case.plan, case.tools), case.source, case.plan, settings),
        case.source.info,
        settings,
    )
    one, other = shown(whole), shown(joined)
    assert [(f.pts, f.duration) for f in one] == [(f.pts, f.duration) for f in other]
    # Coded anew from each seam on, so not to the byte; a seam that was out by a frame would differ much.
    assert max(float(np.abs(a.rgb.astype(int) - b.rgb).mean()) for a, b in zip(one, other, strict=True)) < 2.5
    copy, original = case.tools.open(joined), case.tools.open(whole)
    assert copy.holds == original.holds == ()
    assert replace(copy.info, sha256="", size_bytes=0) == replace(original.info, sha256="", size_bytes=0)


def test_the_check_is_that_of_one_machine(case: Case, tmp_path: Path) -> None:
    bare = case.plan.model_copy(update={"tracks": ()})
    for plan in (case.plan, bare):
        copy = case.tools.open(copy_in_pieces(replace(case, plan=plan), tmp_path))
        times, keyframes = case.tools.survey(copy)
        assert times == list(case.survey.times)
        parts = seams.parts_of(Survey(times, keyframes), copy.info.time_base, film_step(copy.info), 3)
        assert len(parts) >= 3
        seen: list[tuple[Part, Watched]] = []
        for part in parts:
            seen.append((part, piecework.watch_copy_part(copy, plan, part, case.tools)))
        check = piecework.verification(copy, plan, seams.joined(times, seen), case.tools)
        assert check == verify_source(copy, plan, case.tools)
        assert bool(check.sure) == (plan is bare)
        assert not check.faults


@pytest.mark.parametrize(
    ("coding", "audio", "clip"),
    [
        (Coding("aac", 44_100, name="a.mp4"), "keep", None),
        (Coding("libopus"), "mute:0.9-1.2", None),
        (Coding("pcm_s16le", 8000, "mono"), "mute:1.5-1.6", ("0.613", "2.71")),
    ],
    ids=str,
)
def test_the_sound_is_that_of_one_machine(
    coding: Coding, audio: str, clip: tuple[str, str] | None, tmp_path: Path
) -> None:
    path = film_with_sound(tmp_path, coding, noise(coding))
    settings = Settings(audio=audio_from(audio), clip=clip_from(*clip) if clip else None)
    with Tools(settings) as tools:
        source = tools.open(path)
        plan = plan_source(source, tools)
        times = piecework.survey(source, tools).times
        cuts = [0, 11, 25, len(times)]
        pieces = [Piece(a, b, times[a], times[b] if b < len(times) else None) for a, b in pairwise(cuts)]
        joined, whole = joined_copy(source, plan, pieces, tmp_path, tools), tmp_path / "whole.mp4"
        write_whole(source, plan, whole, tools)
        assert np.array_equal(heard(joined).waves, heard(whole).waves)
        assert verify_source(tools.open(joined), plan, tools).faults == ()


def write_whole(source: Source, plan: Plan, path: Path, tools: Tools) -> None:
    write(path, covered(decoded(source, plan, tools), source, plan, tools.settings), source.info, tools.settings)


def copy_in_pieces(case: Case, folder: Path) -> Path:
    return joined_copy(case.source, case.plan, [part.own for part in case.parts], folder, case.tools)


def joined_copy(source: Source, plan: Plan, pieces: Sequence[Piece], folder: Path, tools: Tools) -> Path:
    drafts = [(piece, folder / f"{number}.mp4") for number, piece in enumerate(pieces)]
    for piece, draft in drafts:
        piecework.cover_piece(source, plan, piece, draft, tools)
    path = folder / "joined.mp4"
    piecework.join_pieces(source, plan, drafts, path, tools)
    return path
