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
from math import ceil
from typing import TYPE_CHECKING, Any

from kerchief.errors import UsageError
from kerchief.pages import svg
from kerchief.pages.colours import BLUE, GREY, GRID, INK, ORANGE, PAPER
from kerchief.prove.stats import Rate

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis
    from matplotlib.figure import Figure

INSTALL = "Install what pages need: `pip install 'kerchief[attack]'`."
#: matplotlib measures the figure in inches of so many.
PX = 72
FONT_PX = 12
#: Width to reckon with for a letter: wider than most, for it is not known in which font the text will be read.
LETTER_PX = 6.9
#: Letters of a label that are drawn.
LONGEST = 40
ROW_PX, HEADING_PX, BELOW_PX, LEGEND_PX = 22, 27, 42, 18
#: Room for "100.0 % [97.6, 100.0]".
VALUE_PX = 150
#: Where axes of rates may end, and where those drawn on a root scale have ticks.
ENDS = (0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0)
ROOT_TICKS = (0.0, 0.01, 0.05, 0.1, 0.25, 0.5, 1.0)
#: Widths and heights of panels, without titles and legends.
CURVES_PX = (340, 250)
BINS_PX = (270, 150)


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


@dataclass(frozen=True, slots=True)
class Pen:
    """How a curve is drawn: colour of ``colours``, matplotlib's marker, dashed or not, width in px."""

    colour: str
    marker: str = ""
    is_dashed: bool = False
    width: float = 1.8


@dataclass(frozen=True, slots=True)
class Curve:
    """A line of shares (0 to 1) over x."""

    label: str
    x: tuple[float, ...]
    y: tuple[float, ...]
    pen: Pen


@dataclass(frozen=True, slots=True)
class Panel:
    """Curves that share axes; later ones lie on top."""

    title: str
    curves: tuple[Curve, ...]


@dataclass(frozen=True, slots=True)
class Bins:
    """Two distributions over bins of equal width from 0 to ``end``, as shares.

    Attributes:
        title: stands above.
        same: shares of the distances to the same person.
        others: shares of those to other people.
        end: where the last bin ends.
        limit: a distance to mark; two faces nearer than that match.
        shown: where the drawn axis ends, so that panels can be compared.
    """

    title: str
    same: tuple[float, ...]
    others: tuple[float, ...]
    end: float
    limit: float
    shown: float


def inline(figure: Figure, alt: str) -> str:
    """A figure as an element of a page; ``alt`` says in words what it shows."""
    return svg.inline(_drawn(figure, alt), alt)


def standalone(figure: Figure, alt: str) -> str:
    """A figure as an SVG file; ``alt`` says in words what it shows."""
    return svg.standalone(_drawn(figure, alt), alt)


def dots(groups: Sequence[Group], x_label: str, *, width: float = 390, is_root: bool = False) -> Figure:
    """Rates with their intervals, one below the other.

    Args:
        groups: from top to bottom.
        x_label: stands under the axis.
        width: px. Labels and values keep their size, what is left is for the axis.
        is_root: small rates are drawn larger: the axis goes by the square root.

    Raises:
        UsageError: matplotlib is not installed.
    """
    with _styled():
        places, height = _places(groups)
        rows = [row for group in groups for row in group.rows]
        left = 14 + LETTER_PX * max((len(_short(row.label)) for row in rows), default=0)
        figure = _figure(width, height + BELOW_PX)
        axes = _axes(figure, left, 4, width - left - VALUE_PX, height)
        _rate_axis(axes, _end(rows), x_label, is_root=is_root)
        axes.set(ylim=(height, 0), yticks=[])
        axes.spines["left"].set_visible(False)
        for y, item in places:
            if isinstance(item, Row):
                _draw_row(axes, y, item)
                _write(axes, item.label, (0, 1 - y / height), (8 - left, 0))
                _write(axes, str(item.rate) if item.rate.n else "nobody", (1, 1 - y / height), (10, 0))
            else:
                _write(axes, item, (0, 1 - y / height), (-left, 0), weight="bold")
        return figure


def lines(panels: Sequence[Panel], x_label: str, y_label: str, *, columns: int = 1, is_log: bool = False) -> Figure:
    """Shares over x, in panels of one size with one legend.

    Args:
        panels: in reading order.
        x_label: stands under each.
        y_label: stands above each axis, for a turned one is hard to read.
        columns: panels in a row.
        is_log: x by its logarithm, in %.

    Raises:
        UsageError: matplotlib is not installed.
    """
    with _styled():
        figure, every = _panels(len(panels), columns, CURVES_PX, legend=_legend_rows(panels, columns), above=40)
        for axes, panel in zip(every, panels, strict=True):
            for curve in panel.curves:
                _draw_curve(axes, curve)
            _percent(axes.yaxis)
            axes.set(ylim=(0, 1.02), xlabel=x_label)
            _title(axes, panel.title, y_label)
            if is_log:
                axes.set_xscale("log")
                _percent(axes.xaxis)
            axes.set_xlim(min(x for c in panel.curves for x in c.x), max(x for c in panel.curves for x in c.x))
        _legend(figure, every)
        return figure


def distributions(panels: Sequence[Bins], x_label: str, *, columns: int = 1) -> Figure:
    """How far faces of the same person and of other people are from each other, in panels with one legend.

    Raises:
        UsageError: matplotlib is not installed.
    """
    with _styled():
        figure, every = _panels(len(panels), columns, BINS_PX, legend=1, above=24)
        for axes, bins in zip(every, panels, strict=True):
            _draw_bins(axes, bins)
            axes.set_xlabel(x_label)
            _title(axes, bins.title, "")
        _legend(figure, every)
        return figure


@contextmanager
def _styled() -> Iterator[None]:
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

    with _styled():
        mpl.rcParams["svg.hashsalt"] = name
        file = BytesIO()
        figure.savefig(file, format="svg", metadata={"Date": None})
        return file.getvalue()


def _figure(width: float, height: float) -> Figure:
    from matplotlib.figure import Figure

    return Figure(figsize=(width / PX, height / PX), dpi=PX)


def _axes(figure: Figure, x: float, y: float, width: float, height: float) -> Axes:
    """Axes whose upper left corner is at x, y px from that of the figure."""
    all_width, all_height = figure.get_size_inches() * PX
    return figure.add_axes((x / all_width, 1 - (y + height) / all_height, width / all_width, height / all_height))


def _panels(count: int, columns: int, size: tuple[int, int], *, legend: int, above: int) -> tuple[Figure, list[Axes]]:
    """Axes in rows, with room for titles above, labels below each, and so many lines of a legend at the foot."""
    width, height = size
    across = min(columns, max(1, count))
    cell = height + above + BELOW_PX
    figure = _figure(across * width, ceil(count / across) * cell + legend * LEGEND_PX)
    left, right = 42, 12
    return figure, [
        _axes(figure, i % across * width + left, i // across * cell + above, width - left - right, height)
        for i in range(count)
    ]


def _title(axes: Axes, title: str, below: str) -> None:
    """A title over the axes, from the figure's edge on, and under it what the upright axis means."""
    _write(axes, title, (0, 1), (-34, 29 if below else 13), weight="bold")
    _write(axes, below, (0, 1), (-34, 12))


def _write(axes: Axes, text: str, at: tuple[float, float], by: tuple[float, float], weight: str = "normal") -> None:
    """Text whose left middle is so many px right of and above a point of the axes (0 to 1 from their lower left)."""
    axes.annotate(
        _short(text),
        at,
        by,
        xycoords="axes fraction",
        textcoords="offset points",
        annotation_clip=False,
        verticalalignment="center",
        fontweight=weight,
    )


def _legend_rows(panels: Sequence[Panel], columns: int) -> int:
    labels = {curve.label for panel in panels for curve in panel.curves}
    return ceil(len(labels) / _legend_columns(CURVES_PX[0] * min(columns, max(1, len(panels)))))


def _legend_columns(width: float) -> int:
    return max(1, int(width // 84))


def _legend(figure: Figure, every: Sequence[Axes]) -> None:
    """What each line means, once, at the foot of the figure."""
    known: dict[str, Any] = {}
    for axes in every:
        for handle, label in zip(*axes.get_legend_handles_labels(), strict=True):
            known.setdefault(label, handle)
    columns = min(len(known), _legend_columns(figure.get_figwidth() * PX))
    if known:
        figure.legend(
            list(known.values()),
            list(known),
            loc="lower center",
            ncols=columns,
            handlelength=1.7,
            handletextpad=0.5,
            columnspacing=1.2,
            borderpad=0.2,
            borderaxespad=0,
            fontsize=FONT_PX - 1,
        )


def _draw_curve(axes: Axes, curve: Curve) -> None:
    pen = curve.pen
    axes.plot(
        curve.x,
        curve.y,
        label=_short(curve.label),
        color=pen.colour,
        linewidth=pen.width,
        linestyle=(0, (4, 2.5)) if pen.is_dashed else "-",
        marker=pen.marker or None,
        markersize=5,
        markevery=max(1, len(curve.x) // 6),
        clip_on=False,
    )


def _draw_bins(axes: Axes, bins: Bins) -> None:
    for shares, colour, label in ((bins.others, BLUE, "other people"), (bins.same, ORANGE, "same person")):
        edges = [bins.end * i / len(shares) for i in range(len(shares) + 1)]
        axes.stairs(shares, edges, fill=True, color=colour, alpha=0.35)
        axes.stairs(shares, edges, color=colour, linewidth=1.3, label=label)
    axes.axvline(bins.limit, color=INK, linewidth=1.2, dashes=(4, 2), label="limit")
    axes.set(xlim=(0, bins.shown), yticks=[])
    axes.set_ylim(bottom=0)
    axes.spines["left"].set_visible(False)


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
    _percent(axes.xaxis)


def _percent(axis: Axis) -> None:
    """Ticks in per cent; the sign is in the label."""
    axis.set_major_formatter(lambda value, _: f"{value * 100:g}")


def _end(rows: Sequence[Row]) -> float:
    """Where the axis ends: the next round rate above all that is drawn."""
    most = max((max(row.rate.high, row.reference or 0) for row in rows), default=1.0)
    return next(end for end in ENDS if end >= min(most, 1.0))


def _short(label: str) -> str:
    """A label on one line that leaves room for the plot."""
    line = " ".join(svg.allowed(label).split())
    return line if len(line) <= LONGEST else line[: LONGEST - 1] + "…"
