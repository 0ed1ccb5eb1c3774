"""Who may: numbers, verdicts, PINs, strangers."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest

from agentops import AgentOpsClient
from agentops.wire import Person, Role
from gateway.phone import wording
from gateway.session.redis_stream import RedisSessionStream
from gateway.session.serving import Say, serve_turns
from gateway.session.turns import Reply, Turn
from ops.phone_calls import Network, incoming
from tests.conformance.turns import a_reply
from tests.integration.gateway_phone.conftest import (
    ADA,
    OURS,
    PIN,
    StartGateway,
    calling,
    cancelled,
    words,
)
from tests.waiting import eventually
from voice.speech import Speech

NOBODY = "+12025550123"


class Brain:
    """Answers everything alike, and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[Turn] = []

    async def answer(self, turn: Turn, say: Say) -> Reply:
        self.asked.append(turn)
        return a_reply(turn, "It is all done.")


@pytest.fixture
async def brain(stream: RedisSessionStream) -> AsyncIterator[Brain]:
    brain = Brain()
    task = asyncio.create_task(serve_turns(stream, brain.answer, brain="brain"))
    yield brain
    await cancelled(task)


async def test_nothing_is_done_before_the_pin_and_all_of_it_after(
    start_gateway: StartGateway, ada: Person, pin_hash: str, brain: Brain, speech: Speech
) -> None:
    async with (
        start_gateway(pin_hash=pin_hash, pin_when="always") as network,
        calling(network, ADA, verstat="TN-Validation-Passed-A") as far,
    ):
        asked_s = await far.say(await words(speech, "Delete all my tasks."))
        await far.until_it_spoke(after_s=asked_s)
        assert brain.asked == []
        typed_s = far.timeline.now_s
        await far.press(f"{PIN}#")
        await far.until_it_spoke(after_s=typed_s)
        await far.say(await words(speech, "What is going on?"))
        await eventually(lambda: brain.asked)
    [turn] = brain.asked
    assert "going on" in turn.text.lower()
    assert (turn.person_id, turn.role, turn.channel) == (ada.id, "owner", "phone")


@pytest.mark.parametrize(
    ("number", "verstat"),
    [
        (NOBODY, "TN-Validation-Passed-A"),
        ("anonymous", ""),
        (ADA, "TN-Validation-Failed-A"),
    ],
)
async def test_an_unknown_caller_and_a_false_number_are_refused_politely(
    network: Network, number: str, verstat: str
) -> None:
    told = await network.ring(incoming(number, OURS, verstat=verstat))
    assert (told.said, told.stream_url) == (wording.NOT_KNOWN, "")


async def test_a_linked_number_without_a_pin_or_a_vouching_carrier_does_not_come_through(
    network: Network,
) -> None:
    told = await network.ring(incoming(ADA, OURS, verstat="TN-Validation-Passed-C"))
    assert (told.said, told.stream_url) == (wording.NO_PIN_YET, "")


@pytest.mark.long
async def test_a_stranger_may_leave_a_message_and_nothing_else(
    start_gateway: StartGateway,
    ada: Person,
    brain: Brain,
    speech: Speech,
    stream: RedisSessionStream,
    ops: AgentOpsClient,
) -> None:
    async with start_gateway(strangers="message") as network:
        async with calling(network, NOBODY) as far:
            asked_s = await far.say(await words(speech, "This is Bob. Please call me back tomorrow."))
            await far.until_it_spoke(after_s=asked_s)

        async def told() -> str:
            turns = (await ops.list_turns("main")).items
            return next((one.text for one in turns if one.role == "notice"), "")

        message = await eventually(told)
    assert "call me back" in message.lower()
    assert NOBODY in message
    assert brain.asked == []


async def test_an_owners_number_of_the_settings_is_let_in_and_becomes_known(
    start_gateway: StartGateway, ops: AgentOpsClient
) -> None:
    async with start_gateway(owner_numbers=frozenset({ADA})) as network:
        for _ in range(2):
            told = await network.ring(incoming(ADA, OURS))
            assert told.token, told.said
    [owner] = await ops.list_people()
    assert [(one.channel, one.address) for one in owner.contacts] == [("phone", ADA)]
    assert owner.role is Role.OWNER


async def test_what_was_refused_is_counted(network: Network, admin_key: str) -> None:
    await network.ring(incoming(NOBODY, OURS))
    headers = {"Authorization": f"Bearer {admin_key}"}
    async with httpx.AsyncClient(base_url=network.gateway, headers=headers) as web:
        counted = (await web.get("/api/v1/metrics")).text
    assert 'cos_calls_refused_total{why="stranger"}' in counted
    for name in (
        "calls",
        "barge_ins_total",
        "speech_vendor_errors_total",
        "calls_ended_total",
        "rings_total",
    ):
        assert f"# TYPE cos_{name.removesuffix('_total')}" in counted
    for name in ("voice_to_voice", "voice_stage", "greeting", "barge_in"):
        assert f"# TYPE cos_{name}_seconds histogram" in counted
    assert "cos_turns_waiting" in counted
