"""Who asks, for the length of one request: rights, name, trace, and what to wake readers for."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from agentops.wire import Scope
from ledger.engine import LedgerEngine, Row
from ledger.errors import Forbidden
from ledger.once import Command, Once
from ledger.together import Together


@dataclass(slots=True)
class Caller:
    """The holder of a key. Every write takes one, so that no write is anonymous."""

    db: LedgerEngine
    key_id: str
    name: str
    scope: Scope
    traceparent: str | None = None
    once: Once | None = None
    """The idempotency key of a request that is one command."""
    together: Together | None = None
    """Where plain new tasks of many requests become one statement."""
    announced: list[tuple[str, str]] = field(default_factory=list)
    """(event type, entity id) of this request's writes; readers are woken once they are committed."""

    @property
    def held_by(self) -> str | None:
        """The key that must hold the lease, or None where any will do."""
        return None if self.scope is Scope.ADMIN else self.key_id

    async def rows(self, command: Command, *args: Any) -> Sequence[Row]:
        """Runs the request's command, once under its idempotency key. No row: nothing was written."""
        if self.once is not None:
            return await self.once.rows(self.db, command, args)
        return await self.db.command(command.plain, *args)

    async def row(self, command: Command, *args: Any) -> Row | None:
        """The first row of `rows`, or None."""
        found = await self.rows(command, *args)
        return found[0] if found else None

    def announce(self, kind: str, entity_id: str) -> None:
        """Remembers to wake readers for an event that this request writes."""
        self.announced.append((kind, entity_id))

    def need(self, *scopes: Scope) -> None:
        """Lets administrators and the holders of `scopes` pass.

        Raises:
            Forbidden: the key is of another scope.
        """
        if self.scope is not Scope.ADMIN and self.scope not in scopes:
            wanted = " or ".join([*scopes, Scope.ADMIN])
            raise Forbidden(f"this needs a key of scope {wanted}; yours is of scope {self.scope}")
