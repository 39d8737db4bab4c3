"""What a receipt says in sentences: what was measured of this version and style, and what was done to this file.

The miss rate comes first, for a missed face is the main risk. No sentence claims more than a figure or a test holds:
nothing here attacked the file itself, so nothing is said of what an attacker would get out of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

from kerchief.choices import Margin
from kerchief.plan.model import StyleName
from kerchief.ports import MediaKind
from kerchief.prove.attack import CONTROLS, FMR, Attacker
from kerchief.prove.figures import Figures, InFilms, Leak, Leaks, Missed, Part
from kerchief.prove.receipt import Applied, Checked, SoundRef
from kerchief.prove.stats import Rate
from kerchief.prove.verify import COVERED_SHARE

NOT_MEASURED = "not measured for this version"
EXPOSED = f"exposed, that is less than {COVERED_SHARE * 100:g} % covered"
COSMETIC = "is cosmetic: what it covers can be seen through"

#: What an attacker does, to say it to those who do not know our names for it.
WAYS = {
    Attacker.CLEAR: "in clear photos",
    Attacker.NAIVE: "looking for faces in the copy",
    Attacker.INFORMED: "told where the face was",
    Attacker.PARROT: "comparing with photos covered in the same way",
    Attacker.ADAPTIVE: "having learned from covered photos of other people",
    Attacker.CONTEXT: "comparing what is around the heads",
    Attacker.EMPTY: "under a cover that holds nothing",
    Attacker.TEMPORAL: "with many frames at once",
}


def claims(applied: Applied, checked: Checked, figures: Figures, kind: MediaKind) -> tuple[str, ...]:
    """The sentences, in the order of their importance.

    Args:
        applied: what was done to the file.
        checked: what the look at the finished copy found.
        figures: what was measured of this version.
        kind: films are measured apart from all else.
    """
    is_film = kind is MediaKind.VIDEO
    missed = _missed_in_films(figures.films) if is_film else _missed(figures.missed)
    said = [missed + _other_margin(applied.margin, figures.films if is_film else figures.missed)]
    said.append(_here(applied, checked))
    if applied.covered:
        said += [_style(applied), _leaks(applied.style.name, figures.leaks, is_film=is_film)]
    return (*said, _not_covered(applied.sound))


def _missed(part: Missed | None) -> str:
    if part is None:
        return f"Not every face is found: how many stay exposed in photos was {NOT_MEASURED}."
    every, large = part.exposed, part.exposed_from_12_px
    of_large = f"of the {large.n:,} of them that are at least 12 px high, {_in_1000(large)}"
    said = f"of {every.n:,} labelled faces ({part.of}) {_in_1000(every)} stayed {EXPOSED}; {of_large}"
    return f"Not every face is found: {said}."


def _missed_in_films(part: InFilms | None) -> str:
    if part is None:
        return f"Not every face is found in every frame: how many stay exposed in films was {NOT_MEASURED}."
    said = f"of {part.exposed.n:,} people ({part.of}) {_in_1000(part.exposed)} were in some frame {EXPOSED}"
    return f"Not every face is found in every frame: {said}."


def _other_margin(margin: Margin, part: Part | None) -> str:
    if margin is Margin.STANDARD or part is None:
        return ""
    return f" Measured with the {Margin.STANDARD} margin; this file has the {margin} one."


def _here(applied: Applied, checked: Checked) -> str:
    """What was found and covered in this file, and what the check says."""
    were = "was" if applied.covered == 1 else "were"
    done = f"In this file {_count(applied.covered, 'head')} {were} found and covered ({applied.style})"
    done = done if applied.covered else "In this file no face was found and nothing is covered"
    added = f", {checked.added} of them found by the check alone" if checked.added else ""
    shown = f", {applied.shown} left uncovered by decision" if applied.shown else ""
    networks = ", ".join(network.name for network in checked.networks)
    again = f"the finished copy was opened and searched again ({_count(checked.frames, 'frame')}, by {networks})"
    found = f"{checked.doubtful} doubtful left: look at it" if checked.doubtful else "no other face was found"
    return f"{done}{added}{shown}; {again}: {found}."


def _style(applied: Applied) -> str:
    """What the style does with what it covers."""
    if not applied.erases:
        return f"The style {applied.style.name} {COSMETIC}."
    rule = f"traces that a lossy original had spread around them are met by the mask rule alone ({applied.mask_rule})"
    return f"The covered pixels are not in this file: the cover is made without them; {rule}."


def _leaks(style: StyleName, part: Leaks | None, *, is_film: bool) -> str:
    """The best that any attacker got out of a style, in 1:N and in 1:1."""
    leaks = part.styles.get(style, ()) if part else ()
    tried = [one for one in leaks if one.attacker not in CONTROLS]
    tried = [one for one in tried if is_film or one.attacker is not Attacker.TEMPORAL]
    if part is None or not tried:
        return f"What face recognition gets out of the style {style}: {NOT_MEASURED}."
    named = max(tried, key=lambda one: _height(one.rank1))
    matched = max(tried, key=lambda one: _height(one.tar_calibrated))
    chance = f"a guess: {_percent(named.chance)}"
    searched = f"searching for {named.rank1.n:,} people among {named.gallery:,}, named {_share(named.rank1, chance)}"
    chance = f"a guess: {_percent(FMR)}"
    compared = f"({_who(matched)}), comparing two faces, matched {_share(matched.tar_calibrated, chance)}"
    best = f"the best of {_count(len(tried), 'attack')} ({_who(named)}), {searched}{_control(named, leaks)}"
    return f"What face recognition got out of the style {style} ({part.of}): {best}; the best {compared}."


def _control(attack: Leak, leaks: Sequence[Leak]) -> str:
    """What the same recogniser names in clear photos: an attack that fails there says nothing."""
    clear = [one for one in leaks if one.attacker is Attacker.CLEAR and one.recogniser == attack.recogniser]
    return f", against {_percent(clear[0].rank1.share)} {WAYS[Attacker.CLEAR]}" if clear else ""


def _not_covered(sound: SoundRef | None) -> str:
    voices = {"kept": ", the voices in its sound", "muted": ", the voices in its sound where it is not muted"}
    heard = voices.get(sound.result, "") if sound else ""
    return f"Not covered: body, clothes, gait, text, the scene{heard}, and every face that was not found."


def _height(rate: Rate) -> tuple[float, float]:
    """By the rate seen; among those alike, by what can't be excluded."""
    return rate.share, rate.bound


def _who(attack: Leak) -> str:
    return f"{WAYS[attack.attacker]}, {attack.recogniser}"


def _in_1000(rate: Rate) -> str:
    if not rate.k:
        return f"none (below {_up(rate.bound * 1000)} in 1,000 with 95 % confidence)"
    return f"{rate.share * 1000:.1f} in 1,000 (95 %: {rate.low * 1000:.1f} to {rate.high * 1000:.1f})"


def _share(rate: Rate, chance: str) -> str:
    """As "1.5 of 150, 1.0 % (95 %: …)"; a person of whom half the photos were named counts as half."""
    if not rate.k:
        return f"0 of {rate.n:,}, below {_up(rate.bound * 100)} % with 95 % confidence ({chance})"
    seen = f"{rate.k:,.2f}".rstrip("0").rstrip(".")
    interval = f"{rate.low * 100:.1f} to {rate.high * 100:.1f} %"
    return f"{seen} of {rate.n:,}, {_percent(rate.share)} (95 %: {interval}; {chance})"


def _percent(share: float) -> str:
    return f"{share * 100:.1f} %"


def _up(value: float) -> str:
    """A bound is rounded up, or it would not hold."""
    return f"{ceil(value * 10 - 1e-9) / 10:.1f}"


def _count(number: int, thing: str) -> str:
    return f"{number:,} {thing}" if number == 1 else f"{number:,} {thing}s"
