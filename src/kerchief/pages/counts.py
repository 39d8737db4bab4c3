"""Counts, drawn: bars beside their names, distributions of times, and what came when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kerchief.pages import plots
from kerchief.pages.colours import BLUE, GRID, INK
from kerchief.pages.plots import FONT_PX, LETTER_PX, ROW_PX

if TYPE_CHECKING:
    from kerchief.pages.plots import Axes, Figure

#: Sizes of panels: one of several beside each other, and one that stands alone on a page.
SMALL_PX, WIDE_PX = (340, 130), (560, 110)
#: Room above for a title, for the ticks left of an axis, and right of it for half a tick.
TITLE_PX, TICKS_PX, RIGHT_PX = 30, 48, 22
#: Between two panels that share an axis.
BETWEEN_PX = 14
#: The least that a bar is long, so that one file of a million is seen.
LEAST_PX = 2
#: Where an axis of durations has its ticks, in seconds, and what they are called.
DURATIONS = (
    (0.01, "10 ms"),
    (0.1, "0.1 s"),
    (1, "1 s"),
    (10, "10 s"),
    (60, "1 min"),
    (600, "10 min"),
    (3600, "1 h"),
    (36000, "10 h"),
)
#: Units of an axis of time: each is used from so many seconds on.
UNITS = ((0, 1, "seconds"), (180, 60, "minutes"), (3 * 3600, 3600, "hours"), (4 * 86400, 86400, "days"))


@dataclass(frozen=True, slots=True)
class Bar:
    """A count with its name; colour of ``colours``."""

    label: str
    count: int
    colour: str = BLUE


@dataclass(frozen=True, slots=True)
class Spread:
    """How many things took how long.

    Attributes:
        title: stands above.
        edges: where bins begin and end, in seconds; one more than counts.
        counts: of each bin.
        middle: seconds to mark.
    """

    title: str
    edges: tuple[float, ...]
    counts: tuple[int, ...]
    middle: float


@dataclass(frozen=True, slots=True)
class Stream:
    """What came in each of several equal parts of some time."""

    title: str
    counts: tuple[int, ...]
    colour: str = BLUE


def bars(rows: Sequence[Bar], *, width: float = 560) -> Figure:
    """Counts beside their names, from the top on; one row at least.

    Args:
        rows: what is counted.
        width: px. Labels and numbers keep their size, what is left is for the bars; more if that is too little.

    Raises:
        UsageError: matplotlib is not installed.
    """
    with plots.styled():
        left = 14 + LETTER_PX * max(len(plots.short(row.label)) for row in rows)
        right = 16 + LETTER_PX * max(len(f"{row.count:,}") for row in rows)
        width = max(width, left + plots.AXIS_PX + right)
        height = ROW_PX * len(rows)
        figure = plots.new_figure(width, height + 8)
        axes = plots.new_axes(figure, left, 4, width - left - right, height)
        most = max(max(row.count for row in rows), 1)
        least = most * LEAST_PX / (width - left - right)
        axes.set(xlim=(0, most), ylim=(height, 0), xticks=[], yticks=[])
        axes.spines[["left", "bottom"]].set_visible(False)
        for n, row in enumerate(rows):
            y = (n + 0.5) * ROW_PX
            length = max(row.count, least) if row.count else 0
            axes.barh(y, length, ROW_PX * 0.62, color=row.colour)
            plots.write(axes, row.label, (0, 1 - y / height), (8 - left, 0))
            plots.write(axes, f"{row.count:,}", (length / most, 1 - y / height), (7, 0))
        return figure


def spread(drawn: Spread, ends: tuple[float, float]) -> Figure:
    """How long things took, by the logarithm of time.

    Args:
        drawn: counts; at least one of them is above 0.
        ends: seconds where the axis starts and ends, so that several can be compared.

    Raises:
        UsageError: matplotlib is not installed.
    """
    with plots.styled():
        width, height = SMALL_PX
        figure = plots.new_figure(width, TITLE_PX + height + FONT_PX + 12)
        axes = plots.new_axes(figure, TICKS_PX, TITLE_PX, width - TICKS_PX - RIGHT_PX, height)
        axes.set_xscale("log")
        axes.stairs(drawn.counts, drawn.edges, fill=True, color=BLUE, alpha=0.35)
        axes.stairs(drawn.counts, drawn.edges, color=BLUE, linewidth=1.3)
        axes.axvline(drawn.middle, color=INK, linewidth=1.2, dashes=(4, 2))
        ticks = [(at, name) for at, name in DURATIONS if ends[0] <= at <= ends[1]]
        axes.set(xlim=ends)
        axes.set_xticks([at for at, _ in ticks], [name for _, name in ticks])
        axes.set_xticks([], minor=True)
        _count_axis(axes, max(drawn.counts))
        plots.write(axes, drawn.title, (0, 1), (-TICKS_PX, 15), weight="bold")
        return figure


def streams(panels: Sequence[Stream], seconds: float) -> Figure:
    """What came when, one panel below the other; each has its own scale.

    Args:
        panels: with as many parts each; one panel at least.
        seconds: how long all parts together are, above 0.

    Raises:
        UsageError: matplotlib is not installed.
    """
    with plots.styled():
        unit, name = next((size, name) for least, size, name in reversed(UNITS) if seconds >= least)
        width, height = WIDE_PX
        cell = TITLE_PX + height + BETWEEN_PX
        figure = plots.new_figure(width, len(panels) * cell - BETWEEN_PX + plots.BELOW_PX)
        for n, panel in enumerate(panels):
            axes = plots.new_axes(figure, TICKS_PX, n * cell + TITLE_PX, width - TICKS_PX - RIGHT_PX, height)
            edges = [seconds / unit * i / len(panel.counts) for i in range(len(panel.counts) + 1)]
            axes.stairs(panel.counts, edges, fill=True, color=panel.colour, alpha=0.35)
            axes.stairs(panel.counts, edges, color=panel.colour, linewidth=1.3)
            axes.set(xlim=(0, edges[-1]))
            _count_axis(axes, max(panel.counts))
            plots.write(axes, panel.title, (0, 1), (-TICKS_PX, 15), weight="bold")
            if n < len(panels) - 1:
                axes.tick_params(labelbottom=False)
            else:
                axes.set_xlabel(name)
        return figure


def _count_axis(axes: Axes, most: int) -> None:
    """Ticks at whole numbers, from 0 on."""
    axes.set_ylim(0, max(most, 1) * 1.05)
    axes.locator_params(axis="y", nbins=3, integer=True)
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    axes.grid(axis="y", color=GRID, linewidth=1)
    axes.set_axisbelow(True)
