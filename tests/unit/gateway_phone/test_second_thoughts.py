"""What half a sentence created is taken back, whenever its answer comes to tell of it."""

import asyncio

import msgspec
import pytest

from agentops import AgentOpsClient
from agentops.testing import FakeLedger
from agentops.wire import Cancel, NewTask, Task, TaskStatus
from gateway.phone.exchanges import Exchange
from gateway.phone.hearing import Answer
from gateway.phone.second_thoughts import SecondThoughts
from gateway.session.turns import Action, Reply
from tests.conformance.turns import a_reply, a_turn

HALF = a_turn("Create a task")


def told(task: Task) -> Reply:
    """The answer that says what was created."""
    return msgspec.structs.replace(a_reply(HALF, "Created."), actions=(created(task),))


def created(task: Task) -> Action:
    return Action(type="task.created", entity_id=task.id, title=task.title)


@pytest.fixture
def ops() -> AgentOpsClient:
    return FakeLedger().client()


async def test_an_answer_that_is_there_is_taken_back_at_once(ops: AgentOpsClient) -> None:
    task, other = [await ops.create_task(NewTask(title=title)) for title in ("half", "other")]
    exchange, thoughts = Exchange(HALF, Answer()), SecondThoughts(ops)
    exchange.answer.whole(told(task))
    await thoughts.take_back(exchange)
    assert exchange.replaced
    assert (await ops.get_task(task.id)).status is TaskStatus.CANCELLED
    assert (thoughts.stands(created(task)), thoughts.stands(created(other))) == (False, True)


async def test_an_answer_that_comes_later_is_taken_back_then(ops: AgentOpsClient) -> None:
    exchange, thoughts = Exchange(HALF, Answer()), SecondThoughts(ops)
    await thoughts.take_back(exchange)
    task = await ops.create_task(NewTask(title="half"))
    exchange.answer.whole(told(task))
    async with asyncio.timeout(10):
        await thoughts.settled()
    assert (await ops.get_task(task.id)).status is TaskStatus.CANCELLED


async def test_what_has_ended_already_stands(ops: AgentOpsClient) -> None:
    task = await ops.create_task(NewTask(title="half"))
    await ops.cancel(task.id, Cancel(reason="somebody else"))
    exchange, thoughts = Exchange(HALF, Answer()), SecondThoughts(ops)
    exchange.answer.whole(told(task))
    await thoughts.take_back(exchange)
    assert thoughts.stands(created(task))
