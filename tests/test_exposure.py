"""The ruler of the figures: a face that was found is covered, a label that nobody finds is exposed."""

from __future__ import annotations

import json
from pathlib import Path

from exposure import Face, faces_in_photos, people_in_clips
from films import film, walk
from scenes import saved, scene

from kerchief import Tools
from kerchief.geometry import Box

#: Where a label lies on the plain background.
NOBODY = [10.0, 10.0, 30.0, 40.0]


def label(face: Box) -> list[float]:
    return [face.x0, face.y0, face.width, face.height]


def test_exposed_faces_of_photos_are_counted(tmp_path: Path, tools: Tools) -> None:
    picture, (face,) = scene(600, 400, [(300, 150, 100)])
    (tmp_path / "a.png").write_bytes(saved(picture, "PNG"))
    labels = [{"box": label(face)}, {"box": NOBODY}, {"box": NOBODY, "ignore": True}]
    (tmp_path / "labels.jsonl").write_text(json.dumps({"image": "a.png", "faces": labels}) + "\n")
    found = list(faces_in_photos(tmp_path / "labels.jsonl", tools, tmp_path))
    assert found == [Face(face.height, is_exposed=False), Face(40.0, is_exposed=True)]


def test_whoever_a_single_frame_exposes_is_counted(tmp_path: Path, tools: Tools) -> None:
    pictures, faces = walk(480, 320, [(150 + 6 * n, 150) for n in range(10)], 70)
    film(tmp_path / "a.mp4", pictures)
    covered = {str(n): label(face) for n, face in enumerate(faces)}
    tracks = [{"boxes": covered}, {"boxes": covered | {"7": NOBODY}}, {"boxes": {"3": NOBODY}, "doubtful": True}]
    (tmp_path / "a.tracks.json").write_text(json.dumps({"frames": 10, "tracks": tracks}))
    (tmp_path / "copies").mkdir()
    found = list(people_in_clips(tmp_path, tools, tmp_path / "copies"))
    assert [person.is_exposed for person in found] == [False, True]
