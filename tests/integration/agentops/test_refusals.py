"""What the real ledger refuses arrives as the right class, and changes nothing."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from agentops import AgentOpsClient, errors
from agentops.wire import (
    AgentHeartbeat,
    ArtifactId,
    ClaimRequest,
    Complete,
    GateAnswer,
    GateId,
    NewKey,
    NewProject,
    NewTask,
    ProjectId,
    Scope,
    TaskId,
    TaskPatch,
    TaskStatus,
)

NOBODY = "00000000-0000-4000-8000-000000000000"
Call = Callable[[AgentOpsClient], Awaitable[Any]]


WRONG: dict[str, tuple[Call, type[errors.AgentOpsError]]] = {
    "an unknown task": (lambda ops: ops.get_task(TaskId(NOBODY)), errors.TaskNotFound),
    "a task id that is none": (lambda ops: ops.get_task(TaskId("no-uuid")), errors.TaskNotFound),
    "work on an unknown task": (
        lambda ops: ops.complete(TaskId(NOBODY), Complete(epoch=1)),
        errors.TaskNotFound,
    ),
    "an unknown number": (lambda ops: ops.find_task(4_711), errors.TaskNotFound),
    "an unknown project": (lambda ops: ops.get_project(ProjectId(NOBODY)), errors.ProjectNotFound),
    "deleting an unknown project": (
        lambda ops: ops.delete_project(ProjectId(NOBODY)),
        errors.ProjectNotFound,
    ),
    "a task of an unknown project": (
        lambda ops: ops.create_task(NewTask(title="x", project_id=ProjectId(NOBODY))),
        errors.ValidationFailed,
    ),
    "an unknown gate": (lambda ops: ops.get_gate(GateId(NOBODY)), errors.GateNotFound),
    "an answer to an unknown gate": (
        lambda ops: ops.answer_gate(GateId(NOBODY), GateAnswer(answer="x")),
        errors.GateNotFound,
    ),
    "an unknown agent": (lambda ops: ops.get_agent("nobody"), errors.AgentNotFound),
    "removing an unknown agent": (lambda ops: ops.remove_agent("nobody"), errors.AgentNotFound),
    "a heartbeat of an unknown agent": (
        lambda ops: ops.agent_heartbeat("nobody", AgentHeartbeat()),
        errors.AgentNotFound,
    ),
    "an unknown file": (lambda ops: ops.get_artifact(ArtifactId(NOBODY)), errors.ArtifactNotFound),
    "an unknown file's content": (lambda ops: ops.download(ArtifactId(NOBODY)), errors.ArtifactNotFound),
    "a file over the limit": (
        lambda ops: ops.upload("x", b"x" * 1_100_000, media_type="text/plain"),
        errors.TooLarge,
    ),
    "a stream over the limit": (
        lambda ops: ops.upload("x", three_megabytes(), media_type="text/plain"),
        errors.TooLarge,
    ),
    "no title": (lambda ops: ops.create_task(NewTask(title="")), errors.ValidationFailed),
    "a long title": (lambda ops: ops.create_task(NewTask(title="x" * 201)), errors.ValidationFailed),
    "a NUL": (lambda ops: ops.create_project(NewProject(name="nul \x00")), errors.ValidationFailed),
    "a large page": (lambda ops: ops.list_tasks(limit=100_000), errors.ValidationFailed),
    "a made-up cursor": (lambda ops: ops.list_events(after="nonsense"), errors.ValidationFailed),
    "a made-up cursor of a subscription": (
        lambda ops: anext(ops.subscribe(after="nonsense")),
        errors.ValidationFailed,
    ),
}


async def three_megabytes() -> AsyncIterator[bytes]:
    """More than the test's ledger takes, and without telling so beforehand."""
    for _ in range(30):
        yield b"x" * 100_000


async def test_a_wrong_request_is_refused_by_class(ops: AgentOpsClient, subtests: pytest.Subtests) -> None:
    for what, (call, cls) in WRONG.items():
        with subtests.test(what), pytest.raises(cls) as caught:
            async with asyncio.timeout(20):
                await call(ops)
        assert caught.value.detail
    assert (await ops.list_tasks()).items == []
    assert await ops.list_projects() == []


async def test_an_old_version_is_a_conflict_that_shows_the_present(ops: AgentOpsClient) -> None:
    task = await ops.create_task(NewTask(title="first"))
    now = await ops.update_task(task.id, TaskPatch(title="second", version=task.version))
    with pytest.raises(errors.VersionConflict) as caught:
        await ops.update_task(task.id, TaskPatch(title="third", version=task.version))
    assert caught.value.current is not None
    assert caught.value.current["version"] == now.version
    with pytest.raises(errors.VersionConflict):
        await ops.claim(task.id, ClaimRequest(agent="seed-1", version=task.version))
    assert (await ops.get_task(task.id)).title == "second"


async def test_a_worker_that_lost_its_lease_cannot_finish(ops: AgentOpsClient) -> None:
    task = await ops.create_task(NewTask(title="x"))
    claim = await ops.claim(task.id, ClaimRequest(agent="seed-1", version=task.version))
    with pytest.raises(errors.ClaimLost):
        await ops.complete(task.id, Complete(epoch=claim.epoch + 1))
    assert (await ops.get_task(task.id)).status is TaskStatus.IN_PROGRESS


async def test_an_action_that_the_status_forbids_is_refused(ops: AgentOpsClient) -> None:
    task = await ops.create_task(NewTask(title="x"))
    with pytest.raises(errors.InvalidTransition):
        await ops.retry(task.id)


async def test_a_key_reaches_as_far_as_its_scope(ledger_url: str, reader_key: str, agent_key: str) -> None:
    for secret in (reader_key, agent_key):
        async with AgentOpsClient(ledger_url, secret) as limited:
            assert (await limited.list_tasks()).items == []
            with pytest.raises(errors.Forbidden):
                await limited.create_key(NewKey(name="more", scope=Scope.ADMIN))
    async with AgentOpsClient(ledger_url, "cos_never_issued") as stranger:
        with pytest.raises(errors.Unauthenticated):
            await stranger.list_tasks()
        with pytest.raises(errors.Unauthenticated):
            await anext(stranger.subscribe())


async def test_a_repeated_key_gives_the_first_answer_and_refuses_another_request(ops: AgentOpsClient) -> None:
    first = await ops.create_task(NewTask(title="once"), idempotency_key="turn-1")
    assert await ops.create_task(NewTask(title="once"), idempotency_key="turn-1") == first
    with pytest.raises(errors.IdempotencyMismatch):
        await ops.create_task(NewTask(title="other"), idempotency_key="turn-1")
    assert len((await ops.list_tasks()).items) == 1
