"""Groups compared as bars that lie, so that their names can be read."""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl
from matplotlib.figure import Figure

from csv_report import canvas, wording
from csv_report.measures import is_additive, key, side_by_side
from csv_report.profiling import Column, typed
from csv_report.reading import Table

MAX_BARS = 12
_NAME_CHARS = 26
_OTHER = "#9ca3af"


@dataclass(frozen=True)
class _Bar:
    name: str
    value: float
    rest: bool = False
    """Whether it gathers what found no place."""


def draw_measure(table: Table, category: Column, measure: Column, footing: str) -> tuple[Figure, str]:
    """The measure's sum or mean in each group; the value itself where each row is a group."""
    frame = side_by_side(table, [category, measure]).drop_nulls()
    total = is_additive(measure)
    value = pl.col(key(measure)).sum() if total else pl.col(key(measure)).mean()
    grouped = (
        frame.group_by(key(category)).agg(value).sort(key(measure), key(category), descending=[True, False])
    )
    each_row = category.distinct == category.rows
    how = "" if each_row else "Sum of all rows · " if total else "Mean of the rows · "
    title = f"{wording.capital(wording.name(measure))} by {wording.name(category)}"
    found = [_Bar(str(name), float(height)) for name, height in grouped.iter_rows()]
    return _draw(_shorten(found, add=total), title, how + footing, measure.meaning.unit), f"{title}."


def draw_rows(table: Table, measure: Column, footing: str) -> tuple[Figure, str]:
    """The measure's value in each row of a very short table, in the file's order."""
    cells = enumerate(typed(table, measure).to_list(), 1)
    found = [_Bar(f"row {number}", value) for number, value in cells if value is not None]
    title = f"{wording.capital(wording.name(measure))} by row"
    return _draw(found, title, footing, measure.meaning.unit), f"{title}."


def draw_counts(table: Table, category: Column, footing: str) -> tuple[Figure, str]:
    """How many rows each group has."""
    counts = typed(table, category).drop_nulls().rename("name").value_counts(name="rows")
    ranked = counts.sort("rows", "name", descending=[True, False])
    title = f"Rows by {wording.name(category)}"
    found = [_Bar(str(name), float(rows)) for name, rows in ranked.iter_rows()]
    return _draw(_shorten(found, add=True), title, footing, ""), f"{title}."


def draw_fill(columns: Sequence[Column], footing: str) -> tuple[Figure, str]:
    """What share of each column is filled: what is left to show where nothing can be counted."""
    found = [_Bar(column.name, 100 * (1 - column.missing / column.rows)) for column in columns]
    title = "How complete each column is"
    return _draw(found[:MAX_BARS], title, f"Share of rows with a value · {footing}", "%"), f"{title}."


def _shorten(found: list[_Bar], *, add: bool) -> list[_Bar]:
    """The largest; the rest as one grey bar where a sum of them means something."""
    if len(found) <= MAX_BARS:
        return found
    shown, rest = found[: MAX_BARS - 1], found[MAX_BARS - 1 :]
    if not add:
        return found[:MAX_BARS]
    return [*shown, _Bar(f"{len(rest)} others", sum(bar.value for bar in rest), rest=True)]


def _draw(shown: list[_Bar], title: str, subtitle: str, unit: str) -> Figure:
    figure = canvas.new_sheet(title, subtitle)
    names = [wording.clip(bar.name, _NAME_CHARS) for bar in shown]
    axes = canvas.add_panel(figure, left=0.06 + 0.0092 * max(len(name) for name in names), bottom=0.06)
    places = list(range(len(shown)))
    colours = [_OTHER if bar.rest else canvas.BLUE for bar in shown]
    axes.barh(places, [bar.value for bar in shown], height=0.68, color=colours)
    axes.set_yticks(places, names)
    margin = 0.6 + max(0, 4 - len(shown)) / 2
    axes.set_ylim(len(shown) - 1 + margin, -margin)
    axes.tick_params(axis="y", colors=canvas.INK, labelsize=11.5)
    axes.grid(visible=False)
    axes.set_xticks([])
    axes.spines["bottom"].set_visible(False)
    low, high = min(0.0, *(bar.value for bar in shown)), max(0.0, *(bar.value for bar in shown))
    room = (high - low or 1) * 0.15
    axes.set_xlim(low - (room if low < 0 else 0), high + room)
    axes.axvline(0, color="#9ca3af", linewidth=0.9)
    for place, bar in enumerate(shown):
        behind = -7 if bar.value < 0 else 7
        axes.annotate(
            wording.number(bar.value, unit),
            (bar.value, place),
            xytext=(behind, 0),
            textcoords="offset points",
            va="center",
            ha="right" if bar.value < 0 else "left",
            color=canvas.INK,
        )
    return figure
