"""Pictures for the page: they show the file as it is, or covered exactly as rendering covers it."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from films import film, shown
from numpy.typing import NDArray
from PIL import Image
from scenes import background, coded, saved, scene, with_orientation

from kerchief import Tools
from kerchief.choices import Margin
from kerchief.errors import InputRefused
from kerchief.media.zoom import Window, show_planes
from kerchief.pipeline import covered
from kerchief.plan.model import (
    Cut,
    DecidedBy,
    Decision,
    Keyframe,
    Looked,
    MediaRef,
    Plan,
    Region,
    Shape,
    Style,
    StyleName,
    Track,
)
from kerchief.ports import Colour, Frame, MediaKind, RegionKind, YuvFrame
from kerchief.settings import Settings
from kerchief.studio.pictures.pictures import Pictures
from kerchief.tools import Source

WHOLE = (10_000, 10_000)


@pytest.fixture
def pictures() -> Iterator[Pictures]:
    with Pictures() as made:
        yield made


def track(name: str, *keys: tuple[int, float, float, float]) -> Track:
    """A head of a width at a place at each time."""
    frames = tuple(
        Keyframe(pts=pts, region=Region(shape=Shape.ELLIPSE, x=x, y=y, width=side, height=side * 1.25))
        for pts, x, y, side in keys
    )
    return Track(id=name, kind=RegionKind.HEAD, keyframes=frames, score=0.9)


def plan_for(
    source: Source,
    *tracks: Track,
    style: StyleName = StyleName.VEIL,
    frames: int = 1,
    length: int = 0,
    cut: Cut | None = None,
) -> Plan:
    info = source.info
    media = MediaRef(
        sha256=info.sha256, size_bytes=info.size_bytes, kind=info.kind, width=info.width, height=info.height,
        orientation=info.orientation, frames=frames, time_base=info.time_base, length=length, cut=cut,
    )  # fmt: skip
    looked = Looked(frames=frames, networks=())
    return Plan(media=media, looked=looked, style=Style(name=style), margin=Margin.STANDARD, tracks=tracks)


def rgb(jpeg: bytes) -> NDArray[np.int16]:
    with Image.open(BytesIO(jpeg)) as image:
        assert image.format == "JPEG"
        return np.asarray(image).astype(np.int16)


def are_like(jpeg: bytes, picture: NDArray[np.uint8], most: float = 2.5) -> bool:
    """Whether a JPEG shows a picture: it is off by little on average."""
    seen = rgb(jpeg)
    return seen.shape == picture.shape and float(abs(seen - picture).mean()) < most


def rendered(source: Source, plan: Plan, tools: Tools) -> list[Frame | YuvFrame]:
    """What rendering paints, frame by frame."""
    is_film = source.info.kind is MediaKind.VIDEO
    parts = tools.film(source, plan.media.cut) if is_film else tools.frames(source)
    return [part for part in covered(parts, source, plan, Settings()) if isinstance(part, Frame | YuvFrame)]


def test_a_photo_is_shown_as_it_is_and_covered_as_it_will_be(pictures: Pictures, tools: Tools, tmp_path: Path) -> None:
    picture, _ = scene(640, 480, [(250, 150, 120)])
    path = tmp_path / "a.png"
    path.write_bytes(saved(picture, "PNG"))
    source = tools.open(path)
    plan = plan_for(source, track("a", (0, 230, 100, 160)))
    as_it_is = pictures.frame(path, plan, "1", 0, "original", None, WHOLE)
    assert are_like(as_it_is.jpeg, picture)
    assert (as_it_is.width, as_it_is.height, as_it_is.pts) == (640, 480, 0)
    (frame,) = rendered(source, plan, tools)
    assert isinstance(frame, Frame)
    result = pictures.frame(path, plan, "1", 0, "covered", None, WHOLE)
    assert are_like(result.jpeg, frame.pixels)
    assert not are_like(result.jpeg, picture)


@pytest.mark.parametrize("style", StyleName)
def test_what_is_painted_are_the_very_pixels_of_rendering(
    style: StyleName, pictures: Pictures, tools: Tools, tmp_path: Path
) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(saved(coded(scene(644, 482, [(250, 150, 120)])[0], 6), "JPEG", exif=with_orientation(6)))
    source = tools.open(path)
    assert source.info.orientation == 6
    plan = plan_for(source, track("a", (0, 230, 100, 160)), track("b", (0, 20, 20, 60)), style=style)
    (frame,) = rendered(source, plan, tools)
    assert isinstance(frame, Frame)
    still = pictures._still(path, plan, 0)
    assert np.array_equal(pictures._covered_still(path, plan, "1", still).frame.pixels, frame.pixels)


def test_another_revision_is_another_picture(pictures: Pictures, tools: Tools, tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(saved(background(320, 240), "PNG"))
    source = tools.open(path)
    one, two = plan_for(source, track("a", (0, 20, 20, 80))), plan_for(source, track("a", (0, 200, 100, 80)))
    first = pictures.frame(path, one, "1", 0, "covered", None, WHOLE).jpeg
    assert pictures.frame(path, one, "1", 0, "covered", None, WHOLE).jpeg == first
    assert pictures.frame(path, two, "2", 0, "covered", None, WHOLE).jpeg != first


@pytest.mark.parametrize("form", ["RGB", "L", "RGBA", "LA", "P", "I;16"])
def test_every_kind_of_pixels_is_shown(form: str, pictures: Pictures, tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    picture = Image.fromarray(background(200, 150))
    if form == "I;16":
        grey = np.asarray(picture.convert("L")).astype(np.uint16) * 257
        picture, expected = Image.fromarray(grey), np.asarray(picture.convert("L").convert("RGB"))
    else:
        picture = picture.quantize(256) if form == "P" else picture.convert(form)
        expected = np.asarray(picture.convert("RGB")).copy()
    if form in ("RGBA", "LA"):
        alpha = np.full((150, 200), 255, np.uint8)
        alpha[:, :50], alpha[:, 50:100] = 0, 128
        picture.putalpha(Image.fromarray(alpha))
        share = alpha[..., None] / 255
        expected = np.rint(expected * share + 255 * (1 - share)).astype(np.uint8)
    picture.save(path)
    assert are_like(pictures.frame(path, None, "", 0, "original", None, WHOLE).jpeg, expected, 3)


@pytest.mark.parametrize(
    "window", [(0, 0, 100, 80), (1000.5, 700.25, 300, 200), (1900, 1400, 400, 400), (0, 0, 2003, 1501)]
)
def test_a_window_shows_its_place_in_its_size(window: tuple[float, ...], pictures: Pictures, tmp_path: Path) -> None:
    picture = np.asarray(Image.fromarray(background(250, 188)).resize((2003, 1501), Image.Resampling.BICUBIC))
    path = tmp_path / "a.png"
    path.write_bytes(saved(picture, "PNG"))
    left, top, width, height = window
    shown = pictures.frame(path, None, "", 0, "original", Window(*window), WHOLE)
    right, bottom = min(2003, int(np.ceil(left + width))), min(1501, int(np.ceil(top + height)))
    assert are_like(shown.jpeg, picture[int(top) : bottom, int(left) : right])
    for across, down in ((50, 1000), (1000, 41), (333, 333)):
        small = pictures.frame(path, None, "", 0, "original", Window(*window), (across, down))
        assert small.width <= across
        assert small.height <= down
        assert abs(small.width / small.height - shown.width / shown.height) < 0.05 * shown.width / shown.height
        part = Image.fromarray(picture[int(top) : bottom, int(left) : right])
        reduced = np.asarray(part.resize((small.width, small.height), Image.Resampling.BOX))
        assert are_like(small.jpeg, reduced, 4)


@pytest.mark.parametrize(
    "window", [(500, 0, 10, 10), (-1e308, -1e308, 1, 1), (-50, -50, 1e308, 1e308), (1e308, 1e308, 1e308, 1e308)]
)
def test_a_window_outside_is_the_whole(window: tuple[float, ...], pictures: Pictures, tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(saved(background(100, 80), "PNG"))
    seen = pictures.frame(path, None, "", 0, "original", Window(*window), WHOLE)
    assert (seen.width, seen.height) == (100, 80)


def test_a_photo_that_changes_is_refused_and_not_another_picture(
    pictures: Pictures, tools: Tools, tmp_path: Path
) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(saved(background(100, 80), "PNG"))
    plan = plan_for(tools.open(path), track("a", (0, 20, 20, 30)))
    pictures.frame(path, plan, "1", 0, "original", None, WHOLE)
    thumbnail = pictures.thumbnail(path, plan)
    path.write_bytes(saved(background(100, 80, 9), "PNG"))
    for _ in range(2):
        with pytest.raises(InputRefused, match="changed"):
            pictures.frame(path, plan, "1", 0, "covered", None, WHOLE)
        with pytest.raises(InputRefused, match="changed"):
            pictures.thumbnail(path, plan)
        with pytest.raises(InputRefused, match="changed"):
            pictures.face(path, plan, "a")
    path.unlink()
    with pytest.raises(InputRefused, match="can't be read"):
        pictures.frame(path, plan, "1", 0, "original", None, WHOLE)
    path.write_bytes(saved(background(100, 80), "PNG"))
    assert pictures.thumbnail(path, plan) == thumbnail, "the very file is back"


def test_what_is_no_picture_is_refused(pictures: Pictures, tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(b"no picture")
    for _ in range(2):
        with pytest.raises(InputRefused):
            pictures.frame(path, None, "", 0, "original", None, WHOLE)
        with pytest.raises(InputRefused):
            pictures.thumbnail(path, None)


def a_film(
    folder: Path, name: str = "a.mp4", count: int = 30, size: tuple[int, int] = (320, 240), **options: str
) -> Path:
    pictures = [background(*size, 100 + number) for number in range(count)]
    return film(folder / name, pictures, [40 * n for n in range(count)], Fraction(1, 1000), 40, g="8", **options)


#: Heads that come and go, one of them from outside of the picture, and two that are there together.
HEADS = (
    track("a", (0, 20, 30, 60), (600, 200, 60, 70)),
    track("b", (200, 150, 80, 60), (1160, 20, 90, 50)),
    track("c", (330, -160, 100, 60), (1100, 100, 120, 60)),
    track("d", (710, 240, 10, 60), (900, 200, 20, 40)),
)


@pytest.mark.parametrize("style", StyleName)
@pytest.mark.parametrize("cut", [None, Cut(start=330, end=1010)], ids=["whole", "clip"])
def test_a_film_is_covered_as_rendering_does_in_any_order(
    cut: Cut | None, style: StyleName, pictures: Pictures, tools: Tools, tmp_path: Path
) -> None:
    """A mosaic keeps its first colours, so that frames before have a say."""
    path = a_film(tmp_path)
    source = tools.open(path)
    frames, length = (30, 1200) if cut is None else (18, 680)
    plan = plan_for(source, *HEADS, style=style, frames=frames, length=length, cut=cut)
    truth = rendered(source, plan, tools)
    assert len(truth) == frames
    for number in np.random.default_rng(4).permutation(frames):
        wanted = truth[number]
        assert isinstance(wanted, YuvFrame)
        original = pictures._film_frame(path, plan, wanted.pts + wanted.duration // 2)
        assert (original.pts, original.duration) == (wanted.pts, wanted.duration)
        seen = pictures._covered_film_frame(path, plan, "1", original)
        assert all(np.array_equal(one, two) for one, two in zip(seen.planes, wanted.planes, strict=True)), number


def test_a_films_frame_has_its_colours_and_times(pictures: Pictures, tools: Tools, tmp_path: Path) -> None:
    path = a_film(tmp_path, size=(320, 180))
    plan = plan_for(tools.open(path), *HEADS, frames=30, length=1200)
    truth = shown(path)
    for pts, number in (
        (10**30, 29),
        (-(10**30), 0),
        (-5, 0),
        (0, 0),
        (39, 0),
        (40, 1),
        (777, 19),
        (5000, 29),
        (10**30, 29),
        (1199, 29),
        (760, 19),
        (759, 18),
    ):
        seen = pictures.frame(path, plan, "1", pts, "original", None, WHOLE)
        assert (seen.pts, seen.duration) == (truth[number].pts, 40)
        assert are_like(seen.jpeg, truth[number].rgb, 4)
    part = pictures.frame(path, plan, "1", 0, "original", Window(101, 33, 120, 80), WHOLE)
    assert are_like(part.jpeg, truth[0].rgb[32:114, 100:222], 4)
    small = pictures.frame(path, plan, "1", 0, "covered", None, (160, 400))
    assert (small.width, small.height) == (160, 90)


@pytest.mark.parametrize(("matrix", "is_full"), [(1, False), (1, True), (5, False), (9, False)])
def test_colours_are_those_of_the_films_matrix(matrix: int, is_full: bool, tmp_path: Path) -> None:
    """Of red, green, blue, white and black, made into Y, U and V by the formula."""
    red, blue = {1: (0.2126, 0.0722), 5: (0.299, 0.114), 9: (0.2627, 0.0593)}[matrix]
    for rgb_ in ((255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255), (0, 0, 0)):
        r, g, b = (value / 255 for value in rgb_)
        y = red * r + (1 - red - blue) * g + blue * b
        u, v = (b - y) / (2 - 2 * blue), (r - y) / (2 - 2 * red)
        values = (255 * y, 128 + 255 * u, 128 + 255 * v) if is_full else (16 + 219 * y, 128 + 224 * u, 128 + 224 * v)
        whole, part = (
            np.full((8, 8), round(values[0]), np.uint8),
            (np.full((4, 4), min(255, round(x)), np.uint8) for x in values[1:]),
        )
        seen = show_planes(YuvFrame(0, 1, (whole, *part)), Colour(1, 1, matrix, is_full), None, (8, 8))
        assert abs(seen.astype(int) - rgb_).max() <= 3


@pytest.mark.parametrize("name", ["a.gif", "a.png", "a.webp", "a.tiff"])
@pytest.mark.parametrize("style", [StyleName.VEIL, StyleName.PIXELATE])
def test_animations_and_pages(
    style: StyleName, name: str, pictures: Pictures, tools: Tools, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where not all of their frames may be in memory at once."""
    path, count = tmp_path / name, 12
    frames = [Image.fromarray(background(160, 120, number)) for number in range(count)]
    options = {} if name == "a.tiff" else {"duration": [30 + 10 * n for n in range(count)]}
    frames[0].save(path, save_all=True, append_images=frames[1:], **options)
    source = tools.open(path)
    heads = (track("a", (0, 20, 20, 40), (9, 60, 20, 40)), track("b", (3, 90, 40, 40), (500, 20, 40, 30)))
    plan = plan_for(source, *heads, style=style, frames=count)
    originals, truth = list(tools.frames(source)), rendered(source, plan, tools)
    monkeypatch.setattr("kerchief.studio.pictures.album.MOST_BYTES", 4 * originals[0].pixels.nbytes)
    for number in (0, 5, 11, 2, 3, 4, 10, 9):
        pts = originals[number].pts
        still = pictures._still(path, plan, pts)
        wanted = truth[number]
        assert isinstance(wanted, Frame)
        assert np.array_equal(still.frame.pixels, originals[number].pixels)
        assert np.array_equal(pictures._covered_still(path, plan, "1", still).frame.pixels, wanted.pixels), number
        seen = pictures.frame(path, plan, "1", pts, "original", None, WHOLE)
        assert seen.pts == pts
        if number + 1 < count:
            assert seen.pts + seen.duration == originals[number + 1].pts
    assert pictures.frame(path, plan, "1", 10**6, "original", None, WHOLE).pts == originals[-1].pts


def test_a_thumbnail_is_the_first_picture_covered_by_the_plan(pictures: Pictures, tools: Tools, tmp_path: Path) -> None:
    picture, _ = scene(640, 480, [(250, 150, 120)])
    photo, clip = tmp_path / "a.png", tmp_path / "a.mp4"
    photo.write_bytes(saved(picture, "PNG"))
    film(clip, [picture] * 3)
    for path in (photo, clip):
        source = tools.open(path)
        plan = plan_for(source, track("a", (0, 230, 100, 160), (10**6, 230, 100, 160)), frames=3)
        bare, hidden = rgb(pictures.thumbnail(path, None, 200)), rgb(pictures.thumbnail(path, plan, 200))
        assert bare.shape == hidden.shape == (150, 200, 3)
        expected = np.asarray(Image.fromarray(picture).resize((200, 150), Image.Resampling.BOX))
        assert abs(bare - expected).mean() < 4
        assert abs(bare - hidden)[50:90, 80:110].mean() > 15
        assert abs(bare - hidden)[:, :60].mean() < 2
        shown_ = plan.tracks[0].model_copy(
            update={"decision": Decision(action="show", by=DecidedBy.PERSON, reason="x")}
        )
        open_ = plan.model_copy(update={"tracks": (shown_,)})
        assert abs(rgb(pictures.thumbnail(path, open_, 200)) - bare).mean() < 1


def test_a_face_is_cut_out_of_the_original_where_it_is_largest(
    pictures: Pictures, tools: Tools, tmp_path: Path
) -> None:
    pictures_ = [scene(640, 480, [(40 + 40 * n, 150, 60 + 20 * n)])[0] for n in range(4)]
    path = film(tmp_path / "a.mp4", pictures_, [0, 10, 20, 30], Fraction(1, 100), 10)
    plan = plan_for(
        tools.open(path), track("a", (0, 30, 130, 80), (20, 100, 130, 140), (30, 130, 130, 100)), frames=4, length=40
    )
    face = rgb(pictures.face(path, plan, "a", 120))
    assert max(face.shape[:2]) == 120
    room = 0.25 * 175
    left, top, right, bottom = 100 - room, 130 - room, 240 + room, 305 + room
    part = Image.fromarray(pictures_[2]).crop((int(left), int(top), int(right) + 1, int(bottom) + 1))
    expected = np.asarray(part.resize((face.shape[1], face.shape[0]), Image.Resampling.BOX))
    assert abs(face - expected).mean() < 6
    with pytest.raises(KeyError):
        pictures.face(path, plan, "b")


def test_a_film_that_changes_is_refused(pictures: Pictures, tools: Tools, tmp_path: Path) -> None:
    path = a_film(tmp_path)
    plan = plan_for(tools.open(path), *HEADS, frames=30, length=1200)
    pictures.frame(path, plan, "1", 0, "covered", None, WHOLE)
    a_film(tmp_path, count=31)
    for _ in range(2):
        with pytest.raises(InputRefused, match="changed"):
            pictures.frame(path, plan, "1", 0, "covered", None, WHOLE)
        with pytest.raises(InputRefused, match="changed"):
            pictures.face(path, plan, "a")
    a_film(tmp_path)
    assert pictures.frame(path, plan, "1", 0, "covered", None, WHOLE).pts == 0, "the very file is back"


def test_a_crash_is_one_error_and_the_next_request_works(pictures: Pictures, tmp_path: Path) -> None:
    path = a_film(tmp_path, size=(1280, 960))
    pictures.frame(path, None, "", 0, "original", None, WHOLE)
    reel = pictures._reels.find((path, "look"))
    assert reel is not None
    child = reel._decoder._child
    assert child is not None
    os.kill(child.pid, signal.SIGSTOP)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(pictures.frame, path, None, "", 1000, "original", None, WHOLE)
        time.sleep(0.3)
        os.kill(child.pid, signal.SIGKILL)
        with pytest.raises(InputRefused, match="crashed"):
            waiting.result(20)
    assert pictures.frame(path, None, "", 1000, "original", None, WHOLE).pts == 1000


def test_many_threads_ask_for_many_files_at_once(pictures: Pictures, tools: Tools, tmp_path: Path) -> None:
    """More films than are held open: one is put away while somebody else asks for it."""
    paths, plans = [], []
    for number in range(5):
        folder = tmp_path / str(number)
        folder.mkdir()
        if number < 4:
            paths.append(a_film(folder, count=10 + number))
        else:
            paths.append(folder / "a.png")
            paths[-1].write_bytes(saved(background(320, 240), "PNG"))
        plans.append(plan_for(tools.open(paths[-1]), *HEADS, frames=10 + number, length=400 + 40 * number))

    def ask(number: int) -> tuple[int, int]:
        which, pts = number % 5, number * 70 % 400
        view = "covered" if number % 3 else "original"
        seen = pictures.frame(paths[which], plans[which], "1", pts, view, None, (160, 160))
        pictures.thumbnail(paths[which], plans[which])
        pictures.face(paths[which], plans[which], "a")
        return seen.pts, 0 if which == 4 else pts // 40 * 40

    with ThreadPoolExecutor(6) as pool:
        for seen, wanted in pool.map(ask, range(60)):
            assert seen == wanted


def test_after_the_end_nothing_is_opened(tmp_path: Path) -> None:
    path = a_film(tmp_path, count=4)
    with Pictures() as pictures:
        pictures.frame(path, None, "", 0, "original", None, WHOLE)
    for ask in (
        lambda: pictures.frame(path, None, "", 120, "original", None, WHOLE),
        lambda: pictures.thumbnail(path, None),
    ):
        with pytest.raises(InputRefused):
            ask()


def test_what_is_kept_in_memory_is_bounded(tools: Tools, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kerchief.studio.pictures.pictures.STILL_BYTES", 3 << 20)
    with Pictures() as pictures:
        for number in range(8):
            path = tmp_path / f"{number}.png"
            path.write_bytes(saved(background(640, 480, number), "PNG"))
            plan = plan_for(tools.open(path), track("a", (0, 100, 100, 80)))
            for view in ("original", "covered"):
                pictures.frame(path, plan, "1", 0, view, None, WHOLE)
            assert pictures._stills.held_bytes <= 3 << 20
