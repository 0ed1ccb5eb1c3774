"""A worker makes the tool that a task lacks; every worker has it from then on."""

from pathlib import Path
from typing import Any

import pytest

from agentops import AgentOpsClient
from agentops.wire import (
    GateAnswer,
    GateKind,
    NewSkill,
    NewTask,
    RetireSkill,
    SkillStatus,
    Task,
    TaskStatus,
)
from brain.seed.making import SkillShelf
from brain.seed.making.errors import SkillGone, SkillSpoilt
from brain.seed.making.folders import digest, pack, write_folder
from tests.integration.brain_seed.conftest import StartSeed, ended, reaches
from tests.scripted_model import ScriptedServer, call, scripted_model
from tests.unit.brain_seed.readings import ABOUT, NAME, READINGS, RIGHT, TESTS, WRONG, a_draft
from tests.unit.brain_seed.sandboxes import the_sandbox

pytestmark = pytest.mark.usefixtures("closed_clients")

FILE, TABLE = "readings.txt", "celsius.csv"
PLACE = f"inputs/{FILE}"
USE = call("skill_convert_readings", file=PLACE, into=TABLE)
FINISH = call("finish", summary="30 readings are in Celsius.", files=[TABLE])


@pytest.fixture(autouse=True)
def _sandboxed() -> None:
    the_sandbox("bubblewrap")


def by(model: ScriptedServer, home: Path, **more: Any) -> dict[str, Any]:
    """A worker on a machine of its own that thinks with this model."""
    return {"model": "openai:scripted", "openai_base_url": model.url, "home": home, **more}


def make(tool: str) -> Any:
    return call("create_skill", name=NAME, description=ABOUT, tool=tool, tests=TESTS)


async def give_readings(ops: AgentOpsClient) -> Task:
    file = await ops.upload(FILE, READINGS.encode(), media_type="text/plain")
    return await ops.create_task(
        NewTask(title="Convert these 30 temperature readings to Celsius", attachments=[file.id])
    )


async def table_of(ops: AgentOpsClient, task: Task) -> list[str]:
    (table,) = [one for one in await ops.list_artifacts(task.id) if one.name == TABLE]
    assert table.kind == "output"
    return (await ops.download(table.id)).decode().splitlines()


async def test_a_missing_tool_is_made_mended_registered_and_used_by_another_worker_without_making_it(
    ops: AgentOpsClient, start_seed: StartSeed, tmp_path: Path
) -> None:
    moves = (call("find_skill", words="convert temperature readings"), make(WRONG), make(RIGHT), USE, FINISH)
    async with (
        scripted_model(*moves) as model,
        start_seed(**by(model, tmp_path / "one", name="seed-one")),
    ):
        first = await give_readings(ops)
        done = await ended(ops, first.id)
    assert done.status is TaskStatus.COMPLETED, done.error
    assert "test_a_reading_becomes_celsius" in model.asked[2].last_result
    assert "passed its tests and is registered as version 1" in model.asked[3].last_result
    lines = await table_of(ops, first)
    assert (len(lines), lines[1]) == (31, "S01,07:00,16.2")
    skill = await ops.get_skill(NAME)
    assert (skill.version, skill.uses, skill.failures) == (1, 1, 0)

    async with (
        scripted_model(USE, FINISH) as model,
        start_seed(**by(model, tmp_path / "two", name="seed-two")),
    ):
        second = await give_readings(ops)
        done = await ended(ops, second.id)
    assert done.status is TaskStatus.COMPLETED, done.error
    assert "skill_convert_readings" in model.asked[0].tools, "it is offered from the first step on"
    assert await table_of(ops, second) == lines
    assert [one.version for one in await ops.list_skills(name=NAME)] == [1]
    assert (await ops.get_skill(NAME)).uses == 2


async def test_a_skill_from_outside_runs_only_once_the_person_has_approved_it(
    ops: AgentOpsClient, start_seed: StartSeed, tmp_path: Path
) -> None:
    name = "convert-outside"
    draft = a_draft(name=name)
    write_folder(tmp_path / "skills" / name, draft.files)
    moves = (
        call("find_skill", words="convert readings outside"),
        call("use_skill_from_outside", name=name),
        call("skill_convert_outside", file=PLACE, into=TABLE),
        FINISH,
    )
    async with scripted_model(*moves) as model, start_seed(**by(model, tmp_path)):
        task = await give_readings(ops)
        await reaches(ops, task.id, TaskStatus.BLOCKED)
        (gate,) = await ops.list_gates(task_id=task.id)
        assert gate.kind is GateKind.APPROVAL
        assert f"The skill “{name}” came from outside" in gate.question
        assert not await ops.list_skills(name=name)
        await ops.answer_gate(gate.id, GateAnswer(answer="Approve"))
        done = await ended(ops, task.id)

    assert done.status is TaskStatus.COMPLETED, done.error
    assert (await ops.get_skill(name)).uses == 1


async def test_a_tool_reaches_the_hosts_that_it_names_once_the_person_allows_it(
    ops: AgentOpsClient, start_seed: StartSeed, tmp_path: Path
) -> None:
    about = "Asks the weather service for the temperature in a city, in Celsius."
    tool = (
        'import httpx\n\n\ndef run(city: str) -> str:\n    """The temperature in a city."""\n'
        '    return httpx.get("http://weather.invalid/", params={"city": city}).text\n'
    )
    tests = "import tool\n\n\ndef test_it_can_be_called():\n    assert callable(tool.run)\n"
    given = {"name": "ask-weather", "description": about, "tool": tool, "tests": tests}
    moves = (
        call("create_skill", **given),
        call("create_skill", **given, hosts="127.0.0.1"),
        call("create_skill", **given, hosts="weather.invalid"),
        call("skill_ask_weather", city="Bern"),
        call("finish", summary="No luck."),
    )
    async with scripted_model(*moves) as model, start_seed(**by(model, tmp_path)):
        task = await ops.create_task(NewTask(title="How warm is it in Bern?"))
        await reaches(ops, task.id, TaskStatus.BLOCKED, timeout_s=60)
        (gate,) = await ops.list_gates(task_id=task.id)
        await ops.answer_gate(gate.id, GateAnswer(answer="yes"))
        done = await ended(ops, task.id)

    assert done.status is TaskStatus.COMPLETED, done.error
    told = [asked.last_result for asked in model.asked[1:]]
    assert "there is no network unless `hosts` are named" in told[0]
    assert "has to be a whole name" in told[1]
    assert gate.kind is GateKind.APPROVAL
    assert gate.question == (
        "May the tool ask-weather talk to weather.invalid on the internet, for this task?"
    )
    assert "weather.invalid cannot be found" in told[-1], "it came to the proxy, which looks names up"


async def test_a_skill_that_keeps_failing_is_retired_and_offered_no_more(
    ops: AgentOpsClient, start_seed: StartSeed, tmp_path: Path
) -> None:
    name = "convert-fragile"
    draft = a_draft(name=name)
    moves = (
        call("create_skill", name=name, description=draft.description, tool=draft.tool, tests=draft.tests),
        *[call("skill_convert_fragile", file="gone.txt")] * 5,
        call("finish", summary="It did not work."),
    )
    async with scripted_model(*moves) as model, start_seed(**by(model, tmp_path)):
        task = await give_readings(ops)
        await ended(ops, task.id)
        assert "FileNotFoundError" in model.asked[2].last_result

    (skill,) = await ops.list_skills(name=name)
    assert (skill.status, skill.failures) == (SkillStatus.RETIRED, 5)


async def test_a_worker_refuses_what_is_not_what_was_registered_and_mends_its_own_copy(
    ops: AgentOpsClient, tmp_path: Path
) -> None:
    shelf = SkillShelf(ops, the_sandbox("bubblewrap"), tmp_path)
    good = a_draft(name="kept-well")
    stored = await ops.upload("x.zip", pack(good.files), media_type="application/zip")
    sha256 = digest(good.files)
    await ops.register_skill(NewSkill(name=good.name, sha256=sha256, artifact_id=stored.id))
    await ops.register_skill(NewSkill(name="swapped", sha256="0" * 64, artifact_id=stored.id))
    bomb = await ops.upload("x.zip", bytes(500_000), media_type="application/zip")
    await ops.register_skill(NewSkill(name="bomb", sha256="1" * 64, artifact_id=bomb.id))

    skill = await shelf.take(good.name)
    tool = tmp_path / "made" / good.name / sha256 / "scripts" / "tool.py"
    tool.write_text("def run(): return 'evil'")
    assert (await shelf.take(good.name)).tool == skill.tool == tool.read_text()
    for name in ("swapped", "bomb"):
        with pytest.raises(SkillSpoilt):
            await shelf.take(name)
    with pytest.raises(SkillGone):
        await shelf.take("no-such-skill")


async def test_other_code_under_the_same_name_is_the_next_version(
    ops: AgentOpsClient, tmp_path: Path
) -> None:
    shelf = SkillShelf(ops, the_sandbox("bubblewrap"), tmp_path)
    for tool in (RIGHT, RIGHT + "\n# better\n"):
        draft = a_draft(tool, name="versioned")
        stored = await ops.upload("x.zip", pack(draft.files), media_type="application/zip")
        await ops.register_skill(
            NewSkill(name="versioned", sha256=digest(draft.files), artifact_id=stored.id)
        )

    assert (await shelf.take("versioned")).version == 2
    await ops.retire_skill("versioned", RetireSkill(reason="worse", version=2))
    assert (await shelf.take("versioned")).version == 1
    assert [card.name for card in await shelf.search("temperature readings versioned")][:1] == ["versioned"]


async def test_a_model_uses_what_is_built_in_on_its_files(
    ops: AgentOpsClient, start_seed: StartSeed, tmp_path: Path
) -> None:
    moves = (
        call("use_built_in", name="no-such", request="x"),
        call("use_built_in", name="link-check", request="Check https://example.org/?secret=1"),
        call(
            "use_built_in", name="file-conversion", request="Convert it to Excel", files=["inputs/gone.csv"]
        ),
        call("use_built_in", name="file-conversion", request="Convert it to JSON", files=["inputs/t.csv"]),
        call("use_built_in", name="unit-calculation", request="42 km in miles"),
        call("finish", summary="Converted.", files=["file-conversion/t.json"]),
    )
    async with scripted_model(*moves) as model, start_seed(**by(model, tmp_path)):
        file = await ops.upload("t.csv", b"a,b\n1,x\n", media_type="text/csv")
        task = await ops.create_task(NewTask(title="To JSON, please", attachments=[file.id]))
        done = await ended(ops, task.id)

    assert done.status is TaskStatus.COMPLETED, done.error
    told = [asked.last_result for asked in model.asked[1:]]
    assert "there is no built-in skill no-such" in told[0]
    assert "there is no built-in skill link-check" in told[1], "it would reach hosts that nobody allowed"
    assert "There is no file inputs/gone.csv" in told[2]
    assert told[3] == "Converted t.csv to t.json.\nMade: file-conversion/t.json"
    assert told[4] == "42 km = 26.0976 miles"
    (made,) = [one for one in await ops.list_artifacts(task.id) if one.name == "t.json"]
    assert b'"a": 1' in await ops.download(made.id)
