"""Answers to questions about dates. Pure, but for the reading of dates."""

import calendar
import datetime as dt
from collections.abc import Callable

from calendar_sums.dates import NoDate, read_date, spelt
from calendar_sums.questions import Question

_NUMERALS = {"a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6}
_MOST = 200_000
_NOTE = " (Monday to Friday; public holidays are not taken off)"


def answer(question: Question, today: dt.date) -> str:
    """A sentence.

    Raises:
        NoDate: a date in it cannot be read, or the answer lies beyond the calendar.
    """
    try:
        return _ANSWERS[question.kind](question, today)
    except (OverflowError, ValueError) as error:
        raise NoDate("That lies beyond the calendar.") from error


def _span(question: Question, today: dt.date) -> str:
    first = read_date(question.phrases["first"], today)
    last = read_date(question.phrases["last"], first if first > today else today)
    return f"From {spelt(first)} to {spelt(last)}: {_length(first, last, question.unit)}."


def _ahead(question: Question, today: dt.date) -> str:
    last = read_date(question.phrases["last"], today)
    if last < today:
        return f"{spelt(last)} was {_length(last, today, question.unit)} ago."
    return f"From today, {spelt(today)}, to {spelt(last)}: {_length(today, last, question.unit)}."


def _behind(question: Question, today: dt.date) -> str:
    first = read_date(question.phrases["first"], today, past=True)
    return f"Since {spelt(first)}: {_length(first, today, question.unit)} (to today, {spelt(today)})."


def _moved(question: Question, today: dt.date) -> str:
    phrases, way = question.phrases, question.phrases["way"].lower()
    word = phrases["count"].lower()
    count = _NUMERALS[word] if word in _NUMERALS else int(word)
    if count > _MOST:
        raise OverflowError
    backwards = way in ("before", "prior to", "ago", "-", "minus")
    base_text = "" if way == "ago" else phrases["base"]
    base = today if base_text.lower() in ("", "now", "today") else read_date(base_text, today)
    moved = _shift(base, -count if backwards else count, question.unit)
    note = _NOTE if question.unit == "working day" else ""
    direction = "before" if backwards else "after"
    return f"{_counted(count, question.unit)} {direction} {spelt(base)} is {spelt(moved)}{note}."


def _weekday(question: Question, today: dt.date) -> str:
    date = read_date(question.phrases["first"], today)
    verb = "was" if date < today else "is"
    return f"{date.day} {date:%B} {date.year} {verb} a {date:%A}."


def _week(question: Question, today: dt.date) -> str:
    date = read_date(question.phrases["first"], today)
    year, week, _ = date.isocalendar()
    return f"{spelt(date)} is in week {week} of {year}."


def _age(question: Question, today: dt.date) -> str:
    born = read_date(question.phrases["first"], today, past=True)
    if born > today:
        raise NoDate(f"{spelt(born)} is yet to come.")
    years = today.year - born.year - ((today.month, today.day) < (born.month, born.day))
    return f"Born on {spelt(born)}: {_counted(years, 'year')} old today, {spelt(today)}."


_ANSWERS: dict[str, Callable[[Question, dt.date], str]] = {
    "span": _span,
    "ahead": _ahead,
    "waited": _ahead,
    "behind": _behind,
    "moved": _moved,
    "weekday": _weekday,
    "week": _week,
    "age": _age,
}


def _length(first: dt.date, last: dt.date, unit: str) -> str:
    if last < first:
        first, last = last, first
    days = (last - first).days
    if unit == "working day":
        return f"{_counted(_working_days(first, last), unit)}{_NOTE}"
    if unit == "hour":
        return f"{_counted(24 * days, unit)} ({_counted(days, 'day')})"
    if unit == "week":
        weeks, rest = divmod(days, 7)
        more = f" and {_counted(rest, 'day')}" if rest else ""
        return f"{_counted(weeks, 'week')}{more}"
    if unit in ("month", "year"):
        return f"{_parts(first, last)} ({_counted(days, 'day')})"
    more = f" ({_parts(first, last)})" if days > 60 else ""
    return f"{_counted(days, 'day')}{more}"


def _parts(first: dt.date, last: dt.date) -> str:
    months = 12 * (last.year - first.year) + last.month - first.month
    if _shift(first, months, "month") > last:
        months -= 1
    days = (last - _shift(first, months, "month")).days
    parts = [(months // 12, "year"), (months % 12, "month"), (days, "day")]
    return ", ".join(_counted(count, unit) for count, unit in parts if count) or "0 days"


def _shift(date: dt.date, count: int, unit: str) -> dt.date:
    if unit in ("month", "year"):
        month = date.year * 12 + date.month - 1 + count * (12 if unit == "year" else 1)
        year, month = divmod(month, 12)
        return dt.date(year, month + 1, min(date.day, calendar.monthrange(year, month + 1)[1]))
    if unit == "working day":
        return _shift_working(date, count)
    return date + dt.timedelta(
        hours=24 * count * (7 if unit == "week" else 1) // (24 if unit == "hour" else 1)
    )


def _shift_working(date: dt.date, count: int) -> dt.date:
    step = dt.timedelta(days=1 if count > 0 else -1)
    for _ in range(abs(count)):
        date += step
        while date.weekday() > 4:
            date += step
    return date


def _working_days(first: dt.date, last: dt.date) -> int:
    """From the day after `first` to `last`."""
    weeks, rest = divmod((last - first).days, 7)
    return 5 * weeks + sum((first + dt.timedelta(days=day)).weekday() < 5 for day in range(1, rest + 1))


def _counted(count: int, unit: str) -> str:
    return f"{count:,} {unit}" if count == 1 else f"{count:,} {unit}s"
