"""The chief's composition root."""

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import structlog
from litestar import Litestar
from redis.asyncio import Redis
from redis.exceptions import RedisError

from agentops import AgentOpsClient, AgentOpsError, KeyVerifier, RetryPolicy
from agentops.requests import is_loopback
from brain.chief import metrics
from brain.chief.answering import Chief, Minds
from brain.chief.approving import Approvals
from brain.chief.facts import Facts
from brain.chief.forgetting import Forgetting
from brain.chief.http import ChatServices, create_app
from brain.chief.prompting import prompt_file
from brain.chief.settings import ChiefSettings
from brain.listening import HttpServer
from brain.models import ModelUnavailableError, mind
from brain.offline.model import OfflineModel, local_time
from brain.pauses import settle
from brain.spans import without_words
from gateway.carrier import Carrier
from gateway.session.memos import RedisMemos
from gateway.session.orphans import free_orphans, process_name
from gateway.session.redis_client import open_redis
from gateway.session.redis_stream import RedisSessionStream
from gateway.session.serving import serve_turns
from gateway.session.turns import Lane

_PROBE_S = 2.0
_SETTLE_S = 5.0
"""For what is done after replies, when the process ends."""

log = structlog.get_logger(__name__)


async def serve(settings: ChiefSettings) -> None:
    """Answer turns and `POST /chat` until SIGTERM, SIGINT or cancellation.

    Raises:
        SystemExit: The chosen model cannot be had; the message says what to do.
    """
    async with opened(settings) as app:
        server = HttpServer(app, settings.bind_host, settings.port)
        loop = asyncio.get_running_loop()
        for signum in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(signum, server.stop)
        log.info("chief.started", host=settings.bind_host, port=settings.port)
        await server.serve()
    log.info("chief.stopped")


@asynccontextmanager
async def opened(settings: ChiefSettings) -> AsyncIterator[Litestar]:
    """The application, with turns being answered behind it; everything is closed in reverse order."""
    without_words()
    minds = await _minds(settings)
    settle()
    key = settings.ledger_api_key.get_secret_value()
    patience = RetryPolicy(budget_s=settings.ledger_patience_s)
    carrier = Carrier(trust_env=not is_loopback(settings.ledger_url))
    async with (
        AgentOpsClient(settings.ledger_url, key, retry=patience, carrier=carrier) as ops,
        KeyVerifier(settings.ledger_url, retry=patience) as keys,
        open_redis(settings.redis_url.get_secret_value()) as redis,
        asyncio.TaskGroup() as group,
    ):
        metrics.SLOTS.set(settings.slots)
        stream, memos = RedisSessionStream(redis), RedisMemos(redis)
        chief = Chief(
            ops,
            minds,
            local_time,
            cached_sessions=settings.cached_sessions,
            turn_timeout_s=settings.turn_timeout_s,
            memos=memos,
            stream=stream,
        )
        forgetting = group.create_task(Forgetting(ops, memos, chief.unload).run())
        approvals = group.create_task(Approvals(ops, chief.tools, local_time).run())
        turns = group.create_task(_answering(redis, stream, chief, slots=settings.slots))

        async def ready() -> dict[str, str]:
            return {"ledger": await _ledger_state(ops), "redis": await _redis_state(redis)}

        yield create_app(
            ChatServices(
                stream=stream,
                keys=keys,
                default_session=settings.session,
                wait_s=settings.chat_wait_s,
                ready=ready,
                facts=Facts(memos),
            )
        )
        turns.cancel()
        approvals.cancel()
        forgetting.cancel()
        await asyncio.wait([turns, approvals])
        with suppress(TimeoutError):
            async with asyncio.timeout(_SETTLE_S):
                await chief.settled()


async def _answering(redis: Redis, stream: RedisSessionStream, chief: Chief, *, slots: int) -> None:
    """Answer turns; first those over which a chief of this machine died."""
    await free_orphans(redis, list(Lane))
    name = process_name("chief")
    await serve_turns(stream, chief.answer, brain=name, slots=slots, noted=chief.note)


async def _minds(settings: ChiefSettings) -> Minds:
    try:
        talking = mind(settings, misses=settings.misses_path)
        voice = mind(settings, voice=True, misses=settings.misses_path)
    except ModelUnavailableError as unavailable:
        raise SystemExit(str(unavailable)) from None
    if isinstance(talking.model, OfflineModel):
        # Before the first turn, and beside the loop: it takes about a second.
        await asyncio.to_thread(talking.model.warm_up)
    log.info("model.chosen", model=talking.name, voice=voice.name)
    return Minds(
        talking=talking.model,
        commands=OfflineModel(introduces_itself=False),
        name=talking.name,
        prompt=prompt_file("text"),
        voice=voice.model,
        voice_name=voice.name,
        voice_prompt=prompt_file("voice"),
    )


async def _ledger_state(ops: AgentOpsClient) -> str:
    try:
        async with asyncio.timeout(_PROBE_S):
            return (await ops.health()).status
    except (AgentOpsError, TimeoutError) as error:
        return f"the ledger does not answer: {error}"


async def _redis_state(redis: Redis) -> str:
    try:
        async with asyncio.timeout(_PROBE_S):
            await redis.ping()
    except (RedisError, OSError, TimeoutError) as error:
        return f"Redis does not answer: {error}"
    return "ok"
