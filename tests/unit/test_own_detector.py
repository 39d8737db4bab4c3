"""A user's own network: told by its outputs, described by its card, refused when it is neither."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from scenes import scene

from kerchief import Settings, Tools, redact
from kerchief.errors import WeightsError
from kerchief.models.cards import weights
from kerchief.models.custom import Own
from kerchief.models.selftest import picture
from kerchief.ports import RegionKind


def constant_network(path: Path, output: np.ndarray, sides: tuple[int | str, int | str] = ("h", "w")) -> Path:
    """A network that says the same of every picture: its input times zero plus a constant."""
    zero = numpy_helper.from_array(np.zeros(1, np.float32), "zero")
    said = numpy_helper.from_array(output.astype(np.float32), "said")
    nodes = [
        helper.make_node("ReduceMean", ["image"], ["mean"], keepdims=0),
        helper.make_node("Mul", ["mean", "zero"], ["nothing"]),
        helper.make_node("Add", ["said", "nothing"], ["out"]),
    ]
    image = helper.make_tensor_value_info("image", TensorProto.FLOAT, [1, 3, *sides])
    out = helper.make_tensor_value_info("out", TensorProto.FLOAT, list(output.shape))
    graph = helper.make_graph(nodes, "constant", [image], [out], [zero, said])
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), path)
    return path


def yolo(*columns: tuple[float, ...]) -> np.ndarray:
    padded = [*columns, *[(0.0,) * 5] * (8 - len(columns))]
    return np.array(padded, np.float32).T[None]


def test_a_yolo_layout_is_read(tmp_path: Path) -> None:
    own = Own(constant_network(tmp_path / "plates.onnx", yolo((100, 50, 40, 20, 0.9), (10, 10, 4, 4, 0.1))))
    (row,) = own.detect(np.zeros((96, 160, 3), np.uint8), 0.3)
    assert row == pytest.approx([80, 40, 120, 60, 0.9])


def test_a_network_of_fixed_size_answers_in_pixels_of_the_picture(tmp_path: Path) -> None:
    path = constant_network(tmp_path / "plates.onnx", yolo((16, 16, 8, 8, 0.9)), (32, 64))
    (row,) = Own(path).detect(np.zeros((64, 256, 3), np.uint8), 0.3)
    assert row == pytest.approx([48, 24, 80, 40, 0.9])


def test_a_layout_of_boxes_is_read(tmp_path: Path) -> None:
    boxes = np.array([[[3, 4, 13, 24, 0.8, 0], [0, 0, 5, 5, 0.2, 0]]])
    (row,) = Own(constant_network(tmp_path / "boxes.onnx", boxes)).detect(np.zeros((32, 32, 3), np.uint8), 0.5)
    assert row == pytest.approx([3, 4, 13, 24, 0.8])


@pytest.mark.parametrize("name", ["centerface", "yunet"])
def test_the_packed_layouts_are_told_by_their_outputs(tmp_path: Path, name: str) -> None:
    path = tmp_path / "mine.onnx"
    path.write_bytes(weights(name))
    assert len(Own(path).detect(picture()[0], 0.5))


def test_a_card_says_what_is_found_and_it_is_covered(tmp_path: Path) -> None:
    path = constant_network(tmp_path / "plates.onnx", yolo((100, 300, 60, 24, 0.9)))
    (tmp_path / "plates.json").write_text(json.dumps({"kind": "plate", "threshold": 0.5}), encoding="utf-8")
    rgb, _ = scene(640, 400, [])
    from PIL import Image

    Image.fromarray(rgb).save(tmp_path / "street.png")
    with Tools(Settings(detector=path)) as tools:
        plan = redact(tmp_path / "street.png", tools=tools).plan
    (plate,) = [track for track in plan.tracks if track.kind is RegionKind.PLATE]
    region = plate.keyframes[0].region
    assert (region.x, region.y, region.width, region.height) == pytest.approx((70, 288, 60, 24), abs=0.1)
    with Image.open(tmp_path / "street.redacted.png") as copy:
        changed = np.asarray(copy) != rgb
    assert changed[290:310, 75:125].any(axis=2).mean() > 0.5


@pytest.mark.parametrize(
    ("card", "problem"),
    [
        ({"sha256": "0" * 64}, "another digest"),
        ({"kind": "ghost"}, "card is not readable at kind"),
        ({"colour": "red"}, "card is not readable at colour"),
    ],
)
def test_a_card_that_does_not_fit_is_refused(tmp_path: Path, card: dict[str, str], problem: str) -> None:
    path = constant_network(tmp_path / "plates.onnx", yolo())
    (tmp_path / "plates.json").write_text(json.dumps(card), encoding="utf-8")
    with pytest.raises(WeightsError, match=problem):
        Own(path)


def test_what_is_no_network_is_refused(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="can't be read"):
        Own(tmp_path / "missing.onnx")
    (tmp_path / "text.onnx").write_text("not a network", encoding="utf-8")
    with pytest.raises(WeightsError, match="can't load"):
        Own(tmp_path / "text.onnx")
    with pytest.raises(WeightsError, match="no known layout"):
        Own(constant_network(tmp_path / "odd.onnx", np.zeros((1, 3, 3))))
