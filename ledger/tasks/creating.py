"""Writing one task down: together with others that come at the same time, or alone."""

from collections.abc import Sequence
from typing import Any

import msgspec

from agentops.tracing import HEADER
from agentops.wire import NewTask
from ledger.caller import Caller
from ledger.engine import Row
from ledger.ids import new_id
from ledger.tasks import sql
from ledger.together import Alone, Given, Owner

_AS_THEY_ARE = (
    "title", "description", "acceptance_criteria", "project_id", "capabilities", "origin", "estimated_hours",
    "due_at", "run_after", "max_attempts",
)  # fmt: skip


async def write_down(caller: Caller, new: NewTask) -> Row | None:
    """The row of a new task, or of the time before under the same idempotency key."""
    if caller.together is None or new.parent_id or new.depends_on or new.attachments:
        return await _alone(caller, new)
    try:
        row = await caller.together.row(Owner(caller.key_id, caller.name), _given(caller, new))
    except Alone:
        return await _alone(caller, new)
    if row is None and caller.once is not None:
        rows = await caller.once.remembered(caller.db)
        row = rows[0] if rows else await _alone(caller, new)
    return row


def _given(caller: Caller, new: NewTask) -> Given:
    """As `ledger.tasks.sql.CREATE_TOGETHER` reads it."""
    fields: dict[str, Any] = {name: getattr(new, name) for name in _AS_THEY_ARE}
    task_id = new_id()
    fields |= {
        "id": task_id,
        "priority": rank(new.priority),
        "context": context_of(new, caller.traceparent),
        "traceparent": caller.traceparent,
    }
    if caller.once is not None:
        fields |= {"key": caller.once.key, "fingerprint": caller.once.fingerprint.hex()}
    return Given(task_id, msgspec.Raw(msgspec.json.encode(fields)))


async def _alone(caller: Caller, new: NewTask) -> Row | None:
    return await caller.row(
        sql.CREATE, new.title, new.description, new.acceptance_criteria, rank(new.priority),
        new.project_id, new.parent_id, new.capabilities, new.origin, context_of(new, caller.traceparent),
        new.estimated_hours, new.due_at, new.run_after, new.max_attempts,
        caller.name, caller.traceparent, once_each(new.depends_on), once_each(new.attachments),
        new_id(),
    )  # fmt: skip


def context_of(new: NewTask, traceparent: str | None) -> dict[str, Any]:
    """With the trace that asked for the task, which its worker continues."""
    return {HEADER: traceparent, **new.context} if traceparent else new.context


def once_each(ids: Sequence[str]) -> list[str]:
    """In their order."""
    return list(dict.fromkeys(ids))


def rank(priority: str) -> int:
    """As it is stored: 1 for the lowest."""
    return _RANKS[priority]


_RANKS = {str(word): place for place, word in enumerate(sql.RANKS, start=1)}
