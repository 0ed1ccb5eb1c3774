"""From rows of the database to wire types."""

from typing import Any, TypeVar

import asyncpg
import msgspec

from agentops.wire import Artifact, Attempt, Claim, Gate, Project, Task, TaskStatus
from ledger.engine import Row
from ledger.tasks.sql import RANKS

T = TypeVar("T", bound=msgspec.Struct)


def struct_of(kind: type[T], row: Row) -> T:
    """A row whose columns are named like the fields of `kind`."""
    return msgspec.convert({name: row[name] for name in kind.__struct_fields__}, kind)


def _fields(row: Row) -> dict[str, Any]:
    """A copy. A record of asyncpg gives its values at once far sooner than one by one, as dict() asks."""
    if isinstance(row, asyncpg.Record):
        return dict(zip(row.keys(), tuple(row), strict=True))
    return dict(row)


def task_of(row: Row) -> Task:
    """A row of `ledger.tasks.sql.task_columns`."""
    fields = _fields(row)
    fields["priority"] = RANKS[row["priority"] - 1]
    return msgspec.convert(fields, Task)  # which leaves out what is no field


def claim_of(row: Row, epoch: int) -> Claim:
    """A row of the claiming statements, and the epoch that the claim gave."""
    return Claim(
        task=task_of(row),
        epoch=epoch,
        lease_expires_at=row["expires_at"],
        inputs=msgspec.convert(row["inputs"], list[Artifact]) if row["inputs"] else [],
        answers=msgspec.convert(row["answers"], list[Gate]) if row["answers"] else [],
    )


def gate_of(row: Row) -> Gate:
    """A row of the table gate."""
    return struct_of(Gate, row)


def attempt_of(row: Row) -> Attempt:
    """A row of the table task_attempt."""
    return struct_of(Attempt, row)


def project_of(row: Row) -> Project:
    """A row of the table project with `task_counts` as a JSON object of the statuses that occur."""
    counts = dict.fromkeys(map(str, TaskStatus), 0) | (row["task_counts"] or {})
    fields = {name: row[name] for name in Project.__struct_fields__ if name != "task_counts"}
    return Project(task_counts=counts, **fields)


def state_of(task: Task) -> dict[str, Any]:
    """What a refusal shows of the task that refused."""
    shown = ("id", "status", "version", "claim_epoch", "assigned_to", "cancel_requested", "run_after")
    return {name: msgspec.to_builtins(getattr(task, name)) for name in shown}
