"""Calls that we place, over Twilio's API on this machine."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import cast

import pytest

from agentops import AgentOpsClient
from agentops.wire import NewPerson, Person, Role
from gateway.identity.directory import Directory
from gateway.outbound import Caller, Ringer
from gateway.phone import wording
from gateway.phone.opening import Surroundings, open_phone
from gateway.session.memos import RedisMemos
from gateway.session.names import session_id
from gateway.session.redis_client import open_redis
from gateway.session.redis_stream import RedisSessionStream
from gateway.telegram.access import Speaker
from gateway.telegram.calling import NO_NUMBER, NO_TELEPHONE, call_me
from tests.conformance.hearing import listening
from tests.integration.gateway_phone.conftest import (
    ACCOUNT,
    ADA,
    OURS,
    TOKEN,
    StartGateway,
    phone_settings,
    understood,
    words,
)
from tests.twilioapi import Takes, TwilioServer
from tests.waiting import eventually
from voice.speech import Speech


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


async def test_a_person_who_takes_the_call_is_told_what_it_is_about(
    caller: Caller, twilio: TwilioServer, speech: Speech
) -> None:
    calling = asyncio.create_task(caller.call(ADA, "Your report about the harbour is ready."))
    async with asyncio.timeout(20):
        far = await twilio.callees[ADA].lines.get()
    await far.until_it_spoke(after_s=0)
    asked_s = await far.say(await words(speech, "Yes, I can hear you."))
    await far.until_it_spoke(after_s=asked_s)
    heard = await understood(speech, far.timeline.sound())
    await far.hang_up()
    assert await calling is True
    assert "report about the harbo" in heard.lower()


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
