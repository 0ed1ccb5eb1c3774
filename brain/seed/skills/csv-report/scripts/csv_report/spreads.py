"""How numbers are distributed, and how two of them go together."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from csv_report import canvas, wording
from csv_report.findings import Correlation
from csv_report.measures import key, side_by_side
from csv_report.profiling import Column, typed
from csv_report.reading import Table

_MAX_DOTS = 4_000
_MAX_BINS = 40


def draw_distributions(table: Table, measures: Sequence[Column], footing: str) -> tuple[Figure, str]:
    """A histogram for each of at most four measures."""
    names = wording.listed([wording.name(column) for column in measures])
    title = f"How {names} {'is' if len(measures) == 1 else 'are'} distributed"
    figure = canvas.new_sheet(title, f"Number of rows; the line marks the median · {footing}")
    alone = len(measures) == 1
    panels = [canvas.add_panel(figure)] if alone else canvas.add_panels(figure, len(measures))
    for axes, column in zip(panels, measures, strict=True):
        _histogram(axes, table, column, titled=not alone)
    return figure, f"{title}."


def draw_pair(table: Table, pair: Correlation, footing: str) -> tuple[Figure, str]:
    """A dot for each row, every n-th of very many."""
    frame = side_by_side(table, [pair.one, pair.other]).drop_nulls()
    frame = frame.gather_every(-(-len(frame) // _MAX_DOTS))
    title = f"{wording.capital(wording.name(pair.other))} against {wording.name(pair.one)}"
    figure = canvas.new_sheet(title, f"A dot a row, correlation {pair.r:.2f} · {footing}")
    axes = canvas.add_panel(figure, bottom=0.15)
    opacity = 0.75 if len(frame) < 150 else 0.45 if len(frame) < 1000 else 0.22
    across, up = frame[key(pair.one)].to_numpy(), frame[key(pair.other)].to_numpy()
    axes.scatter(across, up, s=34, color=canvas.BLUE, alpha=opacity, linewidths=0)
    slope, start = np.polyfit(across, up, 1)
    ends = np.array([across.min(), across.max()])
    axes.plot(ends, slope * ends + start, color=canvas.AMBER, linewidth=2)
    axes.grid(axis="x", color=canvas.GRID, linewidth=0.9)
    canvas.scale(axes, "x", pair.one.meaning.unit)
    canvas.scale(axes, "y", pair.other.meaning.unit)
    axes.set_xlabel(wording.name(pair.one), color=canvas.QUIET, fontsize=11.5, labelpad=8)
    return figure, f"{title}."


def _histogram(axes: Axes, table: Table, column: Column, *, titled: bool) -> None:
    """Without the values beyond the fences, which would squeeze all others into one bar."""
    numbers = column.numbers
    assert numbers  # noqa: S101  (a measure has numbers)
    cells = typed(table, column).drop_nulls()
    low, high = numbers.minimum, numbers.maximum
    if numbers.outliers:
        low, high = max(low, numbers.low_fence), min(high, numbers.high_fence)
    inside = cells.filter(cells.is_between(low, high)).to_numpy()
    few = numbers.whole and high - low < _MAX_BINS
    bins = np.arange(low - 0.5, high + 1.5) if few else np.linspace(low, high, _bins(len(inside)) + 1)
    axes.hist(inside, bins=list(bins), color=canvas.BLUE, rwidth=0.92)
    axes.axvline(numbers.median, color=canvas.AMBER, linewidth=2)
    unit = column.meaning.unit
    canvas.scale(axes, "x", unit, ticks=7)
    canvas.scale(axes, "y", ticks=5, whole=True)
    hidden = table.rows - column.missing - column.meaning.unreadable - len(inside)
    note = f"median {wording.number(numbers.median, unit)}"
    note += f", {wording.count(hidden, 'far value')} not shown" if hidden else ""
    name = f"{wording.capital(wording.name(column))}  " if titled else ""
    axes.set_title(name, loc="left", fontsize=12, fontweight="bold", pad=10)
    axes.set_title(wording.capital(note), loc="right", fontsize=10.5, color=canvas.QUIET, pad=10)


def _bins(rows: int) -> int:
    return int(min(_MAX_BINS, max(8, rows**0.5)))
