"""A film in pieces that are watched side by side, and what was seen in them as if it had been watched in one go.

What ``find.watch`` knows of a frame hangs on those before it (motion, where things came from) and on some after it (a
flash is no cut). So each piece is read from a good while before its own frames to a while after them, and only what
was seen of its own frames is kept. Looks are at the frames that are looked at in the whole film, for a piece begins
with one of them.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from kerchief.find.motion import Camera
from kerchief.find.watch import Watched
from kerchief.plan.model import Cut
from kerchief.ports import Detection

#: So many looks before a piece are watched for it, and at least so many frames: what the camera's usual change was
#: before them then counts for 0.7 ** 112, less than the last digit of a float.
LEAD_LOOKS, LEAD_FRAMES = 16, 112
#: And so many after it: those that ``find.watch`` has under way, and one more.
TAIL_LOOKS = 4
#: Pieces are not shorter, so that what is read twice stays a small part; and not longer, so that all workers get some.
LEAST_SECONDS, MOST_SECONDS = 40, 120
#: Frames from a keyframe to where reading begins, at most: so far a jump is tried before it is believed
#: (``media.films.landing``), and from farther away each piece would be decoded from the film's start.
NEAR_FRAMES = 250


class Unlike(Exception):
    """Pieces do not fit together: the frames are not those of the survey, or were not seen alike by two neighbours."""


@dataclass(frozen=True, slots=True)
class Survey:
    """When the frames of a film are shown, without having decoded it.

    Attributes:
        times: pts of every frame, rising, from 0 on.
        keyframes: pts of those from which decoding can start; none where that can't be told.
    """

    times: Sequence[int]
    keyframes: Sequence[int]


@dataclass(frozen=True, slots=True)
class Piece:
    """Some of a film's frames, by number and time; ends exclusive.

    Attributes:
        first: number of its first frame.
        last: number of the first frame after it.
        start: pts of its first frame.
        end: pts of the first frame after it; None: it reaches to the film's end.
    """

    first: int
    last: int
    start: int
    end: int | None

    def within(self, cut: Cut | None) -> Cut:
        """The same part of the file, where the film is a clip of it."""
        start = cut.start if cut else 0
        end = (cut.end if cut else None) if self.end is None else start + self.end
        return Cut(start=start + self.start, end=end)


@dataclass(frozen=True, slots=True)
class Part:
    """A piece to be watched: its own frames, and all that are read for it."""

    own: Piece
    read: Piece


def clipped(survey: Survey, cut: Cut | None) -> Survey:
    """The same of a clip: its frames from pts 0 on."""
    if cut is None:
        return survey
    first = max(0, bisect_right(survey.times, cut.start) - 1)
    last = len(survey.times) if cut.end is None else bisect_left(survey.times, cut.end)
    times = [max(0, time - cut.start) for time in survey.times[first:last]]
    return Survey(times, [time - cut.start for time in survey.keyframes if time >= cut.start])


def parts_of(survey: Survey, time_base: tuple[int, int], step: int, workers: int) -> tuple[Part, ...]:
    """The pieces of a film for so many workers; one where it is short, or decoding can't start within it.

    Each begins at a frame that is looked at, the first such one from a keyframe on: there it is read at little cost,
    and a film that was edited cuts there.

    Args:
        survey: the film's.
        time_base: seconds for one unit of pts.
        step: frames from one look to the next.
        workers: that are to get two pieces each, if the film is long enough.

    Returns:
        None of them where no frames are known.
    """
    times = survey.times
    if not times:
        return ()
    length = (times[-1] - times[0]) * Fraction(*time_base)
    seconds = min(Fraction(MOST_SECONDS), max(Fraction(LEAST_SECONDS), length / (2 * workers)))
    starts = [0, *_starts(survey, int(seconds / Fraction(*time_base)), step)]
    ends = [*starts[1:], len(times)]
    return tuple(_part(times, step, first, last) for first, last in zip(starts, ends, strict=True))


def _starts(survey: Survey, units: int, step: int) -> Iterator[int]:
    """Numbers of the frames that pieces after the first begin with; at least so many units of pts apart."""
    times, begun = survey.times, 0
    for keyframe in survey.keyframes:
        if keyframe - begun < units or times[-1] - keyframe < units:
            continue
        number = -(-bisect_left(times, keyframe) // step) * step
        if number < len(times) and _is_near(survey, _lead(number, step)):
            begun = times[number]
            yield number


def _is_near(survey: Survey, number: int) -> bool:
    """Whether decoding can start not long before a frame."""
    keyframe = survey.keyframes[bisect_right(survey.keyframes, survey.times[number]) - 1]
    return number - bisect_left(survey.times, keyframe) <= NEAR_FRAMES


def _lead(first: int, step: int) -> int:
    """Number of the frame that is read first for a piece: one that is looked at."""
    return max(0, first - max(LEAD_LOOKS, -(-LEAD_FRAMES // step)) * step)


def _part(times: Sequence[int], step: int, first: int, last: int) -> Part:
    lead, tail = _lead(first, step), min(len(times), last + TAIL_LOOKS * step)
    return Part(_piece(times, first, last), _piece(times, lead, tail))


def _piece(times: Sequence[int], first: int, last: int) -> Piece:
    return Piece(first, last, times[first], times[last] if last < len(times) else None)


def joined(times: Sequence[int], seen: Sequence[tuple[Part, Watched]]) -> Watched:
    """What was seen of a film whose parts were watched one by one.

    Args:
        times: pts of every frame.
        seen: the parts in order; numbers in what was seen are counted from the frame that was read first, times are
            the film's.

    Raises:
        Unlike: the frames were others than the survey says, or two neighbours saw what both of them read otherwise.
    """
    whole = Watched(step=seen[0][1].step)
    for before, after in pairwise(seen):
        _must_agree(before, after, whole.step)
    for part, watched in seen:
        own, read = part.own, part.read
        low, high = own.first - read.first, own.last - read.first
        if watched.times[low:high] != list(times[own.first : own.last]):
            raise Unlike
        whole.times += times[own.first : own.last]
        whole.looks |= {read.first + n: ds for n, ds in watched.looks.items() if low <= n < high}
        _go_on(whole.camera, watched.camera, low, high)
        whole.length = watched.length
    part, watched = seen[-1]
    if len(watched.times) != part.read.last - part.read.first:
        raise Unlike
    return whole


def _must_agree(before: tuple[Part, Watched], after: tuple[Part, Watched], step: int) -> None:
    """Both read the frames around their seam; where the second one's lead was too short, they saw other things there.

    Raises:
        Unlike: they did.
    """
    seam = after[0].own.first
    numbers = range(seam - TAIL_LOOKS * step, min(seam + TAIL_LOOKS * step // 2, before[0].read.last))
    if _around(before, numbers) != _around(after, numbers):
        raise Unlike


def _around(seen: tuple[Part, Watched], numbers: range) -> list[tuple[bool, list[Detection] | None]]:
    """For some frames: whether the film cuts there, and what a look found."""
    part, watched = seen
    places = [number - part.read.first for number in numbers if number > part.read.first]
    shot = watched.camera.shot
    return [(shot[place] != shot[place - 1], watched.looks.get(place)) for place in places]


def _go_on(camera: Camera, piece: Camera, low: int, high: int) -> None:
    """Add a piece's motion and shots to those of the film before it."""
    if low == 0:
        camera.at += piece.at[low:high]
        camera.shot += piece.shot[low:high]
        return
    (x, y), shot = camera.at[-1], camera.shot[-1]
    (from_x, from_y), from_shot = piece.at[low - 1], piece.shot[low - 1]
    camera.at += [(x + at_x - from_x, y + at_y - from_y) for at_x, at_y in piece.at[low:high]]
    camera.shot += [shot + number - from_shot for number in piece.shot[low:high]]
