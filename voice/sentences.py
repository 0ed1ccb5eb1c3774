"""A stream of text cut into what is spoken at one go: early at first, then sentence by sentence. Pure."""

import re

_END = re.compile(r"[.!?…]+[\"\u201d\u2019)\]]*(?=\s)|\n+")
_CLAUSE = re.compile(r"[,;:\u2013\u2014](?=\s)")
_ABBREVIATION = re.compile(r"(?:^|\s)(?:Mr|Mrs|Ms|Dr|Prof|St|No|vs|e\.g|i\.e|etc|approx|[A-Z])\.$")
_FIRST_CLAUSE = 24
"""Characters of a first clause that is worth beginning with."""
_LONGEST = 240
"""Characters after which a sentence is cut at a clause, or else at a space."""


class SentenceCutter:
    """Fed with pieces of text, gives back what is complete. What it gives, joined, is what it was fed,
    but for white space at the cuts."""

    def __init__(self) -> None:
        self._held = ""
        self._first = True

    def feed(self, piece: str) -> list[str]:
        """The sentences that this piece completes."""
        self._held += piece
        found = []
        while (cut := self._cut()) is not None:
            sentence, self._held = self._held[:cut].strip(), self._held[cut:].lstrip()
            if sentence:
                found.append(sentence)
                self._first = False
        return found

    @property
    def looks_complete(self) -> bool:
        """Whether what is held ends like a sentence, although nothing follows yet."""
        held = self._held.rstrip()
        return held.endswith((".", "!", "?", "…")) and not _ABBREVIATION.search(held)

    def ready(self) -> str | None:
        """What looks complete; for when the stream has stalled."""
        return self.rest() if self.looks_complete else None

    def rest(self) -> str | None:
        """All that is held, at the end of the stream."""
        held, self._held = self._held.strip(), ""
        self._first = self._first and not held
        return held or None

    def _cut(self) -> int | None:
        for end in _END.finditer(self._held):
            if not _ABBREVIATION.search(self._held[: end.end()]):
                return end.end()
        if self._first and (clause := self._clause(_FIRST_CLAUSE)):
            return clause
        if len(self._held) > _LONGEST:
            return self._clause(_LONGEST // 2) or self._held.rfind(" ", 0, _LONGEST) + 1 or _LONGEST
        return None

    def _clause(self, at_least: int) -> int | None:
        return next((one.end() for one in _CLAUSE.finditer(self._held) if one.end() >= at_least), None)
