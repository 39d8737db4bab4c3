"""What a receipt says is what the figures say, and never more."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kerchief.choices import Margin
from kerchief.plan.model import NetworkRef, Style, StyleName
from kerchief.ports import MediaKind
from kerchief.prove.attack import CONTROLS, Attacker
from kerchief.prove.claims import NOT_MEASURED, WAYS, claims
from kerchief.prove.figures import Figures, InFilms, Leak, Leaks, Missed
from kerchief.prove.receipt import Applied, Checked, SoundRef
from kerchief.prove.stats import Rate

PART: dict[str, Any] = {"kerchief": "1.2.3", "code": 64 * "0", "of": "made faces"}
NETWORK = NetworkRef(name="centerface", sha256=64 * "0", threshold=0.2)
FORBIDDEN = re.compile(r"anonym|irreversib|guarantee|impossible|unrecogni|\bsafe|\bsecure|\bprotect", re.IGNORECASE)


@st.composite
def rates(draw: st.DrawFn) -> Rate:
    n = draw(st.integers(1, 5000))
    return Rate(k=draw(st.integers(0, n)), n=n)


@st.composite
def leaks_of(draw: st.DrawFn) -> Leak:
    attacker, recogniser = draw(st.sampled_from(Attacker)), draw(st.sampled_from(["dlib", "other"]))
    gallery = draw(st.integers(2, 900))
    return Leak(
        attacker=attacker, recogniser=recogniser, gallery=gallery, rank1=draw(rates()), tar_calibrated=draw(rates())
    )


def applied(style: StyleName = StyleName.VEIL, covered: int = 3, **other: Any) -> Applied:
    given = {"margin": Margin.STANDARD, "shown": 0, "removed": (), "changes": ()} | other
    return Applied(style=Style(name=style), erases=style.erases, mask_rule="so far", covered=covered, **given)


def checked(**other: Any) -> Checked:
    return Checked(**({"rounds": 1, "added": 0, "frames": 1, "doubtful": 0, "networks": (NETWORK,)} | other))


def leak(attacker: Attacker, rank1: Rate, tar: Rate, gallery: int = 150) -> Leak:
    return Leak(attacker=attacker, recogniser="dlib", gallery=gallery, rank1=rank1, tar_calibrated=tar)


def figures(**parts: Any) -> Figures:
    """All parts, but for those that are given."""
    every = Rate(k=7, n=1000)
    missed = Missed(**PART, exposed=every, exposed_from_12_px=every)
    leaked = (leak(Attacker.NAIVE, Rate(k=2, n=150), Rate(k=1, n=150)),)
    leaks = Leaks(**PART, styles=dict.fromkeys(StyleName, leaked))
    return Figures(**({"missed": missed, "films": InFilms(**PART, exposed=every), "leaks": leaks} | parts))


def about_leaks(*leaked: Leak, kind: MediaKind = MediaKind.PHOTO) -> str:
    leaks = Leaks(**PART, styles={StyleName.VEIL: leaked})
    (said,) = (s for s in claims(applied(), checked(), figures(leaks=leaks), kind) if s.startswith("What face"))
    return said


def numbers(text: str) -> list[float]:
    return [float(n.replace(",", "")) for n in re.findall(r"\d[\d,]*(?:\.\d+)?", text)]


def holds(sentence: str, rate: Rate, per: int) -> bool:
    """Whether a sentence quotes a rate: its size, the rate and its ends, or the bound where nothing happened."""
    quoted = numbers(sentence)
    ends = (rate.share, rate.low, rate.high) if rate.k else ()
    bound = rate.k > 0 or any(rate.bound * per <= n + 1e-6 <= rate.bound * per + 0.11 for n in quoted)
    return bound and all(any(abs(end * per - n) <= 0.0501 for n in quoted) for end in ends)


@given(rates(), rates())
def test_the_miss_rate_of_photos_comes_first(every: Rate, large: Rate) -> None:
    missed = Missed(**PART, exposed=every, exposed_from_12_px=large)
    first = claims(applied(), checked(), figures(missed=missed), MediaKind.PHOTO)[0]
    head, tail = first.split(";")
    assert {every.n, large.n} <= set(numbers(first))
    assert holds(head, every, 1000)
    assert holds(tail, large, 1000)
    assert ("none (below" in head) == (every.k == 0)


@given(rates())
def test_the_miss_rate_of_films_comes_first(people: Rate) -> None:
    said = claims(applied(), checked(), figures(films=InFilms(**PART, exposed=people)), MediaKind.VIDEO)
    assert people.n in numbers(said[0])
    assert holds(said[0], people, 1000)
    assert "frame" in said[0]


@given(st.lists(leaks_of(), min_size=1, max_size=9), st.sampled_from([MediaKind.PHOTO, MediaKind.VIDEO]))
def test_the_best_attack_is_quoted(leaked: list[Leak], kind: MediaKind) -> None:
    said = about_leaks(*leaked, kind=kind)
    tried = [one for one in leaked if one.attacker not in CONTROLS]
    if kind is MediaKind.PHOTO:
        tried = [one for one in tried if one.attacker is not Attacker.TEMPORAL]
    if not tried:
        assert said.endswith(f"{NOT_MEASURED}.")
        return
    searched, compared = said.split("; the best (")
    best = max(one.rank1.share for one in tried)
    assert any(
        holds(searched, one.rank1, 100) and {one.rank1.n, one.gallery} <= set(numbers(searched))
        for one in tried
        if one.rank1.share == best
    )
    most = max(one.tar_calibrated.share for one in tried)
    assert any(holds(compared, one.tar_calibrated, 100) for one in tried if one.tar_calibrated.share == most)
    assert "a guess: 0.1 %" in compared


def test_an_attack_that_got_nothing_has_a_bound() -> None:
    said = about_leaks(leak(Attacker.NAIVE, Rate(k=0, n=1000), Rate(k=0, n=37)))
    assert "named 0 of 1,000, below 0.3 % with 95 % confidence (a guess: 0.7 %)" in said
    assert "matched 0 of 37, below 7.8 % with 95 % confidence (a guess: 0.1 %)" in said


def test_of_attacks_that_got_nothing_the_least_certain_is_quoted() -> None:
    few, many = Rate(k=0, n=20), Rate(k=0, n=900)
    assert "0 of 20," in about_leaks(leak(Attacker.NAIVE, many, many), leak(Attacker.PARROT, few, few))


def test_an_attack_is_told_beside_what_it_gets_out_of_clear_photos() -> None:
    attacks = (
        leak(Attacker.CLEAR, Rate(k=148, n=150), Rate(k=9, n=10)),
        leak(Attacker.PARROT, *2 * (Rate(k=1.5, n=150),)),
    )
    said = about_leaks(*attacks)
    assert "the best of 1 attack (comparing with photos covered in the same way, dlib)" in said
    assert "named 1.5 of 150, 1.0 %" in said
    assert "against 98.7 % in clear photos" in said


def test_every_attacker_has_words() -> None:
    assert set(WAYS) == set(Attacker)


@pytest.mark.parametrize("style", StyleName)
def test_erasing_is_claimed_of_erasing_styles_alone(style: StyleName) -> None:
    said = " ".join(claims(applied(style), checked(), figures(), MediaKind.PHOTO))
    assert ("The covered pixels are not in this file" in said) == style.erases
    assert ("cosmetic" in said) != style.erases
    assert f"got out of the style {style} (made faces): " in said, "what the attack got belongs to every style"
    assert ("the mask rule alone (so far)" in said) == style.erases


@pytest.mark.parametrize("kind", MediaKind)
@pytest.mark.parametrize("style", StyleName)
def test_what_nobody_measured_is_said_to_be_so(style: StyleName, kind: MediaKind) -> None:
    said = claims(applied(style), checked(), Figures(), kind)
    assert NOT_MEASURED in said[0]
    assert sum(NOT_MEASURED in sentence for sentence in said) == 2


def test_a_style_that_was_not_attacked_is_said_to_be_so() -> None:
    some = figures(leaks=Leaks(**PART, styles={StyleName.SOLID: (leak(Attacker.NAIVE, *2 * (Rate(k=0, n=9),)),)}))
    assert f"out of the style blur: {NOT_MEASURED}." in " ".join(
        claims(applied(StyleName.BLUR), checked(), some, MediaKind.PHOTO)
    )


@given(
    st.sampled_from(StyleName),
    st.integers(0, 5),
    st.sampled_from(MediaKind),
    st.sampled_from(Margin),
    st.sampled_from(["none", "dropped", "kept", "muted"]),
    st.sampled_from([Figures(), figures()]),
)
def test_no_word_promises_too_much(
    style: StyleName, covered: int, kind: MediaKind, margin: Margin, sound: Any, known: Figures
) -> None:
    done = applied(style, covered, margin=margin, sound=SoundRef(result=sound), shown=covered)
    for sentence in claims(done, checked(doubtful=covered), known, kind):
        assert not FORBIDDEN.search(sentence)
        assert sentence.endswith(".")
        assert "\n" not in sentence


def test_what_was_done_to_this_file_is_told() -> None:
    said = claims(applied(covered=14, shown=2), checked(added=1, frames=28, doubtful=3), figures(), MediaKind.VIDEO)[1]
    assert "14 heads were found and covered (veil), 1 of them found by the check alone, 2 left uncovered" in said
    assert "(28 frames, by centerface): 3 doubtful left: look at it." in said
    assert "attack" not in said, "nobody attacked this file"


def test_where_nothing_was_covered_nothing_is_claimed_of_a_cover() -> None:
    said = claims(applied(covered=0), checked(), figures(), MediaKind.PHOTO)
    assert len(said) == 3
    assert "no face was found and nothing is covered" in said[1]


def test_another_margin_than_the_measured_one_is_named() -> None:
    said = claims(applied(margin=Margin.STRICT), checked(), figures(), MediaKind.PHOTO)[0]
    assert said.endswith("Measured with the standard margin; this file has the strict one.")
    assert "margin" not in claims(applied(), checked(), figures(), MediaKind.PHOTO)[0]
    assert "margin" not in claims(applied(margin=Margin.STRICT), checked(), Figures(), MediaKind.PHOTO)[0]


@pytest.mark.parametrize(("result", "told"), [("none", False), ("dropped", False), ("kept", True), ("muted", True)])
def test_voices_that_are_in_the_file_are_not_forgotten(result: Any, told: bool) -> None:
    last = claims(applied(sound=SoundRef(result=result)), checked(), figures(), MediaKind.VIDEO)[-1]
    assert ("voices in its sound" in last) == told
    assert last.startswith("Not covered: body")
