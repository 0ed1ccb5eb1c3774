"""Redis between replicas: after a commit, say that something is new. Nothing depends on it.

Whoever likes may follow the public channels, which tell of every change. The replicas listen to one of
their own, on which many changes are one message.

Publishing never waits and never fails a request: while Redis is away, messages are dropped, and the
other replicas' feeds find the events by their poll.
"""

import asyncio
import secrets
from collections.abc import Callable, Iterable, Sequence

import msgspec
import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

ALL, TASKS, AGENTS = "events:all", "events:tasks", "events:agents"
PENDING, COMPLETED = "tasks:pending", "tasks:completed"
REPLICAS = "ledger:wake"
_NOW_PENDING = frozenset(
    {"task.created", "task.retried", "task.released", "task.completed", "gate.answered", "gate.expired"}
    | {"system.resumed", "budget.updated", "budget.deleted"}
)
MAX_QUEUED = 1_000
RETRY_S = 0.5
READ_TIMEOUT_S = 15.0
WRITE_TIMEOUT_S = 5.0
GATHER_S = 0.002
"""Under load, so many announcements as come in this time go out together."""
# One answer for all of a batch: Redis does this in microseconds, and reading an answer each takes longer.
_PUBLISH = "for i = 1, #ARGV, 2 do redis.call('PUBLISH', ARGV[i], ARGV[i + 1]) end"

log = structlog.get_logger(__name__)


class Message(msgspec.Struct, frozen=True, rename={"sender": "from"}):
    """What goes over the channels: where to look, never what happened."""

    type: str
    id: str
    sender: str


def channels_of(kind: str) -> list[str]:
    """The channels that an event of this type is announced on."""
    channels = [ALL]
    if kind.startswith(("task.", "gate.")):
        channels.append(TASKS)
    if kind.startswith("agent."):
        channels.append(AGENTS)
    if kind in _NOW_PENDING:
        channels.append(PENDING)
    if kind == "task.completed":
        channels.append(COMPLETED)
    return channels


class Wake:
    """Tells other replicas of this one's commits, and this one's feed of theirs."""

    def __init__(
        self,
        url: str | None,
        on_wake: Callable[[], None],
        count: Callable[[Sequence[tuple[str, str]]], None] = lambda _: None,
    ) -> None:
        self._redis = (
            # No socket_timeout: redis-py waits through asyncio.wait_for, which may swallow a cancellation.
            Redis.from_url(url, socket_timeout=None, socket_connect_timeout=2, health_check_interval=0)
            if url
            else None
        )
        self._on_wake = on_wake
        self._count = count
        self._me = secrets.token_hex(8)
        self._queue: asyncio.Queue[tuple[str, str]] = asyncio.Queue(MAX_QUEUED)

    def announce(self, announced: Iterable[tuple[str, str]]) -> None:
        """Wakes everybody for what has been committed just now."""
        items = list(announced)
        self._count(items)
        for item in items:
            self._on_wake()
            if self._redis is not None and not self._queue.full():
                self._queue.put_nowait(item)

    async def check(self) -> str:
        """`ok`, `not configured`, or what is wrong."""
        if self._redis is None:
            return "not configured"
        try:
            async with asyncio.timeout(2):
                await self._redis.ping()
        except (RedisError, OSError, TimeoutError) as error:
            return f"unavailable: {type(error).__name__}"
        return "ok"

    async def run(self) -> None:
        """Publishes and listens until cancelled."""
        if self._redis is None:
            return
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._stubbornly(self._publish), name="wake.publish")
                group.create_task(self._stubbornly(self._listen), name="wake.listen")
        finally:
            await self._redis.aclose()

    async def _stubbornly(self, work: Callable[[Redis], "asyncio.Future[None] | object"]) -> None:
        while True:
            try:
                await work(self._redis)  # type: ignore[misc, arg-type]
            except (RedisError, OSError, TimeoutError) as error:
                log.warning("redis.unavailable", error=type(error).__name__)
            self._on_wake()
            await asyncio.sleep(RETRY_S)

    async def _publish(self, redis: Redis) -> None:
        while True:
            batch = [await self._queue.get()]
            await asyncio.sleep(GATHER_S)
            while not self._queue.empty():
                batch.append(self._queue.get_nowait())
            words: list[str | bytes] = [REPLICAS, self._me]
            for kind, entity_id in batch:
                message = msgspec.json.encode(Message(kind, entity_id, self._me))
                for channel in channels_of(kind):
                    words += (channel, message)
            async with asyncio.timeout(WRITE_TIMEOUT_S):
                await redis.eval(_PUBLISH, 0, *words)

    async def _listen(self, redis: Redis) -> None:
        async with redis.pubsub() as pubsub:
            async with asyncio.timeout(WRITE_TIMEOUT_S):
                await pubsub.subscribe(REPLICAS)
            self._on_wake()
            while True:
                async with asyncio.timeout(READ_TIMEOUT_S * 2):
                    message = await pubsub.get_message(ignore_subscribe_messages=True, timeout=READ_TIMEOUT_S)
                    if message is None:
                        await pubsub.ping()
                if message is not None and message["data"] != self._me.encode():
                    self._on_wake()
