"""Times as people write them → units of a film."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from kerchief.cli.options import clip_from
from kerchief.cli.times import seconds_of
from kerchief.errors import UsageError
from kerchief.plan.model import Cut
from kerchief.settings import Clip, Settings


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", "0"),
        ("75", "75"),
        ("75.25", "75.25"),
        ("1:15", "75"),
        ("01:15.5", "75.5"),
        ("0:01:15", "75"),
        ("2:00:00.001", "7200.001"),
        ("91:00", "5460"),
    ],
)
def test_times(text: str, seconds: str) -> None:
    assert seconds_of("--from", text) == Decimal(seconds)


@pytest.mark.parametrize("text", ["", "x", "-1", "1:5", "1:60", "1:60:00", "1:2:3", "1e3", "1:15:", ".5", "inf", "١"])
def test_what_is_no_time(text: str) -> None:
    with pytest.raises(UsageError, match="--to"):
        seconds_of("--to", text)


@pytest.mark.parametrize(("start", "end"), [("1", "1"), ("1:00", "59.9"), (None, "0")])
def test_an_empty_clip(start: str | None, end: str) -> None:
    with pytest.raises(UsageError, match="--to"):
        clip_from(start, end)
    with pytest.raises(ValidationError):
        Clip(start=Decimal(2), end=Decimal(2))
    with pytest.raises(ValidationError):
        Cut(start=2, end=2)


def test_no_times_no_clip() -> None:
    assert clip_from(None, None) is None
    assert clip_from(None, "2") == Clip(end=Decimal(2))
    assert clip_from("2", None) == Clip(start=Decimal(2))


def test_units_that_are_partly_kept_are_kept() -> None:
    assert Clip(start=Decimal("0.1"), end=Decimal("0.2")).cut((1001, 30_000)) == Cut(start=2, end=6)
    assert Clip(start=Decimal("0.1"), end=Decimal("0.2")).cut((1, 1000)) == Cut(start=100, end=200)


def test_another_clip_is_another_setting() -> None:
    one, two = (Settings(clip=Clip(end=Decimal(n))).digest() for n in (1, 2))
    assert len({one, two, Settings().digest()}) == 3


@given(st.lists(st.integers(1, 9), min_size=1, max_size=12), st.integers(0, 60), st.integers(1, 60))
def test_the_parts_of_frames_fill_the_clip_without_gaps(lengths: list[int], start: int, length: int) -> None:
    cut, at, parts = Cut(start=start, end=start + length), 0, []
    for one in lengths:
        part = cut.part(at, at + one)
        on_screen = at < start + length and at + one > start
        assert (part is not None) == on_screen
        parts += [part] if part else []
        at += one
    assert sum(duration for _, duration in parts) == max(0, min(at, start + length) - start)
    ends = [0, *(pts + duration for pts, duration in parts)]
    assert [pts for pts, _ in parts] == ends[: len(parts)]
