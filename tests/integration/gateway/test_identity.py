"""Who speaks, asked of a real ledger."""

import asyncio

import pytest

from agentops import AgentOpsClient
from agentops.errors import AgentOpsError
from agentops.retry import RetryPolicy
from agentops.wire import NewContact, NewPerson, PersonPatch, PreferencesPatch, Role
from gateway.identity.directory import KNOWN_S, STRANGER_S, Directory
from gateway.identity.rights import Right
from gateway.session.turns import SessionId
from tests.conformance.turns import MAIN
from tests.integration.gateway.notifying import someone
from tests.waiting import eventually


class Clock:
    """Time that a test moves."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


async def test_nobody_is_known_who_was_not_let_in(ops: AgentOpsClient) -> None:
    ada = await ops.create_person(NewPerson(name="Ada"))
    await ops.add_contact(ada.id, NewContact(channel="telegram", address="7"))
    directory = Directory(ops, MAIN)
    assert await directory.find("telegram", "8") is None
    assert await directory.find("telegram", "7") is None, "nobody has proven that it is theirs"


async def test_a_known_address_stands_for_a_person_with_rights_and_a_session(ops: AgentOpsClient) -> None:
    await someone(ops)
    bob = await someone(ops, role=Role.GUEST, name="Bob", telegram="8")
    directory = Directory(ops, MAIN)
    owner, guest = await directory.find("telegram", "7"), await directory.find("telegram", "8")
    assert owner is not None
    assert guest is not None
    assert (owner.session_id, owner.may(Right.MANAGE)) == (MAIN, True)
    assert (guest.session_id, guest.may(Right.TALK)) == (f"guest-{bob.id}", True)
    assert not guest.may(Right.ACT)
    assert await directory.find("phone", "8") is None, "an address belongs to its channel"


async def test_a_new_person_is_known_after_a_moment_and_at_once_when_told(ops: AgentOpsClient) -> None:
    clock = Clock()
    directory = Directory(ops, MAIN, clock=clock)
    assert await directory.find("telegram", "7") is None
    ada = await someone(ops)
    assert await directory.find("telegram", "7") is None
    clock.now += STRANGER_S
    assert await directory.find("telegram", "7") is not None
    await ops.update_person(ada.id, PersonPatch(role=Role.GUEST))
    directory.forget()
    standing = await directory.find("telegram", "7")
    assert standing is not None
    assert standing.role is Role.GUEST


async def test_who_goes_on_talking_is_looked_up_beside_before_the_answer_is_too_old(
    ops: AgentOpsClient,
) -> None:
    clock = Clock()
    directory = Directory(ops, MAIN, clock=clock)
    ada = await someone(ops)
    await directory.find("telegram", "7")
    await ops.update_person(ada.id, PersonPatch(role=Role.GUEST))
    clock.now += KNOWN_S - 1
    before = await directory.find("telegram", "7")
    assert before is not None
    assert before.role is Role.OWNER, "nobody waited for the ledger"

    async def role() -> bool:
        now = await directory.find("telegram", "7")
        return now is not None and now.role is Role.GUEST

    assert await eventually(role), "and by now it has been asked"


async def test_an_answer_from_before_a_change_is_not_kept(ops: AgentOpsClient) -> None:
    directory = Directory(ops, MAIN)
    ada = await someone(ops)
    asked = asyncio.create_task(directory.find("telegram", "7"))
    await asyncio.sleep(0)  # the question is on its way
    directory.forget()
    await asked
    await ops.update_person(ada.id, PersonPatch(role=Role.GUEST))
    now = await directory.find("telegram", "7")
    assert now is not None
    assert now.role is Role.GUEST


async def test_whose_session_it_is_follows_from_its_name(ops: AgentOpsClient) -> None:
    directory = Directory(ops, MAIN)
    assert await directory.behind(MAIN) is None
    directory.forget()
    bob = await someone(ops, role=Role.MEMBER, name="Bob")
    ada = await someone(ops, telegram="8")
    assert await directory.behind(MAIN) == ada
    assert await directory.behind(SessionId(f"person-{bob.id}")) == bob
    assert await directory.behind(SessionId("telegram-group-1")) is None


async def test_preferences_are_remembered_for_moments(ops: AgentOpsClient) -> None:
    clock = Clock()
    directory = Directory(ops, MAIN, clock=clock)
    ada = await someone(ops)
    before = await directory.preferences(ada.id)
    await ops.update_preferences(ada.id, PreferencesPatch(brief_at="07:30"))
    assert await directory.preferences(ada.id) == before
    clock.now += KNOWN_S
    assert (await directory.preferences(ada.id)).brief_at == "07:30"


async def test_while_the_ledger_is_away_nobody_new_is_known() -> None:
    once = RetryPolicy(tries=1)
    async with AgentOpsClient("http://127.0.0.1:9", "nobody", timeout_s=1, retry=once) as away:
        with pytest.raises(AgentOpsError):
            await Directory(away, MAIN).find("telegram", "7")
