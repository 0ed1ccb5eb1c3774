"""The worker does the tasks of a real ledger."""

import asyncio

from agentops import AgentOpsClient
from agentops.wire import Cancel, GateAnswer, NewTask, Retry, Task, TaskStatus
from tests.integration.brain_seed.conftest import StartSeed, ended, give_csv, reaches
from tests.integration.brain_seed.tables import big, sales
from tests.ledger_fixtures import StartLedger
from tests.waiting import eventually

LONG_TEXT = (
    "The harbour was rebuilt in 1998 after the storm. The city paid for the new quays with a loan. "
    "Fishing boats returned within a year, and the market reopened. The loan was repaid in 2010. "
    "Since then the harbour has paid for the city's schools. Nobody expected the fishing to recover. "
    "Today forty boats land their catch every morning, and the market sells out before noon."
)


async def test_a_table_becomes_a_report_and_a_chart_and_progress_is_told_meanwhile(
    start_ledger: StartLedger, admin_key: str, start_seed: StartSeed
) -> None:
    table = big(2)
    async with start_ledger(ledger_max_upload_mb=50) as url, AgentOpsClient(url, admin_key) as ops:
        async with start_seed(url=url):
            task = await give_csv(ops, table)
            done = await ended(ops, task.id)
        told = await ops.list_events(after="0", types=["task.progress"], task_id=task.id)
        await is_all_there(ops, done, rows=table.count(b"\n") - 1)

    shares = [event.payload["progress"] for event in told.events]
    assert shares == sorted(shares)
    assert len(set(shares)) > 1
    assert any("sales.csv" in (event.payload["note"] or "") for event in told.events)


async def is_all_there(ops: AgentOpsClient, done: Task, *, rows: int) -> None:
    """The report, the chart, and what was kept of the run."""
    assert done.status == "completed", done.error
    assert done.result is not None
    assert done.result["skill"] == "csv-report"
    assert f"{rows:,} rows and 4 columns" in done.result["summary"]
    outputs = [artifact for artifact in await ops.list_artifacts(done.id) if artifact.kind == "output"]
    assert [artifact.id for artifact in outputs] == done.result["artifacts"]
    assert [(artifact.name, artifact.media_type) for artifact in outputs] == [
        ("report.md", "text/markdown"),
        ("chart.png", "image/png"),
    ]
    assert (await ops.download(outputs[1].id)).startswith(b"\x89PNG")
    assert b"| revenue |" in await ops.download(outputs[0].id)
    transcript = await transcript_of(ops, done)
    for said in (
        "by rules, without a model",
        "Skill csv-report",
        "On sales.csv.",
        "made chart.png",
        "Finished.",
    ):
        assert said in transcript


async def test_a_waiting_process_does_the_next_task_too(ops: AgentOpsClient, start_seed: StartSeed) -> None:
    async with start_seed(warm=True):
        for _ in range(2):
            task = await ops.create_task(NewTask(title="Summarise this", description=LONG_TEXT))
            done = await ended(ops, task.id)
            assert done.status == "completed", done.error


async def test_two_tasks_run_at_once(
    start_ledger: StartLedger, admin_key: str, start_seed: StartSeed
) -> None:
    async with (
        start_ledger(ledger_max_upload_mb=50) as url,
        AgentOpsClient(url, admin_key) as ops,
        start_seed(url=url, slots=2),
    ):
        long = await give_csv(ops, big(6))
        await reaches(ops, long.id, TaskStatus.IN_PROGRESS)
        short = await ops.create_task(NewTask(title="Summarise this in 2 sentences", description=LONG_TEXT))
        assert (await ended(ops, short.id)).status == "completed"
        assert (await ops.get_task(long.id)).status == "in_progress"
        assert (await ended(ops, long.id)).status == "completed"


async def test_a_broken_table_fails_at_once_and_names_the_line(
    ops: AgentOpsClient, start_seed: StartSeed
) -> None:
    async with start_seed():
        task = await give_csv(ops, b"a,b,c\n1,2,3\n4,5\n6,7,8\n", name="broken.csv")
        failed = await ended(ops, task.id)

    assert failed.status == "failed"
    assert failed.error is not None
    assert "broken.csv: Line 3 has 2 values where the header (line 1) has 3" in failed.error
    assert failed.attempt == 1
    assert not [artifact for artifact in await ops.list_artifacts(task.id) if artifact.kind == "output"]
    assert "It gave up: broken.csv: Line 3" in await transcript_of(ops, task)


async def test_a_text_in_the_task_itself_is_summarised(ops: AgentOpsClient, start_seed: StartSeed) -> None:
    async with start_seed():
        task = await ops.create_task(NewTask(title="Summarise this in 2 sentences", description=LONG_TEXT))
        done = await ended(ops, task.id)

    assert done.result is not None
    outputs = [artifact for artifact in await ops.list_artifacts(task.id) if artifact.kind == "output"]
    assert [artifact.name for artifact in outputs] == ["summary.md"]
    summary = (await ops.download(outputs[0].id)).decode()
    kept = [line[2:] for line in summary.splitlines() if line.startswith("- ")]
    assert len(kept) == 2
    assert all(sentence in LONG_TEXT for sentence in kept)


async def test_unknown_work_is_asked_about_and_ends_when_the_person_cancels(
    ops: AgentOpsClient, start_seed: StartSeed
) -> None:
    async with start_seed():
        task = await ops.create_task(NewTask(title="Book a flight to Lisbon"))
        await reaches(ops, task.id, TaskStatus.BLOCKED)
        (gate,) = await ops.list_gates(task_id=task.id)
        assert "I have no skill for this yet" in gate.question
        assert "Cancel it" in gate.options
        await ops.answer_gate(gate.id, GateAnswer(answer="Cancel it"))
        done = await ended(ops, task.id)

    assert (done.status, done.error) == ("failed", "Not done: you chose to cancel it.")
    assert "It asked the person: I have no skill for this yet" in await transcript_of(ops, task, epoch=1)
    assert "It gave up: Not done" in await transcript_of(ops, task, epoch=2)


async def test_an_answer_that_does_not_help_ends_the_task_instead_of_a_second_question(
    ops: AgentOpsClient, start_seed: StartSeed
) -> None:
    async with start_seed():
        task = await ops.create_task(NewTask(title="Book a flight to Lisbon"))
        await reaches(ops, task.id, TaskStatus.BLOCKED)
        (gate,) = await ops.list_gates(task_id=task.id)
        await ops.answer_gate(gate.id, GateAnswer(answer="Just do it"))
        done = await ended(ops, task.id)

    assert done.status == "failed"
    assert "No skill fits this task, even after your answer" in (done.error or "")
    assert len(await ops.list_gates(task_id=task.id)) == 1


async def test_the_person_may_take_what_the_worker_offers_instead(
    ops: AgentOpsClient, start_seed: StartSeed
) -> None:
    async with start_seed():
        task = await give_csv(ops, sales(), title="Translate sales.csv into French")
        await reaches(ops, task.id, TaskStatus.BLOCKED)
        (gate,) = await ops.list_gates(task_id=task.id)
        assert "I have no skill to “translate” yet" in gate.question
        await ops.answer_gate(gate.id, GateAnswer(answer=gate.options[0]))
        done = await ended(ops, task.id)

    assert done.status == "completed", done.error


async def test_a_cancelled_task_stops_at_once_and_the_next_one_is_done(
    start_ledger: StartLedger, admin_key: str, start_seed: StartSeed
) -> None:
    async with start_ledger(ledger_max_upload_mb=50) as url, AgentOpsClient(url, admin_key) as ops:
        async with start_seed(url=url, heartbeat_s=20, lease_s=60, poll_s=30):
            task = await give_csv(ops, big(10))
            await reaches(ops, task.id, TaskStatus.IN_PROGRESS)
            await eventually(lambda: _has_progress(ops, task))
            await ops.cancel(task.id, Cancel(reason="changed my mind"))
            await reaches(ops, task.id, TaskStatus.CANCELLED)
            after = await ops.create_task(NewTask(title="Summarise this", description=LONG_TEXT))
            assert (await ended(ops, after.id)).status == "completed"
        attempts = await ops.list_attempts(task.id)
        assert "Stopped from outside." in await transcript_of(ops, task)

    assert [attempt.outcome for attempt in attempts] == ["cancelled"]


async def test_a_failed_task_that_is_retried_by_hand_is_done_again(
    ops: AgentOpsClient, start_seed: StartSeed
) -> None:
    async with start_seed():
        task = await give_csv(ops, b"a,b\n1\n")
        assert (await ended(ops, task.id)).status == "failed"
        await ops.retry(task.id, Retry())
        await eventually(lambda: _attempts(ops, task, 2))
        assert (await ended(ops, task.id)).status == "failed"

    assert [attempt.outcome for attempt in await ops.list_attempts(task.id)] == ["failed", "failed"]


async def test_a_file_of_another_kind_is_asked_about(ops: AgentOpsClient, start_seed: StartSeed) -> None:
    async with start_seed():
        scan = await ops.upload("scan.pdf", b"%PDF-1.7", media_type="application/pdf")
        task = await ops.create_task(NewTask(title="Look at this", attachments=[scan.id]))
        blocked = await reaches(ops, task.id, TaskStatus.BLOCKED)

    assert "scan.pdf" in (blocked.blocked_reason or "")


async def test_work_in_hand_is_given_back_when_the_worker_is_stopped(
    start_ledger: StartLedger, admin_key: str, start_seed: StartSeed
) -> None:
    async with start_ledger(ledger_max_upload_mb=50) as url, AgentOpsClient(url, admin_key) as ops:
        loop = asyncio.get_running_loop()
        async with start_seed(url=url, lease_s=60, heartbeat_s=20):
            task = await give_csv(ops, big(6))
            await eventually(lambda: _has_progress(ops, task))
            stopped_at = loop.time()
        assert loop.time() - stopped_at < 20, "it waited for its lease"
        back = await ops.get_task(task.id)
        assert back.status == "pending"
        async with start_seed(url=url, name="seed-next"):
            assert (await ended(ops, task.id)).status == "completed"
        attempts = await ops.list_attempts(task.id)

    assert [attempt.outcome for attempt in attempts] == ["released", "completed"]


async def _has_progress(ops: AgentOpsClient, task: Task) -> bool:
    return (await ops.get_task(task.id)).progress is not None


async def _attempts(ops: AgentOpsClient, task: Task, number: int) -> bool:
    return len(await ops.list_attempts(task.id)) == number


async def transcript_of(ops: AgentOpsClient, task: Task, *, epoch: int = 1) -> str:
    """What was kept of a run."""
    found = [(one.kind, one.name, one.id) for one in await ops.list_artifacts(task.id)]
    ((kind, _, artifact_id),) = [one for one in found if one[1] == f"transcript-{epoch}.md"]
    assert kind == "record", "it is no result"
    return (await ops.download(artifact_id)).decode()
