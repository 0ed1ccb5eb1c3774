"""What is said aloud, from what would be written: no lists, no signs, about thirty seconds at most."""

import re

_MAX_WORDS = 75
_LISTED = 3
_ITEM = re.compile(r"^\s*(?:[-*•]|\d+[.)])\s+")
_LINK = re.compile(r"https?://\S+")
_TYPED = re.compile(r"\s*Or briefly:.*")
_END = re.compile(r"(?<=[.!?])\s+")


def for_the_ear(text: str) -> str:
    """The text as it can be listened to."""
    spoken: list[str] = []
    items = 0
    for line in _LINK.sub("the link in the chat", text).splitlines():
        if _ITEM.match(line):
            items += 1
            if items <= _LISTED:
                spoken.append(_sentence(_ITEM.sub("", line)))
            continue
        if items > _LISTED:
            spoken.append(f"And {items - _LISTED} more.")
        items = 0
        if line.strip():
            spoken.append(_sentence(_TYPED.sub("", line)))
    if items > _LISTED:
        spoken.append(f"And {items - _LISTED} more.")
    plain = re.sub(r"[“”\"#*_`|]", "", " ".join(part for part in spoken if part))
    return _short(plain.replace(" / ", " or "))


def _sentence(line: str) -> str:
    line = line.strip()
    return line if not line or line[-1] in ".!?" else f"{line.rstrip(':;,')}."


def _short(text: str) -> str:
    sentences, kept, words = _END.split(text), list[str](), 0
    for sentence in sentences:
        words += len(sentence.split())
        if kept and words > _MAX_WORDS:
            # The last sentence says what to do next.
            return " ".join([*kept[:-1], sentences[-1]]) if len(kept) > 1 else kept[0]
        kept.append(sentence)
    return " ".join(kept)
