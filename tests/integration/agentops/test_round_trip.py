"""Every call of the SDK against the real ledger."""

import pytest

from agentops import AgentOpsClient, KeyVerifier, LoginInvalid, Unauthenticated
from agentops.wire import (
    AgentHeartbeat,
    AgentStatus,
    Block,
    Cancel,
    Claim,
    ClaimNextRequest,
    ClaimRequest,
    Complete,
    Fail,
    GateAnswer,
    GateStatus,
    Heartbeat,
    HeldLease,
    NewAgent,
    NewKey,
    NewLogin,
    NewProject,
    NewTask,
    NewTurn,
    Priority,
    ProjectPatch,
    Release,
    Scope,
    Task,
    TaskPatch,
    TaskStatus,
)

SEED = "seed-1"


async def claimed(ops: AgentOpsClient, task: Task) -> Claim:
    """Hold a pending task as `SEED`."""
    return await ops.claim(task.id, ClaimRequest(agent=SEED, version=task.version))


async def test_a_project_is_made_found_changed_and_deleted(ops: AgentOpsClient) -> None:
    made = await ops.create_project(NewProject(name="Spring", description="all of it"))
    assert await ops.get_project(made.id) == made
    assert [project.id for project in await ops.list_projects()] == [made.id]
    changed = await ops.update_project(made.id, ProjectPatch(name="Summer", version=made.version))
    assert (changed.name, changed.description) == ("Summer", "all of it")
    await ops.delete_project(made.id)
    assert await ops.list_projects() == []


async def test_a_task_is_made_found_changed_and_listed(ops: AgentOpsClient) -> None:
    project = await ops.create_project(NewProject(name="Spring"))
    wanted = NewTask(title="Analyse sales.csv", priority=Priority.HIGH, project_id=project.id, origin="main")
    made = await ops.create_task(wanted)
    assert (made.title, made.status, made.priority) == (
        "Analyse sales.csv",
        TaskStatus.PENDING,
        Priority.HIGH,
    )
    assert await ops.get_task(made.id) == made
    assert await ops.find_task(made.number) == made
    changed = await ops.update_task(made.id, TaskPatch(title="Analyse May", version=made.version))
    assert changed.title == "Analyse May"
    await ops.create_task(NewTask(title="Another"))
    for found in (
        await ops.list_tasks(project_id=project.id),
        await ops.list_tasks(priority=Priority.HIGH, status=[TaskStatus.PENDING, TaskStatus.BLOCKED]),
        await ops.list_tasks(origin="main"),
        await ops.list_tasks(q="may"),
    ):
        assert [task.id for task in found.items] == [made.id]
    assert (await ops.list_tasks(status=[TaskStatus.COMPLETED])).items == []


async def test_tasks_are_paged_newest_first(ops: AgentOpsClient) -> None:
    made = [(await ops.create_task(NewTask(title=f"task {n}"))).id for n in range(5)]
    got = []
    cursor = None
    while True:
        page = await ops.list_tasks(limit=2, cursor=cursor)
        got += [task.id for task in page.items]
        cursor = page.next
        if cursor is None:
            break
    assert got == made[::-1]


async def test_work_is_claimed_done_and_its_files_come_back(ops: AgentOpsClient) -> None:
    content = b"month,total\nMay,12\n" * 50_000
    given = await ops.upload("sales.csv", content, media_type="text/csv")
    task = await ops.create_task(NewTask(title="Analyse sales.csv", attachments=[given.id]))
    await ops.register_agent(NewAgent(name=SEED))

    (claim,) = await ops.claim_next(ClaimNextRequest(agent=SEED, n=5))
    assert claim.task.id == task.id
    assert [file.name for file in claim.inputs] == ["sales.csv"]
    assert await ops.download(claim.inputs[0].id) == content
    lease = await ops.heartbeat(task.id, Heartbeat(epoch=claim.epoch, progress=0.5, note="counting"))
    assert not lease.cancel_requested
    output = await ops.upload(
        "report.md",
        b"# Fine\n",
        media_type="text/markdown",
        task_id=task.id,
        epoch=claim.epoch,
        kind="output",
    )
    done = await ops.complete(task.id, Complete(epoch=claim.epoch, result={"summary": "Fine."}))

    assert (done.status, done.result) == (TaskStatus.COMPLETED, {"summary": "Fine."})
    assert {file.name for file in await ops.list_artifacts(task.id)} == {"sales.csv", "report.md"}
    assert await ops.get_artifact(output.id) == output
    async with ops.stream(output.id) as pieces:
        assert b"".join([piece async for piece in pieces]) == b"# Fine\n"
    (attempt,) = await ops.list_attempts(task.id)
    assert (attempt.agent, attempt.outcome) == (SEED, "completed")


async def test_a_question_is_asked_answered_and_seen_by_the_next_worker(ops: AgentOpsClient) -> None:
    task = await ops.create_task(NewTask(title="Book a table"))
    claim = await claimed(ops, task)
    blocked = await ops.block(task.id, Block(epoch=claim.epoch, question="For how many?"))
    assert blocked.status is TaskStatus.BLOCKED
    (gate,) = await ops.list_gates(status=GateStatus.OPEN)
    assert await ops.get_gate(gate.id) == gate
    answered = await ops.answer_gate(gate.id, GateAnswer(answer="four", by="owner"))
    assert answered.status is GateStatus.ANSWERED
    assert await ops.list_gates(status=GateStatus.OPEN, task_id=task.id) == []
    (again,) = await ops.claim_next(ClaimNextRequest(agent=SEED))
    assert [answer.answer for answer in again.answers] == ["four"]


async def test_work_is_given_back_given_up_and_begun_again(ops: AgentOpsClient) -> None:
    task = await ops.create_task(NewTask(title="Try"))
    claim = await claimed(ops, task)
    released = await ops.release(task.id, Release(epoch=claim.epoch, reason="shutting down"))
    assert released.status is TaskStatus.PENDING
    claim = await claimed(ops, released)
    failed = await ops.fail(task.id, Fail(epoch=claim.epoch, error="line 3 is broken", retryable=False))
    assert (failed.status, failed.error) == (TaskStatus.FAILED, "line 3 is broken")
    retried = await ops.retry(task.id)
    assert retried.status is TaskStatus.PENDING
    cancelled = await ops.cancel(task.id, Cancel(reason="not needed"))
    assert cancelled.status is TaskStatus.CANCELLED


async def test_an_agent_renews_its_leases_and_hears_what_to_stop(ops: AgentOpsClient) -> None:
    agent = await ops.register_agent(NewAgent(name=SEED, capabilities=["csv"]))
    assert await ops.get_agent(SEED) == agent
    assert agent.status is AgentStatus.ONLINE
    held, lost, stop = [await claimed(ops, await ops.create_task(NewTask(title=t))) for t in ("a", "b", "c")]
    await ops.release(lost.task.id, Release(epoch=lost.epoch))
    await ops.cancel(stop.task.id)
    leases = [HeldLease(task_id=claim.task.id, epoch=claim.epoch) for claim in (held, lost, stop)]
    beat = await ops.agent_heartbeat(SEED, AgentHeartbeat(leases=leases))
    assert set(beat.renewed) >= {held.task.id}
    assert beat.lost == [lost.task.id]
    assert beat.cancel == [stop.task.id]
    stopped = await ops.cancel(stop.task.id, Cancel(epoch=stop.epoch))
    assert stopped.status is TaskStatus.CANCELLED
    (listed,) = await ops.list_agents()
    assert listed.current_tasks == [held.task.id]


async def test_what_was_said_is_recorded_once_and_paged(ops: AgentOpsClient) -> None:
    for number in (1, 2, 2, 3):
        turn = NewTurn(id=f"turn-{number}", role="person", channel="web", text=f"said {number}")
        await ops.record_turn("main", turn)
    (session,) = await ops.list_sessions()
    assert (session.id, session.turns) == ("main", 3)
    everything = (await ops.list_turns("main")).items
    assert [turn.text for turn in everything] == ["said 1", "said 2", "said 3"]
    assert [turn.id for turn in (await ops.list_turns("main", limit=2)).items] == ["turn-2", "turn-3"]
    behind = await ops.list_turns("main", after=everything[0].seq)
    assert [turn.id for turn in behind.items] == ["turn-2", "turn-3"]
    ahead = await ops.list_turns("main", before=everything[2].seq, limit=1)
    assert [turn.id for turn in ahead.items] == ["turn-2"]


async def test_a_key_is_made_used_and_revoked(ops: AgentOpsClient, ledger_url: str) -> None:
    minted = await ops.create_key(NewKey(name="panel", scope=Scope.READER))
    assert "panel" in {key.name for key in await ops.list_keys()}
    async with AgentOpsClient(ledger_url, minted.secret) as panel:
        assert (await panel.whoami()).id == minted.id
        await ops.revoke_key(minted.id)
        with pytest.raises(Unauthenticated):
            await panel.whoami()


async def test_a_login_buys_one_key(ops: AgentOpsClient, ledger_url: str) -> None:
    login = await ops.create_login(NewLogin(scope=Scope.ADMIN))
    async with AgentOpsClient(ledger_url) as browser:
        minted = await browser.redeem_login(login.token)
        with pytest.raises(LoginInvalid):
            await browser.redeem_login(login.token)
    async with AgentOpsClient(ledger_url, minted.secret) as person:
        assert (await person.whoami()).scope is Scope.ADMIN


async def test_a_verifier_knows_the_ledger_s_keys(ledger_url: str, agent_key: str) -> None:
    async with KeyVerifier(ledger_url) as keys:
        assert (await keys.verify(agent_key)).scope is Scope.AGENT
        with pytest.raises(Unauthenticated):
            await keys.verify("cos_never_issued")


async def test_the_overview_counts_and_the_ledger_is_well(ops: AgentOpsClient) -> None:
    await ops.create_task(NewTask(title="Wait"))
    stats = await ops.stats()
    assert stats.tasks["pending"] == 1
    assert set(stats.tasks) == {status.value for status in TaskStatus}
    assert (await ops.health()).status == "ok"
