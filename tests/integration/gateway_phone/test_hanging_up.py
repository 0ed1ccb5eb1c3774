"""A language model ends a call: its farewell is heard first, and who speaks over it stays."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from pydantic import SecretStr

from agentops import AgentOpsClient
from agentops.wire import Person
from brain.chief.answering import Chief, Minds
from brain.models import ModelChoice, build
from brain.offline.model import OfflineModel, local_time
from brain.settings import ModelSettings
from gateway.session.redis_stream import RedisSessionStream
from gateway.session.serving import serve_turns
from ops.phone_calls import Network
from tests.integration.gateway_phone.conftest import calling, cancelled, said_in, understood, words
from tests.scripted_model import Asked, Move, ScriptedServer, call, scripted_model
from tests.scripted_model import words as says
from tests.waiting import eventually
from voice.speech import Speech

pytestmark = pytest.mark.usefixtures("closed_clients")

LONG = "Very well then. I wish you a pleasant journey to the sea, and a good night of sleep before it begins."


@asynccontextmanager
async def thinking_chief(
    ops: AgentOpsClient, stream: RedisSessionStream, model: ScriptedServer
) -> AsyncIterator[None]:
    """The real chief with a language model, at work on the session."""
    settings = ModelSettings.model_validate(
        {"openai_base_url": model.url, "openai_api_key": SecretStr("k-1")}
    )
    minds = Minds(
        talking=build(ModelChoice("openai", "own"), settings),
        commands=OfflineModel(introduces_itself=False),
        name="openai:own",
        prompt="Be brief.",
    )
    chief = Chief(ops, minds, local_time, cached_sessions=2, turn_timeout_s=30)
    task = asyncio.create_task(serve_turns(stream, chief.answer, brain="chief"))
    try:
        yield
    finally:
        await cancelled(task)


def parting(asked: Asked) -> Move:
    """Hangs up whenever something is said to it, in few words once the train was spoken of."""
    if asked.body["messages"][-1]["role"] != "tool":
        return call("hang_up")
    return says("Goodbye, Ada." if "train" in str(asked.body["messages"]).lower() else LONG)


@pytest.mark.long
async def test_a_model_hangs_up_after_its_farewell_unless_the_caller_goes_on(
    network: Network, ada: Person, ops: AgentOpsClient, stream: RedisSessionStream, speech: Speech
) -> None:
    async with (
        scripted_model(*[parting] * 12) as model,
        thinking_chief(ops, stream, model),
        calling(network) as far,
    ):
        await far.say(await words(speech, "I have to pack my suitcase now."))
        await eventually(lambda: said_in(ops, "chief"), timeout_s=60)
        answered_s = far.timeline.now_s
        await eventually(lambda: far.timeline.first_sound_after(answered_s) is not None)
        cut_s = await far.say(await words(speech, "One thing more, my train leaves at nine."))
        async with asyncio.timeout(60):
            await far.closed.wait()
        sound = far.timeline.sound()[int(cut_s * 8_000) :]
    assert not far.hung_up
    assert "hang_up" in model.asked[0].tools
    assert "bye" in (await understood(speech, sound)).lower()
    assert far.cleared_at
