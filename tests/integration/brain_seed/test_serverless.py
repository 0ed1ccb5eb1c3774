"""Specialists on Scaleway Serverless Containers, against a server that speaks that API."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from agentops import AgentOpsClient, Unauthenticated
from agentops.testing import FakeLedger
from agentops.wire import NewKey, NewTask, Scope, TaskStatus
from brain.seed import main
from brain.seed.errors import RosterRefused
from brain.seed.role import role_of
from brain.seed.specialists.keeper import Keeper
from brain.seed.specialists.keeper import Pace as KeeperPace
from brain.seed.specialists.roster import Roster
from brain.seed.specialists.scaleway import Account, Namespace
from brain.seed.specialists.serverless import Pace, Serverless, is_reachable, name_of, wished
from brain.seed.specialists.spec import Spec, Specialist
from tests.integration.brain_seed.conftest import StartSeed, ended, seed_settings
from tests.integration.brain_seed.test_specialists import HAND_ON, RAISE, approved, raising
from tests.scaleway import ScalewayServer
from tests.scaleway.server import KEY, NAMESPACE
from tests.scripted_model import call, scripted_models
from tests.waiting import eventually

pytestmark = pytest.mark.usefixtures("closed_clients")

CONTAINER = "specialist-translator"
ACCESS_KEY = "SCW11111111111111111"
TOLD = {"LEDGER_URL": "https://ledger.example.org", "PATH": "/here", "COS_MODEL": "openai:own"}


@pytest.fixture
async def scaleway() -> AsyncIterator[ScalewayServer]:
    async with ScalewayServer() as server:
        yield server


@pytest.fixture
async def fake() -> AsyncIterator[AgentOpsClient]:
    async with FakeLedger().client() as client:
        yield client


def specialist(key: tuple[str, str] = ("k-1", "cos_secret"), **more: Any) -> Specialist:
    """One that was approved, with the id and the secret of its key."""
    spec = Spec(**{"name": "translator", "purpose": "Translates.", "prompt": "You translate."} | more)
    return Specialist(spec=spec, key_id=key[0], secret=key[1], hired_at=datetime.now(UTC), task_number=7)


@asynccontextmanager
async def kept(
    ledger: FakeLedger, roster: Roster, scaleway: ScalewayServer, ops: AgentOpsClient, *, idle_s: float = 0.3
) -> AsyncIterator[Specialist]:
    """A keeper at work, with one specialist on its roster."""
    key = await ops.create_key(NewKey(name="translator", scope=Scope.AGENT))
    roster.add(hired := specialist((key.id, key.secret)), most=1)
    runtime = serverless(scaleway, ops, idle_s=idle_s)
    pace = KeeperPace(look_s=0.02, again_s=0.02, ask_s=0.05)
    keeper = Keeper(roster, runtime, ops, lambda secret: ledger.client(api_key=secret), pace)
    keeping = asyncio.create_task(keeper.run())
    try:
        yield hired
    finally:
        keeping.cancel()
        await asyncio.wait({keeping})


def serverless(
    scaleway: ScalewayServer,
    ops: AgentOpsClient,
    *,
    image: str = "rg/seed:v1",
    key: str = KEY,
    idle_s: float = 0.3,
) -> Serverless:
    """That runtime, in a hurry."""
    account = Account(access_key=ACCESS_KEY, secret_key=key, namespace=NAMESPACE, api_url=scaleway.url)
    return Serverless(TOLD, Namespace(account), image, ops, Pace(idle_s, look_s=0.05, change_s=0.02))


async def test_a_container_is_made_for_work_deleted_when_idle_made_again_and_ended_with_its_key(
    scaleway: ScalewayServer, tmp_path: Path
) -> None:
    ledger, roster = FakeLedger(), Roster(tmp_path)
    async with ledger.client() as ops, kept(ledger, roster, scaleway, ops) as hired:
        await eventually(lambda: scaleway.calls == [("create", CONTAINER)])
        made, secrets = scaleway.named(CONTAINER), scaleway.secrets_of(CONTAINER)
        await eventually(lambda: scaleway.calls[-1] == ("delete", CONTAINER))

        await ops.create_task(NewTask(title="Letter", capabilities=["translator"]))
        await eventually(lambda: scaleway.calls[-1] == ("create", CONTAINER))

        roster.remove("translator")
        await eventually(lambda: not scaleway.containers)
        async with ledger.client(api_key=hired.secret) as own:

            async def is_locked_out() -> bool:
                try:
                    await own.whoami()
                except Unauthenticated:
                    return True
                return False

            await eventually(is_locked_out)

    assert (made["image"], made["privacy"], made["sandbox"]) == ("rg/seed:v1", "private", "v1")
    assert (made["min_scale"], made["max_scale"], made["memory_limit_bytes"]) == (1, 1, 1_024_000_000)
    assert (made["command"], made["port"]) == (["python", "-m", "brain.seed"], int(secrets["SEED_PORT"]))
    assert made["environment_variables"] == {}, "what anybody sees who sees the container"
    assert (secrets["LEDGER_API_KEY"], secrets["COS_MODEL"]) == (hired.secret, "openai:own")
    assert "PATH" not in secrets, "a place of this machine is not in there"


async def test_one_whose_key_was_ended_in_the_ledger_is_stopped_and_taken_off_the_roster(
    scaleway: ScalewayServer, tmp_path: Path
) -> None:
    ledger, roster = FakeLedger(), Roster(tmp_path)
    async with ledger.client() as ops, kept(ledger, roster, scaleway, ops, idle_s=600) as hired:
        await eventually(lambda: scaleway.calls == [("create", CONTAINER)])
        await ops.revoke_key(hired.key_id)
        await eventually(lambda: not scaleway.containers)
        await eventually(lambda: not roster.all())


async def test_what_was_dismissed_while_no_keeper_ran_is_ended_by_the_next(
    scaleway: ScalewayServer, tmp_path: Path
) -> None:
    ledger, roster = FakeLedger(), Roster(tmp_path)
    async with ledger.client() as ops:
        key = await ops.create_key(NewKey(name="proofreader", scope=Scope.AGENT))
        gone = specialist((key.id, key.secret), name="proofreader")
        roster.add(gone, most=1)
        await serverless(scaleway, ops).start(gone, tmp_path)
        roster.remove("proofreader")
        async with kept(ledger, roster, scaleway, ops, idle_s=600):
            await eventually(lambda: ("delete", "specialist-proofreader") in scaleway.calls)
            await eventually(lambda: not roster.gone())
        assert [one.revoked_at is None for one in await ops.list_keys() if one.id == key.id] == [False]


async def test_one_that_is_stopped_by_hand_stays_so_until_it_is_let_work_again(
    scaleway: ScalewayServer, tmp_path: Path
) -> None:
    ledger, roster = FakeLedger(), Roster(tmp_path)
    async with ledger.client() as ops, kept(ledger, roster, scaleway, ops, idle_s=600):
        await eventually(lambda: scaleway.calls == [("create", CONTAINER)])
        roster.stop("translator")
        await eventually(lambda: not scaleway.containers)
        await ops.create_task(NewTask(title="Letter", capabilities=["translator"]))
        await asyncio.sleep(0.2)  # ten times as long as it takes to look
        assert [do for do, _ in scaleway.calls] == ["create", "delete"]
        roster.stop("translator", stopped=False)
        await eventually(lambda: scaleway.containers)


async def test_what_a_killed_keeper_left_behind_is_taken_over_and_changed_only_where_it_differs(
    scaleway: ScalewayServer, fake: AgentOpsClient, tmp_path: Path
) -> None:
    hired = specialist()
    await serverless(scaleway, fake).start(hired, tmp_path)
    await serverless(scaleway, fake).start(hired, tmp_path)
    assert scaleway.calls == [("create", CONTAINER)]
    running = await serverless(scaleway, fake, image="rg/seed:v2").start(hired, tmp_path)
    await running.stop()
    assert [do for do, _ in scaleway.calls] == ["create", "update", "delete"]


async def test_a_container_that_does_not_come_up_is_dead_and_is_mended_by_the_next_start(
    scaleway: ScalewayServer, fake: AgentOpsClient, tmp_path: Path
) -> None:
    running = await serverless(scaleway, fake, image="rg/seed:broken-1").start(specialist(), tmp_path)
    assert await running.ended() == 1
    assert scaleway.named(CONTAINER)["status"] == "error"
    await serverless(scaleway, fake, image="rg/seed:v1").start(specialist(), tmp_path)
    assert scaleway.named(CONTAINER)["image"] == "rg/seed:v1"


async def test_one_that_somebody_deleted_is_dead(
    scaleway: ScalewayServer, fake: AgentOpsClient, tmp_path: Path
) -> None:
    running = await serverless(scaleway, fake).start(specialist(), tmp_path)
    scaleway.containers.clear()
    assert await running.ended() == 1
    await running.stop()


async def test_one_that_works_is_not_idle(
    scaleway: ScalewayServer, fake: AgentOpsClient, tmp_path: Path
) -> None:
    await fake.create_task(NewTask(title="Letter", capabilities=["translator"]))
    running = await serverless(scaleway, fake).start(specialist(), tmp_path)
    ending = asyncio.create_task(running.ended())
    await asyncio.wait({ending}, timeout=1.0)  # three times as long as it may be idle
    assert not ending.done()
    ending.cancel()


async def test_what_is_refused_is_said_and_no_key_with_it(
    scaleway: ScalewayServer, fake: AgentOpsClient, tmp_path: Path
) -> None:
    other = KEY.replace("1", "9")
    with pytest.raises(RosterRefused, match="Scaleway refuses: authentication is denied") as refused:
        await serverless(scaleway, fake, key=other).start(specialist(), tmp_path)
    assert other not in str(refused.value)
    with pytest.raises(RosterRefused, match="SEED_SCALEWAY_SECRET_KEY like a UUID") as malformed:
        serverless(scaleway, fake, key="not-a-key")
    assert "not-a-key" not in str(malformed.value)


async def test_a_place_that_does_not_answer_is_named(fake: AgentOpsClient, tmp_path: Path) -> None:
    async with ScalewayServer() as gone:
        runtime = serverless(gone, fake)
    with pytest.raises(RosterRefused, match="SEED_SCALEWAY_API_URL"):
        await runtime.start(specialist(), tmp_path)


def test_more_than_there_is_is_refused_with_the_limit() -> None:
    with pytest.raises(RosterRefused, match="at most 12,228"):
        wished(specialist(memory_mb=16_000), TOLD, "rg/seed:v1")
    with pytest.raises(RosterRefused, match="65,536 bytes"):
        wished(specialist(prompt="語" * 20_000, purpose="語" * 500), {**TOLD, "X": "x" * 65_537}, "i")


def test_names_are_short_enough_for_the_place_and_differ() -> None:
    long = "a-translator-of-very-long-letters-and-"
    names = {name_of(long + ending) for ending in ("1", "2", "3")}
    assert len(names) == 3
    assert all(len(name) <= 34 and not name.endswith("-") for name in names)


def test_a_ledger_on_this_machines_loopback_is_out_of_reach() -> None:
    assert not is_reachable("http://127.0.0.1:8700", "https://api.scaleway.com")
    assert is_reachable("https://ledger.example.org", "https://api.scaleway.com")


def test_settings_say_what_scaleway_needs_besides(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="SEED_SCALEWAY_SECRET_KEY, SEED_SCALEWAY_NAMESPACE as well"):
        seed_settings(
            "https://l", "k", tmp_path, specialist_runtime="scaleway", scaleway_access_key=ACCESS_KEY
        )
    with pytest.raises(SystemExit, match="no container at Scaleway can reach"):
        main._runtime(
            seed_settings("http://127.0.0.1:8700", "k", tmp_path, **at(ScalewayServer())),
            None,  # type: ignore[arg-type]
        )


def test_a_process_without_a_file_is_told_who_it_is_by_a_variable(tmp_path: Path) -> None:
    told = msgspec.json.encode(specialist()).decode()
    role = role_of(seed_settings("https://l", "k", tmp_path, specialist_json=told), [])
    assert (role.agent.name, role.agent.kind, role.spec) == ("translator", "specialist", specialist().spec)
    with pytest.raises(SystemExit, match="SEED_SPECIALIST_JSON cannot be read"):
        role_of(seed_settings("https://l", "k", tmp_path, specialist_json="{"), [])


@pytest.mark.long
@pytest.mark.timeout(300)
async def test_a_specialist_there_does_its_task_with_what_its_container_was_told(
    ops: AgentOpsClient, start_seed: StartSeed, scaleway: ScalewayServer, tmp_path: Path
) -> None:
    scripts = {
        "The letters": (RAISE, HAND_ON, call("wait_for_parts"), call("finish", summary="All are done.")),
        "Letter into French": (call("finish", summary="Translated."),),
    }
    async with (
        scripted_models(scripts) as model,
        running(scaleway, tmp_path),
        start_seed(**raising(model, tmp_path, specialist_idle_s=600, **at(scaleway))),
    ):
        task = await ops.create_task(NewTask(title="The letters"))
        await approved(ops, task.id)
        done = await ended(ops, task.id, timeout_s=120)
        (child,) = (await ops.list_tasks(parent_id=task.id)).items
        Roster(tmp_path / "specialists").remove("translator")
        await eventually(lambda: not scaleway.containers, timeout_s=60)

    assert done.status is TaskStatus.COMPLETED, done.error
    assert (child.assigned_to, child.status.value) == ("translator", "completed"), child.error
    assert scaleway.calls == [("create", CONTAINER), ("delete", CONTAINER)]


@asynccontextmanager
async def running(scaleway: ScalewayServer, home: Path) -> AsyncIterator[None]:
    """What Scaleway does: a process for each container, with the variables of it and no others."""

    async def run() -> None:
        processes: dict[str, asyncio.subprocess.Process] = {}
        try:
            while True:
                for number in scaleway.containers.keys() - processes.keys():
                    told = {**scaleway.secrets[number], "COS_HOME": str(home / number), "SEED_PORT": "0"}
                    (_, *command) = scaleway.containers[number]["command"]
                    processes[number] = await asyncio.create_subprocess_exec(
                        *(sys.executable, *command),
                        env={"PATH": os.defpath, **told},
                        stdin=asyncio.subprocess.DEVNULL,
                        stdout=asyncio.subprocess.DEVNULL,
                    )
                for number in processes.keys() - scaleway.containers.keys():
                    with suppress(ProcessLookupError):
                        processes[number].terminate()
                await asyncio.sleep(0.05)
        finally:
            for process in processes.values():
                with suppress(ProcessLookupError):
                    process.kill()
                await process.wait()

    platform = asyncio.create_task(run())
    try:
        yield
    finally:
        platform.cancel()
        await asyncio.wait({platform})


def at(scaleway: ScalewayServer) -> dict[str, Any]:
    """Settings of a worker that raises specialists there."""
    return {
        "specialist_runtime": "scaleway",
        "scaleway_access_key": ACCESS_KEY,
        "scaleway_secret_key": KEY,
        "scaleway_namespace": NAMESPACE,
        "scaleway_api_url": scaleway.url or "https://api.scaleway.com",
    }
