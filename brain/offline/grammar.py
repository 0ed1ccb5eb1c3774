"""Sentence templates: from a sentence to an intent and the words in its slots."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from typing import Any

import yaml
from hassil import Intents, RecognizeResult, recognize_all

LANGUAGE = "en"
"""The folder that holds the sentences and examples. Another language is another folder beside it."""

# Templates need the beginning of a sentence only; the rest of a long text comes along in its last slot.
MAX_MATCHED_CHARS = 1_000

_NUMBER_WORDS = {
    word: str(number)
    for number, word in enumerate(
        (
            *("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"),
            *("eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen"),
            *("nineteen", "twenty"),
        ),
        start=1,
    )
}
_TASK_NUMBER = re.compile(
    rf"\b(?:task|job|ticket|item|number|no\.)\s*(?:number|no\.?|nr\.?|#)?\s*#?(\d+|{'|'.join(_NUMBER_WORDS)})\b"
    r"|(?<!\w)#(\d+)\b",
    re.IGNORECASE,
)
_POLITE = re.compile(
    r"^(?:(?:please|kindly|hey|hi|hello|good (?:morning|afternoon|evening|day)|ok|okay|so|and|then|well"
    r"|now|also|just|oh|um|uh|right|great|thanks|chief of staff|chief|next|actually|alright"
    r"|quick question)\b[,!.:\s]*"
    r"|(?:can|could|would|will) (?:you|we|someone|somebody)(?: (?:please|just|kindly|maybe|also))*\s+"
    r"|(?:i|we)(?:'d| would)? (?:like|want|need|ask) (?:you|us|someone|somebody) (?:to|that you)\s+"
    r"|(?:i(?:'d| would) like to|(?:i|we) want to|(?:i|we) need to|we should|let's|let us|let me|i must"
    r"|i have to)\s+"
    r"|would you mind\s+|(?:do )?you mind\s+)",
    re.IGNORECASE,
)
_POLITE_END = re.compile(r"[,\s]+(?:please|for me)(?=[.!?]*$)", re.IGNORECASE)


@dataclass(frozen=True)
class Match:
    """An intent and its slots. A wildcard's slot is a slice of the sentence as the person wrote it."""

    intent: str
    slots: Mapping[str, str]
    complete: bool
    """Every word was expected: nothing fell to a wildcard."""


def normalise(text: str) -> str:
    """One spelling for numbers of tasks and for apostrophes."""
    return _TASK_NUMBER.sub(_spell_number, text.replace("\u2019", "'").strip())


def without_courtesy(text: str) -> str:
    """The sentence without "could you please" and the like at either end, unless nothing else is in it."""
    while (shorter := _POLITE.sub("", text, count=1).strip()) != text and shorter:
        text = shorter
    return _POLITE_END.sub("", text) or text


@lru_cache(maxsize=64)
def match(text: str) -> Match | None:
    """The best template for a normalised sentence."""
    head, tail = text[:MAX_MATCHED_CHARS], text[MAX_MATCHED_CHARS:]
    results = recognize_all(head, _templates(), language=LANGUAGE)
    best = max((one for one in results if _between_words(one, head)), key=_rank, default=None)
    return _match(best, head, tail) if best else None


@cache
def _templates() -> Intents:
    folder = resources.files("brain.offline") / LANGUAGE / "sentences"
    merged: dict[str, Any] = {"language": LANGUAGE, "lists": {}, "expansion_rules": {}, "intents": {}}
    for file in sorted(folder.iterdir(), key=lambda file: file.name):
        if file.name.endswith(".yaml"):
            found = yaml.safe_load(file.read_text("utf-8"))
            for part in ("lists", "expansion_rules", "intents"):
                merged[part] |= found.get(part, {})
    return Intents.from_dict(merged)


def _between_words(result: RecognizeResult, text: str) -> bool:
    """Whether no wildcard begins within a word: "books are dear" books nothing."""
    starts = [one.text_span[0] for one in result.entities_list if one.is_wildcard and one.text_span]
    return not any(at > 0 and text[at - 1].isalnum() and text[at : at + 1].isalnum() for at in starts)


def _rank(result: RecognizeResult) -> tuple[bool, int, int]:
    wildcard = sum(len(entity.text) for entity in result.entities_list if entity.is_wildcard)
    # Of two templates that fit, the one that leaves less to a wildcard says more.
    return (wildcard == 0, -wildcard, result.text_chunks_matched)


def _match(result: RecognizeResult, head: str, tail: str) -> Match:
    slots = {}
    for entity in result.entities_list:
        value = str(int(entity.value)) if isinstance(entity.value, float) else str(entity.value)
        if entity.is_wildcard and entity.text_span is not None:
            start, end = entity.text_span
            value = head[start:end].strip()
            if not head[end:].strip(" .!?,"):
                value = (head[start:] + tail).strip()
        slots[entity.name] = value
    complete = not any(entity.is_wildcard for entity in result.entities_list)
    return Match(result.intent.name, slots, complete)


def _spell_number(match: re.Match[str]) -> str:
    number = match[1] or match[2]
    return f"task {_NUMBER_WORDS.get(number.lower(), number)}"
