"""The adversary's recognisers: they tell people apart where there is something to tell."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import onnx
import pytest
from crowd import photo_of
from onnx import TensorProto, helper
from scenes import FACE_IN_PHOTOGRAPH

from kerchief.adversary.arms import arm
from kerchief.errors import WeightsError
from kerchief.models import opponent
from kerchief.models.align import moved, upright
from kerchief.models.embedder import OwnEmbedder
from kerchief.models.opponent import Opponent
from kerchief.models.pixelwise import Pixelwise

EYES = ((30.0, 40.0), (70.0, 40.0))


@pytest.fixture(scope="module")
def dlib() -> Opponent:
    return Opponent()


def shrinking_network(path: Path, side: int = 32, last: str = "Identity") -> Path:
    """A network that makes an embedding of a face: its mean colours in 8 × 8 cells, put through a last operation."""
    nodes = [
        helper.make_node("AveragePool", ["face"], ["cells"], kernel_shape=[side // 8] * 2, strides=[side // 8] * 2),
        helper.make_node("Flatten", ["cells"], ["flat"]),
        helper.make_node(last, ["flat"], ["row"]),
    ]
    face = helper.make_tensor_value_info("face", TensorProto.FLOAT, [1, 3, side, side])
    row = helper.make_tensor_value_info("row", TensorProto.FLOAT, [1, 192])
    graph = helper.make_graph(nodes, "shrink", [face], [row])
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), path)
    return path


def with_card(path: Path, **other: object) -> Path:
    """The network with a card beside it."""
    card = {
        "name": "shrink",
        "licence": "public domain",
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "left_eye": [10.0, 12.0],
        "right_eye": [22.0, 12.0],
        "threshold": 0.4,
    }
    path.with_suffix(".json").write_text(json.dumps(card | other), encoding="utf-8")
    return path


def test_landmarks_lie_on_eyes_and_nose(dlib: Opponent, astronaut: np.ndarray) -> None:
    points = dlib.landmarks(astronaut, FACE_IN_PHOTOGRAPH)
    eyes, nose = points[:4], points[4]
    assert ((eyes[:, 1] > 85) & (eyes[:, 1] < 120)).all()
    assert eyes[2:, 0].mean() < nose[0] < eyes[:2, 0].mean()
    assert eyes[:, 1].max() < nose[1] < 150


def test_a_crop_has_the_eyes_where_they_are_wanted(dlib: Opponent, astronaut: np.ndarray) -> None:
    points = dlib.landmarks(astronaut, FACE_IN_PHOTOGRAPH)
    crop = upright(astronaut, points, (100, 100), EYES)
    there = dlib.landmarks(crop, FACE_IN_PHOTOGRAPH.moved(0, 0).scaled(0.9).moved(-150, -40))
    assert crop.shape == (100, 100, 3)
    lie = moved(points, EYES)
    assert lie[[2, 3]].mean(axis=0) == pytest.approx(EYES[0], abs=0.01)
    assert lie[[0, 1]].mean(axis=0) == pytest.approx(EYES[1], abs=0.01)
    assert there == pytest.approx(lie, abs=6)


@pytest.mark.parametrize(("recogniser", "share"), [(Opponent, 0.5), (Pixelwise, 0.8)])
def test_photos_of_one_person_are_nearer_than_those_of_another(dlib: Opponent, recogniser, share: float) -> None:
    one = recogniser()
    rows = []
    for person in range(4):
        for number in range(2):
            picture, box = photo_of(person, number)
            rows.append(one.embed(picture, [dlib.landmarks(picture, box)])[0])
    rows = np.array(rows)
    apart = np.linalg.norm(rows[:, None] - rows[None], axis=2)
    people = np.arange(8) // 2
    same = (people[:, None] == people[None]) & ~np.eye(8, dtype=bool)
    assert apart[same].mean() < share * apart[people[:, None] != people[None]].mean()


def test_one_colour_is_the_same_wherever_it_lies(dlib: Opponent, astronaut: np.ndarray) -> None:
    """So that ties are ties: of black squares nobody is told from anybody."""
    points = dlib.landmarks(astronaut, FACE_IN_PHOTOGRAPH)
    black = np.zeros_like(astronaut)
    for one in (dlib, Pixelwise()):
        a, b = one.embed(black, [points, points + 40])
        assert np.array_equal(a, b)


def test_a_users_recogniser_is_fed_an_upright_face(tmp_path: Path, dlib: Opponent) -> None:
    own = OwnEmbedder(with_card(shrinking_network(tmp_path / "mine.onnx"), order="bgr"))
    (a, box), (b, other_box) = photo_of(1, 0), photo_of(1, 1)
    first, second = (own.embed(p, [dlib.landmarks(p, at)])[0] for p, at in ((a, box), (b, other_box)))
    stranger, its_box = photo_of(2, 0)
    third = own.embed(stranger, [dlib.landmarks(stranger, its_box)])[0]
    assert np.linalg.norm(first) == pytest.approx(1, abs=1e-5)
    assert np.linalg.norm(first - second) < np.linalg.norm(first - third)
    assert own.embed(a, []).shape[0] == 0
    # Blue first, as its card says: the same cells in the other order of colours.
    rgb = OwnEmbedder(with_card(shrinking_network(tmp_path / "mine.onnx")))
    turned = rgb.embed(a, [dlib.landmarks(a, box)])[0].reshape(3, 64)[::-1].reshape(-1)
    assert first == pytest.approx(turned, abs=1e-5)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"sha256": "0" * 64}, "another digest"),
        ({"threshold": -1}, "threshold"),
        ({"unknown": 1}, "unknown"),
    ],
)
def test_a_wrong_card_is_refused(tmp_path: Path, change: dict, says: str) -> None:
    with pytest.raises(WeightsError, match=says):
        OwnEmbedder(with_card(shrinking_network(tmp_path / "mine.onnx"), **change))


def test_a_recogniser_without_a_card_or_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="card can't be read"):
        OwnEmbedder(shrinking_network(tmp_path / "mine.onnx"))
    with pytest.raises(WeightsError, match="network can't be read"):
        OwnEmbedder(tmp_path / "none.onnx")
    with pytest.raises(WeightsError, match="name of another"):
        arm(with_card(shrinking_network(tmp_path / "mine.onnx"), name="dlib"))


@pytest.mark.parametrize("last", ["Log", "Exp"], ids=["no numbers", "infinite"])
def test_a_network_whose_numbers_are_not_finite_is_no_recogniser(tmp_path: Path, dlib: Opponent, last: str) -> None:
    """It would match nobody, which reads as if all were well covered."""
    own = OwnEmbedder(with_card(shrinking_network(tmp_path / "mine.onnx", last=last), scale=10.0))
    picture, box = photo_of(1, 0)
    with pytest.raises(WeightsError, match=r"mine\.json: .* not finite"):
        own.embed(picture, [dlib.landmarks(picture, box)])


def test_a_changed_file_of_the_opponent_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(opponent.DIGESTS, opponent.LANDMARKS, "0" * 64)
    with pytest.raises(WeightsError, match="was changed"):
        Opponent()


def test_without_the_extra_the_next_step_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "dlib", None)
    with pytest.raises(WeightsError, match=r"kerchief\[attack\]"):
        Opponent()
