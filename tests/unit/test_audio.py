"""The text of ``--audio``, and the setting that it becomes."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from kerchief.cli.audio import audio_from
from kerchief.errors import UsageError
from kerchief.plan.audio import Audio, AudioAction, Span


def spans(text: str) -> list[tuple[float, float]]:
    return [(span.start, span.end) for span in audio_from(f"mute:{text}").spans]


def test_drop_and_keep() -> None:
    assert audio_from("drop") == Audio()
    assert audio_from("keep").action is AudioAction.KEEP
    assert not Audio().is_kept
    assert audio_from("keep").is_kept
    assert audio_from("mute:0-1").is_kept


def test_times() -> None:
    assert spans("0:05-0:12,1:00:03.5-1:00:09") == [(5, 12), (3603.5, 3609)]
    assert spans("5-7.25") == [(5, 7.25)]
    assert spans("90-91:00") == [(90, 5460)]
    assert spans(" 0:00.5 - 0:01 , 2-3") == [(0.5, 1), (2, 3)]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "loud",
        "keep:1-2",
        "drop:",
        "mute",
        "mute:",
        "mute:,",
        "mute:1-2,",
        "mute:5",
        "mute:5-",
        "mute:-5",
        "mute:5-5",
        "mute:7-5",
        "mute:0:75-2:00",
        "mute:1:60:00-2:00:00",
        "mute:1:2:3:4-9:00:00",
        "mute:a-b",
        "mute:1e3-2e3",
        "mute:nan-inf",
        "mute:1.-2",
        "mute:٣-٤",
        "mute:1-2-3",
        "MUTE:1-2",
    ],
)
def test_what_is_no_choice_is_wrong_usage(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        audio_from(text)
    assert caught.value.exit_code == 2


def test_a_setting_that_makes_no_sense_is_refused() -> None:
    for wrong in (
        lambda: Span(start=2, end=2),
        lambda: Span(start=-1, end=2),
        lambda: Span(start=0, end=float("inf")),
        lambda: Audio(action=AudioAction.MUTE),
        lambda: Audio(action=AudioAction.KEEP, spans=(Span(start=0, end=1),)),
    ):
        with pytest.raises(ValidationError):
            wrong()


def test_seconds_that_spans_share_count_once_and_those_past_the_end_not_at_all() -> None:
    audio = audio_from("mute:1-3,2-4,2.5-2.6,8-20,30-40")
    assert audio.within(0, 10) == (4, pytest.approx(5))
    assert audio.within(0, 0.5) == (0, 0)
    assert audio.within(3.5, 9) == (2, pytest.approx(1.5))
    assert audio.within(4, 8) == (0, 0)
