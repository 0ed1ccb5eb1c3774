"""When something is due, out of words: "by Friday", "due tomorrow at 5pm", "in two weeks"."""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import dateparser

_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONTHS = (
    "jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|"
    "sep(?:t(?:ember)?)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?"
)
_COUNTS = {"a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "ten": 10}
_WEEKDAY = (
    r"(?:mon(?:day)?|tues?(?:day)?|wed(?:nesday)?|thu(?:rs?)?(?:day)?|fri(?:day)?|sat(?:urday)?|sun(?:day)?)"
)
_CLOCK = r"(?:\d{1,2}(?::\d{2})?\s?[ap]\.?m\.?|\d{1,2}:\d{2}|noon|midnight)"
_DAY = (
    r"(?:today|tonight|(?:the )?day after tomorrow|tomorrow|this (?:morning|afternoon|evening|week|month)"
    rf"|(?:next |this |coming )?{_WEEKDAY}\b"
    r"|next (?:week|month)|(?:the )?end of (?:the |this )?(?:day|week|month)|eod|eow|eom"
    r"|(?:in|within) (?:\d{1,3}|an?|one|two|three|four|five|six|ten) (?:minute|hour|day|week|month)s?"
    rf"|\d{{4}}-\d{{2}}-\d{{2}}|(?:the )?\d{{1,2}}(?:st|nd|rd|th)?(?: of)? (?:{_MONTHS})\b(?: \d{{4}})?"
    rf"|(?:{_MONTHS}) \d{{1,2}}(?:st|nd|rd|th)?\b(?:,? \d{{4}})?|\d{{1,2}}[./]\d{{1,2}}[./]\d{{4}})"
)
_WHEN = (
    rf"(?:{_DAY}(?: (?:morning|afternoon|evening|night))?(?:,? (?:at |by )?{_CLOCK}|,? at \d{{1,2}})?"
    rf"|{_CLOCK}(?:,? (?:on )?{_DAY})?)"
)
_FIRM = (
    r"(?:(?:and )?(?:it |it's |it is |that |that's )?(?:is |to be )?due(?: date)?(?: is)?(?: on| by| in| at)?"
    r"|(?:with )?(?:a |the )?deadline(?: is| of| on)?|(?:to be )?(?:done |finished |ready )?by"
    r"|before|until|till|no later than)"
)
_MARKED = re.compile(
    rf"[\s,;(\u2013-]*(?<!\w)(?P<mark>{_FIRM})[\s:]*(?P<when>{_WHEN})(?!\w)\)?", re.IGNORECASE
)
_AT_END = re.compile(rf"[\s,;\u2013-]+(?P<mark>on |for |at )?(?P<when>{_WHEN})[\s.!)]*$", re.IGNORECASE)
_AT_START = re.compile(rf"^(?P<mark>on |at )?(?P<when>{_WHEN})[,:]\s+", re.IGNORECASE)
_ONLY = re.compile(rf"^\s*(?P<mark>{_FIRM}|on|for|at)?[\s:]*(?P<when>{_WHEN})[\s.!]*$", re.IGNORECASE)
_HAS_CLOCK = re.compile(rf"\b{_CLOCK}|\bat \d{{1,2}}$", re.IGNORECASE)
_PARTS = {"morning": 9, "afternoon": 15, "evening": 20, "tonight": 20, "night": 22}


@dataclass(frozen=True)
class Due:
    """A moment, and the text without the words that named it."""

    at: datetime
    rest: str


def find_due(text: str, now: datetime) -> Due | None:
    """The due date named in `text`, or None. `now` carries the person's time zone.

    A date without a firm word ("due", "by") counts only at either end, and stays in the text after "on" or
    "for", where it belongs to the matter: "slides for Monday".
    """
    for pattern in (_MARKED, _AT_END, _AT_START):
        match = pattern.search(text)
        at = match and _resolve(match["when"], match["mark"] or "", now)
        if match and at:
            keeps = pattern is _AT_END and (match["mark"] or "").strip() in ("on", "for")
            rest = text if keeps else f"{text[: match.start()]} {text[match.end() :]}"
            return Due(at, rest.strip(" ,;"))
    return None


def parse_due(text: str, now: datetime) -> datetime | None:
    """The moment that `text` names, if it names one and nothing else."""
    match = _ONLY.match(text)
    return _resolve(match["when"], match["mark"] or "", now) if match else None


def _resolve(when: str, mark: str, now: datetime) -> datetime | None:
    when = re.sub(r"\s+", " ", when.lower()).strip()
    count = re.fullmatch(r"(?:in|within) (\w+) (minute|hour)s?", when)
    if count:
        return now + timedelta(**{f"{count[2]}s": _number(count[1])})
    clock = _HAS_CLOCK.search(when)
    day = _day(re.sub(r"[,\s]*(?:at|by|on)?\s*$", "", when[: clock.start()]) if clock else when, now)
    if clock:
        return _with_clock(when, clock, day, now)
    if day is None:
        return None
    part = next((hour for word, hour in _PARTS.items() if word in when), None)
    if part is not None:
        return datetime.combine(day, time(part), now.tzinfo)
    if mark.lower().endswith("before"):
        day -= timedelta(days=1)
    return datetime.combine(day, time(23, 59), now.tzinfo)


def _with_clock(when: str, clock: re.Match[str], day: date | None, now: datetime) -> datetime | None:
    after = re.sub(r"^[,\s]*(?:on )?", "", when[clock.end() :])
    day = day or (_day(after, now) if after else None)
    said = clock[0].replace("at ", "").replace(".", "")
    parsed = dateparser.parse(said + ":00" if said.isdigit() else said, languages=["en"])
    if parsed is None:
        return {"midnight": datetime.combine(now.date(), time(23, 59), now.tzinfo)}.get(said)
    at = datetime.combine(day or now.date(), parsed.time(), now.tzinfo)
    return at + timedelta(days=1) if day is None and at <= now else at


def _day(when: str, now: datetime) -> date | None:
    today = now.date()
    if when in ("today", "tonight", "eod") or (when.startswith("this ") and when.split()[1] in _PARTS):
        return today
    if when.endswith("day after tomorrow"):
        return today + timedelta(days=2)
    if when.startswith("tomorrow"):
        return today + timedelta(days=1)
    return _weekday(when, today) or _period(when, today) or _calendar(when, now)


def _weekday(when: str, today: date) -> date | None:
    match = re.match(rf"(next |this |coming )?({_WEEKDAY})\b", when)
    if not match:
        return None
    index = next(i for i, name in enumerate(_DAYS) if name.startswith(match[2][:3]))
    if match[1] == "next ":
        monday = today + timedelta(days=7 - today.weekday())
        return monday + timedelta(days=index)
    return today + timedelta(days=(index - today.weekday()) % 7)


def _period(when: str, today: date) -> date | None:
    count = re.fullmatch(r"(?:in|within) (\w+) (day|week|month)s?", when)
    if count:
        return today + timedelta(days=_number(count[1]) * {"day": 1, "week": 7, "month": 30}[count[2]])
    if when.endswith("day") and "end of" in when:
        return today
    if when in ("eow", "this week") or re.search(r"end of .*week|end of week", when):
        return today + timedelta(days=(4 - today.weekday()) % 7)
    if when == "next week":
        return today + timedelta(days=11 - today.weekday())
    if when in ("eom", "this month") or re.search(r"end of .*month|end of month", when):
        return (today.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
    if when == "next month":
        following = (today.replace(day=28) + timedelta(days=4)).replace(day=28)
        return (following + timedelta(days=4)).replace(day=1) - timedelta(days=1)
    return None


def _calendar(when: str, now: datetime) -> date | None:
    if not re.search(r"\d", when):
        return None
    settings = {"RELATIVE_BASE": now.replace(tzinfo=None), "PREFER_DATES_FROM": "future", "DATE_ORDER": "DMY"}
    parsed = dateparser.parse(when.removeprefix("the "), languages=["en"], settings=settings)
    return parsed.date() if parsed else None


def _number(word: str) -> int:
    return int(word) if word.isdigit() else _COUNTS[word]
