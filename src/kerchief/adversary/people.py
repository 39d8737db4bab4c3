"""Copies of several photos of each of many people: does a search among them find the right one?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from kerchief.adversary.arms import Arms
from kerchief.adversary.each import each
from kerchief.adversary.faces import ByRecogniser, Face, embedded, is_among, placed, sure_faces, the_frame
from kerchief.errors import InputRefused, KerchiefError, UsageError
from kerchief.find.detect import as_rgb8
from kerchief.ports import BatchProgress, Embedder
from kerchief.prove.attack import Attack, Attacker, Detected, Faces, PeopleReport, attack, clear_threshold
from kerchief.prove.stats import Rate, rate_of_persons
from kerchief.tools import Tools
from kerchief.version import __version__

#: Orders what is equally far. Any number does; the same one makes a run repeatable.
SEED = 20_260_101


@dataclass(frozen=True, slots=True, eq=False)
class Subject:
    """A person in an original photo.

    Attributes:
        person: the person's name or number.
        original: the file.
        size: width and height of the picture.
        face: the largest one in it.
        clear: what recognisers make of it.
        is_found: whether the independent finder sees it.
    """

    person: str
    original: Path
    size: tuple[int, int]
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
        is_seen: whether kerchief's own networks see a face where it was.
        is_found: whether the independent finder does.
    """

    subject: Subject
    informed: ByRecogniser
    naive: ByRecogniser | None
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

    def one(photo: tuple[str, Path]) -> Subject:
        return _subject(*photo, tools, arms)

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

    def one(copy: tuple[Subject, Path]) -> Tried:
        return _try(*copy, tools, arms)

    tried = tuple(each([(copy[1], copy) for copy in copies], one, errors, progress))
    _must_be_people(Counter(one.subject.person for one in tried), "those of these copies that can be read")
    return tried


def report_on(tried: Sequence[Tried], recognisers: Sequence[Embedder]) -> PeopleReport:
    """What all attackers got: the first photo of each person is the gallery, the others are searched in it."""
    names = sorted({one.subject.person for one in tried})
    persons = np.array([names.index(one.subject.person) for one in tried], np.int_)
    attacks = [found for one in recognisers for found in _attacks(tried, persons, one.name)]
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


def _attacks(tried: Sequence[Tried], persons: np.ndarray, recogniser: str) -> list[Attack]:
    """One recogniser in every attacker's hands."""
    is_gallery = np.array([list(persons).index(person) == place for place, person in enumerate(persons)])
    random = np.random.default_rng(SEED)

    def faces(which: np.ndarray, of: Callable[[Tried], ByRecogniser | None]) -> Faces:
        rows = [of(one) for one, is_in in zip(tried, which, strict=True) if is_in]
        nothing = np.full_like(tried[0].subject.clear[recogniser], np.nan)
        return Faces(np.array([nothing if row is None else row[recogniser] for row in rows]), persons[which])

    known, clear_probes = faces(is_gallery, _clear), faces(~is_gallery, _clear)
    informed = faces(~is_gallery, _informed)
    threshold = clear_threshold(known, clear_probes)
    played = (
        (Attacker.CLEAR, known, clear_probes),
        (Attacker.NAIVE, known, faces(~is_gallery, _naive)),
        (Attacker.INFORMED, known, informed),
        (Attacker.PARROT, faces(is_gallery, _informed), informed),
    )
    return [attack(who, recogniser, gallery, probes, threshold, random) for who, gallery, probes in played]


def _clear(one: Tried) -> ByRecogniser:
    return one.subject.clear


def _informed(one: Tried) -> ByRecogniser:
    return one.informed


def _naive(one: Tried) -> ByRecogniser | None:
    return one.naive


def _subject(person: str, path: Path, tools: Tools, arms: Arms) -> Subject:
    """The largest face of a photo.

    Raises:
        InputRefused: unreadable, or no face in it.
    """
    frame = the_frame(tools.open(path))
    found = sure_faces(frame.pixels, tools)
    if not found:
        raise InputRefused(str(path), "no face was found in the original", "Leave it out, or give a clearer photo.")
    face = placed(frame.pixels, found[0].box, arms)
    return Subject(
        person=person,
        original=path,
        size=(frame.width, frame.height),
        face=face,
        clear=embedded(frame.pixels, face, arms),
        is_found=is_among(face.box, arms.opponent.detect(as_rgb8(frame.pixels))),
    )


def _try(subject: Subject, path: Path, tools: Tools, arms: Arms) -> Tried:
    """What is got out of one copy.

    Raises:
        InputRefused: unreadable, or of another size than its original.
    """
    frame = the_frame(tools.open(path))
    if (frame.width, frame.height) != subject.size:
        step = "Compare copies that keep the size of the picture."
        raise InputRefused(str(path), f"has another size than {subject.original.name}", step)
    seen = sure_faces(frame.pixels, tools)
    return Tried(
        subject=subject,
        informed=embedded(frame.pixels, subject.face, arms),
        naive=embedded(frame.pixels, placed(frame.pixels, seen[0].box, arms), arms) if seen else None,
        is_seen=is_among(subject.face.box, [one.box for one in seen]),
        is_found=is_among(subject.face.box, arms.opponent.detect(as_rgb8(frame.pixels))),
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
