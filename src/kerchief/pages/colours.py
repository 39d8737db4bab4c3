"""Colours of plots and pages, and what takes their place on a dark screen.

The four that tell things apart are those of Okabe and Ito (2008), told apart with any colour vision; the purple is
darker than theirs, to be seen on white.
"""

from __future__ import annotations

INK = "#1b1f24"
PAPER = "#ffffff"
GREY = "#68707b"
GRID = "#d9dce1"
BLUE = "#0072b2"
ORANGE = "#d55e00"
GREEN = "#009e73"
PURPLE = "#b0528a"

#: Light screen → dark screen.
DARK = {
    INK: "#e9e7e3",
    PAPER: "#15181c",
    GREY: "#9aa1ab",
    GRID: "#363c44",
    BLUE: "#5bb0ea",
    ORANGE: "#ff8b42",
    GREEN: "#2fc79a",
    PURPLE: "#e08fbd",
}
