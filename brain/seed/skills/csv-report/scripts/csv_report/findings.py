"""What stands out in a table, in plain sentences with real numbers."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations

import polars as pl

from csv_report import wording
from csv_report.dates import Grain
from csv_report.measures import categories, is_additive, key, main_measure, side_by_side, time_axis
from csv_report.profiling import Column
from csv_report.reading import Table
from csv_report.timeline import Timeline, timeline

_MAX_FINDINGS = 4
_MAX_INSIGHTS = 3
_MAX_COMPARED = 20
_MIN_ROWS_TO_COMPARE = 10
_STRONG = 0.5
_MAX_CELLS_FOR_DUPLICATES = 5_000_000
_STEP_GRAINS = {
    "hour": Grain.TIME,
    "day": Grain.DAY,
    "week": Grain.DAY,
    "month": Grain.MONTH,
    "year": Grain.YEAR,
}


@dataclass(frozen=True)
class Correlation:
    """Pearson's coefficient between two columns, -1 to 1."""

    one: Column
    other: Column
    r: float


def find(table: Table, columns: Sequence[Column], strongest: Correlation | None) -> list[str]:
    """At most four sentences: what the numbers say first, then what is wrong with the data."""
    insights = [sentence for sentence in _insights(table, columns, strongest) if sentence]
    faults = [sentence for sentence in _faults(table, columns) if sentence]
    kept = insights[: _MAX_INSIGHTS if faults else _MAX_FINDINGS]
    kept += faults[: _MAX_FINDINGS - len(kept)]
    return kept or ["Nothing stands out: no value is missing, and none lies far from the rest."]


def strongest_correlation(table: Table, columns: Sequence[Column]) -> Correlation | None:
    """Among the first twenty measures, with the main one if it moves with any; None below ten rows."""
    measures = [column for column in columns if column.is_measure][:_MAX_COMPARED]
    if len(measures) < 2 or table.rows < _MIN_ROWS_TO_COMPARE:
        return None
    frame = side_by_side(table, measures)
    found = []
    for one, other in combinations(measures, 2):
        pair = frame.select(key(one), key(other)).drop_nulls()
        r = pair.select(pl.corr(key(one), key(other))).item() if len(pair) >= _MIN_ROWS_TO_COMPARE else None
        if r is not None and r == r:  # it is no number where one of the two is constant
            found.append(Correlation(one, other, float(r)))
    main = main_measure(columns)
    of_main = [pair for pair in found if abs(pair.r) >= _STRONG and main in (pair.one, pair.other)]
    return max(of_main or found, key=lambda pair: abs(pair.r), default=None)


def _insights(table: Table, columns: Sequence[Column], strongest: Correlation | None) -> Iterator[str | None]:
    measure, when = main_measure(columns), time_axis(columns)
    if measure and when and (line := timeline(table, when, measure)):
        yield _over_time(line)
    if measure:
        yield _by_group(table, columns, measure)
    if strongest and abs(strongest.r) >= _STRONG:
        yield _together(strongest)
    yield _far_from_the_rest(columns)
    if not measure:
        yield _commonest(columns)


def _faults(table: Table, columns: Sequence[Column]) -> Iterator[str | None]:
    yield _most_missing(columns)
    yield _duplicates(table)
    yield _unreadable(columns)


def _over_time(line: Timeline) -> str:
    values = line.points["value"]
    high, low = values.arg_max() or 0, values.arg_min() or 0
    unit = line.measure.meaning.unit
    name = wording.capital(wording.name(line.measure))
    verb, low_verb = ("peaks", "is lowest") if line.step and line.total else ("is highest", "lowest")
    how = "" if not line.step else f" in total for the {line.step}" if line.total else " on average"
    return (
        f"{name} {verb} {_at(line, high)} ({wording.number(values[high], unit)}{how}) "
        f"and {low_verb} {_at(line, low)} ({wording.number(values[low], unit)})."
    )


def _at(line: Timeline, row: int) -> str:
    when = line.points["at"][row]
    assert isinstance(when, datetime)  # noqa: S101  (the column is cast to datetimes)
    grain = _STEP_GRAINS[line.step] if line.step else line.when.dates.grain if line.when.dates else Grain.DAY
    text = wording.moment(when, grain)
    if line.step == "week":
        return f"in the week of {text}"
    return f"in {text}" if grain in (Grain.MONTH, Grain.YEAR) else f"on {text}"


def _by_group(table: Table, columns: Sequence[Column], measure: Column) -> str | None:
    """The group that stands out most, over all columns that group the rows."""
    best: tuple[float, str] | None = None
    for category in categories(columns)[:5]:
        frame = side_by_side(table, [category, measure]).drop_nulls()
        grouped = frame.group_by(key(category)).agg(
            total=pl.col(key(measure)).sum(), mean=pl.col(key(measure)).mean(), rows=pl.len()
        )
        found = _leading_share(grouped, category, measure) if is_additive(measure) else None
        found = found or _apart(grouped, category, measure)
        if found and (best is None or found[0] > best[0]):
            best = found
    return best[1] if best else None


def _leading_share(grouped: pl.DataFrame, category: Column, measure: Column) -> tuple[float, str] | None:
    ranked = grouped.sort("total", key(category), descending=[True, False])
    whole = float(ranked["total"].sum())
    if whole <= 0 or ranked["total"].min() < 0:  # type: ignore[operator]  # polars types it as anything
        return None
    top, share = ranked.row(0, named=True), float(ranked["total"][0]) / whole
    unit = measure.meaning.unit
    text = (
        f"{wording.clip(str(top[key(category)]), 40)} has the largest share of {wording.name(measure)} by "
        f"{wording.name(category)}: {wording.percent(share)} "
        f"({wording.number(top['total'], unit)} of {wording.number(whole, unit)})."
    )
    return share * len(ranked), text


def _apart(grouped: pl.DataFrame, category: Column, measure: Column) -> tuple[float, str] | None:
    """The highest and the lowest mean, if they differ by a noticeable part of the spread."""
    ranked = grouped.filter(pl.col("rows") >= 3).sort("mean", key(category), descending=[True, False])
    spread = measure.numbers.std if measure.numbers else None
    if len(ranked) < 2 or not spread:
        return None
    top, last = ranked.row(0, named=True), ranked.row(-1, named=True)
    gap = (top["mean"] - last["mean"]) / spread
    unit = measure.meaning.unit
    text = (
        f"Mean {wording.name(measure)} by {wording.name(category)} is highest for "
        f"{wording.clip(str(top[key(category)]), 40)} ({wording.number(top['mean'], unit)}) and lowest for "
        f"{wording.clip(str(last[key(category)]), 40)} ({wording.number(last['mean'], unit)})."
    )
    return (gap, text) if gap > 0.2 else None


def _together(found: Correlation) -> str:
    one, other = wording.name(found.one), wording.name(found.other)
    how = "rise together" if found.r > 0 else "move against each other"
    strength = "almost in step" if abs(found.r) > 0.9 else "clearly" if abs(found.r) > 0.7 else "loosely"
    return f"{wording.capital(one)} and {other} {how}, {strength} (correlation {found.r:.2f})."


def _far_from_the_rest(columns: Sequence[Column]) -> str | None:
    """The column whose farthest value is the most spreads away."""
    worst: tuple[float, str] | None = None
    for column in columns:
        numbers = column.numbers
        if not numbers or not numbers.outliers or not numbers.std or not column.is_measure:
            continue
        above = numbers.maximum - numbers.median >= numbers.median - numbers.minimum
        farthest = numbers.maximum if above else numbers.minimum
        unit = column.meaning.unit
        text = (
            f"{wording.count(numbers.outliers, 'value')} of {wording.name(column)} "
            f"{'lies' if numbers.outliers == 1 else 'lie'} far from the rest: "
            f"the {'largest' if above else 'smallest'} is {wording.number(farthest, unit)}, "
            f"the median {wording.number(numbers.median, unit)}."
        )
        distance = abs(farthest - numbers.median) / numbers.std
        if worst is None or distance > worst[0]:
            worst = (distance, text)
    return worst[1] if worst else None


def _commonest(columns: Sequence[Column]) -> str | None:
    for column in categories(columns):
        value, times = column.top[0]
        share = wording.percent(times / (column.rows - column.missing))
        return f"The commonest {wording.name(column)} is {wording.clip(value, 40)} ({times:,} rows, {share})."
    return None


def _most_missing(columns: Sequence[Column]) -> str | None:
    column = max(columns, key=lambda column: column.missing)
    if not column.missing:
        return None
    name = wording.capital(wording.name(column))
    if column.missing == column.rows:
        return f"{name} is empty in every row."
    also = sum(1 for other in columns if other.missing) - 1
    more = (
        f"; {wording.count(also, 'other column')} {'has' if also == 1 else 'have'} gaps too" if also else ""
    )
    share = wording.percent(column.missing / column.rows)
    return f"{name} is missing in {column.missing:,} of {wording.count(column.rows, 'row')} ({share}){more}."


def _duplicates(table: Table) -> str | None:
    if table.rows * len(table.names) > _MAX_CELLS_FOR_DUPLICATES:
        return None
    frame = pl.read_parquet(table.path)
    copies = table.rows - frame.n_unique()
    if not copies:
        return None
    return f"{wording.count(copies, 'row')} {'repeats' if copies == 1 else 'repeat'} an earlier row exactly."


def _unreadable(columns: Sequence[Column]) -> str | None:
    column = max(columns, key=lambda column: column.meaning.unreadable)
    if not column.meaning.unreadable:
        return None
    name, left_out = wording.capital(wording.name(column)), wording.count(column.meaning.unreadable, "value")
    return (
        f"{name} has {left_out} that "
        f"{'is' if column.meaning.unreadable == 1 else 'are'} no {column.kind.value}, "
        f"such as “{wording.clip(column.meaning.example, 40)}”; left out of its numbers."
    )
