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
_COUNTS = {
    "a": 1,
    "an": 1,
    "one": 1,
    "two": 2,
    "a couple of": 2,
    "three": 3,
    "four": 4,
    "five": 5,
    "six": 6,
    "seven": 7,
    "eight": 8,
    "nine": 9,
    "ten": 10,
    "twelve": 12,
    "fifteen": 15,
    "twenty": 20,
    "thirty": 30,
    "forty five": 45,
    "forty": 40,
    "ninety": 90,
}
_COUNT = "|".join([r"\d{1,3}", *sorted(_COUNTS, key=len, reverse=True)])
_WEEKDAY = (
    r"(?:mon(?:day)?|tues?(?:day)?|wed(?:nesday)?|thu(?:rs?)?(?:day)?|fri(?:day)?|sat(?:urday)?|sun(?:day)?)"
)
CLOCK = r"(?:\d{1,2}(?::\d{2})?\s?[ap]\.?m\.?|\d{1,2}:\d{2}|noon|midnight)"
_HOURS = "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve"
_SAID_CLOCK = re.compile(
    rf"\b(?:(?:at\s+)?(?P<half>half past|quarter past|quarter to|(?<=at )half)\s+(?P<h1>\d{{1,2}}|{_HOURS})"
    rf"|(?:at\s+)?(?P<h2>{_HOURS})\s+(?P<m>thirty|fifteen|forty[- ]five|o'?clock)"
    rf"|(?P<at>at|by)\s+(?P<h3>{_HOURS})\b(?!\s+(?:minute|hour|day|week|month|time|person|people)))",
    re.IGNORECASE,
)
_NTH = {
    word: number
    for number, word in enumerate(
        (
            *("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"),
            *("eleventh", "twelfth", "thirteenth", "fourteenth", "fifteenth", "sixteenth", "seventeenth"),
            *("eighteenth", "nineteenth", "twentieth"),
            *("twenty-first", "twenty-second", "twenty-third", "twenty-fourth", "twenty-fifth"),
            *("twenty-sixth", "twenty-seventh", "twenty-eighth", "twenty-ninth", "thirtieth", "thirty-first"),
        ),
        start=1,
    )
}
_ORDINALS = "|".join(sorted(_NTH, key=len, reverse=True))
_SAID_DAY = re.compile(rf"\b({_ORDINALS})(?= of (?:{_MONTHS})\b)", re.IGNORECASE)
_SAID_MONTH_DAY = re.compile(rf"\b({_MONTHS}) (?:the )?({_ORDINALS})\b", re.IGNORECASE)
_FEW_MINUTES = re.compile(r"\b(in|within) (\d{1,3}) ?mins?\b", re.IGNORECASE)
_MINUTES = {"half": 30, "half past": 30, "quarter past": 15, "quarter to": -15, "thirty": 30, "fifteen": 15}
_DAY = (
    r"(?:today|tonight|(?:the )?day after tomorrow|tomorrow|this (?:morning|afternoon|evening|week|month)"
    rf"|(?:next |this |coming )?{_WEEKDAY}\b"
    r"|next (?:week|month)|(?:the )?end of (?:the |this )?(?:day|week|month)|eod|eow|eom"
    rf"|(?:in|within) (?:(?:{_COUNT}) (?:minute|hour|day|week|month)s?|half an hour)(?: from now)?"
    rf"|\d{{4}}-\d{{2}}-\d{{2}}|(?:the )?\d{{1,2}}(?:st|nd|rd|th)?(?: of)? (?:{_MONTHS})\b(?: \d{{4}})?"
    rf"|(?:{_MONTHS}) \d{{1,2}}(?:st|nd|rd|th)?\b(?:,? \d{{4}})?|\d{{1,2}}[./]\d{{1,2}}[./]\d{{4}})"
)
WHEN = (
    rf"(?:{_DAY}(?: (?:morning|afternoon|evening|night))?(?:,? (?:at |by )?{CLOCK}|,? at \d{{1,2}})?"
    rf"|{CLOCK}(?:,? (?:on )?{_DAY})?)"
)
_FIRM = (
    r"(?:(?:and )?(?:it |it's |it is |that |that's )?(?:is |to be )?due(?: date)?(?: is)?(?: on| by| in| at)?"
    r"|(?:with )?(?:a |the )?deadline(?: is| of| on)?|(?:to be )?(?:done |finished |ready )?by"
    r"|before|until|till|no later than)"
)
_MARKED = re.compile(
    rf"[\s,;(\u2013-]*(?<!\w)(?P<mark>{_FIRM})[\s:]*(?P<when>{WHEN})(?!\w)\)?", re.IGNORECASE
)
_AT_END = re.compile(rf"[\s,;\u2013-]+(?P<mark>on |for |at )?(?P<when>{WHEN})[\s.!)]*$", re.IGNORECASE)
_AT_START = re.compile(rf"^(?P<mark>on |at )?(?P<when>{WHEN})[,:]\s+", re.IGNORECASE)
_ONLY = re.compile(rf"^\s*(?P<mark>{_FIRM}|on|for|at)?[\s:]*(?P<when>{WHEN})[\s.!]*$", re.IGNORECASE)
_ANYWHERE = re.compile(
    rf"[\s,]*(?<!\w)(?:(?P<mark>on|at|by|for|before) )?(?P<when>{WHEN}|(?<=at )\d{{1,2}}(?! \w+s\b))(?!\w)",
    re.IGNORECASE,
)
_ASKS_ABOUT_DATES = re.compile(
    r"\bhow many (?:working |business )?(?:day|week|month|year|hour|night)s\b|\bhow old\b"
    r"|\bhow long (?:until|till)\b"
    r"|\b(?:which|what) (?:week)?day (?:is|was|will)\b|\bweekday (?:is|was|of)\b|\bday of the week\b"
    r"|\b\d+ (?:working |business )?(?:day|week|month|year)s? (?:after|before|from)\b",
    re.IGNORECASE,
)
"""Work about dates: a day in its words is the matter, and not when it has to be done."""
_HAS_CLOCK = re.compile(rf"\b{CLOCK}|\bat \d{{1,2}}$", re.IGNORECASE)
_PARTS = {"morning": 9, "afternoon": 15, "evening": 20, "tonight": 20, "night": 22}


def written_clock(text: str) -> str:
    """The text with times in figures that were said in words: "half past three", "the second of May"."""
    text = _FEW_MINUTES.sub(r"\1 \2 minutes", text)
    text = _SAID_MONTH_DAY.sub(lambda said: f"{said[1]} {_NTH[said[2].lower()]}th", text)
    return _SAID_CLOCK.sub(_figures, _SAID_DAY.sub(lambda said: f"{_NTH[said[1].lower()]}th", text))


def clock_time(text: str) -> tuple[int, int]:
    """Hour and minute of "5pm", "17:30", "noon", "8"; a bare hour before seven is in the afternoon."""
    said = text.lower().replace(".", "").strip()
    if said in ("noon", "midnight"):
        return (12, 0) if said == "noon" else (23, 59)
    found = re.match(r"(\d{1,2})(?::(\d{2}))?\s?([ap]m)?", said)
    hour, minute, half = (int(found[1]), int(found[2] or 0), found[3]) if found else (9, 0, None)
    if half is None:
        return (hour + 12 if 0 < hour < 7 and not text.startswith("0") else hour % 24, minute % 60)
    return hour % 12 + (12 if half == "pm" else 0), minute % 60


def _figures(match: re.Match[str]) -> str:
    said = match["h1"] or match["h2"] or match["h3"]
    hour = int(said) if said.isdigit() else _HOURS.split("|").index(said.lower()) + 1
    part = (match["half"] or match["m"] or "").lower().replace("-", " ")
    minute = 45 if part == "forty five" else _MINUTES.get(part, 0)
    if minute < 0:
        hour, minute = (hour - 1) or 12, 45
    figures = f"{hour:02}:{minute:02}" if 6 < hour < 13 else f"{hour + 12}:{minute:02}"
    return f"at {figures}" if not match["at"] else f"{match['at']} {figures}"


@dataclass(frozen=True)
class Due:
    """A moment, and the text without the words that named it."""

    at: datetime
    rest: str


def find_due(text: str, now: datetime) -> Due | None:
    """The due date named in `text`, or None. `now` carries the person's time zone.

    A date without a firm word ("due", "by") counts only at either end, and stays in the text after "on" or
    "for", where it belongs to the matter: "slides for Monday". A question about dates has none.
    """
    if _ASKS_ABOUT_DATES.search(text):
        return None
    for pattern in (_MARKED, _AT_END, _AT_START):
        match = pattern.search(text)
        at = match and _resolve(match["when"], match["mark"] or "", now)
        if match and at:
            keeps = pattern is _AT_END and (match["mark"] or "").strip() in ("on", "for")
            rest = text if keeps else f"{text[: match.start()]} {text[match.end() :]}"
            return Due(at, rest.strip(" ,;"))
    return None


def find_moment(text: str, now: datetime) -> Due | None:
    """The moment named anywhere in `text`, as a reminder needs it. A day alone means nine in the morning."""
    for match in _ANYWHERE.finditer(text):
        said = f"at {match['when']}" if match["when"].isdigit() else match["when"]
        at = _resolve(said, "", now)
        if at is None:
            continue
        if (at.hour, at.minute) == (23, 59) and "midnight" not in said.lower():
            at = at.replace(hour=9, minute=0) if at.date() != now.date() else at.replace(hour=18, minute=0)
        rest = f"{text[: match.start()]} {text[match.end() :]}"
        return Due(at, re.sub(r"\s+", " ", rest).strip(" ,;"))
    return None


def parse_due(text: str, now: datetime) -> datetime | None:
    """The moment that `text` names, if it names one and nothing else."""
    match = _ONLY.match(text)
    return _resolve(match["when"], match["mark"] or "", now) if match else None


def _resolve(when: str, mark: str, now: datetime) -> datetime | None:
    when = re.sub(r"\s+", " ", when.lower()).strip()
    if "half an hour" in when:
        return now + timedelta(minutes=30)
    count = re.fullmatch(rf"(?:in|within) ({_COUNT}) (minute|hour)s?(?: from now)?", when)
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


def _with_clock(when: str, clock: re.Match[str], day: date | None, now: datetime) -> datetime:
    after = re.sub(r"^[,\s]*(?:on )?", "", when[clock.end() :])
    day = day or (_day(after, now) if after else None)
    at = datetime.combine(day or now.date(), time(*clock_time(clock[0].removeprefix("at "))), now.tzinfo)
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
    count = re.fullmatch(rf"(?:in|within) ({_COUNT}) (day|week|month)s?(?: from now)?", when)
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
