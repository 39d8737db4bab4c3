"""What a report comes to, in a few plain sentences: for the top of a page and for a terminal.

Careful on purpose: what was not found is told with what so few people can't exclude, and an attack that does not work
on photos as they are is no evidence.
"""

from __future__ import annotations

from collections.abc import Sequence

from kerchief.prove.attack import CONTROLS, FMR, Attack, Attacker, Detected, PeopleReport
from kerchief.prove.stats import Rate


def verdict(label: str, report: PeopleReport) -> str:
    """What the attackers got out of these copies.

    Args:
        label: what was done to the copies, such as "veil".
        report: of attacks on them.
    """
    copies = [one for one in report.attacks if one.attacker not in CONTROLS]
    if not copies:
        return f"With {label}, no attack on the copies was made."
    blind = _blind(report)
    tried = [one for one in copies if one.recogniser not in blind or one.is_above_chance]
    sentences = []
    if report.above_chance:
        sentences += _found(label, report.above_chance, copies)
    elif tried:
        sentences += _not_found(label, tried)
    else:
        sentences.append(f"With {label}, nothing can be said.")
    sentences += [_void(recogniser, report) for recogniser in blind]
    sentences += [_seen(one) for one in report.detected if one.copies.k]
    sentences += [_context(one) for one in report.attacks if one.attacker is Attacker.CONTEXT]
    return " ".join(sentences)


def percent(share: float) -> str:
    """A share with one decimal, as rates have."""
    return f"{share * 100:.1f} %"


def best(attacks: Sequence[Attack]) -> Attack:
    """The one that found most people first; where that is equal, among the first ten."""
    return max(attacks, key=lambda one: (one.rank1.share, one.rank10.share))


def _found(label: str, above: Sequence[Attack], copies: Sequence[Attack]) -> list[str]:
    top = best(above)
    won, all_of_them = _attackers(above), _attackers(copies)
    return [
        f"With {label}, {len(won)} of {_count(len(all_of_them), 'attacker')} got more out of the copies of "
        f"{_count(top.rank1.n, 'person')} than a guess would (1 in {top.gallery}).",
        f"The best, {top.attacker} with {top.recogniser}, {_feat(top)}.",
    ]


def _feat(attack: Attack) -> str:
    """What an attack is above chance by."""
    if attack.rank1.low > attack.chance:
        return f"put the right person first for {_of_them(attack.rank1)}"
    if attack.rank10.low > min(1.0, 10 * attack.chance):
        return f"had the right person among the first ten for {_of_them(attack.rank10)}"
    return f"recognised {_of_them(attack.tar_calibrated)} at a limit that lets {percent(FMR)} of strangers pass"


def _not_found(label: str, tried: Sequence[Attack]) -> list[str]:
    top = best(tried)
    attackers, recognisers = _attackers(tried), {one.recogniser for one in tried}
    people = _count(min(one.rank1.n for one in tried), "person")
    most = max(one.rank1.high for one in tried)
    return [
        f"With {label}, of {people} none of {_count(len(attackers), 'attacker')} with "
        f"{_count(len(recognisers), 'recogniser')} found more than a guess would (1 in {top.gallery}).",
        f"The most that an attacker put first is {percent(top.rank1.share)} of these people {_interval(top.rank1)}.",
        f"{people} exclude true rates above {percent(most)} (at 95 %), but not all that are above a guess.",
    ]


def _blind(report: PeopleReport) -> list[str]:
    """Recognisers that are not known to find people in photos as they are."""
    seeing = {one.recogniser for one in report.attacks if one.attacker is Attacker.CLEAR and one.is_above_chance}
    return sorted({one.recogniser for one in report.attacks if one.attacker is not Attacker.CONTEXT} - seeing)


def _seen(one: Detected) -> str:
    """What attacks on many people may not show: a few faces that are bare."""
    return f"In copies of {_of_them(one.copies)} {one.detector} still finds a face where it was: look at these."


def _context(attack: Attack) -> str:
    """What no cover of a face hides."""
    return (
        f"Who compares what is around the heads (hair, clothes, background) puts the right person first for "
        f"{_of_them(attack.rank1)}: no cover of a face changes that."
    )


def _void(recogniser: str, report: PeopleReport) -> str:
    clear = [one for one in report.attacks if one.attacker is Attacker.CLEAR and one.recogniser == recogniser]
    why = (
        "finds no more than a guess in the photos as they are either"
        if clear
        else "was not tried on the photos as they are"
    )
    return f"{recogniser} {why}: what it does not find says nothing."


def _attackers(attacks: Sequence[Attack]) -> set[Attacker]:
    return {one.attacker for one in attacks}


def _of_them(rate: Rate) -> str:
    return f"{percent(rate.share)} of them {_interval(rate)}"


def _interval(rate: Rate) -> str:
    return f"[{rate.low * 100:.1f}, {rate.high * 100:.1f}]"


def _count(number: int, what: str) -> str:
    many = {"person": "people"}.get(what, f"{what}s")
    return f"{number} {what if number == 1 else many}"
