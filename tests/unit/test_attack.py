"""The attack's arithmetic: it finds who can be found, and nothing where there is nothing to find."""

from __future__ import annotations

import numpy as np
import pytest

from kerchief.prove.adaptive import learned_search
from kerchief.prove.attack import FMR, Attack, Attacker, Faces, attack, clear_threshold, ranked, search, threshold_for

PEOPLE = 120


def faces(noise: float, seed: int, each: int = 1, people: int = PEOPLE) -> Faces:
    """People are points that differ by about 1.4, photos of them lie around these."""
    persons = np.repeat(np.arange(people), each)
    points = np.random.default_rng(0).normal(size=(people, 64)) / 8
    random = np.random.default_rng(seed)
    return Faces((points[persons] + noise / 8 * random.normal(size=(len(persons), 64))).astype(np.float32), persons)


def run(gallery: Faces, probes: Faces, threshold: float | None = None, seed: int = 0) -> Attack:
    searched = search(gallery, probes)
    limit = clear_threshold(searched) if threshold is None else threshold
    return attack(Attacker.PARROT, "points", searched, limit, np.random.default_rng(seed))


def test_clear_faces_are_found_and_matched() -> None:
    found = run(faces(0.1, 1), faces(0.1, 2, 3))
    assert found.rank1.share == found.tar.share == found.tar_calibrated.share == 1
    assert found.rank1.n == PEOPLE
    assert found.probes == 3 * PEOPLE
    assert found.fmr <= FMR
    assert found.cmc[0] == found.roc[-1] == 1
    assert found.is_above_chance
    assert found.shuffled.share < 0.02


def test_faces_that_say_nothing_are_found_by_chance_alone() -> None:
    found = [run(faces(0.1, 1), faces(1e6, seed)) for seed in range(2, 22)]
    share = np.mean([one.rank1.share for one in found])
    assert share == pytest.approx(1 / PEOPLE, abs=0.006)
    assert np.mean([one.rank10.share for one in found]) == pytest.approx(10 / PEOPLE, abs=0.02)
    assert sum(one.is_above_chance for one in found) <= 2


def test_a_little_that_is_left_shows() -> None:
    found = run(faces(1.5, 1), faces(1.5, 2, 3))
    assert 0.1 < found.rank1.share < 0.9
    assert found.is_above_chance
    assert list(found.cmc) == sorted(found.cmc)
    assert list(found.roc) == sorted(found.roc)


def test_faces_that_are_all_alike_are_ordered_at_random() -> None:
    """A stable sort would find whoever stands first, or everyone."""
    same = np.ones((PEOPLE, 8), np.float32)
    gallery, probes = Faces(same, np.arange(PEOPLE)), Faces(same, np.arange(PEOPLE))
    ranks = np.concatenate(
        [ranked(np.zeros((PEOPLE, PEOPLE), np.float32), probes.persons, np.random.default_rng(s)) for s in range(50)]
    )
    assert (ranks == 0).mean() == pytest.approx(1 / PEOPLE, abs=0.004)
    assert ranks.max() == PEOPLE - 1
    found = run(gallery, probes, threshold=0.5)
    assert found.tar.share == found.fmr == 1, "a threshold of clear faces matches everyone with everyone"
    assert found.tar_calibrated.share == 0
    assert not found.is_above_chance


def test_a_face_that_is_not_found_is_a_guess_and_no_match() -> None:
    probes = Faces(np.full((PEOPLE, 64), np.nan, np.float32), np.arange(PEOPLE))
    found = run(faces(0.1, 1), probes, threshold=10)
    assert found.tar.share == found.fmr == 0
    assert found.rank1.share < 0.05


def test_people_without_a_probe_are_strangers_to_hide_among() -> None:
    some = faces(0.1, 2)
    probes = Faces(some.embeddings[5:25], some.persons[5:25])
    found = run(faces(0.1, 1), probes)
    assert (found.gallery, found.rank1.n, found.rank1.share) == (PEOPLE, 20, 1)
    assert found.chance == 1 / PEOPLE


def test_the_threshold_lets_no_more_through_than_it_says() -> None:
    impostor = np.random.default_rng(1).random(10_000).astype(np.float32)
    for fmr in (0.001, 0.01, 0.5):
        assert (impostor < threshold_for(impostor, fmr)).mean() == pytest.approx(fmr)
    assert not (np.zeros(100) < threshold_for(np.zeros(100, np.float32), 0.001)).any()


def test_who_learns_finds_what_is_buried_under_what_all_photos_share() -> None:
    """Ten directions tell people apart; in the other thirty photos differ wildly, as covers do with the light."""
    random = np.random.default_rng(5)
    points = random.normal(size=(PEOPLE, 10))

    def buried(each: int) -> Faces:
        persons = np.repeat(np.arange(PEOPLE), each)
        own = points[persons] + 0.3 * random.normal(size=(len(persons), 10))
        rows = np.concatenate([own, 4 * random.normal(size=(len(persons), 30))], axis=1)
        return Faces(rows.astype(np.float32), persons)

    gallery, probes = buried(1), buried(2)
    plain = run(gallery, probes)
    learned = attack(
        Attacker.ADAPTIVE, "points", learned_search(gallery, probes, np.random.default_rng(1)), 1.0, random
    )
    assert plain.rank1.share < 0.1
    assert learned.rank1.share > 2 * plain.rank1.share + 0.1
    assert learned.is_above_chance


@pytest.mark.parametrize("width", [64, 1500])
def test_who_learns_from_nothing_knows_nothing(width: int) -> None:
    """Names that mean nothing must not be learned by heart; the more so the more there is to learn."""
    found = []
    for seed in range(8):
        random = np.random.default_rng(seed)
        persons = np.repeat(np.arange(PEOPLE), 2)
        gallery = Faces(random.normal(size=(PEOPLE, width)).astype(np.float32), np.arange(PEOPLE))
        probes = Faces(random.normal(size=(2 * PEOPLE, width)).astype(np.float32), persons)
        found.append(attack(Attacker.ADAPTIVE, "points", learned_search(gallery, probes, random), 1.0, random))
    assert {one.gallery for one in found} == {PEOPLE // 2}
    assert {one.rank1.n for one in found} == {PEOPLE}
    assert np.mean([one.rank1.share for one in found]) == pytest.approx(2 / PEOPLE, abs=0.01)
    assert np.mean([one.rank10.share for one in found]) == pytest.approx(20 / PEOPLE, abs=0.025)
    assert sum(one.is_above_chance for one in found) <= 1


def test_two_people_are_too_few_for_a_threshold_of_one_in_a_thousand() -> None:
    found = [run(faces(1e6, seed, people=2), faces(1e6, seed + 50, people=2)) for seed in range(40)]
    assert not any(one.is_above_chance for one in found)


def test_who_learns_from_covers_that_are_all_alike_guesses() -> None:
    same = Faces(np.ones((PEOPLE, 16), np.float32), np.arange(PEOPLE))
    searched = learned_search(same, same, np.random.default_rng(1))
    assert not attack(Attacker.ADAPTIVE, "points", searched, 1.0, np.random.default_rng(1)).is_above_chance


def test_who_learns_from_covers_that_differ_in_one_way_only_still_answers() -> None:
    """As one colour in all pictures, and hair in some corners."""
    random = np.random.default_rng(2)
    rows = np.outer(random.normal(size=PEOPLE), np.ones(16)).astype(np.float32)
    searched = learned_search(Faces(rows, np.arange(PEOPLE)), Faces(rows, np.arange(PEOPLE)), random)
    assert np.isfinite(searched.distances).all()
