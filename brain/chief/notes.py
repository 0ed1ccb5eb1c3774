"""What a session has to remember besides its words: what was shown last, and what waits for a yes.

Kept outside the process, so that "the second one" and "yes" mean the same after a restart, on another
replica and on another channel.
"""

from typing import Any

import msgspec

from gateway.session.memos import Memos

_KEEP_S = 30 * 86_400
MOST_SHOWN = 20
STANDS_FOR_TURNS = 2
"""For so many turns a question for a yes stands; later it is asked again, since nobody remembers it."""
REMEMBERED_FOR_TURNS = 20
"""For so many turns a text of others may still be in the model's memory."""


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that the person was told of."""

    kind: str
    """`task`, `project`, `schedule`."""
    name: str
    number: int | None = None
    """A task's."""
    news: bool = False
    """It came by itself; it has no place in the list that was asked for."""


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """A call of a tool that the person has to say yes to."""

    tool: str
    arguments: dict[str, Any]
    text: str
    """The question, as it was to be said."""
    age: int = 0
    """How many turns ago it was asked."""
    settled_by: str = ""
    """The turn that said yes: the same turn, run again after a crash, may do so again."""


class Notes(msgspec.Struct, frozen=True, kw_only=True):
    """Of one session."""

    shown: tuple[Shown, ...] = ()
    """In the order in which they were told: the second one is the second."""
    waiting: tuple[Waiting, ...] = ()
    foreign: int = 0
    """For so many turns to come, texts of others are in the model's memory."""

    def with_news(self, news: tuple[Shown, ...]) -> "Notes":
        """With what the person was told without asking, the newest first."""
        listed = tuple(one for one in self.shown if not one.news)
        return (
            msgspec.structs.replace(self, shown=(*news, *listed)[: MOST_SHOWN + len(news)]) if news else self
        )

    def a_turn_later(self, turn_id: str) -> "Notes":
        """As the next turn finds them."""
        older = tuple(
            one if one.settled_by == turn_id else msgspec.structs.replace(one, age=one.age + 1)
            for one in self.waiting
            if one.settled_by in ("", turn_id)
        )
        standing = tuple(one for one in older if one.age <= STANDS_FOR_TURNS)
        return Notes(shown=self.shown, waiting=standing, foreign=max(0, self.foreign - 1))


class NotesStore:
    """Notes by session."""

    def __init__(self, memos: Memos) -> None:
        self._memos = memos

    async def load(self, session_id: str) -> Notes:
        """Empty for a session without any, or whose notes another version wrote."""
        return read_notes(await self._memos.get(notes_key(session_id)))

    async def save(self, session_id: str, notes: Notes) -> None:
        await self._memos.put(notes_key(session_id), msgspec.json.encode(notes).decode(), keep_s=_KEEP_S)


def read_notes(stored: str | None) -> Notes:
    """From what is kept of them; empty if nothing is, or nothing that this version knows."""
    if stored is None:
        return Notes()
    try:
        return msgspec.json.decode(stored, type=Notes)
    except msgspec.ValidationError:
        return Notes()


def notes_key(session_id: str) -> str:
    """What a session's notes are kept by."""
    return f"chief:notes:{session_id}"
