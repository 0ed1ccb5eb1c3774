"""A gateway with a telephone, over a real ledger and Redis; its far end speaks as Twilio does."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import numpy as np
import pytest

from agentops import AgentOpsClient
from agentops.wire import NewContact, NewPerson, Person, Role
from brain.chief.answering import Chief, Minds
from brain.offline.model import OfflineModel, local_time
from gateway.main import opened
from gateway.phone.pins import hash_of
from gateway.phone.settings import PhoneSettings
from gateway.session.memos import Memos
from gateway.session.redis_client import open_redis
from gateway.session.redis_stream import RedisSessionStream
from gateway.session.serving import Say, serve_turns
from gateway.session.stream import SessionStream
from gateway.session.turns import Reply, Turn
from gateway.telegram.settings import TelegramSettings
from ops.phone_calls import Network, incoming
from ops.phone_line import FarEnd
from tests.integration.gateway.posting import gateway_settings
from voice.port import Encoding
from voice.sound import from_pcm16, to_bytes, to_samples
from voice.speech import Speech

ACCOUNT = "AC" + "0" * 32
TOKEN = "test-auth-token"
PUBLIC = "https://phone.example"
OURS, ADA = "+14155550100", "+493012345678"
PIN = "2580"

StartGateway = Callable[..., AbstractAsyncContextManager[Network]]


@pytest.fixture
def shared_speech(speech: Speech, monkeypatch: pytest.MonkeyPatch) -> Speech:
    """Gateways of this test take the session's engines instead of loading their own."""

    @asynccontextmanager
    async def shared(*_: object) -> AsyncIterator[Speech]:
        yield speech

    monkeypatch.setattr("voice.speech.open_speech", shared)
    return speech


async def words(speech: Speech, text: str) -> bytes:
    """Somebody says it, as the telephone carries it."""
    pieces = [piece async for piece in speech.speak(text, 8_000)]
    return from_pcm16(to_bytes(np.concatenate(pieces)), Encoding.MULAW)


Sound = np.ndarray[Any, np.dtype[np.int16]]


async def understood(speech: Speech, sound: Sound) -> str:
    """What a caller heard, in words; stretch by stretch, for in long silences the engine repeats itself."""
    words = []
    for stretch in stretches(sound):
        padded = np.concatenate([np.zeros(4_000, np.int16), stretch, np.zeros(4_000, np.int16)])
        words.append(await speech.transcribe(to_samples(padded.astype("<i2").tobytes()), 8_000))
    return " ".join(words)


def stretches(sound: Sound, quiet_s: float = 0.6) -> list[Sound]:
    """What lies between silences, at 8 kHz."""
    frames = sound[: len(sound) // 160 * 160].reshape(-1, 160)
    loud = np.flatnonzero(np.abs(frames.astype(np.int32)).max(axis=1, initial=0) > 300)
    if not len(loud):
        return []
    gaps = np.flatnonzero(np.diff(loud) > quiet_s * 50)
    begins, ends = loud[np.r_[0, gaps + 1]], loud[np.r_[gaps, len(loud) - 1]]
    return [sound[first * 160 : (last + 1) * 160] for first, last in zip(begins, ends, strict=True)]


def phone_settings(**changes: Any) -> PhoneSettings:
    """Of a telephone that nothing outside this machine is asked for."""
    values = {
        "account_sid": ACCOUNT,
        "auth_token": TOKEN,
        "number": OURS,
        "api_base": "http://127.0.0.1:9",
        "public_url": PUBLIC,
        "pin_when": "unattested",
        "drain_s": 1,
        **changes,
    }
    return PhoneSettings.model_validate(values)


@pytest.fixture
def pin_hash() -> str:
    """Of PIN."""
    return hash_of(PIN)


@pytest.fixture
def start_gateway(redis_url: str, ledger_url: str, admin_key: str, shared_speech: Speech) -> StartGateway:
    """Starts a gateway: `async with start_gateway(strangers="message") as network`."""
    return gateways(redis_url, ledger_url, admin_key)


def gateways(redis_url: str, ledger_url: str, admin_key: str) -> StartGateway:
    """Starts gateways on any Redis; with a bot, if there are settings for one."""

    @asynccontextmanager
    async def start(telegram: TelegramSettings | None = None, **changes: Any) -> AsyncIterator[Network]:
        settings = gateway_settings(redis_url, ledger_url, admin_key)
        phone = phone_settings(**changes)
        bot = telegram or TelegramSettings(_env_file=None)  # type: ignore[call-arg]
        async with opened(settings, bot, phone) as url:
            yield Network(account_sid=ACCOUNT, auth_token=TOKEN, public_url=PUBLIC, gateway=url)

    return start


@pytest.fixture
async def network(start_gateway: StartGateway, ada: Person) -> AsyncIterator[Network]:
    """A gateway that lets Ada in when her carrier vouches for her."""
    async with start_gateway() as network:
        yield network


@pytest.fixture
async def ada(ops: AgentOpsClient) -> Person:
    """The owner, with her number linked."""
    person = await ops.create_person(NewPerson(name="Ada", role=Role.OWNER))
    await ops.add_contact(person.id, NewContact(channel="phone", address=ADA, verified=True))
    return person


@pytest.fixture
async def stream(redis_url: str) -> AsyncIterator[RedisSessionStream]:
    """The session stream beside the gateway."""
    async with open_redis(redis_url) as redis:
        yield RedisSessionStream(redis)


@asynccontextmanager
async def offline_chief(
    ops: AgentOpsClient,
    stream: SessionStream,
    thinks: asyncio.Event | None = None,
    *,
    memos: Memos | None = None,
) -> AsyncIterator[None]:
    """The real chief, offline, at work on the session; it answers nothing before `thinks` is set."""
    minds = Minds(
        talking=OfflineModel(introduces_itself=False),
        commands=OfflineModel(introduces_itself=False),
        name="offline",
        prompt="Be brief.",
    )
    chief = Chief(ops, minds, local_time, cached_sessions=2, turn_timeout_s=30, memos=memos)

    async def answer(turn: Turn, say: Say) -> Reply:
        if thinks is not None:
            await thinks.wait()
        return await chief.answer(turn, say)

    task = asyncio.create_task(serve_turns(stream, answer, brain="chief"))
    try:
        yield
    finally:
        await cancelled(task)


@asynccontextmanager
async def calling(
    network: Network, number: str = ADA, *, verstat: str = "TN-Validation-Passed-A"
) -> AsyncIterator[FarEnd]:
    """A call that was greeted."""
    call = incoming(number, OURS, verstat=verstat)
    told = await network.ring(call)
    assert told.token, told.said
    async with network.connected(told, call["CallSid"]) as far:
        await far.until_it_spoke(after_s=0)
        yield far


async def said_in(ops: AgentOpsClient, role: str) -> list[str]:
    """What the ledger keeps of the owners' session."""
    return [turn.text for turn in (await ops.list_turns("main")).items if turn.role == role]


async def cancelled(task: "asyncio.Task[Any]") -> None:
    """Ended, whatever it was doing."""
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
