"""A person's data: given to them, and forgotten."""

import json
import zipfile
from pathlib import Path

import pytest

from agentops import AgentOpsClient
from agentops.errors import ArtifactNotFound
from agentops.wire import NewContact, NewPerson, NewTask, NewTurn, Person, Role
from tests.integration.ops.commands import Cos
from tests.ledger_fixtures import ADMIN_KEY


@pytest.fixture
def cos(ledger_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cos:
    """`cos` for the ledger of this test."""
    monkeypatch.chdir(tmp_path)
    return Cos(tmp_path / "home", {"LEDGER_URL": ledger_url, "LEDGER_API_KEY": ADMIN_KEY})


async def a_member(ops: AgentOpsClient) -> Person:
    """Somebody who has said something, with a file, and asked for something."""
    ada = await ops.create_person(NewPerson(name="Ada"))
    await ops.add_contact(ada.id, NewContact(channel="telegram", address="77", verified=True))
    return ada


async def test_a_person_gets_all_that_is_kept_of_them(cos: Cos, ops: AgentOpsClient, tmp_path: Path) -> None:
    session = f"person-{(await a_member(ops)).id}"
    sent = await ops.upload("../notes.txt", b"mine", media_type="text/plain")
    for number in range(205):
        said = NewTurn(id=f"t{number}", role="person", channel="telegram", text=f"word {number}")
        await ops.record_turn(session, said)
    await ops.record_turn(
        session, NewTurn(id="file", role="person", channel="telegram", text="look", attachments=[sent.id])
    )
    await ops.record_turn("main", NewTurn(id="other", role="person", channel="web", text="another's"))
    await ops.create_task(NewTask(title="For Ada", origin=session))
    answer = await cos.ok("person", "export", "ada", "ada.zip")
    assert answer.out == "ada.zip: 206 messages, 1 tasks, 1 files.\n"
    with zipfile.ZipFile(tmp_path / "ada.zip") as archive:
        assert json.loads(archive.read("person.json"))["person"]["contacts"][0]["address"] == "77"
        assert [turn["text"] for turn in json.loads(archive.read("conversation.json"))][:2] == [
            "word 0",
            "word 1",
        ]
        assert json.loads(archive.read("tasks.json"))[0]["title"] == "For Ada"
        assert archive.read(f"files/{sent.id}/notes.txt") == b"mine"
        assert not [name for name in archive.namelist() if ".." in name]
    assert "cannot be written" in (await cos("person", "export", "ada", "ada.zip")).err


async def test_a_forgotten_person_leaves_nothing_that_was_said(cos: Cos, ops: AgentOpsClient) -> None:
    session = f"person-{(await a_member(ops)).id}"
    mine = await ops.upload("mine.txt", b"mine", media_type="text/plain")
    work = await ops.upload("work.txt", b"work", media_type="text/plain")
    shared = await ops.upload("shared.txt", b"shared", media_type="text/plain")
    await ops.create_task(NewTask(title="Stays", origin=session, attachments=[work.id]))
    files = [mine.id, work.id, shared.id]
    await ops.record_turn(session, NewTurn(id="a", role="person", channel="web", text="x", attachments=files))
    await ops.record_turn(
        "main", NewTurn(id="b", role="person", channel="web", text="y", attachments=[shared.id])
    )
    assert "Ada is forgotten" in (await cos.ok("person", "forget", "Ada", stdin="y\n")).out
    assert await ops.list_people() == []
    assert (await ops.list_turns(session)).items == []
    assert [one.id for one in await ops.list_sessions()] == ["main"]
    assert (await ops.find_task(1)).title == "Stays"
    assert {await is_there(ops, work.id), await is_there(ops, shared.id)} == {True}
    assert not await is_there(ops, mine.id)
    assert (await ops.list_events(after="0", types=("session.*",))).events[0].entity_id == session
    await ops.forget_session(session)


async def is_there(ops: AgentOpsClient, artifact_id: object) -> bool:
    """Whether the ledger knows an artifact."""
    try:
        await ops.get_artifact(artifact_id)  # type: ignore[arg-type]
    except ArtifactNotFound:
        return False
    return True


async def test_the_owner_is_not_forgotten_by_mistake(cos: Cos, ops: AgentOpsClient) -> None:
    await ops.create_person(NewPerson(name="Owner", role=Role.OWNER))
    assert "is an owner" in (await cos("person", "forget", "owner", "--yes")).err
    assert "There is no 'Bob'. Known: Owner." in (await cos("person", "forget", "Bob", "--yes")).err
    assert len(await ops.list_people()) == 1
