"""Numbers, dates and lists as a person writes them."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from csv_report.dates import Grain
from csv_report.profiling import Column

_MAX_NAME_CHARS = 40


def number(value: float, unit: str = "") -> str:
    """Three to four telling digits: 0.0123, 12.3, 1,234, 1.23 million."""
    size = abs(value)
    if size >= 1e15 or (0 < size < 1e-4):
        text = f"{value:.3g}"
    elif size >= 1e9:
        text = f"{_trim(f'{value / 1e9:,.2f}')} billion"
    elif size >= 1e6:
        text = f"{_trim(f'{value / 1e6:,.2f}')} million"
    elif size >= 1000 or value == int(value):
        text = f"{value:,.0f}"
    else:
        text = f"{value:.3g}" if size < 100 else f"{value:.1f}"
    return with_unit(text, unit)


def _trim(text: str) -> str:
    return text.rstrip("0").rstrip(".")


def exact(value: float, *, whole: bool, unit: str = "") -> str:
    """For tables: every digit before the point, at most four telling ones behind it."""
    if whole and abs(value) < 1e15:
        text = f"{value:,.0f}"
    elif abs(value) >= 1e15 or 0 < abs(value) < 1e-4:
        text = f"{value:.4g}"
    else:
        decimals = 0 if value == 0 else 2 if abs(value) >= 1 else 4
        text = f"{value:,.{decimals}f}"
    return with_unit(text, unit)


def short(value: float, unit: str = "") -> str:
    """For the axis of a chart: 250, 1.5k, 20M."""
    for limit, letter in ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= limit:
            return with_unit(f"{value / limit:.3g}{letter}", unit)
    return with_unit(f"{value:.3g}", unit)


def with_unit(text: str, unit: str) -> str:
    """€5, but 5 %."""
    if unit == "%":
        return f"{text} %"
    return f"-{unit}{text[1:]}" if unit and text.startswith("-") else f"{unit}{text}"


def percent(share: float) -> str:
    """0.234 as "23 %", and what is neither none nor all never as 0 % or 100 %."""
    if 0 < share < 0.01:
        return "under 1 %"
    if 0.99 < share < 1:
        return "over 99 %"
    return f"{share:.0%}".replace("%", " %")


def count(amount: int, noun: str) -> str:
    """ "1 row", "1,200 rows"."""
    return f"{amount:,} {noun}" if amount == 1 else f"{amount:,} {noun}s"


def name(column: Column) -> str:
    """The column's name as words, cut where it would break the line."""
    return clip(column.name.replace("_", " "), _MAX_NAME_CHARS)


def clip(text: str, limit: int) -> str:
    """On one line, at most `limit` characters, with an ellipsis for what was cut."""
    line = " ".join(text.split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def capital(text: str) -> str:
    """With its first letter large, the others as they are."""
    return text[:1].upper() + text[1:]


def listed(words: Sequence[str]) -> str:
    """ "a, b and c"."""
    return words[0] if len(words) == 1 else ", ".join(words[:-1]) + " and " + words[-1]


def moment(when: datetime, grain: Grain) -> str:
    """As fine as the column tells: 2024, May 2024, 3 May 2024, 3 May 2024 14:05."""
    if grain is Grain.YEAR:
        return f"{when:%Y}"
    if grain is Grain.MONTH:
        return f"{when:%B %Y}"
    day = f"{when.day} {when:%B %Y}"
    return f"{day} {when:%H:%M}" if grain is Grain.TIME else day


def span(earliest: datetime, latest: datetime, grain: Grain) -> str:
    """From one moment to another, without the time of day if they are days apart."""
    if grain is Grain.TIME and latest - earliest > timedelta(days=2):
        grain = Grain.DAY
    first, last = moment(earliest, grain), moment(latest, grain)
    return first if first == last else f"{first} to {last}"
