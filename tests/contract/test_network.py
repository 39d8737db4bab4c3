"""What every network has to keep, the packed ones and the stand-in alike."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from fakes import DrawnFaceNetwork
from scenes import background, photograph

from kerchief.errors import WeightsError
from kerchief.geometry import Box
from kerchief.models import selftest
from kerchief.models.cards import weights
from kerchief.models.centerface import CenterFace
from kerchief.models.yunet import YuNet
from kerchief.ports import Network, RegionKind


@pytest.fixture(scope="module", params=["centerface", "yunet", "fake"])
def network(request: pytest.FixtureRequest) -> Network:
    if request.param == "fake":
        return DrawnFaceNetwork()
    return {"centerface": CenterFace, "yunet": YuNet}[request.param](weights(request.param))


def test_it_says_what_it_is(network: Network) -> None:
    assert network.name
    assert network.kind is RegionKind.FACE


@pytest.mark.parametrize("size", [(192, 192), (190, 131), (33, 500), (20, 20), (1, 1)])
def test_every_size_gives_boxes_of_one_form(network: Network, size: tuple[int, int]) -> None:
    found = network.detect(np.ascontiguousarray(photograph()[: size[0], : size[1]]), 0.05)
    assert found.ndim == 2
    assert found.shape[1] == 5
    assert np.issubdtype(found.dtype, np.floating)
    assert np.isfinite(found).all()
    assert (found[:, 2] > found[:, 0]).all()
    assert (found[:, 3] > found[:, 1]).all()


@pytest.mark.parametrize("threshold", [0.02, 0.3, 0.7])
def test_scores_reach_the_threshold_and_a_lower_one_finds_no_less(network: Network, threshold: float) -> None:
    rgb, _ = selftest.picture()
    found = network.detect(rgb, threshold)
    assert ((found[:, 4] >= threshold) & (found[:, 4] <= 1.0001)).all()
    assert len(found) >= len(network.detect(rgb, threshold + 0.2))
    assert len(found) > 0


@pytest.mark.parametrize("grey", [0, 128, 255])
def test_nothing_is_found_where_nothing_is(network: Network, grey: int) -> None:
    assert network.detect(np.full((192, 256, 3), grey, np.uint8), 0.3).shape == (0, 5)


def test_the_drawn_face_is_found_where_it_is(network: Network) -> None:
    rgb, face = selftest.picture()
    assert selftest.check(network) >= selftest.LEAST_SCORE
    best = max(network.detect(rgb, 0.3), key=lambda row: row[4])
    assert Box(*map(float, best[:4])).iou(face) >= selftest.LEAST_IOU


def test_the_picture_is_not_changed_and_the_answer_is_always_the_same(network: Network) -> None:
    rgb = photograph().copy()
    first = network.detect(rgb, 0.1)
    assert np.array_equal(rgb, photograph())
    with ThreadPoolExecutor(4) as pool:
        for again in pool.map(lambda _: network.detect(rgb, 0.1), range(4)):
            assert np.array_equal(again, first)


@pytest.mark.parametrize("make", [CenterFace, YuNet])
def test_the_real_ones_find_a_real_face(make: type) -> None:
    found = make(weights(make.name)).detect(photograph(), 0.7)
    assert len(found) >= 1
    assert max(Box(*map(float, row[:4])).iou(Box(180, 58, 270, 178)) for row in found) > 0.6


def test_a_blind_network_is_noticed() -> None:
    class Blind(DrawnFaceNetwork):
        name = "blind"

        def detect(self, rgb: np.ndarray, threshold: float) -> np.ndarray:
            return np.zeros((0, 5), np.float32)

    with pytest.raises(WeightsError, match="does not find"):
        selftest.check(Blind())
    with pytest.raises(WeightsError):
        selftest.check(DrawnFaceNetwork(score=0.3))
    elsewhere = DrawnFaceNetwork(skin=tuple(int(v) for v in background(1, 1)[0, 0]))
    with pytest.raises(WeightsError):
        selftest.check(elsewhere)
