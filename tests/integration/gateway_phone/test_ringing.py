"""Calls that we place, over Twilio's API on this machine."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import cast

import pytest
from redis.asyncio import Redis

from agentops import AgentOpsClient
from agentops.wire import (
    Attention,
    ClaimNextRequest,
    Complete,
    GateKind,
    NewAgent,
    NewPerson,
    NewTask,
    Person,
    PreferencesPatch,
    Role,
    TaskStatus,
)
from gateway.identity.directory import Directory
from gateway.notify.notifier import Cursor
from gateway.outbound import Caller, Ringer
from gateway.phone import wording
from gateway.phone.opening import Surroundings, open_phone
from gateway.session.call_wishes import CallWishes
from gateway.session.memos import RedisMemos
from gateway.session.names import session_id
from gateway.session.receipts import receipts_of
from gateway.session.redis_client import open_redis
from gateway.session.redis_stream import RedisSessionStream
from gateway.telegram.access import Speaker
from gateway.telegram.calling import NO_NUMBER, NO_TELEPHONE, call_me
from tests.conformance.hearing import listening
from tests.conformance.turns import a_turn
from tests.integration.gateway.conftest import redis
from tests.integration.gateway.notifying import asked, its_time_has_come
from tests.integration.gateway_phone.conftest import (
    ACCOUNT,
    ADA,
    OURS,
    TOKEN,
    StartGateway,
    offline_chief,
    phone_settings,
    said_in,
    understood,
    words,
)
from tests.twilioapi import Takes, TwilioServer
from tests.waiting import eventually
from voice.speech import Speech

__all__ = ["redis"]


@pytest.fixture
async def twilio() -> AsyncIterator[TwilioServer]:
    async with TwilioServer(ACCOUNT, TOKEN, OURS) as server:
        yield server


@pytest.fixture
async def caller(
    twilio: TwilioServer, start_gateway: StartGateway, redis_url: str, ops: AgentOpsClient, ada: Person
) -> AsyncIterator[Caller]:
    """The port that ladders ring with, beside a gateway that takes the callbacks: two replicas, in effect."""
    quick = {"api_base": twilio.base, "ring_pause_s": 0, "ring_for_s": 5, "rings_per_day": 3}
    async with AsyncExitStack() as stack:
        twilio.network = await stack.enter_async_context(start_gateway(**quick))
        redis = await stack.enter_async_context(open_redis(redis_url))
        around = Surroundings(
            stream=RedisSessionStream(redis),
            ops=ops,
            directory=Directory(ops, session_id("main")),
            memos=RedisMemos(redis),
            main_session=session_id("main"),
        )
        telephone = await stack.enter_async_context(open_phone(phone_settings(**quick), around))
        assert telephone.caller is not None
        yield telephone.caller


@pytest.mark.timeout(300)
@pytest.mark.long
async def test_an_approval_that_nobody_gives_rings_its_owner_who_gives_it_aloud(
    twilio: TwilioServer,
    start_gateway: StartGateway,
    redis: Redis,
    ops: AgentOpsClient,
    ada: Person,
    speech: Speech,
) -> None:
    # A rule that rings skips the silent steps of the ladder: the next one is the call.
    wanted = PreferencesPatch(rules={"task.*": Attention.RING}, escalate_after_s=600)
    await ops.update_preferences(ada.id, wanted)
    async with start_gateway(api_base=twilio.base, ring_for_s=5) as twilio.network:
        await eventually(Cursor(redis).load)
        task, _ = await asked(ops, "Shall I paint the garden fence?", kind=GateKind.APPROVAL)
        [gate] = await ops.list_gates(task_id=task.id)
        await its_time_has_come(redis, f"ladder|{gate.id}")
        async with asyncio.timeout(60):
            far = await twilio.callees[ADA].lines.get()
        await far.until_it_spoke(after_s=0)
        answered_s = await far.say(await words(speech, "Yes, I can hear you."))
        await far.until_it_spoke(after_s=answered_s)
        decided_s = await far.say(await words(speech, "Yes, approve it."))
        await far.until_it_spoke(after_s=decided_s)
        heard = (await understood(speech, far.timeline.sound()[int(answered_s * 8_000) :])).lower()
        await far.hang_up()
        steps = await eventually(lambda: taken(redis, gate.id))
    assert steps == [("ring", "told"), ("call", "taken")]
    assert "paint the garden" in heard
    assert "approved" in heard[heard.index("paint the garden") :]
    given = await ops.get_gate(gate.id)
    assert (given.answer, given.answered_by) == ("yes", "Ada")
    assert (await ops.get_task(task.id)).status is TaskStatus.PENDING


@pytest.mark.timeout(300)
@pytest.mark.long
async def test_who_asks_to_be_called_when_a_task_is_done_is_rung_and_hears_what_came_of_it(
    twilio: TwilioServer,
    start_gateway: StartGateway,
    redis: Redis,
    ops: AgentOpsClient,
    stream: RedisSessionStream,
    ada: Person,
    speech: Speech,
) -> None:
    await ops.register_agent(NewAgent(name="worker"))
    await ops.create_task(NewTask(title="Count the chairs", origin="main"))
    memos = RedisMemos(redis)
    async with (
        start_gateway(api_base=twilio.base, ring_for_s=5) as twilio.network,
        offline_chief(ops, stream, memos=memos),
    ):
        await eventually(CallWishes(memos).has_telephone)
        await stream.append(a_turn("Ring me as soon as task 1 is finished."))
        await eventually(lambda: said_in(ops, "chief"), timeout_s=30)
        [claim] = await ops.claim_next(ClaimNextRequest(agent="worker"))
        await ops.complete(
            claim.task.id, Complete(epoch=claim.epoch, result={"summary": "There are eleven."})
        )
        async with asyncio.timeout(60):
            far = await twilio.callees[ADA].lines.get()
        await far.until_it_spoke(after_s=0)
        answered_s = await far.say(await words(speech, "Yes, I can hear you."))
        await far.until_it_spoke(after_s=answered_s)
        heard = (await understood(speech, far.timeline.sound()[int(answered_s * 8_000) :])).lower()
        await far.hang_up()
    [promise] = await said_in(ops, "chief")
    assert "I'll call you" in promise
    assert "count the chairs" in heard
    assert "eleven" in heard or "11" in heard
    assert len(twilio.calls) == 1


async def taken(redis: Redis, gate_id: str) -> list[tuple[str, str]]:
    """The steps of a ladder up to the call."""
    receipts = [(one.step, one.outcome) for one in await receipts_of(redis, gate_id)]
    known = [one for one in receipts if one[0] in ("ring", "call")]
    return known if len(known) > 1 else []


async def test_an_answering_machine_hears_who_called_and_not_why(
    caller: Caller, twilio: TwilioServer
) -> None:
    twilio.callees[ADA].takes = [Takes.MACHINE]
    assert await caller.call(ADA, "The secret offer is 40,000.") is False
    told = twilio.callees[ADA].told
    await eventually(lambda: len(told) > 1)
    assert told[-1].said == wording.VOICEMAIL


async def test_a_busy_line_is_tried_again_and_nobody_is_rung_twice_for_one_thing(
    caller: Caller, twilio: TwilioServer
) -> None:
    twilio.callees[ADA].takes = [Takes.BUSY, Takes.NOBODY]
    both = await asyncio.gather(caller.call(ADA, "Wake up."), caller.call(ADA, "Wake up."))
    assert not any(both)
    assert len(twilio.calls) == 2


async def test_the_daily_cap_and_strangers_numbers_keep_the_telephone_silent(
    caller: Caller, twilio: TwilioServer
) -> None:
    assert await caller.call("+15005550006", "Hello?") is False
    twilio.callees[ADA].takes = [Takes.NOBODY]
    for number in range(5):
        assert await caller.call(ADA, f"cause {number}") is False
    assert len(twilio.calls) == 3


async def test_who_writes_call_is_rung_and_hears_on_telegram_when_that_came_to_nothing(
    caller: Caller, twilio: TwilioServer, ops: AgentOpsClient, ada: Person, stream: RedisSessionStream
) -> None:
    speaker = Speaker(ada.name, ada.role, session_id("main"), ada.id)
    twilio.callees[ADA].takes = [Takes.NOBODY]
    ringer = cast("Ringer", caller)
    async with listening(stream) as ear:
        assert await call_me(ops, ringer, speaker, "") == "I am ringing your number ending in 678."
        [words] = await eventually(lambda: ear.durable, timeout_s=20)
    assert "no answer" in words
    assert await call_me(ops, None, speaker, "") == NO_TELEPHONE
    bob = await ops.create_person(NewPerson(name="Bob", role=Role.MEMBER))
    stranger = Speaker("Bob", Role.MEMBER, session_id(f"person-{bob.id}"), bob.id)
    assert await call_me(ops, ringer, stranger, "") == NO_NUMBER
