"""What a free sentence says shall be different about a task."""

import re
from datetime import datetime

from brain.offline.due import find_due, find_moment, parse_due
from brain.offline.slots import PRIORITY, priority_of

_TITLE = re.compile(
    r"\b(?:rename|retitle|call)\b.*?\b(?:to|into|as)\s+[\"“'\u2018]?(?P<title>.+?)[\"”'\u2019.]*$"
    r"|\bcall it\s+[\"“'\u2018]?(?P<called>.+?)[\"”'\u2019.]*$",
    re.IGNORECASE,
)
_PRIORITY = re.compile(
    r"(?:\b(?:to|on|at|as|put|make|make it|make that|is|goes|be)|->)\s+"
    rf"(?:up to |down to |a |now |really |so )*(?P<p>{PRIORITY})\b"
    rf"|\b(?P<q>{PRIORITY})\s+(?:now|please|prio)\b|^(?P<r>{PRIORITY})\b"
    r"|\b(?P<s>urgent|critical|high|top|low)[.!]*$",
    re.IGNORECASE,
)
_AT_THE = re.compile(
    r"\bat the (?P<end>top|bottom)|\bfirst of all\b|\b(?P<less>(?:isn't|is not|not) so important)",
    re.IGNORECASE,
)
_NO_MORE = re.compile(
    r"\b(?:not|no longer|isn't|no)\s+(?:\w+\s+)?(?:low|medium|high|critical|urgent|top)\b", re.IGNORECASE
)
_ITS_NAME = r"(?:the |my )?(?:project (?P<after>\w[\w ]*?)|(?P<before>\w[\w ]{1,29}?) project)\b"
_PROJECT = re.compile(
    rf"\b(?:into|under|in|to|with)\s+(?:{_ITS_NAME}|(?<=under )(?P<under>\w+)\b)", re.IGNORECASE
)
_SOME_PROJECT = re.compile(rf"\b(?:of|delete|remove|erase|wipe|drop|the)\s+{_ITS_NAME}", re.IGNORECASE)
_ADDS = re.compile(
    r"\b(?:add|mention|include|note|amend|change|should (?:also )?say|ought to say|also|instead"
    r"|make (?:it|that|them)|only after|not before|depends?)\b",
    re.IGNORECASE,
)
_DATE_WORDS = re.compile(
    r"\b(?:not|instead of)\s+(?:on |by )?\w+day\b|\b(?:instead|latest|at the latest)\b", re.IGNORECASE
)


def title_in(text: str) -> str | None:
    """A new name, after "rename … to" or "call it"."""
    return _first_group(_TITLE, text)


def priority_in(text: str) -> str | None:
    """A priority in its usual places; what it is no longer does not count."""
    bare = _NO_MORE.sub("", text)
    for match in _PRIORITY.finditer(bare):
        if (named := priority_of(next(filter(None, match.groups())))) is not None:
            return named
    place = _AT_THE.search(bare if "important" not in text else text)
    if place is None:
        return None
    return "low" if place["less"] or place["end"] == "bottom" else "high"


def project_in(text: str) -> str | None:
    """ "Into the website project"."""
    return _first_group(_PROJECT, text)


def project_named(text: str) -> str | None:
    """ "Get rid of the garden project"."""
    return _first_group(_SOME_PROJECT, text)


def due_in(text: str, now: datetime) -> datetime | None:
    """The new date, wherever it stands. A day without a time is its last minute."""
    bare = _DATE_WORDS.sub("", text).strip(" ,.")
    if (alone := parse_due(bare, now)) is not None:
        return alone
    if (marked := find_due(bare, now)) is not None:
        return marked.at
    anywhere = find_moment(bare, now)
    if anywhere is None:
        return None
    has_clock = re.search(r"\d{1,2}:\d{2}|\d\s?[ap]m\b|\bnoon\b", bare, re.IGNORECASE)
    return anywhere.at if has_clock else anywhere.at.replace(hour=23, minute=59)


def adds(text: str) -> bool:
    """Whether it is to be noted with the task, though it is none of its fields."""
    return _ADDS.search(text) is not None


def _first_group(pattern: re.Pattern[str], text: str) -> str | None:
    match = pattern.search(text)
    return next(filter(None, match.groups()), None) if match else None
