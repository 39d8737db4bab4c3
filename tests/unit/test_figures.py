"""The figures in the package are about the code in the package."""

from __future__ import annotations

import hashlib
import json
from importlib.resources import files

import numpy as np
import pytest
from described import COVERS, FINDS, PACKAGE, digest, modules, shape_of
from exposure import Face
from figures import FILE, code_of, in_films, leaks, missed, parts_of, still_true, written

from kerchief.plan.edits import changed
from kerchief.plan.model import StyleName
from kerchief.prove.attack import Attacker, Faces, PeopleReport, attack, search
from kerchief.prove.figures import Figures
from kerchief.store.figures import shipped_figures
from kerchief.version import __version__

COMMANDS = {
    "missed": "python benchmarks/figures.py --photos LABELS.jsonl",
    "films": "python benchmarks/figures.py --clips FOLDER",
    "leaks": "python benchmarks/figures.py --leaks LEAKS.json",
}

CODE = '''
"""A module."""
LIMIT = 0.5  # of something
NAMES = ("a", "b")

def far(x, *, by=1):
    """How far."""
    if x > LIMIT and by is not None:
        return x * (by + 2)
    return f"{x:.1f} px"

class Thing:
    """One."""
    size: int = 3
    """In pixels."""
'''
SAME = {
    "without comments": CODE.replace("  # of something", ""),
    "other docstrings": CODE.replace("How far.", "The distance.\n\n    In pixels.").replace("In pixels.", "px"),
    "no docstrings": CODE.replace('    """How far."""\n', "").replace('    """In pixels."""\n', ""),
    "other quotes": CODE.replace('"a"', "'a'"),
    "other lines": CODE.replace('("a", "b")', '(\n    "a",\n    "b",\n)').replace("x * (by + 2)", "(x * (by + 2))"),
    "a joined string": CODE.replace('f"{x:.1f} px"', 'f"{x:.1f}" " px"'),
}
OTHER = {
    "constant": CODE.replace("0.5", "0.6"),
    "kind of constant": CODE.replace("by=1", "by=1.0"),
    "string": CODE.replace('"b"', '"c"'),
    "operator": CODE.replace("x * (", "x / ("),
    "comparison": CODE.replace("x > LIMIT", "x >= LIMIT"),
    "and": CODE.replace(" and ", " or "),
    "grouping": CODE.replace("x * (by + 2)", "x * by + 2"),
    "name": CODE.replace("return x *", "return by *"),
    "none": CODE.replace("is not None", "is not False"),
    "order": CODE.replace('"a", "b"', '"b", "a"'),
    "format": CODE.replace(".1f", ".2f"),
    "default": CODE.replace("size: int = 3", "size: int"),
    "keyword": CODE.replace("(x, *, by=1)", "(x, by=1)"),
}


@pytest.mark.parametrize("other", SAME.values(), ids=SAME.keys())
def test_what_does_the_same_has_the_same_shape(other: str) -> None:
    assert other != CODE
    assert shape_of(other) == shape_of(CODE)


@pytest.mark.parametrize("other", OTHER.values(), ids=OTHER.keys())
def test_what_does_something_else_has_another_shape(other: str) -> None:
    assert other != CODE
    assert shape_of(other) != shape_of(CODE)


def test_the_digest_hangs_on_every_file_and_network() -> None:
    for places in (FINDS, COVERS):
        parts = {digest(places[:n] + places[n + 1 :]) for n in range(len(places))}
        assert len(parts | {digest(places)}) == len(places) + 1
        assert all(module.is_file() for place in places for module in modules(PACKAGE / place))
    assert digest(FINDS, ["a"]) != digest(FINDS, ["b"])


@pytest.mark.parametrize("name", COMMANDS)
def test_the_figures_describe_this_very_code(name: str) -> None:
    """Receipts say "not measured" of a part that is missing; of one that is older they would say what is not true."""
    part = dict(parts_of(shipped_figures()[0])).get(name)
    assert part is None or part.code == code_of(name), (
        f"The code has changed since `{name}` in {FILE.name} was measured. Run `{COMMANDS[name]}`; or without an "
        "option, and it is left out and receipts say that it was not measured."
    )
    assert part is None or part.kerchief == __version__, f"measured with another version: `{COMMANDS[name]}`"


def test_the_figures_are_as_the_benchmark_writes_them() -> None:
    figures, sha256 = shipped_figures()
    data = files("kerchief.prove").joinpath("figures.json").read_bytes()
    assert data.decode() == written(figures)
    assert sha256 == hashlib.sha256(data).hexdigest()


def test_older_parts_are_left_out_and_the_others_kept() -> None:
    photos = missed([Face(9.0, is_exposed=True), Face(12.0, is_exposed=False)], "made faces")
    films = changed(in_films([Face(50.0, is_exposed=False)], "made clips"), code=64 * "0")
    assert still_true(Figures(missed=photos, films=films)) == [("missed", photos)]
    assert (photos.exposed.k, photos.exposed.n, photos.exposed_from_12_px.n) == (1, 2, 1)


def test_reports_on_styles_become_figures() -> None:
    persons = np.arange(80)
    points = np.random.default_rng(0).normal(size=(80, 16)).astype(np.float32)
    faces = Faces(points, persons)
    one = attack(Attacker.PARROT, "points", search(faces, faces), 0.5, np.random.default_rng(0))
    report = PeopleReport(kerchief=__version__, persons=80, pictures=160, detected=(), attacks=(one,))
    document = report.model_dump(mode="json", by_alias=True)
    made = leaks(json.dumps({"veil": document, "solid": document, "code": code_of("leaks")}), "made faces")
    assert made == leaks(json.dumps({"veil": document, "solid": document}), "made faces")
    for older in ({"veil": document, "code": 64 * "0"}, {"veil": document | {"kerchief": "0.0.1"}}):
        with pytest.raises(SystemExit, match="run them again"):
            leaks(json.dumps(older), "made faces")
    assert set(made.styles) == {StyleName.VEIL, StyleName.SOLID}
    (leak,) = made.styles[StyleName.VEIL]
    assert (leak.attacker, leak.recogniser, leak.gallery) == (Attacker.PARROT, "points", 80)
    assert (leak.rank1, leak.tar_calibrated, leak.chance) == (one.rank1, one.tar_calibrated, one.chance)
    figures = Figures(leaks=made)
    assert Figures.model_validate_json(written(figures)) == figures
