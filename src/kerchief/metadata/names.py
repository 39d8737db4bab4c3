"""File names that a camera, phone or messenger gave: they tell a time or a device with the file unopened."""

from __future__ import annotations

import re
from pathlib import PurePath

_YEAR, _MONTH, _DAY = r"(?:19|20)\d\d", r"(?:0[1-9]|1[0-2])", r"(?:0[1-9]|[12]\d|3[01])"
_DATE = rf"(?<!\d){_YEAR}(?P<gap>[-_.]?){_MONTH}(?P=gap){_DAY}"
_DATE_BACKWARDS = rf"(?<!\d){_DAY}[-_.]{_MONTH}[-_.](?:20)?\d\d"
# with "at" or a comma between, and an hour of one digit on the twelve-hour clock
_TIME = r"(?:[-_.T,]|_at_)*(?:(?:[01]\d|2[0-3])[-_.:h]?[0-5]\d|\d[-_.:][0-5]\d)"
_MESSENGERS = (
    r"whatsapp_(?:image|video)|(?:img|vid|stk)-\d{8}-wa\d{4}|signal-\d{4}|telegram-cloud|photo_\d{4}-|fb_img_\d"
    r"|received_\d{9}|kakaotalk_|mmexport\d|snapchat-\d|viber_(?:image|video)|line_album_|line_\d{6}|inshot_\d"
)
_COUNTERS = (
    r"[a-z_]?dsc[fn]?[-_]?\d{4,5}|_?dsf\d{4}|_?img_?e?\d{4,5}|_mg_\d{4}|imgp\d{4}|imag\d{4}|rimg\d{4}|cimg\d{4}"
    r"|p[1-9a-c]\d{6}|_[1-9a-c]\d{6}|s\d{7}|r\d{7}|l\d{7}|sam_\d{4}|sdc\d{5}|pict\d{4}|hpim\d{4}|kif_\d{4}"
    r"|sany\d{4}|gopr\d{4}|g[hxpl]\d{6}|dji_\d{4}|mvi_\d{4}|mov_?\d{4}|vid_\d{4}|dcp_?\d{4,5}|\d{3}_\d{4}"
    r"|st[ap]_?\d{4,5}|cam\d{5}|ek\d{6}"
)
_UUID = r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}"
_AFTERWARDS = r"(?:[_~-]+\(?\d{1,2}\)?|\(\d{1,2}\)|[_-]+(?:edited|edit|hdr|cover|copy|mp))*"
_DEGREES = r"-?\d{1,3}\.\d{4,}"

# The first that fits gives the reason; underscores stand for spaces. Without ^ it may stand anywhere.
_REASONS = (
    ("the messenger it came through", rf"^(?:{_MESSENGERS})"),
    ("when the screen was captured", r"^(?:screen_?shot|screen_recording|bildschirmfoto)[-_].*\d{4}"),
    ("the place where it was taken", rf"(?<![\d.]){_DEGREES}[,_NS]+[EW]?{_DEGREES}"),
    ("when it was taken", rf"(?:{_DATE}|{_DATE_BACKWARDS}){_TIME}"),
    ("when it was taken", rf"^(?:img|pxl|mvimg|vid|pano|burst|wp|win|image|cam)[-_]{_DATE}"),
    ("when it was taken or sent", r"(?<!\d)1\d{12}(?!\d)"),
    ("the social network it came from", r"^\d{6,}_\d{6,}_\d{6,}_[a-z]$"),
    ("the camera's own number", rf"^(?:copy_of_)?(?:{_COUNTERS}){_AFTERWARDS}$"),
    ("a number that occurs only once", rf"(?<![0-9a-f]){_UUID}(?![0-9a-f])|^[0-9a-f]{{32}}$"),
)
_PATTERNS = tuple((reason, re.compile(pattern, re.IGNORECASE)) for reason, pattern in _REASONS)
_EXTENSIONS = re.compile(r"(?:\.[a-z][a-z0-9]{1,9}){1,4}$", re.IGNORECASE)  # also .MP.jpg, .kerchief.jpg


def stamped(name: str) -> str | None:
    """What a file name gives away if a device or messenger made it up, or None if a person may have.

    Args:
        name: The name with or without folders and extension. Only the last part counts.
    """
    stem = _EXTENSIONS.sub("", PurePath(name.replace("\\", "/")).name)
    stem = re.sub(r"[\s_]+", "_", stem)  # \s: macOS puts a narrow no-break space before "PM"
    return next((reason for reason, pattern in _PATTERNS if pattern.search(stem)), None)
