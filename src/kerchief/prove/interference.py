"""Law 2 as a test: put something else under the mask, and see whether anything comes out otherwise (PRIVACY.md 1).

The samples under a mask are found here apart from the painter's own way, so that a painter that leaves one of them
bare is found out.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from kerchief.ports import Frame, Mask, Pixels, YuvFrame

AnyFrame = Frame | YuvFrame

#: The colour planes of what has no colour.
NO_COLOUR = 128
#: Bytes of the digest of a frame's samples: two that differ are told apart, whatever an hour of film weighs.
DIGEST_BYTES = 16


class Replacement(StrEnum):
    """What is put under a mask."""

    NOISE = "noise"
    BLACK = "black"
    WHITE = "white"


@dataclass(frozen=True, slots=True)
class Print:
    """What one painted frame is known by again.

    Attributes:
        pts: when it is shown.
        under: digest of its samples under the mask.
        beside: digest of all others.
    """

    pts: int
    under: bytes
    beside: bytes


@dataclass(frozen=True, slots=True)
class Rendering:
    """What came of one rendering.

    Attributes:
        sha256: digest of the file that was written.
        prints: of the painted frames, in order.
        changed: samples of the decoded picture that were other ones than in the original.
    """

    sha256: str
    prints: tuple[Print, ...]
    changed: int = 0


@dataclass(frozen=True, slots=True)
class Trial:
    """What a replacement did to the output.

    Attributes:
        by: what was put under the mask.
        changed: samples that it made other ones; with none the trial proves nothing.
        is_same: whether the same bytes were written.
        under: painted frames that differ under the mask.
        beside: painted frames that differ beside it.
        first: pts of the first painted frame that differs; None where none does.
    """

    by: Replacement
    changed: int
    is_same: bool
    under: int
    beside: int
    first: int | None

    @classmethod
    def of(cls, by: Replacement, true: Rendering, other: Rendering) -> Trial:
        """Hold a rendering of the replaced picture against that of the true one."""
        pairs = list(zip(true.prints, other.prints, strict=True))
        return cls(
            by=by,
            changed=other.changed,
            is_same=true.sha256 == other.sha256,
            under=sum(a.under != b.under for a, b in pairs),
            beside=sum(a.beside != b.beside for a, b in pairs),
            first=next((a.pts for a, b in pairs if a != b), None),
        )


@dataclass(frozen=True, slots=True)
class Interference:
    """Whether a file's copy by a plan depends on what the plan covers.

    Attributes:
        frames: how many were rendered.
        pixels: under the mask, in all frames together.
        heads: tracks that are covered in at least one frame.
        trials: one for each replacement.
    """

    frames: int
    pixels: int
    heads: int
    trials: tuple[Trial, ...]

    @property
    def counted(self) -> tuple[Trial, ...]:
        """The trials that can prove something: black put over black changes nothing."""
        return tuple(trial for trial in self.trials if trial.changed)

    @property
    def is_independent(self) -> bool:
        """Whether every trial that counts gave the same bytes, and there was one."""
        return bool(self.counted) and all(trial.is_same for trial in self.counted)


def replaced(frame: AnyFrame, mask: Mask, by: Replacement) -> AnyFrame:
    """The frame with other samples under a mask: all channels and transparency, or every plane.

    Args:
        frame: as it was decoded; left alone.
        mask: (height, width) bool, True = covered.
        by: what is put there. Noise makes every single sample another one, and is the same in every run.
    """
    random = np.random.default_rng(frame.pts)
    others = []
    for number, layer in enumerate(_layers(frame)):
        hidden, other = _on(layer, mask), layer.copy()
        is_colour = isinstance(frame, YuvFrame) and number > 0
        other[hidden] = _others(layer[hidden], by, random, is_colour=is_colour)
        others.append(other)
    if isinstance(frame, YuvFrame):
        y, u, v = others
        return replace(frame, planes=(y, u, v))
    return replace(frame, pixels=others[0], alpha=None if frame.alpha is None else others[1])


def changed(before: AnyFrame, after: AnyFrame) -> int:
    """Samples that differ between two frames of one size."""
    return sum(int(np.count_nonzero(a != b)) for a, b in zip(_layers(before), _layers(after), strict=True))


def print_of(frame: AnyFrame, mask: Mask) -> Print:
    """What a painted frame is known by again, for a mask of its size."""
    under, beside = (hashlib.blake2b(digest_size=DIGEST_BYTES) for _ in range(2))
    for layer in _layers(frame):
        hidden = _on(layer, mask)
        under.update(layer[hidden].tobytes())
        beside.update(layer[~hidden].tobytes())
    return Print(frame.pts, under.digest(), beside.digest())


def _layers(frame: AnyFrame) -> Sequence[Pixels]:
    """Everything that a frame consists of."""
    if isinstance(frame, YuvFrame):
        return frame.planes
    return (frame.pixels,) if frame.alpha is None else (frame.pixels, frame.alpha)


def _on(layer: Pixels, mask: Mask) -> Mask:
    """(h, w) bool: the samples of a layer that share a pixel with a mask of the picture."""
    step = mask.shape[0] // layer.shape[0]
    hidden: Mask = np.logical_or.reduce([mask[y::step, x::step] for y in range(step) for x in range(step)])
    return hidden


def _others(samples: Pixels, by: Replacement, random: np.random.Generator, *, is_colour: bool) -> Pixels | int:
    """What is put in the place of some samples."""
    most = int(np.iinfo(samples.dtype).max)
    if by is Replacement.NOISE:
        return samples ^ random.integers(1, most, samples.shape, samples.dtype, endpoint=True)
    if is_colour:
        return NO_COLOUR
    return 0 if by is Replacement.BLACK else most
