"""A measure over time: gathered by hour, day, week, month or year."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import polars as pl

from csv_report.measures import is_additive, key, side_by_side
from csv_report.profiling import Column
from csv_report.reading import Table

_MAX_POINTS = 400
_MAX_POINTS_OF_SEVERAL = 70
"""Several jagged lines over each other show nothing."""
_MIN_POINTS = 3
_STEPS = (  # a step is used for spans up to so many days
    ("hour", "1h", 3.0, timedelta(hours=1)),
    ("day", "1d", 62.0, timedelta(days=1)),
    ("week", "1w", 190.0, timedelta(days=7)),
    ("month", "1mo", 3_700.0, timedelta(days=30)),
    ("year", "1y", float("inf"), timedelta(days=365)),
)
_LATEST_START, _EARLIEST_END = 0.2, 0.8


@dataclass(frozen=True)
class Timeline:
    """The measure at each step, oldest first."""

    when: Column
    measure: Column
    step: str
    """`hour`, `day`, `week`, `month` or `year`; empty if every row is a point of its own."""
    total: bool
    """Whether points are sums; means otherwise."""
    points: pl.DataFrame
    """Columns `at`, `value` and, where asked for, `group`."""
    is_panel: bool = False
    """Whether the table has at most one row for each moment and group: a series a group by nature."""
    trimmed: bool = False
    """Whether a first or last step was left out because the table covers only part of it."""


def timeline(table: Table, when: Column, measure: Column, by: Column | None = None) -> Timeline | None:
    """Gathers the measure; None if fewer than three points would come of it."""
    wanted = [when, measure, *([by] if by else [])]
    frame = side_by_side(table, wanted).drop_nulls()
    names = {key(when): "at", key(measure): "value"} | ({key(by): "group"} if by else {})
    frame = frame.rename(names).sort("at")
    if frame["at"].n_unique() < _MIN_POINTS:
        return None
    groups = ["at", "group"] if by else ["at"]
    is_panel = not frame.select(groups).is_duplicated().any()
    crowded = by is not None and _is_full(frame)
    if is_panel and frame["at"].n_unique() <= (_MAX_POINTS_OF_SEVERAL if crowded else _MAX_POINTS):
        return Timeline(when, measure, "", is_additive(measure), frame.select(*groups, "value"), is_panel)
    return _gathered(frame, when, measure, groups, is_panel=is_panel)


def _is_full(frame: pl.DataFrame) -> bool:
    """Whether most groups have a value at most moments: gathering would not paper over gaps."""
    return frame.height >= 0.8 * frame["at"].n_unique() * frame["group"].n_unique()


def _gathered(
    frame: pl.DataFrame, when: Column, measure: Column, groups: list[str], *, is_panel: bool
) -> Timeline | None:
    assert when.dates  # noqa: S101  (the caller's `when` is a column of dates)
    days = (when.dates.latest - when.dates.earliest).total_seconds() / 86_400
    step, every, _, length = next(entry for entry in _STEPS if days <= entry[2])
    total = is_additive(measure)
    value = pl.col("value").sum() if total else pl.col("value").mean()
    points = frame.with_columns(pl.col("at").dt.truncate(every)).group_by(groups).agg(value).sort(groups)
    trimmed = _whole_steps(points, when, length) if total and step != "year" else points
    trimmed = trimmed if trimmed["at"].n_unique() >= _MIN_POINTS else points
    if trimmed["at"].n_unique() < _MIN_POINTS:
        return None
    return Timeline(when, measure, step, total, trimmed, is_panel, len(trimmed) < len(points))


def _whole_steps(points: pl.DataFrame, when: Column, length: timedelta) -> pl.DataFrame:
    """Without a first or last step that the dates cover only in part: its sum would look like a fall."""
    assert when.dates  # noqa: S101  (see `_gathered`)
    first, last = points["at"].min(), points["at"].max()
    if not isinstance(first, datetime) or not isinstance(last, datetime):
        return points
    if when.dates.earliest - first > _LATEST_START * length:
        points = points.filter(pl.col("at") > first)
    grain = (
        timedelta(days=1)
        if when.dates.latest == when.dates.latest.replace(hour=0, minute=0)
        else timedelta(0)
    )
    if when.dates.latest + grain - last < _EARLIEST_END * length:
        points = points.filter(pl.col("at") < last)
    return points
