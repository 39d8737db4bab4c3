"""A run that is killed at any moment: the next one loses no file and does none twice."""

from __future__ import annotations

import json
import os
import random
import signal
import time
from pathlib import Path

import pytest
from watch_runs import a_film, a_photo, digest, files, landed, watching

from kerchief import Tools, redact

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals")

WORDS = ("--receipts", "receipts", "--keep-names")
#: A film rests no longer than a photo, though its original will be deleted.
SOON = "import kerchief.live.folder.watching as w; w.FILM_REST = 0.0"
#: A function that ends the process at once, in place of another one or after it.
KILL = "import os, signal; die = lambda *a, **k: os.kill(os.getpid(), signal.SIGKILL)\n"
AFTER = "def after(f):\n    def g(*a, **k):\n        f(*a, **k)\n        die()\n    return g\n"
#: Where a run is killed, and whether the copy is there by then.
PLACES = {
    "before the log tells of the copy": ("import kerchief.live.folder.log as m; m.append = die", False),
    "after the log tells of the copy": ("import kerchief.live.folder.log as m; m.append = after(m.append)", False),
    "before the receipt": ("import kerchief.live.folder.places as m; m.publish = die", False),
    "after the receipt": ("import kerchief.live.folder.places as m; m.publish = after(m.publish)", False),
    "before the copy": ("import kerchief.pipeline as m; m.publish = die", False),
    "after the copy": ("import kerchief.pipeline as m; m.publish = after(m.publish)", True),
    "before the original goes": ("import kerchief.live.folder.finishing as m; m.delete_original = die", True),
    "after the original went": (
        "import kerchief.live.folder.finishing as m; m.delete_original = after(m.delete_original)",
        True,
    ),
    "while a name is reserved where there are no links": (
        "from pathlib import Path\n"
        "def no(*a): raise OSError(1, 'no links here')\n"
        "Path.hardlink_to = no\n"
        "replace = Path.replace\n"
        "Path.replace = lambda p, to: die() if '.redacted.jpg' == str(to)[-13:] else replace(p, to)",
        False,
    ),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "in").mkdir()
    return tmp_path


def must_be_done_once(folder: Path, originals: dict[str, bytes], tools: Tools) -> None:
    """Each original has one copy, which is the one that ``redact`` makes, and one receipt, which is that copy's."""
    copies = files(folder / "out")
    expected = {}
    for name, data in originals.items():
        original = landed(folder / "again" / name, data)
        path = Path(name)
        copy = redact(original, folder / "again" / f"{path.stem}.copy{path.suffix}", tools=tools).output
        expected[f"{path.stem}.redacted{path.suffix}"] = copy.read_bytes()
    assert {name: digest(data) for name, data in copies.items()} == {n: digest(d) for n, d in expected.items()}
    receipts = files(folder / "receipts")
    assert {name: json.loads(data)["output"]["sha256"] for name, data in receipts.items()} == {
        f"{name}.receipt.json": digest(data) for name, data in expected.items()
    }


@pytest.mark.parametrize("place", PLACES)
def test_a_run_that_is_killed_there_is_taken_up_again(place: str, folder: Path, tools: Tools) -> None:
    before, is_there = PLACES[place]
    original = landed(folder / "in" / "a.jpg", a_photo())
    deletes = ("--delete-original", "--yes") if "original" in place else ()
    with watching(folder, *WORDS, *deletes, before=KILL + AFTER + before) as run:
        assert run.ended() == -signal.SIGKILL, run.said
    copy = folder / "out" / "a.redacted.jpg"
    assert (copy.exists() and copy.stat().st_size > 0) == is_there
    assert original.exists() == (place != "after the original went")
    with watching(folder, *WORDS, *deletes) as run:
        run.until_caught_up()
        assert run.stop() == 0
    went = place == "after the original went"
    assert run.of("a.jpg") == ([] if went else ["skipped" if is_there else "done"]), run.said
    must_be_done_once(folder, {"a.jpg": a_photo()}, tools)
    assert original.exists() == (not deletes)


def test_many_kills_at_any_time_lose_nothing_and_double_nothing(folder: Path, tools: Tools) -> None:
    dice = random.Random(20)
    originals = {f"{number}.jpg": a_photo(number) for number in range(5)}
    originals["film.mp4"] = a_film(folder / "film.mp4", 24).read_bytes()
    waiting = list(originals)
    halves = 0

    def drafts() -> list[Path]:
        return list((folder / "out").glob(".kerchief-*.part"))

    while waiting:
        for name in waiting[-2:]:
            landed(folder / "in" / name, originals[name])
        del waiting[-2:]
        # The last ones go as soon as they are done, those that were kept until then too.
        deletes = ("--delete-original", "--yes") if len(waiting) <= 2 else ()
        with watching(folder, *WORDS, *deletes, before=SOON) as run:
            run.until(lambda run=run: "watching" in run.said and (drafts() or "waiting for new" in run.said))
            time.sleep(dice.uniform(0, 0.3))
            run.process.kill()
            run.ended()
            halves += bool(drafts())
        if not deletes:
            assert files(folder / "in") == {name: originals[name] for name in files(folder / "in")}
            assert len(files(folder / "in")) == len(originals) - len(waiting)
    assert halves, "the test proves nothing if no kill comes in the middle"
    with watching(folder, *WORDS, "--delete-original", "--yes", before=SOON) as run:
        run.until_caught_up()
        assert run.stop() == 0
    must_be_done_once(folder, originals, tools)
    assert files(folder / "in") == {}
