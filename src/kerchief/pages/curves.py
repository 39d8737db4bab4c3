"""Curves and distributions in panels of one size, with one legend."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING, Any

from kerchief.pages import plots
from kerchief.pages.colours import BLUE, INK, ORANGE

if TYPE_CHECKING:
    from kerchief.pages.plots import Axes, Figure

#: Widths and heights of panels, without titles and legends.
CURVES_PX = (340, 250)
BINS_PX = (270, 150)
#: Room above for a title, and for one with a line below it.
TITLE_PX, TITLES_PX = 26, 42
#: Room for the ticks of shares, and right of the axes for half a tick.
TICKS_PX, RIGHT_PX = 34, 14
#: Room for an entry of a legend, and the height of a line of it.
ENTRY_PX, LEGEND_PX = 84, 18


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


def lines(panels: Sequence[Panel], x_label: str, y_label: str, *, columns: int = 1, is_log: bool = False) -> Figure:
    """Shares over x.

    Args:
        panels: in reading order; one at least.
        x_label: stands under each.
        y_label: stands above each axis, for a turned one is hard to read.
        columns: panels in a row.
        is_log: x are shares too, drawn by their logarithm.

    Raises:
        UsageError: matplotlib is not installed.
    """
    with plots.styled():
        names = dict.fromkeys(curve.label for panel in panels for curve in panel.curves)
        figure, every = _panels(len(panels), min(columns, len(panels)), _legend_rows(len(names), columns))
        for axes, panel in zip(every, panels, strict=True):
            for curve in panel.curves:
                _draw_curve(axes, curve)
            axes.set(ylim=(0, 1.02), xlabel=x_label)
            plots.percent(axes.yaxis)
            if is_log:
                axes.set_xscale("log")
                plots.percent(axes.xaxis)
            axes.set_xlim(*_ends(panel))
            plots.write(axes, panel.title, (0, 1), (-TICKS_PX, 29), weight="bold")
            plots.write(axes, y_label, (0, 1), (-TICKS_PX, 12))
        _legend(figure, every)
        return figure


def distributions(bins: Bins, x_label: str) -> Figure:
    """How far faces of the same person and of other people are from each other.

    Raises:
        UsageError: matplotlib is not installed.
    """
    with plots.styled():
        width, height = BINS_PX
        figure = plots.new_figure(width, TITLE_PX + height + plots.BELOW_PX + LEGEND_PX)
        axes = plots.new_axes(figure, RIGHT_PX, TITLE_PX, width - 2 * RIGHT_PX, height)
        for shares, colour, label in ((bins.others, BLUE, "other people"), (bins.same, ORANGE, "same person")):
            edges = [bins.end * i / len(shares) for i in range(len(shares) + 1)]
            axes.stairs(shares, edges, fill=True, color=colour, alpha=0.35)
            axes.stairs(shares, edges, color=colour, linewidth=1.3, label=label)
        axes.axvline(bins.limit, color=INK, linewidth=1.2, dashes=(4, 2), label="limit")
        axes.set(xlim=(0, bins.shown), yticks=[], xlabel=x_label)
        axes.set_ylim(bottom=0)
        axes.spines["left"].set_visible(False)
        plots.write(axes, bins.title, (0, 1), (-RIGHT_PX, 13), weight="bold")
        _legend(figure, [axes])
        return figure


def _panels(count: int, across: int, legend_rows: int) -> tuple[Figure, list[Axes]]:
    """Axes in rows, with room for titles above, labels below each, and so many lines of a legend at the foot."""
    width, height = CURVES_PX
    cell = TITLES_PX + height + plots.BELOW_PX
    figure = plots.new_figure(across * width, ceil(count / across) * cell + legend_rows * LEGEND_PX)
    corners = [(i % across * width + TICKS_PX, i // across * cell + TITLES_PX) for i in range(count)]
    return figure, [plots.new_axes(figure, x, y, width - TICKS_PX - RIGHT_PX, height) for x, y in corners]


def _draw_curve(axes: Axes, curve: Curve) -> None:
    pen = curve.pen
    axes.plot(
        curve.x,
        curve.y,
        label=curve.label,
        color=pen.colour,
        linewidth=pen.width,
        linestyle=(0, (4, 2.5)) if pen.is_dashed else "-",
        marker=pen.marker or None,
        markersize=5,
        markevery=max(1, len(curve.x) // 6),
        clip_on=False,
    )


def _ends(panel: Panel) -> tuple[float, float]:
    """Where the axis of x starts and ends."""
    every = [x for curve in panel.curves for x in curve.x]
    return min(every), max(*every, min(every) * 1.01)


def _legend_rows(entries: int, columns: int) -> int:
    return ceil(entries * ENTRY_PX / (CURVES_PX[0] * columns))


def _legend(figure: Figure, every: Sequence[Axes]) -> None:
    """What each line means, once, at the foot of the figure."""
    known: dict[str, Any] = {}
    for axes in every:
        for handle, label in zip(*axes.get_legend_handles_labels(), strict=True):
            known.setdefault(label, handle)
    rows = ceil(len(known) * ENTRY_PX / (figure.get_figwidth() * plots.PX))
    columns = ceil(len(known) / rows)
    names = [name for first in range(columns) for name in list(known)[first::columns]]  # it fills column by column
    figure.legend(
        [known[name] for name in names],
        names,
        loc="lower center",
        ncols=columns,
        handlelength=1.7,
        handletextpad=0.5,
        columnspacing=1.2,
        borderpad=0.2,
        borderaxespad=0,
        fontsize=plots.FONT_PX - 1,
    )
