"""A worker with a model: plan, act, check, finish; questions, parts, budgets, failures."""

import json
import re
import sys
from pathlib import Path
from time import monotonic
from typing import Any

import pytest

from agentops import AgentOpsClient
from agentops.wire import (
    BudgetPatch,
    BudgetPeriod,
    BudgetScope,
    BudgetUnit,
    GateAnswer,
    NewBudget,
    NewTask,
    TaskId,
    TaskStatus,
    UsageGroup,
)
from tests.integration.brain_seed.conftest import StartProcess, StartSeed, ended, reaches
from tests.scripted_model import Asked, ScriptedServer, call, scripted_model, scripted_models, words
from tests.waiting import eventually

pytestmark = pytest.mark.usefixtures("closed_clients")

MCP_SERVER = """
from mcp.server import MCPServer

server = MCPServer("tide")


@server.tool()
def high_tide(harbour: str) -> str:
    '''When the water is highest.'''
    return f"high tide in {harbour} at noon"


server.run("stdio")
"""


def by(model: ScriptedServer, **more: Any) -> dict[str, Any]:
    """Settings of a worker that thinks with this model."""
    return {"model": "openai:scripted", "openai_base_url": model.url, **more}


async def test_a_task_is_planned_done_checked_and_handed_in(
    ops: AgentOpsClient, start_seed: StartSeed
) -> None:
    moves = (
        call("plan", steps=["Write it", "Check it"]),
        call("write_file", path="greeting.md", content="Hello, Ada"),
        call("step_done", note="The greeting is written"),
        call("read_file", path="greeting.md"),
        call("finish", summary="Done without checks.", files=["greeting.md"]),
        call(
            "finish",
            summary="Ada is greeted.",
            files=["greeting.md"],
            checks=[{"criterion": 1, "met": True, "evidence": "read_file shows “Ada”"}],
        ),
    )
    async with scripted_model(*moves) as model, start_seed(**by(model)):
        task = await ops.create_task(NewTask(title="Greet Ada", acceptance_criteria=["It names Ada"]))
        done = await ended(ops, task.id)

    assert done.status is TaskStatus.COMPLETED, done.error
    assert done.result is not None
    assert done.result["summary"] == "Ada is greeted."
    assert done.result["checks"][0]["met"] is True
    files = {one.name: one for one in await ops.list_artifacts(task.id)}
    assert files["greeting.md"].kind == "output"
    assert await ops.download(files["greeting.md"].id) == b"Hello, Ada"
    assert "criterion 1 (“It names Ada”) is not checked" in model.asked[5].last_result
    transcript = await ops.download(files["transcript-1.md"].id)
    assert files["transcript-1.md"].kind == "record"
    assert b"greeting.md" in transcript
    notes = [
        event.payload["note"] for event in (await ops.list_events(after="0", types=["task.progress"])).events
    ]
    # The latest is told now and then: steps as quick as these may all lie between two times.
    assert notes
    assert set(notes) <= {"Getting ready", "Write it", "Check it", "The greeting is written"}
    (used,) = await ops.sum_usage(UsageGroup.TASK)
    assert (used.group, used.tokens_in, used.tokens_out) == (task.id, 600, 120)


async def test_a_question_blocks_the_task_and_the_answer_is_taken_up_where_it_stopped(
    ops: AgentOpsClient, start_seed: StartSeed
) -> None:
    moves = (
        call("plan", steps=["Ask", "Write"]),
        [
            call("write_file", path="draft.txt", content="before"),
            call("ask_person", question="Which colour?"),
        ],
        lambda asked: call("write_file", path="colour.txt", content=asked.last_result),
        call("finish", summary="The colour is written down.", files=["colour.txt", "draft.txt"]),
    )
    async with scripted_model(*moves) as model, start_seed(**by(model)):
        task = await ops.create_task(NewTask(title="Write down my favourite colour"))
        await reaches(ops, task.id, TaskStatus.BLOCKED)
        (gate,) = await ops.list_gates(task_id=task.id)
        assert gate.question == "Which colour?"
        assert len(model.asked) == 2
        await ops.answer_gate(gate.id, GateAnswer(answer="Blue"))
        done = await ended(ops, task.id)

    assert done.status is TaskStatus.COMPLETED, done.error
    assert len(model.asked) == 4, "nothing that was thought before is thought again"
    files = {one.name: await ops.download(one.id) for one in await ops.list_artifacts(task.id)}
    assert files["colour.txt"] == b"Blue"
    assert files["draft.txt"] == b"before", "the workspace outlives the question"


async def test_parts_are_done_by_others_while_the_whole_holds_no_worker(
    ops: AgentOpsClient, start_seed: StartSeed
) -> None:
    def gathered(asked: Asked) -> Any:
        number = re.findall(r"Task (\d+) \(completed\)", asked.last_result)[0]
        return call("take_file", number=int(number), name="half.txt")

    scripts = {
        "The whole": (
            call("hand_on", title="Left half", description="Do the left."),
            call("hand_on", title="Right half", description="Do the right."),
            call("wait_for_parts"),
            gathered,
            lambda asked: call("finish", summary="Put together.", files=[asked.last_result]),
        ),
        "Left half": (
            call("write_file", path="half.txt", content="left"),
            call("finish", summary="Left is done.", files=["half.txt"]),
        ),
        "Right half": (call("give_up", reason="There is no right."),),
    }
    async with scripted_models(scripts) as model, start_seed(**by(model, slots=1)):
        task = await ops.create_task(NewTask(title="The whole"))
        done = await ended(ops, task.id)
        parts = (await ops.list_tasks(parent_id=task.id)).items

    assert done.status is TaskStatus.COMPLETED, done.error
    assert {part.title: part.status.value for part in parts} == {
        "Left half": "completed",
        "Right half": "failed",
    }
    heard = [asked.last_result for asked in model.asked if "There is no right." in asked.last_result]
    assert heard, "the whole hears how each part ended"


async def test_a_second_attempt_knows_what_the_first_has_learnt(
    ops: AgentOpsClient, start_seed: StartSeed
) -> None:
    moves = (
        call("read_file", path="nowhere.txt"),
        words("I do not know."),
        words("Really not."),
        words("No."),
        call("finish", summary="It went another way."),
    )
    async with scripted_model(*moves) as model, start_seed(**by(model)):
        task = await ops.create_task(NewTask(title="Find it"))
        done = await ended(ops, task.id)

    assert done.status is TaskStatus.COMPLETED, done.error
    assert done.attempt == 2
    told = model.asked[-1].system
    assert "Earlier attempts failed" in told
    assert "There is no file nowhere.txt" in told


async def test_a_model_that_does_not_answer_costs_an_attempt_and_tells_no_secrets(
    ops: AgentOpsClient, start_seed: StartSeed
) -> None:
    async with scripted_model(400) as model, start_seed(**by(model, openai_api_key="sk-very-secret")):
        task = await ops.create_task(NewTask(title="Try", max_attempts=1))
        done = await ended(ops, task.id)

    assert done.status is TaskStatus.FAILED
    assert "My language model (openai:scripted)" in (done.error or "")
    assert "sk-very-secret" not in (done.error or "")


async def test_at_its_allowance_the_task_asks_and_goes_on_when_the_person_agrees(
    ops: AgentOpsClient, start_seed: StartSeed
) -> None:
    moves = (call("plan", steps=["One"]), call("list_files"), call("finish", summary="It took three steps."))
    async with scripted_model(*moves) as model, start_seed(**by(model, task_steps=2)):
        task = await ops.create_task(NewTask(title="Take three steps"))
        await reaches(ops, task.id, TaskStatus.BLOCKED)
        (gate,) = await ops.list_gates(task_id=task.id)
        assert "as much as I may spend" in gate.question
        await ops.answer_gate(gate.id, GateAnswer(answer="Go on"))
        done = await ended(ops, task.id)

    assert done.status is TaskStatus.COMPLETED, done.error
    assert len(model.asked) == 3


async def test_a_spent_budget_stops_the_work_until_it_is_raised(
    ops: AgentOpsClient, start_seed: StartSeed
) -> None:
    budget = await ops.create_budget(
        NewBudget(
            scope=BudgetScope.ALL, unit=BudgetUnit.TOKENS, period=BudgetPeriod.DAY, limit=120, name="Small"
        )
    )
    moves = (call("plan", steps=["One"]), call("finish", summary="After the raise."))
    async with scripted_model(*moves) as model, start_seed(**by(model)):
        task = await ops.create_task(NewTask(title="Be thrifty"))
        await eventually(lambda: _was_released(ops, task.id), timeout_s=20)
        await ops.update_budget(budget.id, BudgetPatch(limit=10_000))
        done = await ended(ops, task.id)

    assert done.status is TaskStatus.COMPLETED, done.error
    assert [one.outcome for one in await ops.list_attempts(task.id)] == ["released", "completed"]
    assert len(model.asked) == 2


async def test_a_cancelled_task_stops_while_the_model_still_thinks(
    ops: AgentOpsClient, start_seed: StartSeed
) -> None:
    async with scripted_model(call("list_files"), delay_s=60) as model, start_seed(**by(model)):
        task = await ops.create_task(NewTask(title="Take for ever"))
        await eventually(lambda: model.asked, timeout_s=20)
        began = monotonic()
        await ops.cancel(task.id)
        done = await ended(ops, task.id)
        took_s = monotonic() - began

    assert done.status is TaskStatus.CANCELLED
    assert took_s < 10, "the goal is 2 s; a busy machine may take longer"


async def test_what_a_stopped_worker_hands_back_another_takes_up_where_it_was(
    ops: AgentOpsClient, start_seed: StartSeed
) -> None:
    moves = (
        call("write_file", path="half.txt", content="half"),
        call("list_files"),
        call("list_files"),
        call("finish", summary="Taken up.", files=["half.txt"]),
    )
    async with scripted_model(*moves, delay_s=0.7) as model:
        async with start_seed(**by(model, name="seed-first")):
            task = await ops.create_task(NewTask(title="Outlive a worker"))
            await eventually(lambda: len(model.asked) == 2, timeout_s=20, every_s=0.001)
        assert (await ops.get_task(task.id)).status is TaskStatus.PENDING
        async with start_seed(**by(model, name="seed-second")):
            done = await ended(ops, task.id)

    assert done.status is TaskStatus.COMPLETED, done.error
    roles = [message["role"] for message in model.asked[-1].body["messages"]]
    assert roles.count("user") == 1, "the conversation goes on; it does not begin anew"
    files = {one.name: await ops.download(one.id) for one in await ops.list_artifacts(task.id)}
    assert files["half.txt"] == b"half"


@pytest.mark.long
async def test_what_a_killed_worker_had_done_another_does_not_do_again(
    ops: AgentOpsClient, ledger_url: str, start_seed_process: StartProcess
) -> None:
    moves = (
        call("write_file", path="half.txt", content="half"),
        call("list_files"),
        call("list_files"),
        call("list_files"),
        call("finish", summary="Taken up.", files=["half.txt"]),
    )
    async with scripted_model(*moves, delay_s=0.5) as model:
        told = {"COS_MODEL": "openai:scripted", "OPENAI_BASE_URL": model.url, "SEED_KEEP_EVERY_S": "0"}
        told |= {"SEED_LEASE_S": "6", "SEED_HEARTBEAT_S": "1"}
        async with start_seed_process(ledger_url, "seed-killed", **told) as first:
            task = await ops.create_task(NewTask(title="Outlive a kill"))
            await eventually(lambda: len(model.asked) == 3, timeout_s=40, every_s=0.001)
            first.kill()
        async with start_seed_process(ledger_url, "seed-after", **told):
            done = await ended(ops, task.id, timeout_s=40)

    assert done.status is TaskStatus.COMPLETED, done.error
    assert [one.outcome for one in await ops.list_attempts(task.id)] == ["lease_expired", "completed"]
    roles = [message["role"] for message in model.asked[-1].body["messages"]]
    assert roles.count("user") == 1, "the conversation goes on; it does not begin anew"
    files = {one.name: await ops.download(one.id) for one in await ops.list_artifacts(task.id)}
    assert files["half.txt"] == b"half"


async def test_programs_run_in_the_sandbox_and_see_nothing_of_the_worker(
    ops: AgentOpsClient, start_seed: StartSeed
) -> None:
    moves = (
        call("write_file", path="numbers.txt", content="1 2 3"),
        call(
            "run_python",
            code="import os; print(sorted(os.environ), sum(map(int, open('numbers.txt').read().split())))",
        ),
        call("run_command", command="wc -c numbers.txt > size.txt; exit 3"),
        call("finish", summary="Counted.", files=["size.txt"]),
    )
    async with scripted_model(*moves) as model, start_seed(**by(model, openai_api_key="sk-very-secret")):
        task = await ops.create_task(NewTask(title="Count"))
        done = await ended(ops, task.id)
        if "run_python" not in model.asked[0].tools:
            pytest.skip("this machine offers no sandbox")

    assert done.status is TaskStatus.COMPLETED, done.error
    assert " 6" in model.asked[2].last_result
    assert "sk-very-secret" not in model.asked[2].last_result
    assert "LEDGER_API_KEY" not in model.asked[2].last_result
    assert model.asked[3].last_result.startswith("exit 3")


# Strands leaves a coroutine of its own behind when a server does not start.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
async def test_tools_of_an_mcp_server_are_offered_and_a_broken_server_is_left_out(
    ops: AgentOpsClient, start_seed: StartSeed, tmp_path: Path
) -> None:
    server = tmp_path / "server.py"
    server.write_text(MCP_SERVER)
    servers = {
        "tide": {"command": sys.executable, "args": [str(server)]},
        "broken": {"command": sys.executable, "args": ["-c", "raise SystemExit(1)"]},
    }
    config = tmp_path / "mcp.json"
    config.write_text(json.dumps({"mcpServers": servers}))
    moves = (
        lambda asked: call(next(name for name in asked.tools if name.endswith("high_tide")), harbour="Brest"),
        lambda asked: call("finish", summary=asked.last_result),
    )
    async with scripted_model(*moves) as model, start_seed(**by(model, mcp_config=config)):
        task = await ops.create_task(NewTask(title="When is high tide?"))
        done = await ended(ops, task.id, timeout_s=60)

    assert done.status is TaskStatus.COMPLETED, done.error
    assert done.result is not None
    assert "high tide in Brest at noon" in done.result["summary"]


async def test_a_host_that_is_not_listed_is_asked_about_once(
    ops: AgentOpsClient, start_seed: StartSeed
) -> None:
    moves = (
        call("fetch_url", url="http://127.0.0.1/secret"),
        lambda asked: call("give_up", reason=asked.last_result),
    )
    async with scripted_model(*moves) as model, start_seed(**by(model)):
        task = await ops.create_task(NewTask(title="Read it"))
        await reaches(ops, task.id, TaskStatus.BLOCKED)
        (gate,) = await ops.list_gates(task_id=task.id)
        await ops.answer_gate(gate.id, GateAnswer(answer="Allow"))
        done = await ended(ops, task.id)

    assert gate.question == "May I read 127.0.0.1 on the web for this task?"
    assert "not on the public internet" in (done.error or ""), "not even the person opens this machine"


async def _was_released(ops: AgentOpsClient, task_id: TaskId) -> bool:
    return [one.outcome for one in await ops.list_attempts(task_id)] == ["released"]
