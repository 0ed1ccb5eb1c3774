"""A ledger in memory, brought into the state that a conversation begins with."""

import mimetypes

from agentops import AgentOpsClient
from agentops.testing import FakeLedger
from agentops.wire import (
    Block,
    Cancel,
    Claim,
    ClaimRequest,
    Complete,
    Fail,
    GateKind,
    Heartbeat,
    NewAgent,
    NewProject,
    NewTask,
    Priority,
    Project,
    Task,
)
from ops.evals.conversations import World, WorldTask

_WORKER = "seed-1"


async def begin(world: World) -> FakeLedger:
    """A fresh ledger in the state of `world`."""
    ledger = FakeLedger(now=lambda: world.now)
    async with ledger.client() as ops:
        projects = {name: await ops.create_project(NewProject(name=name)) for name in world.projects}
        for name in {*world.agents, _WORKER} if world.tasks else world.agents:
            await ops.register_agent(NewAgent(name=name))
        for task in world.tasks:
            await _add(ops, task, projects)
    return ledger


async def _add(ops: AgentOpsClient, wanted: WorldTask, projects: dict[str, Project]) -> None:
    task = await ops.create_task(
        NewTask(
            title=wanted.title,
            priority=Priority(wanted.priority),
            project_id=projects[wanted.project].id if wanted.project else None,
            due_at=wanted.due,
            max_attempts=1,
        )
    )
    if wanted.status == "cancelled":
        await ops.cancel(task.id, Cancel())
    elif wanted.status != "pending":
        await _work(ops, wanted, task)


async def _work(ops: AgentOpsClient, wanted: WorldTask, task: Task) -> None:
    claim: Claim = await ops.claim(task.id, ClaimRequest(agent=_WORKER, version=task.version, lease_s=3600))
    if wanted.status == "completed":
        for name, text in wanted.files.items():
            await ops.upload(
                name,
                text.encode(),
                media_type=_type_of(name),
                task_id=task.id,
                epoch=claim.epoch,
                kind="output",
            )
        await ops.complete(task.id, Complete(epoch=claim.epoch, result={"summary": wanted.summary}))
    elif wanted.status == "failed":
        await ops.fail(task.id, Fail(epoch=claim.epoch, error=wanted.error, retryable=False))
    elif wanted.status == "blocked":
        kind = GateKind.APPROVAL if wanted.approval else GateKind.QUESTION
        question = wanted.question or "How shall I go on?"
        block = Block(epoch=claim.epoch, question=question, kind=kind, options=wanted.options)
        await ops.block(task.id, block)
    elif wanted.progress is not None:
        await ops.heartbeat(task.id, Heartbeat(epoch=claim.epoch, progress=wanted.progress, lease_s=3600))


def _type_of(name: str) -> str:
    return mimetypes.guess_type(name)[0] or "text/plain"
