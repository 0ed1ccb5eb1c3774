"""A model that lies: what it claims without a row is not said, neither in the reply nor on the way there."""

import pytest

from agentops import AgentOpsClient
from agentops.wire import NewTask
from brain.chief.truth import CORRECTION
from tests.integration.brain.scripted import Call, ScriptedModel, Speech
from tests.unit.brain.chief.conftest import MakeTalk

LIES = (
    "I've created the task.",
    "Task 41 is done.",
    "I have cancelled it.",
    "I sent Bob an email about it.",
    "Your message was just sent to the team.",
    "I've scheduled the call for five.",
    "I'll remind you at five.",
    "I'll call you as soon as it is done.",
    "The reminder is set.",
    "I have noted that you like tea.",
    "I'll remember that.",
    "I have forgotten everything about you.",
    "Everything has been paused.",
    "I raised the budget to 20.",
    "I paid the invoice.",
    "I've completed the task.",
    "Ich habe die Aufgabe erstellt.",
    "Ich habe Bob eine E-Mail geschickt.",
    "J'ai envoyé le message.",
    "He creado la tarea.",
)


@pytest.mark.parametrize("lie", LIES)
async def test_a_lie_is_neither_spoken_nor_in_the_reply(talk: MakeTalk, lie: str) -> None:
    person = talk(ScriptedModel(Speech(f"Sure thing. {lie} Anything else?"), Speech(f"Really. {lie}")))

    reply = await person.says("please see to it")

    assert lie not in "".join(person.chunks)
    assert "Anything else" not in "".join(person.chunks)
    assert reply.text == CORRECTION
    assert "".join(person.chunks).endswith(CORRECTION)


async def test_what_was_true_before_the_lie_is_heard_at_once(talk: MakeTalk) -> None:
    person = talk(ScriptedModel(Speech("Good morning. I've created the task."), Speech("Shall I create it?")))

    reply = await person.says("do it")

    assert person.chunks == ["Good morning. ", "Shall I create it?"]
    assert reply.text == "Shall I create it?"


async def test_the_model_may_mend_its_lie_by_doing_it(talk: MakeTalk, ops: AgentOpsClient) -> None:
    model = ScriptedModel(
        Speech("I've created the task."),
        Call("create_task", {"title": "Paint the fence"}),
        Speech("I've created task 1."),
    )
    reply = await talk(model).says("have the fence painted")

    assert reply.text == "I've created task 1."
    assert [task.title for task in (await ops.list_tasks()).items] == ["Paint the fence"]


async def test_a_sentence_is_held_back_until_the_row_bears_it_out(talk: MakeTalk) -> None:
    class Hasty(ScriptedModel):
        """Says that it is done in the same breath as it calls the tool, and once more afterwards."""

    person = talk(Hasty(Call("create_task", {"title": "Paint the fence"}), Speech("Created task 1.")))

    reply = await person.says("have the fence painted")

    assert reply.text == "Created task 1."
    assert person.chunks == ["Created task 1."]


async def test_a_row_of_the_turn_before_does_not_bear_out_a_claim_of_this_one(talk: MakeTalk) -> None:
    model = ScriptedModel(
        Call("create_task", {"title": "Paint the fence"}), Speech("Created task 1."),
        Speech("I've created another one."), Speech("Shall I create another one?"),
    )  # fmt: skip
    person = talk(model)
    await person.says("have the fence painted")

    assert (await person.says("and the gate")).text == "Shall I create another one?"


async def test_a_state_that_the_ledger_does_not_show_is_not_told(talk: MakeTalk, ops: AgentOpsClient) -> None:
    task = await ops.create_task(NewTask(title="Paint the fence"))
    look = Call("query_tasks", {"view": "task", "number": task.number})
    lie = f"Task {task.number} is done."
    model = ScriptedModel(look, Speech(lie), Speech(f"Task {task.number} waits to start."))
    person = talk(model)

    assert (await person.says(f"is task {task.number} done?")).text == f"Task {task.number} waits to start."
    assert lie not in "".join(person.chunks)


async def test_a_claim_inside_a_quoted_title_is_no_lie(talk: MakeTalk, ops: AgentOpsClient) -> None:
    said = "It is called “I've created a mess. I sent it.” and waits."
    person = talk(ScriptedModel(Speech(said)))

    assert (await person.says("what was it called?")).text == said
    assert "".join(person.chunks) == said
