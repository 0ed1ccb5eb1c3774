"""Questions and approvals: answered once, by a button or in words, by who may."""

import pytest
from structlog.testing import capture_logs

from agentops.wire import GateAnswer, GateKind, GateStatus, TaskStatus
from tests.botapi import Person
from tests.integration.gateway_telegram.acts.conftest import Work
from tests.integration.gateway_telegram.conftest import BOTH_MODES, Desk
from tests.waiting import eventually

pytestmark = [pytest.mark.asyncio(loop_scope="module")]


@BOTH_MODES
async def test_a_choice_is_one_a_row_and_is_written_into_the_message(desk: Desk, work: Work) -> None:
    task, gate = await work.asking("Which colour?", "Green", "Blue")
    card = await work.card(task, "Task 1 needs you: which colour?")
    assert desk.telegram.buttons(card)[:3] == ["Green", "Blue", "Other…"]
    async with desk.running():
        told = await desk.telegram.told(await desk.owner.presses(card, "Blue"))
    assert told == "Thank you, the work goes on."
    assert desk.telegram.now(card).endswith("✓ Blue · Ada")
    assert "Blue" not in desk.telegram.buttons(card)
    answered = await work.ops.get_gate(gate.id)
    assert (answered.answer, answered.answered_by) == ("Blue", "Ada")
    assert (await work.ops.get_task(task.id)).status is TaskStatus.PENDING


@BOTH_MODES
async def test_other_asks_for_words_and_the_reply_answers_that_very_question(desk: Desk, work: Work) -> None:
    first, gate = await work.asking("Which colour?", "Green")
    _, second_gate = await work.asking("How high?")
    card = await work.card(first)
    async with desk.running():
        await desk.telegram.told(await desk.owner.presses(card, "Other"))
        prompt = desk.telegram.sent[-1]
        assert prompt.params["reply_markup"]["force_reply"]
        assert "Which colour?" in prompt.text
        message = desk.telegram.account.message(desk.owner.id, prompt.message_id or 0)
        await desk.owner.says("Purple, with dots", answering=message)
        await desk.telegram.wait_for(lambda sent: sent.text == "Thank you, the work goes on.")
    assert (await work.ops.get_gate(gate.id)).answer == "Purple, with dots"
    assert (await work.ops.get_gate(second_gate.id)).status is GateStatus.OPEN
    assert "✓ Purple, with dots · Ada" in desk.telegram.now(card)
    await desk.no_turn()


async def test_an_approval_is_given_or_denied_by_a_button(desk: Desk, work: Work) -> None:
    for label, answer in (("✓ Approve", "yes"), ("✗ Deny", "no")):
        task, gate = await work.asking("Spend 40 €?", kind=GateKind.APPROVAL)
        card = await work.card(task)
        assert desk.telegram.buttons(card)[:2] == ["✓ Approve", "✗ Deny"]
        async with desk.running():
            await desk.telegram.told(await desk.owner.presses(card, label))
        assert (await work.ops.get_gate(gate.id)).answer == answer


async def test_a_question_that_was_answered_elsewhere_is_refused_told_and_logged(
    desk: Desk, work: Work
) -> None:
    task, gate = await work.asking("Which colour?", "Green", "Blue")
    card = await work.card(task)
    async with desk.running():
        await work.ops.answer_gate(gate.id, GateAnswer(answer="Green", by="Ada in the panel"))
        with capture_logs() as logs:
            told = await desk.telegram.told(await desk.owner.presses(card, "Blue"))
    assert told == "Your answer was not taken. ✓ Green · Ada in the panel"
    assert desk.telegram.now(card).endswith("✓ Green · Ada in the panel")
    assert "gate.answer_refused" in {entry["event"] for entry in logs}


async def test_a_question_that_has_expired_is_refused_by_button_and_in_words(desk: Desk, work: Work) -> None:
    task, gate = await work.asking("Which colour?", "Green", expires_in_s=1)
    card = await work.card(task)
    async with desk.running():
        await desk.telegram.told(await desk.owner.presses(card, "Other"))
        prompt = desk.telegram.sent[-1]

        async def expired() -> bool:
            return (await work.ops.get_gate(gate.id)).status is GateStatus.EXPIRED

        await eventually(expired)
        told = await desk.telegram.told(await desk.owner.presses(card, "Green"))
        message = desk.telegram.account.message(desk.owner.id, prompt.message_id or 0)
        await desk.owner.says("Purple", answering=message)
        said = await desk.telegram.wait_for(lambda sent: sent.text.startswith("Your answer was not taken"))
    assert told == said.text == "Your answer was not taken. This question has expired."
    assert (await work.ops.get_gate(gate.id)).answer is None


async def test_a_member_answers_questions_of_their_own_but_approves_nothing(
    desk: Desk, work: Work, stranger: Person
) -> None:
    person = await desk.pair(stranger)
    origin = f"person-{person.id}"
    _, question = await work.asking("Which colour?", "Green", origin=origin)
    _, approval = await work.asking("Spend 40 €?", kind=GateKind.APPROVAL, origin=origin)
    stranger.started = True
    async with desk.running():
        message = await stranger.says("hello")
        told = [
            await desk.telegram.told(await stranger.presses_data(message, data))
            for data in (f"o:{question.id.replace('-', '')}:0", f"y:{approval.id.replace('-', '')}")
        ]
    assert told[0] == "Thank you, the work goes on."
    assert "not yours" in told[1]
    assert (await work.ops.get_gate(approval.id)).status is GateStatus.OPEN


async def test_approve_shows_what_waits_and_says_yes_by_number(desk: Desk, work: Work) -> None:
    task, gate = await work.asking("Spend 50 €?", kind=GateKind.APPROVAL)
    async with desk.running():
        await desk.owner.says("/approve")
        shown = await desk.telegram.wait_for(lambda sent: "Spend 50 €?" in sent.text)
        assert desk.telegram.buttons(shown)[:2] == ["✓ Approve", "✗ Deny"]
        await desk.owner.says(f"/approve {task.number}")
        await desk.telegram.wait_for(lambda sent: sent.text.startswith(f"Task {task.number}: Thank you"))
        await desk.owner.says("/approve 999999")
        await desk.telegram.wait_for(lambda sent: sent.text == "There is no task 999999.")
    assert (await work.ops.get_gate(gate.id)).answer == "yes"
