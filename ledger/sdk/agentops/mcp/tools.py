"""What an agent can ask of the ledger: one table of tools, each a wire type in and a wire type out."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import msgspec

from agentops.client import AgentOpsClient
from agentops.mcp.asks import (
    MAX_TEXT_BYTES,
    AnswerGate,
    AskPerson,
    CancelTask,
    ClaimTasks,
    CompleteTask,
    FailTask,
    ListEvents,
    ListGates,
    ListTasks,
    Nothing,
    OneArtifact,
    OneTask,
    Progress,
    ReleaseTask,
    StoreFile,
)
from agentops.wire import (
    Block,
    Cancel,
    ClaimNextRequest,
    Complete,
    Fail,
    GateAnswer,
    Heartbeat,
    NewProject,
    NewTask,
    Release,
    Request,
    Retry,
    Scope,
    TaskId,
)

READERS = frozenset({Scope.READER, Scope.AGENT, Scope.ADMIN})
WORKERS = frozenset({Scope.AGENT, Scope.ADMIN})
OWNERS = frozenset({Scope.ADMIN})

In = TypeVar("In", bound=Request)


@dataclass(frozen=True, slots=True)
class Tool(Generic[In]):
    """One tool: `kind` is what it takes, `run` what it does."""

    name: str
    about: str
    kind: type[In]
    run: Callable[[AgentOpsClient, In], Awaitable[object]]
    scopes: frozenset[Scope] = READERS

    @property
    def schema(self) -> dict[str, Any]:
        """JSON Schema of the arguments, with `type: object` at its root as MCP wants it."""
        _, parts = msgspec.json.schema_components((self.kind,), ref_template="#/$defs/{name}")
        root = parts.pop(self.kind.__name__)
        return {**root, "additionalProperties": False, **({"$defs": parts} if parts else {})}

    async def call(self, ops: AgentOpsClient, arguments: dict[str, Any]) -> object:
        """Run it.

        Raises:
            msgspec.ValidationError: The arguments do not fit.
            AgentOpsError: The ledger refuses.
        """
        return await self.run(ops, msgspec.convert(arguments, self.kind))


async def _id(ops: AgentOpsClient, task: str) -> TaskId:
    number = task.strip().lstrip("#")
    return (await ops.find_task(int(number))).id if number.isdecimal() else TaskId(task)


async def _list_tasks(ops: AgentOpsClient, wish: ListTasks) -> object:
    return await ops.list_tasks(
        status=wish.status, project_id=wish.project_id, priority=wish.priority,
        assigned_to=wish.assigned_to, q=wish.q, limit=wish.limit, cursor=wish.cursor,
    )  # fmt: skip


async def _get_task(ops: AgentOpsClient, wish: OneTask) -> object:
    task = await ops.get_task(await _id(ops, wish.task))
    return {
        "task": task,
        "artifacts": await ops.list_artifacts(task.id),
        "gates": await ops.list_gates(task_id=task.id),
        "attempts": await ops.list_attempts(task.id),
    }


async def _read_artifact(ops: AgentOpsClient, wish: OneArtifact) -> object:
    artifact = await ops.get_artifact(wish.artifact_id)
    content = await ops.download(artifact.id, max_bytes=MAX_TEXT_BYTES)
    return {"artifact": artifact, "text": content.decode(errors="replace")}


async def _list_gates(ops: AgentOpsClient, wish: ListGates) -> object:
    task_id = None if wish.task is None else await _id(ops, wish.task)
    return {"gates": await ops.list_gates(status=wish.status, task_id=task_id)}


async def _list_events(ops: AgentOpsClient, wish: ListEvents) -> object:
    task_id = None if wish.task is None else await _id(ops, wish.task)
    return await ops.list_events(after=wish.after, types=wish.types, task_id=task_id, limit=wish.limit)


async def _list_projects(ops: AgentOpsClient, _: Nothing) -> object:
    return {"projects": await ops.list_projects()}


async def _stats(ops: AgentOpsClient, _: Nothing) -> object:
    return await ops.stats()


async def _create_task(ops: AgentOpsClient, new: NewTask) -> object:
    return await ops.create_task(new)


async def _create_project(ops: AgentOpsClient, new: NewProject) -> object:
    return await ops.create_project(new)


async def _cancel_task(ops: AgentOpsClient, wish: CancelTask) -> object:
    return await ops.cancel(await _id(ops, wish.task), Cancel(reason=wish.reason))


async def _retry_task(ops: AgentOpsClient, wish: CancelTask) -> object:
    return await ops.retry(await _id(ops, wish.task), Retry(reason=wish.reason))


async def _answer_gate(ops: AgentOpsClient, wish: AnswerGate) -> object:
    return await ops.answer_gate(wish.gate_id, GateAnswer(answer=wish.answer))


async def _claim_tasks(ops: AgentOpsClient, wish: ClaimTasks) -> object:
    request = ClaimNextRequest(
        agent=wish.agent, n=wish.n, capabilities=wish.capabilities, lease_s=wish.lease_s
    )
    return {"claims": await ops.claim_next(request)}


async def _progress(ops: AgentOpsClient, wish: Progress) -> object:
    beat = Heartbeat(epoch=wish.epoch, lease_s=wish.lease_s, progress=wish.progress, note=wish.note)
    return await ops.heartbeat(await _id(ops, wish.task), beat)


async def _complete_task(ops: AgentOpsClient, wish: CompleteTask) -> object:
    result = {**wish.details, "summary": wish.summary}
    return await ops.complete(await _id(ops, wish.task), Complete(epoch=wish.epoch, result=result))


async def _fail_task(ops: AgentOpsClient, wish: FailTask) -> object:
    body = Fail(epoch=wish.epoch, error=wish.error, retryable=wish.retryable)
    return await ops.fail(await _id(ops, wish.task), body)


async def _ask_person(ops: AgentOpsClient, wish: AskPerson) -> object:
    body = Block(epoch=wish.epoch, question=wish.question, options=wish.options)
    return await ops.block(await _id(ops, wish.task), body)


async def _release_task(ops: AgentOpsClient, wish: ReleaseTask) -> object:
    return await ops.release(await _id(ops, wish.task), Release(epoch=wish.epoch, reason=wish.reason))


async def _store_file(ops: AgentOpsClient, wish: StoreFile) -> object:
    task_id = await _id(ops, wish.task)
    return await ops.upload(
        wish.name, wish.text.encode(), media_type=wish.media_type, task_id=task_id, epoch=wish.epoch,
        kind="output",
    )  # fmt: skip


TOOLS: tuple[Tool[Any], ...] = (
    Tool("list_tasks", "Find tasks, newest first.", ListTasks, _list_tasks),
    Tool("get_task", "One task with its files, questions and attempts.", OneTask, _get_task),
    Tool("read_artifact", "A file's content as text, up to 200 kB.", OneArtifact, _read_artifact),
    Tool("list_gates", "Questions and approvals that tasks wait for.", ListGates, _list_gates),
    Tool("list_events", "What has happened, oldest first, behind a cursor.", ListEvents, _list_events),
    Tool("list_projects", "All projects, with the number of tasks by status.", Nothing, _list_projects),
    Tool("get_stats", "How many tasks stand where.", Nothing, _stats),
    Tool("create_task", "Ask for a piece of work; a worker will claim it.", NewTask, _create_task, OWNERS),
    Tool("create_project", "Make a project for tasks to belong to.", NewProject, _create_project, OWNERS),
    Tool("cancel_task", "A task is not wanted any more.", CancelTask, _cancel_task, OWNERS),
    Tool("retry_task", "Put a failed task back.", CancelTask, _retry_task, OWNERS),
    Tool("answer_gate", "Answer a question in the person's name, once.", AnswerGate, _answer_gate, OWNERS),
    Tool(
        "claim_tasks",
        "Take the most urgent tasks to work on them yourself.",
        ClaimTasks,
        _claim_tasks,
        WORKERS,
    ),
    Tool(
        "report_progress", "Say how far a task is that you hold, and keep it.", Progress, _progress, WORKERS
    ),
    Tool(
        "store_file",
        "Store a text file as an output of a task that you hold.",
        StoreFile,
        _store_file,
        WORKERS,
    ),
    Tool("complete_task", "Finish a task that you hold.", CompleteTask, _complete_task, WORKERS),
    Tool("fail_task", "Say that a task that you hold cannot be done.", FailTask, _fail_task, WORKERS),
    Tool(
        "ask_person",
        "Ask about a task that you hold, and give it back until answered.",
        AskPerson,
        _ask_person,
        WORKERS,
    ),
    Tool("release_task", "Give a task back undone.", ReleaseTask, _release_task, WORKERS),
)
BY_NAME = {tool.name: tool for tool in TOOLS}
