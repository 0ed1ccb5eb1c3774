"""The one chart that suits a table, and its drawing.

In this order: a number over time; a number by group, or by row in a short table; two numbers that move
together; how the numbers are distributed; how often each text occurs; how full the columns are.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from matplotlib.figure import Figure

from csv_report import bars, canvas, lines, spreads, wording
from csv_report.findings import Correlation
from csv_report.measures import categories, labels, main_measure, time_axis
from csv_report.profiling import Column
from csv_report.reading import Table

_TELLING = 0.6


@dataclass(frozen=True)
class Chart:
    """A drawn chart and what it shows, for the text beside it."""

    path: Path
    caption: str


def draw_chart(
    table: Table, columns: Sequence[Column], strongest: Correlation | None, *, source: str, path: Path
) -> Chart:
    """Draws the chart that suits the table.

    Args:
        table: Where the values come from.
        columns: Its columns, described.
        strongest: The pair of numbers that move together most.
        source: The file's name, for the line under the headline.
        path: Where the PNG goes.
    """
    footing = f"{wording.clip(source, 40)}, {wording.count(table.rows, 'row')}"
    figure, caption = _choose(table, columns, strongest, footing)
    canvas.save(figure, path)
    return Chart(path, caption)


def _choose(
    table: Table, columns: Sequence[Column], strongest: Correlation | None, footing: str
) -> tuple[Figure, str]:
    measure, when = main_measure(columns), time_axis(columns)
    groups = categories(columns)
    if measure and when and (drawn := lines.draw(table, columns, when, measure, footing)):
        return drawn
    if measure and groups:
        return bars.draw_measure(table, groups[0], measure, footing)
    if measure and (named := labels(columns)):
        return bars.draw_measure(table, named, measure, footing)
    if measure and table.rows <= bars.MAX_BARS:
        return bars.draw_rows(table, measure, footing)
    if strongest and abs(strongest.r) >= _TELLING:
        return spreads.draw_pair(table, strongest, footing)
    measures = [column for column in columns if column.is_measure]
    if measures:
        return spreads.draw_distributions(table, measures[:4], footing)
    if groups:
        return bars.draw_counts(table, groups[0], footing)
    return bars.draw_fill(columns, footing)
