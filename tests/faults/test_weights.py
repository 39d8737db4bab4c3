"""A network that is missing, changed or blind stops everything."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from kerchief.errors import WeightsError
from kerchief.models import cards
from kerchief.models.centerface import CenterFace
from kerchief.models.load import load_networks


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    copy = tmp_path / "weights"
    shutil.copytree(str(cards._folder()), copy)
    monkeypatch.setattr(cards, "_folder", lambda: copy)
    return copy


@pytest.mark.parametrize("name", cards.PACKED)
def test_one_changed_byte_is_noticed(name: str, folder: Path) -> None:
    load_networks()
    path = folder / f"{name}.onnx"
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    with pytest.raises(WeightsError, match="changed") as caught:
        load_networks()
    assert caught.value.exit_code == 14


@pytest.mark.parametrize("name", cards.PACKED)
@pytest.mark.parametrize("suffix", ["onnx", "json"])
def test_a_missing_file_is_noticed(name: str, suffix: str, folder: Path) -> None:
    (folder / f"{name}.{suffix}").unlink()
    with pytest.raises(WeightsError, match="missing"):
        load_networks()


def test_a_network_that_sees_nothing_here_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(CenterFace, "detect", lambda *_: np.zeros((0, 5), np.float32))
    with pytest.raises(WeightsError, match="does not find"):
        load_networks()
