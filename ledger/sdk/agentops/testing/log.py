"""The event log in memory, and those who wait for more of it."""

import asyncio
import re
from collections.abc import AsyncGenerator
from typing import Any

from agentops.errors import ValidationFailed
from agentops.wire import Event, Events

_CURSOR = re.compile(r"0|(\d{1,18})-0", re.ASCII)
_TYPE = re.compile(r"[a-z][a-z_.]{0,48}\*?|\*", re.ASCII)


class Wanted:
    """Which events: `types` may end in `*`; nothing set means all.

    Raises:
        ValidationFailed: That is no list of event types.
    """

    def __init__(self, types: str | None, project: str | None, task_id: str | None) -> None:
        names = [name.strip() for name in (types or "").split(",") if name.strip()]
        if wrong := [name for name in names if not _TYPE.fullmatch(name)]:
            raise ValidationFailed(f"types: {wrong[0][:60]!r} is no event type")
        self._types = [] if "*" in names else names
        self._project = project
        self._task_id = task_id

    def __contains__(self, event: Event) -> bool:
        if self._project not in (None, event.project_id) or self._task_id not in (None, event.task_id):
            return False
        return not self._types or any(_fits(event.type, pattern) for pattern in self._types)


def _fits(kind: str, pattern: str) -> bool:
    return kind.startswith(pattern[:-1]) if pattern.endswith("*") else kind == pattern


class Log:
    """Grows; every reader sees the same order."""

    def __init__(self) -> None:
        self._events: list[Event] = []
        self._bells: set[asyncio.Event] = set()
        self._hang_ups = 0

    @property
    def cursor(self) -> str:
        """Behind the last event."""
        return f"{len(self._events)}-0" if self._events else "0"

    def tell(self, **fields: Any) -> None:
        """Write an event down and wake whoever waits."""
        self._events.append(Event(cursor=f"{len(self._events) + 1}-0", **fields))
        self._ring()

    def hang_up(self) -> None:
        """End every stream, as a restart of the ledger does."""
        self._hang_ups += 1
        self._ring()

    def read(self, after: str, wanted: Wanted, limit: int) -> Events:
        """Up to `limit` wanted events behind a cursor."""
        found = [event for event in self._events[place_of(after) :] if event in wanted][:limit]
        return Events(events=found, cursor=found[-1].cursor if found else after)

    async def follow(self, after: str, wanted: Wanted) -> AsyncGenerator[Event, None]:
        """Wanted events behind a cursor as they come, until the ledger hangs up."""
        at, calls, bell = place_of(after), self._hang_ups, asyncio.Event()
        self._bells.add(bell)
        try:
            while calls == self._hang_ups:
                bell.clear()
                fresh, at = self._events[at:], max(at, len(self._events))
                for event in fresh:
                    if event in wanted:
                        yield event
                if not fresh:
                    await bell.wait()
        finally:
            self._bells.discard(bell)

    def _ring(self) -> None:
        for bell in self._bells:
            bell.set()


def place_of(cursor: str) -> int:
    """How many events lie ahead of it.

    Raises:
        ValidationFailed: No ledger gave it out.
    """
    match = _CURSOR.fullmatch(cursor)
    if match is None:
        raise ValidationFailed("after: take the cursor from an event, or 0 for the beginning")
    return int(match[1] or 0)
