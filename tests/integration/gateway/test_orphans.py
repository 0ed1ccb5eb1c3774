"""What a killed brain held is answered by the next one at once, and by nobody twice."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from redis.asyncio import Redis

from gateway.errors import LeaseLost
from gateway.session.names import Position
from gateway.session.orphans import free_orphans, is_gone, process_name
from gateway.session.redis_stream import RedisSessionStream
from gateway.session.serving import Say
from gateway.session.turns import Lane, Reply, Turn
from tests.conformance.hearing import listening
from tests.conformance.turns import a_reply, a_turn
from tests.integration.gateway.brains import brain, stuck_brain_process
from tests.waiting import eventually

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/stat").exists(), reason="what proves a death is Linux' own"
)


async def echo(turn: Turn, say: Say) -> Reply:
    await say("once more")
    return a_reply(turn)


async def test_what_a_killed_brain_held_is_answered_at_once_and_once(
    redis: Redis, stream: RedisSessionStream, redis_url: str
) -> None:
    async with listening(stream) as ear, stuck_brain_process(redis_url, lease_s=3600) as stuck:
        await stream.append(a_turn("hello"))
        assert stuck.stdout is not None
        await stuck.stdout.readline()
        assert await free_orphans(redis, list(Lane)) == 0, "it lives"
        stuck.kill()
        await stuck.wait()
        assert await free_orphans(redis, list(Lane)) == 1
        assert await free_orphans(redis, list(Lane)) == 0
        async with brain(stream, echo, name=process_name("next")):
            await eventually(lambda: ear.durable == ["re: hello"])
    assert ear.interruptions == 1


async def test_whoever_was_taken_for_dead_writes_nothing_any_more(
    redis: Redis, stream: RedisSessionStream
) -> None:
    await stream.append(a_turn("hello"))
    late = await stream.acquire("late", wait_s=2)
    assert late is not None
    taken = await late.next_turn()
    assert taken is not None
    assert await free_orphans(redis, list(Lane), gone=lambda name: name == "late") == 1
    with pytest.raises(LeaseLost):
        await late.answer(a_reply(taken.turn, "from the late one"))
    with pytest.raises(LeaseLost):
        await late.renew()
    async with listening(stream, after=Position("0-0")) as ear, brain(stream, echo):
        await eventually(lambda: ear.durable == ["re: hello"])


def test_a_process_that_runs_is_not_gone() -> None:
    assert not is_gone(process_name("chief"))


def test_a_process_that_ended_is_gone_also_while_nobody_has_taken_note() -> None:
    tell = f"from {process_name.__module__} import process_name; print(process_name('chief'), flush=True)"
    with subprocess.Popen([sys.executable, "-c", tell], stdout=subprocess.PIPE, text=True) as ended:
        assert ended.stdout is not None
        name = ended.stdout.readline().strip()
        ended.stdout.read()
        os.waitid(os.P_PID, ended.pid, os.WEXITED | os.WNOWAIT)
        assert is_gone(name)
    assert is_gone(name)


def test_a_number_that_went_to_another_process_is_no_sign_of_life() -> None:
    name, _, began = process_name("chief").rpartition("/")
    assert is_gone(f"{name}/{int(began) - 1}")


@pytest.mark.parametrize(
    "name", ["", "brain", "chief-host-1", "chief@host", "a@b/c/d", "chief-host-1@boot.1/1"]
)
def test_of_other_machines_and_other_names_nothing_is_known(name: str) -> None:
    assert not is_gone(name)
