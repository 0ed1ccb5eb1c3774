"""Numbers over time as lines."""

from collections.abc import Sequence

import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from csv_report import canvas, wording
from csv_report.measures import categories, is_additive
from csv_report.profiling import Column
from csv_report.reading import Table
from csv_report.timeline import Timeline, timeline

_MAX_LINES = 5
_MAX_MEASURES = 4
_COMPARABLE = 5.0
"""Medians within this factor of each other share an axis."""
_LABEL_GAP = 0.055


def draw(
    table: Table, columns: Sequence[Column], when: Column, measure: Column, footing: str
) -> tuple[Figure, str] | None:
    """One line, one a group, or one a comparable measure; None if there are too few points for a line."""
    whole = timeline(table, when, measure)
    if whole is None:
        return None
    for category in categories(columns):
        split = timeline(table, when, measure, category) if category.distinct <= _MAX_LINES else None
        if split and split.is_panel and _is_dense(split, category):
            series = [
                (str(group[0]), part) for group, part in split.points.group_by("group", maintain_order=True)
            ]
            return _draw(split, series, f"by {wording.name(category)}", footing)
    peers = _peers(columns, measure)
    others = [(peer, timeline(table, when, peer)) for peer in peers]
    series = [(wording.name(peer), line.points) for peer, line in others if line and line.step == whole.step]
    if series:
        names = [wording.name(measure), *(name for name, _ in series)]
        return _draw(whole, [(names[0], whole.points), *series], "", footing, subject=wording.listed(names))
    return _draw(whole, [("", whole.points)], "", footing)


def _is_dense(line: Timeline, category: Column) -> bool:
    """Lines full of gaps mislead."""
    return len(line.points) >= 0.8 * line.points["at"].n_unique() * category.distinct


def _peers(columns: Sequence[Column], measure: Column) -> list[Column]:
    """Other measures of the same unit and size, such as the day's high beside its low."""
    if is_additive(measure) or not measure.numbers:
        return []
    middle = abs(measure.numbers.median)
    found = []
    for column in columns:
        if column is measure or not column.is_measure or not column.numbers or is_additive(column):
            continue
        other = abs(column.numbers.median)
        similar = max(middle, other) <= _COMPARABLE * min(middle, other)
        if similar and column.meaning.unit == measure.meaning.unit:
            found.append(column)
    return found[: _MAX_MEASURES - 1]


def _draw(
    line: Timeline, series: list[tuple[str, pl.DataFrame]], by: str, footing: str, *, subject: str = ""
) -> tuple[Figure, str]:
    subject = wording.capital(subject or wording.name(line.measure))
    every = f"by {line.step}" if line.step else "over time"
    title = " ".join(
        part for part in (subject, every, by.replace("by", "and", 1) if line.step else by) if part
    )
    figure = canvas.new_sheet(title, f"{_how(line)} · {footing}")
    axes = canvas.add_panel(figure)
    unit = line.measure.meaning.unit
    for place, (_, points) in enumerate(series):
        colour = canvas.SERIES[place % len(canvas.SERIES)]
        marker = "o" if points.height <= 40 else None
        heights = points["value"].to_list()
        # unclipped: the last marker lies on the edge when lines are named at their ends
        axes.plot(_dates(points), heights, color=colour, linewidth=2.2, marker=marker, ms=4.5, clip_on=False)
    _set_range(axes, line, series)
    canvas.scale(axes, "y", unit)
    canvas.scale_dates(axes)
    if len(series) == 1:
        _finish_single(axes, series[0][1], unit, fill=line.total)
    else:
        _name_lines(axes, series)
    return figure, f"{title}."


def _how(line: Timeline) -> str:
    dates = line.when.dates
    assert dates  # noqa: S101  (a timeline's `when` is a column of dates)
    span = wording.span(dates.earliest, dates.latest, dates.grain)
    if not line.step:
        return span
    what = f"{'Sum' if line.total else 'Mean'} per {line.step}, {span}"
    return f"{what}, whole {line.step}s only" if line.trimmed else what


def _dates(points: pl.DataFrame) -> list[float]:
    """As matplotlib counts: days since 1970."""
    return [float(day) for day in (points["at"].dt.epoch("ms") / 86_400_000).to_list()]


def _set_range(axes: Axes, line: Timeline, series: list[tuple[str, pl.DataFrame]]) -> None:
    """Sums start at zero, because their height is what the eye compares."""
    lows = [float(points["value"].min()) for _, points in series]  # type: ignore[arg-type]  # numbers, to polars anything
    highs = [float(points["value"].max()) for _, points in series]  # type: ignore[arg-type]  # as above
    low, high = min(lows), max(highs)
    if line.total and low >= 0:
        axes.set_ylim(0, high * 1.12 or 1)
    else:
        room = (high - low) * 0.12 or 1
        axes.set_ylim(low - room, high + room)
    first, last = axes.get_xlim()
    margin = (last - first) * 0.01
    axes.set_xlim(first + 2 * margin, last - 2 * margin)


def _finish_single(axes: Axes, points: pl.DataFrame, unit: str, *, fill: bool) -> None:
    """A tint under a sum, and the highest point named."""
    dates, heights = _dates(points), points["value"].to_list()
    if fill and min(heights) >= 0:
        axes.fill_between(dates, heights, color=canvas.BLUE, alpha=0.09, linewidth=0)
    top = max(range(len(heights)), key=heights.__getitem__)
    axes.plot(dates[top], heights[top], "o", color=canvas.BLUE, ms=8, mec=canvas.PAPER, mew=1.6)
    first, last = axes.get_xlim()
    place = (dates[top] - first) / (last - first)
    align = "left" if place < 0.08 else "right" if place > 0.92 else "center"
    axes.annotate(
        wording.number(heights[top], unit),
        (dates[top], heights[top]),
        xytext=(0, 11),
        textcoords="offset points",
        ha=align,
        fontweight="bold",
        color=canvas.INK,
    )


def _name_lines(axes: Axes, series: list[tuple[str, pl.DataFrame]]) -> None:
    """Each line's name at its end, in its colour, instead of a legend."""
    low, high = axes.get_ylim()
    ends = [float(points["value"][-1]) for _, points in series]
    heights = canvas.spread_labels(ends, (high - low) * _LABEL_GAP)
    right = max(_dates(points)[-1] for _, points in series)
    longest = max(len(wording.clip(name, 18)) for name, _ in series)
    box = axes.get_position()
    axes.set_position((box.x0, box.y0, box.width - 0.012 * longest, box.height))
    axes.set_xlim(axes.get_xlim()[0], right)
    for place, ((name, _), height) in enumerate(zip(series, heights, strict=True)):
        axes.annotate(
            wording.clip(name, 18),
            (right, height),
            xytext=(9, 0),
            textcoords="offset points",
            va="center",
            color=canvas.SERIES[place % len(canvas.SERIES)],
            fontweight="bold",
            annotation_clip=False,
        )
