"""What counts as a match, and what is said of it."""

from __future__ import annotations

import numpy as np
import pytest

from kerchief.prove.attack import Attacker
from kerchief.prove.matches import CLEARLY, Attacked, FilesReport, file_attacked, files_report, is_match, statement

OWN = np.zeros(4, np.float32)


def at(*distances: float) -> np.ndarray:
    rows = np.zeros((len(distances), 4), np.float32)
    rows[:, 0] = distances
    return rows


def test_a_match_is_near_and_clearly_nearer_than_nothing() -> None:
    assert is_match(OWN, at(0.9, 0.3), 0.6)
    assert not is_match(OWN, at(0.61), 0.6)
    assert not is_match(OWN, at(), 0.6)
    assert is_match(OWN, at(0.3), 0.6, at(0.7))
    # A small face is near to anything: what is as near under a cover that holds nothing says nothing.
    assert not is_match(OWN, at(0.3), 0.6, at(0.8, 0.32))
    assert is_match(OWN, at(0.3 - 2 * CLEARLY * 0.6), 0.6, at(0.8, 0.32))
    # And a face that shows as it is matches, however near nothing is.
    assert is_match(OWN, at(0.01), 0.6, at(0.2))


def face(*, matched: bool, clear: bool = True, seen: bool = False) -> Attacked:
    return Attacked(
        {
            (Attacker.CLEAR, "dlib"): clear,
            (Attacker.EMPTY, "dlib"): False,
            (Attacker.NAIVE, "dlib"): False,
            (Attacker.INFORMED, "dlib"): matched,
        },
        seen,
        is_found=False,
    )


def report_of(*faces: Attacked, failed: int = 0) -> FilesReport:
    return files_report("1", [file_attacked("a.jpg", faces, 2)], faces, {"dlib": 0.6}, failed)


def test_faces_are_counted_once_and_controls_not_at_all() -> None:
    report = report_of(face(matched=True, seen=True), face(matched=False), face(matched=False, clear=False))
    (file,) = report.files
    assert (file.faces, file.matched, file.seen, file.found, file.too_small) == (3, 1, 1, 0, 2)
    assert report.leaks
    assert {one.attacker: (one.matched.k, one.matched.n) for one in report.matches} == {
        Attacker.CLEAR: (2, 3),
        Attacker.EMPTY: (0, 3),
        Attacker.NAIVE: (0, 3),
        Attacker.INFORMED: (1, 3),
    }


def test_nothing_found_is_told_with_what_it_can_not_exclude() -> None:
    said = statement(report_of(*[face(matched=False)] * 37))
    assert said.startswith("Faces that were not found"), "missed faces come first"
    assert "37 faces were found in the originals; 0 still match." in said
    assert "below 7.8% with 95 % confidence" in said
    assert "matches 37 of these 37 faces uncovered" in said


def test_what_could_not_be_compared_is_no_success() -> None:
    alone = statement(report_of(failed=1))
    assert "1 file could not be compared" in alone
    assert "says nothing" in alone
    assert "0 still match" not in alone
    assert "2 files could not be compared" in statement(report_of(face(matched=False), failed=2))


def test_a_recogniser_that_knows_nobody_proves_nothing() -> None:
    said = statement(report_of(*[face(matched=False, clear=False)] * 5))
    assert "says little" in said


@pytest.mark.parametrize("word", ["anonym", "irreversib"])
def test_no_more_is_said_than_was_measured(word: str) -> None:
    assert word not in statement(report_of(face(matched=False))).lower()
