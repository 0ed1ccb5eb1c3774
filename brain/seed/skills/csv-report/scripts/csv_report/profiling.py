"""What is in each column: counts, spread, commonest values."""

from dataclasses import dataclass
from datetime import datetime

import polars as pl

from csv_report.columns import Kind, Meaning, find_meaning, present, values
from csv_report.dates import Grain
from csv_report.reading import Report, Table

MAX_COLUMNS = 100
_TOP = 5
_MAX_CATEGORIES = 50


@dataclass(frozen=True)
class Numbers:
    """Of the values that are there. `std` is the sample's; None for a single value."""

    minimum: float
    maximum: float
    mean: float
    median: float
    std: float | None
    total: float
    whole: bool
    low_fence: float
    high_fence: float
    """Three interquartile ranges beyond the quartiles: what lies outside is far from the rest."""
    outliers: int


@dataclass(frozen=True)
class Dates:
    """The first and last moment, and how finely the column tells time."""

    earliest: datetime
    latest: datetime
    grain: Grain


@dataclass(frozen=True)
class Column:
    """One column, described."""

    index: int
    name: str
    meaning: Meaning
    rows: int
    missing: int
    distinct: int
    numbers: Numbers | None = None
    dates: Dates | None = None
    top: tuple[tuple[str, int], ...] = ()
    """The commonest texts and how often they occur."""

    @property
    def kind(self) -> Kind:
        """What the values are treated as."""
        return self.meaning.kind

    @property
    def is_identifier(self) -> bool:
        """A running number or key: its mean, spread and correlation say nothing."""
        if self.rows < 3 or self.distinct < self.rows - self.missing:
            return False
        words = self.name.lower().replace("_", " ").replace("-", " ").split()
        named = bool({"id", "nr", "no", "no.", "#", "key", "index", "number", "row"} & set(words))
        numbers = self.numbers
        if numbers is None:
            return named
        running = numbers.whole and numbers.maximum - numbers.minimum == self.rows - 1
        return numbers.whole and (named or (running and self.index == 0))

    @property
    def is_measure(self) -> bool:
        """Numbers worth comparing."""
        return self.numbers is not None and not self.is_identifier and self.distinct > 1

    @property
    def is_category(self) -> bool:
        """Texts that group the rows."""
        return (
            self.kind is Kind.TEXT
            and 2 <= self.distinct <= _MAX_CATEGORIES
            and self.distinct <= 0.5 * (self.rows - self.missing)
        )


def profile(table: Table, *, report: Report = lambda _: None) -> list[Column]:
    """Describes the first `MAX_COLUMNS` columns, one in memory at a time."""
    columns = []
    shown = min(len(table.names), MAX_COLUMNS)
    for index in range(shown):
        columns.append(_describe(table, index))
        report((index + 1) / shown)
    return columns


def typed(table: Table, column: Column) -> pl.Series:
    """The column's values as numbers, dates or texts, named after it."""
    return values(present(table.column(column.index)), column.meaning).alias(column.name)


def _describe(table: Table, index: int) -> Column:
    text = present(table.column(index))
    name = table.names[index]
    meaning = find_meaning(text, delimiter=table.delimiter, name=name)
    cells = values(text, meaning)
    there = cells.drop_nulls()
    return Column(
        index=index,
        name=name,
        meaning=meaning,
        rows=table.rows,
        missing=text.null_count(),
        distinct=there.n_unique(),
        numbers=_describe_numbers(there) if meaning.kind is Kind.NUMBER else None,
        dates=_describe_dates(there, meaning),
        top=_commonest(there) if meaning.kind is Kind.TEXT else (),
    )


def _describe_numbers(there: pl.Series) -> Numbers:
    low, high = _number(there.quantile(0.25, "linear")), _number(there.quantile(0.75, "linear"))
    fence = 3 * (high - low)
    outside = (there < low - fence) | (there > high + fence)
    std = there.std()
    return Numbers(
        minimum=_number(there.min()),
        maximum=_number(there.max()),
        mean=_number(there.mean()),
        median=_number(there.median()),
        std=None if std is None else _number(std),
        total=_number(there.sum()),
        whole=bool((there == there.floor()).all()),
        low_fence=low - fence,
        high_fence=high + fence,
        outliers=int(outside.sum()) if fence else 0,
    )


def _describe_dates(there: pl.Series, meaning: Meaning) -> Dates | None:
    earliest, latest = there.min(), there.max()
    if meaning.date is None or not isinstance(earliest, datetime) or not isinstance(latest, datetime):
        return None
    return Dates(earliest, latest, meaning.date.grain)


def _commonest(there: pl.Series) -> tuple[tuple[str, int], ...]:
    """Ties in alphabetical order, so that the same file gives the same report."""
    counts = there.rename("value").value_counts(name="rows")
    top = counts.sort("rows", "value", descending=[True, False]).head(_TOP)
    return tuple((str(value), int(rows)) for value, rows in top.iter_rows())


def _number(value: object) -> float:
    assert isinstance(value, int | float)  # noqa: S101  (polars types its aggregates as anything)
    return float(value)
