"""Conversations: the record of what was said."""

from agentops.calls.base import Calls
from agentops.requests import path_of
from agentops.wire import FoundTurn, NewTurn, Page, Session, TurnRecord


class ConversationCalls(Calls):
    """`/sessions`."""

    async def record_turn(
        self, session_id: str, turn: NewTurn, *, idempotency_key: str | None = None
    ) -> TurnRecord:
        """Record what was said; recording the same `turn.id` again changes nothing."""
        path = path_of("sessions", session_id, "turns")
        return await self._transport.post(path, TurnRecord, turn, key=idempotency_key)

    async def list_turns(
        self, session_id: str, *, after: int | None = None, before: int | None = None, limit: int = 100
    ) -> Page[TurnRecord]:
        """Turns of a session, oldest first.

        Args:
            session_id: Whose.
            after: Only those behind this `seq`.
            before: Only those ahead of this `seq`, the nearest.
            limit: How many; without `after`, the last ones.
        """
        return await self._transport.get(
            path_of("sessions", session_id, "turns"),
            Page[TurnRecord],
            params={"after": after, "before": before, "limit": limit},
        )

    async def search_turns(
        self, q: str, *, session_id: str | None = None, before: int | None = None, limit: int = 50
    ) -> Page[FoundTurn]:
        """Turns in which words occur, newest first, each with an excerpt.

        Args:
            q: Words, `"a phrase"`, `or`, `-without`; the last word may be the beginning of one.
            session_id: Only this session's.
            before: Only those ahead of this `seq`: the `next` of the page before.
            limit: 1 to 200.
        """
        return await self._transport.get(
            "/turns/search",
            Page[FoundTurn],
            params={"q": q, "session": session_id, "before": before, "limit": limit},
        )

    async def forget_session(self, session_id: str, *, idempotency_key: str | None = None) -> None:
        """Remove all that was said in a session, and the files that came with it unless a task has them."""
        await self._transport.delete(path_of("sessions", session_id), key=idempotency_key)

    async def list_sessions(self) -> list[Session]:
        """All sessions, the one that spoke last first."""
        return await self._all("/sessions", Page[Session])
