"""A file and its copy, frame by frame."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import zip_longest
from pathlib import Path

from kerchief.adversary.faces import Rgb
from kerchief.errors import InputRefused
from kerchief.find.detect import as_rgb8, rgb_of
from kerchief.ports import Frame, MediaKind
from kerchief.tools import Source, Tools

#: When it is shown, in the original's time base; the original's frame and the copy's, (height, width, 3) uint8.
Both = tuple[int, Rgb, Rgb]


def side_by_side(original: Source, copy: Source, tools: Tools, beside: Tools) -> Iterator[Both]:
    """Frames that are shown at the same time.

    Args:
        original: opened with ``tools``.
        copy: opened with ``beside``.
        tools: a decoder.
        beside: another one.

    Raises:
        InputRefused: the copy is another kind of file, or has another size or other frames.
    """
    if (original.info.kind is MediaKind.VIDEO) != (copy.info.kind is MediaKind.VIDEO):
        raise InputRefused(str(copy.path), f"is another kind of file than {original.path.name}", "Give its copy.")
    ways = {MediaKind.VIDEO: _films, MediaKind.ANIMATION: _animations}
    for pts, before, after in ways.get(original.info.kind, _stills)(original, copy, tools, beside):
        if before.shape != after.shape:  # pages may have several sizes
            raise another_size(copy.path, original.path)
        yield pts, before, after


def another_size(copy: Path, original: Path) -> InputRefused:
    """What is said of a copy that can't be compared place by place."""
    step = "Compare copies that keep the size of the picture."
    return InputRefused(str(copy), f"has another size than {original.name}", step)


def _stills(original: Source, copy: Source, tools: Tools, beside: Tools) -> Iterator[Both]:
    """A photo, or pages in their order."""
    for before, after in zip_longest(tools.frames(original), beside.frames(copy)):
        if before is None or after is None:
            raise _unlike(original, copy)
        yield _both(before, after)


def _films(original: Source, copy: Source, tools: Tools, beside: Tools) -> Iterator[Both]:
    ours, theirs = Fraction(*original.info.time_base), Fraction(*copy.info.time_base)
    for before, after in zip_longest(tools.film(original), beside.film(copy)):
        if before is None or after is None or abs(before.pts * ours - after.pts * theirs) > ours + theirs:
            raise _unlike(original, copy)
        yield before.pts, rgb_of(before), rgb_of(after)


def _animations(original: Source, copy: Source, tools: Tools, beside: Tools) -> Iterator[Both]:
    """By time: encoders join frames that are alike."""
    afters = beside.frames(copy)
    after, following = next(afters), next(afters, None)
    last = 0
    for before in tools.frames(original):
        while following is not None and following.pts <= before.pts:
            after, following = following, next(afters, None)
        last = before.pts + before.duration
        yield _both(before, after)
    if following is not None or after.pts + after.duration < last:
        raise _unlike(original, copy)


def _both(before: Frame, after: Frame) -> Both:
    return before.pts, as_rgb8(before.pixels), as_rgb8(after.pixels)


def _unlike(original: Source, copy: Source) -> InputRefused:
    step = "Compare a copy of the whole file that keeps every frame."
    return InputRefused(str(copy.path), f"has other frames than {original.path.name}", step)
