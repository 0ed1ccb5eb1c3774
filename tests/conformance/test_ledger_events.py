"""The event log, in pages and live, on both ledgers."""

import asyncio
from contextlib import aclosing

import pytest

from agentops import Unauthenticated, ValidationFailed
from agentops.tracing import traced
from agentops.wire import (
    Block,
    ClaimNextRequest,
    Complete,
    Event,
    GateAnswer,
    Heartbeat,
    NewAgent,
    NewProject,
    NewTask,
    Task,
)
from tests.conformance.ledgers import SEED, Ledger

TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


async def a_life(ledger: Ledger) -> Task:
    """A task that is asked about, answered and done."""
    claim = await ledger.claimed(NewTask(title="Book a table", origin="main"))
    task = claim.task
    await ledger.agent.heartbeat(task.id, Heartbeat(epoch=1, progress=0.5, note="calling"))
    await ledger.agent.block(task.id, Block(epoch=1, question="For how many?", options=["two"]))
    (gate,) = await ledger.admin.list_gates(task_id=task.id)
    await ledger.admin.answer_gate(gate.id, GateAnswer(answer="two"))
    await ledger.agent.claim_next(ClaimNextRequest(agent=SEED))
    return await ledger.agent.complete(task.id, Complete(epoch=2, result={"summary": "Booked."}))


async def test_every_change_is_told_in_order(ledger: Ledger) -> None:
    task = await a_life(ledger)
    assert await ledger.types(task) == [
        "task.created", "task.claimed", "task.progress", "task.blocked", "gate.opened",
        "gate.answered", "task.updated", "task.claimed", "task.completed",
    ]  # fmt: skip


async def test_an_event_says_what_changed(ledger: Ledger) -> None:
    task = await a_life(ledger)
    events = (await ledger.admin.list_events(after="0", task_id=task.id)).events
    by_type = {event.type: event for event in events}
    for event in events:
        assert event.task_id == task.id
        assert event.payload["number"] == task.number
        assert event.payload["origin"] == "main"
    assert by_type["task.claimed"].payload["epoch"] == 2
    assert by_type["task.progress"].payload["note"] == "calling"
    assert by_type["task.blocked"].payload["question"] == "For how many?"
    assert by_type["task.blocked"].payload["gate_id"] == by_type["gate.opened"].entity_id
    assert by_type["gate.answered"].payload["answer"] == "two"
    done = by_type["task.completed"]
    assert (done.actor, done.entity_type, done.entity_id) == (SEED, "task", task.id)
    assert done.payload["result"] == {"summary": "Booked."}
    told = {"title": task.title, "status": "completed", "priority": "medium", "version": task.version}
    assert done.payload | told | {"assigned_to": SEED} == done.payload


async def test_events_are_read_on_behind_a_cursor(ledger: Ledger) -> None:
    task = await a_life(ledger)
    everything = (await ledger.admin.list_events(after="0")).events
    got: list[Event] = []
    cursor = "0"
    while page := (await ledger.admin.list_events(after=cursor, limit=2)).events:
        got += page
        cursor = page[-1].cursor
    assert got == everything
    assert len({event.cursor for event in got}) == len(got)
    after_all = await ledger.admin.list_events(after=cursor)
    assert (after_all.events, after_all.cursor) == ([], cursor)
    await ledger.admin.create_task(NewTask(title="next", parent_id=task.id))
    (fresh,) = (await ledger.admin.list_events(after=cursor)).events
    assert fresh.type == "task.created"


async def test_without_a_cursor_only_now_is_told(ledger: Ledger) -> None:
    await ledger.task()
    now = await ledger.admin.list_events(after=None)
    assert now.events == []
    task = await ledger.task()
    later = (await ledger.admin.list_events(after=now.cursor)).events
    assert [event.entity_id for event in later][-1:] == [task.id]


async def test_events_are_filtered_by_type_and_project(ledger: Ledger) -> None:
    project = await ledger.admin.create_project(NewProject(name="Spring"))
    await ledger.agent.register_agent(NewAgent(name=SEED))
    task = await ledger.admin.create_task(NewTask(title="Dig", project_id=project.id))
    await ledger.task()

    async def types(*wanted: str, **query: object) -> list[str]:
        found = await ledger.admin.list_events(after="0", types=wanted, **query)  # type: ignore[arg-type]
        return [event.type for event in found.events]

    assert await types("agent.*", "project.created") == ["project.created", "agent.registered"]
    assert await types("task.*") == ["task.created"] * 2
    assert await types(project=project.id) == ["project.created", "task.created"]
    assert await types(task_id=task.id) == ["task.created"]
    assert await types("task.completed") == []


async def test_a_subscriber_gets_what_was_and_what_comes_once_and_in_order(ledger: Ledger) -> None:
    before = [await ledger.task(f"before {n}") for n in range(3)]
    got: list[Event] = []
    async with asyncio.timeout(20), aclosing(ledger.reader.subscribe("task.*", after="0")) as events:
        async for event in events:
            got.append(event)
            if len(got) == 3:
                after = [await ledger.task(f"after {n}") for n in range(3)]
            if len(got) == 6:
                break
    assert [event.entity_id for event in got] == [task.id for task in before + after]


async def test_a_subscriber_resumes_behind_what_it_has_seen(ledger: Ledger) -> None:
    tasks = [await ledger.task(f"task {n}") for n in range(4)]
    everything = (await ledger.admin.list_events(after="0", types=["task.created"])).events
    async with asyncio.timeout(20):
        subscription = ledger.admin.subscribe("task.created", after=everything[1].cursor)
        async with aclosing(subscription) as events:
            assert [(await anext(events)).entity_id for _ in range(2)] == [task.id for task in tasks[2:]]


async def test_a_subscriber_without_a_cursor_hears_from_now_on(ledger: Ledger) -> None:
    await ledger.task("before")
    async with asyncio.timeout(20), aclosing(ledger.admin.subscribe("task.created")) as events:
        waiting = asyncio.ensure_future(anext(events))
        made = []
        while not waiting.done():
            made.append((await ledger.task("after")).id)
            await asyncio.wait({waiting}, timeout=0.05)
        assert (await waiting).entity_id in made


async def test_a_wrong_subscription_is_refused(ledger: Ledger) -> None:
    for wrong in ({"after": "nonsense"}, {"after": "0", "task_id": "no-uuid"}):
        with pytest.raises(ValidationFailed):
            await anext(ledger.admin.subscribe(**wrong))  # type: ignore[arg-type]
    with pytest.raises(ValidationFailed):
        await anext(ledger.admin.subscribe("NO TYPE", after="0"))
    async with ledger.with_key("cos_never-issued") as stranger:
        with pytest.raises(Unauthenticated):
            await anext(stranger.subscribe(after="0"))


async def test_a_trace_runs_from_the_call_to_its_events(ledger: Ledger) -> None:
    with traced(TRACE):
        task = await ledger.task()
        claimed = await ledger.agent.claim_next(ClaimNextRequest(agent=SEED))
    await ledger.agent.complete(task.id, Complete(epoch=claimed[0].epoch))
    events = (await ledger.admin.list_events(after="0", task_id=task.id)).events
    assert [event.traceparent for event in events] == [TRACE, TRACE, None]
