"""The audit finds a gap that was put there, finds none where none is, and says what it can't tell."""

from __future__ import annotations

import numpy as np
import pytest

from kerchief.choices import Margin
from kerchief.prove.audit import AuditReport, Column, Face, compared, group_of, light_of, size_of, sliced
from kerchief.prove.differential import differential


def rng(seed: int = 1) -> np.random.Generator:
    return np.random.default_rng(seed)


def people(rates: dict[str, float], each: int, random: np.random.Generator, tries: int = 1) -> list[Face]:
    """So many people in each group, tried several times, who are exposed at these rates."""
    return [
        Face(bool(random.random() < rate), f"{group}-{person}", {"tone": group})
        for group, rate in rates.items()
        for person in range(each)
        for _ in range(tries)
    ]


def test_a_planted_gap_is_found_and_named() -> None:
    column = compared(people({"dark": 0.15, "light": 0.05, "medium": 0.05}, 500, rng()), "tone", rng())
    dark, light, medium = column.groups
    assert (dark.name, light.name, medium.name) == ("dark", "light", "medium")
    assert dark.rest is not None
    assert dark.rest.low > 0.04
    assert dark.rest.high < 0.16
    assert dark.interval.low < 0.15 < dark.interval.high
    assert column.chance is not None
    assert column.chance < 0.005
    assert column.gap is not None
    assert column.gap.worse == "dark"
    assert column.gap.difference.low > 0
    assert column.ratio is not None
    assert 1.7 < column.ratio < 6
    assert "between dark and" in column.sentence


def test_where_there_is_no_gap_one_is_called_as_seldom_as_promised() -> None:
    random, apart, by_chance, trials = rng(2), 0, 0, 200
    for _ in range(trials):
        column = compared(people({"a": 0.1, "b": 0.1}, 150, random), "tone", random)
        rest = column.groups[0].rest
        assert rest is not None
        apart += rest.low > 0 or rest.high < 0
        assert column.chance is not None
        by_chance += column.chance <= 0.05
    assert apart / trials < 0.09
    assert by_chance / trials < 0.09


def test_without_a_gap_it_says_how_large_one_may_be() -> None:
    column = compared(people({"a": 0.0, "b": 0.0}, 100, rng()), "tone", rng())
    assert column.sentence == (
        "cannot exclude a gap of up to 3.7 points between a and b (seen: 0.0; 95 %: -3.7 to 3.7)"
    )
    assert column.ratio is None
    assert column.chance == 1


def test_several_tries_of_a_person_are_not_several_persons() -> None:
    once = people({"a": 0.2}, 40, rng())
    again = [face for face in once for _ in range(10)]
    first, many = group_of("a", once), group_of("a", again)
    assert (many.faces, many.persons, many.exposed) == (400, 40, 10 * first.exposed)
    assert many.interval == first.interval


def test_faces_without_the_label_are_in_no_group() -> None:
    faces = [*people({"a": 0.5, "b": 0.5}, 10, rng()), *(Face(True, f"x{n}", {}) for n in range(7))]
    column = compared(faces, "tone", rng())
    assert column.unknown == 7
    assert sum(group.faces for group in column.groups) == 20


def test_shuffling_is_left_where_a_person_has_several_labels() -> None:
    faces = [Face(n % 2 == 0, "one", {"size": f"{n}"}) for n in range(4)]
    assert compared(faces, "size", rng()).chance is None


def test_one_group_compares_with_nothing() -> None:
    column = compared(people({"a": 0.5}, 10, rng()), "tone", rng())
    assert (column.gap, column.ratio, column.chance, column.groups[0].rest) == (None, None, None, None)
    assert column.sentence == "only one group, so nothing can be compared"


def test_a_gap_at_one_size_shows_in_its_slice_and_sizes_come_in_order() -> None:
    random = rng(4)
    small = [
        Face(f.is_exposed, f.person, {**f.labels, "size": size_of(15), "light": "dark"})
        for f in people({"a": 0.5, "b": 0.1}, 80, random)
    ]
    large = [
        Face(f.is_exposed, f.person, {**f.labels, "size": size_of(90), "light": "bright"})
        for f in people({"a": 0.02, "b": 0.02}, 80, random)
    ]
    faces = small + large
    slices = sliced(faces, ("tone", "size"), (("size",), ("size", "light")), rng())
    named = {(one.by, one.group): one.column for one in slices if one.column.name == "tone"}
    assert list(named) == [
        ("size", "10 to 20 px"),
        ("size", "80 px and more"),
        ("size, light", "10 to 20 px, dark"),
        ("size, light", "80 px and more, bright"),
    ]

    def low(column: Column) -> float:
        assert column.groups[0].rest is not None
        return column.groups[0].rest.low

    assert low(named["size", "10 to 20 px"]) > 0.2
    assert low(named["size", "80 px and more"]) < 0
    assert not any(one.by == "size" and one.column.name == "size" for one in slices)


def test_groups_that_are_numbers_come_in_their_order() -> None:
    ages = ["70+", "3-9", "unknown", "20-29", "0-2", "10-19"]
    column = compared([Face(False, age, {"age": age}) for age in ages], "age", rng())
    assert [group.name for group in column.groups] == ["0-2", "3-9", "10-19", "20-29", "70+", "unknown"]


@pytest.mark.parametrize(
    ("height", "name"),
    [(9.9, "below 10 px"), (10, "10 to 20 px"), (39.9, "20 to 40 px"), (79, "40 to 80 px"), (80, "80 px and more")],
)
def test_a_size_begins_at_its_lower_limit(height: float, name: str) -> None:
    assert size_of(height) == name


def test_lights() -> None:
    assert [light_of(luma) for luma in (0, 59.9, 60, 129.9, 130, 255)] == [
        "dark", "dark", "medium", "medium", "bright", "bright",
    ]  # fmt: skip


def test_the_report_can_be_read_back_and_names_nobody() -> None:
    faces = people({"a": 0.2, "b": 0.4}, 60, rng())
    report = AuditReport(
        kerchief="1", margin=Margin.STANDARD, own_detector=False, pictures=3, unreadable=0, refused=0,
        has_persons=True, overall=group_of("all", faces), columns=(compared(faces, "tone", rng()),), slices=(),
    )  # fmt: skip
    written = report.model_dump_json(by_alias=True)
    assert AuditReport.model_validate_json(written) == report
    assert '"kerchief.audit/1"' in written
    assert not any(face.person in written for face in faces)


def embedded(spread: dict[str, float], each: int, faces: int, noise: float, random: np.random.Generator):
    """Embeddings of people who lie closer together in some groups than in others."""
    persons, labels, rows = [], [], []
    for group, width in spread.items():
        for person in range(each):
            middle = random.normal(0, width, 8)
            for _ in range(faces):
                rows.append(middle + random.normal(0, noise, 8))
                persons.append(f"{group}-{person}")
                labels.append({"tone": group})
    return np.array(rows, np.float32), persons, labels


def test_a_recogniser_that_mixes_up_one_group_is_found_out() -> None:
    embeddings, persons, labels = embedded({"alike": 0.6, "unlike": 1.0}, 120, 2, 0.05, rng(3))
    found = differential("made", embeddings, persons, labels, ("tone",), rng())
    assert found.fmr == pytest.approx(1e-3, abs=1e-4)
    assert found.overall.impostor_pairs == 480 * 479 // 2 - 240
    alike, unlike = found.columns[0].groups
    assert alike.genuine_pairs == 120
    assert alike.persons == 120
    assert alike.false_match is not None
    assert unlike.false_match is not None
    assert alike.false_match.low > unlike.false_match.high
    assert alike.false_non_match is not None
    assert alike.false_non_match.value < 0.5


def test_errors_of_pairs_are_counted_one_by_one() -> None:
    embeddings, persons, labels = embedded({"a": 0.5, "b": 0.5}, 30, 2, 0.3, rng(5))
    found = differential("made", embeddings, persons, labels, ("tone",), rng())
    pairs = [(i, j) for i in range(len(persons)) for j in range(i)]
    far = {pair: np.linalg.norm(embeddings[pair[0]] - embeddings[pair[1]]) for pair in pairs}
    for group in found.columns[0].groups:
        inside = [(i, j) for i, j in pairs if labels[i]["tone"] == labels[j]["tone"] == group.name]
        genuine = [far[i, j] >= found.threshold for i, j in inside if persons[i] == persons[j]]
        impostor = [far[i, j] < found.threshold for i, j in inside if persons[i] != persons[j]]
        assert (group.genuine_pairs, group.impostor_pairs) == (len(genuine), len(impostor))
        assert group.false_non_match is not None
        assert group.false_non_match.value == pytest.approx(np.mean(genuine))
        assert group.false_match is not None
        assert group.false_match.value == pytest.approx(np.mean(impostor))


def test_what_happened_to_nobody_still_has_an_upper_end() -> None:
    embeddings, persons, labels = embedded({"far": 50.0, "near": 0.5}, 60, 1, 0.0, rng(6))
    far = differential("made", embeddings, persons, labels, ("tone",), rng()).columns[0].groups[0]
    assert far.false_match is not None
    assert far.false_match.value == 0
    assert far.false_match.high == pytest.approx(0.0596, abs=1e-3)
    assert far.false_non_match is None
