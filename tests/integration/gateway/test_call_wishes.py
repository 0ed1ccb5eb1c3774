"""Who wanted to be called about a task is called, once, and otherwise reads it."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from redis.asyncio import Redis

from agentops import AgentOpsClient
from agentops.wire import (
    Attention,
    Block,
    Claim,
    ClaimNextRequest,
    Complete,
    Fail,
    GateAnswer,
    NewAgent,
    NewContact,
    Person,
    PreferencesPatch,
    Task,
)
from gateway.notify.notifier import Cursor
from gateway.session import scripts
from gateway.session.call_wishes import CallWish, CallWishes
from gateway.session.memos import RedisMemos
from gateway.session.redis_stream import RedisSessionStream
from gateway.session.turns import Notice
from tests.conformance.hearing import Ear, listening
from tests.integration.gateway.notifying import its_time_has_come, notifying, someone, timers
from tests.integration.gateway.posting import a_task
from tests.waiting import eventually

NUMBER = "+33123456789"
NOW = datetime.now(UTC)


@dataclass
class Telephone:
    """Rings, and is taken or not."""

    taken: bool = True
    called: list[tuple[str, str]] = field(default_factory=list)

    async def call(self, number: str, text: str) -> bool:
        self.called.append((number, text))
        return self.taken


@pytest.fixture(autouse=True)
async def carried(redis: Redis) -> None:
    await redis.sadd(scripts.CARRIED, "telegram")


@pytest.fixture
def wishes(redis: Redis) -> CallWishes:
    return CallWishes(RedisMemos(redis))


async def ada(
    ops: AgentOpsClient, rules: dict[str, Attention] | None = None, quiet: tuple[str, str] | None = None
) -> Person:
    """Somebody with a telephone, who hears of nothing else."""
    person = await someone(ops)
    begin, end = quiet or (None, None)
    wanted = PreferencesPatch(rules=rules or {"*": Attention.OFF}, quiet_from=begin, quiet_to=end)
    await ops.update_preferences(person.id, wanted)
    await ops.add_contact(person.id, NewContact(channel="phone", address=NUMBER, verified=True))
    return person


async def worked_on(ops: AgentOpsClient) -> tuple[Task, Claim]:
    """A task that a worker holds."""
    await ops.register_agent(NewAgent(name="worker"))
    task = await a_task(ops, "Count the words")
    [claim] = await ops.claim_next(ClaimNextRequest(agent="worker"))
    return task, claim


def rung(ear: Ear) -> list[str]:
    return [said.text for _, said in ear.heard if isinstance(said, Notice) and said.ring]


async def wish(wishes: CallWishes, task: Task, person: Person) -> None:
    await wishes.add(task.id, CallWish(person_id=person.id, at=NOW))


async def test_a_task_that_ends_rings_who_asked_for_it_and_nobody_twice(
    ops: AgentOpsClient, stream: RedisSessionStream, redis: Redis, wishes: CallWishes
) -> None:
    person, telephone = await ada(ops), Telephone()
    async with notifying(ops, stream, redis, caller=telephone), listening(stream) as ear:
        task, claim = await worked_on(ops)
        await wish(wishes, task, person)
        before = await Cursor(redis).load()
        await ops.complete(task.id, Complete(epoch=claim.epoch, result={"summary": "There are 7."}))
        await eventually(lambda: telephone.called)
    assert before is not None
    await Cursor(redis).save(before)
    async with notifying(ops, stream, redis, caller=telephone):
        await eventually(lambda: _told_up_to_now(ops, redis))
    assert telephone.called == [
        (NUMBER, "You asked me to call about task 1, Count the words. It is done. There are 7.")
    ]
    assert rung(ear) == []
    assert await wishes.of(task.id) == []
    assert await timers(redis) == {}


async def _told_up_to_now(ops: AgentOpsClient, redis: Redis) -> bool:
    newest = (await ops.list_events(after="0", types=["task.completed"])).events[-1]
    return await Cursor(redis).load() == newest.cursor


async def test_a_failure_is_told_and_who_cannot_be_reached_reads_it(
    ops: AgentOpsClient, stream: RedisSessionStream, redis: Redis, wishes: CallWishes
) -> None:
    person, telephone = await ada(ops), Telephone(taken=False)
    async with notifying(ops, stream, redis, caller=telephone), listening(stream) as ear:
        task, claim = await worked_on(ops)
        await wish(wishes, task, person)
        await ops.fail(task.id, Fail(epoch=claim.epoch, error="No file was given", retryable=False))
        await eventually(lambda: rung(ear))
    assert "It failed. No file was given." in telephone.called[0][1]
    assert rung(ear) == [f"I tried to call you, and could not reach you. {telephone.called[0][1]}"]


@pytest.mark.parametrize(
    ("rules", "told"),
    [
        ({"*": Attention.OFF}, ["You asked me to call about task 1, Count the words. It is done."]),
        ({"*": Attention.RING}, ["Done: Count the words (task 1)."]),
    ],
)
async def test_who_is_on_the_telephone_already_hears_it_there_once(
    ops: AgentOpsClient,
    stream: RedisSessionStream,
    redis: Redis,
    wishes: CallWishes,
    rules: dict[str, Attention],
    told: list[str],
) -> None:
    person, telephone = await ada(ops, rules=rules), Telephone()
    await wishes.begin_talking(person.id, keep_s=60)
    async with notifying(ops, stream, redis, caller=telephone), listening(stream) as ear:
        task, claim = await worked_on(ops)
        await wish(wishes, task, person)
        await ops.complete(task.id, Complete(epoch=claim.epoch, result={}))
        await eventually(lambda: rung(ear))
        await eventually(lambda: _nothing_waits(redis))
    assert rung(ear) == told
    assert telephone.called == []


async def _nothing_waits(redis: Redis) -> bool:
    return await timers(redis) == {}


async def test_a_question_rings_and_the_end_of_the_task_does_again(
    ops: AgentOpsClient, stream: RedisSessionStream, redis: Redis, wishes: CallWishes
) -> None:
    person, telephone = await ada(ops), Telephone()
    async with notifying(ops, stream, redis, caller=telephone):
        task, claim = await worked_on(ops)
        await wish(wishes, task, person)
        await ops.block(task.id, Block(epoch=claim.epoch, question="Which day?"))
        await eventually(lambda: telephone.called)
        [gate] = await ops.list_gates(task_id=task.id)
        await ops.answer_gate(gate.id, GateAnswer(answer="Monday"))
        [claim] = await ops.claim_next(ClaimNextRequest(agent="worker"))
        await ops.complete(task.id, Complete(epoch=claim.epoch, result={}))
        await eventually(lambda: len(telephone.called) == 2)
    assert [text.partition(". ")[2] for _, text in telephone.called] == [
        "It needs you: Which day?",
        "It is done.",
    ]


async def _waits(redis: Redis) -> bool:
    """Whether a call is to come, and nobody works on it now."""
    later = [name for name, due in (await timers(redis)).items() if due > NOW.timestamp() + 60]
    return len(later) == 1 and not await redis.hexists(f"cos:timer:{later[0]}", ":fence")


async def test_in_quiet_hours_a_call_waits_and_comes_after_a_restart(
    ops: AgentOpsClient, stream: RedisSessionStream, redis: Redis, wishes: CallWishes
) -> None:
    there = NOW.astimezone(ZoneInfo("Europe/Paris"))
    begin, end = there - timedelta(hours=3), there + timedelta(hours=3)
    person = await ada(ops, quiet=(f"{begin:%H:%M}", f"{end:%H:%M}"))
    telephone = Telephone()
    async with notifying(ops, stream, redis, caller=telephone):
        task, claim = await worked_on(ops)
        await wish(wishes, task, person)
        await ops.complete(task.id, Complete(epoch=claim.epoch, result={}))
        await eventually(lambda: _waits(redis))
    assert telephone.called == []
    await ops.update_preferences(person.id, PreferencesPatch(quiet_from=None, quiet_to=None))
    await its_time_has_come(redis, "call|")  # while nobody is at it, or it would come twice
    async with notifying(ops, stream, redis, caller=telephone):
        await eventually(lambda: telephone.called)
    assert len(telephone.called) == 1
