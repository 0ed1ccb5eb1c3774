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
"""Requests whose changes wait to be told of; more are not told of, and found by a poll."""
RETRY_S = 0.5
READ_TIMEOUT_S = 15.0
WRITE_TIMEOUT_S = 5.0
PAUSE_S = 0.01
"""After a message; under load, all that is announced meanwhile goes out together."""
MAX_TOLD = 2_000
"""At once: meanwhile Redis does nothing else."""
# One argument and one answer for all of a batch: Redis puts the messages together in microseconds, and
# a word for each of them and each of its channels would take this process far longer. Of channels that
# nobody follows, nothing is put together: that is most of the time, and most of a script's work. Redis knows
# of its own followers only, so with copies or in a cluster, or if it does not tell, everything is said.
_PUBLISH = """
local said = cjson.decode(ARGV[1])
redis.call('PUBLISH', said.replicas, said.sender)
local function alone()
    local copies, cluster = redis.pcall('INFO', 'replication'), redis.pcall('INFO', 'cluster')
    return type(copies) == 'string' and string.find(copies, 'role:master', 1, true)
        and string.find(copies, 'connected_slaves:0', 1, true)
        and type(cluster) == 'string' and string.find(cluster, 'cluster_enabled:0', 1, true)
        and redis.pcall('PUBSUB', 'NUMPAT') == 0
end
local followed = {}
for kind, channels in pairs(said.channels) do
    followed[kind] = {}
    for _, channel in ipairs(channels) do
        local count = redis.pcall('PUBSUB', 'NUMSUB', channel)
        if count.err or count[2] > 0 then table.insert(followed[kind], channel) end
    end
end
if not alone() then followed = said.channels end
for _, news in ipairs(said.news) do
    local kind = news[1]
    if followed[kind][1] then
        local id = cjson.encode(news[2])
        local message = '{"type":"' .. kind .. '","id":' .. id .. ',"from":"' .. said.sender .. '"}'
        for _, channel in ipairs(followed[kind]) do redis.call('PUBLISH', channel, message) end
    end
end
"""

log = structlog.get_logger(__name__)


class _Said(msgspec.Struct, frozen=True):
    """What `_PUBLISH` is told. Each message says where to look, never what happened."""

    replicas: str
    sender: str
    news: list[tuple[str, str]]
    """(event type, entity id) each."""
    channels: dict[str, list[str]]
    """Of the types that occur."""


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
        self._queue: asyncio.Queue[Sequence[tuple[str, str]]] = asyncio.Queue(MAX_QUEUED)

    def announce(self, announced: Iterable[tuple[str, str]]) -> None:
        """Wakes everybody for what has been committed just now."""
        items = list(announced)
        if not items:
            return
        self._count(items)
        self._on_wake()
        if self._redis is not None and not self._queue.full():
            self._queue.put_nowait(items)

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
            news = list(await self._queue.get())
            while not self._queue.empty() and len(news) < MAX_TOLD:
                news += self._queue.get_nowait()
            channels = {kind: channels_of(kind) for kind, _ in news}
            said = msgspec.json.encode(_Said(REPLICAS, self._me, news, channels))
            async with asyncio.timeout(WRITE_TIMEOUT_S):
                await redis.eval(_PUBLISH, 0, said)
            await asyncio.sleep(PAUSE_S)

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
