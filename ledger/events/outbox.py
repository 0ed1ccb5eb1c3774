"""Writing one event within an open transaction, for changes that take more than one statement."""

from typing import Any

from ledger.caller import Caller

_WRITE = """INSERT INTO event (type, entity_type, entity_id, task_id, project_id, actor, payload,
    traceparent, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, statement_timestamp())"""


async def write(
    caller: Caller,
    kind: str,
    entity_id: str,
    payload: dict[str, Any],
    *,
    task_id: str | None = None,
    project_id: str | None = None,
) -> None:
    """Puts an event beside the change that it tells of, and has readers woken once both are committed.

    Args:
        caller: Who did it; its database has the transaction of the change open.
        kind: The event's type; what stands before the dot is the kind of thing it is about.
        entity_id: Which one.
        payload: What a reader wants to know; never a secret.
        task_id: The task that it concerns, for readers of one task.
        project_id: The same for a project.

    Raises:
        RuntimeError: no transaction is open, so that the change could exist without its event.
    """
    if not caller.db.transaction_exists():
        raise RuntimeError(f"{kind} has to be written by the transaction of its change")
    await caller.db.rows(
        _WRITE, kind, kind.partition(".")[0], entity_id, task_id, project_id, caller.name, payload,
        caller.traceparent,
    )  # fmt: skip
    caller.announce(kind, entity_id)
