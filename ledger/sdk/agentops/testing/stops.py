"""The switch that stops everything, in memory, and what keeps a task from being claimed."""

import msgspec

from agentops import errors
from agentops.testing.asking import Asking
from agentops.testing.budgets import standing
from agentops.testing.life import conflict
from agentops.testing.state import State
from agentops.wire import Budget, BudgetScope, BudgetState, Pause, Resume, Stopped, System, Task

GOING = System(paused=False, reason=None, by=None, since=None)


def get_system(asking: Asking) -> System:
    return asking.state.paused or GOING


def pause(asking: Asking) -> System:
    caller, wish, state = asking.need(), asking.read(Pause), asking.state
    if state.paused is None:
        state.paused = System(paused=True, reason=wish.reason, by=caller.key.name, since=state.clock())
        _tell(asking, "system.paused", {"reason": wish.reason})
    return state.paused


def resume(asking: Asking) -> System:
    asking.need()
    wish, state = asking.read(Resume), asking.state
    if state.paused is not None:
        _tell(asking, "system.resumed", {"reason": wish.reason, "paused_since": state.paused.since})
        state.paused = None
    return GOING


def _tell(asking: Asking, kind: str, payload: dict[str, object]) -> None:
    asking.state.log.tell(
        type=kind, entity_type="system", entity_id="system", task_id=None, project_id=None,
        actor=asking.by.key.name, payload=msgspec.to_builtins(payload), traceparent=asking.by.traceparent,
        at=asking.state.clock(),
    )  # fmt: skip


def refusal_for(state: State, task: Task, agent: str) -> errors.Conflict | None:
    """Why this agent may not claim this task, if that is stopped."""
    if state.paused is not None:
        why = f": {state.paused.reason}" if state.paused.reason else ""
        return conflict(errors.Paused, f"everything is paused{why}; resume it first", {})
    named = {"project": task.project_id, "task": task.id, "agent": agent}
    for budget in _spent(state):
        if budget.scope is BudgetScope.ALL or named[budget.scope] == budget.scope_id:
            stopped = msgspec.to_builtins(_shown(budget))
            detail = f"the budget of {budget.scope} is spent: {stopped['reason']}"
            return conflict(errors.BudgetExhausted, detail, stopped)
    return None


def passed_over(state: State, agent: str) -> tuple[bool, list[Stopped]]:
    """Why there may have been less to claim: whether all is paused, and the spent budgets."""
    shown = [
        _shown(budget)
        for budget in _spent(state)
        if budget.scope is not BudgetScope.AGENT or budget.scope_id == agent
    ]
    return state.paused is not None, shown


def _spent(state: State) -> list[Budget]:
    stands = [standing(state, budget) for budget in state.budgets.values()]
    return [budget for budget in stands if budget.state is BudgetState.EXHAUSTED]


def _shown(budget: Budget) -> Stopped:
    period = "in all" if budget.period == "total" else f"a {budget.period}"
    return Stopped(
        budget_id=budget.id,
        scope=budget.scope,
        scope_id=budget.scope_id,
        reason=f"{budget.spent:,} of {budget.limit:,} {budget.unit} {period}",
        until=budget.period_end,
    )
