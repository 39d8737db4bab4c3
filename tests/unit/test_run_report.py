"""The report of a run: its numbers are the ledger's, its size is bounded, and it survives being written and read."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from runs import BINS, STARTED, Told, a_pass, of_kind, refused, with_failures

from kerchief.errors import ExitCode
from kerchief.prove.stats import Rate
from kerchief.scale.ledger.statistics import EDGES, PARTS, OfPass, Statistics
from kerchief.scale.ledger.statistics import Reason as CountedReason
from kerchief.scale.report import document as reports
from kerchief.scale.report.document import (
    LISTED,
    Checked,
    Files,
    Histogram,
    Kind,
    Missed,
    Reason,
    Refused,
    RunReport,
    Share,
    Speed,
    report_of,
    summary,
)
from kerchief.scale.tasks import State
from kerchief.store.figures import shipped_figures

PAGE = Path(__file__).parents[2] / "docs" / "run-report.md"


def again(report: RunReport) -> RunReport:
    """Written and read back."""
    return RunReport.model_validate_json(report.model_dump_json(by_alias=True))


def test_its_counts_are_those_of_the_ledger() -> None:
    told = with_failures()
    report = report_of(told, a_pass(left_out=41, outputs=2))
    assert told.asked == (STARTED, STARTED + 7200), "the ledger is asked about this pass"
    assert report.files == Files(
        total=1000, done=980, earlier=10, refused=12, set_aside=3, left=5, left_out=41, outputs=2, is_listed=True
    )
    assert [(one.kind.value, one.files, one.frames) for one in report.kinds] == [
        ("photo", 970, 970),
        ("video", 10, 9000),
    ]
    assert sum(one.files for one in report.reasons) == 15
    assert report.reasons_unlisted == report.refused_unlisted == 0
    assert [one.file for one in report.refused] == [f"/in/{n}.jpg" for n in range(15)]
    assert report.refused[-1].attempts == 3
    assert report.started == datetime.fromtimestamp(STARTED, UTC)


def test_what_the_check_saw_are_rates_with_intervals() -> None:
    checked = report_of(with_failures(), a_pass()).checked
    assert checked.exposed == Rate(k=0, n=980)
    assert checked.exposed_below == pytest.approx(1 - 0.05 ** (1 / 980))
    assert checked.again.rate == Rate(k=64, n=980)
    assert checked.again.interval.low < 64 / 980 < checked.again.interval.high
    assert checked.added == 77
    assert checked.doubtful.rate == Rate(k=20, n=980)
    assert checked.doubtful_faces == 23
    assert checked.still_shows.rate == Rate(k=5, n=985), "of those that came as far as a check, in the end"


def test_it_quotes_what_was_measured_of_the_kinds_that_the_run_had() -> None:
    figures = shipped_figures()[0]
    assert figures.missed is not None
    assert figures.films is not None
    for kind, expected in (
        ("photo", [("photos", figures.missed.exposed)]),
        ("pages", [("photos", figures.missed.exposed)]),
        ("video", [("films", figures.films.exposed)]),
    ):
        told = Told(Statistics({State.DONE: 1}, (of_kind(kind, 1),)))
        checked = report_of(told, a_pass()).checked
        assert [(one.kind, one.exposed) for one in checked.missed] == expected


def test_speed_is_of_this_pass_alone() -> None:
    speed = report_of(with_failures(), a_pass()).speed
    assert speed.files_per_second == pytest.approx(970 / 7200)
    assert speed.frames_per_second == pytest.approx(9960 / 7200)
    assert speed.megabytes_per_second == pytest.approx(2910 / 7200)
    assert speed.efficiency == pytest.approx(21_600 / (7200 * 4))
    assert speed.part_seconds * PARTS == pytest.approx(7200)
    assert sum(speed.made) == 970
    assert sum(speed.lost) == 15


def test_a_run_without_files_is_a_report_too() -> None:
    report = report_of(Told(Statistics()), a_pass(seconds=0, workers=0))
    assert report.files.total == 0
    assert report.kinds == report.reasons == report.refused == report.checked.missed == ()
    assert report.checked.exposed_below == 1, "nothing is known"
    assert report.speed.files_per_second == report.speed.efficiency == 0
    assert again(report) == report
    assert summary(report) == "0 of 0 files have a copy that passed the check"


def test_a_clock_that_was_put_back_gives_no_negative_rates() -> None:
    speed = report_of(with_failures(), a_pass(seconds=-60)).speed
    assert speed.wall_seconds == speed.files_per_second == speed.efficiency == 0


def test_it_lists_no_more_than_it_may_and_says_how_many_are_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reports, "LISTED", 4)
    told = with_failures()
    report = report_of(told, a_pass())
    assert told.taken == 4, "the rest is not even read"
    assert [one.file for one in report.refused] == [f"/in/{n}.jpg" for n in range(4)]
    assert report.refused_unlisted == 11
    assert LISTED == 10_000


def test_files_for_reasons_that_are_not_told_apart_are_counted() -> None:
    told = with_failures()
    counted = replace(told.counted, reasons=told.counted.reasons[:2])
    assert report_of(Told(counted, told.refusals), a_pass()).reasons_unlisted == 3


def test_the_time_of_work_is_told_without_empty_bins_at_the_ends() -> None:
    histogram = [0] * BINS
    histogram[20], histogram[23] = 5, 2
    told = Told(Statistics({State.DONE: 7}, (of_kind("photo", 7, histogram=tuple(histogram)),)))
    assert report_of(told, a_pass()).kinds[0].histogram == Histogram(edges=EDGES[20:25], files=(5, 0, 0, 2))
    assert EDGES[20] == 1


def test_a_name_that_is_no_text_can_be_written_down() -> None:
    odd = "/in/caf\udce9.jpg"
    told = Told(Statistics({State.REFUSED: 1}), (refused(1, ExitCode.INPUT_REFUSED, "not UTF-8", odd),))
    report = report_of(told, a_pass(sources=(odd,)))
    assert again(report).refused[0].file == "/in/caf?.jpg"


def test_the_summary_says_what_is_left() -> None:
    said = summary(report_of(with_failures(), a_pass(is_listed=False)))
    assert said == (
        "980 of 1,000 files have a copy that passed the check; 12 refused, 3 set aside; 5 not done yet: --resume "
        "goes on; the listing had not ended: there may be more files"
    )
    aside = Told(Statistics({State.SET_ASIDE: 2}))
    assert summary(report_of(aside, a_pass())) == "0 of 2 files have a copy that passed the check; 2 set aside"
    one = Told(Statistics({State.DONE: 1}, (of_kind("photo", 1),)))
    assert summary(report_of(one, a_pass())) == "1 of 1 file has a copy that passed the check"


def test_unknown_fields_and_other_versions_are_refused() -> None:
    values = json.loads(report_of(with_failures(), a_pass()).model_dump_json(by_alias=True))
    assert values["schema"] == "kerchief.run/1"
    for change in ({"schema": "kerchief.run/2"}, {"more": 1}):
        with pytest.raises(ValidationError):
            RunReport.model_validate_json(json.dumps(values | change))


@pytest.mark.parametrize(
    "model",
    [RunReport, Files, Checked, Share, Missed, Kind, Histogram, Reason, Refused, Speed],
    ids=lambda one: one.__name__,
)
def test_every_field_is_documented(model: type[RunReport]) -> None:
    for name, field in model.model_fields.items():
        assert f"`{field.alias or name}`" in PAGE.read_text()


files = st.integers(0, 2_000_000)
seconds = st.floats(0, 1e9, allow_subnormal=False)
words = st.text(st.characters(), max_size=40)  # halves of surrogate pairs among them, as odd file names have
codes = st.sampled_from([ExitCode.FACE_SHOWS, ExitCode.INPUT_REFUSED, ExitCode.OUTPUT, ExitCode.UNEXPECTED])


@st.composite
def ledgers(draw: st.DrawFn) -> Told:
    """Any numbers that a ledger may hold together."""
    kinds = []
    for kind in draw(st.lists(st.sampled_from(["photo", "animation", "pages", "video"]), unique=True)):
        held = draw(st.lists(st.integers(0, BINS - 1), min_size=1, max_size=5))
        histogram = [held.count(n) for n in range(BINS)]
        some = st.integers(0, len(held))
        more = {"again": draw(some), "with_doubtful": draw(some), "added": draw(files), "seconds": draw(seconds)}
        kinds.append(of_kind(kind, len(held), histogram=tuple(histogram), **more))
    without = tuple(refused(n, draw(codes), draw(words), draw(words)) for n in range(draw(st.integers(0, 5))))
    states = [one.state for one in without]
    reasons = tuple(CountedReason(one.state, one.exit_code, one.problem, one.next_step, 1) for one in without)
    done = sum(one.files for one in kinds)
    counted = Statistics(
        files={State.DONE: done, State.WAITING: draw(files), **{state: states.count(state) for state in states}},
        kinds=tuple(kinds),
        codes={one.exit_code: sum(other.exit_code is one.exit_code for other in without) for one in without},
        reasons=reasons[: draw(st.integers(0, 5))],
        this_pass=OfPass(files=draw(st.integers(0, done)), size=draw(files), seconds=draw(seconds)),
    )
    return Told(counted, without)


@given(ledgers(), seconds, st.integers(0, 10_000), words)
def test_whatever_a_ledger_holds_adds_up_and_can_be_read_back(
    told: Told, wall: float, workers: int, source: str
) -> None:
    report = report_of(told, a_pass(wall, workers, sources=(source,), output=source))
    assert again(report) == report
    at = report.files
    assert at.total == at.done + at.refused + at.set_aside + at.left
    assert 0 <= at.earlier <= at.done
    without = at.refused + at.set_aside
    assert len(report.refused) + report.refused_unlisted == without
    assert sum(one.files for one in report.reasons) + report.reasons_unlisted == without
    for one in report.kinds:
        assert sum(one.histogram.files) == one.files
        assert len(one.histogram.edges) == len(one.histogram.files) + 1
    for share in (report.checked.again, report.checked.doubtful, report.checked.still_shows):
        assert 0 <= share.interval.low <= share.interval.value <= share.interval.high <= 1
    assert summary(report)
