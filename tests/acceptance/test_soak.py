"""Nothing said on Telegram is lost or answered twice unseen, whatever is killed meanwhile.

`COS_SOAK_UPDATES=10000 COS_SOAK_CHATS=200 COS_SOAK_KILL_EVERY_S=5 pytest tests/acceptance/test_soak.py -s
-k polling` runs it at full length: some twenty minutes; every half minute it says how far it is.
"""

import asyncio
import os
import signal
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import suppress
from functools import partial
from itertools import cycle
from pathlib import Path

import pytest
from psutil import Process

from agentops import AgentOpsClient
from ops.embedded.redis import EmbeddedRedis
from tests.acceptance.soak import Account, Mortal, ShakyBotApi, chief, gateway, people, running, verdict
from tests.botapi import Person
from tests.waiting import eventually

UPDATES = int(os.environ.get("COS_SOAK_UPDATES", "60"))
CHATS = int(os.environ.get("COS_SOAK_CHATS", "20"))
KILL_EVERY_S = float(os.environ.get("COS_SOAK_KILL_EVERY_S", "1"))
FAILING = 0.05
PER_SECOND = 25
"""Messages of all people together; Telegram lets a bot send thirty a second."""
PATIENCE_S = 90 + UPDATES / 10
TELL_EVERY_S = 30


@pytest.fixture
async def mortal_redis(tmp_path: Path) -> AsyncIterator[EmbeddedRedis]:
    async with EmbeddedRedis(tmp_path / "home") as server:
        yield server


async def talk(account: Account, everybody: list[Person]) -> None:
    for number in range(UPDATES):
        person = everybody[number % len(everybody)]
        text = f"message {number}"
        account.asked[person.id].append(text)
        await person.says(text)
        await asyncio.sleep(1 / PER_SECOND)


async def kill(
    victims: list[Mortal | EmbeddedRedis], account: Account, killed: list[str], over: asyncio.Event
) -> None:
    """One after the other, again and again, each back at once, until it is over.

    The next one falls only when somebody was answered again: on a busy machine, a part that is killed
    faster than it starts would never answer anybody.
    """
    for victim in cycle(victims):
        with suppress(TimeoutError):
            async with asyncio.timeout(KILL_EVERY_S):
                await over.wait()
                return
        if isinstance(victim, EmbeddedRedis):
            os.kill(victim.pid, signal.SIGKILL)
            await victim.wait()
            killed.append("redis")
        else:
            await victim.kill()
            killed.append(victim.name)
        before = account.answered()
        await victim.start()
        with suppress(AssertionError):  # the verdict says more
            await eventually(partial(_goes_on, account, before, over), timeout_s=PATIENCE_S, every_s=0.2)


async def tell(account: Account, telegram: ShakyBotApi, killed: list[str]) -> None:
    """How far it is, now and then: a long one takes half an hour, in which nothing else is to be seen."""
    began = time.monotonic()
    while True:
        await asyncio.sleep(TELL_EVERY_S)
        asked = sum(map(len, account.asked.values()))
        print(  # noqa: T201
            f"{time.monotonic() - began:5.0f} s: {asked} of {UPDATES} written, {account.answered()} answers, "
            f"{telegram.unconfirmed} updates with Telegram, {len(killed)} kills, "
            f"{Process().memory_info().rss >> 20} MB here",
            flush=True,
        )


def _goes_on(account: Account, before: int, over: asyncio.Event) -> bool:
    return over.is_set() or account.answered() > before


@pytest.mark.timeout(300 + UPDATES)
@pytest.mark.long
@pytest.mark.parametrize("mode", ["polling", "webhook"])
async def test_every_message_is_answered_once_or_visibly_as_a_repeat_while_everything_is_killed(
    mode: str, ops: AgentOpsClient, ledger_url: str, admin_key: str, mortal_redis: EmbeddedRedis
) -> None:
    async with ShakyBotApi(FAILING, seed=4) as telegram:
        everybody = await people(ops, telegram, CHATS)
        account = Account(telegram)
        began = time.monotonic()
        killed: list[str] = []
        async with (
            running(gateway(mode, telegram, mortal_redis.url, ledger_url, admin_key)) as carrier,
            running(chief(mortal_redis.url)) as brain,
        ):
            over = asyncio.Event()
            async with asyncio.TaskGroup() as group:
                telling = group.create_task(tell(account, telegram, killed))
                group.create_task(kill([carrier, brain, mortal_redis], account, killed, over))
                await talk(account, everybody)
                talked_s = time.monotonic() - began
                with suppress(AssertionError):  # the verdict says more
                    await eventually(lambda: not account.unanswered(), timeout_s=PATIENCE_S, every_s=0.5)
                over.set()
                telling.cancel()
        took_s = time.monotonic() - began
    result = verdict(account)
    print(  # noqa: T201
        f"{mode}: {result.asked} messages from {CHATS} chats, "
        f"written in {talked_s:.0f} s, answered in {took_s:.0f} s; killed: {dict(Counter(killed))}; "
        f"{telegram.spoiled.total()} of {telegram.carried_out} calls spoiled; {result.lost} lost, "
        f"{result.marked_repeats} repeats marked, {result.unmarked_repeats} unmarked, "
        f"{result.out_of_order} chats out of order\n{dict(telegram.spoiled)}"
    )
    assert killed
    assert (result.lost, result.unmarked_repeats, result.out_of_order) == (0, 0, 0)
