"""What the chief remembers: what was shown, what was said, what was heard, what it was asked to keep."""

import asyncio
from contextlib import suppress
from itertools import pairwise

import pytest

from agentops import AgentOpsClient
from agentops.wire import NewTask, NewTurn, Page, TurnRecord
from brain.chief.summaries import KEPT, SUMMARISED_AT
from brain.offline.dialogue import read
from gateway.session.turns import Reply
from tests.integration.brain.scripted import Call, ScriptedModel, Speech
from tests.unit.brain.chief.conftest import NOON, MakeTalk

OK = Speech("Here you are.")


def told(model: ScriptedModel, call: int = -1) -> str:
    """All that the model saw with one call."""
    return str(model.seen[call])


async def test_the_second_one_is_the_second_of_what_was_shown_last(
    talk: MakeTalk, ops: AgentOpsClient
) -> None:
    for title in ("Paint the fence", "Book the Berlin flight", "Call Ada"):
        await ops.create_task(NewTask(title=title))
    await talk(ScriptedModel(Call("query_tasks", {}), OK), channel="telegram").says("my tasks")

    words = ("the second one", "that Berlin thing", "the last one", "task 2", "nonsense")
    model = ScriptedModel(*(Call("find_task", {"words": one}) for one in words), OK)
    person = talk(model, channel="phone")
    await person.says("what about those?")

    outcomes = [step.outcome for step in read(model.seen[-1]).steps]
    titles = [outcome.task.title if outcome.task else None for outcome in outcomes]
    berlin = "Book the Berlin flight"
    assert titles == [berlin, berlin, "Paint the fence", berlin, None]
    assert outcomes[-1].error is not None
    assert outcomes[-1].error.code == "task_not_found"
    assert '"at":2,"name":"Book the Berlin flight"' in told(model, 0)


async def test_that_is_the_task_of_the_news_that_came_last(talk: MakeTalk, ops: AgentOpsClient) -> None:
    for title in ("Paint the fence", "Book the flight"):
        await ops.create_task(NewTask(title=title))
    await talk(ScriptedModel(Call("query_tasks", {}), OK)).says("my tasks")
    task = await ops.find_task(1)
    news = NewTurn(id="n-1", role="notice", channel="notice", text="Task 1 is done.", task_id=task.id)
    await ops.record_turn("s1", news)

    model = ScriptedModel(
        Call("find_task", {"words": "that"}), Call("find_task", {"words": "the first one"}), OK
    )
    await talk(model).says("tell me about that")

    that, first = [step.outcome.task for step in read(model.seen[-1]).steps]
    assert that is not None
    assert that.title == "Paint the fence"
    assert first is not None
    assert first.title == "Book the flight"


async def test_the_ledger_is_asked_what_was_said_only_when_somebody_else_spoke(
    talk: MakeTalk, ops: AgentOpsClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int | None] = []
    listing = ops.list_turns

    async def counted(session_id: str, *, after: int | None = None, limit: int = 100) -> Page[TurnRecord]:
        asked.append(after)
        return await listing(session_id, after=after, limit=limit)

    monkeypatch.setattr(ops, "list_turns", counted)
    model = ScriptedModel(*[Speech("Yes.")] * 4)
    person = talk(model)
    for words in ("one", "two", "three"):
        await person.says(words)
    assert asked == [None]
    await ops.record_turn("s1", NewTurn(id="n-9", role="notice", channel="notice", text="The roof leaks."))
    await person.says("four")
    assert len(asked) == 2
    assert "The roof leaks." in told(model)
    assert told(model).count("three") == 1


async def test_facts_are_kept_apart_survive_and_can_be_forgotten(talk: MakeTalk) -> None:
    keep = [Call("remember", {"fact": fact}) for fact in ("Likes tea", "Lives in Berlin")]
    await talk(ScriptedModel(*keep, OK)).says("I like tea and live in Berlin")

    model = ScriptedModel(
        Call("known_facts", {}),
        OK,
        Call("forget", {"fact": "that I like tea"}),
        OK,
        Call("known_facts", {}),
        OK,
    )
    person = talk(model, session="another-session", channel="phone")
    await person.says("what do you know about me?")
    assert [fact.text for fact in model.last_outcome.facts or ()] == ["Likes tea", "Lives in Berlin"]
    assert "- Likes tea" in model.prompts[0]

    await person.says("forget that I like tea")
    await person.says("and now?")
    assert [fact.text for fact in model.last_outcome.facts or ()] == ["Lives in Berlin"]
    assert "Likes tea" not in model.prompts[-1]


async def test_nobody_sees_the_facts_of_another(talk: MakeTalk) -> None:
    await talk(ScriptedModel(Call("remember", {"fact": "Likes tea"}), OK)).says("I like tea")

    model = ScriptedModel(Call("known_facts", {}), OK)
    await talk(model, session="person-p-1", role="member").says("what do you know?")

    assert model.last_outcome.facts in (None, [])
    assert "Likes tea" not in model.prompts[0]


async def test_everything_is_forgotten_only_after_a_yes(talk: MakeTalk) -> None:
    model = ScriptedModel(
        Call("remember", {"fact": "Likes tea"}), Call("remember", {"fact": "Lives in Berlin"}), OK,
        Call("forget", {"fact": "everything"}), Speech("Shall I?"), Call("confirm", {}), OK,
        Call("known_facts", {}), OK,
    )  # fmt: skip
    person = talk(model)
    await person.says("I like tea and live in Berlin")
    await person.says("forget everything about me")
    await person.says("yes")
    await person.says("so?")

    assert model.last_outcome.facts in (None, [])


async def test_a_long_conversation_is_summarised_and_every_replica_has_it(
    talk: MakeTalk, ops: AgentOpsClient
) -> None:
    for number in range(SUMMARISED_AT):
        said = NewTurn(id=f"old-{number}", role="person", channel="web", text=f"sentence {number}")
        await ops.record_turn("s1", said)
    model = ScriptedModel(OK, Speech("They spoke sixty sentences."), OK)
    person = talk(model)
    await person.says("and now?")
    await person.chief.settled()
    assert "sentence 0" in told(model, 1)
    assert f"sentence {SUMMARISED_AT - 1}" not in told(model, 1)

    other = ScriptedModel(OK)
    await talk(other).says("go on")

    assert "They spoke sixty sentences." in other.prompts[0]
    assert f"sentence {SUMMARISED_AT - KEPT + 1}" in told(other)
    assert "sentence 0" not in told(other)


async def test_a_summary_that_fails_costs_nobody_an_answer(talk: MakeTalk, ops: AgentOpsClient) -> None:
    for number in range(SUMMARISED_AT):
        said = NewTurn(id=f"old-{number}", role="person", channel="web", text=f"sentence {number}")
        await ops.record_turn("s1", said)
    person = talk(ScriptedModel(OK, RuntimeError("no"), OK))
    await person.says("and now?")
    await person.chief.settled()

    assert (await person.says("go on")).text == OK.text


async def test_of_an_answer_that_was_stopped_the_record_holds_what_was_said(
    talk: MakeTalk, ops: AgentOpsClient
) -> None:
    reached = asyncio.Event()

    class Slow(ScriptedModel):
        async def stream(self, *args: object, **named: object):  # type: ignore[no-untyped-def]
            async for event in super().stream(*args, **named):  # type: ignore[arg-type]
                yield event
                if "two" in str(event):
                    reached.set()
                    await asyncio.sleep(3600)

    person = talk(Slow(Speech("First sentence. Second two three.")))
    turn = person.turn("tell me a story")
    running = asyncio.create_task(person.repeats(turn))
    await reached.wait()
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running
    stopped = Reply(
        session_id=turn.session_id, turn_id=turn.id, channel="web", address="there", text="Stopped.", at=NOON
    )
    await person.chief.note(turn, stopped)

    records = (await ops.list_turns("s1")).items
    assert [record.text for record in records] == ["tell me a story", "First sentence. […]"]
    assert person.chunks == ["First sentence. "]


async def test_what_was_heard_counts_not_what_was_written(talk: MakeTalk, ops: AgentOpsClient) -> None:
    model = ScriptedModel(Speech("One. Two. Three."), OK)
    person = talk(model, channel="phone")
    reply = await person.says("count")
    heard = NewTurn(id="heard-1", role="heard", channel="phone", text="One. Two.", reply_to=reply.turn_id)
    await ops.record_turn("s1", heard)

    await person.says("go on")

    assert "One. Two.…" in told(model)
    assert "Three" not in told(model)


async def test_new_forgets_what_was_shown_and_what_waits(talk: MakeTalk, ops: AgentOpsClient) -> None:
    await ops.create_task(NewTask(title="Paint the fence"))
    model = ScriptedModel(
        Call("cancel_task", {"number": 1}), Speech("Shall I?"), Call("confirm", {}), Speech("What for?")
    )
    person = talk(model)
    await person.says("cancel it")
    await person.says("/new")
    await person.says("yes")

    assert model.last_error == "nothing_waits"
    assert "shown" not in told(model, 2).split("<context>")[1]


async def test_voice_has_a_model_and_a_prompt_of_its_own_and_the_same_memory(talk: MakeTalk) -> None:
    text, voice = ScriptedModel(OK), ScriptedModel(OK)
    person = talk(text, voice=voice)
    await person.says("my name is Ann")
    person.channel = "phone"
    await person.says("who am I?")

    assert voice.prompts[0].startswith("Speak briefly.")
    assert text.prompts[0].startswith("Be brief.")
    assert "my name is Ann" in told(voice)


async def test_what_tools_answered_long_ago_is_not_remembered_but_what_was_said_is(
    talk: MakeTalk, ops: AgentOpsClient
) -> None:
    await ops.create_task(NewTask(title="Paint the fence"))
    look = Call("query_tasks", {})
    model = ScriptedModel(look, Speech("There is one task."), look, OK, look, OK, OK)
    person = talk(model)
    for words in ("what is there?", "and now?", "still?", "thanks"):
        await person.says(words)

    remembered = model.seen[-1]
    results = [block for message in remembered for block in message["content"] if "toolResult" in block]
    roles = [message["role"] for message in remembered]
    assert len(results) == 2
    assert "what is there?" in told(model)
    assert "There is one task." in told(model)
    assert all(one != other for one, other in pairwise(roles))
