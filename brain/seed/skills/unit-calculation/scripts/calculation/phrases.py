# ruff: noqa: RUF001  (people write these signs)
"""From a sentence to an expression and, if one is asked for, the unit of its value. Pure."""

import re
from dataclasses import dataclass

_LEAD = re.compile(
    r"^(?:(?:please|can you|could you|tell me|calculate|compute|work out|evaluate|figure out|convert"
    r"|how much is|how much are|what is|what are|what's|whats)\b[:,]?\s*)+",
    re.IGNORECASE,
)
_HOW_MANY = re.compile(
    r"^how many\s+(?P<unit>[a-zµ°/ ]+?)\s+(?:is|are|in|make|does|do)\s+(?:there\s+in\s+)?(?P<rest>.*\d.*)$",
    re.IGNORECASE,
)
_INTO = re.compile(r"^(?P<rest>.*\d.*)\s+(?:to|into|in|as|=)\s+(?P<unit>[a-zµ°/ ^²³\d]+)$", re.IGNORECASE)
_PERCENT_OF = re.compile(r"([\d.]+)\s*(?:%|percent|per cent)\s+(?:of|on)\s+(?=[\d(.])", re.IGNORECASE)
_PLUS_PERCENT = re.compile(r"^(.*?)\s*(\+|-|plus|minus)\s*([\d.]+)\s*(?:%|percent|per cent)$", re.IGNORECASE)
_WORDS = (
    (re.compile(r"\b(?:multiplied by|times)\b", re.IGNORECASE), "*"),
    (re.compile(r"\bdivided by\b|÷|\bover\b", re.IGNORECASE), "/"),
    (re.compile(r"\bplus\b", re.IGNORECASE), "+"),
    (re.compile(r"\bminus\b|−|–", re.IGNORECASE), "-"),
    (re.compile(r"\bsquared\b|²", re.IGNORECASE), "**2"),
    (re.compile(r"\bcubed\b|³", re.IGNORECASE), "**3"),
    (re.compile(r"(?<=[\w.)])\s+x\s+(?=[\d(])|(?<=\d)x(?=\d)|[×·]"), "*"),
    (re.compile(r"\^"), "**"),
)
_ROOT = re.compile(r"(?:the )?square root of\s*(\([^()]*\)|[\d.]+)", re.IGNORECASE)
_THOUSANDS = re.compile(r"(?<=\d)[,’'\u202f](?=\d{3}(?!\d))")
_DECIMAL_COMMA = re.compile(r"(?<=\d),(?=\d)")
_BEFORE = re.compile(r"^[^\d(.-]+")
_SIDE_BY_SIDE = re.compile(r"(\d(?:\.\d+)?\s*[a-z'\"µ°]+)\s+(?:and\s+)?(?=\d)", re.IGNORECASE)


@dataclass(frozen=True)
class Asked:
    """What is to be computed."""

    expression: str
    shown: str
    """As the person wrote it."""
    unit: str | None
    """Of the value; None: whatever comes out."""


def read(sentence: str) -> Asked:
    """The expression in a sentence, and the unit that it asks for."""
    text = _THOUSANDS.sub("", " ".join(sentence.split())).rstrip(" ?.!=")
    text = _DECIMAL_COMMA.sub(".", text)
    many = _HOW_MANY.match(text)
    if many:
        return _asked(many["rest"], many["unit"].strip())
    into = _INTO.match(_LEAD.sub("", text))
    return _asked(into["rest"], into["unit"].strip()) if into else _asked(text, None)


def _asked(text: str, unit: str | None) -> Asked:
    shown = _BEFORE.sub("", _LEAD.sub("", text.strip())) if not _ROOT.search(text) else _LEAD.sub("", text)
    return Asked(_arithmetic(text), shown, unit)


def _arithmetic(text: str) -> str:
    text = _LEAD.sub("", text.strip())
    text = _PERCENT_OF.sub(r"\1/100*", text)
    text = _PLUS_PERCENT.sub(lambda found: f"({found[1]})*(1{_sign(found[2])}{found[3]}/100)", text)
    text = _ROOT.sub(r"(\1)**0.5", text)
    for pattern, symbol in _WORDS:
        text = pattern.sub(symbol, text)
    return _BEFORE.sub("", _SIDE_BY_SIDE.sub(r"\1 + ", text)).strip()


def _sign(word: str) -> str:
    return "+" if word.lower() in ("+", "plus") else "-"
