"""A notifier at work, time to move, and people with preferences."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import cast

from redis.asyncio import Redis

from agentops import AgentOpsClient
from agentops.wire import (
    Block,
    Claim,
    ClaimNextRequest,
    GateKind,
    NewAgent,
    NewContact,
    NewPerson,
    Person,
    PreferencesPatch,
    Role,
    Task,
)
from gateway.identity.directory import Directory
from gateway.notify.notifier import Cursor
from gateway.notify.notifying import Notifying, open_notify
from gateway.outbound import Caller
from gateway.session.redis_stream import RedisSessionStream
from tests.conformance.turns import MAIN
from tests.integration.gateway.posting import a_task
from tests.waiting import eventually


@asynccontextmanager
async def notifying(
    ops: AgentOpsClient,
    stream: RedisSessionStream,
    redis: Redis,
    *,
    public_url: str = "",
    caller: Caller | None = None,
    lease_s: float = 30,
) -> AsyncIterator[Notifying]:
    """A notifier at work; entered once it knows where it stands."""
    directory = Directory(ops, MAIN)
    notify = open_notify(
        ops, stream, redis, directory, MAIN, public_url=public_url, caller=caller, lease_s=lease_s
    )
    task = asyncio.create_task(notify.run())
    await eventually(Cursor(redis).load)
    try:
        yield notify
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def someone(
    ops: AgentOpsClient, *, role: Role = Role.OWNER, name: str = "Ada", telegram: str = "7", **wanted: object
) -> Person:
    """Somebody let in, reached by Telegram."""
    person = await ops.create_person(NewPerson(name=name, role=role, time_zone="Europe/Paris"))
    await ops.add_contact(person.id, NewContact(channel="telegram", address=telegram, verified=True))
    if wanted:
        await ops.update_preferences(person.id, PreferencesPatch(**wanted))  # type: ignore[arg-type]
    return await ops.get_person(person.id)


async def timers(redis: Redis) -> dict[str, float]:
    """What waits, and until when in seconds since 1970."""
    waiting = cast("list[tuple[bytes, float]]", await redis.zrange("cos:due", 0, -1, withscores=True))
    return {name.decode(): due / 1000 for name, due in waiting}


async def timer(redis: Redis, beginning: str) -> str:
    """The one that waits whose name begins so."""
    names = [name for name in await timers(redis) if name.startswith(beginning)]
    assert len(names) == 1, names
    return names[0]


async def its_time_has_come(redis: Redis, beginning: str) -> None:
    """As if it were that late."""
    name = await eventually(lambda: timer(redis, beginning))
    await redis.zadd("cos:due", {name: 1})


async def asked(
    ops: AgentOpsClient, question: str = "Which day?", *, kind: GateKind = GateKind.QUESTION
) -> tuple[Task, Claim]:
    """A task that waits for an answer."""
    await ops.register_agent(NewAgent(name="worker"))
    task = await a_task(ops, "Book a room")
    [claim] = await ops.claim_next(ClaimNextRequest(agent="worker"))
    await ops.block(task.id, Block(epoch=claim.epoch, question=question, kind=kind))
    return task, claim
