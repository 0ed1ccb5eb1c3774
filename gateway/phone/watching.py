"""Whoever looks on while a call goes on."""

from typing import Protocol


class Watcher(Protocol):
    """Sees a call's words as they come, for a page that shows them."""

    async def person(self, utterance_id: str, text: str) -> None:
        """What the person said."""

    async def chief(self, utterance_id: str, text: str, *, final: bool) -> None:
        """The answer so far; when it is final, what was heard of it."""


class Unwatched:
    """Nobody looks."""

    async def person(self, utterance_id: str, text: str) -> None: ...

    async def chief(self, utterance_id: str, text: str, *, final: bool) -> None: ...
