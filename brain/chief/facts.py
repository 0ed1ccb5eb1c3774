"""What the person told about themselves, and wants remembered: kept apart from the conversation.

A fact is a sentence. It stays until it is forgotten, and forgetting it removes it.
"""

import hashlib
from dataclasses import dataclass

import msgspec

from brain.chief.errors import ToolRefused
from brain.chief.words import content_words
from gateway.session.memos import Memos

MOST_FACTS = 200
MAX_CHARS = 500
_KEEP_S = 10 * 365 * 86_400
_ENOUGH = 0.5
"""Of the words that were said must be in a fact that is meant by them."""


class Fact(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that is known about a person."""

    id: str
    text: str
    at: float
    """When it was told, in seconds since 1970; they are listed in this order."""


@dataclass(frozen=True)
class Facts:
    """The facts of every person."""

    memos: Memos

    async def of(self, person: str) -> list[Fact]:
        """All facts about a person, the first told first."""
        return read_facts(await self.memos.gathered(facts_group(person)))

    async def remember(self, person: str, text: str, at: float) -> Fact:
        """Keep a fact; the same words again change nothing.

        Raises:
            ToolRefused: It is empty, too long, or there are too many.
        """
        text = " ".join(text.split())
        if not text or len(text) > MAX_CHARS:
            raise ToolRefused("invalid_fact", f"A fact is one sentence of at most {MAX_CHARS} characters.")
        known = await self.of(person)
        same = next((fact for fact in known if fact.text.casefold() == text.casefold()), None)
        if same is not None:
            return same
        if len(known) >= MOST_FACTS:
            raise ToolRefused("too_many_facts", f"I keep {MOST_FACTS} facts; have me forget some first.")
        # They keep their order, however coarse the clock is.
        at = max([at, *(fact.at + 0.001 for fact in known)])
        fact = Fact(id=hashlib.sha256(text.casefold().encode()).hexdigest()[:16], text=text, at=at)
        await self.memos.gather(facts_group(person), fact.id, _encoded(fact), keep_s=_KEEP_S)
        return fact

    async def forget(self, person: str, fact: Fact) -> None:
        """Remove a fact for good."""
        await self.memos.drop_from(facts_group(person), fact.id, _encoded(fact))


def meant(facts: list[Fact], words: str) -> list[Fact]:
    """Which facts the person means: by position ("2"), by their words, or `everything`."""
    wanted = words.strip().casefold().strip("\"'“”.")
    if wanted in ("everything", "all", "all of it", "all of them"):
        return list(facts)
    if wanted.isdecimal():
        return facts[int(wanted) - 1 : int(wanted)] if int(wanted) else []
    said = content_words(wanted)
    shares = [len(said & content_words(fact.text)) / max(1, len(said)) for fact in facts]
    best = max(shares, default=0.0)
    return [fact for fact, share in zip(facts, shares, strict=True) if share == best >= _ENOUGH]


def _encoded(fact: Fact) -> str:
    return msgspec.json.encode(fact).decode()


def read_facts(stored: dict[str, str]) -> list[Fact]:
    """From what is kept of them, the first told first."""
    facts = [msgspec.json.decode(text, type=Fact) for text in stored.values()]
    return sorted(facts, key=lambda fact: (fact.at, fact.id))


def facts_group(person: str) -> str:
    """What a person's facts are kept by."""
    return f"chief:facts:{person}"
