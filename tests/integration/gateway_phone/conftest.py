"""A gateway with a telephone, over a real ledger and Redis; its far end speaks as Twilio does."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import numpy as np
import pytest

from agentops import AgentOpsClient
from agentops.wire import NewContact, NewPerson, Person, Role
from gateway.main import opened
from gateway.phone.pins import hash_of
from gateway.phone.settings import PhoneSettings
from gateway.session.redis_client import open_redis
from gateway.session.redis_stream import RedisSessionStream
from gateway.telegram.settings import TelegramSettings
from ops.phone_calls import Network
from tests.integration.gateway.posting import gateway_settings
from voice.port import Encoding
from voice.settings import VoiceSettings
from voice.sound import from_pcm16, to_bytes, to_samples
from voice.speech import Speech, _loaded

ACCOUNT = "AC" + "0" * 32
TOKEN = "test-auth-token"
PUBLIC = "https://phone.example"
OURS, ADA = "+14155550100", "+493012345678"
PIN = "2580"

StartGateway = Callable[..., AbstractAsyncContextManager[Network]]


@pytest.fixture(scope="session")
def speech() -> Iterator[Speech]:
    """The engines: a second or two to load, so once."""
    loaded = _loaded(VoiceSettings(_env_file=None))  # type: ignore[call-arg]
    yield loaded
    for engine in (loaded.ears, loaded.voice):
        if engine is not None:
            engine.close()


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


async def understood(speech: Speech, sound: "np.ndarray[Any, np.dtype[np.int16]]") -> str:
    """What a caller heard, in words."""
    padded = np.concatenate([sound, np.zeros(4_000, np.int16)])
    return await speech.transcribe(to_samples(padded.astype("<i2").tobytes()), 8_000)


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

    @asynccontextmanager
    async def start(**changes: Any) -> AsyncIterator[Network]:
        settings = gateway_settings(redis_url, ledger_url, admin_key)
        phone = phone_settings(**changes)
        nobody = TelegramSettings(_env_file=None)  # type: ignore[call-arg]
        async with opened(settings, nobody, phone) as url:
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


async def cancelled(task: "asyncio.Task[Any]") -> None:
    """Ended, whatever it was doing."""
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
