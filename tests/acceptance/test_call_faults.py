"""kill -9 under a call that goes on: the caller hears honest words, and the answer; nothing is lost."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from agentops import AgentOpsClient
from ops.phone_line import FarEnd
from tests.acceptance import telephone
from tests.acceptance.stack import Stack, running
from tests.integration.gateway_phone.conftest import understood, words
from tests.scripted_model import ScriptedServer, scripted_models
from tests.scripted_model import words as answer
from tests.waiting import eventually
from voice.speech import Speech

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.long, pytest.mark.timeout(600)]

ANSWER = "The harbour is quiet today."


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def model() -> AsyncIterator[ScriptedServer]:
    """Says the same to whatever it is asked, as slowly as a test wants it."""
    async with scripted_models({"": [answer(ANSWER)] * 50}) as served:
        yield served


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def fragile(model: ScriptedServer, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stack]:
    """The whole system with a telephone and a model."""
    settings = {
        **telephone.SETTINGS,
        "COS_MODEL": "openai:scripted",
        "OPENAI_BASE_URL": model.url,
        "OPENAI_API_KEY": "sk-test",
    }
    async with running(tmp_path_factory.mktemp("call-faults") / "home", settings) as stack:
        yield stack


async def heard_since(speech: Speech, far: FarEnd, at_s: float) -> str:
    return (await understood(speech, far.timeline.sound()[int(at_s * 8_000) :])).lower()


async def answered(ops: AgentOpsClient, words_asked: str) -> list[str]:
    """What the chief answered to it, each time that it did."""
    turns = (await ops.list_turns("main", limit=200)).items
    asked = [turn.id for turn in turns if turn.role == "person" and words_asked in turn.text.lower()]
    return [turn.text for turn in turns if turn.role == "chief" and turn.reply_to in asked]


async def test_a_chief_killed_over_an_answer_is_started_again_and_answers_once(
    fragile: Stack, model: ScriptedServer, speech: Speech
) -> None:
    async with fragile.ops() as ops, telephone.calling(fragile) as far:
        model.delay_s = 300
        before = len(model.asked)
        asked_s = await far.say(await words(speech, "Please tell me what goes on in the harbour."))
        await eventually(lambda: len(model.asked) > before, timeout_s=60)
        model.delay_s = 0
        killed_s = far.timeline.now_s
        former = fragile.kill("chief")
        await fragile.back("chief", former)
        [told] = await eventually(lambda: answered(ops, "harbo"), timeout_s=90)
        back_s = far.timeline.now_s
        await far.until_it_spoke(after_s=back_s - 1, quiet_s=2)
        heard = await heard_since(speech, far, asked_s)
    print(f"answered {back_s - killed_s:.1f} s after the kill; the caller heard: {heard}")  # noqa: T201
    assert ANSWER in told
    assert heard.count("quiet today") == 1


async def test_a_redis_killed_under_a_call_is_started_again_and_what_was_said_is_answered(
    fragile: Stack, speech: Speech
) -> None:
    async with fragile.ops() as ops, telephone.calling(fragile) as far:
        former = fragile.kill("redis")
        asked_s = await far.say(await words(speech, "Is somebody at the lighthouse?"))
        await fragile.back("redis", former)
        [told] = await eventually(lambda: answered(ops, "lighthouse"), timeout_s=90)
        await far.until_it_spoke(after_s=asked_s, quiet_s=2)
        heard = await heard_since(speech, far, asked_s)
    assert ANSWER in told
    assert "quiet today" in heard
