"""What was used, over the wire, in memory."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec

from agentops import errors
from agentops.testing.asking import Asking, checked, zoned
from agentops.testing.budgets import is_whose, standing, tell, zone_of
from agentops.testing.state import Kept
from agentops.wire import (
    BudgetState,
    NewUsage,
    Page,
    Scope,
    UsageGroup,
    UsageKind,
    UsageRecord,
    UsageRecorded,
    UsageSum,
)

AHEAD = timedelta(minutes=5)
"""How far a time may lie ahead: clocks differ."""


def record(asking: Asking) -> UsageRecorded:
    asking.need(Scope.AGENT)
    state, records = asking.state, asking.read(NewUsage).records
    placed = [_placed(asking, one) for one in records]
    before = {known: standing(state, budget) for known, budget in state.budgets.items()}
    state.usage += placed
    stands = [standing(state, budget) for budget in state.budgets.values()]
    for budget in stands:
        order = list(BudgetState)
        if order.index(budget.state) > order.index(before[budget.id].state):
            tell(asking, f"budget.{budget.state}", budget)
    concerned = [budget for budget in stands if any(is_whose(budget, one) for one in placed)]
    return UsageRecorded(recorded=len(placed), budgets=concerned)


def _placed(asking: Asking, one: UsageRecord) -> UsageRecord:
    """The record with what its task says: the project, and for workers who they are."""
    checked([one.task_id], "task_id")
    checked([one.project_id], "project_id")
    zoned(one.at, "at")
    now = asking.state.clock()
    if one.at is not None and one.at > now + AHEAD:
        raise errors.ValidationFailed("at: this time lies ahead; leave it out for now")
    kept = asking.state.tasks.get(one.task_id.lower()) if one.task_id else None
    if one.task_id is not None and kept is None:
        raise errors.ValidationFailed(f"task_id: no task has the id {one.task_id}")
    agent = one.agent if asking.by.held_by is None else _holder(asking, kept)
    if kept is not None:
        agent = agent or (kept.lease.agent if kept.lease else None)
        one = msgspec.structs.replace(one, project_id=kept.task.project_id)
    return msgspec.structs.replace(one, agent=agent, at=one.at or now)


def _holder(asking: Asking, kept: Kept | None) -> str:
    if kept is None:
        raise errors.Forbidden("task_id: a worker reports what it used for a task that it holds; say which")
    if kept.lease is None or kept.lease.key_id != asking.by.key.id:
        raise errors.Forbidden(f"task {kept.task.id} is not held with this key")
    return kept.lease.agent


def sum_usage(asking: Asking) -> Page[UsageSum]:
    query = asking.query
    by = UsageGroup(query.get("group_by", UsageGroup.DAY))
    zone = zone_of(query.get("time_zone", "UTC"))
    groups: dict[str | None, dict[str, int]] = {}
    for one in asking.state.usage:
        if _wanted(query, one):
            sums = groups.setdefault(_group(one, by, zone), dict.fromkeys(map(str, UsageKind), 0))
            sums[one.kind] += one.amount
    items = [UsageSum(group=group, **sums) for group, sums in groups.items()]
    if by is UsageGroup.DAY:
        items.sort(key=lambda one: one.group or "", reverse=True)
    else:
        items.sort(key=lambda one: (-one.money, -one.tokens_in - one.tokens_out, one.group or "~"))
    return Page(items=items)


def _wanted(query: Mapping[str, str], one: UsageRecord) -> bool:
    at = one.at or datetime.max.replace(tzinfo=UTC)
    begin, end = (datetime.fromisoformat(query[name]) if name in query else None for name in ("from", "to"))
    named = all(query.get(name) in (None, getattr(one, name)) for name in ("project_id", "agent", "task_id"))
    return named and (begin is None or at >= begin) and (end is None or at < end)


def _group(one: UsageRecord, by: UsageGroup, zone: ZoneInfo) -> str | None:
    if by is UsageGroup.DAY:
        return one.at.astimezone(zone).strftime("%Y-%m-%d") if one.at else None
    names = {UsageGroup.PROJECT: "project_id", UsageGroup.TASK: "task_id"}
    found: str | None = getattr(one, names.get(by, by.value))
    return found
