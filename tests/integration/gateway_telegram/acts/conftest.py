"""A running channel beside a ledger that the whole module shares."""

import itertools
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest
import pytest_asyncio

from agentops import AgentOpsClient
from agentops.wire import Block, ClaimRequest, Fail, Gate, GateKind, NewAgent, NewTask, Task
from gateway.outbound import Outgoing
from gateway.session.leases import Leases
from gateway.session.memos import Memos
from gateway.session.turns import CALL_ENDED, Action
from ops.embedded.postgres import EmbeddedPostgres
from ops.embedded.redis import EmbeddedRedis
from tests.botapi import BotApiServer, Person, Sent
from tests.databases import Databases
from tests.integration.gateway_telegram.conftest import SESSION, Desk, at_desk
from tests.ledger_fixtures import ADMIN_KEY, serving, settings_of

_people = itertools.count(5000)


@dataclass
class Work:
    """Tasks in the ledger, in whichever state a test needs them."""

    ops: AgentOpsClient
    desk: Desk
    delivered: list[str] = field(default_factory=list)

    async def task(self, title: str = "Paint the fence", *, origin: str = SESSION) -> Task:
        return await self.ops.create_task(NewTask(title=title, origin=origin))

    async def claimed(self, title: str = "Paint the fence", *, origin: str = SESSION) -> tuple[Task, int]:
        task = await self.task(title, origin=origin)
        await self.ops.register_agent(NewAgent(name="seed-1"))
        claim = await self.ops.claim(task.id, ClaimRequest(agent="seed-1", version=task.version))
        return claim.task, claim.epoch

    async def asking(
        self, question: str, *options: str, kind: GateKind = GateKind.QUESTION, **more: Any
    ) -> tuple[Task, Gate]:
        """A task that waits for the person."""
        expires = {"expires_in_s": more.pop("expires_in_s")} if "expires_in_s" in more else {}
        task, epoch = await self.claimed(**more)
        block = Block(epoch=epoch, question=question, kind=kind, options=list(options), **expires)
        task = await self.ops.block(task.id, block)
        (gate,) = await self.ops.list_gates(task_id=task.id)
        return task, gate

    async def failed(self) -> Task:
        task, epoch = await self.claimed()
        return await self.ops.fail(task.id, Fail(epoch=epoch, error="No paint.", retryable=False))

    async def receipt(self, *tasks: Task) -> Sent:
        """Tell the owner what came of a call; the message with its buttons."""

        async def sent() -> None:
            """All of it is out."""

        done = tuple(Action(type="task.created", entity_id=one.id, title=one.title) for one in tasks)
        notice = Outgoing(id="call-1", session_id=SESSION, kind=CALL_ENDED, text="Our call.", actions=done)
        self.desk.owner.started = True
        await self.desk.channel.deliver(str(self.desk.owner.id), notice, sent)
        return self.desk.telegram.sent[-1]

    async def card(self, task: Task, text: str = "News", kind: str = "task.blocked") -> Sent:
        """Tell the owner of a task, as delivery does; the message with its buttons."""
        before = len(self.desk.telegram.sent)

        async def sent() -> None:
            self.delivered.append(task.id)

        notice = Outgoing(id=f"n-{task.id}", session_id=SESSION, kind=kind, text=text, task_id=task.id)
        self.desk.owner.started = True
        await self.desk.channel.deliver(str(self.desk.owner.id), notice, sent)
        return self.desk.telegram.sent[before]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def ops(
    postgres_server: EmbeddedPostgres,
    databases: Databases,
    redis_server: EmbeddedRedis,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[AgentOpsClient]:
    name = databases.take()
    settings = settings_of(
        postgres_server.dsn_of(name), redis_server.url, tmp_path_factory.mktemp("artifacts")
    )
    async with serving(settings) as url, AgentOpsClient(url, ADMIN_KEY) as client:
        yield client
    databases.give_back(name)


@pytest_asyncio.fixture(loop_scope="module")
async def telegram() -> AsyncIterator[BotApiServer]:
    async with BotApiServer() as server:
        yield server


@pytest.fixture
def stranger(telegram: BotApiServer) -> Person:
    """Nobody whom the ledger knows."""
    return telegram.person("Eve", next(_people))


@pytest_asyncio.fixture(loop_scope="module")
async def desk(
    telegram: BotApiServer, owner: Person, ops: AgentOpsClient, memos: Memos, leases: Leases, mode: str
) -> AsyncIterator[Desk]:
    async with at_desk(telegram, owner, ops, memos, leases, mode) as desk:
        yield desk


@pytest.fixture
def work(desk: Desk, ops: AgentOpsClient) -> Work:
    return Work(ops, desk)
