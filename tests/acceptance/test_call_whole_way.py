"""A spoken wish through the whole system: ledger, seed, Telegram, and an approval given aloud."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from agentops import AgentOpsClient
from agentops.wire import Block, ClaimRequest, GateKind, NewAgent, NewTask, Priority, Task, TaskStatus
from tests.acceptance import telephone
from tests.acceptance.stack import Stack, running
from tests.botapi import BotApiServer
from tests.integration.gateway_phone.conftest import understood, words
from tests.waiting import eventually
from voice.speech import Speech

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.long, pytest.mark.timeout(600)]

ADA = 424242


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def telegram() -> AsyncIterator[BotApiServer]:
    async with BotApiServer() as server:
        yield server


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def connected(telegram: BotApiServer, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stack]:
    """The whole system with a bot and a telephone."""
    settings = {
        **telephone.SETTINGS,
        "TELEGRAM_BOT_TOKEN": telegram.token,
        "TELEGRAM_API_BASE": telegram.base_url,
        "TELEGRAM_ALLOWED_USERS": str(ADA),
        "SEED_POLL_S": "1",
    }
    async with running(tmp_path_factory.mktemp("call") / "home", settings) as stack:
        yield stack


async def asking(ops: AgentOpsClient) -> Task:
    """A worker's task that waits for an approval; no seed offers what it needs."""
    await ops.register_agent(NewAgent(name="sailor", capabilities=["sailing"]))
    task = await ops.create_task(NewTask(title="Paint the fence", capabilities=["sailing"], origin="main"))
    claim = await ops.claim(task.id, ClaimRequest(agent="sailor", version=task.version))
    ask = Block(epoch=claim.epoch, question="Shall I paint the garden fence?", kind=GateKind.APPROVAL)
    return await ops.block(task.id, ask)


async def test_a_wish_is_spoken_done_told_and_an_approval_given_in_one_call(
    connected: Stack, telegram: BotApiServer, speech: Speech
) -> None:
    ada = telegram.person("Ada", ADA)
    await ada.says("/start")
    await telegram.wait_for(lambda sent: sent.chat_id == ADA and "/help" in sent.text, timeout_s=60)
    async with connected.ops() as ops, telephone.calling(connected) as far:
        wish = await words(speech, "Create a task to make a packing list for the beach, high priority.")
        asked_s = await far.say(wish)

        async def created() -> bool:
            return bool((await ops.list_tasks(q="packing")).items)

        await eventually(created, timeout_s=60)
        until_then = far.timeline.sound()[int(asked_s * 8_000) :]
        await far.until_it_spoke(after_s=far.timeline.now_s - 0.2)
        since = await understood(speech, far.timeline.sound()[int(asked_s * 8_000) :])
        assert "packing" not in await understood(speech, until_then)
        assert "packing" in since.lower()

        done = await telegram.wait_for(
            lambda sent: sent.chat_id == ADA and "packing list" in sent.text.lower() and "Done" in sent.text,
            timeout_s=120,
        )
        assert done.method in ("sendMessage", "sendDocument")
        # A half sentence may have been answered at the comma: what came of it was taken back undone.
        found = (await ops.list_tasks(q="packing")).items
        [task] = [one for one in found if one.status is not TaskStatus.CANCELLED]
        assert (task.status, task.priority) == (TaskStatus.COMPLETED, Priority.HIGH)
        await far.until_it_spoke(after_s=asked_s, quiet_s=2)

        told_s = far.timeline.now_s
        blocked = await asking(ops)
        await far.until_it_spoke(after_s=told_s, quiet_s=2)
        said_s = await far.say(await words(speech, "Yes, approve it."))
        await far.until_it_spoke(after_s=said_s)
        heard = (await understood(speech, far.timeline.sound()[int(told_s * 8_000) :])).lower()
        assert "garden fence" in heard
        assert "approved" in heard
        assert (await ops.get_task(blocked.id)).status is TaskStatus.PENDING
        await far.hang_up()
    receipt = await telegram.wait_for(lambda sent: "Our call lasted" in sent.text, timeout_s=60)
    assert f"Created task {task.number}" in receipt.text
    assert "Details" in telegram.buttons(receipt)
