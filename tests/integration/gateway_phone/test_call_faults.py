"""What breaks in the middle of a call: the caller hears honest words, the session keeps what was said."""

import asyncio

import pytest

from agentops import AgentOpsClient
from agentops.wire import Person
from gateway.session.names import session_id
from gateway.session.redis_stream import RedisSessionStream, open_session_stream
from ops.embedded.redis import EmbeddedRedis
from ops.phone_calls import Instructions, Network, incoming
from ops.phone_line import Wire
from tests.integration.gateway.brains import stuck_brain_process
from tests.integration.gateway.conftest import mortal_redis
from tests.integration.gateway.test_redis_restart import kill
from tests.integration.gateway_phone.conftest import (
    ADA,
    OURS,
    StartGateway,
    calling,
    gateways,
    offline_chief,
    said_in,
    understood,
    words,
)
from tests.integration.gateway_phone.test_identity import Brain, brain
from tests.integration.voice.vendors import bought, vendor
from tests.waiting import eventually
from voice.speech import Speech
from voice.testing import word_errors

__all__ = ["brain", "mortal_redis"]

pytestmark = pytest.mark.timeout(300)

WISH = "Create a task to call the plumber."


async def answered(ops: AgentOpsClient, times: int = 1) -> None:
    """Until the chief's answer is on record."""

    async def recorded() -> bool:
        return len(await said_in(ops, "chief")) >= times

    await eventually(recorded, timeout_s=60)


@pytest.mark.long
async def test_a_chief_that_dies_over_an_answer_is_followed_by_another_and_the_caller_is_told(
    network: Network, ops: AgentOpsClient, stream: RedisSessionStream, redis_url: str, speech: Speech
) -> None:
    async with stuck_brain_process(redis_url, lease_s=1) as dying, calling(network) as far:
        asked_s = await far.say(await words(speech, WISH))
        assert dying.stdout is not None
        await asyncio.wait_for(dying.stdout.readline(), 20)
        dying.kill()
        async with offline_chief(ops, stream):
            await answered(ops)
            await far.until_it_spoke(after_s=far.timeline.now_s - 1, quiet_s=1.2)
        heard = (await understood(speech, far.timeline.sound()[int(asked_s * 8_000) :])).lower()
    # One who takes less than a second for it need not say that it begins anew.
    [honest] = [one for one in ("lost my thought", "correct that") if one in heard]
    assert "plumber" in heard[heard.index(honest) :]
    assert len(await said_in(ops, "person")) == len((await ops.list_tasks()).items) == 1


@pytest.mark.long
async def test_what_is_said_while_redis_is_away_is_kept_and_answered_when_it_is_back(
    mortal_redis: EmbeddedRedis,
    ledger_url: str,
    admin_key: str,
    shared_speech: Speech,
    ada: Person,
    ops: AgentOpsClient,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("gateway.phone.conversation.APPEND_PATIENCE_S", 1.0)
    async with (
        gateways(mortal_redis.url, ledger_url, admin_key)() as network,
        open_session_stream(mortal_redis.url) as stream,
        offline_chief(ops, stream),
        calling(network) as far,
    ):
        await kill(mortal_redis)
        asked_s = await far.say(await words(shared_speech, WISH))
        await far.until_it_spoke(after_s=asked_s, quiet_s=1.2)
        await mortal_redis.start()
        await answered(ops)
        await far.until_it_spoke(after_s=far.timeline.now_s - 1)
        heard = await understood(shared_speech, far.timeline.sound()[int(asked_s * 8_000) :])
    assert "message store does not answer" in heard
    assert "plumber" in heard
    assert len(await said_in(ops, "person")) == len((await ops.list_tasks()).items) == 1


@pytest.mark.long
async def test_a_call_whose_stream_breaks_is_taken_up_again_and_its_answer_is_heard_then(
    network: Network, ops: AgentOpsClient, stream: RedisSessionStream, speech: Speech
) -> None:
    call, thinks = incoming(ADA, OURS), asyncio.Event()
    told = await network.ring(call)
    async with offline_chief(ops, stream, thinks):
        async with network.connected(told, call["CallSid"]) as far:
            await far.until_it_spoke(after_s=0)
            await far.say(await words(speech, WISH))
            await eventually(lambda: taken(stream), timeout_s=60)
            far.break_off()
        then = told.then.removeprefix(network.public_url)
        again = Instructions.of((await network.post(then, {**call, "CallStatus": "in-progress"})).text)
        assert again.token, again.said
        async with network.connected(again, call["CallSid"]) as far:
            await far.until_it_spoke(after_s=0)
            thinks.set()
            await answered(ops)
            await far.until_it_spoke(after_s=far.timeline.now_s)
            heard = await understood(speech, far.timeline.sound())
    assert "cut off" in heard
    assert "plumber" in heard
    [receipt] = await eventually(lambda: said_in(ops, "notice"), timeout_s=60)
    assert f"what I answered to “{WISH}”" in receipt
    repeated = await network.post(then, {**call, "CallStatus": "in-progress"})
    assert repeated.status_code == 403
    calls = [event.payload for event in (await ops.list_events(after="0", types=["call.started"])).events]
    assert len(calls) == 2


async def taken(stream: RedisSessionStream) -> bool:
    """What was said is in the session."""
    return "phone" in (await stream.addresses(session_id("main"))).by_channel


@pytest.mark.long
async def test_vendors_of_speech_that_fail_in_the_middle_are_stood_in_for_by_the_local_engines(
    start_gateway: StartGateway,
    ada: Person,
    ops: AgentOpsClient,
    stream: RedisSessionStream,
    speech: Speech,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with vendor(speech) as served:
        monkeypatch.setattr("voice.speech.open_speech", lambda *_: bought(speech, served, stt=True, tts=True))
        async with offline_chief(ops, stream), start_gateway() as network, calling(network) as far:
            served.hears = "What is going on?"
            asked_s = await far.say(await words(speech, "What is going on?"))
            await far.until_it_spoke(after_s=asked_s)
            assert served.transcribed
            assert served.spoken >= 2
            served.failing = True
            asked_s = await far.say(await words(speech, WISH))
            await answered(ops, 2)
            await far.until_it_spoke(after_s=far.timeline.now_s - 1, quiet_s=1.2)
            heard = await understood(speech, far.timeline.sound()[int(asked_s * 8_000) :])
    assert "plumber" in heard
    [task] = (await ops.list_tasks()).items
    assert "plumber" in task.title
    assert (await said_in(ops, "person"))[1] == WISH


@pytest.mark.long
async def test_a_lossy_and_trembling_line_is_understood_all_the_same(
    network: Network, ada: Person, brain: Brain, speech: Speech
) -> None:
    said = ("Please call the plumber tomorrow morning.", "Is the letter to the bank already finished?")
    async with calling(network) as far:
        far.wire = Wire(loss=0.05, jitter_s=0.04)
        for sentence in said:
            asked_s = await far.say(await words(speech, sentence))
            await far.until_it_spoke(after_s=asked_s)
    wrong = [word_errors(*pair) for pair in zip(said, [turn.text for turn in brain.asked], strict=True)]
    assert sum(errors for errors, _ in wrong) <= 2, [turn.text for turn in brain.asked]
