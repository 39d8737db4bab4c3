"""Copies of several photos of each of many people: does a search among them find the right one?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kerchief.adversary.arms import Arms
from kerchief.adversary.each import each
from kerchief.adversary.faces import ByRecogniser, Face, embedded, is_among, placed, sure_faces, the_picture
from kerchief.adversary.side_by_side import another_size
from kerchief.errors import InputRefused, KerchiefError, UsageError
from kerchief.ports import BatchProgress, Progress
from kerchief.prove.adaptive import learned_search
from kerchief.prove.attack import Attack, Attacker, Detected, Faces, PeopleReport, attack, clear_threshold, search
from kerchief.prove.stats import Rate, rate_of_persons
from kerchief.tools import Tools
from kerchief.version import __version__

#: Orders what is equally far. Any number does; the same one makes a run repeatable.
SEED = 20_260_101

Persons = NDArray[np.int_]


@dataclass(frozen=True, slots=True, eq=False)
class Subject:
    """A person in an original photo.

    Attributes:
        person: the person's name or number.
        original: the file.
        size: height and width of the picture.
        face: the largest one in it.
        clear: what recognisers make of it.
        is_found: whether the independent finder sees it.
    """

    person: str
    original: Path
    size: tuple[int, ...]
    face: Face
    clear: ByRecogniser
    is_found: bool


@dataclass(frozen=True, slots=True, eq=False)
class Tried:
    """What was got out of the copy of a subject's photo.

    Attributes:
        subject: whose.
        informed: what recognisers make of what lies where the face was.
        naive: what they make of the largest face that is found in the copy; None where there is none.
        around: what is around the head, compared by itself.
        is_seen: whether kerchief's own networks see a face where it was.
        is_found: whether the independent finder does.
    """

    subject: Subject
    informed: ByRecogniser
    naive: ByRecogniser | None
    around: ByRecogniser
    is_seen: bool
    is_found: bool


def enrol(
    photos: Sequence[tuple[str, Path]],
    tools: Tools,
    arms: Arms,
    errors: list[KerchiefError],
    progress: BatchProgress | None = None,
) -> tuple[Subject, ...]:
    """The largest face of every photo, as it is.

    Args:
        photos: person and file.
        tools: decoder and networks.
        arms: the adversary's networks.
        errors: files that can't be read or hold no face are added here.
        progress: told how many are done.

    Raises:
        UsageError: nobody could be told from anybody: fewer than two people, or nobody with a second photo.
    """
    _must_be_people(Counter(person for person, _ in photos), "these folders")

    def one(photo: tuple[str, Path], _: Progress | None) -> Subject:
        return enrol_one(*photo, tools, arms)

    found = tuple(each([(photo[1], photo) for photo in photos], one, errors, progress))
    _must_be_people(Counter(subject.person for subject in found), "those of these photos that show a face")
    return found


def try_copies(
    copies: Iterable[tuple[Subject, Path]],
    tools: Tools,
    arms: Arms,
    errors: list[KerchiefError],
    progress: BatchProgress | None = None,
) -> tuple[Tried, ...]:
    """What is got out of each copy. Arguments and errors as ``enrol``."""

    def one(copy: tuple[Subject, Path], _: Progress | None) -> Tried:
        return try_one(*copy, tools, arms)

    tried = tuple(each([(copy[1], copy) for copy in copies], one, errors, progress))
    _must_be_people(Counter(one.subject.person for one in tried), "those of these copies that can be read")
    return tried


def report_on(tried: Sequence[Tried]) -> PeopleReport:
    """What all attackers got: the first photo of each person is the gallery, the others are searched in it."""
    names, persons = np.unique([one.subject.person for one in tried], return_inverse=True)
    attacks = [found for name in tried[0].informed for found in _attacks(tried, persons, name)]
    attacks += [_context(tried, persons, name) for name in tried[0].around]
    return PeopleReport(
        kerchief=__version__,
        persons=len(names),
        pictures=len(tried),
        detected=(
            Detected(
                detector="kerchief",
                clear=Rate(k=len(names), n=len(names)),  # a photo in which they see none takes no part
                copies=rate_of_persons([one.is_seen for one in tried], persons),
            ),
            Detected(
                detector="dlib",
                clear=rate_of_persons([one.subject.is_found for one in tried], persons),
                copies=rate_of_persons([one.is_found for one in tried], persons),
            ),
        ),
        attacks=tuple(attacks),
    )


def _attacks(tried: Sequence[Tried], persons: Persons, recogniser: str) -> list[Attack]:
    """One recogniser in the hands of all who look at faces."""
    random = np.random.default_rng(SEED)
    clear = [one.subject.clear[recogniser] for one in tried]
    informed = [one.informed[recogniser] for one in tried]
    naive = [one.naive[recogniser] if one.naive else np.full_like(clear[0], np.nan) for one in tried]
    (known, clear_probes), (as_covered, probes) = _halves(clear, persons), _halves(informed, persons)
    as_they_are = search(known, clear_probes)
    played = (
        (Attacker.CLEAR, as_they_are),
        (Attacker.NAIVE, search(known, _halves(naive, persons)[1])),
        (Attacker.INFORMED, search(known, probes)),
        (Attacker.PARROT, search(as_covered, probes)),
        (Attacker.ADAPTIVE, learned_search(as_covered, probes, random)),
    )
    threshold = clear_threshold(as_they_are)
    return [attack(who, recogniser, searched, threshold, random) for who, searched in played]


def _context(tried: Sequence[Tried], persons: Persons, recogniser: str) -> Attack:
    """Who looks at what is around the heads."""
    searched = search(*_halves([one.around[recogniser] for one in tried], persons))
    threshold = clear_threshold(searched)
    return attack(Attacker.CONTEXT, recogniser, searched, threshold, np.random.default_rng(SEED))


def _halves(rows: Sequence[NDArray[np.float32]], persons: Persons) -> tuple[Faces, Faces]:
    """Gallery and probes: the first face of each person, and all others."""
    first = np.zeros(len(persons), bool)
    first[np.unique(persons, return_index=True)[1]] = True
    faces = np.array(rows, np.float32)
    return Faces(faces[first], persons[first]), Faces(faces[~first], persons[~first])


def enrol_one(person: str, path: Path, tools: Tools, arms: Arms) -> Subject:
    """The largest face of a photo.

    Raises:
        InputRefused: unreadable, or no face in it.
    """
    rgb = the_picture(tools.open(path))
    found = sure_faces(rgb, tools)
    if not found:
        raise InputRefused(str(path), "no face was found in the original", "Leave it out, or give a clearer photo.")
    face = placed(rgb, found[0].box, arms)
    return Subject(
        person=person,
        original=path,
        size=rgb.shape[:2],
        face=face,
        clear=embedded(rgb, face, arms.of_faces),
        is_found=is_among(face.box, arms.opponent.detect(rgb)),
    )


def try_one(subject: Subject, path: Path, tools: Tools, arms: Arms) -> Tried:
    """What is got out of one copy.

    Raises:
        InputRefused: unreadable, or of another size than its original.
    """
    rgb = the_picture(tools.open(path))
    if rgb.shape[:2] != subject.size:
        raise another_size(path, subject.original)
    seen = sure_faces(rgb, tools)
    return Tried(
        subject=subject,
        informed=embedded(rgb, subject.face, arms.of_faces),
        naive=embedded(rgb, placed(rgb, seen[0].box, arms), arms.of_faces) if seen else None,
        around=embedded(rgb, subject.face, (arms.around,)),
        is_seen=is_among(subject.face.box, [one.box for one in seen]),
        is_found=is_among(subject.face.box, arms.opponent.detect(rgb)),
    )


def _must_be_people(photos: Counter[str], which: str) -> None:
    """Whether anybody could be told from anybody.

    Raises:
        UsageError: fewer than two people, or nobody with a second photo.
    """
    if len(photos) < 2:
        raise UsageError("", f"there are fewer than two people in {which}", "A search needs others to hide among.")
    if max(photos.values()) < 2:
        step = "Give two photos of each: one is known to the adversary, the other is searched."
        raise UsageError("", f"nobody has a second photo in {which}", step)
