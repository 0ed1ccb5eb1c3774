"""Words that are likely in a conversation, its people's names above all: what sounds like one of them is
heard as one, where a recogniser alone would write something else that it has read more often."""

import re
import unicodedata
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from itertools import takewhile
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from voice.engines.phrasing import NOTHING_SAID, WORD, Phrasing, Said
from voice.sound import Samples

MOST = 600
"""Words; what comes later is left out."""
_RARE, _COMMON, _AT_MOST = 1.4, 0.3, 12.0
"""What a letter is worth, and a word: a long name is seldom there by chance, and what every list of words
has needs little help."""
_SHORTEST = 3
_WRITTEN = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*")
_POSSESSIVE = re.compile(r"'s?$")
_EVERYWHERE = """
    about after all and any are before but call can did does for from had has have her him his how into its
    not now off our out over she that the their them then there they this was were what when where which who
    why will with without you your
"""
_FUNCTION_WORDS = frozenset(_EVERYWHERE.split())

Expected = tuple[NDArray[np.int64], Samples]
"""Tokens, and what each is worth."""


def folded(text: str) -> str:
    """In lower case, without accents."""
    apart = unicodedata.normalize("NFKD", text.lower())
    return "".join(one for one in apart if not unicodedata.combining(one))


def hinted_words(phrases: Iterable[str]) -> dict[str, str]:
    """The words of phrases that are worth listening for, folded, and how each is written; at most `MOST`."""
    words: dict[str, str] = {}
    for phrase in phrases:
        for written in _WRITTEN.findall(phrase):
            word = _POSSESSIVE.sub("", folded(written))
            if len(word) >= _SHORTEST and WORD.fullmatch(word) and word not in _FUNCTION_WORDS:
                words.setdefault(word, _POSSESSIVE.sub("", written))
                if len(words) == MOST:
                    return words
    return words


class Spelling:
    """Which tokens are written how, whatever their case and accents.

    Args:
        tokens: What each is written as; one that begins a word begins with `blank`.
        blank: Stands for a space.
    """

    def __init__(self, tokens: Sequence[str], *, blank: str) -> None:
        self.blank = blank
        self._numbers: dict[str, list[int]] = defaultdict(list)
        for number, token in enumerate(tokens):
            if any(map(str.isalpha, token)):
                self._numbers[folded(token)].append(number)

    def of(self, text: str) -> Sequence[int]:
        """Tokens that are written so."""
        return self._numbers.get(text, ())


class Hints:
    """Words, and what each of their beginnings is worth in natural logarithms.

    A beginning is lent its share of the letters. What does not become the word gives it back.

    Args:
        phrases: Names, titles; their words are `hinted_words`.
        spelling: Of the recogniser's tokens.
        rare: Whether no list has a word.
    """

    def __init__(self, phrases: Iterable[str], spelling: Spelling, rare: Callable[[str], bool]) -> None:
        self._spelling = spelling
        words = hinted_words(phrases)
        names = {word for word in words if rare(word)}
        self._worth = {
            word: min(_AT_MOST, len(word) * (_RARE if word in names else _COMMON)) for word in words
        }
        self._names = {word: words[word] for word in names if not words[word].islower()}
        self._beginning: dict[str, list[str]] = defaultdict(list)
        for word in self._worth:
            for length in range(1, len(word) + 1):
                self._beginning[word[:length]].append(word)
        self._sorted = sorted(self._beginning)
        self._first = self._going_on("", spelling.blank)
        self._next: dict[str, Expected] = {}

    def words(self) -> Mapping[str, float]:
        """What each is worth."""
        return self._worth

    def as_written(self, text: str) -> str:
        """With the capitals and the accents that its names have in the hints."""

        def written(found: "re.Match[str]") -> str:
            word = _POSSESSIVE.sub("", found[0])
            return self._names.get(folded(word), word) + found[0][len(word) :]

        return _WRITTEN.sub(written, text)

    def lent(self, beginning: str, said: Collection[str] = ()) -> float:
        """What this beginning of a word is worth, if it is one of a word that was not said yet."""
        words = self._beginning.get(beginning, ())
        shares = (self._worth[word] / len(word) for word in words if word not in said)
        return len(beginning) * max(shares, default=0.0)

    def after(self, beginning: str) -> Expected:
        """Tokens that go on with this beginning of a word, or begin the next one, and what each adds."""
        if beginning not in self._beginning:
            return self._first
        if beginning not in self._next:
            # What is complete is no longer lent, and stays.
            kept = 0.0 if beginning in self._worth else self.lent(beginning)
            first, worth = self._first
            tokens, more = self._going_on(beginning, "")
            adds = np.concatenate([more - np.float32(self.lent(beginning)), worth - np.float32(kept)])
            self._next[beginning] = np.concatenate([tokens, first]), adds
        return self._next[beginning]

    def _going_on(self, beginning: str, blank: str) -> Expected:
        """Tokens, and what is lent to the beginning that each leads to."""
        at = bisect_right(self._sorted, beginning)
        longer = takewhile(lambda one: one.startswith(beginning), self._sorted[at:])
        rest = [(one, token) for one in longer for token in self._spelling.of(blank + one[len(beginning) :])]
        lent = [self.lent(one) for one, _ in rest]
        return np.array([token for _, token in rest], np.int64), np.array(lent, np.float32)


class HintedSaid(NamedTuple):
    """What has been said, where some words are hoped for."""

    phrased: Said
    words: frozenset[str]
    """Those of the hints that are complete; each is worth something once."""
    earned: float
    """By those."""
    lent: float
    """To the beginning of the next one."""


class Hinted:
    """Fills `beam.Language`: phrasing, and hints beside it."""

    nothing_said = HintedSaid(NOTHING_SAID, frozenset(), 0.0, 0.0)

    def __init__(self, phrasing: Phrasing, hints: Hints) -> None:
        self._phrasing = phrasing
        self._hints = hints

    def add(self, said: HintedSaid, token: int) -> tuple[HintedSaid, float]:
        """As `beam.Language`."""
        phrased, more = self._phrasing.add(said.phrased, token)
        words, earned = said.words, said.earned
        if self._phrasing.completes(token):
            for word in _words(said.phrased):
                if word not in words:
                    earned += self._hints.words().get(word, 0.0)
                    words |= {word} & self._hints.words().keys()
        return HintedSaid(phrased, words, earned, self._hints.lent(_beginning(phrased), words)), more

    def favour(self, said: HintedSaid) -> float:
        """As `beam.Language`."""
        return said.earned + said.lent

    def hoped_for(self, said: HintedSaid) -> Expected:
        """As `beam.Language`."""
        return self._hints.after(_beginning(said.phrased))


def _words(phrased: Said) -> list[str]:
    """Of what is unfinished: one, or several that a hyphen joins."""
    return [_POSSESSIVE.sub("", word) for word in WORD.findall(folded(phrased[1]))]


def _beginning(phrased: Said) -> str:
    """Of a word: letters alone, whatever stands around them."""
    words = _words(phrased)
    return words[0] if len(words) == 1 else ""
