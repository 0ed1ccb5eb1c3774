"""What is not Twilio's, or not in order: refused, and others are unharmed."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest
from structlog.testing import capture_logs
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from agentops.wire import Person
from gateway.phone.webhooks import STREAM
from ops.phone_calls import Instructions, Network, incoming
from ops.phone_line import FarEnd
from tests.integration.gateway_phone.conftest import ACCOUNT, ADA, OURS, PUBLIC, StartGateway, words
from tests.integration.gateway_phone.test_identity import Brain, brain
from tests.waiting import eventually
from voice.speech import Speech

__all__ = ["brain"]

STREAM_URL = f"wss://phone.example{STREAM}"


async def opened(network: Network) -> ClientConnection:
    """A stream with a good signature, that has said nothing yet."""
    headers = {"X-Twilio-Signature": network.signature(STREAM_URL)}
    return await connect(f"ws{network.gateway.removeprefix('http')}{STREAM}", additional_headers=headers)


async def until_closed(socket: ClientConnection) -> int | None:
    """The code that it was closed with."""
    async with asyncio.timeout(10):
        try:
            while True:
                await socket.recv()
        except ConnectionClosed:
            return socket.close_code


def start(call_sid: str, token: str, account: str = ACCOUNT) -> str:
    form = {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1}
    begin = {
        "streamSid": "MZ1",
        "callSid": call_sid,
        "accountSid": account,
        "mediaFormat": form,
        "customParameters": {"token": token},
    }
    return json.dumps({"event": "start", "start": begin})


async def test_forged_and_repeated_webhooks_are_refused(network: Network) -> None:
    call = incoming(ADA, OURS)
    signed = network.signature(f"{PUBLIC}/phone/voice", {**call, "AccountSid": ACCOUNT})
    with capture_logs() as logs:
        assert (await network.post("/phone/voice", call, signature="AAAA")).status_code == 403
        assert (await network.post("/phone/voice", call, signature="")).status_code == 403
        other = {**call, "AccountSid": "AC" + "f" * 32}
        assert (await network.post("/phone/voice", other)).status_code == 403
        false = {**call, "From": OURS}
        assert (await network.post("/phone/voice", false, signature=signed)).status_code == 403
        told = await network.post("/phone/voice", call)
        assert told.status_code == 200
        assert (await network.post("/phone/voice", call)).status_code == 403
    reasons = [entry["reason"] for entry in logs if entry["event"] == "phone.webhook_forged"]
    assert [reason.partition(";")[0] for reason in reasons] == [
        "the signature is wrong",
        "it is not signed",
        "it is about no call of this account",
        "the signature is wrong",
        "it came before",
    ]


async def test_a_call_goes_on_once_for_each_time_that_its_stream_broke(network: Network) -> None:
    call = incoming(ADA, OURS)
    told = await network.ring(call)
    then = told.then.removeprefix(PUBLIC)
    unsigned = await network.post(then, call, signature="AAAA")
    assert unsigned.status_code == 403
    assert Instructions.of((await network.post(then, call)).text) == Instructions(said="")  # it never talked
    assert (await network.post(then, call)).status_code == 403


async def test_a_stream_without_a_signature_does_not_open(network: Network) -> None:
    with pytest.raises(InvalidStatus) as refused:
        await connect(f"ws{network.gateway.removeprefix('http')}{STREAM}")
    assert refused.value.response.status_code == 403


@pytest.fixture
async def talking(network: Network, ada: Person) -> AsyncIterator[FarEnd]:
    """Another call, which must not notice any of it."""
    call = incoming(ADA, OURS)
    told = await network.ring(call)
    async with network.connected(told, call["CallSid"]) as far:
        await far.until_it_spoke(after_s=0)
        yield far
        assert not far.closed.is_set()


async def test_streams_of_no_call_are_closed_and_others_go_on(
    network: Network, talking: FarEnd, brain: Brain, speech: Speech
) -> None:
    call = incoming(ADA, OURS)
    told = await network.ring(call)
    wrong = (
        "not json",
        json.dumps({"event": "media", "media": {"payload": "AAAA"}}),
        "[" * 30_000,
        start(call["CallSid"], "another token"),
        start("CA" + "0" * 32, told.token),
        start(call["CallSid"], told.token, account="AC" + "f" * 32),
    )
    with capture_logs() as logs:
        for message in wrong:
            async with await opened(network) as socket:
                await socket.send(message)
                assert await until_closed(socket) == 1008, message[:60]
        async with await opened(network) as socket:
            with suppress(ConnectionClosed):  # it is refused before all of it is there
                await socket.send("x" * 10_000_000)
            assert await until_closed(socket) == 1009
    refused = [entry["reason"] for entry in logs if entry["event"] == "call.stream_refused"]
    assert len(refused) == len(wrong) + 1, refused
    await talking.say(await words(speech, "What is going on?"))
    [turn] = await eventually(lambda: brain.asked, timeout_s=60)
    assert "going on" in turn.text.lower()


async def test_a_token_is_good_once(network: Network) -> None:
    call = incoming(ADA, OURS)
    told = await network.ring(call)
    async with network.connected(told, call["CallSid"]) as far:
        await far.until_it_spoke(after_s=0, quiet_s=0.1)
        async with await opened(network) as second:
            await second.send(start(call["CallSid"], told.token))
            assert await until_closed(second) == 1008
        assert not far.closed.is_set()


@pytest.mark.parametrize(
    ("garbage", "code", "told_as"),
    [
        ('{"event": "media", "media": {"payload": "***"}}', 1007, "call.stream_refused"),
        ("x" * 10_000_000, 1009, "call.cut_off"),
    ],
    ids=["nonsense", "10 MB"],
)
async def test_garbage_in_the_middle_of_a_call_ends_that_call_alone(
    network: Network, ada: Person, garbage: str, code: int, told_as: str
) -> None:
    other, call = incoming(ADA, OURS), incoming(ADA, OURS)
    beside, told = await network.ring(other), await network.ring(call)
    async with network.connected(beside, other["CallSid"]) as far, await opened(network) as socket:
        await socket.send(start(call["CallSid"], told.token))
        await socket.recv()
        with capture_logs() as logs:
            with suppress(ConnectionClosed):
                await socket.send(garbage)
            assert await until_closed(socket) == code
            await eventually(lambda: told_as in [entry["event"] for entry in logs])
        heard_s = far.timeline.now_s
        await eventually(lambda: far.timeline.now_s > heard_s + 0.1)
        assert not far.closed.is_set()
    if code == 1007:  # what misbehaves is not taken up again
        then = told.then.removeprefix(PUBLIC)
        assert not Instructions.of((await network.post(then, call)).text).stream_url


async def test_a_silent_stream_is_closed_after_a_while(network: Network) -> None:
    async with await opened(network) as socket:
        assert await until_closed(socket) == 1008


async def test_who_comes_when_all_lines_are_taken_is_told_so(
    start_gateway: StartGateway, ada: Person
) -> None:
    async with start_gateway(max_calls=1) as network:
        first = await network.ring(incoming(ADA, OURS))
        assert first.token
        second = await network.ring(incoming(ADA, OURS))
        assert "busy" in second.said
        assert not second.stream_url


async def test_a_gateway_that_stops_lets_its_call_end(start_gateway: StartGateway, ada: Person) -> None:
    call = incoming(ADA, OURS)
    async with start_gateway(drain_s=0.2) as network:
        told = await network.ring(call)
        far_end = network.connected(told, call["CallSid"])
        far = await far_end.__aenter__()
        await far.until_it_spoke(after_s=0)
        spoke_s = far.timeline.now_s
    assert far.timeline.first_sound_after(spoke_s) is not None
    await eventually(far.closed.is_set)
    await far_end.__aexit__(None, None, None)
