"""Who hears of what, when, and how loudly, from a real ledger's events."""

from datetime import UTC, datetime, timedelta
from typing import cast
from zoneinfo import ZoneInfo

import pytest
from redis.asyncio import Redis

from agentops import AgentOpsClient
from agentops.wire import ApprovePairing, Attention, GateAnswer, GateKind, NewPairing, Role
from gateway.session import scripts
from gateway.session.deliveries import deliveries_of
from gateway.session.redis_stream import RedisSessionStream
from gateway.session.turns import Notice
from tests.conformance.hearing import Ear, listening
from tests.conformance.turns import a_turn
from tests.integration.gateway.notifying import asked, its_time_has_come, notifying, someone, timers
from tests.integration.gateway.posting import a_task, work_done
from tests.waiting import eventually

PARIS = ZoneInfo("Europe/Paris")


@pytest.fixture(autouse=True)
async def carried(redis: Redis) -> None:
    await redis.sadd(scripts.CARRIED, "telegram")


def notices(ear: Ear) -> list[Notice]:
    return [said for _, said in ear.heard if isinstance(said, Notice)]


def clock(offset: timedelta) -> str:
    return (datetime.now(PARIS) + offset).strftime("%H:%M")


HOUR = timedelta(hours=1)


async def test_news_go_to_the_persons_first_channel_with_a_link_and_as_loud_as_wanted(
    ops: AgentOpsClient, stream: RedisSessionStream, redis: Redis
) -> None:
    await someone(ops, channels=["phone", "telegram"], rules={"task.*": Attention.RING})
    await stream.append(a_turn(channel="web", address="main"))
    async with notifying(ops, stream, redis, public_url="https://cos.example/"), listening(stream) as ear:
        task = await a_task(ops)
        await work_done(ops, task)
        await eventually(lambda: notices(ear))
    [notice] = notices(ear)
    assert (notice.ring, notice.channel, notice.address) == (True, "telegram", "7")
    assert notice.url == f"https://cos.example/tasks/{task.number}"
    [delivery] = await deliveries_of(redis, notice.id)
    assert (delivery.channel, delivery.address, delivery.state) == ("telegram", "7", "pending")


async def test_what_a_person_switched_off_is_not_told(
    ops: AgentOpsClient, stream: RedisSessionStream, redis: Redis
) -> None:
    await someone(ops, rules={"task.completed": Attention.OFF, "task.*": Attention.SILENT})
    async with notifying(ops, stream, redis), listening(stream) as ear:
        await work_done(ops, await a_task(ops, "not of interest"))
        await asked(ops, "Which day?")
        await eventually(lambda: notices(ear))
    assert [(one.kind, one.ring) for one in notices(ear)] == [("task.blocked", False)]


async def test_quiet_hours_hold_back_until_their_end_and_then_tell_together(
    ops: AgentOpsClient, stream: RedisSessionStream, redis: Redis
) -> None:
    quiet_to = clock(HOUR)
    await someone(ops, quiet_from=clock(-HOUR), quiet_to=quiet_to)
    async with listening(stream) as ear:
        async with notifying(ops, stream, redis):
            await work_done(ops, await a_task(ops, "one"))
            await work_done(ops, await a_task(ops, "two"))
            await eventually(lambda: _count(redis, "pen|quiet|main", 2))
        [until] = [due for name, due in (await timers(redis)).items() if name.startswith("pen|quiet")]
        async with notifying(ops, stream, redis):
            assert notices(ear) == []
            await its_time_has_come(redis, "pen|quiet|main")
            await eventually(lambda: notices(ear))
    end = datetime.fromtimestamp(until, UTC).astimezone(PARIS)
    assert end.strftime("%H:%M:%S") == f"{quiet_to}:00"
    [notice] = notices(ear)
    assert notice.text.startswith("2 done:\n• Done: one")
    assert len((await ops.list_turns("main")).items) == 1


async def _count(redis: Redis, pen: str, wanted: int) -> bool:
    timer = cast("bytes | None", await redis.get(f"cos:pen:{pen}"))
    fields = cast("list[bytes]", await redis.hkeys(f"cos:timer:{timer.decode()}")) if timer else []
    return len([field for field in fields if not field.startswith(b":")]) == wanted


async def test_a_question_rings_through_quiet_hours_when_the_rule_says_ring(
    ops: AgentOpsClient, stream: RedisSessionStream, redis: Redis
) -> None:
    await someone(ops, quiet_from=clock(-HOUR), quiet_to=clock(HOUR))
    async with notifying(ops, stream, redis), listening(stream) as ear:
        task, _ = await asked(ops, "Pay 5?", kind=GateKind.APPROVAL)
        await eventually(lambda: notices(ear))
    [notice] = notices(ear)
    [gate] = await ops.list_gates(task_id=task.id)
    assert (notice.kind, notice.ring, notice.gate_id) == ("gate.opened", True, gate.id)


async def test_a_question_that_was_answered_meanwhile_is_not_told_any_more(
    ops: AgentOpsClient, stream: RedisSessionStream, redis: Redis
) -> None:
    silent = {"task.*": Attention.SILENT}
    await someone(ops, rules=silent, quiet_from=clock(-HOUR), quiet_to=clock(HOUR))
    async with notifying(ops, stream, redis), listening(stream) as ear:
        task, _ = await asked(ops)
        await eventually(lambda: _count(redis, "pen|quiet|main", 1))
        [gate] = await ops.list_gates(task_id=task.id)
        await ops.answer_gate(gate.id, GateAnswer(answer="Monday"))
        await its_time_has_come(redis, "pen|quiet|main")
        await eventually(lambda: _empty(redis))
    assert notices(ear) == []


async def _empty(redis: Redis) -> bool:
    return await timers(redis) == {}


async def test_the_digest_is_told_at_its_time(
    ops: AgentOpsClient, stream: RedisSessionStream, redis: Redis
) -> None:
    await someone(ops, digest_at=clock(HOUR), rules={"task.completed": Attention.DIGEST})
    async with notifying(ops, stream, redis), listening(stream) as ear:
        for number in range(3):
            await work_done(ops, await a_task(ops, f"part {number}"))
        await eventually(lambda: _count(redis, "pen|digest|main", 3))
        await its_time_has_come(redis, "pen|digest|main")
        await eventually(lambda: notices(ear))
    assert [one.text.splitlines()[0] for one in notices(ear)] == ["3 done:"]


async def test_a_burst_is_told_in_a_few_messages_and_nothing_of_it_is_lost(
    ops: AgentOpsClient, stream: RedisSessionStream, redis: Redis
) -> None:
    async with notifying(ops, stream, redis), notifying(ops, stream, redis), listening(stream) as ear:
        for number in range(8):
            await work_done(ops, await a_task(ops, f"piece {number}"))
        await eventually(lambda: _count(redis, "pen|burst|main", 5))
        await its_time_has_come(redis, "pen|burst|main")
        await eventually(lambda: len(notices(ear)) == 4)
    texts = [one.text for one in notices(ear)]
    assert [text.split(" (")[0] for text in texts[:3]] == [f"Done: piece {number}" for number in range(3)]
    assert texts[3].startswith("5 done:")
    assert [f"piece {number}" in texts[3] for number in range(8)] == [False] * 3 + [True] * 5


async def test_a_member_hears_of_their_own_work_in_their_own_session(
    ops: AgentOpsClient, stream: RedisSessionStream, redis: Redis
) -> None:
    await someone(ops)
    bob = await someone(ops, role=Role.MEMBER, name="Bob", telegram="8")
    session = f"person-{bob.id}"
    async with (
        notifying(ops, stream, redis),
        listening(stream) as ours,
        listening(stream, session=session) as theirs,  # type: ignore[arg-type]
    ):
        await work_done(ops, await a_task(ops, "for Bob", origin=session))
        await eventually(lambda: notices(theirs))
    [notice] = notices(theirs)
    assert (notice.channel, notice.address) == ("telegram", "8")
    assert notices(ours) == []


async def test_whoever_was_let_in_is_told_to_the_owner(
    ops: AgentOpsClient, stream: RedisSessionStream, redis: Redis
) -> None:
    await someone(ops)
    async with notifying(ops, stream, redis), listening(stream) as ear:
        pairing = await ops.create_pairing(NewPairing(channel="telegram", address="9", display_name="Eve"))
        await ops.approve_pairing(ApprovePairing(code=pairing.code))
        await eventually(lambda: notices(ear))
    assert [one.text for one in notices(ear)] == ["Eve was let in, by telegram."]


async def test_the_brief_comes_at_its_hour_once_and_moves_with_the_preference(
    ops: AgentOpsClient, stream: RedisSessionStream, redis: Redis
) -> None:
    ada = await someone(ops, brief_at=clock(HOUR))
    await a_task(ops, "Paint the fence")
    async with notifying(ops, stream, redis), listening(stream) as ear:
        planned = await eventually(lambda: timers(redis))
        await its_time_has_come(redis, f"brief|{ada.id}")
        await eventually(lambda: notices(ear))
        await eventually(lambda: _planned_ahead(redis, f"brief|{ada.id}"))
        await its_time_has_come(redis, f"brief|{ada.id}")
        await eventually(lambda: _planned_ahead(redis, f"brief|{ada.id}"))
    assert f"brief|{ada.id}" in planned
    [brief] = notices(ear)
    assert brief.kind == "brief"
    assert brief.text.startswith("Brief for ")
    assert "Waiting to start: 1\n• Paint the fence (task 1)" in brief.text


async def _planned_ahead(redis: Redis, timer: str) -> bool:
    due = (await timers(redis)).get(timer, 0)
    return due > datetime.now(UTC).timestamp() + 60


async def test_a_brief_on_demand_is_for_whoever_asks(
    ops: AgentOpsClient, stream: RedisSessionStream, redis: Redis
) -> None:
    await asked(ops)
    async with notifying(ops, stream, redis) as notify:
        assert "Waits for you: 1\n• Book a room (task 1)" in await notify.brief("main")  # type: ignore[arg-type]
        assert "Nothing is open" in await notify.brief("guest-1")  # type: ignore[arg-type]
