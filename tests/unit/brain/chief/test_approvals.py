"""What needs a button: asked in the ledger, and done once when it was pressed."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest

from agentops import AgentOpsClient, GateClosed
from agentops.wire import ClaimNextRequest, Gate, GateAnswer, GateKind, GateStatus, NewProject, TaskStatus
from brain.chief.approving import Approvals
from tests.integration.brain.scripted import Call, ScriptedModel, Speech
from tests.talking import Person
from tests.unit.brain.chief.conftest import NOON, MakeTalk
from tests.waiting import eventually

ASKED = Speech("That needs your button, so nothing is done yet.")


@pytest.fixture
async def person(talk: MakeTalk, ops: AgentOpsClient) -> AsyncIterator[Person]:
    """Talks with a chief that has been told to delete a project, and does what is approved."""
    await ops.create_project(NewProject(name="Website"))
    made = talk(ScriptedModel(Call("delete_project", {"name": "website"}), ASKED))
    approving = asyncio.create_task(Approvals(ops, made.chief.tools, lambda: NOON).run())
    yield made
    approving.cancel()
    with suppress(asyncio.CancelledError):
        await approving


async def asked(ops: AgentOpsClient) -> Gate:
    return (await ops.list_gates(status=GateStatus.OPEN))[0]


async def ended(ops: AgentOpsClient, gate: Gate, *status: TaskStatus) -> str:
    async def summary() -> str | None:
        task = await ops.get_task(gate.task_id)
        return str((task.result or {}).get("summary") or task.error) if task.status in status else None

    return await eventually(summary) or ""


async def test_a_deed_of_high_risk_becomes_an_approval_and_is_not_done(
    person: Person, ops: AgentOpsClient
) -> None:
    reply = await person.says("delete the website project")

    gate = await asked(ops)
    assert (gate.kind, gate.options) == (GateKind.APPROVAL, [])
    assert gate.question == "Delete the project “Website” with its 0 tasks for good?"
    assert [action.type for action in reply.actions] == ["approval.asked"]
    assert [project.name for project in await ops.list_projects()] == ["Website"]


async def test_the_button_does_it_once(person: Person, ops: AgentOpsClient) -> None:
    await person.says("delete the website project")
    gate = await asked(ops)
    await ops.answer_gate(gate.id, GateAnswer(answer="yes", by="Telegram"))

    assert (await ended(ops, gate, TaskStatus.COMPLETED)).startswith("Approved and done: Delete the project")
    assert await ops.list_projects() == []
    with pytest.raises(GateClosed):
        await ops.answer_gate(gate.id, GateAnswer(answer="no", by="the panel"))


async def test_a_no_leaves_it(person: Person, ops: AgentOpsClient) -> None:
    await person.says("delete the website project")
    gate = await asked(ops)
    await ops.answer_gate(gate.id, GateAnswer(answer="no", by="the panel"))

    assert (await ended(ops, gate, TaskStatus.COMPLETED)).startswith("Not approved, so nothing was done")
    assert len(await ops.list_projects()) == 1


async def test_what_has_become_impossible_is_told(person: Person, ops: AgentOpsClient) -> None:
    await person.says("delete the website project")
    gate = await asked(ops)
    project = (await ops.list_projects())[0]
    await ops.delete_project(project.id)
    await ops.answer_gate(gate.id, GateAnswer(answer="approve"))

    assert "no project called" in await ended(ops, gate, TaskStatus.FAILED)


async def test_no_worker_takes_an_approval(person: Person, ops: AgentOpsClient) -> None:
    await person.says("delete the website project")
    gate = await asked(ops)
    await ops.answer_gate(gate.id, GateAnswer(answer="yes"))

    taken = await ops.claim_next(ClaimNextRequest(agent="seed-1", n=10))
    assert gate.task_id not in [claim.task.id for claim in taken]


async def test_a_turn_that_runs_again_asks_once(person: Person, ops: AgentOpsClient, talk: MakeTalk) -> None:
    turn = person.turn("delete the website project")
    await person.repeats(turn)
    again = talk(ScriptedModel(Call("delete_project", {"name": "website"}), ASKED))
    await again.chief.note(turn, await person.chief.answer(turn, person._hear))

    assert len(await ops.list_gates()) == 1
