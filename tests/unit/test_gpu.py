"""Networks that are to run on a GPU run there or not at all: the runtime would fall back to the CPU without a word."""

from __future__ import annotations

import pytest

from kerchief.errors import WeightsError
from kerchief.models.cards import weights
from kerchief.models.load import load_networks
from kerchief.models.session import CUDA, Session, on_gpu, onnxruntime

without_gpu = pytest.mark.skipif(CUDA in onnxruntime.get_available_providers(), reason="this runtime has CUDA")


@without_gpu
def test_a_runtime_without_cuda_is_refused() -> None:
    with pytest.raises(WeightsError, match="can't use a GPU on this machine"):
        load_networks(gpu=True)


@without_gpu
def test_a_fall_back_to_the_cpu_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    # What a runtime says that has CUDA on a machine that lacks its libraries.
    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: [CUDA, "CPUExecutionProvider"])
    with on_gpu(), pytest.raises(WeightsError, match="can't use the GPU for this network"), pytest.warns(match="CUDA"):
        Session("centerface", weights("centerface"))


@without_gpu
def test_nothing_of_it_stays() -> None:
    with pytest.raises(WeightsError):
        load_networks(gpu=True)
    assert load_networks(threads=1).threads == 1
