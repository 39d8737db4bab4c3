"""Copies are told from others by folder and name, and nothing is paired by guess."""

from __future__ import annotations

from pathlib import Path

import pytest

from kerchief.adversary.pairs import pairs
from kerchief.errors import UsageError


def touched(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    return folder


def test_copies_have_the_folder_and_the_name_of_their_original(tmp_path: Path) -> None:
    originals = touched(tmp_path / "in", "a.jpg", "deep/a.jpg", "b.heic", "c.mov", "notes.txt")
    copies = touched(tmp_path / "out", "a.redacted.jpg", "deep/a.jpg", "b.redacted.jpg", "d.jpg")
    found = pairs([originals], copies)
    told = {pair.original.relative_to(originals).as_posix(): pair.copy.relative_to(copies) for pair in found.found}
    assert told == {"a.jpg": Path("a.redacted.jpg"), "deep/a.jpg": Path("deep/a.jpg"), "b.heic": Path("b.redacted.jpg")}
    assert [path.name for path in found.alone] == ["c.mov"]


def test_copies_below_the_originals_are_no_originals(tmp_path: Path) -> None:
    originals = touched(tmp_path / "in", "a.jpg", "out/a.redacted.jpg")
    found = pairs([originals], originals / "out")
    assert [(pair.original.name, pair.copy.name) for pair in found.found] == [("a.jpg", "a.redacted.jpg")]
    assert not found.alone


@pytest.mark.parametrize(
    ("copies", "says"),
    [
        (("b.jpg",), "no copy of any"),
        (("a.jpg", "a.redacted.jpg"), "could be copies of the same file"),
        ((), "no copy of any"),
    ],
)
def test_what_can_not_be_told_is_refused(tmp_path: Path, copies: tuple[str, ...], says: str) -> None:
    (tmp_path / "out").mkdir()
    with pytest.raises(UsageError, match=says):
        pairs([touched(tmp_path / "in", "a.jpg")], touched(tmp_path / "out", *copies))
    with pytest.raises(UsageError, match="is no folder"):
        pairs([tmp_path / "in"], tmp_path / "nowhere")
