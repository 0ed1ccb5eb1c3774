# ruff: noqa: RUF001  (people write these signs)
"""What a task asks for, told by its words. Pure, and in a few microseconds: no library is asked."""

import re

from agentops.wire import Task

_SUMMARISE = re.compile(
    r"\b(summar\w+|tl;?dr|shorten|condense|key (points|facts)|gist|digest|main points"
    r"|zusammenfass\w*|zusammenzufassen|fasse?\b.*\bzusammen|résum\w+|resum\w+|riassum\w+)\b",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"https?://[^\s/]+\.[^\s]+", re.IGNORECASE)
_LINKS = re.compile(
    r"\b(?:check|test|verify|validate|find|list|are there)\b.*\b(?:links?|urls?)\b"
    r"|\b(?:broken|dead) (?:links?|urls?)\b|\blink[ -]?check\w*",
    re.IGNORECASE,
)
_CHECKLIST = re.compile(r"\b(?:check-?list|packing list|to-?do list|shopping list)\b", re.IGNORECASE)
_FORMATS = {
    "table": "excel|xlsx|spreadsheet|workbook|csv|tsv|json lines|jsonl|ndjson|json|markdown|md|html"
    "|web ?page",
    "text": "markdown|md|html|web ?page|plain text|text|txt",
    "picture": "png|jpe?g|webp|gif|bmp|tiff?|pdf",
}
_INTO = {
    kind: re.compile(
        rf"\b(?:to|into|as|in)\s+(?:an?\s+|the\s+)?(?:proper\s+|valid\s+)?\.?(?:{names})\b", re.IGNORECASE
    )
    for kind, names in _FORMATS.items()
}
_CONVERTS = re.compile(r"\b(?:convert|turn|transform|change|export|save|make|put|bring)\w*\b", re.IGNORECASE)

_SPAN = r"(?:working days?|business days?|workdays?|days?|weeks?|months?|years?|hours?|nights?)"
_DATES = re.compile(
    rf"\b{_SPAN}\b.*\b(?:until|till|between|since|from|before|to)\b"
    rf"|\b(?:\d+|an?)\s+{_SPAN}\s+(?:after|before|from|ago)\b"
    rf"|\bdate\b.*\bin\s+\d+\s+{_SPAN}\b|(?:\+|\bplus|\bminus|-)\s*\d+\s+{_SPAN}\s*\??$"
    r"|\b(?:which|what) (?:week)?day\b|\bday of the week\b|\bweekday\b|\b(?:week number|calendar week)\b"
    r"|\bhow old\b.*\bborn\b|\bhow long (?:until|till)\b",
    re.IGNORECASE,
)
_SOME_DATE = re.compile(
    r"\d|\b(?:today|tomorrow|yesterday|christmas|new year|easter|halloween|end of the year"
    r"|(?:mon|tues|wednes|thurs|fri|satur|sun)day|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|january|february|march|april|june"
    r"|july|august|september|october|november|december)\b",
    re.IGNORECASE,
)
_COUNTS = re.compile(
    r"^(?:please |can you |could you )*(?:how|what|which|count|calculate|compute|find|tell|date|\d)",
    re.IGNORECASE,
)
_LONGEST = 200
_UNIT = r"[a-zµ°][a-zµ°/²³ ]{0,30}?[23]?"
_CALCULATES = re.compile(
    r"^(?:(?:please|can you|could you|tell me)\s+)*(?:"
    r"(?:calculate|compute|work out|evaluate)\b[^?]*\d.*"
    rf"|(?:convert\s+)?-?[\d.,]+\s*{_UNIT}(?:\s*[\d.,]+\s*{_UNIT})?\s+(?:to|in|into)\s+{_UNIT}"
    rf"|how many\s+{_UNIT}\s+(?:is|are|in|are in|are there in)\s+(?:there\s+in\s+)?-?[\d.,].{{0,40}}"
    r"|(?:what is|what's|how much is)\s+(?:the square root of\s+)?[\d(.-][\d\s.,()a-z%+*/x×÷^°-]{0,80}"
    r"|[\d\s.,()%+*/x×÷^-]*\d\s*[%+*/x×÷^-]\s*[\d(][\d\s.,()%+*/x×÷^-]*"
    r"|[\d.,]+\s*(?:%|percent)\s+(?:of|on)\s+[\d.,]+.{0,20}"
    r")\s*[?=.]*$",
    re.IGNORECASE,
)  # fmt: skip


def words_of(task: Task) -> str:
    """Title and description."""
    return f"{task.title}\n{task.description}"


def asks_to_summarise(text: str) -> bool:
    """Whether a shorter text is wanted."""
    return _SUMMARISE.search(text) is not None


def holds_address(text: str) -> bool:
    """Whether a web address is in it."""
    return _ADDRESS.search(text) is not None


def asks_about_links(text: str) -> bool:
    """Whether links are to be checked."""
    return _LINKS.search(text) is not None


def asks_for_checklist(text: str) -> bool:
    """Whether a list to tick off is wanted."""
    return _CHECKLIST.search(text) is not None


def asks_for_format(text: str, kind: str) -> bool:
    """Whether a file of this kind (`table`, `text`, `picture`) is wanted in another format."""
    return _CONVERTS.search(text) is not None and _INTO[kind].search(text) is not None


def asks_about_dates(title: str) -> bool:
    """Whether days are to be counted or a date to be found; what it names must look like a date."""
    return bool(_COUNTS.search(title) and _DATES.search(title[:_LONGEST]) and _SOME_DATE.search(title))


def asks_for_value(title: str) -> bool:
    """Whether it is a calculation as a whole, and not a sentence with a number in it."""
    return _CALCULATES.match(title.strip()[:_LONGEST]) is not None
