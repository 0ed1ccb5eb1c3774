"""`cos task`, `keys`, `pair`: the ledger from the command line, against a real one."""

from pathlib import Path

import pytest

from agentops import AgentOpsClient
from agentops.errors import Unauthenticated
from agentops.wire import (
    ClaimNextRequest,
    Complete,
    NewAgent,
    NewKey,
    NewPairing,
    NewProject,
    NewSkill,
    Scope,
    SkillUse,
)
from brain.seed.specialists.roster import Roster
from brain.seed.specialists.spec import Spec, Specialist
from ops import keys
from tests.integration.ops.commands import Cos
from tests.ledger_fixtures import ADMIN_KEY


@pytest.fixture
async def cos(ledger_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cos:
    """`cos` for the ledger of this test, in a folder without a `.env`."""
    monkeypatch.chdir(tmp_path)
    return Cos(tmp_path / "home", {"LEDGER_URL": ledger_url, "LEDGER_API_KEY": ADMIN_KEY})


async def work_off(ops: AgentOpsClient, name: str) -> None:
    """Claim the one task and complete it, with a file of that name."""
    await ops.register_agent(NewAgent(name="hand"))
    [claim] = await ops.claim_next(ClaimNextRequest(agent="hand"))
    await ops.upload(
        name, b"made", media_type="text/plain", task_id=claim.task.id, epoch=claim.epoch, kind="output"
    )
    await ops.complete(claim.task.id, Complete(epoch=claim.epoch, result={"summary": "All is well."}))


async def test_a_task_is_added_with_a_file_found_and_cancelled(
    cos: Cos, ops: AgentOpsClient, tmp_path: Path
) -> None:
    (tmp_path / "sales.csv").write_text("a,b\n1,2\n")
    await ops.create_project(NewProject(name="Autumn"))
    added = await cos.ok(
        "task", "add", "Analyse it", "-p", "high", "--project", "autumn", "-a", str(tmp_path / "sales.csv")
    )
    assert added.out == "Task 1, “Analyse it” (high), is pending.\n"
    assert "Analyse it" in (await cos.ok("task", "list", "-s", "pending")).out
    assert (await cos.ok("task", "list", "-s", "completed")).out == "No tasks.\n"
    shown = (await cos.ok("task", "show", "#1")).out
    assert "input: sales.csv, 8 bytes, text/csv" in shown
    assert "is cancelled" in (await cos.ok("task", "cancel", "1")).out
    assert (await cos.ok("task", "show", "1", "--json")).json()["task"]["status"] == "cancelled"


async def test_what_a_task_made_is_saved_and_replaces_nothing(
    cos: Cos, ops: AgentOpsClient, tmp_path: Path
) -> None:
    await cos.ok("task", "add", "Make something")
    await work_off(ops, "../../report.txt")
    assert "All is well." in (await cos.ok("task", "show", "1")).out
    for name in ("report.txt", "report (2).txt"):
        assert (await cos.ok("task", "fetch", "1", "out")).out == f"out/{name}\n"
        assert (tmp_path / "out" / name).read_text() == "made"
    assert not (tmp_path.parent / "report.txt").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("task", "show", "7"), "There is no task 7"),
        (("task", "add", "x", "--project", "Nowhere"), "There is no project 'Nowhere'. Projects: none yet."),
        (("task", "list", "-s", "asleep"), "There is no status 'asleep'"),
        (("skills", "show", "dance"), "There is no skill dance"),
        (("skills", "retire", "dance", "--yes"), "dance"),
        (("keys", "revoke", "nobody"), "`cos keys list` shows all"),
        (("pair", "approve", "ABCDEFGH"), "code"),
    ],
)
async def test_what_is_not_there_is_said_in_a_sentence(cos: Cos, words: tuple[str, ...], said: str) -> None:
    answer = await cos(*words)
    assert answer.code in {1, 2}
    assert said in answer.err
    assert "Traceback" not in answer.err


async def test_skills_are_told_with_how_well_they_serve_and_taken_out_of_use(
    cos: Cos, ops: AgentOpsClient
) -> None:
    assert (await cos.ok("skills", "list")).out.startswith("No skill has been registered yet.")
    for sha256 in ("a" * 64, "b" * 64):
        await ops.register_skill(NewSkill(name="csv-report", sha256=sha256, description="Describes a table."))
    await ops.note_skill_use("csv-report", SkillUse(version=2, succeeded=False))
    [row] = [
        line.split() for line in (await cos.ok("skills", "list")).out.splitlines() if "csv-report" in line
    ]
    assert row[:5] == ["csv-report", "2", "registered", "1", "1"]
    shown = (await cos.ok("skills", "show", "csv-report")).out
    assert "Describes a table." in shown
    assert "version 1" in shown
    assert "Taken out of use: csv-report" in (await cos.ok("skills", "retire", "csv-report", "--yes")).out
    listed = (await cos.ok("skills", "list", "--json")).json()
    assert {one["status"] for one in listed} == {"retired"}


async def test_a_key_is_made_rotated_and_ended(cos: Cos, ledger_url: str) -> None:
    async def holder_of(secret: str) -> str:
        async with AgentOpsClient(url=ledger_url, api_key=secret) as client:
            return (await client.whoami()).name

    made = (await cos.ok("keys", "create", "laptop", "--scope", "reader", "--days", "3")).out.strip()
    assert await holder_of(made) == "laptop"
    rotated = (await cos.ok("keys", "rotate", "laptop", "--grace-s", "0")).out.strip()
    assert await holder_of(rotated) == "laptop"
    assert "laptop" in (await cos.ok("keys", "list")).out
    assert rotated not in (await cos.ok("keys", "list", "--json")).out
    await cos.ok("keys", "revoke", "laptop")
    with pytest.raises(Unauthenticated):
        await holder_of(rotated)


async def test_a_rotated_key_of_the_installation_is_kept_for_its_parts(cos: Cos, ops: AgentOpsClient) -> None:
    cos.home.mkdir()
    keys.load_or_make(cos.home)
    [agent] = [key for key in await ops.list_keys() if key.name == "agent"]
    rotated = await ops.rotate_key(agent.id)
    assert keys.take_over(cos.home, rotated)
    assert keys.load_or_make(cos.home).agent == rotated.secret


async def test_a_stranger_is_let_in_and_another_sent_away(cos: Cos, ops: AgentOpsClient) -> None:
    ada = await ops.create_pairing(NewPairing(channel="telegram", address="1", display_name="Ada"))
    eve = await ops.create_pairing(NewPairing(channel="telegram", address="2", display_name="Eve [red]"))
    listed = (await cos.ok("pair", "list")).out
    assert ada.code in listed
    assert "Eve [red]" in listed
    assert (await cos.ok("pair", "approve", ada.code.lower())).out == "Ada is in, as owner.\n"
    assert (await cos.ok("pair", "reject", eve.code)).out == "Eve [red] was not let in.\n"
    assert (await cos.ok("pair", "list")).out == "Nobody waits.\n"


async def test_a_specialist_is_stopped_started_and_dismissed(cos: Cos, ops: AgentOpsClient) -> None:
    key = await ops.create_key(NewKey(name="translator", scope=Scope.AGENT, expires_in_s=86_400))
    spec = Spec(name="translator", purpose="Translates letters.", prompt="You translate.")
    roster = Roster(cos.home / "specialists")
    roster.add(
        Specialist(spec=spec, key_id=key.id, secret=key.secret, hired_at=key.created_at, task_number=7),
        most=1,
    )
    assert "not started" in (await cos.ok("agents", "list")).out
    await ops.register_agent(NewAgent(name="translator", kind="specialist"))
    assert "Translates letters." in (await cos.ok("agents", "list")).out

    assert "cos agents start translator" in (await cos.ok("agents", "stop", "translator")).out
    assert "stopped" in (await cos.ok("agents", "list")).out
    await cos.ok("agents", "start", "translator")
    assert "online" in (await cos.ok("agents", "list")).out
    assert "cos agents list" in (await cos("agents", "stop", "nobody")).err

    assert "is dismissed" in (await cos.ok("agents", "remove", "translator")).out
    assert (await cos.ok("agents", "list")).out == "No worker has registered yet.\n"
    assert roster.all() == []
    assert "cos agents list" in (await cos("agents", "remove", "translator")).err
    async with AgentOpsClient(cos.environment["LEDGER_URL"], key.secret) as own:
        with pytest.raises(Unauthenticated):
            await own.whoami()
