"""A chief over a ledger in memory: everything of the chief is real, and a turn takes milliseconds."""

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime

import pytest
from strands.models import Model

from agentops import AgentOpsClient
from agentops.testing import FakeLedger
from agentops.wire import ClaimNextRequest, Complete, NewTask, Task
from brain.chief.answering import Chief, Minds
from brain.offline.model import OfflineModel
from gateway.session.memory import MemorySessionStream
from gateway.session.memos import MemoryMemos
from tests.talking import Person

NOON = datetime(2030, 1, 30, 12, 0, tzinfo=UTC)
MakeTalk = Callable[..., Person]


@pytest.fixture
async def ops() -> AsyncIterator[AgentOpsClient]:
    """An administrator's client of a ledger in memory."""
    async with FakeLedger().client() as client:
        yield client


@pytest.fixture
def talk(ops: AgentOpsClient) -> MakeTalk:
    """Makes chiefs that share a ledger and their memos, and somebody who talks to each."""
    memos, stream = MemoryMemos(), MemorySessionStream()

    def make(model: Model, *, voice: Model | None = None, cached_sessions: int = 8, **of: str) -> Person:
        minds = Minds(
            talking=model,
            commands=OfflineModel(introduces_itself=False),
            name="test:model",
            prompt="Be brief.",
            voice=voice,
            voice_prompt="Speak briefly.",
        )
        chief = Chief(
            ops,
            minds,
            lambda: NOON,
            cached_sessions=cached_sessions,
            turn_timeout_s=10,
            memos=memos,
            stream=stream,
        )
        return Person(chief, **of)

    return make


@pytest.fixture
def completed(ops: AgentOpsClient) -> Callable[..., object]:
    """Makes tasks that a worker has completed with a result."""

    async def make(title: str, summary: str, report: str = "") -> Task:
        await ops.create_task(NewTask(title=title))
        claim = (await ops.claim_next(ClaimNextRequest(agent="seed-1")))[0]
        if report:
            await ops.upload(
                "report.md", report.encode(), media_type="text/markdown", task_id=claim.task.id,
                epoch=claim.epoch, kind="output",
            )  # fmt: skip
        return await ops.complete(claim.task.id, Complete(epoch=claim.epoch, result={"summary": summary}))

    return make
