"""How often something comes, out of words: "every Monday at 8", "on the first of each month"."""

import re
from dataclasses import dataclass

from brain.offline.due import clock_time

_DAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_DAY = r"(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?s?"
_CLOCK = r"(?:\d{1,2}(?::\d{2})?\s?(?:[ap]\.?m\.?)?|noon|midnight)"
_PART = r"morning|afternoon|evening|night|noon"
_AT = rf"(?:\s+(?:in the\s+)?(?P<part>{_PART}))?(?:,?\s+(?:at|by)\s+(?P<clock>{_CLOCK}))?"
_OFTEN = re.compile(
    rf"(?<!\w)(?:(?:on|at)\s+)?(?:"
    rf"(?:every|each)\s+(?P<days>(?:{_DAY})(?:(?:,|\s+and|\s+or|,\s*and)\s+(?:{_DAY}))*)"
    rf"|(?P<plural>(?:mon|tues|wednes|thurs|fri|satur|sun)days)"
    r"|(?:every|each)\s+(?P<every>weekday|working day|work day|workday|weekend|day|morning|afternoon|evening"
    r"|night|week|month|hour|year|(?:two|three|four|six|other|second|\d{1,2})\s+(?:minute|hour|day)s?)"
    r"|(?P<adverb>daily|weekly|monthly|hourly|weekdays)"
    r"|(?:the\s+)?(?P<monthday>first|1st|second|2nd|15th|fifteenth|last|\d{1,2}(?:st|nd|rd|th))(?:\s+day)?\s+of\s+"
    r"(?:every|each|the)\s+month"
    rf"){_AT}(?!\w)",
    re.IGNORECASE,
)
_BEFORE = re.compile(rf"(?:^|\s)at\s+(?P<clock>{_CLOCK})\s*$", re.IGNORECASE)
_PART_HOURS = {"morning": 9, "afternoon": 15, "evening": 19, "night": 21, "noon": 12}
_COUNTS = {"two": 2, "other": 2, "second": 2, "three": 3, "four": 4, "six": 6}
_ORDINALS = {"first": 1, "second": 2, "fifteenth": 15}


@dataclass(frozen=True)
class Recurrence:
    """A cron pattern of five fields, and the text without the words that named it."""

    cron: str
    rest: str
    start: int
    """Where the words that named it begin in the text."""
    end: int


def find_recurrence(text: str) -> Recurrence | None:
    """The pattern named in `text`, or None. Without a time of day it is nine in the morning."""
    match = _OFTEN.search(text)
    if match is None:
        return None
    rest = f"{text[: match.start()].rstrip(' ,')} {text[match.end() :].lstrip(' ,')}".strip(" ,")
    clock, start = match["clock"], match.start()
    if clock is None and (found := _BEFORE.search(text[: match.start()].rstrip(" ,"))):
        clock, start = found["clock"], found.start()
        rest = f"{text[: found.start()]} {text[match.end() :].lstrip(' ,')}".strip(" ,")
    every = (match["every"] or match["adverb"] or "").lower()
    part = (match["part"] or every).lower()
    hour, minute = clock_time(clock) if clock else (_PART_HOURS.get(part, 9), 0)
    cron = _cron(match, every, hour, minute)
    return Recurrence(cron, rest, start, match.end()) if cron else None


def _cron(match: re.Match[str], every: str, hour: int, minute: int) -> str | None:
    if days := match["days"] or match["plural"]:
        return f"{minute} {hour} * * {','.join(_days(days))}"
    if month_day := match["monthday"]:
        day = _ORDINALS.get(month_day.lower()) or int(re.sub(r"\D", "", month_day) or 28)
        return f"{minute} {hour} {day} * *"
    if count := re.match(r"(\w+)\s+(minute|hour|day)", every):
        step = _COUNTS.get(count[1]) or int(re.sub(r"\D", "", count[1]) or 1)
        return {"minute": f"*/{step} * * * *", "hour": f"0 */{step} * * *"}.get(
            count[2], f"{minute} {hour} */{step} * *"
        )
    return {
        "hour": "0 * * * *",
        "hourly": "0 * * * *",
        "week": f"{minute} {hour} * * MON",
        "weekly": f"{minute} {hour} * * MON",
        "month": f"{minute} {hour} 1 * *",
        "monthly": f"{minute} {hour} 1 * *",
        "year": f"{minute} {hour} 1 1 *",
        "weekend": f"{minute} {hour} * * SAT",
        **dict.fromkeys(
            ("weekday", "weekdays", "working day", "work day", "workday"), f"{minute} {hour} * * MON-FRI"
        ),
    }.get(every, f"{minute} {hour} * * *")


def _days(text: str) -> list[str]:
    found = re.findall(rf"\b{_DAY}\b", text, re.IGNORECASE)
    return [next(day for day in _DAYS if name[:3].upper() == day) for name in found]
