"""Dates as people write them, each column in one format."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import polars as pl

_SAMPLE = 500
_SHARE_TO_BELONG = 0.95
_PLAUSIBLE_YEARS = (1500, 2200)
_YEAR_NAMES = frozenset({"year", "yr", "jahr", "année", "annee", "año", "ano", "anno"})

_DAYS = (
    "%Y-%m-%d",
    "%Y/%m/%d",
    "%Y.%m.%d",
    "%d.%m.%Y",
    "%m/%d/%Y",
    "%d/%m/%Y",
    "%d-%m-%Y",
    "%d.%m.%y",
    "%m/%d/%y",
    "%d/%m/%y",
    "%d %b %Y",
    "%d %B %Y",
    "%b %d, %Y",
    "%B %d, %Y",
    "%b %d %Y",
    "%d-%b-%Y",
    "%d-%b-%y",
)
_MONTHS = ("%Y-%m", "%Y/%m", "%m/%Y", "%b %Y", "%B %Y", "%b-%Y")
_TIMES = (" %H:%M:%S", " %H:%M:%S%.f", " %H:%M", " %I:%M:%S %p", " %I:%M %p")
_DAY_FIRST = {"%m/%d/%Y": "%d/%m/%Y", "%m/%d/%y": "%d/%m/%y"}


class Grain(StrEnum):
    """The finest thing that the dates tell apart."""

    YEAR = "year"
    MONTH = "month"
    DAY = "day"
    TIME = "time"


@dataclass(frozen=True)
class DateFormat:
    """A chrono format for `parse_dates`."""

    pattern: str
    grain: Grain

    @property
    def order(self) -> str | None:
        """In words, where the same digits could be read in another order."""
        if self.pattern.startswith(("%m/%d", "%d/%m", "%d-%m")):
            return "month, day, year" if self.pattern.startswith("%m") else "day, month, year"
        return None


def find_date_format(there: pl.Series, *, name: str, day_first: bool) -> DateFormat | None:
    """The format in which nearly all values are plausible dates; None if there is none.

    Args:
        there: Trimmed text without nulls, not empty.
        name: The column's; bare years count as dates only where it says so.
        day_first: How to read 03/04/2024 in a column where every value reads both ways.
    """
    sample = there.head(_SAMPLE)
    if set(name.lower().replace("_", " ").split()) & _YEAR_NAMES and _fitting(sample, ["%Y"]):
        return DateFormat("%Y", Grain.YEAR)
    if not _enough(sample.str.contains(r"[-/. ,:]") & sample.str.contains(r"\d{2}")):
        return None
    whole = _fitting(there, _fitting(sample, _candidates()))
    if not whole:
        return None
    pattern = whole[0]
    for american, european in _DAY_FIRST.items():
        if day_first and pattern.startswith(american):
            swapped = pattern.replace(american, european)
            pattern = swapped if swapped in whole else pattern
    return DateFormat(pattern, _grain(pattern))


def parse_dates(text: pl.Series, format_: DateFormat) -> pl.Series:
    """Datetimes without a zone (what the clock on the wall said), null where the format does not fit."""
    return text.to_frame("text").select(_parse(pl.col("text"), format_.pattern)).to_series().alias(text.name)


def _candidates() -> list[str]:
    return [*_DAYS, *(day + time for day in _DAYS for time in _TIMES), *_MONTHS]


def _grain(pattern: str) -> Grain:
    if "%H" in pattern or "%I" in pattern:
        return Grain.TIME
    return Grain.MONTH if pattern in _MONTHS else Grain.DAY


def _fitting(text: pl.Series, patterns: Sequence[str]) -> list[str]:
    """Those in which nearly all values are plausible dates."""
    if not patterns:
        return []
    # In one query: one for each pattern takes six times as long.
    years = {pattern: _parse(pl.col("text"), pattern).dt.year() for pattern in patterns}
    fits = [year.is_between(*_PLAUSIBLE_YEARS).sum().alias(pattern) for pattern, year in years.items()]
    counts = text.to_frame("text").select(fits).row(0)
    return [pattern for pattern, count in zip(patterns, counts, strict=True) if _is_enough(count, len(text))]


def _enough(fits: pl.Series) -> bool:
    return _is_enough(int(fits.sum()), len(fits))


def _is_enough(count: int, whole: int) -> bool:
    return count >= _SHARE_TO_BELONG * whole


def _parse(text: pl.Expr, pattern: str) -> pl.Expr:
    """Chrono wants a day and a time of day; both are added where the pattern has none."""
    if pattern == "%Y" or pattern in _MONTHS:
        year_only = pattern == "%Y"
        text = text.str.replace(r"\.0$", "") + ("-01-01" if year_only else "-01")
        return text.str.to_date(pattern + ("-%m-%d" if year_only else "-%d"), strict=False).cast(
            pl.Datetime("us")
        )
    if _grain(pattern) is Grain.DAY:
        return text.str.to_date(pattern, strict=False).cast(pl.Datetime("us"))
    wall = text.str.replace(r"^(\S+)T", "$1 ").str.replace(r"\s*(Z|UTC|[+-]\d{2}:?\d{2})$", "")
    return wall.str.to_datetime(pattern, strict=False, time_unit="us")
