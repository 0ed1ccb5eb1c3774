"""What the gateway adds to a message on Telegram: on the way in, and on the way out.

It prints figures and asserts only that all were answered: a busy machine is no defect.
`make test-long ARGS="tests/acceptance/test_overhead.py -s"` runs it.
"""

import asyncio
import os
import statistics
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from pathlib import Path

import pytest

from agentops import AgentOpsClient
from gateway.session.redis_stream import open_session_stream
from gateway.session.serving import Say, serve_turns
from gateway.session.turns import Reply, Turn
from ops.embedded.redis import EmbeddedRedis
from tests.acceptance.soak import gateway, people, running
from tests.botapi import BotApiServer, Person
from tests.conformance.turns import a_reply
from tests.waiting import eventually

CHATS = 50
EACH = int(os.environ.get("COS_OVERHEAD_MESSAGES", "12"))
PER_SECOND = 20
"""All together; the gateway holds itself back at Telegram's thirty a second."""
GOAL_P99_MS = 15


@pytest.fixture
async def own_redis(tmp_path: Path) -> AsyncIterator[EmbeddedRedis]:
    async with EmbeddedRedis(tmp_path / "home") as server:
        yield server


class Clocks:
    """The update of each text, and when it was where, in seconds of the loop's clock."""

    def __init__(self) -> None:
        self.update: dict[str, int] = {}
        self.heard: dict[str, float] = {}
        self.answered: dict[str, float] = {}

    async def echo(self, turn: Turn, say: Say) -> Reply:
        clock = asyncio.get_running_loop().time
        self.heard[turn.text] = clock()
        reply = a_reply(turn)
        self.answered[turn.text] = clock()
        return reply


def told(what: str, seconds: Sequence[float]) -> str:
    cuts = statistics.quantiles(seconds, n=100)
    return f"{what}: p50 {cuts[49] * 1000:.1f} ms, p99 {cuts[98] * 1000:.1f} ms (goal {GOAL_P99_MS} ms)"


@pytest.mark.long
@pytest.mark.timeout(300)
@pytest.mark.parametrize("mode", ["polling", "webhook"])
async def test_fifty_chats_at_once(
    mode: str, ops: AgentOpsClient, ledger_url: str, admin_key: str, own_redis: EmbeddedRedis
) -> None:
    clocks = Clocks()
    async with BotApiServer() as telegram, open_session_stream(own_redis.url) as stream:
        everybody = await people(ops, telegram, CHATS)
        brain = asyncio.create_task(serve_turns(stream, clocks.echo, brain="overhead", slots=16))
        async with running(gateway(mode, telegram, own_redis.url, ledger_url, admin_key)):
            await everybody[0].says("warm up")
            await telegram.wait_for(lambda sent: "warm up" in sent.text, timeout_s=60)
            await _talk(telegram, everybody, clocks)
            sent = await eventually(lambda: _sent(telegram, clocks), timeout_s=60) or {}
        brain.cancel()
        with suppress(asyncio.CancelledError):
            await brain
    handed = telegram.account.updates.handed_at
    arrived = [clocks.heard[text] - handed[update] for text, update in clocks.update.items()]
    left = [sent[text] - at for text, at in clocks.answered.items() if text in sent]
    print(f"\n{mode}, {CHATS} chats, {len(clocks.update)} messages")  # noqa: T201
    print(told("update handed out → turn with the brain", arrived))  # noqa: T201
    print(told("answer ready → asked of Telegram", left))  # noqa: T201
    assert set(sent) == set(clocks.update)


async def _talk(telegram: BotApiServer, everybody: list[Person], clocks: Clocks) -> None:
    for number in range(CHATS * EACH):
        text = f"message {number}"
        await everybody[number % CHATS].says(text)
        clocks.update[text] = telegram.account.updates.last_id
        await asyncio.sleep(1 / PER_SECOND)


def _sent(telegram: BotApiServer, clocks: Clocks) -> dict[str, float] | None:
    """Text → when it was sent, once all were."""
    found = {one.text.removeprefix("re: "): one.at for one in telegram.sent if one.text.startswith("re: ")}
    return {text: found[text] for text in clocks.update} if len(found) > CHATS * EACH else None
