"""From a photo to a proven copy, with the real networks on scenes whose faces are known."""

from __future__ import annotations

import json
from io import BytesIO
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image
from scenes import Rgb, background, saved, scene

from kerchief import Settings, Tools, make_plan, redact, render, verify
from kerchief.cover.mask import mask_of, touched
from kerchief.errors import FaceShows, OutputError, PlanMismatch, UsageError
from kerchief.find.head import region_for
from kerchief.geometry import Box
from kerchief.pipeline import StillShows
from kerchief.plan.edits import add_region, changed, show
from kerchief.plan.model import DecidedBy, Decision, Plan, Region, Shape, Style, StyleName
from kerchief.plan.query import regions_at
from kerchief.ports import Detection
from kerchief.prove.claims import claims
from kerchief.prove.receipt import encode
from kerchief.prove.verify import covered_share
from kerchief.store.figures import shipped_figures


def write(path: Path, picture: Rgb, **options: object) -> Path:
    form = {".jpg": "JPEG", ".png": "PNG"}[path.suffix]
    path.write_bytes(saved(picture, form, **({"quality": 95} if form == "JPEG" else {}), **options))
    return path


def read(path: Path) -> Rgb:
    return np.asarray(Image.open(BytesIO(path.read_bytes())).convert("RGB"))


def seen(picture: Rgb, tools: Tools, face: Box, score: float = 0.5) -> bool:
    """Whether CenterFace sees a face there, in a cut of the picture in which it has some 60 px."""
    room = 1.5 * face.height
    rows, columns = face.grow(room, room, room, room).pixels(picture.shape[1], picture.shape[0])
    scale = 60 / face.height
    cut = picture[rows, columns]
    size = (max(32, round(cut.shape[1] * scale)), max(32, round(cut.shape[0] * scale)))
    small = cv2.resize(cut, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    there = face.moved(-columns.start, -rows.start)
    for row in tools.networks.by_name["centerface"].detect(np.ascontiguousarray(small), score):
        if Box(*map(float, row[:4])).scaled(1 / scale).iou(there) >= 0.3:
            return True
    return False


def mask_at(plan: Plan) -> np.ndarray:
    width, height = plan.media.width, plan.media.height
    return mask_of(regions_at(plan, 0), width, height, plan.media.grid(width, height), plan.margin)


def share_covered(plan: Plan, face: Box) -> float:
    return covered_share(Detection(face, 1.0), mask_at(plan))


def share_changed(before: Rgb, after: Rgb, face: Box, by: int = 2) -> float:
    rows, columns = face.pixels(before.shape[1], before.shape[0])
    difference = abs(before[rows, columns].astype(int) - after[rows, columns]).max(axis=2)
    return float((difference[touched(face, Shape.ELLIPSE, rows, columns)] > by).mean())


FACES = [
    (80, 120, 24),
    (250, 100, 32),
    (420, 140, 48),
    (640, 100, 80),
    (1000, 120, 120),
    (200, 600, 200),
    (1300, 700, 160),
]


@pytest.mark.parametrize("style", ["veil", "solid"])
def test_every_face_of_a_scene_is_covered(style: str, tmp_path: Path, tools: Tools) -> None:
    picture, faces = scene(1600, 1200, FACES)
    source = write(tmp_path / "crowd.jpg", picture)
    before = read(source)
    bytes_before, time_before = source.read_bytes(), source.stat().st_mtime_ns
    assert all(seen(before, tools, face) for face in faces), "the test would prove nothing"

    plan = make_plan(source, tools=tools)
    plan = changed(plan, style=changed(plan.style, name=type(plan.style.name)(style)))
    outcome = render(source, plan, tools=tools)

    after = read(outcome.output)
    assert outcome.output == tmp_path / "crowd.redacted.jpg"
    assert after.shape == before.shape
    for face in faces:
        assert not seen(after, tools, face), f"the face of {face.height:.0f} px shows"
        assert share_covered(outcome.plan, face) >= 0.97
        assert share_changed(before, after, face) >= 0.9
    for rows in (slice(0, 60), slice(-60, None)):
        for columns in (slice(0, 40), slice(-40, None)):
            assert abs(before[rows, columns].astype(int) - after[rows, columns]).mean() < 3
    assert mask_at(outcome.plan).mean() < 0.3, "the picture is still a picture"
    assert (source.read_bytes(), source.stat().st_mtime_ns) == (bytes_before, time_before)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["crowd.jpg", "crowd.redacted.jpg"]
    assert outcome.receipt.applied.covered >= len(faces)
    assert verify(outcome.output, outcome.plan, tools=tools).sure == 0


def test_a_head_that_fills_12_megapixels_is_covered(tmp_path: Path, tools: Tools) -> None:
    picture, (face,) = scene(4000, 3000, [(1400, 900, 1600)])
    outcome = redact(write(tmp_path / "close.jpg", picture), tools=tools)
    assert share_covered(outcome.plan, face) >= 0.97
    assert not seen(read(outcome.output), tools, face)


def test_a_face_of_16_px_in_2_megapixels_is_covered(tmp_path: Path, tools: Tools) -> None:
    picture, (face,) = scene(1600, 1250, [(700, 500, 16)])
    outcome = redact(write(tmp_path / "far.png", picture), tools=tools)
    assert share_covered(outcome.plan, face) >= 0.9


@pytest.mark.parametrize("at", [(-35, 250), (840, 250), (400, -40), (400, 630)], ids=["left", "right", "top", "bottom"])
def test_a_face_cut_by_the_border_is_covered_to_the_border(at: tuple[int, int], tmp_path: Path, tools: Tools) -> None:
    picture, (face,) = scene(900, 700, [(*at, 110)])
    source = write(tmp_path / "cut.png", picture)
    outcome = redact(source, tools=tools)
    assert share_covered(outcome.plan, face) >= 0.95
    assert share_changed(picture, read(outcome.output), face) >= 0.85


def test_a_picture_without_faces_is_published_as_it_is(tmp_path: Path, tools: Tools) -> None:
    source = write(tmp_path / "street.png", background(640, 480))
    outcome = redact(source, tools=tools)
    assert outcome.plan.tracks == ()
    assert np.array_equal(read(outcome.output), background(640, 480))


def test_who_agreed_is_shown_and_nobody_else(tmp_path: Path, tools: Tools) -> None:
    picture, (left, right) = scene(900, 600, [(150, 200, 120), (600, 200, 120)])
    source = write(tmp_path / "two.jpg", picture)
    plan = make_plan(source, tools=tools)
    for track in plan.tracks:
        if track.keyframes[0].region.box.overlap(left) > 0:
            plan = show(plan, track.id, "asked to be seen")
    outcome = render(source, plan, tools=tools)

    after = read(outcome.output)
    assert seen(after, tools, left, 0.8)
    assert share_changed(read(source), after, left, by=16) < 0.05
    assert not seen(after, tools, right)
    assert share_covered(outcome.plan, right) >= 0.97
    assert outcome.receipt.applied.shown >= 1
    check = verify(outcome.output, outcome.plan, tools=tools)
    assert check.found == 0


def test_a_plan_is_for_one_file(tmp_path: Path, tools: Tools) -> None:
    picture, _ = scene(400, 300, [(100, 100, 60)])
    one, two = write(tmp_path / "one.png", picture), write(tmp_path / "two.png", picture[:, ::-1].copy())
    plan = make_plan(one, tools=tools)
    with pytest.raises(PlanMismatch, match="another file"):
        render(two, plan, tools=tools)
    forged = changed(plan, media=changed(plan.media, orientation=3))
    with pytest.raises(PlanMismatch, match="changed"):
        render(one, forged, tools=tools)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["one.png", "two.png"]


def test_nothing_that_exists_is_overwritten(tmp_path: Path, tools: Tools) -> None:
    source = write(tmp_path / "a.png", scene(400, 300, [(100, 100, 60)])[0])
    target = tmp_path / "a.redacted.png"
    target.write_bytes(b"dear to somebody")
    with pytest.raises(OutputError, match="exists"):
        redact(source, tools=tools)
    with pytest.raises(OutputError, match="exists"):
        redact(source, source, tools=tools)
    link = tmp_path / "link.png"
    link.symlink_to(tmp_path / "nowhere.png")
    with pytest.raises(OutputError, match="exists"):
        redact(source, link, tools=tools)
    assert target.read_bytes() == b"dear to somebody"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.png", "a.redacted.png", "link.png"]


def test_a_name_of_another_format_is_refused(tmp_path: Path, tools: Tools) -> None:
    source = write(tmp_path / "a.png", background(60, 50))
    with pytest.raises(UsageError, match=r"\.png"):
        redact(source, tmp_path / "b.jpg", tools=tools)


@pytest.fixture
def bare_plan(tmp_path: Path, tools: Tools) -> tuple[Path, Plan, Box]:
    """A photo with a face, and a plan that covers nothing."""
    picture, (face,) = scene(500, 400, [(180, 120, 110)])
    source = write(tmp_path / "bare.png", picture)
    return source, changed(make_plan(source, tools=tools), tracks=()), face


def test_the_check_finds_a_bare_face(bare_plan: tuple[Path, Plan, Box], tools: Tools) -> None:
    source, plan, face = bare_plan
    check = verify(source, plan, tools=tools)
    assert check.sure >= 1
    assert not check.is_clean
    assert any(d.box.iou(face) > 0.4 for _, found in check.bare for d in found)


def test_what_the_check_finds_is_covered_in_the_next_round(bare_plan: tuple[Path, Plan, Box], tools: Tools) -> None:
    source, plan, face = bare_plan
    outcome = render(source, plan, tools=tools)
    assert outcome.receipt.checked.rounds >= 2
    assert outcome.receipt.checked.added == len(outcome.plan.tracks) >= 1
    assert {track.decision.by for track in outcome.plan.tracks} == {DecidedBy.VERIFY}
    assert share_covered(outcome.plan, face) >= 0.95
    assert not seen(read(outcome.output), tools, face)


def test_with_a_face_that_shows_nothing_is_published(bare_plan: tuple[Path, Plan, Box]) -> None:
    source, plan, _ = bare_plan
    with pytest.raises(StillShows) as caught:
        render(source, plan, settings=Settings(rounds=1))
    assert isinstance(caught.value, FaceShows)
    assert caught.value.exit_code == 10
    assert [p.name for p in source.parent.iterdir()] == ["bare.png"]


def test_what_was_found_when_a_face_still_shows_is_in_the_plan_that_the_error_brings(
    bare_plan: tuple[Path, Plan, Box], tools: Tools
) -> None:
    """After the tracks that it was rendered by, covered; rendered by that plan it passes."""
    source, plan, face = bare_plan
    drawn, _ = add_region(plan, 0, Region(x=5, y=5, width=30, height=40))
    with pytest.raises(StillShows) as caught:
        render(source, drawn, settings=Settings(rounds=1))
    found = caught.value.about("elsewhere").plan
    assert found.tracks[: len(drawn.tracks)] == drawn.tracks
    added = found.tracks[len(drawn.tracks) :]
    assert added
    assert {track.decision for track in added} == {Decision(by=DecidedBy.VERIFY)}
    assert share_covered(found, face) >= 0.95
    assert render(source, found, tools=tools).plan == found


@pytest.mark.parametrize("by", [1.0, 1.85])
def test_one_consent_shows_one_face(by: float, tmp_path: Path, tools: Tools) -> None:
    """Two side by side that a plan lets through: the one that agreed stays as it was, the other is covered."""
    picture, (left, right) = scene(500, 400, [(130, 130, 90), (215, 130, 90)])
    source = write(tmp_path / "two.png", picture)
    head = region_for(Detection(left, 1.0)).box
    more = (by - 1) / 2 * head.width
    drawn = Region.from_box(head.grow(more, more, more, more))
    plan, name = add_region(changed(make_plan(source, tools=tools), tracks=()), 0, drawn)
    outcome = render(source, show(plan, name, "asked her"), tools=tools)
    assert share_covered(outcome.plan, right) >= 0.9
    assert share_covered(outcome.plan, left) < 0.5


def test_a_shown_region_of_the_whole_picture_shows_nobody(tmp_path: Path, tools: Tools) -> None:
    """As somebody might write it into a plan; edits set such a region back to covered."""
    picture, faces = scene(600, 400, [(90, 100, 90), (380, 120, 100)])
    source = write(tmp_path / "two.png", picture)
    everything = Region(shape=Shape.BOX, x=0, y=0, width=600, height=400)
    plan, name = add_region(changed(make_plan(source, tools=tools), tracks=()), 0, everything)
    outcome = render(source, show(plan, name, "one of them agreed"), tools=tools)
    assert all(share_covered(outcome.plan, face) >= 0.95 for face in faces)
    assert not any(seen(read(outcome.output), tools, face) for face in faces)


@pytest.mark.parametrize("style", [StyleName.VEIL, StyleName.BLUR])
def test_the_receipt_says_in_sentences_what_was_measured_and_done(style: StyleName, tmp_path: Path) -> None:
    source = write(tmp_path / "two.jpg", scene(900, 600, [(150, 200, 120), (600, 200, 60)])[0])
    receipt = redact(source, settings=Settings(style=Style(name=style))).receipt
    figures, sha256 = shipped_figures()
    assert receipt.figures == sha256
    assert receipt.claims == claims(receipt.applied, receipt.checked, figures, receipt.output.kind)
    assert receipt.claims[0].startswith("Not every face is found: of ")
    assert f"{receipt.applied.covered} heads were found and covered ({style})" in receipt.claims[1]
    written = json.loads(encode(receipt))
    assert tuple(written["claims"]) == receipt.claims
    assert "two.jpg" not in str(written)


def test_metadata_in_a_finished_file_is_found(tmp_path: Path, tools: Tools) -> None:
    source = tmp_path / "told.jpg"
    source.write_bytes(saved(background(200, 150), "JPEG", comment=b"taken at home"))
    check = verify(source, make_plan(source, tools=tools), tools=tools)
    assert check.metadata
    assert not check.is_clean
