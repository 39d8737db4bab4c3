"""A report of a real ledger says what a count of the results says, of the whole run and of the last pass."""

from __future__ import annotations

import random
import time
from bisect import bisect_right
from collections import Counter
from math import ceil
from pathlib import Path

import pytest
from runs import a_pass

from kerchief.errors import ExitCode
from kerchief.scale.ledger.ledger import Ledger, Run
from kerchief.scale.ledger.statistics import EDGES, REASONS
from kerchief.scale.report.document import RunReport, report_of
from kerchief.scale.report.page import run_page
from kerchief.scale.storage import Found, Place
from kerchief.scale.tasks import Failed, Made, State, Task

FILES = 900
RUN = Run(("/in",), "/out", None, "5" * 64, "1.2.3")
FOUND = [Found(Place(f"/in/{n % 7}/{n}.jpg"), str(n % 7), 1000 + n, "a stamp") for n in range(FILES)]


def made_of(task: Task, draw: random.Random) -> Made:
    return Made(
        number=task.number,
        output=f"{task.output}.jpg",
        source_sha256=f"{task.number:064x}",
        output_sha256="ab" * 32,
        output_size=7,
        receipt_sha256=None,
        kind=draw.choice(["photo", "photo", "pages", "video"]),
        frames=draw.randint(1, 9),
        covered=draw.randint(0, 5),
        rounds=draw.choice([1, 1, 1, 2, 3]),
        added=draw.randint(0, 2),
        doubtful=draw.choice([0, 0, 1, 3]),
        seconds=draw.lognormvariate(0.5, 3),
    )


def failed_of(task: Task, draw: random.Random) -> Failed:
    code = draw.choice([ExitCode.FACE_SHOWS, ExitCode.INPUT_REFUSED])
    return Failed(task.number, code, f"problem {draw.randint(1, REASONS + 5)}", "Do this.", draw.random())


def passed(ledger: Ledger, draw: random.Random, count: int) -> tuple[list[Made], list[Failed], float]:
    """One pass over so many files: what came of them, and when it began."""
    began = time.time()
    ledger.add(FOUND)
    ledger.end_listing()
    made: list[Made] = []
    failed: list[Failed] = []
    for task in ledger.take(count):
        if draw.random() < 0.8:
            made.append(made_of(task, draw))
        else:
            failed.append(failed_of(task, draw))
    ledger.done(made)
    ledger.failed(failed)
    return made, failed, began


def test_a_report_says_what_a_count_of_the_results_says(tmp_path: Path) -> None:
    draw = random.Random(3)
    with Ledger(tmp_path / "out.ledger.sqlite") as ledger:
        ledger.begin_run(RUN, resume=False)
        earlier, _, _ = passed(ledger, draw, 300)
    with Ledger(tmp_path / "out.ledger.sqlite") as ledger:
        ledger.begin_run(RUN, resume=True)
        made, failed, began = passed(ledger, draw, 500)
        deadly = failed.pop()
        ledger.set_aside(deadly)
        report = report_of(ledger, a_pass(started=began, ended=time.time() + 1))
    assert report.files.total == FILES
    assert (report.files.done, report.files.earlier) == (len(earlier + made), len(earlier))
    assert (report.files.refused, report.files.set_aside) == (len(failed), 1)
    the_copies_are_counted(report, earlier + made)
    failures_are_counted(report, [*failed, deadly])
    assert [one.state for one in report.refused].count(State.SET_ASIDE) == 1
    speed = report.speed
    assert (speed.files, speed.failed) == (len(made), len(failed) + 1) == (sum(speed.made), sum(speed.lost))
    assert speed.work_seconds == pytest.approx(sum(one.seconds for one in (*made, *failed, deadly)))
    assert speed.frames == sum(one.frames for one in made)
    assert speed.size_bytes == sum(FOUND[one.number - 1].size for one in made)
    assert f"{report.files.done:,} of {FILES:,} files have a copy" in run_page(report)


def the_copies_are_counted(report: RunReport, made: list[Made]) -> None:
    assert sum(one.files for one in report.kinds) == len(made)
    for kind in report.kinds:
        mine = [one for one in made if one.kind == kind.kind.value]
        seconds = sorted(one.seconds for one in mine)
        assert kind.seconds == pytest.approx(sum(seconds))
        assert (kind.median, kind.longest) == (seconds[ceil(len(mine) / 2) - 1], seconds[-1])
        assert kind.slow == seconds[ceil(0.95 * len(mine)) - 1]
        assert (kind.frames, kind.covered) == (sum(one.frames for one in mine), sum(one.covered for one in mine))
        bins = Counter(EDGES[max(0, bisect_right(EDGES, one) - 1)] for one in seconds)
        shown = zip(kind.histogram.edges, kind.histogram.files, strict=False)
        assert {edge: files for edge, files in shown if files} == bins
    checked = report.checked
    assert checked.again.rate.k == sum(one.rounds > 1 for one in made)
    assert checked.added == sum(one.added for one in made)
    assert checked.doubtful.rate.k == sum(one.doubtful > 0 for one in made)
    assert checked.doubtful_faces == sum(one.doubtful for one in made)


def failures_are_counted(report: RunReport, failed: list[Failed]) -> None:
    in_order = sorted(failed, key=lambda one: one.number)
    assert [one.problem for one in report.refused] == [one.problem for one in in_order]
    assert [one.file for one in report.refused] == [FOUND[one.number - 1].place.url for one in in_order]
    shows = sum(one.exit_code is ExitCode.FACE_SHOWS for one in failed)
    assert report.checked.still_shows.rate.k == shows
    assert report.checked.still_shows.rate.n == shows + report.files.done
    assert len(report.reasons) == REASONS
    assert sum(one.files for one in report.reasons) + report.reasons_unlisted == len(failed)
    counted = [one.files for one in report.reasons]
    assert counted == sorted(counted, reverse=True)
    for one in report.reasons:
        if one.state is State.REFUSED:
            assert one.files == sum(
                (other.exit_code, other.problem) == (one.exit_code, one.problem) for other in failed[:-1]
            )
