"""Specialists: proposed, approved, started, at work, idle, dead, dismissed."""

import os
import signal
import tempfile
from pathlib import Path
from typing import Any

import psutil
import pytest

from agentops import AgentOpsClient, Unauthenticated
from agentops.wire import GateAnswer, GateKind, NewTask, TaskStatus
from brain.seed.specialists.roster import Roster
from tests.integration.brain_seed.conftest import StartSeed, ended, reaches
from tests.integration.brain_seed.engine import USER, container_engine
from tests.scripted_model import ScriptedServer, call, scripted_models
from tests.waiting import eventually

pytestmark = pytest.mark.usefixtures("closed_clients")

RAISE = call(
    "create_agent", name="translator", purpose="Translates letters.", prompt="You translate letters."
)
HAND_ON = call("hand_on", title="Letter into French", description="Hello, Ada", capability="translator")


def raising(model: ScriptedServer, home: Path, **more: Any) -> dict[str, Any]:
    """Settings of a worker that raises specialists in this home."""
    own = {"model": "openai:scripted", "openai_base_url": model.url, "home": home}
    return {**own, "specialist_idle_s": 1.5, "specialists_max": 1, **more}


async def approved(
    ops: AgentOpsClient, task_id: Any, answer: str = "Approve", *, timeout_s: float = 60
) -> str:
    """Waits for the approval to be asked for, and answers; the question."""
    await reaches(ops, task_id, TaskStatus.BLOCKED, timeout_s=timeout_s)
    (gate,) = await ops.list_gates(task_id=task_id)
    assert gate.kind is GateKind.APPROVAL
    await ops.answer_gate(gate.id, GateAnswer(answer=answer))
    return gate.question


@pytest.mark.timeout(300)
async def test_a_specialist_is_approved_works_ends_when_idle_and_comes_back_for_the_next_task(
    ops: AgentOpsClient, start_seed: StartSeed, tmp_path: Path
) -> None:
    part = (call("write_file", path="lettre.txt", content="Bonjour"), call("finish", summary="Translated."))
    scripts = {
        "The letters": (
            RAISE,
            HAND_ON,
            call("wait_for_parts"),
            call("finish", summary="All letters are done."),
        ),
        "Letter into French": part,
        "Second letter": part,
    }
    async with scripted_models(scripts) as model, start_seed(**raising(model, tmp_path)):
        task = await ops.create_task(NewTask(title="The letters"))
        question = await approved(ops, task.id)
        done = await ended(ops, task.id, timeout_s=100)
        assert done.status is TaskStatus.COMPLETED, done.error
        (child,) = (await ops.list_tasks(parent_id=task.id)).items
        await eventually(lambda: not specialists_of(os.getpid()), timeout_s=30)

        second = await ops.create_task(NewTask(title="Second letter", capabilities=["translator"]))
        again = await ended(ops, second.id, timeout_s=100)

    assert "You translate letters." in question
    assert "2,000,000 tokens" in question
    assert (child.assigned_to, child.status.value) == ("translator", "completed")
    assert (again.assigned_to, again.status.value) == ("translator", "completed"), again.error
    agent = await ops.get_agent("translator")
    assert (agent.kind, agent.capabilities) == ("specialist", ["translator"])
    told = [asked.system for asked in model.asked if "Letter into French" in asked.system]
    assert all("You translate letters." in system for system in told)
    assert not specialists_of(os.getpid()), "nothing outlives its keeper"


async def test_a_specialist_that_dies_is_started_again_and_one_that_is_dismissed_loses_its_key(
    ops: AgentOpsClient, ledger_url: str, start_seed: StartSeed, tmp_path: Path
) -> None:
    scripts = {
        "The letters": (RAISE, call("finish", summary="It is there.")),
    }
    async with (
        scripted_models(scripts) as model,
        start_seed(**raising(model, tmp_path, specialist_idle_s=60)),
    ):
        task = await ops.create_task(NewTask(title="The letters"))
        await approved(ops, task.id)
        assert (await ended(ops, task.id)).status is TaskStatus.COMPLETED
        (first,) = await eventually(lambda: specialists_of(os.getpid()), timeout_s=30)
        first.send_signal(signal.SIGKILL)
        (second,) = await eventually(
            lambda: [one for one in specialists_of(os.getpid()) if one.pid != first.pid], 30
        )

        await eventually(lambda: _is_registered(ops), timeout_s=30)

        specialist = Roster(tmp_path / "specialists").remove("translator")
        await eventually(lambda: not psutil.pid_exists(second.pid), timeout_s=30)

        async def is_locked_out() -> bool:
            async with AgentOpsClient(ledger_url, specialist.secret) as own:
                try:
                    await own.whoami()
                except Unauthenticated:
                    return True
            return False

        await eventually(is_locked_out, timeout_s=15)


async def test_no_more_specialists_than_there_may_be_and_none_against_the_persons_will(
    ops: AgentOpsClient, start_seed: StartSeed, tmp_path: Path
) -> None:
    scripts = {"The letters": (RAISE, call("finish", summary="I did it myself."))}
    async with scripted_models(scripts) as model, start_seed(**raising(model, tmp_path)):
        task = await ops.create_task(NewTask(title="The letters"))
        await approved(ops, task.id, "Deny")
        done = await ended(ops, task.id)

    assert done.status is TaskStatus.COMPLETED, done.error
    assert "does not want this specialist" in model.asked[-1].last_result
    assert not Roster(tmp_path / "specialists").all()
    assert [key.name for key in await ops.list_keys() if key.name == "translator"] == []


@pytest.mark.long
@pytest.mark.timeout(900)
async def test_a_specialist_works_in_a_container_and_is_stopped(
    ops: AgentOpsClient, start_seed: StartSeed, tmp_path: Path
) -> None:
    scripts = {
        "The letters": (RAISE, HAND_ON, call("wait_for_parts"), call("finish", summary="All are done.")),
        "Letter into French": (call("finish", summary="Translated."),),
    }
    with tempfile.TemporaryDirectory(prefix="cos-engine-") as folder:
        async with container_engine(Path(folder)) as engine, scripted_models(scripts) as model:
            boxed = {
                "specialist_runtime": "docker",
                "specialist_image": engine.image,
                "docker_socket": engine.socket,
                "docker_network": "host",
                "specialist_idle_s": 600,
                "lease_s": 60,
                "heartbeat_s": 20,
            }
            async with start_seed(**raising(model, tmp_path, **boxed)):
                task = await ops.create_task(NewTask(title="The letters"))
                await approved(ops, task.id)
                done = await ended(ops, task.id, timeout_s=400)
                (child,) = (await ops.list_tasks(parent_id=task.id)).items
                (contained,) = await engine.containers()
                inside = rights_of(contained.process)
                Roster(tmp_path / "specialists").remove("translator")
                await eventually(engine.is_empty, timeout_s=60)

    assert done.status is TaskStatus.COMPLETED, done.error
    assert (child.assigned_to, child.status.value) == ("translator", "completed"), child.error
    assert contained.labels["chief-of-staff.specialist"] == "translator"
    assert contained.memory_bytes == 1024 << 20
    assert inside == {"Uid": USER, "CapEff": "0000000000000000", "NoNewPrivs": "1"}


def rights_of(pid: int) -> dict[str, str]:
    """What the kernel says of a process: its user, its capabilities, whether it may gain any."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    told = dict(line.split(":", 1) for line in lines)
    return {name: told[name].split()[0] for name in ("Uid", "CapEff", "NoNewPrivs")}


def specialists_of(pid: int) -> list[psutil.Process]:
    """The processes of specialists that this process has started."""
    found = []
    for process in psutil.Process(pid).children(recursive=True):
        try:
            if process.cmdline()[-2:] == ["-m", "brain.seed"] and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except psutil.NoSuchProcess:
            continue
    return found


async def _is_registered(ops: AgentOpsClient) -> bool:
    return any(agent.name == "translator" for agent in await ops.list_agents())
