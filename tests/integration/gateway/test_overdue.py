"""Work whose date has passed, told by a real ledger's tasks."""

from datetime import UTC, datetime, timedelta

from redis.asyncio import Redis

from agentops import AgentOpsClient
from agentops.wire import Attention, NewTask, TaskPatch
from gateway.session.redis_stream import RedisSessionStream
from gateway.session.turns import Notice
from tests.conformance.hearing import listening
from tests.integration.gateway.notifying import notifying, someone
from tests.waiting import eventually


def ago(**of: float) -> datetime:
    return datetime.now(UTC) - timedelta(**of)


async def late(ops: AgentOpsClient, title: str, due_at: datetime) -> None:
    await ops.create_task(NewTask(title=title, origin="main", due_at=due_at))


async def test_late_work_is_told_once_and_silently_and_again_when_it_was_put_off(
    ops: AgentOpsClient, stream: RedisSessionStream, redis: Redis
) -> None:
    await late(ops, "Pay the rent", ago(hours=2))
    await late(ops, "Long ago", ago(days=9))
    await late(ops, "Not yet", ago(hours=-2))
    async with listening(stream) as ear:
        async with notifying(ops, stream, redis):
            await eventually(lambda: ear.durable)
        [task] = [one for one in (await ops.list_tasks()).items if one.title == "Pay the rent"]
        async with notifying(ops, stream, redis) as notify:
            await notify._overdue.look()
            await ops.update_task(task.id, TaskPatch(due_at=ago(hours=1)))
            await notify._overdue.look()
            await eventually(lambda: len(ear.durable) == 2)
    notices = [said for _, said in ear.heard if isinstance(said, Notice)]
    assert [one.ring for one in notices] == [False, False]
    assert notices[0].text == f"Task {task.number} “Pay the rent” is late: nobody has begun it yet."


async def test_who_wants_to_hear_of_no_task_hears_of_no_late_one(
    ops: AgentOpsClient, stream: RedisSessionStream, redis: Redis
) -> None:
    await someone(ops, rules={"task.*": Attention.OFF})
    await late(ops, "Pay the rent", ago(hours=2))
    async with notifying(ops, stream, redis) as notify, listening(stream) as ear:
        await notify._overdue.look()
        assert not ear.durable
