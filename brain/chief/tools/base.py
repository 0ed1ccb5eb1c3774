"""What all tools share: their desk, the turn they work in, and how an outcome is told."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Literal

import structlog
from strands import ToolContext

from agentops import AgentOpsClient, AgentOpsError
from agentops.wire import Task
from brain.chief import reading
from brain.chief.errors import ToolRefused
from brain.chief.facts import Facts
from brain.chief.notes import Waiting
from brain.chief.people import People
from brain.chief.work import OWNER, TurnWork
from brain.rows import Ask, Outcome, ToolError
from gateway.session.call_wishes import CallWishes
from gateway.session.stream import SessionStream

PriorityName = Literal["low", "medium", "high", "critical"]
StatusName = Literal["pending", "in_progress", "blocked", "completed", "failed", "cancelled"]

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Desk:
    """What the tools work with."""

    ops: AgentOpsClient
    facts: Facts
    people: People
    stream: SessionStream | None = None
    """For messages to other channels and people; None: there are none."""
    calls: CallWishes | None = None
    """For calls about tasks; None: there are none."""


def work_of(context: ToolContext) -> TurnWork:
    """The turn that this call belongs to."""
    work = context.invocation_state["work"]
    assert isinstance(work, TurnWork)  # noqa: S101 - our own agent's caller puts it there
    return work


def row_of(done: str | None, task: Task, names: dict[Any, str] | None = None) -> Outcome:
    """A task as the outcome of a call."""
    return Outcome(done=done, task=reading.task_row(task, projects=names))


def asks(text: str) -> Outcome:
    """Nothing yet: the person has to say yes to this first."""
    return Outcome(ask=Ask(text=f"{text} Say yes or no."))


def owners_only(work: TurnWork, what: str) -> None:
    """
    Raises:
        ToolRefused: Somebody else than the owner asks.
    """
    if work.role != OWNER:
        raise ToolRefused("owner_only", f"Only the owner may {what}.")


async def told(context: ToolContext, act: Callable[[], Awaitable[Outcome]]) -> dict[str, Any]:
    """Run a tool and tell its outcome, good or bad, as Strands wants it."""
    work = work_of(context)
    try:
        outcome = await act()
    except (AgentOpsError, ToolRefused) as refused:
        outcome = _refused(refused)
    except ExceptionGroup as group:
        first = next((e for e in group.exceptions if isinstance(e, AgentOpsError)), None)
        if first is None:
            raise
        outcome = _refused(first)
    if outcome.ask is not None and outcome.ask.risk == "yes":
        call = context.tool_use
        work.asks.append(Waiting(tool=call["name"], arguments=call["input"], text=outcome.ask.text))
    work.saw(outcome)
    return result_of(outcome)


def result_of(outcome: Outcome) -> dict[str, Any]:
    """As Strands hands it to the model."""
    return {"status": "error" if outcome.error else "success", "content": [{"json": outcome.to_json()}]}


def _refused(refused: AgentOpsError | ToolRefused) -> Outcome:
    log.info("tool.refused", code=refused.code)
    return Outcome(error=ToolError(code=refused.code, detail=refused.detail or str(refused)))
