"""What the person means by "the second one", "that" or "the Berlin thing"."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz, process, utils

from brain.chief.notes import Shown

_ORDINALS = {
    **dict.fromkeys(("first", "1st", "top", "upper"), 0),
    **dict.fromkeys(("second", "2nd"), 1),
    **dict.fromkeys(("third", "3rd"), 2),
    **dict.fromkeys(("fourth", "4th"), 3),
    **dict.fromkeys(("fifth", "5th"), 4),
    **dict.fromkeys(("sixth", "6th"), 5),
    **dict.fromkeys(("seventh", "7th"), 6),
    **dict.fromkeys(("eighth", "8th"), 7),
    **dict.fromkeys(("ninth", "9th"), 8),
    **dict.fromkeys(("tenth", "10th"), 9),
    **dict.fromkeys(("last", "bottom", "latest", "final"), -1),
}
_ORDINAL = re.compile(rf"\b(second[ -]to[ -]last|{'|'.join(_ORDINALS)})\b", re.IGNORECASE)
_NUMBER = re.compile(r"(?:\btask\s+(?:number\s+|no\.?\s+)?#?|#)(\d{1,9})\b", re.IGNORECASE)
_BARE_NUMBER = re.compile(r"\s*#?(\d{1,9})\s*")
_POINTS = re.compile(r"\b(?:that|this|it|the (?:same|task|one)|that one|this one)\b", re.IGNORECASE)
_NOISE = re.compile(
    r"\b(?:the|a|an|that|this|those|my|our|task|thing|one|stuff|job|item|about|with|for|on|of)\b",
    re.IGNORECASE,
)
_ALIKE = 75
_CLEARLY_BETTER = 10


@dataclass(frozen=True)
class Meant:
    """What words can mean, the likeliest first."""

    numbers: tuple[int, ...] = ()

    @property
    def sure(self) -> bool:
        """Whether there is only one thing that they can mean."""
        return len(self.numbers) == 1


def by_place(words: str, shown: Sequence[Shown]) -> Meant:
    """By a number that is said, a place in what was shown, or a "that"."""
    named = _NUMBER.search(words)
    if named is not None:
        return Meant((int(named[1]),))
    told = [one.number for one in shown if one.number is not None]
    numbers = [one.number for one in shown if one.number is not None and not one.news] or told
    if bare := _BARE_NUMBER.fullmatch(words):
        return Meant((int(bare[1]),))
    if place := _ORDINAL.search(words):
        at = _ORDINALS.get(place[1].casefold(), -2)
        return Meant((numbers[at],)) if -len(numbers) <= at < len(numbers) else Meant()
    left = _NOISE.sub(" ", _POINTS.sub(" ", words)).strip(" .,!?")
    if _POINTS.search(words) and not left and told:
        return Meant((told[0],))
    return Meant()


def by_name(words: str, named: Sequence[tuple[int, str]]) -> Meant:
    """By words of a title, small slips of the pen forgiven.

    Args:
        words: Such as "the Berlin thing".
        named: Number and title of all that can be meant, the likeliest first.
    """
    wanted = _NOISE.sub(" ", words).strip()
    if not wanted:
        return Meant()
    titles = dict(enumerate(title for _, title in named))
    near = process.extract(
        wanted,
        titles,
        scorer=fuzz.token_set_ratio,
        processor=utils.default_process,
        score_cutoff=_ALIKE,
        limit=5,
    )
    if not near:
        return Meant()
    best = near[0][1]
    return Meant(tuple(named[at][0] for _, score, at in near if score > best - _CLEARLY_BETTER))
