"""The API from the first look to the exported copy, with real files, networks and disk."""

from __future__ import annotations

import json
from pathlib import Path

from commands import photo
from reviews import Review


def test_a_photo_is_found_edited_and_exported(review: Review, tmp_path: Path) -> None:
    path = photo(tmp_path / "in" / "a.jpg")
    running = review([tmp_path / "in"], tmp_path / "out")
    view = running.view(0)
    assert view["card"]["name"] == "a.jpg" and view["tracks"]
    added = running.edit(
        0, view["revision"], type="add", pts=0, region={"x": 10, "y": 10, "width": 40, "height": 50, "shape": "box"}
    )
    assert (
        len(added["tracks"]) == len(view["tracks"]) + 1 and added["revision"] != view["revision"] and added["can_undo"]
    )
    saved = json.loads((tmp_path / "in" / "a.jpg.plan.json").read_text())
    assert [track["id"] for track in saved["tracks"]] == [track["id"] for track in added["tracks"]]
    running.post("/exports", {"files": [0]}, 202)
    card = running.card(0, "exported")
    assert card["copy_name"] == "a.redacted.jpg" and card["is_current"]
    assert (tmp_path / "out" / "a.redacted.jpg").exists() and path.exists()
    receipt = running.get("/files/0/receipt")
    assert receipt["applied"]["covered"] == len(added["tracks"])
