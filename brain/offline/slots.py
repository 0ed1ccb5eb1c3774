"""What a sentence says about a task, besides its title: priority, due date, project, files."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from brain.messages import File
from brain.offline.due import find_due

MAX_TITLE_CHARS = 120
_MAX_READ_CHARS = 1_000

# The first pattern that matches wins, so "not urgent" stands before "urgent".
_PRIORITY_WORDS: tuple[tuple[str, str], ...] = (
    (
        "low",
        r"not (?:at all |so |very )?(?:urgent|important)|no (?:rush|hurry)|low|lowest|minor|unimportant",
    ),
    ("low", r"whenever(?: you (?:can|have time|like))?|when you (?:have|find|get) (?:the )?time|p3|trivial"),
    ("critical", r"critical|top|highest|emergency|drop everything|extremely urgent|very urgent|p0|blocker"),
    ("high", r"high|urgent(?:ly)?|important|asap|as soon as possible|right away|immediately|p1|pressing"),
    ("medium", r"medium|normal|regular|standard|average|p2"),
)
PRIORITY = "|".join(words for _, words in _PRIORITY_WORDS)
_NAMED = re.compile(
    rf"[\s,;(\u2013-]*\b(?:(?:with|at|as|and|on) )?(?:a |an )?(?P<p>{PRIORITY})[ -]+prio(?:rity)?\b\)?"
    rf"|[\s,;(\u2013-]*\b(?:with )?prio(?:rity)?\s*(?:is|=|:|of|to)?\s*(?P<q>{PRIORITY})\b\)?"
    r"|(?:^|\s)!(?P<bang>\w+)",
    re.IGNORECASE,
)
_LAST = re.compile(
    r"(?:[\s]*[,;.:(\u2013-]\s*"
    r"|\s+(?=(?:asap|urgently|immediately|right away|whenever|as soon as|when you"
    r"|(?:and )?(?:it's|it is|this is|that's|that is|make it) )\b))"
    r"(?:and |but |please |make it |it's |it is |this is |this one is |that's |that is |is )*"
    rf"(?P<p>{PRIORITY})(?: please| one| thing)?[\s.!)]*$",
    re.IGNORECASE,
)
_FIRST = re.compile(rf"^\s*(?P<p>{PRIORITY})\s*[:,!\u2013-]\s*", re.IGNORECASE)
_AT_PROJECT = re.compile(r"(?:^|\s)@(?P<name>[\w][\w.-]*)")
_IN_PROJECT = re.compile(
    r"[\s,;]+(?:in|for|under|to|on|of|as part of) (?:the |my |our )?(?:"
    r"project[\s:]+[\"“']?(?P<after>[^\"”',;.]{1,80}?)[\"”']?"
    r"|[\"“']?(?P<before>[\w][\w &-]{0,60}?)[\"”']? project)"
    r"(?=[\s]*(?:[,;.!?]|$))",
    re.IGNORECASE,
)
_FILE_WORDS = re.compile(
    r"\b(?:this|that|the|my|these|those|an?)\s+(?:attached\s+|uploaded\s+|enclosed\s+)?"
    r"(?:csv|tsv|excel|text|pdf|data|sales|markdown)?\s?"
    r"(?:files?|csv|tsv|documents?|doc|spreadsheets?|sheet|attachments?|table|pdf|data ?set|data|text"
    r"|notes?)\b"
    r"(?:\s+(?:i )?(?:attached|uploaded|sent|here|below))*",
    re.IGNORECASE,
)
_PRONOUN = re.compile(
    r"\b(?:this|it|that|these|them|those)\b(?=\s*(?:$|[,.;!?]|for me|please))", re.IGNORECASE
)
_QUESTION = re.compile(r"(?:what|which|who|how|why|when|where|is|are|does|do|did)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Details:
    """A task's title, and what was said beside it."""

    title: str
    description: str = ""
    priority: str | None = None
    due: datetime | None = None
    project: str | None = None


def priority_of(text: str) -> str | None:
    """The priority that `text` names: the whole of it, or a phrase such as "high priority"."""
    bare = text.strip(" .!,").lower().removesuffix(" priority").removeprefix("priority ")
    for name, words in _PRIORITY_WORDS:
        if re.fullmatch(words, bare):
            return name
    taken = _take_priority(text)
    return taken[0] if taken else None


def details(rest: str, files: Sequence[File], now: datetime) -> Details:
    """Takes apart what stands behind "create a task to …"."""
    text, priority, project, due = rest.strip(), None, None, None
    line = text.partition("\n")[0][:_MAX_READ_CHARS]
    head, tail = line, text[len(line) :]
    # Modifiers may come in any order, so take them off until none is left.
    for _ in range(6):
        before = head
        if (taken := _take_priority(head)) is not None:
            priority, head = priority or taken[0], taken[1]
        if (found := _take_project(head)) is not None:
            project, head = project or found[0], found[1]
        if due is None and (when := find_due(head, now)) is not None:
            due, head = when.at, when.rest
        if head == before:
            break
    title = _title(head, files)
    long = bool(tail.strip()) or len(title) < len(_tidy(head))
    return Details(title, text if long else "", priority, due, project)


def name_files(files: Sequence[File]) -> str:
    """The files as a title names them."""
    names = [file.name for file in files]
    if len(names) <= 2:
        return " and ".join(names)
    return f"{names[0]} and {len(names) - 1} more files"


def _take_priority(text: str) -> tuple[str, str] | None:
    for pattern in (_NAMED, _LAST, _FIRST):
        match = pattern.search(text)
        if match is None:
            continue
        said = next(word for word in match.groupdict().values() if word)
        name = next((name for name, words in _PRIORITY_WORDS if re.fullmatch(words, said.lower())), None)
        if name is not None:
            return name, f"{text[: match.start()]} {text[match.end() :]}".strip(" ,;")
    return None


def _take_project(text: str) -> tuple[str, str] | None:
    match = _AT_PROJECT.search(text) or _IN_PROJECT.search(text)
    if match is None:
        return None
    name = next(name for name in match.groupdict().values() if name)
    return name.strip(), f"{text[: match.start()]} {text[match.end() :]}".strip(" ,;")


def _title(text: str, files: Sequence[File]) -> str:
    title = _tidy(text)
    if files:
        title = _name_files_in(title, name_files(files))
    if not _QUESTION.match(title):
        title = title.rstrip("?")
    if len(title) > MAX_TITLE_CHARS:
        sentence = re.match(r"(.{15,118}?)[.!?:]\s", title)
        title = sentence[1] if sentence else title[: MAX_TITLE_CHARS - 1].rsplit(" ", 1)[0] + "…"
    return title[:1].upper() + title[1:]


def _name_files_in(title: str, names: str) -> str:
    for pattern in (_FILE_WORDS, _PRONOUN):
        named, count = pattern.subn(lambda _: names, title, count=1)
        if count:
            return named
    if names.lower() in title.lower():
        return title
    return f"{title} ({names})" if title else names


def _tidy(text: str) -> str:
    text = re.sub(r"\s+(?=[?!.])", "", re.sub(r"\s+", " ", text)).strip(" ,;:\u2013-")
    text = re.sub(r"(?:[,\s]+(?:please|thanks|thank you|for me))+[.!]*$", "", text, flags=re.IGNORECASE)
    if len(text) > 2 and text[0] in "\"“'" and text[-1] in "\"”'":
        text = text[1:-1]
    return text.rstrip(" .!,;:") if not text.endswith("...") else text
