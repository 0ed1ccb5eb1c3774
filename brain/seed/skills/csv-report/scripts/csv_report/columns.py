"""What a column of text holds, and its values as that: numbers, dates or text."""

import re
from dataclasses import dataclass
from enum import StrEnum

import polars as pl

from csv_report.dates import DateFormat, find_date_format, parse_dates

_MISSING = ["", "na", "n/a", "#n/a", "nan", "null", "none", "nil", "-", "--", "—", "?"]
_SHARE_TO_BELONG = 0.95
"""So many of the values that are there must read as numbers, or as dates, for the column to be that."""

_POINT = r"^[+-]?(?:\d+|\d{1,3}(?:,\d{3})+)?(?:\.\d*)?(?:[eE][+-]?\d+)?$"
_COMMA = r"^[+-]?(?:\d+|\d{1,3}(?:\.\d{3})+)?(?:,\d*)?(?:[eE][+-]?\d+)?$"
_CURRENCY = r"[€$£¥₹]"
_UNITS = re.compile(r"[€$£¥₹%]")
_CODE = r"^0\d+$"


class Kind(StrEnum):
    """What the values are treated as."""

    NUMBER = "number"
    DATE = "date"
    TEXT = "text"
    EMPTY = "empty"


@dataclass(frozen=True)
class Meaning:
    """How to read a column. `values()` applies it."""

    kind: Kind
    decimal_comma: bool = False
    unit: str = ""
    """`%` or a currency sign that the numbers carry."""
    date: DateFormat | None = None
    unreadable: int = 0
    """Values that are there and are not of the kind."""
    example: str = ""
    """The first of them."""


def present(text: pl.Series) -> pl.Series:
    """The values trimmed, with null for what people write when there is nothing."""
    trimmed = text.str.strip_chars()
    return trimmed.set(trimmed.str.to_lowercase().is_in(_MISSING), None)


def find_meaning(text: pl.Series, *, delimiter: str = ",", name: str = "") -> Meaning:
    """Decides what a column holds.

    Args:
        text: The values as `present` gives them.
        delimiter: Of the file; with a semicolon a comma more likely marks decimals, and days come first.
        name: A column named "year" holds dates.
    """
    there = text.drop_nulls()
    if there.is_empty():
        return Meaning(Kind.EMPTY)
    european = delimiter == ";"
    if date := find_date_format(there, name=name, day_first=european):
        return _judge(text, Meaning(Kind.DATE, date=date))
    if there.str.contains(_CODE).any():  # postal codes, telephone numbers, article numbers
        return Meaning(Kind.TEXT)
    bare = _bare_numbers(there)
    points, commas = int(bare.str.contains(_POINT).sum()), int(bare.str.contains(_COMMA).sum())
    if max(points, commas) < _SHARE_TO_BELONG * len(there):
        return Meaning(Kind.TEXT)
    decimal_comma = commas > points or (commas == points and european)
    return _judge(text, Meaning(Kind.NUMBER, decimal_comma=decimal_comma, unit=_common_unit(there)))


def values(text: pl.Series, meaning: Meaning) -> pl.Series:
    """The column as Float64, Datetime or String, with null for what is missing or unreadable."""
    if meaning.kind is Kind.NUMBER:
        return _numbers(text, decimal_comma=meaning.decimal_comma)
    if meaning.date is not None:
        return parse_dates(text, meaning.date)
    return text


def _judge(text: pl.Series, meaning: Meaning) -> Meaning:
    """The meaning with a count of what does not fit it; text if too much does not."""
    unreadable = text.filter(text.is_not_null() & values(text, meaning).is_null())
    there = len(text) - text.null_count()
    if len(unreadable) > (1 - _SHARE_TO_BELONG) * there:
        return Meaning(Kind.TEXT)
    if unreadable.is_empty():
        return meaning
    return Meaning(
        meaning.kind, meaning.decimal_comma, meaning.unit, meaning.date, len(unreadable), str(unreadable[0])
    )


def _numbers(text: pl.Series, *, decimal_comma: bool) -> pl.Series:
    bare = _bare_numbers(text)
    pattern = _COMMA if decimal_comma else _POINT
    bare = bare.set(~bare.str.contains(pattern), None)
    bare = bare.str.replace_all("." if decimal_comma else ",", "", literal=True)
    bare = bare.str.replace(",", ".", literal=True) if decimal_comma else bare
    numbers = bare.cast(pl.Float64, strict=False)
    return numbers.set(numbers.is_infinite() | numbers.is_nan(), None)


def _bare_numbers(text: pl.Series) -> pl.Series:
    """Without signs of currency and percent, spaces and apostrophes between thousands; (5) is -5."""
    bare = text.str.replace_all(rf"{_CURRENCY}|%$|[\s'\u2019\u00a0\u202f]", "")
    bare = bare.str.replace("\u2212", "-", literal=True)
    return bare.str.replace(r"^\((.+)\)$", "-$1")


def _common_unit(there: pl.Series) -> str:
    found = _UNITS.search(str(there[0]))
    if not found:
        return ""
    share = there.str.contains(found.group(), literal=True).mean()
    return found.group() if isinstance(share, float) and share > _SHARE_TO_BELONG else ""
