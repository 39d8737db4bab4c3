"""Where the log of a run lies, and which names it can hold."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from kerchief.batch.worklog import beside, must_be_sayable
from kerchief.errors import InputRefused


@pytest.mark.parametrize(
    ("folder", "place"),
    [("out", "out.worklog.jsonl"), (".", "../here.worklog.jsonl"), ("in/..", "../here.worklog.jsonl")],
)
def test_it_lies_beside_the_folder_whatever_that_is_called(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, folder: str, place: str
) -> None:
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    assert beside(Path(folder)).resolve() == (here / place).resolve()
    assert beside(Path("/")) == Path("/.worklog.jsonl")


def test_names_must_be_text(tmp_path: Path) -> None:
    must_be_sayable(tmp_path / "caf\u00e9.jpg")
    for odd in (b"caf\xe9.jpg", b"caf\xe9/a.jpg"):
        with pytest.raises(InputRefused, match="UTF-8"):
            must_be_sayable(tmp_path / os.fsdecode(odd))
