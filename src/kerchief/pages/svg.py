"""matplotlib's SVG, made fit for a page: no style attributes (a strict policy forbids them), no metadata, no fonts.

What is left has colours as plain attributes, which the page's own style sheet may change for a dark screen, and text
that is text, in the font of whoever reads it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree import ElementTree as ET

from kerchief.pages.colours import INK, PAPER

SVG = "{http://www.w3.org/2000/svg}"
HREF = "{http://www.w3.org/1999/xlink}href"
FONTS = "system-ui, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"
#: Paper around a plot that is a file of its own.
RIM_PX = 12
#: What no XML may hold: control characters and halves of surrogate pairs.
FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def inline(drawn: bytes, alt: str) -> str:
    """A plot as an element of a page, which gives it font and colours.

    Args:
        drawn: an SVG file by matplotlib.
        alt: what it shows, in words, for those who can't see it.
    """
    root = _cleaned(drawn, alt)
    return ET.tostring(root, encoding="unicode")


def standalone(drawn: bytes, alt: str) -> str:
    """A plot as a file of its own, on white paper, in any font without serifs. Arguments as ``inline``."""
    root = _cleaned(drawn, alt)
    root.set("xmlns", SVG[1:-1])
    root.set("font-family", FONTS)
    width, height = (float(root.attrib[side]) + 2 * RIM_PX for side in ("width", "height"))
    sides = {"width": f"{width:g}", "height": f"{height:g}"}
    root.attrib |= {"viewBox": f"{-RIM_PX} {-RIM_PX} {width:g} {height:g}", **sides}
    root.insert(0, ET.Element("rect", {"x": f"{-RIM_PX}", "y": f"{-RIM_PX}", "fill": PAPER, **sides}))
    return ET.tostring(root, encoding="unicode") + "\n"


def allowed(text: str) -> str:
    """The text with a sign in place of what no XML may hold."""
    return FORBIDDEN.sub("\N{REPLACEMENT CHARACTER}", text)


def _cleaned(drawn: bytes, alt: str) -> ET.Element:
    root = ET.fromstring(drawn)  # noqa: S314 - matplotlib wrote it a moment ago
    needed = set(_references(root))
    for element in list(root.iter()):
        element.tag = element.tag.removeprefix(SVG)
        _clean_attributes(element, needed)
        for child in [one for one in element if one.tag in (SVG + "metadata", SVG + "style")]:
            element.remove(child)
    _, _, width, height = root.attrib["viewBox"].split()
    root.attrib = {
        "viewBox": root.attrib["viewBox"],
        "width": width,
        "height": height,
        "role": "img",
        "aria-label": allowed(alt),
        "fill": INK,
        "stroke-linejoin": "round",
    }
    return root


def _references(root: ET.Element) -> Iterator[str]:
    """Ids that something points at."""
    for element in root.iter():
        for name, value in element.attrib.items():
            if name == HREF:
                yield value[1:]
            elif name == "clip-path":
                yield value.removeprefix("url(#").removesuffix(")")


def _clean_attributes(element: ET.Element, needed: set[str]) -> None:
    attributes = element.attrib
    for part in attributes.pop("style", "").split("; "):
        name, _, value = part.partition(": ")
        if name and name != "font-family":
            attributes[name] = value
    if HREF in attributes:
        attributes["href"] = attributes.pop(HREF)
    if attributes.get("id") not in needed:
        attributes.pop("id", None)
    if attributes.get("transform", "").startswith("rotate(-0 "):
        del attributes["transform"]
