"""Films in pieces on a real Ray with two workers: what comes out is what one process makes, whoever dies meanwhile."""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from albums import rows
from films import film, shown, walk
from processes_of_runs import Run, drafts, until

from kerchief import Outcome, Tools, redact

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks for processes in /proc")

#: Short pieces, of small films.
SHORT = "import kerchief.scale.films.seams as s, kerchief.scale.films.lead as f; s.LEAST_SECONDS, f.LEAST_BYTES = 2, 0"
#: A worker that notes what it is asked to do, and dies of its first pieces.
NOTED = "; import faulty_workers, kerchief.scale.engine as engine; engine.Worker = faulty_workers."
WIDTH, HEIGHT = 320, 240
DONE, SET_ASIDE = 4, 6


@dataclass(frozen=True)
class March:
    """A film, and what one process makes of it."""

    path: Path
    alone: Outcome


@pytest.fixture(scope="module")
def march(tools: Tools, tmp_path_factory: pytest.TempPathFactory) -> March:
    """Ten seconds in which a face walks to and fro."""
    folder = tmp_path_factory.mktemp("march")
    pictures, _ = walk(WIDTH, HEIGHT, [(40 + abs(n % 200 - 100), 60) for n in range(300)], 70)
    path = film(folder / "march.mp4", pictures, g="30")
    return March(path, redact(path, tools=tools))


Start = Callable[..., Run]


def test_the_copy_is_that_of_one_process(tmp_path: Path, started: Start, march: March) -> None:
    put(march, tmp_path)
    code, lines, said = started("in", "-o", "out", "--receipts", "receipts", before=SHORT + NOTED + "Noting").ends()
    assert code == 0, said
    must_be_like(tmp_path / "out" / "march.redacted.mp4", march)
    steps = noted(tmp_path)
    assert steps.count("watch") == steps.count("cover") == steps.count("look") >= 3, "it was not taken to pieces"
    assert "redact" not in steps
    (line,) = lines
    assert line["covered"] == march.alone.receipt.applied.covered
    receipt = json.loads((tmp_path / "receipts" / "march.redacted.mp4.receipt.json").read_bytes())
    assert receipt["checked"] == json.loads(march.alone.receipt.checked.model_dump_json())
    assert not drafts(tmp_path)


def test_pieces_whose_workers_die_are_done_again(tmp_path: Path, started: Start, march: March) -> None:
    put(march, tmp_path)
    run = started("in", "-o", "out", before=SHORT + NOTED + "DiesOnce")
    code, _, said = run.ends()
    assert code == 0, said
    must_be_like(tmp_path / "out" / "march.redacted.mp4", march)
    assert sorted(path.name for path in tmp_path.glob("died-*")) == [
        "died-cover",
        "died-join",
        "died-look",
        "died-watch",
    ]
    assert [row[1:3] for row in rows(tmp_path / "out.ledger.sqlite")] == [(DONE, 1)]
    assert not drafts(tmp_path)
    assert list(run.temporary.iterdir()) == [], "pieces lie about"


def test_a_film_that_kills_every_worker_is_set_aside(tmp_path: Path, started: Start, march: March) -> None:
    put(march, tmp_path)
    code, (line,), said = started("in", "-o", "out", before=SHORT + NOTED + "Dies").ends()
    assert code == 70, said
    assert (line["status"], line["exit_code"]) == ("failed", 70)
    assert [row[1:3] for row in rows(tmp_path / "out.ledger.sqlite")] == [(SET_ASIDE, 3)]
    assert len(noted(tmp_path)) == 9, "each of three attempts tries a step three times"
    assert not (tmp_path / "out").exists() or not list((tmp_path / "out").iterdir())


def test_a_damaged_film_is_refused_once(tmp_path: Path, started: Start, march: March) -> None:
    put(march, tmp_path)
    (tmp_path / "in" / "half.mp4").write_bytes(march.path.read_bytes()[:-50_000])
    code, lines, said = started("in", "-o", "out", before=SHORT).ends()
    assert code == 3, said
    assert [(line["file"], line["exit_code"]) for line in lines if line["exit_code"]] == [("in/half.mp4", 13)]
    assert len(lines) == 2
    assert {row[:3] for row in rows(tmp_path / "out.ledger.sqlite")} == {("half.mp4", 5, 1), ("march.mp4", DONE, 1)}


def test_a_driver_that_is_killed_in_a_film_is_taken_up_again(tmp_path: Path, started: Start, march: March) -> None:
    put(march, tmp_path)
    run = started("in", "-o", "out", before=SHORT + NOTED + "Noting")
    assert until(lambda: "cover" in noted(tmp_path)), run.ends()
    run.process.send_signal(signal.SIGKILL)
    assert until(lambda: not run.workers(), 15), "workers live on"
    assert not list((tmp_path / "out").glob("*.mp4")) if (tmp_path / "out").exists() else True
    code, _, said = started("in", "-o", "out", "--resume", before=SHORT).ends()
    assert code == 0, said
    must_be_like(tmp_path / "out" / "march.redacted.mp4", march)
    assert not drafts(tmp_path)


def put(march: March, folder: Path) -> None:
    (folder / "in").mkdir()
    os.link(march.path, folder / "in" / "march.mp4")


def noted(folder: Path) -> list[str]:
    path = folder / "steps"
    return path.read_text().split() if path.exists() else []


def must_be_like(copy: Path, march: March) -> None:
    """The same frames at the same times; coded from other keyframes on, so not to the byte."""
    one, other = shown(march.alone.output), shown(copy)
    assert [(f.pts, f.duration) for f in one] == [(f.pts, f.duration) for f in other]
    assert max(float(np.abs(a.rgb.astype(int) - b.rgb).mean()) for a, b in zip(one, other, strict=True)) < 2.5
