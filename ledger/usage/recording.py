"""Counting what was used: the records, and in the same transaction every budget that they count for."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec

from agentops.wire import (
    Budget,
    BudgetScope,
    BudgetUnit,
    NewUsage,
    Scope,
    UsageKind,
    UsageRecord,
    UsageRecorded,
)
from ledger.caller import Caller
from ledger.engine import Row
from ledger.errors import Forbidden, ValidationFailed
from ledger.ids import checked, zoned
from ledger.usage.budgets import READ, budget_of, keep, standing_of
from ledger.usage.standing import COUNTED

AHEAD = timedelta(minutes=5)
"""How far a time may lie ahead: clocks differ."""

TURN = """SELECT CASE WHEN EXISTS (SELECT FROM budget)
    THEN pg_advisory_xact_lock(hashtext('ledger.usage')) END"""
"""With budgets, one after the other: so that the log tells of a warning before what came of it."""
_TASKS = """SELECT t.id, t.project_id, l.agent, l.key_id, statement_timestamp() AS now
    FROM task t LEFT JOIN task_lease l ON l.task_id = t.id WHERE t.id = ANY($1::uuid[])"""
_ADD = """INSERT INTO usage (kind, amount, task_id, project_id, agent, session, model, recorded_by, at)
    SELECT kind, amount, task_id, project_id, agent, session, model, $2,
        COALESCE(at, statement_timestamp())
    FROM jsonb_to_recordset($1) AS r (kind text, amount bigint, task_id uuid, project_id uuid, agent text,
        session text, model text, at timestamptz)
    WHERE at IS NULL OR at <= statement_timestamp() + $3
    RETURNING *"""
_CONCERNED = (
    READ
    + """ WHERE b.scope = 'all' OR (b.scope = 'project' AND b.scope_id = ANY($1))
    OR (b.scope = 'agent' AND b.scope_id = ANY($2)) OR (b.scope = 'task' AND b.scope_id = ANY($3))
    ORDER BY b.id FOR UPDATE"""
)


_WHOSE = {
    BudgetScope.ALL: None,
    BudgetScope.PROJECT: "project_id",
    BudgetScope.AGENT: "agent",
    BudgetScope.TASK: "task_id",
}


async def record(caller: Caller, new: NewUsage) -> UsageRecorded:
    """Writes usage down, all of it or nothing, and brings the budgets up to date.

    Raises:
        Forbidden: a worker reports for a task that it does not hold.
        ValidationFailed: a task does not exist, or a time lies ahead.
    """
    caller.need(Scope.AGENT)
    for one in new.records:
        checked([one.task_id], "task_id")
        checked([one.project_id], "project_id")
        zoned(one.at, "at")
    async with caller.db.joined():
        records = await _placed(caller, new.records)
        used = await caller.db.rows(_ADD, records, caller.name, AHEAD)
        if len(used) < len(records):
            raise ValidationFailed("at: this time lies ahead; leave it out for now")
        return UsageRecorded(recorded=len(used), budgets=await _counted(caller, used))


async def _placed(caller: Caller, records: Sequence[UsageRecord]) -> list[dict[str, Any]]:
    """The records with what their tasks say: the project, and for workers who they are."""
    wanted = {one.task_id.lower() for one in records if one.task_id is not None}
    tasks = {row["id"]: row for row in await caller.db.rows(_TASKS, sorted(wanted))}
    placed: list[dict[str, Any]] = []
    for one in records:
        fields = msgspec.to_builtins(one)
        task = None if one.task_id is None else tasks.get(one.task_id.lower())
        if one.task_id is not None and task is None:
            raise ValidationFailed(f"task_id: no task has the id {one.task_id}")
        if caller.held_by is not None:
            fields["agent"] = _holder(caller, task)
        if task is not None:
            fields["project_id"] = task["project_id"]
            fields["agent"] = fields["agent"] or task["agent"]
        placed.append(fields)
    return placed


def _holder(caller: Caller, task: Row | None) -> str:
    if task is None:
        raise Forbidden("task_id: a worker reports what it used for a task that it holds; say which")
    if task["key_id"] != caller.held_by:
        raise Forbidden(
            f"task {task['id']} is not held with this key; report what it used before you end or release it"
        )
    agent: str = task["agent"]
    return agent


async def _counted(caller: Caller, used: Sequence[Row]) -> list[Budget]:
    rows = await caller.db.rows(
        _CONCERNED,
        sorted({row["project_id"] for row in used if row["project_id"]}),
        sorted({row["agent"] for row in used if row["agent"]}),
        sorted({row["task_id"] for row in used if row["task_id"]}),
    )
    return [await _updated(caller, row, used) for row in rows]


async def _updated(caller: Caller, row: Row, used: Sequence[Row]) -> Budget:
    amount = sum(one["amount"] for one in used if _counts(row, one))
    if not amount:
        return budget_of(row)
    before = standing_of(row)
    return await keep(caller, row, before.moved(spent=before.spent + amount))


def _counts(budget: Row, used: Row) -> bool:
    """Whether this usage falls under this budget, in its present period."""
    begins: datetime | None = budget["begins"]
    whose = _WHOSE[BudgetScope(budget["scope"])]
    return (
        (whose is None or used[whose] == budget["scope_id"])
        and UsageKind(used["kind"]) in COUNTED[BudgetUnit(budget["unit"])]
        and (begins is None or used["at"] >= begins)
    )
