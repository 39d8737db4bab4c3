"""``kerchief audit``: what is counted, what is said, and what bad labels lead to."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from scenes import saved, scene
from typer.testing import CliRunner, Result

from kerchief.cli.main import app
from kerchief.errors import KerchiefError

SEEN, UNSEEN = (150, 90, 60), (420, 300, 60)


def run(*words: object) -> Result:
    return CliRunner().invoke(app, ["audit", *(str(word) for word in words)])


def refused(*words: object) -> KerchiefError:
    error = run(*words).exception
    assert isinstance(error, KerchiefError)
    return error


def labels(path: Path, rows: Sequence[dict[str, Any]]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(dict.fromkeys(name for row in rows for name in row)))
        writer.writeheader()
        writer.writerows(rows)
    return path


def box(x: float, y: float, width: float, height: float) -> dict[str, float]:
    return {"x": x, "y": y, "width": width, "height": height}


@pytest.fixture
def march(tmp_path: Path) -> Path:
    """Three pictures with a real face each, and a label where there is none: it stands for a face that is missed."""
    rows = []
    for number in range(3):
        picture, (face,) = scene(640, 480, [SEEN], seed=number)
        (tmp_path / f"{number}.jpg").write_bytes(saved(picture, "JPEG", quality=90))
        where = {"image": f"{number}.jpg"}
        rows.append(
            {**where, **box(face.x0, face.y0, face.width, face.height), "tone": "found", "person": f"Ann {number}"}
        )
        rows.append({**where, **box(420, 300, 44, 60), "tone": "missed", "person": f"Bob {number}"})
    rows[-1]["tone"] = ""
    return labels(tmp_path / "LABELS.csv", rows)


def test_a_covered_face_is_covered_and_one_under_no_mask_is_exposed(march: Path) -> None:
    before = {path.name for path in march.parent.iterdir()}
    result = run(march, "--json")
    assert result.exit_code == 0
    report = json.loads(result.stdout)
    assert report["schema"] == "kerchief.audit/1"
    assert (report["pictures"], report["overall"]["faces"], report["overall"]["exposed"]) == (3, 6, 3)
    tone, size, light = report["columns"]
    assert [(group["name"], group["faces"], group["exposed"]) for group in tone["groups"]] == [
        ("found", 3, 0),
        ("missed", 2, 2),
    ]
    assert tone["unknown"] == 1
    assert [(group["name"], group["faces"]) for group in size["groups"]] == [("40 to 80 px", 6)]
    assert light["name"] == "light"
    assert {one["by"] for one in report["slices"]} == {"size", "light", "size, light"}
    assert "Ann" not in result.stdout, "who is who stays in the labels"
    assert {path.name for path in march.parent.iterdir()} == before, "nothing is published"


def test_the_table_counts_and_never_says_that_there_is_no_gap(march: Path) -> None:
    result = run(march, "--by", "tone")
    assert result.exit_code == 0
    words = result.stdout.split()
    assert "found 3 3 0 0.0 % [0.0, 70.8]" in " ".join(words)
    assert "missed 2 2 2 100.0 % [15.8, 100.0]" in " ".join(words)
    assert "cannot exclude a gap of up to 100.0 points between missed and found" in result.stdout
    assert "faces without this label: 1" in result.stdout
    assert "no bias" not in result.stdout
    assert "size" not in result.stdout
    assert "3 pictures, 6 faces; pictures that would be refused: 0; that could not be read: 0" in result.stderr


def test_a_picture_that_can_not_be_read_is_said_and_the_rest_goes_on(march: Path) -> None:
    (march.parent / "1.jpg").write_bytes(b"words")
    with march.open("a", encoding="utf-8") as file:
        file.write("2.jpg,900,10,44,60,found,Ann 9\nnone.jpg,0,0,9,9,missed,Bob 9\n")
    result = run(march, "--json")
    assert result.exit_code == 3
    report = json.loads(result.stdout)
    assert (report["pictures"], report["unreadable"], report["overall"]["faces"]) == (4, 3, 2)
    assert "1.jpg" in result.stderr
    assert "none.jpg" in result.stderr
    assert "2.jpg: the face of line 8 lies outside the picture (640 × 480 px)" in result.stderr


def test_where_no_picture_can_be_read_there_is_no_report(tmp_path: Path) -> None:
    path = labels(tmp_path / "L.csv", [{"image": "a.jpg", "tone": "a"}, {"image": "b.jpg", "tone": "b"}])
    result = run(path, "--json")
    assert result.exit_code == 3
    assert not result.stdout


def test_without_a_box_the_picture_is_the_face(tmp_path: Path) -> None:
    for number, side in enumerate((60, 300)):
        picture, (face,) = scene(side * 2, side * 2, [(side * 0.5, side * 0.5, side)])
        crop = picture[int(face.y0) : int(face.y1), int(face.x0) : int(face.x1)]
        (tmp_path / f"{number}.png").write_bytes(saved(crop, "PNG"))
    path = labels(tmp_path / "L.csv", [{"image": f"{n}.png", "tone": f"{n}"} for n in range(2)])
    report = json.loads(run(path, "--json").stdout)
    assert [group["name"] for group in report["columns"][1]["groups"]] == ["40 to 80 px", "80 px and more"]
    assert not report["has_persons"]


def test_animations_are_no_photos(tmp_path: Path) -> None:
    frames = [scene(160, 120, [(40, 30, 50)], seed=seed)[0] for seed in (1, 2)]
    from PIL import Image

    first, second = map(Image.fromarray, frames)
    (tmp_path / "a.gif").write_bytes(saved(first, "GIF", save_all=True, append_images=[second]))
    result = run(labels(tmp_path / "L.csv", [{"image": "a.gif", "tone": "a"}, {"image": "a.gif", "tone": "b"}]))
    assert result.exit_code == 13
    assert "a.gif: is no photo" in result.stderr


def test_bad_labels_end_with_the_line_and_what_to_do(march: Path) -> None:
    march.write_text("image,x,y,width,height,tone\n0.jpg,1,1,0,5,a\n", encoding="utf-8")
    error = refused(march)
    assert error.exit_code == 13
    assert "LABELS.csv, line 2: has a box without an area. Give a width" in str(error)
    march.write_text("image,tone\n0.jpg,a\n1.jpg,a\n", encoding="utf-8")
    error = refused(march, "--by", "tone")
    assert error.exit_code == 2
    assert "only one group" in str(error)
    assert refused(march.parent / "none.csv").exit_code == 13


def test_the_page_opens_offline_and_is_not_overwritten(march: Path) -> None:
    page = march.parent / "page.html"
    assert run(march, "--page", page).exit_code == 0
    html = page.read_text(encoding="utf-8")
    assert html.count("<svg") >= 3
    assert "cannot exclude a gap of up to 100.0 points between missed and found" in html
    assert "http" not in html.replace("http-equiv", "").replace("http://www.w3.org/", "")
    assert "Bob" not in html
    error = refused(march, "--page", page)
    assert error.exit_code == 15
    assert "page.html: exists already" in str(error)


def test_a_page_without_matplotlib_is_refused_before_the_work(march: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    error = refused(march, "--page", march.parent / "page.html")
    assert error.exit_code == 2
    assert "kerchief[attack]" in str(error)


def test_the_recogniser_needs_to_know_who_is_who(march: Path) -> None:
    error = refused(march, "--recogniser")
    assert error.exit_code == 2
    assert "needs 46 people" in str(error)
    march.write_text("image,tone\n0.jpg,a\n1.jpg,b\n", encoding="utf-8")
    assert "no column `person`" in str(refused(march, "--recogniser"))


def test_a_missing_recogniser_is_said_before_the_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [{"image": f"{n}.jpg", "person": n, "tone": "ab"[n % 2]} for n in range(46)]
    monkeypatch.setitem(sys.modules, "dlib", None)
    error = refused(labels(tmp_path / "L.csv", rows), "--recogniser")
    assert error.exit_code == 14
    assert "kerchief[attack]" in str(error)


def test_the_recogniser_is_asked_about_every_pair_and_its_templates_are_not_written(tmp_path: Path) -> None:
    """46 people, who all have the same face, and one of them twice."""
    picture, faces = scene(1280, 720, [(60 + 150 * (n % 8), 40 + 110 * (n // 8), 60) for n in range(46)])
    (tmp_path / "a.png").write_bytes(saved(picture, "PNG"))
    rows = [
        {"image": "a.png", **box(f.x0, f.y0, f.width, f.height), "person": n, "tone": "ab"[n % 2]}
        for n, f in enumerate(faces)
    ]
    rows.append({**rows[0], "x": rows[0]["x"] + 1})
    result = run(labels(tmp_path / "L.csv", rows), "--recogniser", "--json")
    found = json.loads(result.stdout)["recogniser"]
    assert found["recogniser"] == "dlib"
    assert found["overall"]["impostor_pairs"] == 46 * 45 // 2 + 45
    assert found["overall"]["genuine_pairs"] == 1
    assert found["threshold"] < 0.6
    assert not any(isinstance(value, list) and len(value) == 128 for value in found.values()), "no template is written"
