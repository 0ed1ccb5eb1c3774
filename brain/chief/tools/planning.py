"""Breaking a goal into tasks: shown first, created after a yes, all of it or nothing."""

from collections.abc import Sequence
from typing import Any

import msgspec
from pydantic import BaseModel
from strands import ToolContext, tool

from agentops import AgentOpsClient
from agentops.wire import NewTask, Priority, Project, Task
from brain.chief import reading
from brain.chief.arguments import due_at, project_named
from brain.chief.errors import ToolRefused
from brain.chief.tools.base import Desk, PriorityName, asks, told, work_of
from brain.chief.work import TurnWork
from brain.rows import Outcome

MOST_STEPS = 30


class PlanStep(BaseModel):
    """One task of a plan."""

    title: str
    description: str = ""
    after: list[int] = []
    priority: PriorityName = "medium"
    due: str | None = None
    acceptance_criteria: list[str] = []


class PlanTools:
    """Plans."""

    def __init__(self, desk: Desk) -> None:
        self._ops = desk.ops

    def all(self) -> list[Any]:
        """As `Agent(tools=…)` takes them."""
        return [self.plan]

    @tool(context=True)
    async def plan(
        self, tool_context: ToolContext, goal: str, steps: list[PlanStep], project: str | None = None
    ) -> dict[str, Any]:
        """Break a goal into tasks. The plan is shown to the person; a yes creates all of its tasks.

        Args:
            goal: What is to be reached, in a few words.
            steps: The tasks in order, 2 to 30. `after` gives the positions, from 1, of the steps that must be
                completed before; leave it empty where a step can start at once.
            project: Name of an existing project for all of them.
        """
        work = work_of(tool_context)

        async def create() -> Outcome:
            wanted = [PlanStep.model_validate(step) for step in steps]
            _check(wanted)
            into = await project_named(self._ops, project) if project else None
            drafts = [_task(at, step, work, into) for at, step in enumerate(wanted, start=1)]
            if not work.approved:
                return asks(_shown(goal, wanted, into))
            made = await _created(self._ops, wanted, drafts, work.call_name("plan"))
            rows = [reading.task_row(task) for task in made]
            return Outcome(done="plan.created", tasks=rows, told=goal)

        return await told(tool_context, create)


def _check(steps: Sequence[PlanStep]) -> None:
    if not 1 < len(steps) <= MOST_STEPS:
        detail = f"A plan has 2 to {MOST_STEPS} steps; for one task use create_task."
        raise ToolRefused("invalid_plan", detail)
    for at, step in enumerate(steps, start=1):
        if not step.title.strip():
            raise ToolRefused("invalid_plan", f"Step {at} has no title.")
        # Only backwards, so that no circle can come of it.
        if any(not 0 < other < at for other in step.after):
            raise ToolRefused("invalid_plan", f"Step {at} can only come after steps 1 to {at - 1}.")


def _task(at: int, step: PlanStep, work: TurnWork, project: Project | None) -> NewTask:
    draft = NewTask(
        title=step.title.strip(),
        description=step.description,
        priority=Priority(step.priority),
        project_id=project.id if project else None,
        due_at=due_at(step.due, work.clock()) if step.due else None,
        acceptance_criteria=step.acceptance_criteria,
        origin=work.session_id,
        context={"turn_id": work.turn_id},
    )
    try:
        # As the ledger would, but for all steps before the first is created.
        return msgspec.convert(msgspec.to_builtins(draft), NewTask)
    except msgspec.ValidationError as wrong:
        raise ToolRefused("invalid_plan", f"Step {at}, “{step.title[:80]}”: {wrong}.") from wrong


def _shown(goal: str, steps: Sequence[PlanStep], project: Project | None) -> str:
    lines = [f"{at}. {step.title.strip()}{_after(step)}" for at, step in enumerate(steps, start=1)]
    where = f" in the project “{project.name}”" if project else ""
    head = f"Here is a plan for “{goal}” with {len(steps)} tasks{where}:"
    return "\n".join([head, *lines, "Shall I create these tasks?"])


def _after(step: PlanStep) -> str:
    if not step.after:
        return ""
    return f" (after {' and '.join(str(other) for other in step.after)})"


async def _created(
    ops: AgentOpsClient, steps: Sequence[PlanStep], drafts: Sequence[NewTask], key: str
) -> list[Task]:
    """All tasks in the plan's order. A run of steps that do not wait for each other is one batch."""
    made: list[Task] = []
    while len(made) < len(drafts):
        first = len(made)
        until = next(
            (at for at in range(first + 1, len(steps)) if any(other > first for other in steps[at].after)),
            len(steps),
        )
        batch = [
            msgspec.structs.replace(drafts[at], depends_on=[made[other - 1].id for other in steps[at].after])
            for at in range(first, until)
        ]
        made += await ops.create_tasks(batch, idempotency_key=f"{key}:{first}")
    return made
