"""``kerchief attack``: what still matches is told, what is covered does not match, and bad input is named."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest
from commands import code, lines, photo, run
from crowd import album, photo_of
from films import film
from PIL import Image
from scenes import background, saved, scene

PEOPLE, PHOTOS = 12, 2


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return album(tmp_path_factory.mktemp("people"), PEOPLE, PHOTOS)


def mosaic(people: Path, to: Path, blocks: int) -> Path:
    """Copies with so many blocks across the head: weak ones must be seen through."""
    for path in sorted(people.rglob("*.jpg")):
        person, number = int(path.parent.name[1:]), int(path.stem)
        picture, face = photo_of(person, number)
        head = face.grow(0.3 * face.width, 0.5 * face.height, 0.3 * face.width, 0.3 * face.height)
        rows, columns = head.pixels(260, 260)
        part = picture[rows, columns]
        cells = (blocks, round(blocks * part.shape[0] / part.shape[1]))
        small = cv2.resize(part, cells, interpolation=cv2.INTER_AREA)
        picture[rows, columns] = cv2.resize(small, part.shape[1::-1], interpolation=cv2.INTER_NEAREST)
        copy = to / path.relative_to(people)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(saved(picture, "JPEG", quality=90))
    return to


def attacks(result) -> dict[tuple[str, str], dict]:
    (report,) = lines(result)
    return {(one["recogniser"], one["attacker"]): one for one in report["attacks"]}


def share(attack: dict) -> float:
    return attack["rank1"]["k"] / attack["rank1"]["n"]


def test_nobody_is_found_among_people_under_a_veil(people: Path, tmp_path: Path) -> None:
    assert code(run("redact", people, "-o", tmp_path / "veil")) == 0
    result = run("attack", people, "--redacted", tmp_path / "veil", "--people", "--json", "--page", tmp_path / "a.html")
    found = attacks(result)
    assert code(result) == 0
    assert share(found["dlib", "clear"]) >= 0.9, "the attack itself must work"
    covered = [share(one) for (name, who), one in found.items() if name == "dlib" and who != "clear"]
    assert max(covered) < 0.4, "a guess: 0.08"
    assert {who for _, who in found} == {"clear", "naive", "informed", "parrot", "adaptive", "context"}
    (report,) = lines(result)
    assert all(one["copies"]["k"] == 0 for one in report["detected"])
    assert "p00" not in result.stdout, "nobody is named"
    page = (tmp_path / "a.html").read_text("utf-8")
    assert "<svg" in page
    assert "p00" not in page


def test_a_fine_mosaic_is_seen_through(people: Path, tmp_path: Path) -> None:
    result = run("attack", people, "--redacted", mosaic(people, tmp_path, 32), "--people", "--json")
    found = attacks(result)
    assert code(result) == 1
    for who in ("informed", "parrot"):
        assert share(found["dlib", who]) > 0.4, "a guess: 0.08"
    table = run("attack", people, "--redacted", tmp_path, "--people").stdout
    assert "than a guess would (1 in 12)" in table
    assert "dlib         parrot" in table


def test_a_face_that_still_matches_its_original_is_told(tmp_path: Path) -> None:
    """The form that needs no other photo of anybody."""
    originals, copies = tmp_path / "in", tmp_path / "out"
    for person in range(3):
        place = originals / f"{person}.jpg"
        place.parent.mkdir(exist_ok=True)
        place.write_bytes(saved(photo_of(person, 0)[0], "JPEG", quality=92))
    assert code(run("redact", originals, "-o", copies)) == 0
    safe = run("attack", originals, "--redacted", copies)
    assert code(safe) == 0, safe.stdout
    assert "3 faces were found in the originals; 0 still match." in safe.stdout
    assert "is below 63.2% with 95 % confidence" in safe.stdout  # 1 − 0.05^(1/3)

    (copies / "1.redacted.jpg").write_bytes(saved(photo_of(1, 0)[0], "JPEG", quality=60))  # a face that was missed
    result = run("attack", originals, "--redacted", copies, "--json", "--page", tmp_path / "files.html")
    (report,) = lines(result)
    told = {Path(one["file"]).name: one for one in report["files"]}
    assert code(result) == 1
    assert {name: one["matched"] for name, one in told.items()} == {"0.jpg": 0, "1.jpg": 1, "2.jpg": 0}
    assert told["1.jpg"]["seen"] == 1
    by = {one["attacker"]: one["matched"]["k"] for one in report["matches"]}
    assert by["naive"] == by["informed"] == 1
    assert by["clear"] == 3
    assert "1 still match" in (tmp_path / "files.html").read_text("utf-8")


def walking(path: Path, blocks: int | None) -> Path:
    """A film of 45 frames in which a face moves; under a mosaic of so many blocks that stand still, or as it is."""
    frames = []
    for n in range(45):
        picture, (face,) = scene(320, 240, [(60 + 2.5 * n, 60 + 0.7 * n, 110)])
        if blocks:
            head = face.grow(20, 40, 20, 25)
            rows, columns = head.pixels(320, 240)
            side = max(1, round(head.width / blocks))
            tiny = cv2.resize(picture, (320 // side, 240 // side), interpolation=cv2.INTER_AREA)
            picture[rows, columns] = cv2.resize(tiny, (320, 240), interpolation=cv2.INTER_NEAREST)[rows, columns]
        frames.append(picture)
    path.parent.mkdir(exist_ok=True)
    return film(path, frames)


def test_a_film_is_attacked_with_all_its_frames(tmp_path: Path) -> None:
    original = walking(tmp_path / "in" / "walk.mp4", None)
    assert code(run("redact", original, "-o", tmp_path / "veil")) == 0
    safe = run("attack", original, "--redacted", tmp_path / "veil", "--json")
    (report,) = lines(safe)
    by = {one["attacker"]: one["matched"] for one in report["matches"]}
    assert code(safe) == 0
    assert by["clear"] == {"k": 1.0, "n": 1}
    assert by["temporal"] == {"k": 0.0, "n": 1}

    walking(tmp_path / "mosaic" / "walk.mp4", 12)
    weak = run("attack", original, "--redacted", tmp_path / "mosaic", "--json")
    (report,) = lines(weak)
    by = {one["attacker"]: one["matched"]["k"] for one in report["matches"]}
    assert code(weak) == 1
    assert by["temporal"] == 1


def test_bad_input_is_named(tmp_path: Path, people: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    (empty / "a.jpg").write_bytes(saved(background(200, 200), "JPEG"))
    faceless = run("attack", empty, "--redacted", empty)
    assert code(faceless) == 2
    assert "no face was found in any of these originals" in str(faceless.exception)

    mismatched = run("attack", people, "--redacted", empty, "--people")
    assert code(mismatched) == 2
    assert "holds no copy of any of these files" in str(mismatched.exception)

    alone = run("attack", people / "p00", "--redacted", people / "p00", "--people")
    assert code(alone) == 2
    assert "lies in no folder of a person" in str(alone.exception)

    one = tmp_path / "one"
    album(one, 1, 2)
    single = run("attack", one, "--redacted", one, "--people")
    assert code(single) == 2
    assert "fewer than two people" in str(single.exception)

    assert code(run("attack", people, "--redacted", tmp_path / "nowhere")) == 2


def test_a_file_that_can_not_be_compared_is_told_and_the_rest_goes_on(tmp_path: Path) -> None:
    originals, copies = tmp_path / "in", tmp_path / "out"
    for name in ("a.jpg", "b.jpg", "c.jpg", "d.jpg"):
        photo(originals / name)
    assert code(run("redact", originals / "a.jpg", "-o", copies)) == 0
    (copies / "b.jpg").write_bytes(b"no picture")
    (copies / "c.jpg").write_bytes(saved(scene(160, 120, [(55, 35, 40)])[0], "JPEG"))
    result = run("attack", originals, "--redacted", copies, "--json")
    (report,) = lines(result)
    assert code(result) == 3
    assert [Path(one["file"]).name for one in report["files"]] == ["a.jpg"]
    assert "b.jpg" in result.stderr
    assert "has another size than c.jpg" in result.stderr
    assert "d.jpg: has no copy" in result.stderr
    assert report["failed"] == 2

    (copies / "a.redacted.jpg").write_bytes(b"no picture")
    nothing = run("attack", originals / "a.jpg", "--redacted", copies, "--page", tmp_path / "page.html")
    assert code(nothing) == 13
    for said in (nothing.stdout, (tmp_path / "page.html").read_text("utf-8")):
        assert "1 file could not be compared" in said
        assert "0 still match" not in said


def gif(path: Path, shown: range, delay: int) -> Path:
    """An animation of 12 frames; the face is there in some of them only."""
    path.parent.mkdir(parents=True, exist_ok=True)
    plain = background(240, 200)
    frames = [scene(240, 200, [(80, 50, 90)], seed=7)[0] if n in shown else plain for n in range(12)]
    first, *others = [Image.fromarray(np.roll(frame, n, axis=1)) for n, frame in enumerate(frames)]
    first.save(path, save_all=True, append_images=others, duration=delay, loop=0)
    return path


@pytest.mark.parametrize("delay", [100, 0], ids=["timed", "no delays"])
def test_an_animation_that_was_not_covered_is_told(tmp_path: Path, delay: int) -> None:
    """The face is in two of twelve frames: the plan's track is longer than that."""
    original = gif(tmp_path / "in" / "a.gif", range(5, 7), delay)
    bare = tmp_path / "bare" / "a.gif"
    bare.parent.mkdir()
    bare.write_bytes(original.read_bytes())
    result = run("attack", original, "--redacted", bare.parent, "--json")
    (report,) = lines(result)
    assert code(result) == 1
    (told,) = report["files"]
    assert told["matched"] == told["seen"] == told["faces"] >= 1

    assert code(run("redact", original, "-o", tmp_path / "out")) == 0
    assert code(run("attack", original, "--redacted", tmp_path / "out")) == 0


def test_every_page_must_have_the_size_of_its_original(tmp_path: Path) -> None:
    first, second = (Image.fromarray(scene(width, 120, [(55, 35, 50)])[0]) for width in (160, 200))
    for folder, last in (("in", second), ("out", second.resize((100, 60)))):
        (tmp_path / folder).mkdir()
        first.save(tmp_path / folder / "a.tiff", save_all=True, append_images=[last])
    result = run("attack", tmp_path / "in", "--redacted", tmp_path / "out")
    assert code(result) == 13
    assert "a.tiff: has another size than a.tiff" in result.stderr


def test_a_bare_face_is_told_wherever_it_is_in_the_copy(tmp_path: Path) -> None:
    picture = scene(400, 260, [(120, 80, 90)])[0]
    for folder, shown in (("in", picture), ("out", np.roll(picture, 110, axis=1))):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "a.png").write_bytes(saved(shown, "PNG"))
    result = run("attack", tmp_path / "in", "--redacted", tmp_path / "out", "--json")
    (report,) = lines(result)
    assert code(result) == 1
    assert {one["attacker"] for one in report["matches"] if one["matched"]["k"]} == {"clear", "naive"}


def test_a_face_that_is_bare_for_half_a_second_of_a_long_film_is_told(tmp_path: Path) -> None:
    """Longer than the pauses between searches, shorter than those between the frames that are compared."""
    picture = scene(160, 120, [(55, 35, 50)])[0]
    grey = picture.copy()
    grey[10:110, 30:130] = 128
    (tmp_path / "in").mkdir()
    (tmp_path / "out").mkdir()
    original = film(tmp_path / "in" / "a.mp4", [picture] * 500, time_base=Fraction(1, 10))
    film(
        tmp_path / "out" / "a.mp4", [picture if 250 < n < 258 else grey for n in range(500)], time_base=Fraction(1, 10)
    )
    result = run("attack", original, "--redacted", tmp_path / "out", "--json")
    (report,) = lines(result)
    assert code(result) == 1
    assert report["files"][0]["seen"] == 1


def test_a_page_that_exists_is_told_before_the_work(tmp_path: Path) -> None:
    photo(tmp_path / "in" / "a.jpg")
    (tmp_path / "page.html").touch()
    result = run("attack", tmp_path / "in", "--redacted", tmp_path / "in", "--page", tmp_path / "page.html")
    assert code(result) == 15
    assert not result.stdout
