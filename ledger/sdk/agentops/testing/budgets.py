"""Budgets over the wire, in memory. How one stands is counted anew whenever it is asked."""

import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from zoneinfo import ZoneInfo

import msgspec
from msgspec import UNSET

from agentops import errors
from agentops.testing.asking import Asking, checked
from agentops.testing.life import conflict
from agentops.testing.state import State
from agentops.wire import (
    Budget,
    BudgetId,
    BudgetPatch,
    BudgetPeriod,
    BudgetScope,
    BudgetState,
    BudgetUnit,
    NewBudget,
    Page,
    UsageKind,
    UsageRecord,
)

WARN_PERCENT = 80
COUNTED: Mapping[BudgetUnit, frozenset[UsageKind]] = MappingProxyType(
    {
        BudgetUnit.TOKENS: frozenset({UsageKind.TOKENS_IN, UsageKind.TOKENS_OUT}),
        BudgetUnit.MONEY: frozenset({UsageKind.MONEY}),
        BudgetUnit.CALL_SECONDS: frozenset({UsageKind.CALL_SECONDS}),
    }
)


def standing(state: State, budget: Budget) -> Budget:
    """A budget as it stands now, in its present period."""
    begin, end = _period(budget, state.clock())
    spent = sum(
        one.amount
        for one in state.usage
        if is_whose(budget, one)
        and one.kind in COUNTED[budget.unit]
        and (begin is None or (one.at is not None and one.at >= begin))
    )
    if spent >= budget.limit:
        stands = BudgetState.EXHAUSTED
    else:
        warned = spent * 100 >= budget.limit * WARN_PERCENT
        stands = BudgetState.WARNING if warned else BudgetState.OK
    return msgspec.structs.replace(budget, spent=spent, state=stands, period_start=begin, period_end=end)


def is_whose(budget: Budget, one: UsageRecord) -> bool:
    whose = {"project": one.project_id, "agent": one.agent, "task": one.task_id}
    return budget.scope is BudgetScope.ALL or whose[budget.scope] == budget.scope_id


def _period(budget: Budget, now: datetime) -> tuple[datetime | None, datetime | None]:
    if budget.period is BudgetPeriod.TOTAL:
        return None, None
    zone = zone_of(budget.time_zone)
    begin = now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    if budget.period is BudgetPeriod.DAY:
        return begin, begin + timedelta(days=1)
    begin = begin.replace(day=1)
    return begin, (begin + timedelta(days=32)).replace(day=1)


def create_budget(asking: Asking) -> Budget:
    asking.need()
    new, state, now = asking.read(NewBudget), asking.state, asking.state.clock()
    if (new.scope is BudgetScope.ALL) != (not new.scope_id):
        raise errors.ValidationFailed("scope_id: say whose, unless it is everybody's")
    if new.scope in (BudgetScope.PROJECT, BudgetScope.TASK):
        checked([new.scope_id], "scope_id")
    zone_of(new.time_zone)
    for known in state.budgets.values():
        if (known.scope, known.scope_id, known.unit, known.period) == (
            new.scope, new.scope_id or None, new.unit, new.period,
        ):  # fmt: skip
            current = {"id": known.id, "limit": known.limit, "version": known.version}
            raise conflict(errors.BudgetExists, "there is such a budget: change its limit instead", current)
    budget = Budget(
        id=BudgetId(str(uuid.uuid4())), name=new.name, scope=new.scope, scope_id=new.scope_id or None,
        unit=new.unit, period=new.period, limit=new.limit, spent=0, state=BudgetState.OK,
        time_zone=new.time_zone, period_start=None, period_end=None, version=1,
        created_by=asking.by.key.name, created_at=now, updated_at=now,
    )  # fmt: skip
    return _kept(asking, budget, "budget.created")


def _kept(asking: Asking, budget: Budget, kind: str) -> Budget:
    asking.state.budgets[budget.id] = budget
    tell(asking, kind, budget)
    stands = standing(asking.state, budget)
    if stands.state is not BudgetState.OK:
        tell(asking, f"budget.{stands.state}", stands)
    return stands


def list_budgets(asking: Asking) -> Page[Budget]:
    scopes = (BudgetScope.PROJECT, BudgetScope.AGENT, BudgetScope.TASK)
    names = {"project_id": scopes[0], "agent": scopes[1], "task_id": scopes[2]}
    wanted = {(scope, asking.query[name]) for name, scope in names.items() if name in asking.query}
    found = [
        standing(asking.state, budget)
        for budget in asking.state.budgets.values()
        if not wanted or budget.scope is BudgetScope.ALL or (budget.scope, budget.scope_id) in wanted
    ]
    return Page(items=sorted(found, key=lambda one: (one.scope, one.scope_id or "", one.unit, one.period)))


def get_budget(asking: Asking) -> Budget:
    budget = asking.state.budgets.get(asking.ids[0].lower())
    if budget is None:
        raise errors.BudgetNotFound(f"no budget has the id {asking.ids[0][:80]}")
    return standing(asking.state, budget)


def update_budget(asking: Asking) -> Budget:
    asking.need()
    patch, budget = asking.read(BudgetPatch), get_budget(asking)
    if patch.version not in (UNSET, budget.version):
        detail = f"the budget has version {budget.version}, not {patch.version}"
        current = {"version": budget.version, "limit": budget.limit}
        raise conflict(errors.VersionConflict, detail, current)
    given = {"name": patch.name, "limit": patch.limit, "time_zone": patch.time_zone}
    changes = {
        name: value for name, value in given.items() if value is not UNSET and value != getattr(budget, name)
    }
    if not changes:
        return budget
    zone_of(changes.get("time_zone", budget.time_zone))  # type: ignore[arg-type]
    now, version = asking.state.clock(), budget.version + 1
    changed = msgspec.structs.replace(budget, updated_at=now, version=version, **changes)
    return _kept(asking, changed, "budget.updated")


def delete_budget(asking: Asking) -> None:
    asking.need()
    budget = get_budget(asking)
    del asking.state.budgets[budget.id]
    tell(asking, "budget.deleted", budget)


def tell(asking: Asking, kind: str, budget: Budget) -> None:
    shown = ("name", "scope", "scope_id", "unit", "period", "time_zone", "limit", "spent", "state")
    payload = {name: getattr(budget, name) for name in shown} | {"until": budget.period_end}
    asking.state.log.tell(
        type=kind, entity_type="budget", entity_id=budget.id,
        task_id=budget.scope_id if budget.scope is BudgetScope.TASK else None,
        project_id=budget.scope_id if budget.scope is BudgetScope.PROJECT else None,
        actor=asking.by.key.name, payload=msgspec.to_builtins(payload), traceparent=asking.by.traceparent,
        at=asking.state.clock(),
    )  # fmt: skip


def zone_of(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (LookupError, ValueError, OSError) as error:
        raise errors.ValidationFailed(f"time_zone: {name[:100]!r} is no IANA time zone") from error
