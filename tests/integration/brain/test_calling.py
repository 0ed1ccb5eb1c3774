"""A wish to be called about a task: kept, taken back, or refused with the reason and another way."""

import pytest
from redis.asyncio import Redis

from agentops import AgentOpsClient
from agentops.wire import (
    Attention,
    ClaimNextRequest,
    Complete,
    NewContact,
    NewPerson,
    NewTask,
    Person,
    PreferencesPatch,
    Role,
)
from gateway.session.call_wishes import CallWishes
from gateway.session.memos import RedisMemos
from tests import talking
from tests.integration.brain.conftest import MakeChief
from tests.integration.brain.scripted import Call, ScriptedModel, Speech

NUMBER = "+33123456678"


@pytest.fixture
async def wishes(redis: Redis) -> CallWishes:
    """Of an installation with a telephone."""
    wishes = CallWishes(RedisMemos(redis))
    await wishes.announce_telephone(keep_s=60)
    return wishes


@pytest.fixture
async def ada(ops: AgentOpsClient) -> Person:
    """The owner, whose number is known."""
    person = await ops.create_person(NewPerson(name="Ada", role=Role.OWNER))
    await ops.add_contact(person.id, NewContact(channel="phone", address=NUMBER, verified=True))
    return person


async def who_waits(wishes: CallWishes, ops: AgentOpsClient, number: int) -> list[str]:
    task = await ops.find_task(number)
    return [wish.person_id for wish in await wishes.of(task.id)]


async def test_a_wish_in_plain_words_is_kept_over_a_restart_and_taken_back(
    make_chief: MakeChief, ops: AgentOpsClient, wishes: CallWishes, ada: Person
) -> None:
    await ops.update_preferences(ada.id, PreferencesPatch(quiet_from="22:00", quiet_to="07:00"))
    await ops.create_task(NewTask(title="Count the words"))
    reply = await talking.Person(make_chief()).says("Call me when task 1 is done.")
    assert "I'll call you when it is done" in reply.text
    assert "about task 1, “Count the words”" in reply.text
    assert "ending in 678" in reply.text
    assert "22:00" in reply.text
    assert [action.type for action in reply.actions] == ["call.planned"]
    assert await who_waits(wishes, ops, 1) == [ada.id]

    reply = await talking.Person(make_chief()).says("don't call me about task 1 any more")
    assert "won't call you" in reply.text
    assert await who_waits(wishes, ops, 1) == []


async def test_a_task_is_created_and_the_call_about_it_planned_in_one_sentence(
    make_chief: MakeChief, ops: AgentOpsClient, wishes: CallWishes, ada: Person
) -> None:
    reply = await talking.Person(make_chief()).says(
        "Create a task to count the chairs and call me when it's done."
    )
    [task] = (await ops.list_tasks()).items
    assert task.title == "Count the chairs"
    assert [action.type for action in reply.actions] == ["task.created", "call.planned"]
    assert await who_waits(wishes, ops, task.number) == [ada.id]


async def test_without_a_telephone_or_a_number_it_says_so_and_offers_to_write(
    make_chief: MakeChief, ops: AgentOpsClient, redis: Redis
) -> None:
    person = talking.Person(make_chief())
    await ops.create_task(NewTask(title="Count the words"))
    assert "/phone on Telegram links one" in (await person.says("call me when task 1 is done")).text

    ada = await ops.create_person(NewPerson(name="Ada", role=Role.OWNER))
    await ops.add_contact(ada.id, NewContact(channel="telegram", address="7", verified=True))
    person = talking.Person(make_chief())
    reply = await person.says("call me when task 1 is done")
    assert "no telephone yet" in reply.text
    assert "I will write on Telegram when it is done" in reply.text
    assert reply.actions == ()

    wishes = CallWishes(RedisMemos(redis))
    await wishes.announce_telephone(keep_s=60)
    await ops.update_preferences(ada.id, PreferencesPatch(rules={"*": Attention.OFF}))
    reply = await person.says("ring me when task 1 is finished")
    assert "no proven number of Ada" in reply.text
    assert "/notify" in reply.text
    assert await who_waits(wishes, ops, 1) == []


async def test_what_has_ended_is_told_at_once_and_other_people_are_the_owners_to_call(
    make_chief: MakeChief, ops: AgentOpsClient, wishes: CallWishes, ada: Person
) -> None:
    bob = await ops.create_person(NewPerson(name="Bob", role=Role.MEMBER))
    await ops.add_contact(bob.id, NewContact(channel="phone", address="+33123456000", verified=True))
    for title in ("Count the words", "Count the chairs"):
        await ops.create_task(NewTask(title=title))
    [claim] = await ops.claim_next(ClaimNextRequest(agent="seed-1"))
    await ops.complete(claim.task.id, Complete(epoch=claim.epoch, result={}))
    calls = (
        Call("call_when_done", {"number": 1}),
        Call("call_when_done", {"number": 2, "person": "Bob"}),
        Call("call_when_done", {"number": 9}),
    )
    model = ScriptedModel(
        calls[0], Speech("It is done."), calls[1], Speech("Yes."), calls[2], Speech("None.")
    )
    person = talking.Person(make_chief(model))
    await person.says("call me when task 1 is done")
    assert model.last_error == "already_ended"
    await person.says("call Bob when task 2 is done")
    assert await who_waits(wishes, ops, 2) == [bob.id]
    await person.says("call me when task 9 is done")
    assert model.last_error == "task_not_found"

    model = ScriptedModel(calls[1], Speech("Only the owner may do that."))
    await talking.Person(make_chief(model), role="member").says("call Bob when task 2 is done")
    assert model.last_error == "owner_only"
