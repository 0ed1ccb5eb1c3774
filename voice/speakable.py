"""Written text as one would say it: no markdown, no addresses of pages, codes letter by letter. Pure.

Numbers, dates and money are left to the engines, which read them well; what they read badly is changed here:
a "Mon 23 Nov" was heard as "moan the 23rd of November".
"""

import re

from voice.codes import spelled

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_NOT_SAID: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"```.*?(?:```|$)", re.DOTALL), " (some code, which is in the chat) "),
    (re.compile(r"!\[([^\]]*)\]\([^)]*\)"), r"\1"),
    (re.compile(r"\[([^\]]+)\]\([^)]*\)"), r"\1"),
    (re.compile(r"`([^`]*)`"), r"\1"),
    (re.compile(r"<[^<>]{1,60}>"), " "),
    (re.compile(r"^\s{0,3}#{1,6}\s+", re.MULTILINE), ""),
    (re.compile(r"^\s*(?:[-*+•]|\d{1,2}[.)])\s+", re.MULTILINE), ""),
    (re.compile(r"^\s*>\s?", re.MULTILINE), ""),
    (re.compile(r"^\s*(?:[-*_]\s*){3,}$", re.MULTILINE), ""),
    (re.compile(r"(?<!\w)(\*{1,3}|_{1,3}|~~)(?=\S)(.+?)(?<=\S)\1(?!\w)"), r"\2"),
    (re.compile(r"\s*\|\s*"), ", "),
    (re.compile(r"\bhttps?://(?:www\.)?([^\s/?#]+)\S*"), r"a link to \1"),
    (re.compile(r"([\w.+-]+)@([\w-]+\.[\w.]+)"), r"\1 at \2"),
    (re.compile(r"\b[0-9a-f]{8}-[0-9a-f-]{27}\b"), "a long id"),
    (re.compile(r"\b(?=[0-9a-f]*\d)(?=[0-9a-f]*[a-f])[0-9a-f]{12,}\b"), "a long id"),
)
_SAID_OTHERWISE: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"\s*(?:→|->|=>)\s*"), " to "),
    (re.compile(r"\s&\s"), " and "),
    (re.compile(r"\band/or\b"), "or"),
    (re.compile(r"(?<=[a-zA-Z])/(?=[a-zA-Z])"), " or "),
    (re.compile(r"(?<=\d)\s?[*\u00d7]\s?(?=\d)"), " times "),
    (re.compile(r"(\d)\s*%"), r"\1 percent"),
    *((re.compile(rf"\b{day[:3]}\b\.?(?=,?\s+\d)"), day) for day in _DAYS),
    (re.compile(r"#(\d+)"), r"number \1"),
    (re.compile(r"(?<=[a-z\d])_(?=[a-z\d])"), " "),
    (re.compile(r"[\U0001F000-\U0001FAFF\u2600-\u27BF\uFE0F\u200D]"), ""),
    (re.compile(r"[*_~`#|<>{}\[\]\\^]"), " "),
    (re.compile(r"(?<=[\w)\"'])[ \t]*\n+"), ". "),
    (re.compile(r"\s+"), " "),
    (re.compile(r"\s+([,.!?;:])"), r"\1"),
    (re.compile(r"([,;:])(?:\s*,)+"), r"\1"),
)
_SPEAKS = re.compile(r"\w")


def speakable(text: str) -> str:
    """The words to say; empty if there are none, as for a line of dashes."""
    for pattern, instead in _NOT_SAID:
        text = pattern.sub(instead, text)
    text = spelled(text)
    for pattern, instead in _SAID_OTHERWISE:
        text = pattern.sub(instead, text)
    text = text.strip(" ,;:-")
    return text if _SPEAKS.search(text) else ""
