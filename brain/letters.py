"""The single letters of a text, as people say them aloud. Pure."""

import re
from collections.abc import Callable
from dataclasses import dataclass

_NATO_WORDS = """
    alpha alfa bravo charlie delta echo foxtrot golf hotel india juliet juliett kilo lima mike november
    oscar papa quebec romeo sierra tango uniform victor whiskey whisky x-ray xray yankee zulu
"""
_ALSO_NAMES = """
    charlie golf hotel india juliet lima mike november oscar papa quebec romeo uniform victor
"""
_NATO = frozenset(_NATO_WORDS.split())
_ALSO_WORDS = frozenset(_ALSO_NAMES.split())
"""People, places and things are called so, too."""
_LETTER_NAMES = {"oh": "o", "zed": "z", "zee": "z"}
"""As a recogniser writes some; letters only among others."""
_DIGIT_WORDS = "zero one two three four five six seven eight nine"
_DIGITS = {word: str(value) for value, word in enumerate(_DIGIT_WORDS.split())}
_SIGNS = {"dash": "-", "hyphen": "-", "apostrophe": "'", "space": " "}
_LETTER = r"[A-Za-z](?![\w'\u2019])"
_UNIT = re.compile(
    r"(?<![\w'\u2019])(?:"
    r"(?P<w>double[\s-](?:u|you)(?!\w))"
    rf"|(?:(?P<many>double|triple)[\s-]+(?P<repeated>{_LETTER}))"
    rf"|(?:(?P<case>capital|upper[\s-]?case|small|lower[\s-]?case)[\s-]+(?P<set>{_LETTER}))"
    rf"|(?:(?P<named>{_LETTER}),?\s+(?:(?:as|like)\s+in|(?P<loose>as|for|like))\s+(?P<example>[A-Za-z][\w-]*))"
    rf"|(?P<single>{_LETTER})"
    rf"|(?P<name>(?:{'|'.join(_LETTER_NAMES)})(?!\w))"
    rf"|(?P<alphabet>(?:{'|'.join(_NATO)})(?!\w))"
    rf"|(?P<digit>\d(?!\w|[.:]\d)|(?:{'|'.join(_DIGITS)})(?!\w))"
    rf"|(?P<sign>(?:{'|'.join(_SIGNS)})(?!\w))"
    r"|(?P<word>(?-i:[A-Z]{2,12})(?!\w))"
    r")",
    re.IGNORECASE,
)
_GAP = re.compile(r"[\s,.\u2013-]{1,3}")


@dataclass(frozen=True)
class Unit:
    """One letter, or what stands for some."""

    start: int
    end: int
    text: str
    """As it stands there, without what explains it."""
    chars: str
    gap: str = ""
    """What lies between it and the one before."""
    letter: bool = True
    bare: bool = False
    """A letter by itself: it may be a word."""
    explained: bool = False
    """By "as in Mike", "double", "capital": nobody says so of a word."""
    alphabet: bool = False
    """A word of the spelling alphabet."""
    only_alphabet: bool = False
    """And a word of nothing else."""
    cased: bool = False
    """It was said whether it is a capital."""


def units_from(text: str, at: int, *, announced: Callable[[str, int], bool]) -> list[Unit] | None:
    """The next letters that follow each other, two at least; None: there are none any more.

    Args:
        text: What was said.
        at: Where to begin.
        announced: Whether what begins at a place is said to be spelled.
    """
    while (first := _UNIT.search(text, at)) is not None:
        spoken = announced(text, first.start())
        run = _run(text, first, words=spoken)
        if len(run) > 1 or (run and spoken and len(run[0].chars) > 1):
            return run
        at = max(first.end() if not run else run[-1].end, first.start() + 1)
    return None


def _run(text: str, first: re.Match[str], *, words: bool) -> list[Unit]:
    run: list[Unit] = []
    found: re.Match[str] | None = first
    gap = ""
    while found is not None and (unit := _unit(found, gap, words=words)) is not None:
        if not run and (found["name"] or found["sign"]):
            break
        run.append(unit)
        between = _GAP.match(text, unit.end)
        gap = between[0] if between else ""
        found = _UNIT.match(text, between.end()) if between else None
    while run and run[-1].chars in _SIGNS.values():
        run.pop()
    return run


def _unit(found: re.Match[str], gap: str, *, words: bool) -> Unit | None:
    start, end = found.span()
    said = found.groupdict()
    if said["w"]:
        return Unit(start, end, "W", "w", gap, explained=True)
    if letter := said["repeated"]:
        times = 3 if said["many"].lower() == "triple" else 2
        return Unit(start, end, letter, letter.lower() * times, gap, explained=True)
    if letter := said["set"]:
        up = said["case"].lower().startswith(("capital", "upper"))
        return Unit(
            start, end, letter, letter.upper() if up else letter.lower(), gap, explained=True, cased=True
        )
    if letter := said["named"]:
        return _named(found, letter, said["example"].lower(), gap)
    if letter := said["single"]:
        return Unit(start, end, letter, letter.lower(), gap, bare=True)
    if name := said["name"]:
        return Unit(start, end, name, _LETTER_NAMES[name.lower()], gap)
    if word := said["alphabet"]:
        lower = word.lower()
        only = lower not in _ALSO_WORDS
        return Unit(start, end, word, lower[0], gap, alphabet=True, only_alphabet=only)
    if digit := said["digit"]:
        return Unit(start, end, digit, _DIGITS.get(digit.lower(), digit), gap, letter=False)
    if sign := said["sign"]:
        return Unit(start, end, sign, _SIGNS[sign.lower()], gap, letter=False)
    word = said["word"]
    return Unit(start, end, word, word.lower(), gap) if words else None


def _named(found: re.Match[str], letter: str, example: str, gap: str) -> Unit:
    """ "M as in Mike": the example decides, for it is the letter that is misheard. "B for Monday" is none."""
    start = found.start()
    if found["loose"] and example[0] != letter.lower():
        return Unit(start, start + 1, letter, letter.lower(), gap, bare=True)
    meant = example[0] if example in _NATO or _rhyme(letter, example[0]) else letter
    return Unit(start, found.end(), letter, meant.lower(), gap, explained=True)


_RHYMES = ("bcdegptvz", "mn", "sfx", "ajk", "iy", "quw")
"""Letters that one is taken for another of on a telephone."""


def _rhyme(one: str, other: str) -> bool:
    return any(one.lower() in group and other.lower() in group for group in _RHYMES)
