"""Tasks: creating and changing them."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Literal

import msgspec
import structlog
from msgspec import UNSET, UnsetType
from strands import ToolContext, tool

from agentops import IdempotencyMismatch
from agentops.wire import (
    Cancel,
    GateAnswer,
    GateKind,
    GateStatus,
    NewTask,
    Priority,
    Project,
    Retry,
    Task,
    TaskId,
    TaskPatch,
    TaskStatus,
)
from brain.chief.approvals import BUTTON_NEEDED
from brain.chief.arguments import artifact_ids, due_at, project_named
from brain.chief.errors import ToolRefused
from brain.chief.tools.base import Desk, PriorityName, asks, row_of, told, work_of
from brain.chief.words import says_no, says_yes
from brain.chief.work import TurnWork
from brain.rows import Outcome
from gateway.session.turns import CALLS

_STANDS = {
    TaskStatus.PENDING: "waiting to start",
    TaskStatus.IN_PROGRESS: "running",
    TaskStatus.BLOCKED: "it waits for your answer",
}
_ENDED = (TaskStatus.COMPLETED, TaskStatus.FAILED, TaskStatus.CANCELLED)

SETTLES_S = 6.0
"""Until a task from a call may begin: who paused within a sentence has gone on and finished it by then, and
what its first half created is taken back before anybody did it."""

log = structlog.get_logger(__name__)


class TaskTools:
    """What is done to one task."""

    def __init__(self, desk: Desk) -> None:
        self._ops = desk.ops

    def all(self) -> list[Any]:
        """As `Agent(tools=…)` takes them."""
        return [self.create_task, self.update_task, self.cancel_task, self.retry_task, self.answer_gate]

    @tool(context=True)
    async def create_task(
        self,
        tool_context: ToolContext,
        title: str,
        description: str = "",
        priority: PriorityName = "medium",
        project: str | None = None,
        due: str | None = None,
        attachments: list[str] | None = None,
        acceptance_criteria: list[str] | None = None,
        depends_on: list[int] | None = None,
        start: str | None = None,
    ) -> dict[str, Any]:
        """Create a task for a worker. Returns its row, with its number.

        Args:
            title: Short, begins with a verb, at most 200 characters.
            description: Everything the worker needs to know.
            priority: How soon it is to be done.
            project: Name of an existing project.
            due: ISO 8601 date or time by which it is to be done.
            attachments: artifact_id of each file that the task is about.
            acceptance_criteria: How to see that it is done.
            depends_on: Numbers of tasks that must be completed before it starts.
            start: ISO 8601 date or time before which it must not start.
        """
        work = work_of(tool_context)

        async def create() -> Outcome:
            into = await project_named(self._ops, project) if project else None
            waits_for = await self._ids(depends_on or [])
            # Named here, so that a call that is refused before it writes does not shift the names of others.
            call = work.call_name("create_task")
            new = NewTask(
                title=title,
                description=description,
                priority=Priority(priority),
                project_id=into.id if into else None,
                due_at=due_at(due, work.clock()) if due else None,
                run_after=_first_run(start, work),
                depends_on=waits_for,
                attachments=artifact_ids(attachments or [], work.files),
                acceptance_criteria=acceptance_criteria or [],
                origin=work.session_id,
                context={"turn_id": work.turn_id, "call": call},
            )
            return row_of("task.created", await self._created_once(new, call), _named(into))

        return await told(tool_context, create)

    @tool(context=True)
    async def update_task(
        self,
        tool_context: ToolContext,
        number: int,
        action: Literal["change", "cancel", "retry", "answer"] = "change",
        title: str | None = None,
        description: str | None = None,
        priority: PriorityName | None = None,
        due: str | None = None,
        project: str | None = None,
        answer: str | None = None,
        acceptance_criteria: list[str] | None = None,
        depends_on: list[int] | None = None,
    ) -> dict[str, Any]:
        """Change the fields of a task that are given. Returns its row afterwards.

        Args:
            number: The task's number.
            action: Leave it out; cancel_task, retry_task and answer_gate do the rest.
            title: New title.
            description: New description.
            priority: New priority.
            due: New due date in ISO 8601, "" for none.
            project: Name of the project to put it into.
            answer: Leave it out.
            acceptance_criteria: How to see that it is done, in place of what there was.
            depends_on: Numbers of all tasks that it waits for, in place of those it waited for.
        """
        work = work_of(tool_context)
        key = work.call_name("update_task")

        async def update() -> Outcome:
            task = await self._ops.find_task(number)
            if action == "cancel":
                return await self._cancel(work, task, key)
            if action == "retry":
                return row_of("task.retried", await self._ops.retry(task.id, Retry(), idempotency_key=key))
            if action == "answer":
                return await self._answer(task, answer or "", work, key)
            into = await project_named(self._ops, project) if project else None
            waits_for = None if depends_on is None else await self._ids(depends_on)
            patch = TaskPatch(
                title=title or UNSET,
                description=UNSET if description is None else description,
                priority=Priority(priority) if priority else UNSET,
                due_at=_due(due, work),
                project_id=into.id if into else UNSET,
                acceptance_criteria=UNSET if acceptance_criteria is None else acceptance_criteria,
                depends_on=UNSET if waits_for is None else waits_for,
            )
            if not msgspec.to_builtins(patch):
                detail = "Say what to change: title, description, priority, due date or project."
                raise ToolRefused("nothing_to_change", detail)
            changed = await self._ops.update_task(task.id, patch, idempotency_key=key)
            return row_of("task.updated", changed, _named(into))

        return await told(tool_context, update)

    @tool(context=True)
    async def cancel_task(self, tool_context: ToolContext, number: int) -> dict[str, Any]:
        """End a task for good. The person is asked first.

        Args:
            number: The task's number.
        """
        work = work_of(tool_context)
        key = work.call_name("cancel_task")

        async def cancel() -> Outcome:
            return await self._cancel(work, await self._ops.find_task(number), key)

        return await told(tool_context, cancel)

    @tool(context=True)
    async def retry_task(self, tool_context: ToolContext, number: int) -> dict[str, Any]:
        """Queue a failed task again.

        Args:
            number: The task's number.
        """
        key = work_of(tool_context).call_name("retry_task")

        async def retry() -> Outcome:
            task = await self._ops.find_task(number)
            return row_of("task.retried", await self._ops.retry(task.id, Retry(), idempotency_key=key))

        return await told(tool_context, retry)

    @tool(context=True)
    async def answer_gate(self, tool_context: ToolContext, number: int, answer: str) -> dict[str, Any]:
        """Pass the person's answer on to a task that asks something.

        Args:
            number: The number of the task that asks.
            answer: The person's answer in the person's words.
        """
        work = work_of(tool_context)
        key = work.call_name("answer_gate")

        async def pass_on() -> Outcome:
            return await self._answer(await self._ops.find_task(number), answer, work, key)

        return await told(tool_context, pass_on)

    async def _created_once(self, new: NewTask, call: str) -> Task:
        """Create; or, when a killed turn runs again and words it differently, what it created before."""
        try:
            return await self._ops.create_task(new, idempotency_key=call)
        except IdempotencyMismatch:
            page = await self._ops.list_tasks(origin=new.origin, limit=50)
            made = next((task for task in page.items if task.context.get("call") == call), None)
            if made is None:
                raise
            log.info("task.found_again", task_id=made.id)
            return made

    async def _cancel(self, work: TurnWork, task: Task, key: str) -> Outcome:
        # A confirmed call may be the second run of a turn that was killed: its key finds what the first did.
        if task.status in _ENDED and not work.approved:
            detail = f"Task {task.number}, “{task.title}”, is {task.status.value} already."
            raise ToolRefused("invalid_transition", detail)
        if not (work.approved or _said_yes_to(work, task)):
            return asks(f"Shall I cancel task {task.number}, “{task.title}” ({_STANDS[task.status]})?")
        cancel = Cancel(reason="The person asked for it.")
        return row_of("task.cancelled", await self._ops.cancel(task.id, cancel, idempotency_key=key))

    async def _answer(self, task: Task, answer: str, work: TurnWork, key: str) -> Outcome:
        if not answer.strip():
            raise ToolRefused("answer_missing", "Give the person's answer.")
        gates = await self._ops.list_gates(status=GateStatus.OPEN, task_id=task.id)
        if not gates:
            raise ToolRefused("no_open_question", f"Task {task.number} has no open question.")
        if gates[0].kind is GateKind.APPROVAL and not says_no(answer):
            raise ToolRefused("button_needed", BUTTON_NEEDED.format(n=task.number))
        given = GateAnswer(answer=answer.strip(), by="the person")
        await self._ops.answer_gate(gates[0].id, given, idempotency_key=key)
        return row_of("gate.answered", await self._ops.get_task(task.id))

    async def _ids(self, numbers: Sequence[int]) -> list[TaskId]:
        return [(await self._ops.find_task(number)).id for number in numbers]


def _first_run(start: str | None, work: TurnWork) -> datetime | None:
    """When a worker may begin. What was said in a call may yet turn out to be half a sentence."""
    now = work.clock()
    settled = now + timedelta(seconds=SETTLES_S) if work.channel in CALLS else None
    wanted = due_at(start, now, end_of_day=False) if start else None
    return max(wanted, settled) if wanted and settled else wanted or settled


def _due(due: str | None, work: TurnWork) -> datetime | UnsetType | None:
    if due is None:
        return UNSET
    return due_at(due, work.clock()) if due else None


def _named(project: Project | None) -> dict[Any, str] | None:
    return {project.id: project.name} if project else None


def _said_yes_to(work: TurnWork, task: Task) -> bool:
    """Whether the chief has just asked about this very task, and the person's words are a yes."""
    asked = f"task {task.number}," in work.asked.casefold() and "?" in work.asked
    # A model that can be talked into things could have asked about anything else.
    return asked and not work.follows_data and says_yes(work.said)
