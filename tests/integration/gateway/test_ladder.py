"""What waits for an answer is asked again, louder each time, until somebody answers."""

from dataclasses import dataclass, field

import pytest
from redis.asyncio import Redis

from agentops import AgentOpsClient
from agentops.wire import Attention, GateAnswer, NewContact
from gateway.session import scripts
from gateway.session.receipts import receipts_of
from gateway.session.redis_stream import RedisSessionStream
from gateway.session.turns import Notice
from tests.conformance.hearing import Ear, listening
from tests.integration.gateway.notifying import asked, its_time_has_come, notifying, someone, timers
from tests.waiting import eventually


@pytest.fixture(autouse=True)
async def carried(redis: Redis) -> None:
    await redis.sadd(scripts.CARRIED, "telegram")


@dataclass
class Telephone:
    """Nobody takes the call."""

    called: list[tuple[str, str]] = field(default_factory=list)

    async def call(self, number: str, text: str) -> bool:
        self.called.append((number, text))
        return False


def told(ear: Ear) -> list[tuple[str | None, bool]]:
    return [(said.address, said.ring) for _, said in ear.heard if isinstance(said, Notice)]


async def steps(redis: Redis, gate_id: str) -> list[str]:
    return [one.step for one in await receipts_of(redis, gate_id)]


SILENT = {"task.*": Attention.SILENT}


async def test_an_unanswered_question_climbs_from_silent_to_the_next_person(
    ops: AgentOpsClient, stream: RedisSessionStream, redis: Redis
) -> None:
    ada = await someone(ops, rules=SILENT, escalate_after_s=600)
    await ops.add_contact(ada.id, NewContact(channel="phone", address="+33123456789", verified=True))
    await someone(ops, name="Bea", telegram="8")
    telephone = Telephone()
    async with notifying(ops, stream, redis, caller=telephone), listening(stream) as ear:
        task, _ = await asked(ops)
        await eventually(lambda: told(ear) == [("7", False)])
        [gate] = await ops.list_gates(task_id=task.id)
        name = f"ladder|{gate.id}"
        await its_time_has_come(redis, name)
        await eventually(lambda: told(ear) == [("7", False), ("7", True)])
        await eventually(lambda: _waits_again(redis, name))
        await its_time_has_come(redis, name)
        await eventually(lambda: telephone.called)
        await eventually(lambda: _waits_again(redis, name))
        await its_time_has_come(redis, name)
        await eventually(lambda: told(ear) == [("7", False), ("7", True), ("8", True)])
        await eventually(lambda: _over(redis))
    assert telephone.called[0][0] == "+33123456789"
    receipts = await receipts_of(redis, gate.id)
    assert [(one.step, one.outcome) for one in receipts] == [
        ("silent", "told"),
        ("ring", "told"),
        ("call", "not taken"),
        ("next_person", "told"),
    ]


async def _waits_again(redis: Redis, name: str) -> bool:
    waiting = (await timers(redis)).get(name, 0)
    return waiting > 1 and not await redis.hexists(f"cos:timer:{name}", ":fence")


async def _over(redis: Redis) -> bool:
    return await timers(redis) == {}


async def test_an_answer_ends_the_escalation_at_once(
    ops: AgentOpsClient, stream: RedisSessionStream, redis: Redis
) -> None:
    await someone(ops, escalate_after_s=600)
    async with notifying(ops, stream, redis), listening(stream) as ear:
        task, _ = await asked(ops)
        [gate] = await ops.list_gates(task_id=task.id)
        await eventually(lambda: timers(redis))
        await ops.answer_gate(gate.id, GateAnswer(answer="Monday"))
        await eventually(lambda: _over(redis))
    assert told(ear) == [("7", True)]
    assert await steps(redis, gate.id) == ["ring", "answered"]


async def test_an_answer_that_nobody_heard_of_stops_the_next_step_all_the_same(
    ops: AgentOpsClient, stream: RedisSessionStream, redis: Redis
) -> None:
    await someone(ops, rules=SILENT, escalate_after_s=600)
    async with listening(stream) as ear:
        async with notifying(ops, stream, redis):
            task, _ = await asked(ops)
            await eventually(lambda: timers(redis))
        [gate] = await ops.list_gates(task_id=task.id)
        await ops.answer_gate(gate.id, GateAnswer(answer="Monday"))
        await its_time_has_come(redis, f"ladder|{gate.id}")
        async with notifying(ops, stream, redis):
            await eventually(lambda: _over(redis))
    assert told(ear) == [("7", False)]


async def test_without_a_time_nothing_is_asked_twice(
    ops: AgentOpsClient, stream: RedisSessionStream, redis: Redis
) -> None:
    await someone(ops)
    async with notifying(ops, stream, redis), listening(stream) as ear:
        await asked(ops)
        await eventually(lambda: told(ear))
    assert await timers(redis) == {}


async def test_without_a_telephone_the_next_person_is_asked_at_once(
    ops: AgentOpsClient, stream: RedisSessionStream, redis: Redis
) -> None:
    await someone(ops, escalate_after_s=600)
    await someone(ops, name="Bea", telegram="8")
    async with notifying(ops, stream, redis), listening(stream) as ear:
        task, _ = await asked(ops)
        await eventually(lambda: told(ear) == [("7", True)])
        [gate] = await ops.list_gates(task_id=task.id)
        await its_time_has_come(redis, f"ladder|{gate.id}")
        await eventually(lambda: told(ear) == [("7", True), ("8", True)])
        await eventually(lambda: _over(redis))
    assert await steps(redis, gate.id) == ["ring", "call", "next_person"]
