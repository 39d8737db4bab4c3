"""Which scales of a picture are looked at, by which network, and in what tiles.

Measured on two labelled sets (docs/measurements.md): a look sees faces of some 10 to 300 px at its own scale, so a
picture needs several: one small look at the whole of it for faces that fill it, and looks at or above full size for
the smallest. How fine it gets is bounded by how many pixels there are to look at.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import ceil, sqrt

#: Least fused score of the first looks (a missed face can't be taken back) and of the look at the output.
FIRST_THRESHOLD, SECOND_THRESHOLD = 0.18, 0.25
#: The first looks' least fused score of small things in the dark (``find.dark``). Of the values tried on made scenes
#: (docs/bias.md) lower ones cost more over-cover and exposed hardly fewer faces.
DARK_THRESHOLD = 0.13
#: Candidates below this are not even counted as votes.
LEAST = 0.06
#: A small look's faint candidates under this height (pixels of the look) are noise, and so are a fine look's over that.
COARSE_FROM_PX, FINE_TO_PX = 32.0, 300.0
#: Score from which a look is believed alone, whatever the others say.
COARSE_SURE, FINE_SURE = 0.35, 0.4
#: What the second network's word is worth; it has more false alarms on textures.
YUNET_WEIGHT = 0.5

COARSE_SIDE_PX = 640
#: Up to so many pixels of picture, these scales.
LADDER = ((0.28e6, (1.0, 2.0, 4.0)), (0.42e6, (1.0, 2.0, 3.0)), (1.0e6, (1.0, 2.0)), (1.6e6, (1.0, 1.4)))
#: Above the ladder: most pixels that each network looks at, and its finest scale. YuNet costs a sixth for a pixel, so
#: the finest look is its (measured at 2 megapixels: as many found as by CenterFace at full size, in 4/5 of the time).
CENTERFACE_PIXELS, CENTERFACE_SCALE = 4e6, 0.8
YUNET_PIXELS, YUNET_SCALE = 12e6, 1.4
#: The second look: about so many pixels, at most so much enlarged. On other scales than the first.
SECOND_PIXELS, SECOND_SCALE = 1e6, 1.4

#: Least fused score of a look at a frame of a film: what is faint here may be sure eight frames on.
FILM_THRESHOLD = 0.12
#: What is read back is worth a word from this score on: a veil with hair around it is a faint face to a network.
SECOND_FILM_THRESHOLD = 0.4
#: A film's frame is looked at as it is up to so many pixels, reduced to that number above, but by no more than half up
#: to the last number, so that a face of 20 px is seen in frames of any size; only tiny ones are enlarged.
FILM_PIXELS, FILM_LEAST_PIXELS, FILM_MOST_PIXELS = 0.56e6, 0.23e6, 2.2e6
#: The looks at a finished film, as a share of that scale.
SECOND_FILM_SCALE = 0.75

#: The small network runs faster on small tiles; the large one loses more to their overlaps.
TILE_PX, SMALL_TILE_PX, OVERLAP_PX, STRIDE = 832, 640, 96, 32


@dataclass(frozen=True, slots=True)
class Look:
    """One pass of a network over the picture at one scale.

    Attributes:
        network: its name.
        scale: size looked at over size of the picture.
        threshold: least score that counts at all.
        weight: what its score is worth, 0 to 1.
        from_px: height in pixels of the look from which its word counts.
        to_px: height up to which it counts.
        sure: weighted score from which it is believed alone, also outside that range.
        tile_px: about the longest side of a tile.
        is_brightened: whether it sees the picture with its dark parts brightened.
    """

    network: str
    scale: float
    threshold: float = LEAST
    weight: float = 1.0
    from_px: float = 0.0
    to_px: float = FINE_TO_PX
    sure: float = FINE_SURE
    tile_px: int = TILE_PX
    is_brightened: bool = False


def first_looks(width: int, height: int, own: tuple[str, float] | None = None) -> tuple[Look, ...]:
    """The looks that a plan is made by.

    CenterFace's look at about full size sees dark parts brightened, the others the picture as it is: in made scenes
    that finds more in bad light, while with all looks brightened faces of crowds were lost (docs/bias.md).

    Args:
        width: picture width in pixels.
        height: picture height in pixels.
        own: name and threshold of the user's own network; it looks too.
    """
    pixels = width * height
    small = min(0.5, COARSE_SIDE_PX / max(width, height))
    coarse = Look("centerface", small, from_px=COARSE_FROM_PX, to_px=float("inf"), sure=COARSE_SURE)
    scales = next((scales for limit, scales in LADDER if pixels <= limit), None)
    if scales is not None:
        looks = (coarse, *(Look("centerface", scale, is_brightened=scale == 1) for scale in scales))
    else:
        full = Look("centerface", min(CENTERFACE_SCALE, sqrt(CENTERFACE_PIXELS / pixels)), is_brightened=True)
        fine = min(YUNET_SCALE, sqrt(YUNET_PIXELS / pixels))
        looks = (coarse, full, Look("yunet", fine, LEAST / YUNET_WEIGHT, YUNET_WEIGHT, tile_px=SMALL_TILE_PX))
    return looks + _own_looks(width, height, own)


def second_looks(width: int, height: int, own: tuple[str, float] | None = None) -> tuple[Look, ...]:
    """The looks that a finished output is checked by: one cheap scale that the first looks did not use.

    YuNet would be cheaper on large pictures, but it sees faces in solid covers and their surroundings.
    """
    scale = min(SECOND_SCALE, sqrt(SECOND_PIXELS / (width * height)))
    taken = [look.scale for look in first_looks(width, height) if look.network == "centerface"]
    if any(abs(scale - other) < 0.1 * other for other in taken):
        scale *= 0.8
    return (Look("centerface", scale), *_own_looks(width, height, own)[:1])


def film_looks(width: int, height: int, own: tuple[str, float] | None = None) -> tuple[Look, ...]:
    """The looks at a frame of a film: coarser than at a photo, for the same face is seen in many frames.

    Measured on clips with known truth: a second network or twice the pixels gave the same recall at the same
    over-cover, for two to ten times the work.
    """
    scale = _film_scale(width, height)
    full = Look("centerface", scale, to_px=float("inf"))
    if scale * max(width, height) <= COARSE_SIDE_PX:
        return (full, *_own_looks(width, height, own))  # nothing in it is too large for that look
    coarse = Look("centerface", min(0.5, COARSE_SIDE_PX / 2 / max(width, height)), from_px=COARSE_FROM_PX / 2)
    return (coarse, replace(full, to_px=FINE_TO_PX), *_own_looks(width, height, own))


def second_film_looks(width: int, height: int, own: tuple[str, float] | None = None) -> tuple[Look, ...]:
    """The looks at the frames of a finished film: one scale between those of the first."""
    scale = SECOND_FILM_SCALE * _film_scale(width, height)
    return (Look("centerface", scale), *_own_looks(width, height, own)[:1])


def _film_scale(width: int, height: int) -> float:
    pixels = width * height
    small = min(2.0, sqrt(FILM_LEAST_PIXELS / pixels))
    large = min(0.5, sqrt(FILM_MOST_PIXELS / pixels))
    return max(small, large, min(1.0, sqrt(FILM_PIXELS / pixels)))


def tiles(length: int, tile_px: int = TILE_PX) -> list[tuple[int, int]]:
    """(start, size) of equal tiles along one side that overlap by at least OVERLAP_PX; sizes are multiples of STRIDE.

    Tiles bound memory. The last one may reach past the end by less than STRIDE.
    """
    if length <= tile_px * 1.1:
        return [(0, ceil(length / STRIDE) * STRIDE)]
    count = ceil((length - OVERLAP_PX) / (tile_px - OVERLAP_PX))
    size = ceil((length + (count - 1) * OVERLAP_PX) / count / STRIDE) * STRIDE
    return [(round(index * (length - size) / (count - 1)), size) for index in range(count)]


def _own_looks(width: int, height: int, own: tuple[str, float] | None) -> tuple[Look, ...]:
    """The user's network is believed at its own threshold, on the whole picture and at full size."""
    if own is None:
        return ()
    name, threshold = own
    small = min(1.0, COARSE_SIDE_PX / max(width, height))
    full = min(1.0, sqrt(CENTERFACE_PIXELS / (width * height)))
    scales = dict.fromkeys((small, full))
    return tuple(Look(name, scale, threshold, to_px=float("inf"), sure=threshold) for scale in scales)
