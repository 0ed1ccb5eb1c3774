"""What a person spells, read together: "S M I T H", "M as in Mike, E, Y E R", "O apostrophe B R I E N".

A recogniser writes letters as letters, and the name before them as it sounds: of "Smyth, that's S M I T H"
only the second half is meant. Single letters stand in ordinary sentences, too ("plan B", "vitamins A, C and
D", "9 A M"), so what is joined has to look spelled, or to be announced as such. Pure.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz import fuzz
from rapidfuzz.distance import Levenshtein

from brain.letters import Unit, units_from

_MOST_CHARS = 2_000
"""Nobody spells in a longer message."""
_THAT_IS = r"(?:(?:and|which|so)\s+)?(?:that's|that is|it's|it is|this is)"
_SPELLED = (
    r"(?:spell(?:ed|t|s|ing)?|spelt|letter by letter|(?:the |my |his |her )?(?:letters|initials)(?: are)?)"
    r"(?:\s+(?:it|that|this|him|her|his|my|the|a|last|first|family|name|surname|as|out|like|is))*"
)
_CODE = r"(?:code|key|number|reference|booking|plate|serial|id|flight|model)(?: is|'s)?"
_ONLY_CODE = r"(?:code|reference|serial|id)(?: is|'s)?"
_NAME = r"(?:name(?: is|'s| was)?|surname(?: is|'s)?|named|called)"
_SPELLED_BEFORE = re.compile(rf"\b{_SPELLED}[\s,:]*$", re.IGNORECASE)
_CODE_BEFORE = re.compile(rf"\b{_CODE}[\s,:]*$", re.IGNORECASE)
_ONLY_CODE_BEFORE = re.compile(rf"\b{_ONLY_CODE}[\s,:]*$", re.IGNORECASE)
_NAME_BEFORE = re.compile(rf"\b{_NAME}[\s,:]*$", re.IGNORECASE)
_THAT_IS_BEFORE = re.compile(rf"\b{_THAT_IS}[\s,:]*$", re.IGNORECASE)
_BETWEEN = re.compile(
    rf"[\s,.:-]*(?:(?<![\w'])(?:{_THAT_IS})\b[\s,:]*)?(?:(?<![\w']){_SPELLED}\b[\s,:]*)?"
    r"(?:(?<![\w'])and\s+)?$",
    re.IGNORECASE,
)
"""What may stand between a word and its letters."""
_LAST_WORDS = re.compile(r"(?:(?P<first>\b[^\W\d_][\w'-]*)\s+)?(?P<last>\b[^\W\d_][\w'-]*)$")
_AND_ANOTHER = re.compile(r",?\s+(?:and|or)\s+[A-Za-z]\b", re.IGNORECASE)
_A_VERB_NEXT = re.compile(r"\s+(?!(?:is|was|and|with|for|from|at|to|on|in)\b)[a-z]")
_ALIKE, _ALIKE_INITIAL, _ALIKE_ANNOUNCED = 75, 60, 40
"""Of 100: how near a word must be to what is spelled after it; less if it begins alike, or is announced."""
_VOWELS = frozenset("aeiouy")
_LITTLE_WORDS = """
    a an and for he her his is it my name she that the their they this to was
"""
_NO_NAMES = frozenset(_LITTLE_WORDS.split())
_PAIRS = """
    mn fs gt pt bd bt dg dp bg gp be de ge pe te vz
"""
_CONFUSED = frozenset(_PAIRS.split())
"""Letters that are taken for each other, and in no name written for each other, as D and T are."""


@dataclass(frozen=True)
class Spelled:
    """One thing that was spelled."""

    start: int
    end: int
    """Of the text that it takes the place of."""
    word: str


@lru_cache(maxsize=256)
def joined(text: str) -> str:
    """The text, with what was spelled in it read together; the same text if nothing was."""
    for one in reversed(spelled(text)):
        text = f"{text[: one.start]}{one.word}{text[one.end :]}"
    return text


@lru_cache(maxsize=256)
def spelled(text: str) -> tuple[Spelled, ...]:
    """What was spelled, in order. Of a command, or of a long text, nothing."""
    if len(text) > _MOST_CHARS or text.lstrip().startswith("/"):
        return ()
    found: list[Spelled] = []
    at = 0
    while (run := units_from(text, at, announced=_announced)) is not None:
        one = _read(text, _trimmed(text, run))
        at = one.end if one else run[-1].end
        found += [one] if one else []
    return tuple(found)


def _announced(text: str, at: int) -> bool:
    """Whether what begins here is said to be spelled: then whole words may be letters."""
    return _SPELLED_BEFORE.search(text, max(0, at - 60), at) is not None


def _trimmed(text: str, run: Sequence[Unit]) -> Sequence[Unit]:
    """Without the words "a" and "I" of the sentence around it."""
    if run[0].bare and (_is_an_article(run[0], run) or _stands_apart(run)):
        run = run[1:]
    if run and run[-1].bare and (_is_an_article(run[-1], run) or _begins_a_clause(text, run[-1])):
        run = run[:-1]
    return run


def _is_an_article(one: Unit, run: Sequence[Unit]) -> bool:
    return one.text == "a" and not any(other.text.islower() for other in run if other is not one)


def _stands_apart(run: Sequence[Unit]) -> bool:
    return run[0].text in ("I", "A") and len(run) > 2 and run[1].gap != run[2].gap


def _begins_a_clause(text: str, last: Unit) -> bool:
    return last.text == "I" and _A_VERB_NEXT.match(text, last.end) is not None


def _read(text: str, run: Sequence[Unit]) -> Spelled | None:
    """A run of letters as a word, if it is one."""
    if sum(len(one.chars) for one in run) < 2:
        return None
    before, end = text[max(0, run[0].start - 80) : run[0].start], _end_of(text, run)
    plain = "".join(one.chars for one in run).lower()
    if (same := _same_before(before, plain)) is not None:
        start, letters = same
        return Spelled(run[0].start - len(before) + start, end, _cased(run, letters, capitals=False))
    code = _is_code(before, run)
    if code or _is_enough(text, before, run):
        short = len(plain) <= 3 and not (_is_announced(before) or any(one.explained for one in run))
        return Spelled(run[0].start, end, _cased(run, plain, capitals=code or short))
    return None


def _end_of(text: str, run: Sequence[Unit]) -> int:
    """With the last stop of "U.S.A.", unless it ends the sentence, too."""
    end = run[-1].end
    dotted = len(run) > 1 and "." in run[-1].gap and text[end : end + 1] == "."
    return end + 1 if dotted and text[end + 1 :].lstrip()[:1].islower() else end


def _is_code(before: str, run: Sequence[Unit]) -> bool:
    if any(one.letter for one in run):
        return _CODE_BEFORE.search(before) is not None
    return _ONLY_CODE_BEFORE.search(before) is not None and not any("," in one.gap for one in run[1:])


def _is_announced(before: str) -> bool:
    return any(one.search(before) for one in (_SPELLED_BEFORE, _NAME_BEFORE))


def _is_enough(text: str, before: str, run: Sequence[Unit]) -> bool:
    """Whether these letters are spelled, by what announces them or by themselves."""
    letters = [one for one in run if one.letter]
    announced = _SPELLED_BEFORE.search(before) is not None
    listed = any("," in one.gap for one in run[1:])
    if not letters or (_AND_ANOTHER.match(text, run[-1].end) and (listed or not announced)):
        return False  # "vitamins A, C and D"
    if announced:
        return True
    if any(one.explained for one in run):
        return sum(len(one.chars) for one in letters) > 2
    if _NAME_BEFORE.search(before):
        return len(letters) > 2 or all(one.text.isupper() for one in letters)
    return _looks_spelled(run, letters, hinted=_THAT_IS_BEFORE.search(before) is not None)


def _looks_spelled(run: Sequence[Unit], letters: Sequence[Unit], *, hinted: bool) -> bool:
    if any(one.alphabet for one in run):
        return len(run) > 2 and sum(one.only_alphabet for one in run) > 1
    if len(letters) < len(run):
        return len(letters) > 1 and len(run) > 3 and all(one.text.isupper() for one in letters)
    texts = [one.text for one in letters]
    listed = any("," in one.gap for one in run[1:])
    if listed and texts == sorted(texts):  # "options A, B, C, D"
        return False
    capitals, gaps = all(text.isupper() for text in texts), {one.gap for one in run[1:]}
    if not capitals and len(gaps) > 1:  # "e.g. a b test"
        return False
    if len(texts) == 3 and (len(gaps) > 1 or ". " in gaps):  # "J. R. R. Tolkien", "He got a B. A C is worse"
        return False
    enough = 3 if capitals and (hinted or not listed) else 4
    return len(texts) >= enough and sum(text.lower() not in ("i", "a") for text in texts) > 1


def _same_before(before: str, plain: str) -> tuple[int, str] | None:
    """Where the word begins that is spelled here once more, and its letters; None: it was not said before."""
    between = _BETWEEN.search(before)
    match = _LAST_WORDS.search(before[: between.start()]) if between else None
    if match is None or len(plain) < 3:
        return None
    starts = [match.start("last")] + ([match.start("first")] if match["first"] else [])
    words = {start: match.string[start:].lower().replace(" ", "") for start in starts}
    score, start = max((fuzz.ratio(word, plain), start) for start, word in words.items())
    word = words[start]
    announced = _is_announced(before) or _NAME_BEFORE.search(before[:start]) is not None
    needed = _ALIKE_ANNOUNCED if announced else _ALIKE_INITIAL if word[0] == plain[0] else _ALIKE
    return (start, _heard_twice(word, plain)) if score >= needed and word not in _NO_NAMES else None


def _heard_twice(word: str, plain: str) -> str:
    """The letters of a word that was said, and then spelled; what a telephone confuses is as in the word."""
    if len(word) == len(plain) + 1 and word.endswith(plain):
        return word  # its first letter was lost
    letters = list(plain)
    for change in Levenshtein.editops(word, plain):
        pair = word[change.src_pos : change.src_pos + 1] + plain[change.dest_pos : change.dest_pos + 1]
        if change.tag == "replace" and (pair in _CONFUSED or pair[::-1] in _CONFUSED):
            letters[change.dest_pos] = word[change.src_pos]
    return "".join(letters)


def _cased(run: Sequence[Unit], letters: str, *, capitals: bool) -> str:
    """As one writes it: a name, or in capitals what no name is."""
    if capitals or not _VOWELS.intersection(letters) or any(sign.isdigit() for sign in letters):
        return letters.upper()
    if len(letters) != sum(len(one.chars) for one in run):
        return letters.title()
    word = ""
    for one in run:
        chars, letters = letters[: len(one.chars)], letters[len(one.chars) :]
        first = not word or word[-1] in "-' "
        word += one.chars if one.cased else (chars[0].upper() + chars[1:] if first else chars)
    return word
