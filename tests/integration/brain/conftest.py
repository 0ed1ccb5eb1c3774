"""A chief in this process, over a real ledger."""

from collections.abc import AsyncIterator, Callable

import pytest
from redis.asyncio import Redis
from strands.models import Model

from agentops import AgentOpsClient
from brain.chief.answering import Chief, Minds
from brain.offline.model import OfflineModel, local_time
from gateway.session.memos import RedisMemos
from gateway.session.redis_client import open_redis
from gateway.session.redis_stream import RedisSessionStream
from gateway.session.turns import Attachment
from tests.talking import Person

MakeChief = Callable[..., Chief]


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator[Redis]:
    """The one that all chiefs of a test share."""
    async with open_redis(redis_url) as client:
        yield client


@pytest.fixture
def stream(redis: Redis) -> RedisSessionStream:
    """The session stream of all chiefs of a test."""
    return RedisSessionStream(redis)


@pytest.fixture
def make_chief(ops: AgentOpsClient, redis: Redis, stream: RedisSessionStream) -> MakeChief:
    """Makes chiefs over the same ledger and Redis: another one is what there is after a restart."""

    def make(
        model: Model | None = None,
        *,
        cached_sessions: int = 8,
        turn_timeout_s: float = 30,
        voice: Model | None = None,
    ) -> Chief:
        minds = Minds(
            talking=model or OfflineModel(),
            commands=OfflineModel(introduces_itself=False),
            name="test:model",
            prompt="Be brief.",
            voice=voice,
            voice_name="test:voice",
            voice_prompt="Speak briefly.",
        )
        return Chief(
            ops,
            minds,
            local_time,
            cached_sessions=cached_sessions,
            turn_timeout_s=turn_timeout_s,
            memos=RedisMemos(redis),
            stream=stream,
        )

    return make


@pytest.fixture
def person(make_chief: MakeChief) -> Person:
    """Talks with the offline chief in session s1."""
    return Person(make_chief())


@pytest.fixture
async def csv(ops: AgentOpsClient) -> Attachment:
    """A file that is in the ledger."""
    stored = await ops.upload("sales.csv", b"a,b\n1,2\n", media_type="text/csv")
    return Attachment(
        artifact_id=stored.id, name=stored.name, media_type=stored.media_type, size_bytes=stored.size_bytes
    )
