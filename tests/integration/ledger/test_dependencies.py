"""What a task waits for, changed afterwards."""

import asyncio
from itertools import pairwise

import pytest

from agentops import AgentOpsClient, errors
from agentops.wire import Cancel, ClaimNextRequest, Complete, NewTask, Task, TaskId, TaskPatch


async def _tasks(ops: AgentOpsClient, count: int) -> list[Task]:
    return [await ops.create_task(NewTask(title=f"t{n}")) for n in range(count)]


def _waits(*tasks: Task) -> TaskPatch:
    return TaskPatch(depends_on=[task.id for task in tasks])


async def test_dependencies_are_replaced_and_obeyed(ops: AgentOpsClient) -> None:
    a, b, c = await _tasks(ops, 3)
    changed = await ops.update_task(c.id, _waits(b, a, b))
    assert (changed.depends_on, changed.version) == ([b.id, a.id], 2)
    await ops.update_task(a.id, _waits(b))
    claims = await ops.claim_next(ClaimNextRequest(agent="s", n=9))
    assert [claim.task.title for claim in claims] == ["t1"]
    await ops.complete(b.id, Complete(epoch=1))
    freed = await ops.update_task(c.id, TaskPatch(depends_on=[], title="free"))
    assert (freed.depends_on, freed.title) == ([], "free")
    claims = await ops.claim_next(ClaimNextRequest(agent="s", n=9))
    assert sorted(claim.task.title for claim in claims) == ["free", "t0"]


async def test_a_circle_is_refused_and_nothing_changes(ops: AgentOpsClient) -> None:
    a, b, c = await _tasks(ops, 3)
    await ops.update_task(b.id, _waits(a))
    await ops.update_task(c.id, _waits(b))
    for task, wish in ((a, _waits(c)), (a, _waits(a)), (b, _waits(a, c))):
        with pytest.raises(errors.DependencyCycle) as refused:
            await ops.update_task(task.id, wish)
        assert refused.value.current is not None
        assert refused.value.current["id"] == task.id
    assert (await ops.get_task(a.id)).version == 1
    assert (await ops.get_task(b.id)).depends_on == [a.id]


async def test_what_does_not_exist_or_has_ended_cannot_be_waited_with(ops: AgentOpsClient) -> None:
    a, b = await _tasks(ops, 2)
    unknown = TaskId("00000000-0000-0000-0000-000000000000")
    with pytest.raises(errors.ValidationFailed):
        await ops.update_task(a.id, TaskPatch(depends_on=[unknown]))
    with pytest.raises(errors.ValidationFailed):
        await ops.update_task(a.id, TaskPatch(depends_on=[TaskId("x")]))
    with pytest.raises(errors.TaskNotFound):
        await ops.update_task(unknown, _waits(a))
    with pytest.raises(errors.VersionConflict):
        await ops.update_task(a.id, TaskPatch(depends_on=[b.id], version=7))
    await ops.cancel(a.id, Cancel())
    with pytest.raises(errors.InvalidTransition):
        await ops.update_task(a.id, _waits(b))
    assert (await ops.get_task(a.id)).depends_on == []


async def test_of_edits_that_together_close_a_circle_one_is_refused(ops: AgentOpsClient) -> None:
    async def wait(task: Task, other: Task) -> str:
        try:
            await ops.update_task(task.id, _waits(other))
        except errors.DependencyCycle:
            return "refused"
        return "done"

    for size in (2, 2, 2, 3, 5, 8):
        ring = await _tasks(ops, size)
        edges = [*pairwise(ring), (ring[-1], ring[0])]
        answers = await asyncio.gather(*(wait(task, other) for task, other in edges))
        assert answers.count("refused") == 1
