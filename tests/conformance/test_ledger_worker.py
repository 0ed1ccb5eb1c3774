"""The worker helper, on both ledgers: every way in which a task can end, and a worker too."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from agentops import Unauthenticated
from agentops.wire import (
    AgentStatus,
    Artifact,
    GateAnswer,
    GateKind,
    GateStatus,
    NewAgent,
    NewKey,
    NewTask,
    Release,
    Scope,
    Task,
    TaskPatch,
    TaskStatus,
)
from agentops.worker import GiveUp, Job, Work, Worker
from agentops.worker.rhythm import REMEMBERED, SHORTEST_S
from tests.conformance.ledgers import SEED, Ledger
from tests.waiting import eventually

QUICK_S = 2 * SHORTEST_S


@asynccontextmanager
async def working(ledger: Ledger, work: Work, **options: Any) -> AsyncIterator[Worker]:
    """A worker that runs meanwhile; leaving stops it and waits."""
    options = {"poll_s": 0.2, "heartbeat_s": 0.2, "grace_s": 5.0, **options}
    worker = Worker(ledger.agent, options.pop("agent", SEED), work, **options)
    running = asyncio.create_task(worker.run())
    try:
        yield worker
    finally:
        worker.stop()
        async with asyncio.timeout(20):
            await running


async def ended(ledger: Ledger, task: Task, status: TaskStatus) -> Task:
    """The task, once it is there."""

    async def there() -> Task | None:
        now = await ledger.admin.get_task(task.id)
        return now if now.status is status else None

    found = await eventually(there, timeout_s=20)
    assert found is not None
    return found


def until_cancelled(seen: list[str]) -> Callable[[Job], Any]:
    """Work without an end that says when it begins and what stopped it."""

    async def work(job: Job) -> None:
        seen.append("begun")
        try:
            await asyncio.Event().wait()
        finally:
            seen.append(str(job.interruption))

    return work


async def test_a_task_is_claimed_done_and_its_files_are_there(ledger: Ledger) -> None:
    async def work(job: Job) -> dict[str, Any]:
        (given,) = job.inputs
        job.progress(0.5, "reading")
        content = await job.download(given)
        made = await job.upload("report.md", b"# " + content, media_type="text/markdown")
        return {"summary": "Read.", "artifacts": [made.id]}

    file = await ledger.admin.upload("a.txt", b"hello", media_type="text/plain")
    task = await ledger.admin.create_task(NewTask(title="Read", attachments=[file.id]))
    async with working(ledger, work):
        done = await ended(ledger, task, TaskStatus.COMPLETED)
    assert done.result is not None
    assert done.result["summary"] == "Read."
    assert await ledger.admin.download(done.result["artifacts"][0]) == b"# hello"
    assert (await ledger.admin.get_agent(SEED)).kind == "worker"


async def test_work_that_comes_later_is_heard_of(ledger: Ledger) -> None:
    async def work(job: Job) -> None:
        return None

    async with working(ledger, work, poll_s=60.0):

        async def online() -> bool:
            return any(agent.status is AgentStatus.ONLINE for agent in await ledger.admin.list_agents())

        await eventually(online)
        for _ in range(3):
            await ended(ledger, await ledger.task(), TaskStatus.COMPLETED)


async def test_work_whose_time_comes_is_begun_then_and_not_at_the_next_poll(ledger: Ledger) -> None:
    begun: dict[str, datetime] = {}

    async def work(job: Job) -> None:
        begun[job.task.title] = datetime.now(UTC)

    async with working(ledger, work, poll_s=60.0):
        await ended(ledger, await ledger.task("at once"), TaskStatus.COMPLETED)
        soon = datetime.now(UTC) + timedelta(seconds=0.4)
        later = NewTask(title="later", run_after=soon)
        put_off = await ledger.admin.create_task(NewTask(title="put off", run_after=soon + timedelta(days=1)))
        await ended(ledger, await ledger.admin.create_task(later), TaskStatus.COMPLETED)
        assert await ledger.status(put_off) is TaskStatus.PENDING
        soonest = datetime.now(UTC) + timedelta(seconds=0.4)
        await ledger.admin.update_task(put_off.id, TaskPatch(run_after=soonest))
        await ended(ledger, put_off, TaskStatus.COMPLETED)
    assert begun["later"] >= soon
    assert begun["put off"] >= soonest


async def test_as_many_tasks_run_at_once_as_there_are_slots(ledger: Ledger) -> None:
    running, most, go_on = 0, 0, asyncio.Event()

    async def work(job: Job) -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await go_on.wait()
        running -= 1

    tasks = [await ledger.task(f"task {number}") for number in range(5)]
    async with working(ledger, work, slots=3):
        await eventually(lambda: running == 3)
        go_on.set()
        for task in tasks:
            await ended(ledger, task, TaskStatus.COMPLETED)
    assert most == 3


async def test_what_is_claimed_ahead_of_a_slot_that_stays_busy_is_handed_back_unbegun(ledger: Ledger) -> None:
    begun, go_on = [], asyncio.Event()

    async def work(job: Job) -> None:
        begun.append(job.task.title)
        await (go_on.wait() if job.task.title == "long" else asyncio.sleep(QUICK_S))

    quick = [await ledger.task(f"quick {number}") for number in range(REMEMBERED)]
    long, next_one = await ledger.task("long"), await ledger.task("next")
    async with working(ledger, work, poll_s=60.0) as worker:
        await eventually(lambda: "long" in begun)

        async def handed_back() -> bool:
            return [one.outcome for one in await ledger.admin.list_attempts(next_one.id)] == ["released"]

        await eventually(handed_back)
        assert await ledger.status(next_one) is TaskStatus.PENDING
        assert "next" not in begun
        go_on.set()
        for task in (*quick, long, next_one):
            await ended(ledger, task, TaskStatus.COMPLETED)
        worker.stop()
    assert begun == [*(task.title for task in quick), "long", "next"]


@pytest.mark.parametrize("way", ["cancel", "stop"])
async def test_what_is_claimed_ahead_is_not_begun_once_it_is_not_wanted(ledger: Ledger, way: str) -> None:
    begun, go_on = [], asyncio.Event()

    async def work(job: Job) -> None:
        begun.append(job.task.title)
        await (go_on.wait() if job.task.title == "long" else asyncio.sleep(QUICK_S))

    for number in range(REMEMBERED):
        await ledger.task(f"quick {number}")
    await ledger.task("long")
    next_one = await ledger.task("next")
    async with working(ledger, work, poll_s=60.0) as worker:
        await ended(ledger, next_one, TaskStatus.IN_PROGRESS)
        if way == "cancel":
            await ledger.admin.cancel(next_one.id)
            await ended(ledger, next_one, TaskStatus.CANCELLED)
        else:
            worker.stop()
            await ended(ledger, next_one, TaskStatus.PENDING)
        go_on.set()
    assert "next" not in begun


async def test_a_question_ends_the_attempt_and_its_answer_is_there_at_the_next(ledger: Ledger) -> None:
    begun = []

    async def work(job: Job) -> dict[str, Any]:
        begun.append(job.epoch)
        try:
            number = job.ask("For how many?", options=["two", "four"])
        except Exception:
            number = "swallowed"
        if job.ask("Shall I book?", kind=GateKind.APPROVAL) != "yes":
            raise GiveUp("not wanted")
        return {"summary": f"Booked for {number}."}

    task = await ledger.task("Book a table")
    async with working(ledger, work):
        for question, answer in (("For how many?", "four"), ("Shall I book?", "yes")):
            await ended(ledger, task, TaskStatus.BLOCKED)
            (gate,) = await ledger.admin.list_gates(status=GateStatus.OPEN, task_id=task.id)
            assert gate.question == question
            await ledger.admin.answer_gate(gate.id, GateAnswer(answer=answer))
        done = await ended(ledger, task, TaskStatus.COMPLETED)
    assert done.result == {"summary": "Booked for four."}
    assert begun == [1, 2, 3]


async def test_work_that_breaks_is_tried_again_and_work_that_gives_up_is_not(ledger: Ledger) -> None:
    async def work(job: Job) -> dict[str, Any]:
        if job.task.title == "hopeless":
            raise GiveUp("There is no such file.")
        if job.epoch == 1:
            raise RuntimeError("the printer is on fire \x00")
        return {}

    flaky, hopeless = await ledger.task("flaky"), await ledger.task("hopeless")
    async with working(ledger, work, slots=2):
        failed = await ended(ledger, hopeless, TaskStatus.FAILED)
        await ended(ledger, flaky, TaskStatus.COMPLETED)
    assert failed.error == "There is no such file."
    first, second = await ledger.admin.list_attempts(flaky.id)
    assert (first.outcome, second.outcome) == ("failed", "completed")
    assert first.error == "RuntimeError: the printer is on fire �"


async def test_a_result_that_cannot_be_told_fails_the_task(ledger: Ledger) -> None:
    async def work(job: Job) -> dict[str, Any]:
        return {"summary": object()}

    task = await ledger.task()
    async with working(ledger, work):
        failed = await ended(ledger, task, TaskStatus.FAILED)
    assert "refused the result" in (failed.error or "")


async def test_work_on_a_cancelled_task_is_stopped(ledger: Ledger) -> None:
    seen: list[str] = []
    task = await ledger.task()
    async with working(ledger, until_cancelled(seen)):
        await eventually(lambda: seen)
        await ledger.admin.cancel(task.id)
        await ended(ledger, task, TaskStatus.CANCELLED)
    assert seen == ["begun", "cancelled"]


async def test_work_whose_lease_was_lost_is_stopped_and_writes_nothing(ledger: Ledger) -> None:
    seen: list[str] = []
    task = await ledger.task()
    async with working(ledger, until_cancelled(seen)) as worker:
        await eventually(lambda: seen)
        worker.stop()  # so that it does not take the task again
        await ledger.admin.release(task.id, Release(epoch=1))
        await eventually(lambda: len(seen) == 2)
    assert seen == ["begun", "lost"]
    assert await ledger.status(task) is TaskStatus.PENDING
    assert (await ledger.types(task)).count("task.released") == 1


async def test_a_late_file_of_a_lost_lease_is_refused_and_the_work_ends_quietly(ledger: Ledger) -> None:
    """Whether the refusal is met first or the loss is heard of first."""
    stored: list[Artifact] = []

    async def work(job: Job) -> None:
        if job.epoch == 1:
            await ledger.admin.release(job.task.id, Release(epoch=1))
            stored.append(await job.upload("late.txt", b"late", media_type="text/plain"))

    task = await ledger.task()
    async with working(ledger, work, heartbeat_s=60.0):
        await ended(ledger, task, TaskStatus.COMPLETED)
    assert stored == []
    assert await ledger.admin.list_artifacts(task.id) == []
    outcomes = [attempt.outcome for attempt in await ledger.admin.list_attempts(task.id)]
    assert outcomes == ["released", "completed"]


async def test_a_lease_is_kept_for_as_long_as_the_work_takes(ledger: Ledger) -> None:
    async def work(job: Job) -> None:
        await asyncio.sleep(2.5)

    task = await ledger.task()
    async with working(ledger, work, lease_s=1):
        await ended(ledger, task, TaskStatus.COMPLETED)
    assert len(await ledger.admin.list_attempts(task.id)) == 1


async def test_a_worker_that_stops_finishes_what_it_can(ledger: Ledger) -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def work(job: Job) -> None:
        begun.set()
        await go_on.wait()

    task = await ledger.task()
    async with working(ledger, work) as worker:
        await begun.wait()
        worker.stop()
        go_on.set()
    assert await ledger.status(task) is TaskStatus.COMPLETED


@pytest.mark.parametrize("way", ["stop", "cancel"])
async def test_a_worker_that_stops_hands_back_the_rest(ledger: Ledger, way: str) -> None:
    seen: list[str] = []
    task = await ledger.task()
    worker = Worker(ledger.agent, SEED, until_cancelled(seen), grace_s=0.1)
    running = asyncio.create_task(worker.run())
    await eventually(lambda: seen)
    if way == "stop":
        worker.stop()
    else:
        running.cancel()
    async with asyncio.timeout(10):
        with suppress(asyncio.CancelledError):
            await running
    assert running.cancelled() is (way == "cancel")
    assert seen == ["begun", "stopping"]
    back = await ledger.admin.get_task(task.id)
    assert (back.status, back.assigned_to) == (TaskStatus.PENDING, None)
    assert (await ledger.admin.list_attempts(task.id))[0].outcome == "released"


async def test_a_worker_takes_what_it_can_do(ledger: Ledger) -> None:
    async def work(job: Job) -> None:
        return None

    chart = await ledger.admin.create_task(NewTask(title="chart", capabilities=["charts"]))
    poem = await ledger.admin.create_task(NewTask(title="poem", capabilities=["poetry"]))
    async with working(ledger, work, agent=NewAgent(name="painter", capabilities=["charts"])):
        await ended(ledger, chart, TaskStatus.COMPLETED)
    assert await ledger.status(poem) is TaskStatus.PENDING


async def test_a_worker_with_a_wrong_key_says_so(ledger: Ledger) -> None:
    async def work(job: Job) -> None:
        return None

    async with ledger.with_key("cos_never-issued") as stranger:
        with pytest.raises(Unauthenticated):
            await Worker(stranger, SEED, work).run()


async def test_a_worker_whose_key_is_revoked_ends(ledger: Ledger) -> None:
    async def work(job: Job) -> None:
        return None

    minted = await ledger.admin.create_key(NewKey(name="short", scope=Scope.AGENT))
    async with ledger.with_key(minted.secret) as agent:
        running = asyncio.create_task(Worker(agent, SEED, work, poll_s=0.1).run())
        await ended(ledger, await ledger.task(), TaskStatus.COMPLETED)
        await ledger.admin.revoke_key(minted.id)
        async with asyncio.timeout(20):
            with pytest.raises(Unauthenticated):
                await running
