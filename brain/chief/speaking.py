"""The chief's mouth: no sentence leaves it before it was compared with the ledger.

A model's words come in pieces. They are held back to the end of a sentence, checked against the rows of the
turn, and only then said. From the first untrue one on, everything is held: a later row can bear it out.
"""

import re
from collections.abc import Awaitable, Callable

from brain.chief import truth
from brain.chief.work import TurnWork

_SENTENCE_END = re.compile(r"(?<=[.!?…])[\"”\u2019)\]]*\s+|\n+")

Say = Callable[[str], Awaitable[None]]


class Mouth:
    """Speaks for one turn."""

    def __init__(self, say: Say, work: TurnWork) -> None:
        self._say = say
        self._work = work
        self._coming = ""
        """The sentence that is not at its end yet."""
        self._held = ""
        """What must not be said, at least not yet."""
        self.said = ""
        """Everything that was said in this turn."""

    async def hear(self, piece: str) -> None:
        """Take a piece of the model's words."""
        self._coming += piece
        while (end := _SENTENCE_END.search(self._coming)) is not None:
            sentence, self._coming = self._coming[: end.end()], self._coming[end.end() :]
            await self._pass(sentence)

    async def close(self) -> list[str]:
        """The model's message is over: say what is left of it.

        Returns:
            The untrue sentences that were not said. They are forgotten.
        """
        last, self._coming = self._coming, ""
        if last:
            await self._pass(last)
        held, self._held = self._held, ""
        # Together, since a title in quotes may have been cut in two.
        claims = truth.false_claims(held, self._work)
        if held and not claims:
            await self._out(held)
        return claims

    async def say(self, text: str) -> None:
        """Say words of our own, which need no check."""
        await self._out(text)

    async def _pass(self, sentence: str) -> None:
        if self._held or truth.false_claims(sentence, self._work):
            self._held += sentence
        else:
            await self._out(sentence)

    async def _out(self, text: str) -> None:
        self.said += text
        await self._say(text)
