"""How much of what was said was understood: words wrong of words said. Pure.

Both texts are brought to one spelling first, as is usual when recognisers are compared (Whisper's
`EnglishTextNormalizer`): no case, no punctuation, no "um"; contractions and small numbers written out;
American spelling of the commonest endings.
"""

import re
from collections.abc import Sequence

_FILLERS = frozenset({"hm", "hmm", "mm", "mhm", "uh", "um", "er"})
_WRITTEN_OUT = {"mr": "mister", "mrs": "missus", "dr": "doctor", "ok": "okay"}
_CONTRACTIONS = (
    (r"\bwon't\b", "will not"),
    (r"\bcan't\b", "can not"),
    (r"\bcannot\b", "can not"),
    (r"\blet's\b", "let us"),
    (r"n't\b", " not"),
    (r"'re\b", " are"),
    (r"'s\b", " is"),
    (r"'d\b", " would"),
    (r"'ll\b", " will"),
    (r"'ve\b", " have"),
    (r"'m\b", " am"),
)
_AMERICAN = (
    (r"^(.*met|lit|cent|theat)re(s?)$", r"\1er\2"),
    (r"^(behavi|col|fav|flav|harb|hon|hum|lab|neighb)our", r"\1or"),
    (r"^(apolog|organ|real|recogn|summar)is(e|ed|es|ing|ation)$", r"\1iz\2"),
    (r"^(cancel|label|travel)l(ed|ing|er|ers)$", r"\1\2"),
)
_SMALL_WORDS = """
    zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
    seventeen eighteen nineteen
"""
_SMALL = tuple(_SMALL_WORDS.split())
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")


def word_errors(said: str, heard: str) -> tuple[int, int]:
    """Substitutions, insertions and deletions, and the number of words that were said."""
    want, got = _plain(said), _plain(heard)
    row: Sequence[int] = range(len(got) + 1)
    for place, word in enumerate(want, 1):
        above, row = row, [place]
        for at, other in enumerate(got, 1):
            row.append(min(above[at] + 1, row[-1] + 1, above[at - 1] + (word != other)))
    return row[-1], len(want)


def _plain(text: str) -> list[str]:
    text = text.lower().replace("\u2019", "'")
    for pattern, written in _CONTRACTIONS:
        text = re.sub(pattern, written, text)
    kept = "".join(one if one.isalnum() or one == "'" else " " for one in text)
    bare = [word.strip("'") for word in kept.split()]  # nobody hears a quotation mark
    words = [_WRITTEN_OUT.get(word, word) for word in bare if word and word not in _FILLERS]
    return [part for word in words for part in _number(_american(word))]


def _american(word: str) -> str:
    for pattern, written in _AMERICAN:
        word = re.sub(pattern, written, word)
    return word


def _number(word: str) -> list[str]:
    """A number below a hundred in words; anything else as it is."""
    if not (word.isdecimal() and len(word) <= 2):
        return [word]
    tens, ones = divmod(int(word), 10)
    if tens < 2:
        return [_SMALL[int(word)]]
    return [_TENS[tens - 2], *([_SMALL[ones]] if ones else [])]
