"""Crashes, lies and outages: nothing twice, nothing claimed that is not so."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

import pytest
from strands.types.content import Messages
from strands.types.streaming import StreamEvent

from agentops import AgentOpsClient, RetryPolicy
from brain.chief.answering import Chief, Minds
from brain.offline.model import OfflineModel, local_time
from gateway.session.turns import Attachment
from tests.integration.brain.conftest import MakeChief
from tests.integration.brain.scripted import Call, ScriptedModel, Speech
from tests.ledger_fixtures import ADMIN_KEY, StartLedger
from tests.talking import Person
from tests.waiting import eventually


async def test_a_turn_that_runs_again_creates_nothing_twice(
    make_chief: MakeChief, ops: AgentOpsClient, csv: Attachment
) -> None:
    killed, next_one = Person(make_chief()), Person(make_chief())
    turn = killed.turn("create a task to analyse this file @sales", csv)

    async def created() -> bool:
        return bool((await ops.list_tasks()).items)

    async with asyncio.TaskGroup() as group:
        # Killed at an unknown moment: here after the task, before the reply was recorded.
        running = group.create_task(killed.repeats(turn))
        await eventually(created, every_s=0.001)
        running.cancel()

    reply = await next_one.repeats(turn)

    assert len((await ops.list_tasks()).items) == 1
    assert len(await ops.list_projects()) == 1
    assert "task.created" in [action.type for action in reply.actions]


async def test_a_turn_that_was_answered_before_the_crash_gets_the_same_answer(
    make_chief: MakeChief, ops: AgentOpsClient
) -> None:
    first, second = Person(make_chief()), Person(make_chief())
    turn = first.turn("create a task to paint the fence")

    before, after = await first.repeats(turn), await second.repeats(turn)

    assert after.text == before.text
    assert after.actions == before.actions
    assert len((await ops.list_tasks()).items) == 1
    assert [record.role for record in (await ops.list_turns("s1")).items] == ["person", "chief"]


async def test_a_model_that_words_it_differently_the_second_time_creates_one_task(
    make_chief: MakeChief, ops: AgentOpsClient
) -> None:
    once = ScriptedModel(Call("create_task", {"title": "Paint the fence"}), RuntimeError("killed"))
    again = ScriptedModel(Call("create_task", {"title": "Paint fence"}), Speech("Created task 1 for you."))
    turn = Person(make_chief()).turn("have the fence painted")
    work = Person(make_chief(once))
    await work.chief._answered(turn, _work(turn.id), work._hear)

    reply = await Person(make_chief(again)).repeats(turn)

    assert [task.title for task in (await ops.list_tasks()).items] == ["Paint the fence"]
    assert reply.actions[0].title == "Paint the fence"


async def test_a_lie_is_corrected(make_chief: MakeChief, ops: AgentOpsClient) -> None:
    liar = ScriptedModel(Speech("I've created task 7 for you."), Speech("Done! I created the task."))

    reply = await Person(make_chief(liar)).says("have the fence painted")

    assert "I have to correct myself" in reply.text
    assert "nothing was changed" in reply.text
    assert reply.actions == ()
    assert not (await ops.list_tasks()).items


async def test_a_model_that_is_reminded_may_still_do_it(make_chief: MakeChief, ops: AgentOpsClient) -> None:
    careless = ScriptedModel(
        Speech("I've created the task."),
        Call("create_task", {"title": "Paint the fence"}),
        Speech("Now I created it: “Paint the fence”."),
    )

    reply = await Person(make_chief(careless)).says("have the fence painted")

    assert reply.text == "Now I created it: “Paint the fence”."
    assert [task.title for task in (await ops.list_tasks()).items] == ["Paint the fence"]


async def test_a_model_that_fails_is_told_and_the_next_turn_works(make_chief: MakeChief) -> None:
    person = Person(make_chief(ScriptedModel(RuntimeError("no route to host"), Speech("Hello."))))

    assert (await person.says("hi")).text == (
        "My language model (test:model) did not answer, so I could not finish this. Nothing was created or "
        "changed. Please try again; /status works without the model."
    )
    assert (await person.says("hi")).text == "Hello."


async def test_a_model_that_fails_after_a_tool_tells_what_the_ledger_shows(make_chief: MakeChief) -> None:
    model = ScriptedModel(Call("create_task", {"title": "Paint the fence"}), RuntimeError("gone"))

    reply = await Person(make_chief(model)).says("have the fence painted")

    assert "In the ledger: task.created “Paint the fence”." in reply.text
    assert "Nothing was created" not in reply.text


class HangingModel(OfflineModel):
    async def stream(self, messages: Messages, *_: Any, **__: Any) -> AsyncGenerator[StreamEvent]:
        await asyncio.Event().wait()
        yield {}


async def test_a_model_that_hangs_is_given_up(make_chief: MakeChief) -> None:
    chief = make_chief(HangingModel(), turn_timeout_s=0.05)

    assert "thought too long" in (await Person(chief).says("hi")).text


async def test_bad_tool_arguments_come_back_as_errors(make_chief: MakeChief, ops: AgentOpsClient) -> None:
    model = ScriptedModel(
        Call("create_task", {"title": ""}),
        Call("create_task", {"title": "x", "priority": "enormous"}),
        Call("create_task", {"title": "x", "due": "soon"}),
        Call("create_task", {"title": "x", "attachments": ["no-such-file"]}),
        Call("update_task", {"number": 1, "action": "change"}),
        Speech("That did not work."),
    )

    await Person(make_chief(model)).says("do something odd")

    results = [
        block["toolResult"]["status"]
        for message in model.seen[-1]
        for block in message["content"]
        if "toolResult" in block
    ]
    assert results == ["error"] * 5
    assert not (await ops.list_tasks()).items


async def test_a_ledger_that_is_away_is_told_and_the_turn_is_recorded_later(
    start_ledger: StartLedger, unused_tcp_port: int
) -> None:
    url = f"http://127.0.0.1:{unused_tcp_port}"
    model = OfflineModel(introduces_itself=False)
    minds = Minds(talking=model, commands=model, name="offline", prompt="")
    async with AgentOpsClient(url, ADMIN_KEY, retry=RetryPolicy(tries=1)) as ops:
        person = Person(Chief(ops, minds, local_time, cached_sessions=4, turn_timeout_s=30))

        away = await person.says("create a task to paint the fence")
        assert "cannot reach my ledger" in away.text
        assert away.actions == ()

        async with start_ledger(ledger_port=unused_tcp_port):
            await person.says("hi")
            told = [record.text for record in (await ops.list_turns("s1")).items]
            assert told[:2] == ["create a task to paint the fence", away.text]
            assert not (await ops.list_tasks()).items


def _work(turn_id: str) -> Any:
    from brain.chief.work import TurnWork

    return TurnWork(turn_id=turn_id, session_id="s1")


@pytest.fixture
def unused_tcp_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
