"""A date in words, in any order that people write it."""

import datetime as dt
import re
from functools import cache
from typing import Any

_ISO = re.compile(r"^(\d{4})-(\d{1,2})-(\d{1,2})$")
_NAMED = {
    "christmas": (12, 25), "christmas day": (12, 25), "christmas eve": (12, 24), "new year": (1, 1),
    "new year's day": (1, 1), "new years day": (1, 1), "new year's eve": (12, 31), "halloween": (10, 31),
    "valentine's day": (2, 14),
}  # fmt: skip
_ENDS = {"the end of the year": (12, 31), "end of the year": (12, 31), "year end": (12, 31)}
_NOISE = re.compile(r"^(?:the|on|date of)\s+|\s+(?:be|fall|falls|fall on|on)$", re.IGNORECASE)
_WEEKDAY = re.compile(r"^(?:next |this |coming )?(mon|tues|wednes|thurs|fri|satur|sun)day$", re.IGNORECASE)
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_THIS_YEAR = re.compile(r"\s+this year$", re.IGNORECASE)
_MAX_CHARS = 60


class NoDate(Exception):
    """It cannot be answered, and the message says why."""


def read_date(text: str, today: dt.date, *, past: bool = False) -> dt.date:
    """The date that a phrase means.

    Args:
        text: Such as `24 December`, `2027-03-01`, `next Friday`, `tomorrow`, `Christmas`.
        today: What relative phrases count from.
        past: Whether a date without a year lies behind rather than ahead.

    Raises:
        NoDate: it is none.
    """
    phrase = _NOISE.sub("", _NOISE.sub("", " ".join(text.split()).strip(" ?.!,"))).strip()
    weekday = _WEEKDAY.match(phrase)
    if weekday:
        return _next_weekday(_DAYS.index(weekday[1].lower()[:3]), today)
    phrase = _THIS_YEAR.sub("", phrase)
    named = (_NAMED | _ENDS).get(phrase.lower().replace("\u2019", "'"))
    if named:
        return _nearest(*named, today, past=past)
    iso = _ISO.match(phrase)
    try:
        if iso:
            return dt.date(int(iso[1]), int(iso[2]), int(iso[3]))
        found = _parse(phrase[:_MAX_CHARS], today, past=past)
    except (ValueError, OverflowError) as error:
        raise NoDate(f"There is no date “{phrase}”: {error}.") from error
    if found is None:
        raise NoDate(f"I cannot read “{phrase[:_MAX_CHARS]}” as a date.")
    return found


def spelt(date: dt.date) -> str:
    """Such as `Thursday, 24 December 2026`."""
    return f"{date:%A}, {date.day} {date:%B} {date.year}"


def _next_weekday(weekday: int, today: dt.date) -> dt.date:
    return today + dt.timedelta(days=(weekday - today.weekday() - 1) % 7 + 1)


def _nearest(month: int, day: int, today: dt.date, *, past: bool) -> dt.date:
    here = dt.date(today.year, month, day)
    if past:
        return here if here <= today else here.replace(year=today.year - 1)
    return here if here >= today else here.replace(year=today.year + 1)


def _parse(phrase: str, today: dt.date, *, past: bool) -> dt.date | None:
    settings = {
        "PREFER_DATES_FROM": "past" if past else "future",
        "RELATIVE_BASE": dt.datetime.combine(today, dt.time(12)),
        "REQUIRE_PARTS": ["day", "month"],
        "DATE_ORDER": "DMY",
    }
    found = _dateparser().parse(phrase, languages=["en", "de", "fr", "es", "it"], settings=settings)
    return found.date() if found else None


@cache
def _dateparser() -> Any:
    import dateparser

    return dateparser
