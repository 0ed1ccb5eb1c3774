"""The whole way of a spoken wish: far end, gateway, session, the real chief, the ledger, and back."""

import re
from collections.abc import AsyncIterator

import pytest

from agentops import AgentOpsClient
from agentops.wire import Person, Priority, Task, TaskStatus, UsageGroup
from gateway.session.redis_stream import RedisSessionStream
from ops.phone_calls import Network, incoming
from tests.integration.gateway_phone.conftest import ADA, OURS, offline_chief, said_in, understood, words
from tests.waiting import eventually
from voice.speech import Speech


@pytest.fixture
async def chief(ops: AgentOpsClient, stream: RedisSessionStream) -> AsyncIterator[None]:
    async with offline_chief(ops, stream):
        yield


async def standing(ops: AgentOpsClient) -> list[Task]:
    """On a busy machine the caller seems to pause, and what half the sentence created is cancelled again."""
    return [task for task in (await ops.list_tasks()).items if task.status is not TaskStatus.CANCELLED]


async def recorded(ops: AgentOpsClient) -> bool:
    """That the call is in the ledger: its begin and end, its seconds, its receipt."""
    told = (await ops.list_events(after="0", types=["call.*"])).events
    used = [one.call_seconds for one in await ops.sum_usage(UsageGroup.SESSION)]
    notices = [turn.text for turn in (await ops.list_turns("main")).items if turn.role == "notice"]
    assert [event.type for event in told] == ["call.started", "call.ended"]
    assert used == [told[1].payload["seconds"]]
    assert used[0] > 0
    assert told[1].payload["number"] == "…678"
    created = [f"Created task {task.number}" for task in await standing(ops)]
    return any(
        "Our call lasted" in text and re.findall(r"Created task \d+", text) == created for text in notices
    )


async def test_a_spoken_wish_is_in_the_ledger_before_it_is_confirmed(
    network: Network, ada: Person, chief: None, ops: AgentOpsClient, speech: Speech
) -> None:
    call = incoming(ADA, OURS)
    told = await network.ring(call)
    assert told.token, told.said
    async with network.connected(told, call["CallSid"]) as far:
        await far.until_it_spoke(after_s=0)
        greeting = await understood(speech, far.timeline.sound())
        assert "Ada" in greeting or "what can i do" in greeting.lower()

        wish = await words(speech, "Create a task to book a table for four, high priority.")
        asked_s = await far.say(wish)

        async def created() -> bool:
            return bool((await ops.list_tasks()).items)

        await eventually(created, timeout_s=60)
        begun_at = int(asked_s * 8_000)
        heard_already = far.timeline.sound()[begun_at:]  # "one moment", if anything
        created_s = far.timeline.now_s
        await eventually(lambda: said_in(ops, "chief"), timeout_s=60)
        await far.until_it_spoke(after_s=created_s, quiet_s=2)
        sound = far.timeline.sound()[begun_at:]
    await eventually(lambda: recorded(ops), timeout_s=60)
    [task] = await standing(ops)
    assert (task.priority, task.status) == (Priority.HIGH, TaskStatus.PENDING)
    assert "table" in task.title.lower()
    assert "table" not in (await understood(speech, heard_already)).lower()
    assert "table" in (await understood(speech, sound)).lower()
