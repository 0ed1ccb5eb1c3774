"""Approvals in a call: heard first, decided by the caller's own words or a key, past the chief."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from itertools import count

import pytest

from agentops import AgentOpsClient
from agentops.retry import RetryPolicy
from agentops.testing import FakeLedger
from agentops.wire import Block, ClaimRequest, Gate, GateKind, NewAgent, NewTask, TaskStatus
from gateway.phone import wording
from gateway.phone.approvals import Approvals, Wish, wish_of
from gateway.phone.numbers import spoken_number
from gateway.phone.parties import Party, Trust
from gateway.session.turns import SessionId
from voice.port import Utterance, UtteranceKind

QUESTION = "Shall I order the sails?"
_numbers = count(1)


@pytest.fixture
async def ops() -> AsyncIterator[AgentOpsClient]:
    async with FakeLedger().client() as client:
        await client.register_agent(NewAgent(name="worker"))
        yield client


def in_call(ops: AgentOpsClient, role: str = "owner") -> Approvals:
    party = Party(
        session_id=SessionId("main"),
        channel="phone",
        address="+1",
        trust=Trust.CONFIRMED,
        name="Ada",
        role=role,
    )
    return Approvals(ops, party, "CA1")


async def asking(ops: AgentOpsClient, question: str = QUESTION, *capabilities: str) -> Gate:
    task = await ops.create_task(NewTask(title="The boat", capabilities=list(capabilities)))
    claim = await ops.claim(task.id, ClaimRequest(agent="worker", version=task.version))
    await ops.block(task.id, Block(epoch=claim.epoch, question=question, kind=GateKind.APPROVAL))
    [gate] = await ops.list_gates(task_id=task.id)
    return gate


def said(text: str, kind: UtteranceKind = UtteranceKind.SPEECH) -> Utterance:
    return Utterance(f"u{next(_numbers)}", kind, text, datetime.now(UTC))


async def hears_and_says(approvals: Approvals, text: str) -> str:
    words = await approvals.take(said(text)) or ""
    approvals.heard(words)
    return words


@pytest.mark.parametrize(
    ("text", "wish"),
    [
        ("Yes, approve it.", Wish(True)),
        ("Okay, I approve that, please.", Wish(True)),
        ("Approve task twenty-one.", Wish(True, 21)),
        ("approve task 7", Wish(True, 7)),
        ("No, deny it.", Wish(False)),
        ("I do not approve.", Wish(False)),
        ("Reject task three", Wish(False, 3)),
        ("No, approve it.", None),
        ("Yes.", None),
        ("Approve the budget of Bob.", None),
        ("Did you approve it?", None),
    ],
)
def test_only_plain_words_are_a_decision(text: str, wish: Wish | None) -> None:
    assert wish_of(text) == wish


@pytest.mark.parametrize(
    ("words", "number"),
    [("seven", 7), ("ninety nine", 99), ("forty", 40), ("312", 312), ("ten two", None), ("harbour", None)],
)
def test_numbers_are_read_in_words_and_digits(words: str, number: int | None) -> None:
    assert spoken_number(words) == number


async def test_what_was_not_heard_is_read_before_it_can_be_approved(ops: AgentOpsClient) -> None:
    gate, approvals = await asking(ops), in_call(ops)
    assert await approvals.take(said("Yes, approve it.")) == (
        f"Task 1, The boat, asks: {QUESTION} {wording.HOW_TO_APPROVE}"
    )
    approvals.heard("Task 1, The boat, asks: Shall I")  # and was cut off
    assert QUESTION in await hears_and_says(approvals, "Yes, approve it.")
    assert await approvals.take(said("Yes, approve it.")) == "Approved. Task 1, The boat, goes on now."
    answered = await ops.get_gate(gate.id)
    assert (answered.answer, answered.answered_by) == ("yes", "Ada")
    assert (await ops.get_task(gate.task_id)).status is TaskStatus.PENDING
    turns = [(turn.role, turn.text) for turn in (await ops.list_turns("main")).items]
    assert turns[-2:] == [
        ("person", "Yes, approve it."),
        ("chief", "Approved. Task 1, The boat, goes on now."),
    ]


async def test_a_key_decides_what_was_just_read_and_nothing_else(ops: AgentOpsClient) -> None:
    gate, approvals = await asking(ops), in_call(ops)
    assert await approvals.take(said("2", UtteranceKind.KEYS)) is None
    assert await approvals.hint("Your report is ready.") == ""
    news = f"Task 1 waits. {QUESTION}"
    approvals.heard(news + await approvals.hint(news))
    assert "Denied" in (await approvals.take(said("2", UtteranceKind.KEYS)) or "")
    assert (await ops.get_gate(gate.id)).answer == "no"


async def test_of_several_the_one_that_was_heard_last_or_is_named_is_meant(ops: AgentOpsClient) -> None:
    first, second = await asking(ops), await asking(ops, "Shall I sell the mast?")
    approvals = in_call(ops)
    assert await approvals.take(said("Approve it.")) == wording.which_approval(2)
    await hears_and_says(approvals, "Approve task one.")
    await hears_and_says(approvals, "Deny task two.")
    await hears_and_says(approvals, "Deny it.")
    assert (await ops.get_gate(second.id)).answer == "no"
    await hears_and_says(approvals, "Approve it.")
    assert (await ops.get_gate(first.id)).answer == "yes"
    assert await approvals.take(said("Approve it.")) is None


async def test_what_the_chief_asks_for_its_own_deeds_takes_a_button(ops: AgentOpsClient) -> None:
    gate, approvals = await asking(ops, QUESTION, "chief-approval"), in_call(ops)
    approvals.heard(QUESTION)
    assert "needs your button" in (await approvals.take(said("Yes, approve it.")) or "")
    assert (await ops.get_gate(gate.id)).answer is None


async def test_a_member_approves_nothing(ops: AgentOpsClient) -> None:
    gate, approvals = await asking(ops), in_call(ops, role="member")
    approvals.heard(QUESTION)
    assert await approvals.take(said("Yes, approve it.")) is None
    assert (await ops.get_gate(gate.id)).answer is None


async def test_while_the_ledger_is_away_nothing_is_approved_and_the_caller_hears_so() -> None:
    async with AgentOpsClient(
        "http://127.0.0.1:9", "key", timeout_s=1, retry=RetryPolicy(tries=1)
    ) as nowhere:
        assert await in_call(nowhere).take(said("Yes, approve it.")) == wording.NOT_APPROVED
