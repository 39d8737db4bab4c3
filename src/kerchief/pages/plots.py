"""The one door to matplotlib (extra ``attack``): plots as figures, and figures as SVG.

One unit of a figure is one pixel of a page, so that text of 12 px is seen as such. Figures are drawn by matplotlib's
objects alone: no pyplot, no window, no state. The same figure gives the same bytes.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Any

from kerchief.errors import UsageError
from kerchief.pages import svg
from kerchief.pages.colours import BLUE, GREY, GRID, INK, PAPER
from kerchief.prove.stats import Rate

if TYPE_CHECKING:
    from matplotlib.axes import Axes as Axes
    from matplotlib.axis import Axis
    from matplotlib.figure import Figure as Figure

INSTALL = "Install what pages need: `pip install 'kerchief[attack]'`."
#: matplotlib measures the figure in inches of so many.
PX = 72
FONT_PX = 12
#: Width to reckon with for a letter: wider than most, for it is not known in which font the text will be read.
LETTER_PX = 6.9
#: Letters of a label that are drawn.
LONGEST = 40
#: Heights of a row and a heading, and of the labels below axes.
ROW_PX, HEADING_PX, BELOW_PX = 22, 27, 42
#: Room for "100.0 % [97.6, 100.0]".
VALUE_PX = 150
#: Least width of an axis.
AXIS_PX = 120
#: Where axes of rates may end, and where those drawn on a root scale have ticks.
ENDS = (0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0)
ROOT_TICKS = (0.0, 0.01, 0.05, 0.1, 0.25, 0.5, 1.0)


@dataclass(frozen=True, slots=True)
class Row:
    """One rate.

    Attributes:
        label: stands before it.
        rate: a dot where it was seen, a line for its interval.
        reference: a rate to compare it with, drawn as a dash across the row. The dot is hollow where the interval
            holds it.
        colour: of ``colours``.
    """

    label: str
    rate: Rate
    reference: float | None = None
    colour: str = BLUE

    @property
    def stands_out(self) -> bool:
        """Whether the interval excludes the reference."""
        return self.reference is None or not self.rate.low <= self.reference <= self.rate.high


@dataclass(frozen=True, slots=True)
class Group:
    """Rows under a heading; none if it is empty."""

    heading: str
    rows: tuple[Row, ...]


def inline(figure: Figure, alt: str) -> str:
    """A figure as an element of a page; ``alt`` says in words what it shows."""
    return svg.inline(_drawn(figure, alt), alt)


def standalone(figure: Figure, alt: str) -> str:
    """A figure as an SVG file; ``alt`` says in words what it shows."""
    return svg.standalone(_drawn(figure, alt), alt)


def must_draw() -> None:
    """Said before long work, not after it.

    Raises:
        UsageError: matplotlib is not installed.
    """
    with styled():
        pass


def dots(groups: Sequence[Group], x_label: str, *, width: float = 390, is_root: bool = False) -> Figure:
    """Rates with their intervals, one below the other.

    Args:
        groups: from top to bottom.
        x_label: stands under the axis.
        width: px. Labels and values keep their size, what is left is for the axis; more if that is too little.
        is_root: small rates are drawn larger: the axis goes by the square root.

    Raises:
        UsageError: matplotlib is not installed.
    """
    with styled():
        places, height = _places(groups)
        rows = [row for group in groups for row in group.rows]
        left = 14 + LETTER_PX * max((len(short(row.label)) for row in rows), default=0)
        width = max(width, left + AXIS_PX + VALUE_PX)
        figure = new_figure(width, height + BELOW_PX)
        axes = new_axes(figure, left, 4, width - left - VALUE_PX, height)
        _rate_axis(axes, _end(rows), x_label, is_root=is_root)
        axes.set(ylim=(height, 0), yticks=[])
        axes.spines["left"].set_visible(False)
        for y, item in places:
            if isinstance(item, Row):
                _draw_row(axes, y, item)
                write(axes, item.label, (0, 1 - y / height), (8 - left, 0))
                write(axes, str(item.rate) if item.rate.n else "nobody", (1, 1 - y / height), (10, 0))
            else:
                write(axes, item, (0, 1 - y / height), (-left, 0), weight="bold")
        return figure


@contextmanager
def styled() -> Iterator[None]:
    """Our settings of matplotlib alone, whatever the user's own are; as they were, afterwards."""
    try:
        import matplotlib as mpl
    except ImportError:
        raise UsageError("", "pages with plots need matplotlib, which is not installed", INSTALL) from None
    ours: dict[Any, Any] = {
        "axes.edgecolor": GREY,
        "axes.labelcolor": INK,
        "axes.linewidth": 1,
        "axes.spines.right": False,
        "axes.spines.top": False,
        "axes.facecolor": "none",
        "figure.facecolor": "none",
        "font.size": FONT_PX,
        "legend.frameon": False,
        "svg.fonttype": "none",
        "text.color": INK,
        "text.parse_math": False,  # a label with $ in it is a label
        "xtick.color": GREY,
        "xtick.labelcolor": INK,
        "ytick.color": GREY,
        "ytick.labelcolor": INK,
    }
    with mpl.rc_context(), warnings.catch_warnings():
        # Text is written as text; that matplotlib's own font lacks a letter does not matter.
        warnings.filterwarnings("ignore", "Glyph .* missing from")
        mpl.rcdefaults()
        mpl.rcParams.update(ours)
        yield


def _drawn(figure: Figure, name: str) -> bytes:
    """The SVG; ids in it hang on the name and on what they stand for, so that figures can share a page."""
    import matplotlib as mpl

    with styled():
        mpl.rcParams["svg.hashsalt"] = name
        file = BytesIO()
        figure.savefig(file, format="svg")
        return file.getvalue()


def new_figure(width: float, height: float) -> Figure:
    """An empty figure of so many px."""
    from matplotlib.figure import Figure

    return Figure(figsize=(width / PX, height / PX), dpi=PX)


def new_axes(figure: Figure, x: float, y: float, width: float, height: float) -> Axes:
    """Axes whose upper left corner is at x, y px from that of the figure."""
    all_width, all_height = figure.get_size_inches() * PX
    return figure.add_axes((x / all_width, 1 - (y + height) / all_height, width / all_width, height / all_height))


def write(axes: Axes, text: str, at: tuple[float, float], by: tuple[float, float], weight: str = "normal") -> None:
    """Text whose left middle is so many px right of and above a point of the axes (0 to 1 from their lower left)."""
    axes.annotate(
        short(text),
        at,
        by,
        xycoords="axes fraction",
        textcoords="offset points",
        annotation_clip=False,
        verticalalignment="center",
        fontweight=weight,
    )


def _places(groups: Sequence[Group]) -> tuple[list[tuple[float, Row | str]], float]:
    """The middle of each heading and row, px from above, and how high all are together."""
    places: list[tuple[float, Row | str]] = []
    y = 0.0
    for group in groups:
        if group.heading:
            places.append((y + HEADING_PX / 2 + 2, group.heading))
            y += HEADING_PX
        for row in group.rows:
            places.append((y + ROW_PX / 2, row))
            y += ROW_PX
    return places, y + 4


def _draw_row(axes: Axes, y: float, row: Row) -> None:
    if row.reference is not None:
        axes.vlines(row.reference, y - ROW_PX / 2, y + ROW_PX / 2, GREY, linewidth=1.4, linestyle=(0, (3, 2.5)))
    if row.rate.n:
        axes.hlines(y, row.rate.low, row.rate.high, row.colour, linewidth=2.4, clip_on=False)
        face = row.colour if row.stands_out else PAPER
        axes.plot(
            [row.rate.share], [y], "o", color=row.colour, mfc=face, mew=1.8, markersize=7.5, clip_on=False, zorder=3
        )


def _rate_axis(axes: Axes, end: float, label: str, *, is_root: bool) -> None:
    if is_root:
        axes.set_xscale("function", functions=(lambda x: abs(x) ** 0.5, lambda x: x**2))
        axes.set_xticks([tick for tick in ROOT_TICKS if tick <= end])
    axes.set(xlim=(0, end), xlabel=label)
    axes.grid(axis="x", color=GRID, linewidth=1)
    axes.set_axisbelow(True)
    if not is_root:
        axes.locator_params(axis="x", nbins=4)
    percent(axes.xaxis)


def percent(axis: Axis) -> None:
    """Ticks in per cent; the sign is in the label."""
    axis.set_major_formatter(lambda value, _: f"{value * 100:g}")


def _end(rows: Sequence[Row]) -> float:
    """Where the axis ends: the next round rate above all that is drawn."""
    most = max((max(row.rate.high, row.reference or 0) for row in rows), default=1.0)
    return next(end for end in ENDS if end >= min(most, 1.0))


def short(label: str) -> str:
    """A label on one line, not so long that it leaves no room for the plot."""
    line = " ".join(svg.allowed(label).split())
    return line if len(line) <= LONGEST else line[: LONGEST - 1] + "…"
