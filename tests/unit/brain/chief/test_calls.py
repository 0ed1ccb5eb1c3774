"""What is different in a call: it can be hung up, and names are spelled."""

import pytest

from agentops import AgentOpsClient
from agentops.wire import NewTask
from brain.chief.thinking import GOODBYE
from brain.chief.truth import CORRECTION
from brain.offline.dialogue import Move
from brain.offline.model import OfflineModel
from tests.integration.brain.scripted import Call, ScriptedModel, Speech
from tests.unit.brain.chief.conftest import MakeTalk

HANG_UP = Call("hang_up", {})
ASKS = Call("cancel_task", {"number": 1})


@pytest.mark.parametrize("channel", ["phone", "call"])
async def test_a_call_can_be_hung_up_with_a_farewell(talk: MakeTalk, channel: str) -> None:
    model = ScriptedModel(HANG_UP, Speech("Have a good flight."))
    person = talk(model, channel=channel)
    reply = await person.says("I have to catch my plane")
    assert (reply.text, reply.parts, reply.actions) == ("Have a good flight.", True, ())
    assert model.last_outcome.call


async def test_elsewhere_there_is_nothing_to_hang_up(talk: MakeTalk) -> None:
    reply = await talk(ScriptedModel(HANG_UP, Speech("Have a good flight."))).says("I have to go")
    assert not reply.parts


@pytest.mark.parametrize(
    ("moves", "text", "parts"),
    [
        ((HANG_UP, Speech("")), GOODBYE, True),
        ((ASKS, HANG_UP, Speech("Shall I? Say yes or no.")), "Shall I? Say yes or no.", False),
        ((HANG_UP, ASKS, Speech("Shall I? Say yes or no.")), "Shall I? Say yes or no.", False),
        ((HANG_UP, RuntimeError("away")), "", False),
        ((HANG_UP, Speech("I sent it."), Speech("I sent it.")), CORRECTION, False),
    ],
)
async def test_nobody_is_left_without_a_farewell_or_with_a_question(
    talk: MakeTalk, ops: AgentOpsClient, moves: tuple[Move | Exception, ...], text: str, parts: bool
) -> None:
    await ops.create_task(NewTask(title="Paint the fence"))
    reply = await talk(ScriptedModel(*moves), channel="phone").says("cancel task 1, and goodbye")
    assert reply.parts is parts
    assert not text or reply.text == text


async def test_a_model_sees_what_was_spelled_beside_the_words(talk: MakeTalk) -> None:
    model = ScriptedModel(Speech("Hello."), Speech("Yes."))
    person = talk(model, channel="phone")
    await person.says("My name is Smice, that's S-M-I-T-H.")
    await person.says("Is plan B any good?")
    first, second = (str(messages[-1]["content"]) for messages in model.seen)
    assert "S-M-I-T-H" in first
    assert '"spelled":["Smith"]' in first
    assert "spelled" not in second


async def test_without_a_model_a_spelled_name_is_in_the_title(talk: MakeTalk, ops: AgentOpsClient) -> None:
    person = talk(OfflineModel(introduces_itself=False), channel="phone")
    await person.says("Create a task to call Mister Smice, that's spelled S-M-I-T-H, high priority.")
    [task] = (await ops.list_tasks()).items
    assert (task.title, task.priority.value) == ("Call Mister Smith", "high")
