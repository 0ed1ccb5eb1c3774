"""Buttons under task cards: what they offer, what pressing them does, and what it does not."""

import pytest
from structlog.testing import capture_logs

from agentops.wire import Priority, TaskStatus
from gateway.outbound import Outgoing
from gateway.session.turns import Action
from tests.botapi import Person, faults
from tests.botapi.faults import Fault
from tests.integration.gateway_telegram.acts.conftest import Work
from tests.integration.gateway_telegram.conftest import BOTH_MODES, SESSION, Desk, running
from tests.waiting import eventually

pytestmark = [pytest.mark.asyncio(loop_scope="module")]


@BOTH_MODES
async def test_a_cancellation_is_confirmed_done_and_written_into_the_message(desk: Desk, work: Work) -> None:
    task = await work.task()
    card = await work.card(task, "Created **task 7**")
    assert desk.telegram.buttons(card)[:3] == ["Cancel", "Priority", "Details"]
    async with desk.running():
        await desk.telegram.told(await desk.owner.presses(card, "Cancel"))
        assert desk.telegram.buttons(card) == [f"Yes, cancel task {task.number}", "No, keep it"]
        press = await desk.owner.presses(card, "Yes")
        assert await desk.telegram.told(press) == "Cancelled."
    assert desk.telegram.now(card) == "Created task 7\n\n✓ Cancelled · Ada"
    assert "Cancel" not in desk.telegram.buttons(card)
    assert (await work.ops.get_task(task.id)).status is TaskStatus.CANCELLED


async def test_keeping_it_brings_the_buttons_back(desk: Desk, work: Work) -> None:
    task = await work.task()
    card = await work.card(task)
    async with desk.running():
        await desk.telegram.told(await desk.owner.presses(card, "Cancel"))
        await desk.telegram.told(await desk.owner.presses(card, "No"))
    assert desk.telegram.buttons(card)[0] == "Cancel"
    assert (await work.ops.get_task(task.id)).status is TaskStatus.PENDING


async def test_the_priority_is_chosen_from_those_there_are(desk: Desk, work: Work) -> None:
    task = await work.task()
    card = await work.card(task)
    async with desk.running():
        await desk.telegram.told(await desk.owner.presses(card, "Priority"))
        assert desk.telegram.buttons(card) == ["critical", "high", "• medium", "low", "Back"]
        assert await desk.telegram.told(await desk.owner.presses(card, "high")) == "Priority high."
    assert (await work.ops.get_task(task.id)).priority is Priority.HIGH
    assert desk.telegram.now(card).endswith("✓ Priority high · Ada")


async def test_a_failed_task_is_retried(desk: Desk, work: Work) -> None:
    task = await work.failed()
    card = await work.card(task, kind="task.failed")
    assert desk.telegram.buttons(card)[:2] == ["Retry", "Details"]
    async with desk.running():
        assert await desk.telegram.told(await desk.owner.presses(card, "Retry")) == "Queued again."
    assert (await work.ops.get_task(task.id)).status is TaskStatus.PENDING


async def test_under_a_calls_receipt_one_press_takes_a_task_back_or_puts_it_first(
    desk: Desk, work: Work
) -> None:
    unwanted, urgent = await work.task("Sell the boat"), await work.task("Paint the boat")
    receipt = await work.receipt(unwanted, urgent)
    first, second = f" {unwanted.number}", f" {urgent.number}"
    assert desk.telegram.buttons(receipt)[:3] == [f"Undo{first}", f"Start{first}", f"Details{first}"]
    async with desk.running():
        undone = await desk.owner.presses(receipt, f"Undo{first}")
        assert await desk.telegram.told(undone) == "Taken back."
        assert f"Undo{first}" not in desk.telegram.buttons(receipt)
        started = await desk.owner.presses(receipt, f"Start{second}")
        assert await desk.telegram.told(started) == "Comes first now."
    assert (await work.ops.get_task(unwanted.id)).status is TaskStatus.CANCELLED
    assert (await work.ops.get_task(urgent.id)).priority is Priority.CRITICAL
    assert f"✓ Taken back: task{first} · Ada" in desk.telegram.now(receipt)


async def test_details_come_as_a_card_of_their_own(desk: Desk, work: Work) -> None:
    card = await work.card(await work.failed())
    async with desk.running():
        await desk.telegram.told(await desk.owner.presses(card, "Details"))
    details = desk.telegram.sent[-1]
    assert "Paint the fence" in details.styled("bold")[0]
    assert "Error: No paint." in details.text
    assert "Open in the panel" in desk.telegram.buttons(details)


async def test_a_running_task_is_asked_to_stop(desk: Desk, work: Work) -> None:
    task, _ = await work.claimed()
    card = await work.card(task)
    async with desk.running():
        await desk.telegram.told(await desk.owner.presses(card, "Cancel"))
        told = await desk.telegram.told(await desk.owner.presses(card, "Yes"))
    assert told == "Its worker is asked to stop."
    assert (await work.ops.get_task(task.id)).cancel_requested


async def test_buttons_still_work_after_a_restart(desk: Desk, work: Work) -> None:
    task = await work.failed()
    card = await work.card(task)
    async with desk.opened() as restarted, running(restarted):
        assert await desk.telegram.told(await desk.owner.presses(card, "Retry")) == "Queued again."


async def test_a_press_on_what_has_changed_meanwhile_is_told_and_the_buttons_are_put_right(
    desk: Desk, work: Work
) -> None:
    task = await work.task()
    card = await work.card(task)
    async with desk.running():
        await desk.telegram.told(await desk.owner.presses(card, "Cancel"))
        await work.ops.cancel(task.id)
        told = await desk.telegram.told(await desk.owner.presses(card, "Yes"))
    assert told.startswith("Too late")
    assert desk.telegram.buttons(card) == ["Details", "Open in the panel"]


async def test_a_press_that_telegram_shows_again_changes_nothing_again(desk: Desk, work: Work) -> None:
    task = await work.failed()
    card = await work.card(task)
    desk.telegram.fail("answerCallbackQuery", faults.LoseAnswer())
    async with desk.running():
        press = await desk.owner.presses(card, "Retry")
        await desk.telegram.told(press)
        await eventually(lambda: desk.telegram.unconfirmed == 0)
    assert desk.telegram.now(card).count("Queued again") == 1
    retried = await work.ops.list_events(after="0", types=("task.retried",), task_id=task.id)
    assert len(retried.events) == 1


@pytest.mark.parametrize(
    ("method", "fault"),
    [
        ("answerCallbackQuery", faults.Refuse(400, "Bad Request: query is too old and query ID is invalid")),
        ("answerCallbackQuery", faults.Refuse(500, "Internal Server Error")),
        ("answerCallbackQuery", faults.too_many_requests(1)),
        ("answerCallbackQuery", faults.CutConnection()),
        ("editMessageText", faults.Refuse(400, "Bad Request: message can't be edited")),
        ("editMessageText", faults.forbidden()),
        ("editMessageText", faults.CutConnection()),
    ],
    ids=lambda one: one if isinstance(one, str) else type(one).__name__ + str(getattr(one, "code", "")),
)
async def test_a_press_is_done_once_whatever_telegram_says_to_the_answer(
    desk: Desk, work: Work, method: str, fault: Fault
) -> None:
    task = await work.failed()
    card = await work.card(task)
    desk.telegram.fail(method, fault)
    async with desk.running():
        await desk.owner.presses(card, "Retry")
        await eventually(lambda: desk.telegram.unconfirmed == 0)
    retried = await work.ops.list_events(after="0", types=("task.retried",), task_id=task.id)
    assert len(retried.events) == 1


@BOTH_MODES
async def test_a_press_by_a_stranger_is_refused_told_and_logged(
    desk: Desk, work: Work, stranger: Person
) -> None:
    task = await work.task()
    card = await work.card(task)
    message = desk.telegram.account.message(desk.owner.id, card.message_id or 0)
    data = message["reply_markup"]["inline_keyboard"][0][0]["callback_data"].replace("ca:", "cc:")
    with capture_logs() as logs:
        async with desk.running():
            told = await desk.telegram.told(await stranger.presses_data(message, data))
    assert "not yours" in told
    assert (await work.ops.get_task(task.id)).status is TaskStatus.PENDING
    assert [entry["stranger"] for entry in logs if entry["event"] == "telegram.press_refused"] == [True]


@pytest.mark.parametrize("data", ["cc:nonsense", "zz:1", "", "cc:" + "0" * 32, "f:99999", "pp:" + "0" * 32])
async def test_a_forged_button_does_nothing(desk: Desk, work: Work, data: str) -> None:
    card = await work.card(await work.task())
    message = desk.telegram.account.message(desk.owner.id, card.message_id or 0)
    async with desk.running():
        told = await desk.telegram.told(await desk.owner.presses_data(message, data))
    assert "do not know this button" in told


async def test_a_member_acts_on_their_own_tasks_and_on_no_others(
    desk: Desk, work: Work, stranger: Person
) -> None:
    person = await desk.pair(stranger)
    own, foreign = await work.task(origin=f"person-{person.id}"), await work.task()
    async with desk.running():
        told = []
        for task in (own, foreign):
            card = await work.card(task)
            message = desk.telegram.account.message(desk.owner.id, card.message_id or 0)
            data = message["reply_markup"]["inline_keyboard"][0][0]["callback_data"].replace("ca:", "cc:")
            told.append(await desk.telegram.told(await stranger.presses_data(message, data)))
    assert told[0] == "Cancelled."
    assert "not yours" in told[1]
    assert (await work.ops.get_task(foreign.id)).status is TaskStatus.PENDING


async def test_a_guest_may_talk_and_no_more(desk: Desk, work: Work, stranger: Person) -> None:
    person = await desk.pair(stranger, "guest")
    task = await work.task(origin=f"guest-{person.id}")
    card = await work.card(task)
    message = desk.telegram.account.message(desk.owner.id, card.message_id or 0)
    async with desk.running():
        await stranger.says("hello")
        turn = await desk.turn()
        data = message["reply_markup"]["inline_keyboard"][0][0]["callback_data"]
        assert "not yours" in await desk.telegram.told(await stranger.presses_data(message, data))
    assert (turn.role, turn.person_id, turn.session_id) == ("guest", person.id, f"guest-{person.id}")


async def test_a_reply_that_made_a_task_carries_its_buttons_and_one_that_lists_some_leads_to_each(
    desk: Desk, work: Work
) -> None:
    task = await work.task()
    desk.owner.started = True

    async def sent() -> None:
        pass

    async def delivered(text: str, *actions: Action) -> list[str]:
        reply = Outgoing(id="r", session_id=SESSION, kind="reply", text=text, actions=actions, turn_id="t")
        await desk.channel.deliver(str(desk.owner.id), reply, sent)
        return desk.telegram.buttons(desk.telegram.sent[-1])

    made = Action(type="task.created", entity_id=task.id, title=task.title)
    assert (await delivered("Created it.", made))[0] == "Cancel"
    assert await delivered(f"**Task {task.number}** runs, task 3 waits.") == [f"Task {task.number}", "Task 3"]
    async with desk.running():
        await desk.telegram.told(await desk.owner.presses(desk.telegram.sent[-1], f"Task {task.number}"))
    assert task.title in desk.telegram.sent[-1].text
