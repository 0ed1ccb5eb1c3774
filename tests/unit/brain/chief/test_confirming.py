"""What needs a yes: asked, read back, done once, and by nothing less than a yes."""

import asyncio
from contextlib import suppress

import pytest

from agentops import AgentOpsClient
from agentops.wire import NewTask, TaskStatus
from brain.chief.words import says_yes
from tests.integration.brain.scripted import Call, ScriptedModel, Speech
from tests.unit.brain.chief.conftest import MakeTalk
from tests.waiting import eventually

ASKED = Speech("Shall I?")
DONE = Speech("It is gone.")


def cancel(number: int) -> Call:
    return Call("cancel_task", {"number": number})


async def test_a_yes_does_what_was_asked_and_no_more(talk: MakeTalk, ops: AgentOpsClient) -> None:
    first, second = [await ops.create_task(NewTask(title=title)) for title in ("First", "Second")]
    model = ScriptedModel(cancel(first.number), ASKED, Call("confirm", {}), DONE)
    person = talk(model)

    await person.says("cancel the first one")
    assert model.last_ask.startswith("Shall I cancel task 1, “First” (waiting to start)?")
    assert (await ops.get_task(first.id)).status is TaskStatus.PENDING

    reply = await person.says("yes, please")
    assert [action.type for action in reply.actions] == ["task.cancelled"]
    assert (await ops.get_task(first.id)).status is TaskStatus.CANCELLED
    assert (await ops.get_task(second.id)).status is TaskStatus.PENDING


async def test_a_model_cannot_say_yes_for_the_person(talk: MakeTalk, ops: AgentOpsClient) -> None:
    task = await ops.create_task(NewTask(title="First"))
    model = ScriptedModel(
        cancel(task.number), Call("confirm", {"yes": True}), ASKED,
        Call("confirm", {"yes": True}), Speech("Please say yes or no."),
    )  # fmt: skip
    person = talk(model)
    await person.says("cancel the first one")
    await person.says("what is it about?")

    assert model.last_error == "no_yes"
    assert (await ops.get_task(task.id)).status is TaskStatus.PENDING


async def test_a_no_drops_the_question(talk: MakeTalk, ops: AgentOpsClient) -> None:
    task = await ops.create_task(NewTask(title="First"))
    model = ScriptedModel(
        cancel(task.number), ASKED, Call("confirm", {"yes": False}), Speech("All right."),
        Call("confirm", {"yes": True}), Speech("Nothing waits."),
    )  # fmt: skip
    person = talk(model)
    await person.says("cancel it")
    await person.says("no")
    await person.says("yes")

    assert model.last_error == "nothing_waits"
    assert (await ops.get_task(task.id)).status is TaskStatus.PENDING


async def test_the_yes_reaches_another_replica(talk: MakeTalk, ops: AgentOpsClient) -> None:
    task = await ops.create_task(NewTask(title="First"))
    await talk(ScriptedModel(cancel(task.number), ASKED)).says("cancel it")

    await talk(ScriptedModel(Call("confirm", {}), DONE)).says("yes")

    assert (await ops.get_task(task.id)).status is TaskStatus.CANCELLED


async def test_a_yes_that_runs_again_after_a_crash_does_it_once_and_says_so(
    talk: MakeTalk, ops: AgentOpsClient
) -> None:
    tasks = [await ops.create_task(NewTask(title=title)) for title in ("First", "Second")]
    asked = talk(ScriptedModel(cancel(1), cancel(2), ASKED))
    await asked.says("cancel both")
    turn = asked.turn("yes")

    class Stuck(ScriptedModel):
        """Never gets to its last words."""

        async def stream(self, *args, **named):  # type: ignore[no-untyped-def]
            if len(self.seen) == 1:
                await asyncio.sleep(3600)
            async for event in super().stream(*args, **named):
                yield event

    killed = asyncio.create_task(talk(Stuck(Call("confirm", {}), DONE)).repeats(turn))

    async def both_cancelled() -> bool:
        return all([(await ops.get_task(task.id)).status is TaskStatus.CANCELLED for task in tasks])

    await eventually(both_cancelled)
    killed.cancel()
    with suppress(asyncio.CancelledError):
        await killed

    said = Speech("I cancelled both tasks.")
    reply = await talk(ScriptedModel(Call("confirm", {}), said)).repeats(turn)
    assert reply.text == said.text
    assert [action.type for action in reply.actions] == ["task.cancelled"] * 2


async def test_an_old_question_does_not_wait_for_ever(talk: MakeTalk, ops: AgentOpsClient) -> None:
    task = await ops.create_task(NewTask(title="First"))
    chat = Speech("Nice.")
    model = ScriptedModel(cancel(task.number), ASKED, chat, chat, Call("confirm", {}), Speech("What for?"))
    person = talk(model)
    for words in ("cancel it", "the weather is nice", "and tomorrow, too", "yes"):
        await person.says(words)

    assert (await ops.get_task(task.id)).status is TaskStatus.PENDING


async def test_one_session_cannot_say_yes_for_another(talk: MakeTalk, ops: AgentOpsClient) -> None:
    task = await ops.create_task(NewTask(title="First"))
    await talk(ScriptedModel(cancel(task.number), ASKED)).says("cancel it")

    await talk(ScriptedModel(Call("confirm", {}), Speech("For what?")), session="s2").says("yes")

    assert (await ops.get_task(task.id)).status is TaskStatus.PENDING


@pytest.mark.parametrize(
    "words", ["yes", "Yes please!", "ok", "go ahead", "do it", "yes, cancel it", "Ja, bitte", "sí"]
)
def test_a_plain_yes_is_a_yes(words: str) -> None:
    assert says_yes(words)


@pytest.mark.parametrize(
    "words",
    [
        "no", "yes but not the second one", "yes, if it is cheap", "maybe", "what?", "yes?", "don't do it",
        "do you think so?", "thanks", "yesterday", "wait, yes", "",
    ],
)  # fmt: skip
def test_anything_else_is_none(words: str) -> None:
    assert not says_yes(words)
