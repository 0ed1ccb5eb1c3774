"""Notices from a real ledger's events."""

import asyncio

from redis.asyncio import Redis

from agentops import AgentOpsClient
from agentops.wire import Block, ClaimNextRequest, Complete, Fail, NewAgent
from gateway.session.names import Position
from gateway.session.redis_stream import RedisSessionStream
from gateway.session.turns import Notice
from tests.conformance.hearing import listening
from tests.integration.gateway.notifying import notifying
from tests.integration.gateway.posting import a_task, work_done
from tests.waiting import eventually

BEGINNING = Position("0-0")


async def test_a_completed_task_is_told_with_its_picture_first_and_recorded(
    ops: AgentOpsClient, stream: RedisSessionStream, redis: Redis
) -> None:
    async with notifying(ops, stream, redis), listening(stream) as ear:
        task = await a_task(ops)
        await ops.register_agent(NewAgent(name="worker"))
        [claim] = await ops.claim_next(ClaimNextRequest(agent="worker"))
        made = [
            await ops.upload(name, b"x", media_type=kind, task_id=task.id, epoch=claim.epoch, kind="output")
            for name, kind in (("report.md", "text/markdown"), ("chart.png", "image/png"))
        ]
        result = {"summary": "3 columns, 10 rows", "artifacts": [one.id for one in made]}
        began = asyncio.get_running_loop().time()
        await ops.complete(task.id, Complete(epoch=claim.epoch, result=result))
        await eventually(lambda: ear.durable, every_s=0.002)
        told_in_s = asyncio.get_running_loop().time() - began
        [record] = (await ops.list_turns("main")).items
    notice = ear.heard[0][1]
    assert isinstance(notice, Notice)
    assert notice.text == f"Done: Analyse sales.csv (task {task.number}). 3 columns, 10 rows."
    assert [one.name for one in notice.attachments] == ["chart.png", "report.md"]
    assert (notice.kind, notice.task_id) == ("task.completed", task.id)
    assert (record.id, record.role, record.text, record.task_id) == (
        notice.id,
        "notice",
        notice.text,
        task.id,
    )
    assert [one.name for one in record.attachments] == ["chart.png", "report.md"]
    print(f"told in {told_in_s * 1000:.0f} ms")  # noqa: T201
    assert told_in_s < 1


async def test_a_blocked_task_asks_and_a_failed_one_says_why(
    ops: AgentOpsClient, stream: RedisSessionStream, redis: Redis
) -> None:
    await ops.register_agent(NewAgent(name="worker"))
    async with notifying(ops, stream, redis), listening(stream) as ear:
        blocked = await a_task(ops, "Book a room")
        [claim] = await ops.claim_next(ClaimNextRequest(agent="worker"))
        await ops.block(blocked.id, Block(epoch=claim.epoch, question="Which day?"))
        failed = await a_task(ops, "Analyse broken.csv")
        [claim] = await ops.claim_next(ClaimNextRequest(agent="worker"))
        error = "line 3 has 5 fields, not 4"
        await ops.fail(failed.id, Fail(epoch=claim.epoch, error=error, retryable=False))
        await eventually(lambda: len(ear.durable) == 2)
    asked, regretted = ear.durable
    assert asked == f"Task {blocked.number} “Book a room” needs you: Which day?"
    assert regretted.startswith(f"Task {failed.number} “Analyse broken.csv” failed: {error}. Put right ")


async def test_what_happened_while_no_notifier_ran_is_told_at_the_next_start_once(
    ops: AgentOpsClient, stream: RedisSessionStream, redis: Redis
) -> None:
    async with notifying(ops, stream, redis):
        pass
    await work_done(ops, await a_task(ops, "while away"))
    async with notifying(ops, stream, redis), listening(stream, after=BEGINNING) as ear:
        await eventually(lambda: ear.durable)
    async with notifying(ops, stream, redis), notifying(ops, stream, redis):
        await work_done(ops, await a_task(ops, "two notifiers"))
        async with listening(stream, after=BEGINNING) as ear:
            await eventually(lambda: len(ear.durable) == 2)
    assert [text.split(" (")[0] for text in ear.durable] == ["Done: while away", "Done: two notifiers"]
    assert len((await ops.list_turns("main")).items) == 2


async def test_after_the_loss_of_redis_old_events_are_not_told_again(
    ops: AgentOpsClient, stream: RedisSessionStream, redis: Redis
) -> None:
    await work_done(ops, await a_task(ops, "long ago"))
    async with notifying(ops, stream, redis), listening(stream, after=BEGINNING) as ear:
        await work_done(ops, await a_task(ops, "just now"))
        await eventually(lambda: ear.durable)
    assert [text.split(" (")[0] for text in ear.durable] == ["Done: just now"]


async def test_a_task_that_no_session_asked_for_is_nobodys_notice(
    ops: AgentOpsClient, stream: RedisSessionStream, redis: Redis
) -> None:
    async with notifying(ops, stream, redis), listening(stream) as ear:
        await work_done(ops, await a_task(ops, "from elsewhere", origin=None))
        await work_done(ops, await a_task(ops, "odd origin", origin="no session!"))
        await work_done(ops, await a_task(ops, "ours"))
        await eventually(lambda: ear.durable)
    assert [text.split(" (")[0] for text in ear.durable] == ["Done: ours"]
