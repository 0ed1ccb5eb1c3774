"""Which columns belong together in a finding or a chart, and their values side by side."""

from collections.abc import Sequence

import polars as pl

from csv_report.profiling import Column, typed
from csv_report.reading import Table

_MAX_ROWS = 2_000_000
"""Above this, comparisons between columns use every n-th row. Each column's own numbers never do."""
_MAX_LABELS = 30

_MONEY = (
    *("revenue", "sales", "turnover", "profit", "income", "amount", "total", "spend", "cost", "costs"),
    *(
        "expense",
        "expenses",
        "umsatz",
        "betrag",
        "summe",
        "gewinn",
        "kosten",
        "montant",
        "ventes",
        "importe",
        "ventas",
    ),
)
_AMOUNTS = (
    *(
        "quantity",
        "qty",
        "units",
        "count",
        "orders",
        "visits",
        "clicks",
        "views",
        "downloads",
        "items",
        "hours",
    ),
    *("minutes", "volume", "deaths", "cases", "menge", "anzahl", "stück"),
)
_LEADING = (*_MONEY, "price", "preis", "value", "wert", "close")
_ADDITIVE = frozenset((*_MONEY, *_AMOUNTS))
_AVERAGES = frozenset(("per", "avg", "average", "mean", "rate"))


def main_measure(columns: Sequence[Column]) -> Column | None:
    """The number that the table is most likely about: money before all else, or the first one."""
    measures = [column for column in columns if column.is_measure]
    for word in _LEADING:
        for column in measures:
            if word in words(column):
                return column
    return measures[0] if measures else None


def is_additive(column: Column) -> bool:
    """True if a sum of its values means something; prices, rates and temperatures are averaged instead."""
    found = words(column)
    return bool(found & _ADDITIVE) and not found & _AVERAGES and column.meaning.unit != "%"


def words(column: Column) -> set[str]:
    """The words of the column's name, lower case."""
    return set("".join(char if char.isalnum() else " " for char in column.name.lower()).split())


def time_axis(columns: Sequence[Column]) -> Column | None:
    """The first column of dates with more than two of them."""
    return next((column for column in columns if column.dates and column.distinct > 2), None)


def categories(columns: Sequence[Column]) -> list[Column]:
    """The texts that group the rows, fewest groups first."""
    return sorted((column for column in columns if column.is_category), key=lambda column: column.distinct)


def labels(columns: Sequence[Column]) -> Column | None:
    """In a short table, the text that names each row."""
    for column in columns:
        named = column.top and column.distinct == column.rows and not column.missing
        if named and 2 <= column.rows <= _MAX_LABELS:
            return column
    return None


def side_by_side(table: Table, columns: Sequence[Column]) -> pl.DataFrame:
    """The columns' values under their Parquet names c0, c1, …; see `key`."""
    step = -(-table.rows // _MAX_ROWS)
    return pl.DataFrame([typed(table, column).gather_every(step).alias(key(column)) for column in columns])


def key(column: Column) -> str:
    """What the column is called in `side_by_side`."""
    return f"c{column.index}"
