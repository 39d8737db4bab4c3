"""Reads image files: what a file is, and its frames as arrays. Runs inside the sandbox's child process.

What can't be read whole is refused: a file that is cut off is not a smaller picture (law 5).
"""

from __future__ import annotations

import hashlib
import struct
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from io import BytesIO

import numpy as np
import pi_heif
from PIL import (  # the plugins register the formats; nothing but these is ever tried
    AvifImagePlugin,  # noqa: F401
    BmpImagePlugin,  # noqa: F401
    ExifTags,
    GifImagePlugin,  # noqa: F401
    Image,
    JpegImagePlugin,  # noqa: F401
    PngImagePlugin,  # noqa: F401
    TiffImagePlugin,  # noqa: F401
    UnidentifiedImageError,
    WebPImagePlugin,  # noqa: F401
)

from kerchief.errors import SEND_WHOLE, InputRefused
from kerchief.media.limits import Limits
from kerchief.media.photos.colour import has_alpha, to_arrays
from kerchief.media.photos.deep import is_deep, read_deep
from kerchief.ports import Frame, MediaInfo, MediaKind, Pixels

#: Pillow's names of the formats that are read (MPO comes as JPEG); everything else is refused.
FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "TIFF", "BMP", "HEIF", "AVIF")
ANIMATED = ("PNG", "WEBP", "GIF", "AVIF")
MILLISECONDS = (1, 1000)
NO_TIME = (1, 1)
CONVERT = "Open it in an image editor and save it as JPEG or PNG first."
READS = "It reads JPEG, PNG, WebP, GIF, TIFF, BMP, HEIC and AVIF, and films (MP4, MOV, MKV, WebM, AVI, MPEG)."

NEW_SUBFILE_TYPE, PHOTOMETRIC, DNG_VERSION, SUB_IFDS = 254, 262, 50706, 330
REDUCED_OR_MASK = 0b101
RAW_PHOTOMETRIC = (32803, 34892)  # colour filter array, linear raw (DNG 1.6, chapter 4)


@dataclass(frozen=True, slots=True)
class Still:
    """An image file that was opened: what it is, and a way to its frames."""

    info: MediaInfo
    frames: Callable[[], Iterator[Frame]]


def open_still(data: bytes, limits: Limits) -> Still:
    """The image file in these bytes.

    Raises:
        InputRefused: not an image that is read here, a raw file, damaged, cut off, or over a limit.
    """
    pi_heif.register_heif_opener()
    Image.MAX_IMAGE_PIXELS = None  # our own limit, checked on the header, gives a better message
    with _as_refusals():
        image = Image.open(BytesIO(data), formats=FORMATS)
        _refuse_raw(image)
        _check_size(image.size, limits)
        return _describe(image, data, limits)


def _describe(image: Image.Image, data: bytes, limits: Limits) -> Still:
    shown = _shown_frames(image)
    deep = read_deep(data) if is_deep(image, data) and len(shown) == 1 else None
    kind = MediaKind.PHOTO
    if len(shown) > 1:
        kind = MediaKind.ANIMATION if image.format in ANIMATED else MediaKind.PAGES
    image.seek(shown[0])
    orientation = _orientation(image)
    width, height = image.size if orientation < 5 else image.size[::-1]
    if width * height * len(shown) > limits.total_pixels:
        raise InputRefused("", f"{len(shown)} frames of {width} × {height} are too many pixels", "Split it first.")
    info = MediaInfo(
        format={"MPO": "jpeg"}.get(image.format or "", (image.format or "").lower()),
        kind=kind,
        width=width,
        height=height,
        frames=len(shown),
        time_base=MILLISECONDS if kind is MediaKind.ANIMATION else NO_TIME,
        orientation=orientation,
        loops=_loops(image) if kind is MediaKind.ANIMATION else None,
        sha256=hashlib.sha256(data).hexdigest(),
        size_bytes=len(data),
        has_alpha=deep[1] is not None if deep else has_alpha(image),
        bits=16 if deep or image.mode.startswith("I;16") else 8,
        dropped=_dropped_frames(image, len(shown)),
        changes=_changes(image, deep=deep is not None, data=data),
    )
    if deep:
        return Still(info, lambda: iter([_upright(Frame(0, 0, *deep), orientation)]))
    return Still(info, lambda: _frames(image, shown, info, limits))


def _frames(image: Image.Image, shown: list[int], info: MediaInfo, limits: Limits) -> Iterator[Frame]:
    """Every shown frame, upright, with its time."""
    pts = 0
    for number, index in enumerate(shown):
        with _as_refusals():
            image.seek(index)
            _check_size(image.size, limits)
            image.load()
            pixels, alpha, _ = to_arrays(image, with_alpha=info.has_alpha)
            duration = round(image.info.get("duration", 0)) if info.kind is MediaKind.ANIMATION else 0
            orientation = _orientation(image)
        at = number if info.kind is MediaKind.PAGES else pts
        yield _upright(Frame(at, duration, pixels, alpha), orientation)
        # Two frames never share a pts, even where an animation gives no duration.
        pts += max(1, duration)


def _shown_frames(image: Image.Image) -> list[int]:
    """Numbers of the frames that are the picture: no previews, no further pictures of a camera, no hidden frames."""
    count = getattr(image, "n_frames", 1)
    if image.format == "TIFF":
        return _full_pages(image, count)
    if image.format == "HEIF":
        return [image.tell()]  # the primary picture
    if image.format not in ANIMATED or count == 1:
        return [0]
    first = 1 if image.info.get("default_image") else 0  # an APNG's picture for viewers that can't animate
    return list(range(first, count))


def _full_pages(image: Image.Image, count: int) -> list[int]:
    pages = []
    for index in range(count):
        image.seek(index)
        _refuse_raw(image)
        if not image.tag_v2.get(NEW_SUBFILE_TYPE, 0) & REDUCED_OR_MASK:  # type: ignore[attr-defined]
            pages.append(index)
    if not pages:
        raise InputRefused("", "the file holds only reduced copies of a picture", CONVERT)
    return pages


def _dropped_frames(image: Image.Image, shown: int) -> tuple[str, ...]:
    """A phrase for pictures in the file that are not shown and not carried over."""
    return ("further pictures in the file",) if getattr(image, "n_frames", 1) > shown else ()


def _changes(image: Image.Image, *, deep: bool, data: bytes) -> tuple[str, ...]:
    """What decoding will change in the picture itself."""
    if deep:
        return ("the colour profile was dropped, not applied",) if "icc_profile" in image.info else ()
    reduced = image.info.get("bit_depth", 8) > 8 or is_deep(image, data)
    depth = ("reduced to 8 bits a channel",) if reduced else ()
    profile = image.info.get("icc_profile") is not None or image.mode in ("CMYK", "LAB", "YCbCr")
    # One pixel is enough to learn what the conversion says of itself.
    said = to_arrays(_corner(image), with_alpha=False)[2] if profile and image.mode not in ("I", "F") else ()
    return depth + said


def _corner(image: Image.Image) -> Image.Image:
    corner = Image.new(image.mode, (1, 1))
    corner.info = {key: value for key, value in image.info.items() if key == "icc_profile"}
    return corner


def _upright(frame: Frame, orientation: int) -> Frame:
    """The frame turned as its EXIF orientation says (EXIF 2.32 section 4.6.4.A, tag 274)."""
    alpha = None if frame.alpha is None else turned(frame.alpha, orientation)
    return replace(frame, pixels=turned(frame.pixels, orientation), alpha=alpha)


def turned(array: Pixels, orientation: int) -> Pixels:
    """A coded array (height, width, …) as it is displayed."""
    if orientation >= 5:
        array = np.swapaxes(array, 0, 1)
    if orientation in (2, 3, 6, 7):
        array = array[:, ::-1]
    if orientation in (3, 4, 7, 8):
        array = array[::-1]
    return np.ascontiguousarray(array)


def _orientation(image: Image.Image) -> int:
    value = image.getexif().get(ExifTags.Base.Orientation, 1)
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def _loops(image: Image.Image) -> int | None:
    loops = image.info.get("loop")
    return loops if isinstance(loops, int) and 0 <= loops < 1 << 16 else None


def _check_size(size: tuple[int, int], limits: Limits) -> None:
    width, height = size
    if width < 1 or height < 1:
        raise InputRefused("", "the picture has no pixels", CONVERT)
    if width * height > limits.frame_pixels:
        allowed = limits.frame_pixels // 1_000_000
        raise InputRefused("", f"{width} × {height} is over the limit of {allowed} megapixels", "Scale it down first.")


def _refuse_raw(image: Image.Image) -> None:
    """Raw files open as TIFF, but what opens is a preview."""
    if image.format != "TIFF":
        return
    tags = image.tag_v2  # type: ignore[attr-defined]
    is_preview = tags.get(NEW_SUBFILE_TYPE, 0) & 1 and SUB_IFDS in tags
    if DNG_VERSION in tags or tags.get(PHOTOMETRIC) in RAW_PHOTOMETRIC or is_preview:
        raise InputRefused("", "this is a camera's raw file", CONVERT)


class _as_refusals:
    """Turns whatever a decoder raises into one refusal. Decoders are many and so are their exceptions."""

    def __enter__(self) -> None:
        self._warnings = warnings.catch_warnings()
        self._warnings.__enter__()
        warnings.simplefilter("ignore")

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        self._warnings.__exit__(None, None, None)
        if error is None or isinstance(error, InputRefused) or not isinstance(error, Exception):
            return
        if isinstance(error, UnidentifiedImageError):
            raise InputRefused("", "not a picture that kerchief reads", READS) from None
        if isinstance(error, MemoryError):
            raise InputRefused("", "decoding needs more memory than allowed", "Scale it down first.") from None
        problem = "the file is cut off" if _says_cut_off(error) else "the file is damaged"
        raise InputRefused("", problem, SEND_WHOLE) from error


def _says_cut_off(error: Exception) -> bool:
    """Only chooses between two words of one message; the refusal is the same."""
    return isinstance(error, EOFError | struct.error) or "truncated" in str(error).lower()
